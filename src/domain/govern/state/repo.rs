//! What is kept of a repository beside its units: its record, what protects its branches, what landed, what was learnt.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::domain::govern::observe::survey::Survey;
use crate::domain::govern::owed::queue::Group;
use crate::domain::govern::said::unheard::Unheard;
use crate::domain::govern::seen::CheckSeen;
use crate::domain::govern::seen::facts::Elsewhere;
use crate::domain::govern::seen::protection::BaseRules;
use crate::domain::ids::{CommitSha, InstallationId, PrNumber, RepoId, Timestamp};
use crate::domain::policy::facts::AuthorKind;
use crate::domain::policy::lessons::{Firings, Refusal};
use crate::domain::policy::record::Records;
use crate::domain::unit::Edits;

/// The repository's own record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Repo {
    /// Its id.
    pub id: RepoId,
    /// `owner/name` now.
    pub full_name: String,
    /// Its default branch, once known.
    pub default_branch: Option<String>,
    /// Whether it is private.
    pub private: bool,
    /// The installation whose token answers for it.
    pub installation: Option<InstallationId>,
    /// The App was removed or suspended here: nothing is done.
    #[serde(default)]
    pub gone: bool,
    /// What protects each base branch, as last read.
    #[serde(default)]
    pub rules: BTreeMap<String, RulesRead>,
    /// What `.gitattributes` says, as last read; none: it must be read.
    #[serde(default)]
    pub attributes: Option<AttributesRead>,
    /// Who asked for the pull requests that we opened: they count as their authors.
    #[serde(default)]
    pub asked: BTreeMap<PrNumber, String>,
    /// Refusals, oldest first: a reason that comes back is offered as a lesson.
    #[serde(default)]
    pub refusals: Vec<Refusal>,
    /// On which units each lesson fired.
    #[serde(default)]
    pub firings: Firings,
    /// How units ended, by rule and kind of author.
    #[serde(default)]
    pub records: Records,
    /// Under which rules, and by which kind of author, units landed lately.
    #[serde(default)]
    pub landed_under: BTreeMap<PrNumber, (Vec<String>, AuthorKind)>,
    /// The rules that were suggested from records, each once.
    #[serde(default)]
    pub suggested: BTreeSet<String>,
    /// What landed lately, oldest first.
    #[serde(default)]
    pub landings: Vec<Landing>,
    /// How units ended that are no longer live, for dependencies: true is landed. The newest 2,000.
    #[serde(default)]
    pub ended: BTreeMap<PrNumber, bool>,
    /// Who decided here before, by login, with the time: whom to ask for a review.
    #[serde(default)]
    pub deciders: BTreeMap<String, Timestamp>,
    /// Pull requests of other repositories on which units here depend, as last read, by `owner/repo#n` in lower case.
    #[serde(default)]
    pub elsewhere: BTreeMap<String, ElsewhereRead>,
    /// Merge groups that wait for an answer.
    #[serde(default)]
    pub groups: BTreeMap<CommitSha, Group>,
    /// Words on pull requests that are not known yet.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unheard: BTreeMap<PrNumber, Unheard>,
    /// How far it is surveyed as a whole.
    #[serde(default)]
    pub survey: Survey,
}

/// Protection as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RulesRead {
    /// What it says.
    pub rules: BaseRules,
    /// When.
    pub at: Timestamp,
}

/// `.gitattributes` as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributesRead {
    /// Its text, at most 64 KiB of it; empty where there is none.
    pub text: String,
    /// How long it is believed.
    pub until: Timestamp,
}

/// A pull request of another repository, as it was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ElsewhereRead {
    /// What was seen.
    pub seen: Elsewhere,
    /// When.
    pub at: Timestamp,
}

/// Something that landed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Landing {
    /// The unit.
    pub number: PrNumber,
    /// The base branch.
    pub base: String,
    /// When.
    pub at: Timestamp,
    /// The commit it landed as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<CommitSha>,
    /// The head that landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<CommitSha>,
    /// The digest of what it changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// The digests of the lines it was to add and remove, where its files were read at the head that landed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Edits>,
    /// Whether what landed are these lines; absent while it was not compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compared: Option<Compared>,
    /// Whether GitHub's merge queue landed it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub queued: bool,
    /// The digest of its title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

/// What landed, held against what was proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Compared {
    /// The same lines, or some of them.
    Same,
    /// Other lines.
    Otherwise,
    /// It could not be read.
    Unread,
}

/// Checks of a commit that no unit has yet: CI is often faster than the pull request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Early {
    /// When the first came.
    pub since: Timestamp,
    /// The checks.
    pub checks: Vec<CheckSeen>,
}
