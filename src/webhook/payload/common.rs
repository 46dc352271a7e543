//! What several events have in common: who, where, through which App.

use super::lenient::{Maybe, object};
use crate::domain::govern::{Actor, ActorKind, RepoSeen};
use crate::domain::ids::{InstallationId, RepoId, UserId};

/// The longest text of a person's that is kept, in bytes; the inbox is for compact events.
pub(super) const MAX_TEXT: usize = 16 * 1024;

object! {
    /// A user, bot or organisation.
    User {
        id: u64,
        login: String,
        #[serde(rename = "type")]
        kind: String,
    }
}

object! {
    /// A repository, whole or as installation events list it.
    Repository {
        id: u64,
        full_name: String,
        default_branch: String,
        private: bool,
    }
}

object! {
    /// An App, an installation: something known by its number.
    Numbered {
        id: u64,
    }
}

object! {
    /// A branch or label: something known by its name.
    Named {
        name: String,
    }
}

impl User {
    /// The actor, if there is at least a login.
    pub(super) fn actor(self) -> Option<Actor> {
        let login = self.login.0.filter(|login| !login.is_empty())?;
        let is_bot = login.ends_with("[bot]") || self.kind.0.is_some_and(|kind| kind.eq_ignore_ascii_case("bot"));
        let kind = if is_bot { ActorKind::Bot } else { ActorKind::Human };
        Some(Actor { id: UserId(self.id.0.unwrap_or_default()), login, kind })
    }
}

impl Repository {
    /// The repository, if it has both its number and its name.
    pub(super) fn seen(self) -> Option<RepoSeen> {
        Some(RepoSeen {
            id: RepoId(self.id.0?),
            full_name: self.full_name.0?,
            default_branch: self.default_branch.0,
            private: self.private.0,
        })
    }
}

/// The actor behind a user that may be null.
pub(super) fn actor(user: Maybe<User>) -> Option<Actor> {
    user.0.and_then(User::actor)
}

/// The number of an App, where there is one.
pub(super) fn number(of: &Maybe<Numbered>) -> Option<u64> {
    of.0.as_ref().and_then(|of| of.id.0)
}

/// The installation, where there is one.
pub(super) fn installation(of: &Maybe<Numbered>) -> Option<InstallationId> {
    number(of).map(InstallationId)
}

/// A branch from its full reference; tags and other references are none.
pub(super) fn branch(reference: &str) -> Option<String> {
    reference.strip_prefix("refs/heads/").filter(|name| !name.is_empty()).map(str::to_owned)
}
