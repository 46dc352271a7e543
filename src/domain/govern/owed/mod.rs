//! What is owed to GitHub: the calls, and what may come back.
//!
//! Two kinds. *Surfaces* (check run, sticky comment) converge to a desired document. *Actions* are ledger entries from intent to done,
//! each with a guard and an expiry. `begin` gives at most one [`Call`] for an [`OwedKey`]; its [`Answer`] is an event.

mod answered;
pub(super) mod auto_merge;
pub(super) mod escalate;
mod label;
pub(super) mod ours;
pub(super) mod queue;
pub(super) mod update;
pub(super) mod wake;
pub(super) mod want;

use serde::{Deserialize, Serialize};

use super::seen::snapshot::MergeMethod;
use super::standard::propose::Proposal;
use crate::domain::ids::{CheckRunId, CommentId, CommitSha, PrNumber, Timestamp};
use crate::domain::unit::Standing;

/// Names what is owed; as text it is the id of the due entry in the store.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "owed", rename_all = "snake_case")]
pub enum OwedKey {
    /// The check run on a commit.
    Check {
        /// The commit.
        sha: CommitSha,
    },
    /// The sticky comment of a unit.
    Comment {
        /// The pull request.
        number: PrNumber,
    },
    /// An action of a unit's ledger.
    Action {
        /// The pull request.
        number: PrNumber,
        /// Its id in the ledger.
        id: String,
    },
}

impl OwedKey {
    /// The id of the due entry, unique within the repository.
    #[must_use]
    pub fn id(&self) -> String {
        match self {
            Self::Check { sha } => format!("check:{sha}"),
            Self::Comment { number } => format!("comment:{number}"),
            Self::Action { number, id } => format!("action:{number}:{id}"),
        }
    }
}

/// In which order calls go out: revocations, actions, landings, grants, comments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallClass {
    /// Takes a success back.
    Revocation,
    /// Does something somebody asked for.
    Action,
    /// Lands a unit. What was said meanwhile is heard first.
    Landing,
    /// Any other check run, a success among them.
    Grant,
    /// A comment, a reply or a label.
    Comment,
}

/// One call to GitHub. Each maps to one request; none is ever repeated by the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Creates a check run → [`Written::Check`].
    CreateCheck(CheckDoc),
    /// Changes an incomplete check run → [`Written::Check`].
    UpdateCheck {
        /// The run.
        run: CheckRunId,
        /// What it shall say.
        doc: CheckDoc,
    },
    /// Creates a comment → [`Written::Comment`].
    CreateComment {
        /// The pull request.
        number: PrNumber,
        /// Its text.
        body: String,
    },
    /// Changes a comment → [`Written::Comment`].
    UpdateComment {
        /// The comment.
        id: CommentId,
        /// Its text.
        body: String,
    },
    /// Deletes a comment of ours → [`Written::Done`].
    DeleteComment {
        /// The comment.
        id: CommentId,
    },
    /// An action.
    Action(ActionCall),
}

/// What an action asks of GitHub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum ActionCall {
    /// Merges → [`Written::Merged`].
    Merge {
        /// The pull request.
        number: PrNumber,
        /// The guard: the head must be this.
        sha: CommitSha,
        /// How.
        method: MergeMethod,
        /// What the commit says, where the policy words it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<MergeWords>,
    },
    /// Adds it to GitHub's merge queue → [`Written::Done`]. GraphQL `enqueuePullRequest`.
    Enqueue {
        /// The pull request.
        number: PrNumber,
        /// Its GraphQL node id.
        node: String,
        /// The guard: the head must be this.
        sha: CommitSha,
    },
    /// Takes it out of GitHub's merge queue → [`Written::Done`]. GraphQL `dequeuePullRequest`.
    Dequeue {
        /// The pull request.
        number: PrNumber,
        /// Its GraphQL node id.
        node: String,
    },
    /// Merges the base into the head → [`Written::Done`].
    UpdateBranch {
        /// The pull request.
        number: PrNumber,
        /// The guard: the head must be this.
        expected_head: CommitSha,
    },
    /// Asks one person for a review → [`Written::Done`].
    RequestReview {
        /// The pull request.
        number: PrNumber,
        /// Their login.
        login: String,
    },
    /// Opens a pull request that takes a merged one back → [`Written::Opened`]. GraphQL `revertPullRequest`, which is not idempotent.
    Revert {
        /// The pull request that was merged.
        number: PrNumber,
        /// Its GraphQL node id.
        node: String,
        /// The title of the new one.
        title: String,
        /// Its description.
        body: String,
    },
    /// A step of a change of the policy file → [`Written::Done`], at last [`Written::Opened`].
    Propose(Box<Proposal>),
    /// Reacts to a comment → [`Written::Done`].
    React {
        /// The comment.
        comment: CommentId,
        /// With what.
        reaction: Reaction,
    },
    /// Posts one short reply as a new comment → [`Written::Comment`]. The text ends with a hidden marker that names the ledger entry.
    Reply {
        /// The pull request.
        number: PrNumber,
        /// Its text.
        body: String,
    },
    /// Turns GitHub's auto-merge on → [`Written::Done`]. GraphQL `enablePullRequestAutoMerge`.
    EnableAutoMerge {
        /// The pull request.
        number: PrNumber,
        /// Its GraphQL node id.
        node: String,
        /// The guard: the head must be this.
        sha: CommitSha,
        /// How it shall land.
        method: MergeMethod,
        /// What the commit shall say, where the policy words it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        words: Option<MergeWords>,
    },
    /// Turns GitHub's auto-merge off → [`Written::Done`]. GraphQL `disablePullRequestAutoMerge`.
    DisableAutoMerge {
        /// The pull request.
        number: PrNumber,
        /// Its GraphQL node id.
        node: String,
    },
    /// Puts a label on, or takes it off → [`Written::Done`].
    Label {
        /// The pull request.
        number: PrNumber,
        /// The label.
        name: String,
        /// On, or off.
        on: bool,
        /// The standing that it is for.
        standing: Standing,
    },
}

