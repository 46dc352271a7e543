//! What people decided: durable facts with person, SHA and time.

use serde::{Deserialize, Serialize};

use crate::domain::govern::{Actor, Right};
use crate::domain::ids::{CommentId, CommitSha, Timestamp};

/// One decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// What was decided.
    pub kind: DecisionKind,
    /// Who decided.
    pub actor: Actor,
    /// The head it was made on.
    pub sha: CommitSha,
    /// GitHub's time.
    pub at: Timestamp,
    /// Where it was said.
    pub source: Source,
    /// Their right when it was last read, and when that was.
    pub right: Right,
    /// When the right was read.
    pub right_at: Timestamp,
    /// The head it was made on, where an update by Flyball carried it over to `sha`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried_from: Option<CommitSha>,
    /// Why it no longer counts, if it does not.
    #[serde(default)]
    pub void: Option<Void>,
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "decided", rename_all = "snake_case")]
pub enum DecisionKind {
    /// Land it.
    Confirm,
    /// The change is good (an approving review): counts for clearing, does not merge.
    Approve,
    /// Do not land it.
    Refuse {
        /// Why; a click on Refuse has none yet.
        reason: String,
    },
    /// Not now.
    Hold {
        /// Until when; until it is lifted if absent.
        until: Option<Timestamp>,
        /// Why, if said.
        reason: String,
    },
    /// A refusal or hold ends.
    Lift,
    /// Take it back: it had landed.
    Revert {
        /// Why.
        reason: String,
    },
}

/// Where a decision was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "in", rename_all = "snake_case")]
pub enum Source {
    /// A comment, which can carry a reaction.
    Comment {
        /// Its id.
        id: CommentId,
    },
    /// A review: its body or its approval.
    Review,
    /// A button of the check run.
    Button,
    /// A page of ours, by a person who was signed in with their GitHub account.
    Page,
}

impl Source {
    /// The word for it, as the trace and the JSON API have it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Comment { .. } => "comment",
            Self::Review => "review",
            Self::Button => "button",
            Self::Page => "page",
        }
    }
}

/// Why a decision no longer counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "void", rename_all = "snake_case")]
pub enum Void {
    /// A new head replaced the one it was made on.
    Pushed,
    /// The base it was made for was changed.
    Retargeted,
    /// It was lifted.
    Lifted {
        /// By whom.
        by: String,
        /// When.
        at: Timestamp,
    },
    /// The unit was closed and opened again.
    Reopened,
    /// The person may no longer decide.
    RightLost,
    /// The review was dismissed, or the same person asked for changes since.
    Dismissed,
    /// The same person decided otherwise since.
    Superseded,
}

impl Decision {
    /// Whether it stops the unit at `now`.
    #[must_use]
    pub fn stops(&self, now: Timestamp) -> bool {
        self.void.is_none()
            && match &self.kind {
                DecisionKind::Refuse { .. } => true,
                DecisionKind::Hold { until, .. } => until.is_none_or(|until| until > now),
                DecisionKind::Confirm | DecisionKind::Approve | DecisionKind::Lift | DecisionKind::Revert { .. } => {
                    false
                }
            }
    }

    /// Whether it was said before something that is said in `source` at `at`, as far as that can be told: comments and reviews carry
    /// GitHub's time, buttons and pages ours.
    #[must_use]
    pub fn was_said_before(&self, source: &Source, at: Timestamp) -> bool {
        let github = |source: &Source| matches!(source, Source::Comment { .. } | Source::Review);
        !github(&self.source) || !github(source) || self.at <= at
    }

    /// Whether it speaks for landing this head.
    #[must_use]
    pub fn confirms(&self, head: &CommitSha) -> bool {
        self.void.is_none() && matches!(self.kind, DecisionKind::Confirm | DecisionKind::Approve) && self.sha == *head
    }

    /// The word for it.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self.kind {
            DecisionKind::Confirm => "confirm",
            DecisionKind::Approve => "approve",
            DecisionKind::Refuse { .. } => "refuse",
            DecisionKind::Hold { .. } => "hold",
            DecisionKind::Lift => "lift",
            DecisionKind::Revert { .. } => "revert",
        }
    }

    /// Its reason, where one was given.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        match &self.kind {
            DecisionKind::Refuse { reason } | DecisionKind::Hold { reason, .. } | DecisionKind::Revert { reason }
                if !reason.is_empty() =>
            {
                Some(reason)
            }
            DecisionKind::Refuse { .. }
            | DecisionKind::Hold { .. }
            | DecisionKind::Revert { .. }
            | DecisionKind::Confirm
            | DecisionKind::Approve
            | DecisionKind::Lift => None,
        }
    }
}
