//! The brief: the answers to the eight questions for one unit, as data. Every surface renders this value and nothing else.
//!
//! The serialised form is the JSON API's (DESIGN, section 12). Texts are plain; those that repeat what people wrote are hostile until a
//! surface has escaped or defused them for its own medium.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reason::{Reason, ReasonCode, Standing};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};

/// Everything a surface may show about a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Brief {
    /// `owner/repo`.
    pub repo: String,
    /// Its number.
    pub number: PrNumber,
    /// Its title: hostile text.
    pub title: String,
    /// What the change is for: the `Intent:` line or section, else the first paragraph of the body, else nothing. Hostile text.
    pub intent: String,
    /// Login of the author.
    pub author: Option<String>,
    /// Whether the author is a person, a bot or an agent.
    pub author_kind: String,
    /// The base branch.
    pub base: String,
    /// The head commit.
    pub head: CommitSha,
    /// Derived state.
    pub standing: Standing,
    /// Since when it stands so.
    pub since: Timestamp,
    /// Why it does not land now, the most pressing first; empty when nothing is in the way.
    pub reasons: Vec<Reason>,
    /// What is proposed now.
    pub suggestion: Option<SuggestionView>,
    /// Whose move it is.
    pub next_move: Option<NextMove>,
    /// 1. What does this depend on?
    pub depends_on: Vec<DependencyView>,
    /// 2. What depends on this?
    pub dependents: Vec<DependencyView>,
    /// The unit on another base whose change this one carries there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backport_of: Option<BackportView>,
    /// The unit that this one takes back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverts: Option<PrNumber>,
    /// Units that are named in what became of it after it landed: the one that takes it back, others that landed beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after_landing: Vec<PrNumber>,
    /// 3. What must be true before it moves?
    pub conditions: Vec<Condition>,
    /// 4. Which conflicts are already visible?
    pub conflicts: Vec<Conflict>,
    /// 5. Which kind of integration does it need?
    pub integration: Vec<String>,
    /// 6. What changed since it was proposed? Sentences, oldest first.
    pub changed: Vec<String>,
    /// 7. What would break if it landed now? Sentences.
    pub would_break: Vec<String>,
    /// 8. What happens next, and if it cannot land, what instead?
    pub next: String,
    /// What it rests on.
    pub evidence: Vec<EvidenceView>,
    /// What people decided, oldest first.
    pub decisions: Vec<DecisionView>,
    /// What is not known, in sentences.
    pub uncertain: Vec<String>,
    /// Whether it holds the permission to land.
    pub granted: bool,
    /// The commit it landed as.
    pub landed_as: Option<CommitSha>,
    /// Whether the policy only observes: nothing blocks, nothing is executed.
    #[serde(default)]
    pub observe: bool,
    /// Where it changes the policy file: what that would change for other open units, a line each.
    #[serde(default)]
    pub policy_changes: Vec<String>,
    /// Lessons that fire on it, a line each.
    #[serde(default)]
    pub lessons: Vec<String>,
    /// The rule that `/remember` would write, where something happened that teaches one.
    #[serde(default)]
    pub lesson: Option<LessonOffer>,
    /// The policy's source and digest.
    pub policy: String,
    /// The trace's last link, `seq:hash`: anchored in each check run.
    pub anchor: String,
}

impl Brief {
    /// Whether nothing but evidence that is too old is in the way.
    #[must_use]
    pub fn is_only_stale(&self) -> bool {
        self.standing == Standing::Gathering
            && !self.reasons.is_empty()
            && self.reasons.iter().all(|reason| reason.code == ReasonCode::WaitsEvidenceStale)
    }
}

/// A condition's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "ConditionVerdict")]
pub enum Verdict {
    /// It holds.
    Met,
    /// It does not.
    Unmet,
    /// It cannot be told; never counts as met.
    Unknown,
}

