//! The domain as the worker drives it: a port, so that the worker's own promises are tested with a domain that misbehaves on purpose.

use std::collections::BTreeSet;

use bytes::Bytes;

use crate::domain::govern::{
    self, Begin, CallClass, Changes, Context, Delivered, Facts, FieldWrite, Need, OwedKey, RepoSeen, State,
};
use crate::domain::ids::{InstallationId, PrNumber, RepoId, Timestamp};

/// Judges one repository at a time. Pure: the same arguments give the same answer. Each method is that of [`govern`].
pub trait Governor: Send + Sync + 'static {
    /// Everything known about one repository.
    type State: Send + Sync + 'static;

    /// A repository that was never seen before.
    fn fresh(&self, repo: &RepoSeen, installation: Option<InstallationId>) -> Self::State;

    /// Reads a repository back; `None` where nothing was kept.
    ///
    /// # Errors
    /// The first field that cannot be read, and why.
    fn restore(&self, fields: &[(String, Bytes)]) -> Result<Option<Self::State>, (String, serde_json::Error)>;

    /// The closed unit that must be brought back before this can be judged.
    fn wants(&self, state: &Self::State, delivered: &Delivered) -> Option<PrNumber>;

    /// Brings a closed unit back from its stored bytes.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn bring_back(&self, state: &mut Self::State, number: PrNumber, stored: &[u8]) -> Result<(), serde_json::Error>;

    /// What was in flight when the process ended.
    fn in_flight(&self, state: &Self::State) -> Vec<OwedKey>;

    /// The repository's id, its name now, and the installation whose token answers for it.
    fn address(&self, state: &Self::State) -> (RepoId, String, Option<InstallationId>);

    /// The fields that these changes write.
    fn writes(&self, state: &Self::State, changes: &Changes) -> Vec<FieldWrite>;

    /// The changes are drafted: what they move out of the live space may be forgotten. Should the commit fail, the state is dropped.
    fn drafted(&self, state: &mut Self::State, changes: &Changes);

    /// What must be read before `delivered` can be judged.
    fn needs(&self, state: &Self::State, delivered: &Delivered, facts: &Facts, now: Timestamp) -> BTreeSet<Need>;

    /// Applies it.
    fn advance(&self, state: &mut Self::State, delivered: &Delivered, facts: &Facts, now: Timestamp) -> Changes;

    /// What must be read before the call for `key` may go out.
    fn begin_needs(&self, state: &Self::State, key: &OwedKey, facts: &Facts, now: Timestamp) -> BTreeSet<Need>;

    /// Decides about something that is owed and due.
    fn begin(&self, state: &mut Self::State, key: &OwedKey, facts: &Facts, now: Timestamp) -> Begin;

    /// In which order it goes out.
    fn class(&self, state: &Self::State, key: &OwedKey) -> CallClass;
}

/// The real one: [`govern`] under a context.
#[derive(Debug)]
pub struct DomainGovernor {
    context: Context,
}

impl DomainGovernor {
    /// Judges under this context.
    #[must_use]
    pub const fn new(context: Context) -> Self {
        Self { context }
    }
}

impl Governor for DomainGovernor {
    type State = State;

    fn fresh(&self, repo: &RepoSeen, installation: Option<InstallationId>) -> State {
        State::new(repo, installation)
    }

    fn restore(&self, fields: &[(String, Bytes)]) -> Result<Option<State>, (String, serde_json::Error)> {
        State::restore(fields)
    }

    fn wants(&self, state: &State, delivered: &Delivered) -> Option<PrNumber> {
        state.wants(delivered)
    }

    fn bring_back(&self, state: &mut State, number: PrNumber, stored: &[u8]) -> Result<(), serde_json::Error> {
        state.bring_back(number, stored)
    }

    fn in_flight(&self, state: &State) -> Vec<OwedKey> {
        state.in_flight()
    }

    fn address(&self, state: &State) -> (RepoId, String, Option<InstallationId>) {
        (state.id(), state.full_name().to_owned(), state.installation())
    }

    fn writes(&self, state: &State, changes: &Changes) -> Vec<FieldWrite> {
        state.writes(changes)
    }

    fn drafted(&self, state: &mut State, changes: &Changes) {
        state.retire(changes);
    }

    fn needs(&self, state: &State, delivered: &Delivered, facts: &Facts, now: Timestamp) -> BTreeSet<Need> {
        govern::needs(state, delivered, facts, &self.context, now)
    }

    fn advance(&self, state: &mut State, delivered: &Delivered, facts: &Facts, now: Timestamp) -> Changes {
        govern::advance(state, delivered, facts, &self.context, now)
    }

    fn begin_needs(&self, state: &State, key: &OwedKey, facts: &Facts, now: Timestamp) -> BTreeSet<Need> {
        govern::begin_needs(state, key, facts, &self.context, now)
    }

    fn begin(&self, state: &mut State, key: &OwedKey, facts: &Facts, now: Timestamp) -> Begin {
        govern::begin(state, key, facts, &self.context, now)
    }

    fn class(&self, state: &State, key: &OwedKey) -> CallClass {
        govern::class(state, key)
    }
}
