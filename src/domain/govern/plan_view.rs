//! The plan of one base branch as shown: the JSON of `/api/v1/repos/{owner}/{repo}/plan/{base}` (DESIGN, section 12).

use serde::{Deserialize, Serialize};

use crate::domain::ids::PrNumber;

/// The order in which a base branch's units should land, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanView {
    /// The base branch.
    pub base: String,
    /// Every open unit, first to land first.
    pub order: Vec<PlanPosition>,
    /// Units that can land in any order or at once, first wave first.
    pub waves: Vec<Vec<PrNumber>>,
    /// Pairs that cannot both land untouched.
    pub collisions: Vec<PlanCollision>,
    /// Which unit needs which other.
    pub dependencies: Vec<PlanDependency>,
    /// Hot files: their members stand for all pairs among them.
    pub groups: Vec<PlanGroup>,
}

/// A place in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanPosition {
    /// The unit.
    pub number: PrNumber,
    /// Its wave, counted from 1.
    pub wave: u32,
    /// Why it stands there, in one sentence.
    pub reason: String,
}

/// Two units that cannot both land untouched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanCollision {
    /// One.
    pub a: PrNumber,
    /// The other.
    pub b: PrNumber,
    /// textual, package, lockfile, sequence, symbol, component.
    pub kind: String,
    /// Where.
    pub paths: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
}

/// A unit that needs another to land first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDependency {
    /// The one that waits.
    pub unit: PrNumber,
    /// `owner/repo#n`.
    pub needs: String,
    /// How it came to be.
    pub why: String,
}

/// A hot file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanGroup {
    /// The file.
    pub path: String,
    /// The kind of collision between any two members.
    pub kind: String,
    /// The units that change it.
    pub members: Vec<PrNumber>,
}
