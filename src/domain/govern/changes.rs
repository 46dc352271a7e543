//! What one judgment changed: everything that is committed in one atomic step.

use std::collections::BTreeSet;

use serde_json::Value;

use super::owed::OwedKey;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};

/// What `advance` or `begin` changed in the state, to be committed as one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether the repository's own record changed.
    pub repo: bool,
    /// Units to write.
    pub units: BTreeSet<PrNumber>,
    /// Check surfaces to write, or to delete where the state no longer has them.
    pub checks: BTreeSet<CommitSha>,
    /// Early checks (of a commit that no unit has yet) to write, or to delete where the state no longer has them.
    pub early: BTreeSet<CommitSha>,
    /// What each unit's history gains, in order.
    pub trace: Vec<TraceDraft>,
    /// What is owed, and from when on.
    pub owe: Vec<(OwedKey, Timestamp)>,
    /// What is no longer owed.
    pub settle: Vec<OwedKey>,
    /// Timers to set, move or remove.
    pub wake: Vec<Wake>,
    /// Other units that must be looked at, as inbox entries with a deterministic id: the pull requests a reconcile found.
    pub look: Vec<PrNumber>,
}

/// A trace entry before it has its place in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceDraft {
    /// Whose history.
    pub unit: PrNumber,
    /// Who did it: a login, or `flyball`, or `github`.
    pub actor: String,
    /// What kind of entry, in snake case.
    pub kind: &'static str,
    /// What there is to know.
    pub data: Value,
}

/// A timer of a unit, or of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wake {
    /// The unit, or the repository.
    pub number: Option<PrNumber>,
    /// When; `None` removes it.
    pub at: Option<Timestamp>,
}

impl Changes {
    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
