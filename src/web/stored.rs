//! What the pages and the API read: briefs and plans, computed from what is stored, by the same functions that judge.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use super::login::{Still, Viewer};
use crate::domain::govern::{self, Context, PageSaid, PlanView, State};
use crate::domain::ids::{PrNumber, RepoId, UnitKey};
use crate::domain::policy::Evaluation;
use crate::domain::policy::facts::UnitFacts;
use crate::domain::unit::{Brief, Unit};
use crate::runtime::read::{Known, Reader};
use crate::runtime::{reconcile, said};
use crate::store::{Store, StoreError};
use crate::webhook::Now;

/// Reads units from the store, on behalf of a [`Viewer`]: a repository that they may not see is one that does not exist. Clones share
/// what they read with.
#[derive(Clone)]
pub struct StoredUnits {
    store: Arc<dyn Store>,
    pub(super) reader: Arc<Reader>,
    pub(super) context: Arc<Context>,
    pub(super) now: Now,
    pub(super) kept: Arc<super::overview::Kept>,
    pub(super) viewer: Viewer,
}

/// The units as whoever sent the request may see them: the only way in which a handler gets any.
pub(super) struct Seen(pub(super) Arc<StoredUnits>);

impl FromRequestParts<Arc<StoredUnits>> for Seen {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, units: &Arc<StoredUnits>) -> Result<Self, Infallible> {
        // The gate puts it there. Without one nothing is seen.
        let viewer = parts.extensions.get::<Viewer>().cloned().unwrap_or_default();
        Ok(Self(Arc::new(units.seen_by(viewer))))
    }
}

