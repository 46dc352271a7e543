//! The policy file `.github/flyball.yml` as it is written: every key, its meaning, its unit. DESIGN, section 7; docs/POLICY.md.
//!
//! What is absent stays absent here; defaults and the organisation's file come in when it is put in force (`standard`).

mod decode;
mod label;
mod require;
mod rule;
mod values;
mod when;
mod who;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use decode::{Parsed, parse};
pub use label::LabelName;
pub use require::{Confirm, EvidenceName, Fresh, KeepOn, Require, Reviews};
pub use rule::{Autonomy, Integration, Lesson, LessonSource, Retired, Rule};
pub use values::{Glob, Many, Span};
pub use when::{AuthorIs, Bump, LabelSets, Labels, Moment, Range, When, Window};
pub use who::{Who, right_word};

use crate::domain::govern::MergeMethod;
use crate::domain::integration::collision::Kind;
use crate::domain::unit::Standing;

/// A policy file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
#[schemars(
    deny_unknown_fields,
    title = "Flyball policy",
    description = "`.github/flyball.yml`: what may land, on which evidence, and who says so."
)]
pub struct PolicyFile {
    /// The version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// Where defaults come from: `OWNER/REPOSITORY`, whose `.github/flyball.yml` is read first; an organisation's is `ORGANISATION/.github`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// `enforce` (default) or `observe`: comments and checks never block.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// How units land.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// Which results every unit needs, besides the checks that branch protection requires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// What the order keeps apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// Who confirms a unit that no rule lets land unasked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirm>,
    /// Reviews that every unit needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<Reviews>,
    /// Who may lift holds and refusals, besides whoever set them: by default `maintain`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lift: Option<Lift>,
    /// Who is a coding agent, besides the known ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agents: Option<Agents>,
    /// Whether the first wait for judgment asks one person for a review: `request_review` (default) or `none`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ask: Option<Ask>,
    /// Parts of the repository with a name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub components: Vec<Component>,
    /// Files whose numbers form an ordered series: two units that claim the next one collide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sequences: Vec<Glob>,
    /// Generated and vendored files: they collide as lockfiles do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generated: Vec<Glob>,
    /// Rules: all that match apply together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// Whom a long wait is told, step by step.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub escalation: Vec<Escalation>,
    /// Priority by label or by `/priority <level>`: higher lands first among units that are free.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub priorities: BTreeMap<String, i32>,
    /// Rules that came from refusals, rollbacks and near misses, with their source.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessons: Vec<Lesson>,
    /// Labels that show how a unit stands: standing to label. None by default, since each change costs a request.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "LabelsShape")]
    pub labels: BTreeMap<Standing, LabelName>,
    /// What differs for base branches that match a glob; all that match apply, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "BTreeMap<String, Variation>")]
    pub branches: Vec<(Glob, Variation)>,
}

#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "it only lends its shape to the schema")]
struct LabelsShape {
    draft: Option<LabelName>,
    gathering: Option<LabelName>,
    blocked: Option<LabelName>,
    awaiting_judgment: Option<LabelName>,
    cleared: Option<LabelName>,
    landing: Option<LabelName>,
    landed: Option<LabelName>,
    withdrawn: Option<LabelName>,
    rolled_back: Option<LabelName>,
}

/// What differs for some base branches: settings replace those of the file key by key, rules are added.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Variation {
    /// As at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// As at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub merge: Option<Merge>,
    /// As at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Evidence>,
    /// As at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<Order>,
    /// As at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirm: Option<Confirm>,
    /// As at the top.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviews: Option<Reviews>,
    /// Rules for these branches only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
}

/// Whether Flyball blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Checks block.
    #[default]
    Enforce,
    /// Checks and comments are shown and never block; nothing is executed.
    Observe,
}

/// How units land.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// `squash`, `merge` or `rebase`; by default the first of these that the repository allows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<MethodWord>")]
    pub method: Option<MergeMethod>,
    /// By which way: `api` (default), `auto_merge`, `merge_queue`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub via: Option<Via>,
    /// What the commit of a squash or a merge says: `github` (default), `title`, `pull_request`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<Message>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "it only lends its shape to the schema")]
enum MethodWord {
    Squash,
    Merge,
    Rebase,
}

/// What the commit of a squash or a merge says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Message {
    /// What the repository's settings say.
    #[default]
    Github,
    /// The title of the pull request with its number, nothing more.
    Title,
    /// Title and description of the pull request as they are when it is merged.
    PullRequest,
}

/// By which way a unit lands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Via {
    /// Flyball merges.
    #[default]
    Api,
    /// Flyball turns GitHub's auto-merge on.
    AutoMerge,
    /// Flyball adds it to GitHub's merge queue.
    MergeQueue,
}

/// Which results every unit needs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// Names of check runs or commit statuses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required: Option<Many<EvidenceName>>,
    /// When a result counts as stale: `selective` (default), `always`, `never`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fresh: Option<Fresh>,
}

/// What the order keeps apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Kinds of collision that keep two units from having a grant at the same time: by default `textual`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<Vec<KindWord>>")]
    pub enforce: Option<Vec<Kind>>,
    /// How long a unit waits for a related one that is ahead of it: by default `24h`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub patience: Option<Span>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "it only lends its shape to the schema")]
enum KindWord {
    Textual,
    Package,
    Lockfile,
    Sequence,
    Symbol,
    Component,
}

/// Who may lift holds and refusals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lift {
    /// Any of these, besides whoever set it.
    pub by: Many<Who>,
}

/// Who is a coding agent, besides those Flyball knows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Agents {
    /// Logins of agents; `*` stands for any text.
    #[serde(default)]
    pub logins: Vec<String>,
    /// Names or addresses in `Co-authored-by:` lines that tell an agent; `*` stands for any text. They may only add care.
    #[serde(default)]
    pub co_authors: Vec<String>,
}

/// Whether one person is asked for a review at the first wait for judgment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ask {
    /// Yes.
    #[default]
    RequestReview,
    /// No.
    None,
}

/// A part of the repository with a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Component {
    /// Its name.
    pub name: String,
    /// Its files.
    pub paths: Many<Glob>,
    /// Whether only one unit at a time may change it: two that do collide.
    #[serde(default)]
    pub exclusive: bool,
    /// Whether a landing in it makes the evidence of other units in it stale.
    #[serde(default)]
    pub freshness: bool,
    /// Who owns it, where `CODEOWNERS` does not say.
    #[serde(default)]
    pub owners: Vec<Who>,
}

/// One step of telling somebody about a long wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Escalation {
    /// How long the wait has lasted.
    pub after: Span,
    /// Which kind of wait.
    pub waiting_for: WaitKind,
    /// Whom to mention; without anybody, the one whose move it is.
    #[serde(default)]
    pub notify: Vec<Who>,
}

/// What a unit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitKind {
    /// A confirm.
    Confirm,
    /// A review.
    Review,
    /// A result of CI.
    Evidence,
    /// Its author.
    Author,
    /// Another unit to land first.
    Dependency,
    /// Its place in the order.
    Order,
    /// Anything.
    Any,
}
