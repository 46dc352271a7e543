//! The governed work unit: what is known about one pull request, what people decided, and how it came to be so.
//!
//! A unit holds facts only. Its standing, its suggestion and its brief are derived from them by [`crate::domain::govern`] each time.

mod aftermath;
mod brief;
mod chain;
mod commits;
mod decision;
mod evidence;
mod head;
mod ledger;
mod merged_with;
mod read;
mod reason;
mod stands;
mod surface;
mod unread;

pub use aftermath::{Aftermath, Alarm, Broken, Edits};
pub use brief::{
    BackportView, Brief, Condition, Conflict, DecisionView, DependencyView, EvidenceView, LessonOffer, NextMove,
    SuggestionKind, SuggestionView, Verdict,
};
pub use chain::{ChainHead, TraceEntry, VerifyError, verify};
pub use commits::Commits;
pub use decision::{Decision, DecisionKind, Source, Void};
pub use evidence::{Evidence, Freshness, Review};
pub use head::{Base, Carry, Head, HeadSeen, Size, Update};
pub use ledger::{Entry, Flight, Phase};
pub use merged_with::MergedWith;
pub use read::{Membership, Person, PolicyRead};
pub use reason::{Reason, ReasonCode, Standing};
pub use stands::{AutoMerge, Ending, Grant, Labelled, Stands};
pub use surface::{CheckKey, CheckSurface, CommentSurface, Kept, Shown};
pub use unread::{Doubt, Recheck, Unread};

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::flow::Course;
use super::govern::{Actor, Awaiting, MergeMethod, Mergeable, PullState, Right};
use super::ids::{CommitSha, PrNumber, RepoId, Timestamp};
use super::integration::footprint::Footprint;
use super::policy::escalate::Wait;

