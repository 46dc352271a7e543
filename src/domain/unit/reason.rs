//! Standings and reason codes: one documented list, the same in checks, comments, API and metrics.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The derived state of a unit (DESIGN, section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// The pull request is a draft.
    Draft,
    /// Required evidence is pending or missing.
    Gathering,
    /// Something forbids it.
    Blocked,
    /// A suggestion waits for a decision.
    AwaitingJudgment,
    /// It may land once it has its grant.
    Cleared,
    /// A merge is in flight.
    Landing,
    /// It landed.
    Landed,
    /// It was closed without landing.
    Withdrawn,
    /// It landed and was taken back.
    RolledBack,
}

impl Standing {
    /// As in the API.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Gathering => "gathering",
            Self::Blocked => "blocked",
            Self::AwaitingJudgment => "awaiting_judgment",
            Self::Cleared => "cleared",
            Self::Landing => "landing",
            Self::Landed => "landed",
            Self::Withdrawn => "withdrawn",
            Self::RolledBack => "rolled_back",
        }
    }

    /// As people read it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Draft => "Draft",
            Self::Gathering => "Gathering evidence",
            Self::Blocked => "Blocked",
            Self::AwaitingJudgment => "Awaiting judgment",
            Self::Cleared => "Cleared",
            Self::Landing => "Landing",
            Self::Landed => "Landed",
            Self::Withdrawn => "Withdrawn",
            Self::RolledBack => "Rolled back",
        }
    }
}

macro_rules! reason_codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal),+ $(,)?) => {
        /// Why a unit does not land now: stable codes, listed in docs/REASONS.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum ReasonCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant),+
        }

        impl ReasonCode {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable text.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }
    };
}

reason_codes! {
    /// The pull request is a draft.
    Draft = "draft",
    /// Required evidence is missing or pending.
    WaitsEvidence = "waits.evidence",
    /// Something related landed since the evidence was made.
    WaitsEvidenceStale = "waits.evidence.stale",
    /// A person's confirm is needed.
    WaitsConfirm = "waits.confirm",
    /// A review is needed.
    WaitsReview = "waits.review",
    /// Another unit must land first.
    WaitsDependency = "waits.dependency",
    /// It is cleared; a related unit lands first.
    WaitsOrder = "waits.order",
    /// GitHub's merge queue has it.
    WaitsQueue = "waits.queue",
    /// GitHub's auto-merge is on, and GitHub's own rules do not hold yet.
    WaitsAutoMerge = "waits.auto_merge",
    /// GitHub did not answer, or is still working something out.
    WaitsGithub = "waits.github",
    /// GitHub's rate limit is used up.
    WaitsRateLimit = "waits.rate_limit",
    /// Required evidence fails.
    BlockedEvidence = "blocked.evidence",
    /// It conflicts with its base.
    BlockedConflictBase = "blocked.conflict.base",
    /// A unit that changes the same lines lands first.
    BlockedCollisionTextual = "blocked.collision.textual",
    /// A unit that moves the same dependency lands first.
    BlockedCollisionPackage = "blocked.collision.package",
    /// A unit that regenerates the same lockfile lands first.
    BlockedCollisionLockfile = "blocked.collision.lockfile",
    /// A unit that claims the same place in a sequence lands first.
    BlockedCollisionSequence = "blocked.collision.sequence",
    /// A unit that changes a definition this one uses lands first.
    BlockedCollisionSymbol = "blocked.collision.symbol",
    /// A unit in the same exclusive component lands first.
    BlockedCollisionComponent = "blocked.collision.component",
    /// A dependency was closed without landing.
    BlockedDependencyClosed = "blocked.dependency.closed",
    /// Dependencies form a cycle.
    BlockedDependencyCycle = "blocked.dependency.cycle",
    /// A dependency cannot be read.
    BlockedDependencyUnreadable = "blocked.dependency.unreadable",
    /// The base branch is neither default nor protected.
    BlockedBaseUngoverned = "blocked.base.ungoverned",
    /// The pull request carries a broken policy file.
    BlockedPolicyInvalid = "blocked.policy.invalid",
    /// Somebody holds it.
    BlockedHold = "blocked.hold",
    /// Somebody refused it.
    Refused = "refused",
    /// What it touches is not known.
    UnknownFootprint = "unknown.footprint",
    /// It landed, and a check fails on the base since.
    LandedBaseRed = "landed.base_red",
    /// It landed, and not as it was proposed.
    LandedOtherwise = "landed.otherwise",
}

impl fmt::Display for ReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// One reason with its sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reason {
    /// Its code.
    pub code: ReasonCode,
    /// One plain sentence, with hostile text already defused.
    pub text: String,
    /// Whether a person must act; else time or another unit clears it.
    pub needs_person: bool,
}
