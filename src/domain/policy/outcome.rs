//! What an evaluation says, as a tree: rule, predicate, value seen, verdict. Every surface renders this value.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::file::{Autonomy, EvidenceName, Fresh, Integration, LessonSource, Who};
use crate::domain::ids::Timestamp;
use crate::domain::unit::{self, ReasonCode};

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "PolicyVerdict")]
pub enum Verdict {
    /// It does not.
    Unmet,
    /// It cannot be told; never counts as met.
    Unknown,
    /// It does.
    Met,
    /// The question does not arise.
    NotApplicable,
}

impl Verdict {
    /// All must hold: one that does not decides, then one that is not known.
    pub fn all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().filter(|verdict| *verdict != Self::NotApplicable).min().unwrap_or(Self::Met)
    }

    /// One must hold: one that does decides, then one that is not known.
    pub fn any(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts.into_iter().filter(|verdict| *verdict != Self::NotApplicable).max().unwrap_or(Self::Unmet)
    }

    /// Whether it holds or does not.
    #[must_use]
    pub const fn of(holds: bool) -> Self {
        if holds { Self::Met } else { Self::Unmet }
    }

    /// As written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Unmet => "unmet",
            Self::Unknown => "unknown",
            Self::Met => "met",
            Self::NotApplicable => "not_applicable",
        }
    }

    /// For the conditions of a brief; nothing where the question does not arise.
    #[must_use]
    pub const fn condition(self) -> Option<unit::Verdict> {
        match self {
            Self::Unmet => Some(unit::Verdict::Unmet),
            Self::Unknown => Some(unit::Verdict::Unknown),
            Self::Met => Some(unit::Verdict::Met),
            Self::NotApplicable => None,
        }
    }
}

/// What the policy says about a unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Evaluation {
    /// Under which policy.
    pub policy: Identity,
    /// Whether every requirement is met.
    pub verdict: Verdict,
    /// Everything that is required, each once, with the rules that ask for it.
    pub requirements: Vec<RequirementOutcome>,
    /// Whether it may land unasked.
    pub autonomy: AutonomyOutcome,
    /// Every rule and lesson, in the order of the policy.
    pub rules: Vec<RuleOutcome>,
    /// Kinds of integration, from the rules that apply; technical at least.
    pub integration: BTreeSet<Integration>,
    /// Whether a revert takes it back.
    pub reversible: bool,
    /// Whether a confirm outlives a push that keeps the content.
    pub keep_same_content: bool,
    /// How long a bare confirm does not count after a push, in seconds.
    pub dwell_seconds: i64,
    /// A digest of the settings and rules that apply: part of a suggestion's fingerprint.
    pub digest: String,
    /// What must be read from GitHub for what is unknown to be known.
    pub needs: BTreeSet<PolicyNeed>,
    /// When time alone may change this verdict next: a window opens or closes, a lesson expires.
    pub changes_at: Option<Timestamp>,
}

/// Which policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// The path of the file, or `defaults`.
    pub source: String,
    /// The blob that held it.
    pub blob: Option<String>,
    /// A digest of what it says with everything it extends.
    pub digest: String,
}

/// How one rule fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleOutcome {
    /// Its name.
    pub name: String,
    /// Where it comes from.
    pub origin: Origin,
    /// The line it stands on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Why it is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Whether it applies. Unknown applies where it asks for something, and not where it would permit.
    pub applies: Verdict,
    /// What it asks of a unit, and what was seen.
    pub predicates: Vec<PredicateOutcome>,
    /// What it requires, where it applies.
    pub requirements: Vec<RequirementOutcome>,
    /// What it says about autonomy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub autonomy: Option<Autonomy>,
    /// Whether it counts for nothing.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shadow: bool,
}

impl RuleOutcome {
    /// Whether it applies, or may apply.
    #[must_use]
    pub fn fires(&self) -> bool {
        matches!(self.applies, Verdict::Met | Verdict::Unknown)
    }
}

/// Where a rule comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(tag = "from", rename_all = "snake_case")]
pub enum Origin {
    /// The repository's file.
    File,
    /// The file that it extends.
    Extended {
        /// `owner/repository`.
        repository: String,
    },
    /// A variation for branches.
    Branches {
        /// Their glob.
        glob: String,
    },
    /// A lesson.
    Lesson {
        /// Where it came from.
        source: LessonSource,
    },
}

/// How one predicate fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct PredicateOutcome {
    /// The key: `paths`, `author`, `expr` ...
    pub predicate: &'static str,
    /// What it asks for.
    pub wants: String,
    /// What was seen.
    pub seen: String,
    /// Whether it holds.
    pub verdict: Verdict,
}

/// How one requirement fared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RequirementOutcome {
    /// The requirement.
    pub requirement: Requirement,
    /// The same as a short phrase: "`test` passes".
    pub what: String,
    /// Whether it is met.
    pub verdict: Verdict,
    /// What was seen, in a few words.
    pub seen: String,
    /// The reason code while it is not met.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<ReasonCode>,
    /// The rules that ask for it; `policy` and `branch protection` for what stands above rules.
    pub sources: Vec<String>,
}

/// Something that must be true.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "requires", rename_all = "snake_case")]
pub enum Requirement {
    /// A result passes.
    Evidence {
        /// Which.
        #[serde(flatten)]
        name: EvidenceName,
        /// When it counts as stale.
        fresh: Fresh,
    },
    /// What protection requires can be read.
    Protection,
    /// Approvals.
    Approvals {
        /// How many.
        count: u32,
    },
    /// An owner of each owned path approves.
    CodeOwnerReview,
    /// People confirm.
    Confirm(ConfirmRequirement),
}

/// People confirm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct ConfirmRequirement {
    /// Any of these; empty where `each` is given.
    pub by: Vec<Who>,
    /// One person for each of these, no person twice.
    pub each: Vec<Who>,
    /// How many different people.
    pub count: u32,
    /// Whether the author may be one.
    pub author: bool,
    /// Whether an approving review counts.
    pub reviews: bool,
}

/// Whether a unit may land unasked, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct AutonomyOutcome {
    /// The decision.
    pub decided: Autonomy,
    /// Rules that permit it.
    pub permitted_by: Vec<String>,
    /// What keeps a person in: sentences without a full stop.
    pub kept_by: Vec<String>,
}

/// Something to read from GitHub.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(tag = "read", rename_all = "snake_case")]
pub enum PolicyNeed {
    /// What somebody may do here.
    Right {
        /// Their login.
        login: String,
    },
    /// Whether somebody is an active member of a team.
    Member {
        /// `organisation/team`.
        team: String,
        /// Their login.
        login: String,
    },
}
