//! Surfaces: documents at GitHub that converge to what they should say, one call in flight each, unchanged content never sent.

use serde::{Deserialize, Serialize};

use super::ledger::Flight;
use crate::domain::govern::{CheckStatus, Conclusion};
use crate::domain::ids::{CheckRunId, CommentId, CommitSha, Timestamp};

/// What decides whether a check run must be written again: conclusion, title, reasons. Nothing else does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckKey {
    /// The conclusion; in progress if absent.
    pub conclusion: Option<Conclusion>,
    /// Title and reasons, digested.
    pub digest: String,
}

/// The check run on one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSurface {
    /// The commit.
    pub sha: CommitSha,
    /// What it should say.
    pub wanted: CheckKey,
    /// What was sent last and accepted.
    #[serde(default)]
    pub sent: Option<CheckKey>,
    /// What GitHub keeps, as its last answer said.
    #[serde(default)]
    pub kept: Option<Kept>,
    /// The call that is out.
    #[serde(default)]
    pub flight: Option<Flight>,
    /// Failed tries in a row.
    #[serde(default)]
    pub tries: u32,
    /// Asked for again by a person (re-run): write even if unchanged.
    #[serde(default)]
    pub again: bool,
    /// When GitHub's answer forbids a try before.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// The standing sentence of GitHub's refusal, for the trace and the pages.
    #[serde(default)]
    pub trouble: Option<String>,
}

/// A check run as GitHub keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its id.
    pub run: CheckRunId,
    /// Its status.
    pub status: CheckStatus,
    /// Its conclusion.
    pub conclusion: Option<Conclusion>,
    /// When we learnt of it.
    pub at: Timestamp,
}

impl CheckSurface {
    /// A surface of which nothing was written yet.
    #[must_use]
    pub fn new(sha: CommitSha, wanted: CheckKey) -> Self {
        Self {
            sha,
            wanted,
            sent: None,
            kept: None,
            flight: None,
            tries: 0,
            again: false,
            not_before: None,
            trouble: None,
        }
    }

    /// Whether something must be written.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.again || self.flight.is_some() || self.sent.as_ref() != Some(&self.wanted)
    }

    /// Whether GitHub may let the commit through on it now: the last accepted conclusion passes, or one that passes may have arrived.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        let passes = |conclusion: Option<Conclusion>| matches!(conclusion, Some(Conclusion::Success));
        self.kept.as_ref().is_some_and(|kept| passes(kept.conclusion))
            || self.flight.as_ref().is_some_and(|flight| flight.key.starts_with("success"))
    }

    /// Whether GitHub accepted a success that still stands.
    #[must_use]
    pub fn is_granted(&self) -> bool {
        self.flight.is_none() && self.kept.as_ref().is_some_and(|kept| kept.conclusion == Some(Conclusion::Success))
    }
}

/// The sticky comment of a unit.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CommentSurface {
    /// What it should say, digested: standing, suggestion, next move.
    #[serde(default)]
    pub wanted: String,
    /// What was sent last and accepted.
    #[serde(default)]
    pub sent: Option<String>,
    /// The comment.
    #[serde(default)]
    pub id: Option<CommentId>,
    /// Whether there may be one that we do not know of: the unit was met late, by an empty store or one put back from a backup.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unsure: bool,
    /// Whether a creation whose outcome nobody knew may still come late: then there are two.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub doubled: bool,
    /// Sticky comments of ours beside the one that counts: each is deleted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub surplus: Vec<CommentId>,
    /// The call that is out.
    #[serde(default)]
    pub flight: Option<Flight>,
    /// Failed tries in a row.
    #[serde(default)]
    pub tries: u32,
    /// What was sent last, digested whole: tells whether somebody edited it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// When GitHub accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written_at: Option<Timestamp>,
    /// When GitHub's answer forbids a try before.
    #[serde(default)]
    pub not_before: Option<Timestamp>,
    /// GitHub refused for good (locked, no permission): not tried again before the next change.
    #[serde(default)]
    pub trouble: Option<String>,
    /// The suggestion in the call that is out: becomes [`Shown`] when its answer tells the time.
    #[serde(default)]
    pub showing: Option<(String, CommitSha)>,
}

impl CommentSurface {
    /// Whether something must be written.
    #[must_use]
    pub fn is_owed(&self) -> bool {
        self.flight.is_some()
            || !self.surplus.is_empty()
            || (!self.wanted.is_empty() && self.sent.as_ref() != Some(&self.wanted))
    }

    /// Whether what is there must be read before anything is written.
    #[must_use]
    pub fn is_unknown(&self) -> bool {
        self.unsure || self.flight.as_ref().is_some_and(|flight| flight.unknown)
    }
}

/// The suggestion that the sticky comment shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    /// Its fingerprint.
    pub fingerprint: String,
    /// The head it was made for.
    pub sha: CommitSha,
    /// GitHub's time in the answer to our write; commands count from the next second on.
    pub at: Timestamp,
    /// Whether it replaced one that was shown for another head: then a bare confirm counts only after the dwell.
    pub replaced: bool,
}