/// What the commit of a merge says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergeWords {
    /// Its first line.
    pub title: String,
    /// The rest; empty where there is none.
    pub body: String,
}

/// Reactions that we use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Seen.
    Eyes,
    /// Granted.
    Rocket,
    /// Refused or not understood.
    Confused,
}

/// A check run's status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckStatus {
    /// Queued, and statuses we do not know.
    Queued,
    /// In progress.
    InProgress,
    /// Completed: it has a conclusion, and is final.
    Completed,
}

/// A check run's conclusion: those that we write, and `Other` for those that we only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Passes: the grant.
    Success,
    /// Passes: observe mode only.
    Neutral,
    /// Asks a person for judgment.
    ActionRequired,
    /// A person must act.
    Failure,
    /// Withdrawn.
    Cancelled,
    /// Stale, skipped, timed out, or unknown to us.
    Other,
}

/// What a check run shall say. `external_id` = `repo_id:sha`; the name is always `flyball`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckDoc {
    /// The commit.
    pub sha: CommitSha,
    /// `repo_id:sha`.
    pub external_id: String,
    /// The conclusion; `None` is in progress.
    pub conclusion: Option<Conclusion>,
    /// One line.
    pub title: String,
    /// Markdown, at most 65,535 characters.
    pub summary: String,
    /// More Markdown, at most 65,535 characters; holds the trace anchor `seq:hash`.
    pub text: String,
    /// Where a person reads more.
    pub details_url: Option<String>,
    /// Buttons, at most three, shown on completed runs.
    pub actions: Vec<CheckActionDoc>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckActionDoc {
    /// At most 20 characters.
    pub label: String,
    /// At most 40 characters.
    pub description: String,
    /// At most 20 characters: `confirm`, `refuse`, `hold`.
    pub identifier: String,
}

/// What came back from a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// GitHub did it, and this is what it kept.
    Done {
        /// What it kept.
        written: Written,
    },
    /// GitHub said no: nothing was done.
    Refused {
        /// How, in the terms a caller branches on.
        fault: Fault,
        /// GitHub's own words, at most 500 characters.
        message: String,
    },
    /// Nobody knows whether it was done: 5xx, time-out, broken connection, an answer that cannot be read. Read, then decide.
    Unknown {
        /// Why, for the operator and the trace.
        because: String,
    },
}

/// What GitHub kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kept", rename_all = "snake_case")]
pub enum Written {
    /// A check run.
    Check {
        /// Its id.
        run: CheckRunId,
        /// The status in the answer.
        status: CheckStatus,
        /// The conclusion in the answer.
        conclusion: Option<Conclusion>,
    },
    /// A comment.
    Comment {
        /// Its id.
        id: CommentId,
        /// GitHub's time in the answer: when a suggestion counts as shown.
        at: Timestamp,
    },
    /// It landed.
    Merged {
        /// The commit it landed as.
        sha: Option<CommitSha>,
    },
    /// A pull request was opened.
    Opened {
        /// Its number.
        number: PrNumber,
    },
    /// Accepted, nothing more to know.
    Done,
}

/// Why GitHub did not do it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// 405 "Base branch was modified", 409 of a racing write: read again, try again a few times.
    Transient,
    /// 405 of a merge: a rule or a conflict forbids it now.
    NotAllowed,
    /// 409 of a merge, 422 of an update naming the head: the head moved.
    HeadMoved,
    /// 422: what we sent is not acceptable.
    Invalid,
    /// 403 without a sign of a limit: a permission is missing.
    Forbidden,
    /// 404 or 410: it is gone, or hidden from us.
    Gone,
    /// 401: the App's credentials do not work now.
    Unauthorised,
    /// Auto-merge is refused because GitHub has nothing left to wait for: it can be merged at once (FACTS Q4).
    NothingToWaitFor,
    /// 429, or 403 with the signs of a limit: not before this many seconds from now.
    Limited {
        /// Seconds to wait.
        seconds: u32,
    },
}
