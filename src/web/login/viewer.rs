//! On whose behalf something is shown. The gate says it; whoever was not let through by the gate sees nothing.

use std::fmt;
use std::sync::Arc;

use super::sights::{Unseen, key};
use super::{Login, Session};
use crate::domain::ids::RepoId;
use crate::github::{Person, PersonToken, Sight};

/// Names a viewer among others, for what is kept for a moment.
pub(in crate::web) type ViewerKey = [u8; 32];

/// On whose behalf.
#[derive(Clone, Default)]
pub struct Viewer(Kind);

#[derive(Clone, Default)]
enum Kind {
    /// Nobody: nothing is shown.
    #[default]
    Nobody,
    /// Whoever is on this machine, where no login is configured: everything.
    Machine,
    /// Somebody who is signed in: what they may read on GitHub.
    Person(Arc<Seeing>),
}

struct Seeing {
    login: Arc<Login>,
    token: PersonToken,
    sight: Arc<Sight>,
    /// Absent: the token came with the request, not by a login.
    session: Option<Session>,
}

/// Whether somebody may still see what they saw.
pub(in crate::web) enum Still {
    /// They may, with what they see now.
    Yes(Viewer),
    /// The session is over, or the token withdrawn.
    No,
    /// GitHub does not say.
    NotKnown,
}

impl fmt::Debug for Viewer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Nobody => f.write_str("Nobody"),
            Kind::Machine => f.write_str("Machine"),
            Kind::Person(seeing) => f.debug_tuple("Person").field(&seeing.sight.person.login).finish(),
        }
    }
}

impl Viewer {
    /// Somebody who may see everything: the operator of this machine, or a program that holds the store itself.
    #[must_use]
    pub const fn machine() -> Self {
        Self(Kind::Machine)
    }

    pub(super) fn person(login: Arc<Login>, token: PersonToken, sight: Arc<Sight>, session: Option<Session>) -> Self {
        Self(Kind::Person(Arc::new(Seeing { login, token, sight, session })))
    }

    /// Whether it is whoever is on this machine, where no login is configured.
    pub(in crate::web) const fn is_machine(&self) -> bool {
        matches!(self.0, Kind::Machine)
    }

    /// Whether they may see this repository.
    #[must_use]
    pub fn may_see(&self, repository: RepoId) -> bool {
        match &self.0 {
            Kind::Nobody => false,
            Kind::Machine => true,
            Kind::Person(seeing) => seeing.sight.repositories.contains(&repository),
        }
    }

    pub(in crate::web) fn key(&self) -> ViewerKey {
        match &self.0 {
            Kind::Nobody => [0; 32],
            Kind::Machine => [1; 32],
            Kind::Person(seeing) => key(&seeing.token),
        }
    }

    /// Who decides on pages: somebody who signed in here. A token that came with the request does not.
    pub(in crate::web) fn decider(&self) -> Option<&Person> {
        match &self.0 {
            Kind::Person(seeing) if seeing.session.is_some() => Some(&seeing.sight.person),
            Kind::Person(_) | Kind::Machine | Kind::Nobody => None,
        }
    }

    /// What a form of theirs carries, where they may send one.
    pub(in crate::web) fn form_token(&self) -> Option<String> {
        match &self.0 {
            Kind::Person(seeing) => seeing.session.as_ref().map(|session| seeing.login.form_token(session)),
            Kind::Machine | Kind::Nobody => None,
        }
    }

    /// Whether a form carried what theirs carries.
    pub(in crate::web) fn sent_this(&self, form_token: &str) -> bool {
        self.form_token().is_some_and(|expected| crate::web::setup::same(&expected, form_token))
    }

    /// Them again, as GitHub sees them by now: at most minutes old.
    pub(in crate::web) async fn still(&self) -> Still {
        let Kind::Person(seeing) = &self.0 else { return Still::Yes(self.clone()) };
        let now = (seeing.login.now)();
        if seeing.session.as_ref().is_some_and(|session| session.is_over(now)) {
            return Still::No;
        }
        let Seeing { login, token, session, .. } = &**seeing;
        match login.sights.of(&login.sign_in, token, now).await {
            Ok(sight) => Still::Yes(Self::person(Arc::clone(login), token.clone(), sight, session.clone())),
            Err(Unseen::Refused) => Still::No,
            Err(Unseen::NotNow) => Still::NotKnown,
        }
    }

    /// Them as GitHub sees them this moment: before something is done in their name.
    pub(in crate::web) async fn at_this_moment(&self) -> Still {
        if let Kind::Person(seeing) = &self.0 {
            seeing.login.sights.forget(&seeing.token).await;
        }
        self.still().await
    }

    /// Ends the session: GitHub takes the token from nobody any more.
    pub(super) async fn withdraw(&self) {
        let Kind::Person(seeing) = &self.0 else { return };
        if let Err(error) = seeing.login.sign_in.withdraw(&seeing.token).await {
            tracing::warn!(%error, "a token could not be taken back at GitHub; it ends by itself");
        }
        seeing.login.sights.forget(&seeing.token).await;
    }
}
