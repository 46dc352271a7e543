//! What happened, as the webhook said it: a hint which unit to look at, in the compact form that the inbox keeps.

use serde::{Deserialize, Serialize};

use super::owed::{Answer, OwedKey};
use crate::domain::ids::{
    CheckRunId, CommentId, CommitSha, InstallationId, PrNumber, RepoId, ReviewId, Timestamp, UnitKey, UserId,
};
use crate::domain::unit::Broken;

/// One accepted delivery or internal happening, as it is stored in the inbox (JSON).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// The installation whose token answers for it; absent for repository hooks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installation: Option<InstallationId>,
    /// The repository it is about.
    pub repo: RepoSeen,
    /// Who did it. A missing sender can never be authorised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<Actor>,
    /// When our front door took it.
    pub received_at: Timestamp,
    /// What happened.
    pub event: Event,
}

/// A repository as a payload names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RepoSeen {
    /// Its numeric id.
    pub id: RepoId,
    /// `owner/name` as it was then.
    pub full_name: String,
    /// Its default branch, where the payload says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_branch: Option<String>,
    /// Whether it is private, where the payload says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<bool>,
}

/// A person, a bot or an App as GitHub names them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Actor {
    /// Numeric id; 0 where GitHub did not give one (GraphQL bots).
    pub id: UserId,
    /// The login, `name[bot]` for Apps.
    pub login: String,
    /// Person or bot.
    pub kind: ActorKind,
}

/// Whether somebody is a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// A user account.
    Human,
    /// An App or bot account.
    Bot,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum Event {
    /// Something about a pull request.
    Pull {
        /// What.
        action: PullAction,
        /// The pull request as the payload shows it.
        pull: PullSeen,
    },
    /// A check run of any App, or a commit status, was made or changed.
    Check(CheckSeen),
    /// A check run of ours is asked for again, or the whole suite of a SHA.
    Rerequested {
        /// The commit.
        sha: CommitSha,
    },
    /// A comment was **created** on a pull request's conversation by somebody who is not us.
    Comment(CommentSeen),
    /// A person said something on a page of ours. Only our own pages file this: no payload of GitHub is ever read as it.
    Page(PageSaid),
    /// A review was submitted or dismissed.
    Review {
        /// Which of them.
        action: ReviewAction,
        /// The pull request.
        number: PrNumber,
        /// The review.
        review: ReviewSeen,
    },
    /// A button of one of our check runs was pressed.
    Button {
        /// Which.
        button: Button,
        /// The run it was pressed on.
        run: CheckRunId,
        /// The commit of that run.
        sha: CommitSha,
        /// The delivery id: a click has no other identity.
        click: String,
        /// The digest of the suggestion that the run showed, from its `external_id` or text, where known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        started_at: Option<Timestamp>,
    },
    /// A branch moved.
    Push {
        /// The branch without `refs/heads/`.
        branch: String,
        /// Its head now; absent when it was deleted.
        after: Option<CommitSha>,
        /// Its head before; absent when it was created.
        before: Option<CommitSha>,
        /// Whether it may have changed the policy file or CODEOWNERS.
        #[serde(default)]
        policy: bool,
    },
    /// GitHub's merge queue asks about a group, or is done with it.
    MergeGroup {
        /// Which of them.
        action: MergeGroupAction,
        /// The group's commit.
        head_sha: CommitSha,
        /// `refs/heads/gh-readonly-queue/{base}/...`.
        head_ref: String,
        /// The base branch without `refs/heads/`.
        base: String,
    },
    /// The App was installed here (also: repository added, unsuspended, permissions accepted): look at every open pull request.
    Installed,
    /// The App was removed or suspended here: stop all work.
    Removed,
    /// The repository was renamed, transferred, made private or public, or its default branch or its protection changed.
    RepositoryChanged,
    /// Look again at one unit; nothing else is known.
    Look {
        /// The pull request.
        number: PrNumber,
    },
    /// A unit of another repository says that it depends on one of this repository. Sent by the other repository's judgment; saying it
    /// again changes nothing.
    Awaited {
        /// The unit that is needed.
        number: PrNumber,
        /// Who needs it.
        by: Awaiting,
    },
    /// Something is wrong with a unit that landed. Sent by the judgment of the same repository.
    Alarm {
        /// The unit.
        number: PrNumber,
        /// What is wrong.
        what: Broken,
    },
    /// A check that failed since a unit landed passes again, or fails for another cause.
    AllClear {
        /// The unit.
        number: PrNumber,
        /// The check's name.
        check: String,
        /// The App that reports it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        app: Option<u64>,
    },
    /// A unit takes another one back that had landed.
    Reverting {
        /// The one that had landed.
        number: PrNumber,
        /// The one that takes it back.
        by: PrNumber,
        /// Whether that one is open, was closed, or landed.
        state: PullState,
    },
    /// Look again at the whole repository (reconcile).
    Reconcile,
    /// A timer of a unit, or of the repository (`None`), ran out. Internal: never in the inbox.
    Timer {
        /// The unit.
        number: Option<PrNumber>,
    },
    /// GitHub's answer to a call that `begin` gave. Internal: never in the inbox.
    Answered {
        /// What was owed.
        key: OwedKey,
        /// What came back.
        answer: Answer,
    },
    /// The installation may do again, or may do more than before, what it was refused; which repositories it has was not told.
    Permitted,
}

/// A unit of another repository that waits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Awaiting {
    /// Its key.
    pub unit: UnitKey,
    /// Its repository's name then.
    pub full_name: String,
    /// Whether that repository is private: then it is shown in private ones only.
    pub private: bool,
}

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

/// What a person said on a unit's page, signed in with their GitHub account: it is judged as the same words in a comment are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PageSaid {
    /// The pull request.
    pub number: PrNumber,
    /// Who said it, as GitHub named them for their own token.
    pub by: Actor,
    /// One line, as it would stand in a comment: `/refuse we have two already`.
    pub line: String,
    /// What the page named this saying, so that sending it twice says it once; unique for the person only.
    pub id: String,
    /// When the page took it.
    pub at: Timestamp,
}

impl PageSaid {
    /// Names it among everything that is said on a unit; nobody can speak under the name of somebody else.
    #[must_use]
    pub fn key(&self) -> String {
        said_key(self.by.id, &self.id)
    }
}

/// The name of what this person said on a page under this id.
#[must_use]
pub fn said_key(by: UserId, id: &str) -> String {
    format!("page:{by}:{id}")
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