/// Something that must be true before the unit moves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Condition {
    /// What, as a short noun phrase: "`test` passes on 1a2b3c4".
    pub what: String,
    /// Whether it holds.
    pub verdict: Verdict,
    /// What was seen, in a few words.
    pub seen: String,
    /// Where the condition comes from: branch protection, default policy, a rule's name.
    pub source: String,
}

/// A visible conflict with another open unit, or with the base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Conflict {
    /// The other unit; the base itself if absent.
    pub with: Option<PrNumber>,
    /// The kind: textual, package, ...; `base`.
    pub kind: String,
    /// Where.
    pub paths: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
    /// Whether the order keeps the two apart.
    pub enforced: bool,
}

/// A dependency as seen from one of its ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DependencyView {
    /// `#12` or `owner/repo#12`.
    pub unit: String,
    /// How it came to be: declared, stacked, `/after`.
    pub why: String,
    /// What is known of it: open, landed, closed, unknown.
    pub state: String,
}

/// The original of a backport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BackportView {
    /// `#12`.
    pub unit: String,
    /// The base that it is on.
    pub base: String,
    /// landed, open.
    pub state: String,
    /// What it is and how that is known, in one sentence.
    pub why: String,
}

/// Evidence as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceView {
    /// Its name.
    pub name: String,
    /// passing, failing, pending, missing, stale.
    pub state: String,
    /// Whether protection or policy requires it.
    pub required: bool,
    /// The head it is bound to.
    pub sha: CommitSha,
    /// Where a person reads more.
    pub url: Option<String>,
    /// More in a few words: what made it stale, which App must report it.
    pub note: Option<String>,
}

/// A decision as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DecisionView {
    /// confirm, approve, refuse, hold, lift.
    pub kind: String,
    /// By whom.
    pub by: String,
    /// When.
    pub at: Timestamp,
    /// On which head.
    pub sha: CommitSha,
    /// Why: hostile text.
    pub reason: Option<String>,
    /// Whether it counts now, or why not.
    pub counts: String,
    /// Where it was said: comment, review, button, page.
    #[serde(default)]
    pub source: String,
}

impl DecisionView {
    /// Where it was said, as words after it; nothing where GitHub itself shows it.
    #[must_use]
    pub fn place(&self) -> &'static str {
        if self.source == "page" { ", on Flyball's page" } else { "" }
    }
}

/// What can be proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    /// Merge it.
    Merge,
    /// Add it to GitHub's merge queue.
    Enqueue,
    /// Merge the base into it.
    UpdateBranch,
    /// Words only: rebase it.
    Rebase,
    /// Open a pull request that takes it back.
    Revert,
    /// Turn GitHub's auto-merge on.
    AutoMerge,
}

/// The one action that is proposed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SuggestionView {
    /// What.
    pub action: SuggestionKind,
    /// With which parameter: the merge method.
    pub detail: String,
    /// Why.
    pub reason: String,
    /// What happens on confirm.
    pub effect: String,
    /// How it can be taken back.
    pub undo: String,
    /// What a confirm is bound to: kind, parameters, head, base, rules.
    pub fingerprint: String,
    /// Who may answer, in words without mentions.
    pub who: Vec<String>,
    /// Whether it can be confirmed at all, or is words only.
    pub confirmable: bool,
}

/// The rule that Flyball would write from what happened to a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LessonOffer {
    /// What happened, as half a sentence.
    pub because: String,
    /// The lesson as the policy file would have it: YAML.
    pub rule: String,
}

/// Whose move it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NextMove {
    /// Who: a login, a group in words, `CI`, `flyball`, `#12`.
    pub who: String,
    /// What they do, as an imperative phrase.
    pub what: String,
    /// Whether that is to answer the suggestion.
    #[serde(default)]
    pub answers: bool,
    /// Since when it is their move.
    pub since: Timestamp,
    /// By when, where the policy says.
    pub due: Option<Timestamp>,
}