/// One governed work unit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    /// Its number in its repository.
    pub number: PrNumber,
    /// Its GraphQL node id; empty until it was read.
    #[serde(default)]
    pub node_id: String,
    /// Title, as GitHub has it: hostile text.
    pub title: String,
    /// Description, capped: hostile text.
    pub body: String,
    /// Who opened it; absent for deleted accounts.
    pub author: Option<Actor>,
    /// The author's right here, where it had to be read.
    #[serde(default)]
    pub author_right: Option<Right>,
    /// Open, closed or merged.
    pub state: PullState,
    /// Draft.
    pub draft: bool,
    /// What it would land.
    pub head: Head,
    /// Every head it ever had, oldest first, the current one last.
    pub heads: Vec<HeadSeen>,
    /// Where it would land.
    pub base: Base,
    /// Whether git can merge it.
    pub mergeable: Mergeable,
    /// Label names.
    pub labels: Vec<String>,
    /// Files, lines added, lines deleted.
    pub size: Size,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When it was last reopened: what was confirmed before does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reopened_at: Option<Timestamp>,
    /// How it ended, if it did.
    #[serde(default)]
    pub ending: Option<Ending>,
    /// What it touches, in the coordinates of its base as of the last landing that it was carried across.
    pub footprint: Footprint,
    /// The head that the footprint was read at.
    #[serde(default)]
    pub footprint_of: Option<CommitSha>,
    /// What real merges with other open units said, by the other's number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub merges: BTreeMap<PrNumber, MergedWith>,
    /// The digest of what the head changes, where everything of it could be read.
    #[serde(default)]
    pub content: Option<String>,
    /// The digests of the lines it adds and removes, where all of them could be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Edits>,
    /// The unit that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<PrNumber>,
    /// What became of its change after it landed.
    #[serde(default, skip_serializing_if = "Aftermath::is_empty")]
    pub aftermath: Aftermath,
    /// What its commits say, as far as they were read.
    #[serde(default, skip_serializing_if = "Commits::is_silent")]
    pub commits: Commits,
    /// The update of the branch that was asked of GitHub last.
    #[serde(default)]
    pub update: Option<Update>,
    /// What the current head may inherit from the one before, until it is proven or refuted.
    #[serde(default)]
    pub carry: Option<Carry>,
    /// Results on the current head, by name and source.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// Each reviewer's reviews that count, oldest first.
    #[serde(default)]
    pub reviews: Vec<Review>,
    /// Logins and teams that are asked for a review.
    #[serde(default)]
    pub review_requests: Vec<String>,
    /// Merge methods that the repository allows; empty where unknown.
    #[serde(default)]
    pub methods: Vec<MergeMethod>,
    /// What people decided, oldest first.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// Comments, reviews and clicks that were worked: `comment:1`, `review:2`, `click:guid`.
    #[serde(default)]
    pub handled: BTreeSet<String>,
    /// The suggestion that the sticky comment shows.
    #[serde(default)]
    pub shown: Option<Shown>,
    /// The permission to land, if it holds one.
    #[serde(default)]
    pub grant: Option<Grant>,
    /// Since when it was ready to land but for related units.
    #[serde(default)]
    pub ready_since: Option<Timestamp>,
    /// The sticky comment.
    #[serde(default)]
    pub comment: CommentSurface,
    /// Actions from intent to done.
    #[serde(default)]
    pub ledger: BTreeMap<String, Entry>,
    /// Whether the one review request of this unit was made.
    #[serde(default)]
    pub asked: bool,
    /// What its standing was when it was last judged, and since when.
    #[serde(default)]
    pub stands: Option<Stands>,
    /// Dependencies that people named by command: `/after`.
    #[serde(default)]
    pub after: BTreeSet<PrNumber>,
    /// Units of other repositories that said they wait for this one.
    #[serde(default)]
    pub awaited_by: BTreeSet<Awaiting>,
    /// What it waits for, and who was told of it.
    #[serde(default)]
    pub wait: Option<Wait>,
    /// The level that somebody gave it: `/priority`.
    #[serde(default)]
    pub priority: Option<String>,
    /// Dependencies that people waived by command: `/not-after`.
    #[serde(default)]
    pub not_after: BTreeSet<PrNumber>,
    /// What could not be read at the last try, and since when.
    #[serde(default)]
    pub unread: Option<Unread>,
    /// Whether GitHub must be asked again if it merges, and when.
    #[serde(default)]
    pub recheck: Option<Recheck>,
    /// Somebody spoke, and whether they may could not be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub doubt: Option<Doubt>,
    /// When its files are read again, after a read that failed: until then its footprint is unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlisted: Option<Recheck>,
    /// When facts were last read from GitHub.
    #[serde(default)]
    pub read_at: Option<Timestamp>,
    /// GitHub's auto-merge, where it is on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_merge: Option<AutoMerge>,
    /// What was read of the people who spoke on it, by login in lower case.
    #[serde(default)]
    pub people: BTreeMap<String, Person>,
    /// Where it changes the policy file: the head that was looked at, and what is wrong with the file there.
    #[serde(default)]
    pub policy_read: Option<PolicyRead>,
    /// Since when GitHub's merge queue holds it.
    #[serde(default)]
    pub queued: Option<Timestamp>,
    /// Actions begun in the current hour: (its start, how many).
    #[serde(default)]
    pub spent: Option<(Timestamp, u32)>,
    /// Related units that landed since it was opened, oldest first: evidence that is older than such a landing is stale.
    #[serde(default)]
    pub landed_beside: Vec<(PrNumber, Timestamp)>,
    /// What GitHub refused for good on this head, in its words with the next step.
    #[serde(default)]
    pub trouble: Option<String>,
    /// It was there before us and nothing happened on it since: it has a check run and nothing else.
    #[serde(default)]
    pub quiet: bool,
    /// Up to when what was said on it was read, in GitHub's time; what came as an event does not count.
    #[serde(default)]
    pub heard_at: Option<Timestamp>,
    /// The label that shows its standing, where the policy names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<Labelled>,
    /// What its trace says about flow.
    #[serde(default, skip_serializing_if = "Course::is_empty")]
    pub course: Course,
    /// The last link of its trace.
    #[serde(default)]
    pub chain: ChainHead,
}

impl Unit {
    /// Whether it is still to land.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.state == PullState::Open
    }

    /// Whether the head comes from another repository, or from one that is gone.
    #[must_use]
    pub fn is_fork(&self, repo: RepoId) -> bool {
        self.head.repo != Some(repo)
    }

    /// Whether this person opened it.
    #[must_use]
    pub fn is_author(&self, actor: &Actor) -> bool {
        self.author
            .as_ref()
            .is_some_and(|author| author.id == actor.id && author.id.0 != 0 || author.login == actor.login)
    }

    /// The decision that stops the unit, the latest first: a refusal or a hold that nobody lifted and no date ended.
    #[must_use]
    pub fn stopped_by(&self, now: Timestamp) -> Option<&Decision> {
        self.decisions.iter().rev().find(|decision| decision.stops(now))
    }

    /// Confirms that count for the current head.
    pub fn confirms(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.confirms(&self.head.sha))
    }

    /// Whether an action of the ledger is on its way, or its outcome is not known yet.
    #[must_use]
    pub fn is_landing(&self) -> bool {
        self.ledger.values().any(Entry::is_landing)
    }

    /// Whether one is that lands the current head, and not one before it.
    #[must_use]
    pub fn is_landing_head(&self) -> bool {
        self.ledger.values().any(|entry| entry.landing_head() == Some(&self.head.sha))
    }
}
