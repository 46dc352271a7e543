//! A unit as the JSON API shows it (DESIGN, section 12): a stable shape, made from the brief and nothing else.
//!
//! What is written here is also what our own clients read: the command line and the tools for agents.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{
    BackportView, Brief, Condition, Conflict, DecisionView, DependencyView, EvidenceView, LessonOffer, NextMove,
    Reason, Standing, SuggestionKind,
};

/// The repositories that are known here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repositories {
    /// Each, by name.
    pub repositories: Vec<Repository>,
}

/// One repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Repository {
    /// `owner/repo`.
    pub full_name: String,
    /// Since when it is known by that name.
    pub since: Timestamp,
}

/// A page of a repository's units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UnitPage {
    /// The units, by number.
    pub units: Vec<UnitView>,
    /// Where the next page is, as a path on the same server; null on the last one.
    pub next: Option<String>,
}

/// One unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Unit")]
pub struct UnitView {
    /// The number of the pull request.
    pub number: PrNumber,
    /// Its title, as its author wrote it.
    pub title: String,
    /// What the change is for; empty where nobody said it.
    pub intent: String,
    /// Who opened it.
    pub author: AuthorView,
    /// The base branch.
    pub base: String,
    /// The head commit.
    pub head: CommitSha,
    /// How it stands.
    pub standing: Standing,
    /// Since when it stands so.
    pub since: Timestamp,
    /// The codes of `reasons`, in the same order.
    pub reason_codes: Vec<String>,
    /// Why it does not land now, the most pressing first; empty when nothing is in the way.
    pub reasons: Vec<Reason>,
    /// Whether it holds the permission to land.
    pub granted: bool,
    /// The one action that is proposed now.
    pub suggestion: Option<SuggestedAction>,
    /// Whose move it is; null once it ended.
    pub next_move: Option<NextMove>,
    /// The answers to the eight questions.
    pub brief: Answers,
    /// What it rests on.
    pub evidence: Vec<EvidenceView>,
    /// What people decided, oldest first.
    pub decisions: Vec<DecisionView>,
    /// What is not known, in sentences.
    pub uncertain: Vec<String>,
    /// The commit it landed as.
    pub landed_as: Option<CommitSha>,
    /// The policy it is judged under.
    pub policy: PolicyView,
    /// The trace's last link, `seq:hash`.
    pub anchor: String,
}

/// Who opened a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Author")]
pub struct AuthorView {
    /// The login; null for a deleted account.
    pub login: Option<String>,
    /// A person, an agent, a bot or an App.
    pub kind: String,
}

/// What is proposed now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Suggestion")]
pub struct SuggestedAction {
    /// What.
    pub action: SuggestionKind,
    /// Why.
    pub reason: String,
    /// What happens on confirm.
    pub effect: String,
    /// How it can be taken back.
    pub undo: String,
    /// What a confirm is bound to.
    pub fingerprint: String,
    /// Who may answer.
    pub who: Vec<String>,
}

/// The eight questions, answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Answers {
    /// 1. What does it depend on?
    pub depends_on: Vec<DependencyView>,
    /// 2. What depends on it?
    pub dependents: Vec<DependencyView>,
    /// The unit on another base whose change it carries there.
    pub backport_of: Option<BackportView>,
    /// 3. What must be true before it moves?
    pub conditions: Vec<Condition>,
    /// 4. Which conflicts are already visible?
    pub conflicts: Vec<Conflict>,
    /// 5. Which kind of integration does it need?
    pub integration: Vec<String>,
    /// 6. What changed since it was proposed?
    pub changed: Vec<String>,
    /// 7. What would break if it landed now?
    pub would_break: Vec<String>,
    /// Lessons that fire on it.
    pub lessons: Vec<String>,
    /// The rule that `/remember` would write.
    pub lesson: Option<LessonOffer>,
    /// Where it changes the policy file: what that would change for other open units.
    pub policy_changes: Vec<String>,
    /// 8. What happens next, and what instead if it cannot land?
    pub next: String,
}

/// Under which policy a unit is judged, and how it fares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "UnitPolicy")]
pub struct PolicyView {
    /// The path of the file, or `defaults`.
    pub source: String,
    /// The blob that held it, where it is known.
    pub blob: Option<String>,
    /// A digest of what applies.
    pub digest: String,
    /// The conditions, each met, unmet or unknown.
    pub verdict: Vec<Condition>,
}

impl From<&Brief> for UnitView {
    fn from(brief: &Brief) -> Self {
        let (source, digest) = brief.policy.rsplit_once('@').unwrap_or((&brief.policy, ""));
        Self {
            number: brief.number,
            title: brief.title.clone(),
            intent: brief.intent.clone(),
            author: AuthorView { login: brief.author.clone(), kind: brief.author_kind.clone() },
            base: brief.base.clone(),
            head: brief.head.clone(),
            standing: brief.standing,
            since: brief.since,
            reason_codes: brief.reasons.iter().map(|reason| reason.code.code().to_owned()).collect(),
            reasons: brief.reasons.clone(),
            granted: brief.granted,
            suggestion: brief.suggestion.as_ref().map(|suggestion| SuggestedAction {
                action: suggestion.action,
                reason: suggestion.reason.clone(),
                effect: suggestion.effect.clone(),
                undo: suggestion.undo.clone(),
                fingerprint: suggestion.fingerprint.clone(),
                who: suggestion.who.clone(),
            }),
            next_move: brief.next_move.clone(),
            brief: answers(brief),
            evidence: brief.evidence.clone(),
            decisions: brief.decisions.clone(),
            uncertain: brief.uncertain.clone(),
            landed_as: brief.landed_as.clone(),
            policy: PolicyView {
                source: source.to_owned(),
                blob: None,
                digest: digest.to_owned(),
                verdict: brief.conditions.clone(),
            },
            anchor: brief.anchor.clone(),
        }
    }
}

fn answers(brief: &Brief) -> Answers {
    Answers {
        depends_on: brief.depends_on.clone(),
        dependents: brief.dependents.clone(),
        backport_of: brief.backport_of.clone(),
        conditions: brief.conditions.clone(),
        conflicts: brief.conflicts.clone(),
        integration: brief.integration.clone(),
        changed: brief.changed.clone(),
        would_break: brief.would_break.clone(),
        lessons: brief.lessons.clone(),
        lesson: brief.lesson.clone(),
        policy_changes: brief.policy_changes.clone(),
        next: brief.next.clone(),
    }
}
