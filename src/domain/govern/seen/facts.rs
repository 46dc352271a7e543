//! What is read from GitHub before a judgment: named needs, and their answers, of which *unknown, because* is one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::protection::BaseRules;
use super::right::Permission;
use super::snapshot::Snapshot;
use super::{CheckSeen, CommentSeen, PullState};
use crate::domain::govern::owed::{CheckStatus, Conclusion};
use crate::domain::ids::{CheckRunId, CommentId, CommitSha, PrNumber, RepoId, Timestamp};
use crate::domain::integration::merged::Stop;

/// Something to read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Need {
    /// The pull request with its checks and reviews, as it is now → [`Fact::Snapshot`].
    Snapshot(PrNumber),
    /// The files it changes, with their patches → [`Fact::Files`].
    Files {
        /// The pull request.
        number: PrNumber,
        /// Its head when this was asked.
        head: CommitSha,
        /// How many files GitHub says it changes.
        changed_files: u32,
    },
    /// What comes of real merges of a pull request with others of the same base → [`Fact::Merges`]. Asked only where there is a mirror.
    Merges {
        /// The pull request.
        number: PrNumber,
        /// Its head.
        head: CommitSha,
        /// The base branch of all of them.
        base: String,
        /// The others with their heads.
        others: Vec<(PrNumber, CommitSha)>,
    },
    /// What protects a branch → [`Fact::Rules`].
    Rules(String),
    /// The `.gitattributes` at the top of the default branch → [`Fact::Attributes`].
    Attributes,
    /// What somebody may do here, by login → [`Fact::Permission`].
    Permission(String),
    /// Our own check runs on a commit, newest first → [`Fact::OurChecks`]. Asked after an answer that never came.
    OurChecks(CommitSha),
    /// Our own comments on a pull request: those by us that hold a hidden marker → [`Fact::OurComments`].
    OurComments(PrNumber),
    /// One comment of ours → [`Fact::OurComments`]: it, or none where it was deleted.
    OurComment(CommentId),
    /// All open pull requests, as a list shows them → [`Fact::OpenPulls`].
    OpenPulls,
    /// The commit at the head of the default branch, whatever its name → [`Fact::Head`].
    DefaultHead,
    /// Comments that other people wrote on a pull request since a time → [`Fact::Comments`].
    Comments {
        /// The pull request.
        number: PrNumber,
        /// Only those changed at or after this time.
        since: Timestamp,
    },
    /// The policy file on the default branch, what it extends, and CODEOWNERS where it asks for owners → [`Fact::Policy`].
    Policy,
    /// The same on a protected base branch that is not the default branch → [`Fact::Policy`].
    PolicyOf(String),
    /// The policy file as a commit has it → [`Fact::Text`].
    PolicyAt(CommitSha),
    /// The commit at the head of a branch → [`Fact::Head`].
    BranchHead(String),
    /// Whether somebody is an active member of a team, child teams included → [`Fact::Member`].
    Member {
        /// `organisation/team`.
        team: String,
        /// Their login.
        login: String,
    },
    /// The entries of GitHub's merge queue on a base branch → [`Fact::Queue`].
    Queue(String),
    /// Check runs and statuses of a commit (a merge group's) → [`Fact::Checks`].
    Checks(CommitSha),
    /// The files that differ between two commits of this repository → [`Fact::Files`].
    Change {
        /// The older one.
        before: CommitSha,
        /// The newer one.
        after: CommitSha,
    },
    /// The open pull request of ours that reverts one → [`Fact::Opened`]. Asked after an answer that never came.
    RevertOf(PrNumber),
    /// A pull request of another repository, on which one of this repository depends → [`Fact::Elsewhere`].
    Elsewhere {
        /// `owner/repo`.
        repo: String,
        /// Its number there.
        number: PrNumber,
    },
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fact {
    /// The pull request now.
    Snapshot(Box<Snapshot>),
    /// The files it changes.
    Files(Vec<FileSeen>),
    /// What came of the merges; others that the mirror does not have are not among them.
    Merges(Vec<MergeSeen>),
    /// What protects the branch.
    Rules(BaseRules),
    /// The file's text; empty where there is none.
    Attributes(String),
    /// What they may do.
    Permission(Permission),
    /// Our check runs, newest first.
    OurChecks(Vec<OurCheck>),
    /// Our comments, oldest first.
    OurComments(Vec<OurComment>),
    /// Open pull requests.
    OpenPulls(Vec<OpenPull>),
    /// Comments.
    Comments(Vec<CommentSeen>),
    /// The policy as it stands.
    Policy(Box<PolicySeen>),
    /// The text of a file; none where there is no such file.
    Text(Option<String>),
    /// The commit.
    Head(CommitSha),
    /// Whether they are a member.
    Member(bool),
    /// The queue, first to land first.
    Queue(Vec<QueueSeen>),
    /// Checks.
    Checks(Vec<CheckSeen>),
    /// The pull request, if there is one.
    Opened(Option<PrNumber>),
    /// The pull request of another repository.
    Elsewhere(Elsewhere),
    /// It could not be read.
    Unknown(Unknown),
}

