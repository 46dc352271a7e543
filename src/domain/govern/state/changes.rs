//! What one judgment changed: everything that is committed in one atomic step.

use std::collections::BTreeSet;

use crate::domain::flow::Moved;
use crate::domain::govern::owed::OwedKey;
use crate::domain::govern::seen::event::Event;
use crate::domain::ids::{CommitSha, PrNumber, RepoId, Timestamp};
use crate::domain::policy::facts::AuthorKind;

/// What `advance` or `begin` changed in the state, to be committed as one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether the repository's own record changed.
    pub repo: bool,
    /// Whether the policy that is kept changed.
    pub policy: bool,
    /// Base branches whose newest commits are to be written.
    pub trunks: BTreeSet<String>,
    /// Units to write.
    pub units: BTreeSet<PrNumber>,
    /// Check surfaces to write, or to delete where the state no longer has them.
    pub checks: BTreeSet<CommitSha>,
    /// Early checks (of a commit that no unit has yet) to write, or to delete where the state no longer has them.
    pub early: BTreeSet<CommitSha>,
    /// What each unit's history gains, in order.
    pub trace: Vec<TraceLine>,
    /// What that says about flow, with the kind of the unit's author: for counters.
    pub moved: Vec<(AuthorKind, Moved)>,
    /// What is owed, and from when on.
    pub owe: Vec<(OwedKey, Timestamp)>,
    /// What is no longer owed.
    pub settle: Vec<OwedKey>,
    /// Timers to set, move or remove.
    pub wake: Vec<Wake>,
    /// Other units that must be looked at, as inbox entries with a deterministic id: the pull requests a reconcile found.
    pub look: Vec<PrNumber>,
    /// Whether the whole repository must be looked at: it is the first sign of it.
    pub survey: bool,
    /// What other repositories must hear, or this one again, as entries of their inboxes.
    pub tell: Vec<Tell>,
}

/// A message to another repository. Heard twice, it changes nothing more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tell {
    /// Which.
    pub repo: RepoId,
    /// What: [`Event::Awaited`], [`Event::Look`], [`Event::Alarm`], [`Event::AllClear`] or [`Event::Reverting`].
    pub event: Event,
}

/// A trace entry in its place in the chain, as it is stored and exported: one line of JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceLine {
    /// Whose history.
    pub unit: PrNumber,
    /// Its number there, from 1.
    pub seq: u64,
    /// The entry.
    pub json: String,
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

/// Where a field is kept: the live space is read whole when a repository is taken up, the closed one by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// The record, open units, checks.
    Live,
    /// Units that landed or were withdrawn, `u:<number>`.
    Closed,
    /// What is measured of these, `u:<number>`: short, so that all of them can be read at once.
    Flow,
}

/// One field to write or delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldWrite {
    /// Where.
    pub space: Space,
    /// The field: `repo`, `policy`, `u:<number>`, `c:<sha>`, `e:<sha>`, `p:<base>`, `t:<base>`.
    pub field: String,
    /// The value as JSON; `None` deletes.
    pub value: Option<Vec<u8>>,
}
