//! The answer of `flyball plan` as data: the JSON contract of DESIGN 12.

use std::collections::BTreeMap;

use flyball::domain::integration::collision::{Certainty, Kind, Redo};
use serde::Serialize;

/// The whole answer.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Report {
    /// The base's commit.
    pub(super) base: String,
    /// The heads, as they were given.
    pub(super) units: Vec<Unit>,
    /// Every pair that collides, by name and severity; overlaps are context.
    pub(super) collisions: Vec<Pair>,
    /// Hot places with their members.
    pub(super) groups: Vec<Group>,
    /// What needs what.
    pub(super) dependencies: Vec<Dependency>,
    /// First to land first.
    pub(super) order: Vec<String>,
    /// What may land at once.
    pub(super) waves: Vec<Vec<String>>,
    /// Why each stands where it stands.
    pub(super) reasons: BTreeMap<String, String>,
}

/// One head.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Unit {
    pub(super) name: String,
    pub(super) head: String,
    pub(super) conflicts_with_base: bool,
    pub(super) conflict_paths: Vec<String>,
    /// What is not known about it, in sentences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) uncertain: Vec<String>,
}

/// One collision.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Pair {
    pub(super) a: String,
    pub(super) b: String,
    pub(super) kind: Kind,
    pub(super) paths: Vec<String>,
    pub(super) why: String,
    pub(super) redo: Redo,
    pub(super) certainty: Certainty,
}

/// A hot place.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Group {
    pub(super) path: String,
    pub(super) kind: Kind,
    pub(super) members: Vec<String>,
}

/// A dependency.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Dependency {
    pub(super) unit: String,
    pub(super) needs: String,
    pub(super) why: String,
}