/// The policy of a repository as its default branch has it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PolicySeen {
    /// The blob of `.github/flyball.yml` and its text; none where there is no such file.
    #[serde(default)]
    pub file: Option<(String, String)>,
    /// The repository that the file extends, and the text of the file there.
    #[serde(default)]
    pub extended: Option<(String, String)>,
    /// The path and the text of CODEOWNERS, where the policy asks for code owners and there is one.
    #[serde(default)]
    pub owners: Option<(String, String)>,
}

/// What came of a real merge with another pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MergeSeen {
    /// The other one.
    pub other: PrNumber,
    /// Its head.
    pub sha: CommitSha,
    /// Where the second of the two would stop, in either order; nothing: they merge.
    pub stops: Vec<Stop>,
    /// Whether the head that was asked about holds the other's head.
    pub built_on: bool,
}

/// An entry of GitHub's merge queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueSeen {
    /// The pull request.
    pub number: PrNumber,
    /// Its head as it was queued.
    pub head: CommitSha,
    /// The commit of the merge group that ends with it; none before the group is built.
    pub group: Option<CommitSha>,
}

/// A pull request of another repository, as far as we may see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "seen", rename_all = "snake_case")]
pub enum Elsewhere {
    /// It is there.
    Pull {
        /// Its repository.
        repo: RepoId,
        /// Open, closed or merged.
        state: PullState,
        /// Where it wants to land, or landed.
        base: String,
    },
    /// The repository can be read, and has no such pull request.
    Missing,
    /// The repository cannot be read, or there is none.
    Unreadable,
}

/// A changed file as `List pull requests files` gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSeen {
    /// Its path now.
    pub filename: String,
    /// Its path before a rename.
    pub previous_filename: Option<String>,
    /// added, removed, modified, renamed, copied, changed, unchanged; other words are taken as modified.
    pub status: String,
    /// Unified hunks; GitHub leaves it out for binary and large files and for pure renames.
    pub patch: Option<String>,
    /// The git id of its content at the head; of what was removed for a deleted file.
    pub blob: Option<String>,
    /// Lines added.
    pub additions: u32,
    /// Lines deleted.
    pub deletions: u32,
}

/// Why something is not known, in a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// What GitHub or the network said.
    pub because: String,
    /// Whether it does not exist (404), as far as we may know.
    pub missing: bool,
    /// Whether asking again later can help, and when at the earliest (seconds).
    pub retry_after: Option<u32>,
}

/// A check run of ours as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurCheck {
    /// Its id.
    pub id: CheckRunId,
    /// Its status.
    pub status: CheckStatus,
    /// Its conclusion.
    pub conclusion: Option<Conclusion>,
    /// Its title.
    pub title: String,
    /// `repo_id:sha`.
    pub external_id: String,
}

/// A comment of ours as GitHub has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OurComment {
    /// Its id.
    pub id: CommentId,
    /// Its whole text.
    pub body: String,
    /// GitHub's time of its last change.
    pub updated_at: Timestamp,
}

/// An open pull request as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPull {
    /// Its number.
    pub number: PrNumber,
    /// Its head commit.
    pub head: CommitSha,
    /// GitHub's time of the last change of it or its conversation, where the list says; check runs do not count.
    pub updated_at: Option<Timestamp>,
}

/// Everything that was read for one judgment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    known: BTreeMap<Need, Fact>,
}

impl Facts {
    /// Nothing was read.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// Adds an answer.
    pub fn insert(&mut self, need: Need, fact: Fact) {
        self.known.insert(need, fact);
    }

    /// The answer to a need, if it was asked.
    #[must_use]
    pub fn get(&self, need: &Need) -> Option<&Fact> {
        self.known.get(need)
    }

    /// Everything that was asked, with its answer.
    pub fn iter(&self) -> impl Iterator<Item = (&Need, &Fact)> {
        self.known.iter()
    }
}
