//! What a unit would land and where: its head, its base, its size, and how one head follows another.

use serde::{Deserialize, Serialize};

use crate::domain::ids::{CommitSha, RepoId, Timestamp};

/// What a unit would land.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The commit.
    pub sha: CommitSha,
    /// The branch.
    pub branch: String,
    /// Its repository; absent when the fork is gone.
    pub repo: Option<RepoId>,
    /// The parents of that commit; empty where they were not read.
    #[serde(default)]
    pub parents: Vec<CommitSha>,
}

/// A head the unit has or had.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeadSeen {
    /// The commit.
    pub sha: CommitSha,
    /// When we learnt of it.
    pub at: Timestamp,
    /// Whether a suggestion was shown for it.
    #[serde(default)]
    pub shown: bool,
}

/// Where a unit would land.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// The branch.
    pub branch: String,
    /// Its commit when last read.
    pub sha: CommitSha,
}

/// How much a unit changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Size {
    /// Files.
    pub files: u32,
    /// Lines added.
    pub additions: u32,
    /// Lines deleted.
    pub deletions: u32,
}

/// An update of the branch that was asked of GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update {
    /// The head that it updates.
    pub from: CommitSha,
    /// When it was asked for.
    pub at: Timestamp,
}

/// What a head that follows an update by Flyball may inherit: the confirms of the head before, if it carries the same change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carry {
    /// The head before.
    pub from: CommitSha,
    /// The digest of what that one changed.
    pub content: String,
    /// Whether Flyball had asked GitHub to update that head.
    #[serde(default)]
    pub update: bool,
}
