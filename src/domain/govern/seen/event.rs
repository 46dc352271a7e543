//! What happened, as the webhook said it: a hint which unit to look at, in the compact form that the inbox keeps.

use serde::{Deserialize, Serialize};

use super::{
    Button, CheckSeen, CommentSeen, MergeGroupAction, PullAction, PullSeen, PullState, ReviewAction, ReviewSeen,
};
use crate::domain::govern::owed::{Answer, OwedKey};
use crate::domain::ids::{CheckRunId, CommitSha, InstallationId, PrNumber, RepoId, Timestamp, UnitKey, UserId};
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
