//! What is seen of GitHub: what happened, what was read, and here what payloads show of pull requests, checks, comments, reviews, buttons
//! and merge groups.

pub(super) mod event;
pub(super) mod facts;
pub(super) mod protection;
pub(super) mod right;
pub(super) mod snapshot;

use serde::{Deserialize, Serialize};

use crate::domain::ids::{CommentId, CommitSha, PrNumber, RepoId, ReviewId, Timestamp};
use event::Actor;

/// What happened to a pull request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullAction {
    /// It is new.
    Opened,
    /// It was closed and is open again.
    Reopened,
    /// Its head moved.
    Synchronized,
    /// Title, body or base changed.
    Edited,
    /// It was closed, merged or not.
    Closed,
    /// It became a draft, or stopped being one.
    DraftChanged,
    /// Its labels changed.
    Labeled,
    /// GitHub's merge queue took it in or let it go.
    Queued,
    /// Reviewers or assignees changed, and actions we do not know.
    Other,
    /// GitHub's auto-merge was turned on or off.
    AutoMerge,
}

/// Whether a pull request is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PullState {
    /// Open.
    Open,
    /// Closed without merging.
    Closed,
    /// Merged.
    Merged,
}

/// A pull request as a payload shows it: it may be late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PullSeen {
    /// Its number.
    pub number: PrNumber,
    /// Open, closed or merged.
    pub state: PullState,
    /// Draft.
    #[serde(default)]
    pub draft: bool,
    /// The title.
    pub title: String,
    /// The description, at most 16 KiB of it; null bodies are empty.
    #[serde(default)]
    pub body: String,
    /// Who opened it; a deleted account is absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Actor>,
    /// Head commit.
    pub head_sha: CommitSha,
    /// Head branch.
    pub head_ref: String,
    /// The head's repository; absent when the fork is gone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head_repo: Option<RepoId>,
    /// Base branch.
    pub base_ref: String,
    /// Base commit as of the payload.
    pub base_sha: CommitSha,
    /// Label names.
    #[serde(default)]
    pub labels: Vec<String>,
    /// The commit it landed as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge_commit: Option<CommitSha>,
    /// Who merged it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merged_by: Option<Actor>,
    /// GitHub's time of the last change.
    pub updated_at: Timestamp,
}

/// A check run or a commit status as GitHub shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckSeen {
    /// The commit it speaks about.
    pub sha: CommitSha,
    /// The check run's own name, or the status context.
    pub name: String,
    /// The App that made it (numeric App id); absent for commit statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app: Option<u64>,
    /// What it says.
    pub state: Seen,
    /// When its check suite was created, or the status was first reported: the base it was tested against is not younger (FACTS C17).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub based_at: Option<Timestamp>,
    /// GitHub's time of this state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// Where a person reads more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a check run or status says, folded to what counts. Unknown values are `Failing`: only what is known to pass passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seen {
    /// success, neutral, skipped.
    Passing,
    /// queued, `in_progress`, waiting, requested, pending.
    Pending,
    /// Everything else.
    Failing,
}

/// A comment somebody wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommentSeen {
    /// Its id.
    pub id: CommentId,
    /// The pull request.
    pub number: PrNumber,
    /// Who wrote it.
    pub author: Actor,
    /// What it says, only kept where it may hold a command; at most 16 KiB.
    pub body: String,
    /// GitHub's time.
    pub created_at: Timestamp,
    /// Whether it was edited since (only a reconcile can see that): then it is answered, not obeyed.
    #[serde(default)]
    pub edited: bool,
}

/// What happened to a review.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewAction {
    /// It was submitted.
    Submitted,
    /// It was dismissed.
    Dismissed,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewState {
    /// Approved.
    Approved,
    /// Changes requested.
    ChangesRequested,
    /// A comment only, or a state we do not know.
    Commented,
    /// Dismissed.
    Dismissed,
}

/// A review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewSeen {
    /// Its id.
    pub id: ReviewId,
    /// Who wrote it; absent for deleted accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub author: Option<Actor>,
    /// What it says.
    pub state: ReviewState,
    /// The commit it was made on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// Its text, at most 16 KiB; may hold commands.
    #[serde(default)]
    pub body: String,
    /// GitHub's time.
    pub submitted_at: Timestamp,
}

/// A button of our check run: its action identifier is a stable interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Button {
    /// `confirm`.
    Confirm,
    /// `refuse`.
    Refuse,
    /// `hold`.
    Hold,
}

/// What GitHub's merge queue wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeGroupAction {
    /// Required checks are asked for on the group's commit.
    ChecksRequested,
    /// The group is gone.
    Destroyed,
}
