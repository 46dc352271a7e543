//! What becomes of units that have ended: some time after, their traces are packed; later, where that is set, they are deleted, once a
//! copy is where the operator wants it.
//!
//! ```text
//! a unit ends ─► space `ended`: since when ─► look, every few hours ─┬► packed: space `archive`, the trace is forgotten
//!                                                                    └► deleted: exported first, then record and trace are gone
//! something happens to it ─► its trace is written back, in the commit that judges what happened
//! ```
//!
//! A look is a job of the repository like any other, so nothing else works on its units meanwhile, and each commit names how long a trace
//! must be that it forgets: what was written since can never be lost. Who reads a trace (`whole`) sees no difference.

mod export;
mod look;
mod pack;
mod restore;

use std::path::PathBuf;
use std::time::Duration;

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::keys;
use crate::domain::ids::{RepoId, Timestamp, UnitKey};
use crate::store::{Partition, Store, StoreError};

pub use export::writable;
pub use pack::{pack, unpack};

pub(super) use look::look;
pub(super) use restore::restore;

/// How long traces of ended units are kept, and how. Durations count from the last thing that happened to the unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// After so long a trace is packed; never if absent.
    pub pack_after: Option<Duration>,
    /// After so long trace and record are deleted; never if absent.
    pub delete_after: Option<Duration>,
    /// Where the trace is written, as JSON lines, before it is deleted; absent: nobody wants it.
    pub export: Option<PathBuf>,
    /// How often a repository is looked through for what is due.
    pub every: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            pack_after: Some(Duration::from_secs(7 * 24 * 3600)),
            delete_after: None,
            export: None,
            every: Duration::from_secs(6 * 3600),
        }
    }
}

/// A repository in which nothing is due for long is looked through at least so often: the settings may have been changed.
const AT_LEAST: Duration = Duration::from_secs(7 * 24 * 3600);

impl Settings {
    /// When a repository is looked through next: the same for every call until then, and another moment for each repository.
    pub(super) fn next_look(&self, repo: RepoId, now: Timestamp) -> Timestamp {
        let every = i64::try_from(self.every.as_secs()).unwrap_or(i64::MAX).max(1);
        let offset = i64::try_from(repo.0 % every.unsigned_abs()).unwrap_or_default();
        let rounds = (now.as_second() - offset).div_euclid(every) + 1;
        Timestamp::from_second(rounds.saturating_mul(every).saturating_add(offset)).unwrap_or(Timestamp::MAX)
    }
}

/// What is noted of a unit that has ended, as JSON under its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ended {
    /// When something last happened to it.
    pub(super) at: Timestamp,
    /// Whether its trace is packed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) packed: bool,
}

impl Ended {
    pub(super) fn json(self) -> Bytes {
        serde_json::to_vec(&self).expect("a time and a flag have a JSON form").into()
    }
}

/// Entries of a trace from number `from` on (the first is 1), at most `max`, wherever they are.
///
/// # Errors
/// `Unavailable`: the store does not answer. `Unreadable`: what was packed cannot be unpacked.
pub async fn whole(store: &dyn Store, unit: UnitKey, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
    let partition = Partition::of(unit.repo);
    let stream = keys::trace(unit.repo, unit.number);
    let written = store.trace(partition, &stream, from, max).await?;
    if !written.is_empty() {
        return Ok(written);
    }
    let field = keys::closed_field(unit.number);
    let Some(packed) = store.get(partition, &keys::archive(unit.repo), &field).await? else {
        // It may have been written back between the two questions.
        return store.trace(partition, &stream, from, max).await;
    };
    let skip = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
    Ok(unpack(&stream, &packed)?.into_iter().skip(skip).take(max).collect())
}
