//! The plan of one base branch as every surface shows it (DESIGN, section 12: `/plan/{base}`).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::ids::PrNumber;

/// The order, the waves, and what relates the units.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanView {
    /// The base branch.
    pub base: String,
    /// Every open unit on it, first to land first.
    pub order: Vec<PlanPosition>,
    /// Sets that may land in any order or at once, first to land first.
    pub waves: Vec<Vec<PrNumber>>,
    /// Pairs that stand in each other's way.
    pub collisions: Vec<PlanCollision>,
    /// Who needs whom.
    pub dependencies: Vec<PlanDependency>,
    /// Hot files: one group with its members, never pairs.
    pub groups: Vec<PlanGroup>,
}

/// A place in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanPosition {
    /// The unit.
    pub number: PrNumber,
    /// Its wave, from 1.
    pub wave: usize,
    /// Why it stands here, in one sentence.
    pub reason: String,
}

/// A collision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanCollision {
    /// One unit.
    pub a: PrNumber,
    /// The other.
    pub b: PrNumber,
    /// The kind.
    pub kind: String,
    /// Where.
    pub paths: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
}

/// A dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDependency {
    /// The unit that waits.
    pub unit: PrNumber,
    /// What it needs, `owner/repo#n`.
    pub needs: String,
    /// How it came to be.
    pub why: String,
}

/// A hot file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanGroup {
    /// The file.
    pub path: String,
    /// The kind of collision in it.
    pub kind: String,
    /// Its members.
    pub members: Vec<PrNumber>,
}
