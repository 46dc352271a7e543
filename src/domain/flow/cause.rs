//! What a unit waits for, read from how it was judged.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::unit::{ReasonCode, Standing};

/// What a unit waits for. A draft waits for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// Evidence that is pending, missing or stale.
    Evidence,
    /// A person's decision.
    Judgment,
    /// A related unit that lands first.
    Order,
    /// Something it needs.
    Dependency,
    /// A change to it: evidence fails, or it conflicts with its base.
    Repair,
    /// Somebody to lift a hold or a refusal.
    Stopped,
    /// GitHub, or something that could not be read.
    Other,
}

impl Cause {
    /// Every cause, in the order in which they are shown.
    pub const ALL: [Self; 7] =
        [Self::Evidence, Self::Judgment, Self::Order, Self::Dependency, Self::Repair, Self::Stopped, Self::Other];

    /// As in the API and in metrics.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Evidence => "evidence",
            Self::Judgment => "judgment",
            Self::Order => "order",
            Self::Dependency => "dependency",
            Self::Repair => "repair",
            Self::Stopped => "stopped",
            Self::Other => "other",
        }
    }

    /// What a unit waits for that was judged so; its reasons are the most pressing first. `None`: it does not wait.
    #[must_use]
    pub fn of(standing: Standing, codes: &[ReasonCode]) -> Option<Self> {
        match standing {
            Standing::Draft | Standing::Landed | Standing::Withdrawn | Standing::RolledBack => None,
            Standing::AwaitingJudgment => Some(Self::Judgment),
            Standing::Gathering | Standing::Blocked | Standing::Cleared | Standing::Landing => {
                Some(codes.first().map_or(Self::Other, |code| Self::of_reason(*code)))
            }
        }
    }

    const fn of_reason(code: ReasonCode) -> Self {
        match code {
            ReasonCode::WaitsEvidence | ReasonCode::WaitsEvidenceStale => Self::Evidence,
            ReasonCode::WaitsConfirm | ReasonCode::WaitsReview => Self::Judgment,
            ReasonCode::WaitsOrder
            | ReasonCode::BlockedCollisionTextual
            | ReasonCode::BlockedCollisionPackage
            | ReasonCode::BlockedCollisionLockfile
            | ReasonCode::BlockedCollisionSequence
            | ReasonCode::BlockedCollisionSymbol
            | ReasonCode::BlockedCollisionComponent => Self::Order,
            ReasonCode::WaitsDependency
            | ReasonCode::BlockedDependencyClosed
            | ReasonCode::BlockedDependencyCycle
            | ReasonCode::BlockedDependencyUnreadable => Self::Dependency,
            ReasonCode::BlockedEvidence | ReasonCode::BlockedConflictBase | ReasonCode::BlockedPolicyInvalid => {
                Self::Repair
            }
            ReasonCode::BlockedHold | ReasonCode::Refused => Self::Stopped,
            ReasonCode::Draft
            | ReasonCode::WaitsQueue
            | ReasonCode::WaitsAutoMerge
            | ReasonCode::WaitsGithub
            | ReasonCode::WaitsRateLimit
            | ReasonCode::BlockedBaseUngoverned
            | ReasonCode::UnknownFootprint
            | ReasonCode::LandedBaseRed
            | ReasonCode::LandedOtherwise => Self::Other,
        }
    }
}
