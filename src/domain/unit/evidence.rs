//! Evidence: named results bound to a head SHA.

use serde::{Deserialize, Serialize};

use crate::domain::govern::{Actor, CheckSeen, ReviewState, Seen};
use crate::domain::ids::{CommitSha, PrNumber, ReviewId, Timestamp};

/// A named result on the current head.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// The check run's own name, or the status context.
    pub name: String,
    /// The App that reported it; absent for commit statuses.
    pub app: Option<u64>,
    /// What it says.
    pub state: Seen,
    /// When its check suite was created, or the status first reported: the base it rests on is not younger.
    pub based_at: Option<Timestamp>,
    /// When it said so.
    pub at: Option<Timestamp>,
    /// Where a person reads more.
    pub url: Option<String>,
}

/// Whether evidence still speaks about the base as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "freshness", rename_all = "snake_case")]
pub enum Freshness {
    /// Nothing related landed since.
    Fresh,
    /// This landed since, and is related to what the unit touches.
    Stale {
        /// What landed.
        landed: PrNumber,
        /// When.
        at: Timestamp,
    },
}

impl Evidence {
    /// Takes over a newer report of the same result; an older one changes nothing. The base stays that of the first report of a suite or
    /// status: a re-run does not refresh it (FACTS C17).
    pub fn update(&mut self, seen: &CheckSeen) {
        if seen.at < self.at {
            return;
        }
        self.state = seen.state;
        self.at = seen.at;
        self.url.clone_from(&seen.url);
        self.based_at = match (self.based_at, seen.based_at) {
            (Some(ours), Some(theirs)) if seen.app.is_none() => Some(ours.min(theirs)),
            (ours, theirs) => theirs.or(ours),
        };
    }
}

impl From<&CheckSeen> for Evidence {
    fn from(seen: &CheckSeen) -> Self {
        Self {
            name: seen.name.clone(),
            app: seen.app,
            state: seen.state,
            based_at: seen.based_at,
            at: seen.at,
            url: seen.url.clone(),
        }
    }
}

/// A review that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Review {
    /// Its id.
    pub id: ReviewId,
    /// Who wrote it.
    pub author: Actor,
    /// What it says.
    pub state: ReviewState,
    /// The commit it was made on.
    pub commit: Option<CommitSha>,
    /// GitHub's time.
    pub at: Timestamp,
}