/// Why something could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// It is not known here.
    #[error("{0} is not known here")]
    Unknown(String),
    /// It cannot be understood: what is expected, in words for who asked.
    #[error("{0}")]
    Question(String),
    /// GitHub does not say whether it may be shown (any more).
    #[error("GitHub does not say what you may see; try again")]
    NotNow,
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl StoredUnits {
    /// Reads from this store, and judges under this context; on behalf of nobody, who sees nothing.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, context: Context, now: Now) -> Self {
        let (reader, viewer) = (Arc::new(Reader::new(Arc::clone(&store))), Viewer::default());
        Self { reader, store, context: Arc::new(context), now, kept: Arc::default(), viewer }
    }

    /// The same, on behalf of somebody.
    #[must_use]
    pub fn seen_by(&self, viewer: Viewer) -> Self {
        Self { viewer, ..self.clone() }
    }

    /// The same, with what the viewer may see by now: for what goes on and on.
    pub(super) async fn again(&self) -> Result<Self, ReadError> {
        match self.viewer.still().await {
            Still::Yes(viewer) => Ok(self.seen_by(viewer)),
            Still::No => Err(ReadError::Unknown("whoever asked".to_owned())),
            Still::NotKnown => Err(ReadError::NotNow),
        }
    }

    /// Every repository that the viewer may see, by name.
    ///
    /// # Errors
    /// [`ReadError::Store`].
    pub async fn repositories(&self) -> Result<Vec<Known>, ReadError> {
        let mut known = self.reader.repositories().await?;
        known.retain(|known| self.viewer.may_see(known.id));
        Ok(known)
    }

    /// The repository of this name, if the viewer may see it: the one place that says so.
    pub(super) async fn find(&self, full_name: &str) -> Result<RepoId, ReadError> {
        let found = self.reader.find(full_name).await?.filter(|id| self.viewer.may_see(*id));
        found.ok_or_else(|| ReadError::Unknown(full_name.to_owned()))
    }

    /// The repository of this name, with its live state.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if it was never seen.
    pub async fn state(&self, full_name: &str) -> Result<State, ReadError> {
        let id = self.find(full_name).await?;
        self.reader.state(id).await?.ok_or_else(|| ReadError::Unknown(full_name.to_owned()))
    }

    /// The briefs of a repository's units, by number: the live ones, and where asked for the closed ones too.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if the repository was never seen.
    pub async fn briefs(&self, full_name: &str, closed: bool) -> Result<Vec<Brief>, ReadError> {
        let state = self.state(full_name).await?;
        let now = (self.now)();
        let mut briefs: Vec<Brief> =
            state.units().map(|unit| govern::brief_of(&state, &self.context, unit, now)).collect();
        if closed {
            for bytes in self.reader.closed_units(state.id()).await?.into_values() {
                let unit = unit(&bytes)?;
                if state.unit(unit.number).is_none() {
                    briefs.push(govern::brief_of(&state, &self.context, &unit, now));
                }
            }
            briefs.sort_by_key(|brief| brief.number);
        }
        Ok(briefs)
    }

    /// The brief of one unit, live or closed.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if it was never seen.
    pub async fn brief(&self, full_name: &str, number: PrNumber) -> Result<Brief, ReadError> {
        let state = self.state(full_name).await?;
        let now = (self.now)();
        if let Some(brief) = govern::brief(&state, &self.context, number, now) {
            return Ok(brief);
        }
        let stored = self.reader.closed_unit(UnitKey { repo: state.id(), number }).await?;
        let stored = stored.ok_or_else(|| ReadError::Unknown(format!("{full_name}#{number}")))?;
        Ok(govern::brief_of(&state, &self.context, &unit(&stored)?, now))
    }

    /// What the policy says about a unit under today's version, and the facts it says that of.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if it was never seen.
    pub async fn judged(&self, full_name: &str, number: PrNumber) -> Result<(Evaluation, UnitFacts), ReadError> {
        let state = self.state(full_name).await?;
        let now = (self.now)();
        let told = |unit: &Unit| {
            let facts = state.facts_of(unit, &self.context, now);
            (state.policy_of(&self.context, &unit.base.branch).evaluate(&facts), facts)
        };
        if let Some(unit) = state.unit(number) {
            return Ok(told(unit));
        }
        let stored = self.reader.closed_unit(UnitKey { repo: state.id(), number }).await?;
        let stored = stored.ok_or_else(|| ReadError::Unknown(format!("{full_name}#{number}")))?;
        Ok(told(&unit(&stored)?))
    }

    /// A unit's trace, as lines of JSON.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if it was never seen.
    pub async fn trace(&self, full_name: &str, number: PrNumber) -> Result<Vec<String>, ReadError> {
        let state = self.state(full_name).await?;
        let lines = self.reader.trace(UnitKey { repo: state.id(), number }, 1, 100_000).await?;
        if lines.is_empty() {
            return Err(ReadError::Unknown(format!("{full_name}#{number}")));
        }
        Ok(lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect())
    }

    /// The plan of one base branch.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if the repository was never seen.
    pub async fn plan(&self, full_name: &str, base: &str) -> Result<PlanView, ReadError> {
        let state = self.state(full_name).await?;
        Ok(govern::plan(&state, &self.context, base, (self.now)()))
    }

    /// What a change to these files would collide with, before it is written.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if the repository was never seen.
    pub async fn preflight(&self, full_name: &str, ask: &govern::Preflight) -> Result<govern::Foreseen, ReadError> {
        Ok(govern::preflight(&self.state(full_name).await?, &self.context, ask))
    }

    /// Asks for the repository to be compared with GitHub.
    ///
    /// # Errors
    /// [`ReadError::Unknown`] if it was never seen, [`ReadError::Store`] if the wish could not be kept.
    pub async fn reconcile(&self, full_name: &str) -> Result<(), ReadError> {
        let state = self.state(full_name).await?;
        let now = (self.now)();
        let known = Known { id: state.id(), full_name: state.full_name().to_owned(), since: now };
        // Asked twice within a minute it is one wish: both answers are good.
        let _accepted = reconcile::ask(&*self.store, &known, now).await?;
        Ok(())
    }

    /// Keeps what somebody said on the page of a unit; it is judged in its turn.
    pub(super) async fn say(&self, full_name: &str, said: PageSaid) -> Result<(), ReadError> {
        let state = self.state(full_name).await?;
        // Said twice it is one saying: both answers are good.
        let _accepted = said::file(&*self.store, state.id(), state.full_name(), said).await?;
        Ok(())
    }
}

pub(super) fn unit(bytes: &[u8]) -> Result<Unit, ReadError> {
    serde_json::from_slice(bytes).map_err(|error| {
        ReadError::Store(StoreError::Unreadable { what: "a closed unit".to_owned(), why: error.to_string() })
    })
}
