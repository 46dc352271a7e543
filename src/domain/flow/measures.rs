//! What is measured, as data. docs/MEASURES.md defines each, with an example that a test recomputes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

/// A part of a whole.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Share {
    /// How many.
    pub part: u64,
    /// Of how many.
    pub whole: u64,
    /// `part` divided by `whole`, to four decimals; absent where `whole` is 0.
    pub share: Option<f64>,
}

impl Share {
    /// So many of so many.
    #[must_use]
    pub fn new(part: u64, whole: u64) -> Self {
        Self { part, whole, share: ratio(part, whole) }
    }
}

/// A ratio to four decimals, where there is one.
#[expect(clippy::cast_precision_loss, reason = "counts and seconds are far below 2^52")]
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| (part as f64 / whole as f64 * 10_000.0).round() / 10_000.0)
}

/// Everything that is measured about a selection of units in a window.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Measures {
    /// Units proposed in the window.
    pub proposed: u64,
    /// Units that landed in the window.
    pub landed: u64,
    /// Units closed in the window without landing.
    pub withdrawn: Withdrawals,
    /// Decisions asked and given.
    pub decisions: Decisions,
    /// Intervention rate: of the units that ended in the window, those in which a person stepped in unasked (refuse, hold, lift, revert).
    pub interventions: Share,
    /// Time that units waited in the window, by cause.
    pub waiting: Waiting,
    /// Integration friction: of the time waited, the part for other units (order and dependency).
    pub friction: Share,
    /// Heads pushed after the first suggestion.
    pub rework: Rework,
    /// Stale evidence avoided: of the units that landed, those whose evidence was older than something unrelated that landed on the base.
    pub stale_avoided: Share,
    /// Collisions foreseen and those that came true.
    pub collisions: Collisions,
    /// Rollback rate: of the units that landed in the window, those taken back since.
    pub rolled_back: Share,
    /// Validation quality: of the units that landed in the window, those with which nothing went wrong since.
    pub held: Share,
    /// Units that landed with an unanswered question.
    pub context_loss: ContextLoss,
    /// What refusals and rollbacks taught.
    pub feedback: Feedback,
    /// The rules that applied to units that ended in the window, the most frequent first.
    pub rules: Vec<RuleFlow>,
    /// Trusted change per judgment.
    pub trusted: Trusted,
}

/// Units that were closed without landing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Withdrawals {
    /// All of them.
    pub units: u64,
    /// Those that somebody had refused.
    pub refused: u64,
}

/// Decisions asked and given.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Decisions {
    /// How often a person was asked: once for each head that came to wait for judgment.
    pub asked: u64,
    /// Decisions that people gave.
    pub given: u64,
    /// The same by kind: confirm, approve, refuse, hold, lift, revert. All of them are there.
    pub by_kind: BTreeMap<&'static str, u64>,
}

/// Time waited.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct Waiting {
    /// In all, in seconds.
    pub seconds: u64,
    /// By cause, in seconds: evidence, judgment, order, dependency, repair, stopped, other. All of them are there.
    pub by_cause: BTreeMap<&'static str, u64>,
}

/// What was redone.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Rework {
    /// Heads pushed in the window after the first suggestion, other than updates that Flyball asked for.
    pub heads: u64,
    /// Of the units that landed in the window, those with at least one such head, whenever it came.
    pub landed: Share,
}

/// Collisions between a unit that landed and one that was still open.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Collisions {
    /// Heads that were open when a unit landed with which they were known to collide.
    pub foreseen: u64,
    /// Heads of these that git could then not merge, or whose required evidence failed.
    pub came_true: u64,
}

/// Units that landed with an unanswered question of the brief.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct ContextLoss {
    /// Of the units that landed in the window.
    pub landed: Share,
    /// How many units for each question: `depends_on`, `conditions`, `conflicts`. Those with none are left out.
    pub by_question: BTreeMap<String, u64>,
}

/// What refusals and rollbacks taught.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Feedback {
    /// Of the units refused or taken back in the window, those that a lesson of the policy names as its source.
    pub became_rules: Share,
    /// Of these, the ones with a lesson that has fired since.
    pub fired: Share,
}

/// A rule, and what became of the units that it applied to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, JsonSchema)]
pub struct RuleFlow {
    /// Its name.
    pub rule: String,
    /// Units that ended in the window and to which it applied.
    pub units: u64,
    /// Those of them that landed.
    pub landed: u64,
    /// Those of them that were taken back since.
    pub rolled_back: u64,
}

/// Trusted change per judgment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, JsonSchema)]
pub struct Trusted {
    /// Units that landed in the window and were not taken back within seven days.
    pub units: u64,
    /// Those of them that landed less than seven days ago: it may still happen.
    pub provisional: u64,
    /// Decisions that people gave in the window.
    pub judgments: u64,
    /// `units` divided by `judgments`, to four decimals; absent where nobody decided anything.
    pub per_judgment: Option<f64>,
}
