//! A pull request as GitHub has it now, read in one go: what every look at a unit begins with.

use serde::{Deserialize, Serialize};

use super::event::Actor;
use super::facts::OurCheck;
use super::{CheckSeen, PullState, ReviewSeen};
use crate::domain::ids::{CommitSha, PrNumber, RepoId, Timestamp};

/// A pull request as GitHub has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub number: PrNumber,
    /// Its GraphQL node id.
    pub node_id: String,
    /// Open, closed or merged.
    pub state: PullState,
    /// Draft.
    pub draft: bool,
    /// The title.
    pub title: String,
    /// The description, at most 16 KiB of it.
    pub body: String,
    /// Who opened it.
    pub author: Option<Actor>,
    /// Head commit.
    pub head_sha: CommitSha,
    /// The parents of the head commit; empty where that could not be read.
    pub head_parents: Vec<CommitSha>,
    /// Head branch.
    pub head_ref: String,
    /// The head's repository; `None` when the fork is gone.
    pub head_repo: Option<RepoId>,
    /// Whether the head lives in another repository than the base.
    pub cross_repository: bool,
    /// Base branch.
    pub base_ref: String,
    /// Base commit.
    pub base_sha: CommitSha,
    /// Whether git can merge it into the base.
    pub mergeable: Mergeable,
    /// Label names.
    pub labels: Vec<String>,
    /// How many files it changes.
    pub changed_files: u32,
    /// Lines added.
    pub additions: u32,
    /// Lines deleted.
    pub deletions: u32,
    /// The commit it landed as.
    pub merge_commit: Option<CommitSha>,
    /// Who merged it.
    pub merged_by: Option<Actor>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was merged or closed.
    pub closed_at: Option<Timestamp>,
    /// When it was reopened last; `None` where it never was, or GitHub was asked by REST, which does not tell.
    pub reopened_at: Option<Timestamp>,
    /// Check runs and statuses on the head, other than ours; `None` where they could not be read whole.
    pub checks: Option<Vec<CheckSeen>>,
    /// Our own check runs on the head; `None` where they could not be read whole.
    pub ours: Option<Vec<OurCheck>>,
    /// The messages of its newest commits, oldest first, the last 4 KiB of each; `None` where they could not be read.
    pub messages: Option<Vec<String>>,
    /// Reviews, oldest first; `None` where they could not be read whole.
    pub reviews: Option<Vec<ReviewSeen>>,
    /// Logins and team slugs that are asked for a review.
    pub review_requests: Vec<String>,
    /// Merge methods that the repository allows; empty where unknown.
    pub methods: Vec<MergeMethod>,
    /// Whether GitHub's merge queue guards its base.
    pub queue: bool,
    /// Whether it is in that queue.
    pub queued: bool,
    /// Whether auto-merge is on, and by whom.
    pub auto_merge: Option<AutoMergeSeen>,
}

/// GitHub's auto-merge as it is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutoMergeSeen {
    /// Who turned it on, by login; absent for deleted accounts.
    pub by: Option<String>,
}

/// Whether git can merge a pull request into its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mergeable {
    /// It can.
    Clean,
    /// It conflicts.
    Conflicting,
    /// GitHub is still working it out: ask again.
    #[default]
    Unknown,
}

/// How a pull request lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeMethod {
    /// One commit.
    Squash,
    /// A merge commit.
    Merge,
    /// Its commits on top of the base.
    Rebase,
}
