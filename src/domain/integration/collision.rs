//! Collisions: what two open units do to each other, kind by kind, strongest first.
//!
//! Each kind is a [`CollisionKind`] in its own file under `kinds/`: a pure function of two footprints **in the same coordinates**. What it
//! returns says where, why in one sentence, and who would have to redo what. Names of units are not in the sentences: the renderer knows them.

use serde::{Deserialize, Serialize};

use super::footprint::Footprint;
use super::kinds;

/// The kinds, strongest first: the order of the variants is the severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Git would stop: the same or adjacent base lines, delete against change, add against add.
    Textual,
    /// Both move one dependency, to different versions, or one removes it.
    Package,
    /// Both make the same lockfile or generated file anew.
    Lockfile,
    /// Both claim the same number of an ordered series.
    Sequence,
    /// One removes or re-signs a definition that the other newly uses.
    Symbol,
    /// Both touch one component that the policy marks exclusive.
    Component,
    /// The same file, apart: no collision, listed as context.
    Overlap,
}

impl Kind {
    /// All kinds, strongest first.
    pub const ALL: [Self; 7] =
        [Self::Textual, Self::Package, Self::Lockfile, Self::Sequence, Self::Symbol, Self::Component, Self::Overlap];

    /// The word for it in policy, JSON and reason codes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Textual => "textual",
            Self::Package => "package",
            Self::Lockfile => "lockfile",
            Self::Sequence => "sequence",
            Self::Symbol => "symbol",
            Self::Component => "component",
            Self::Overlap => "overlap",
        }
    }

    /// Whether two units can be in each other's way by it; an overlap is context only.
    #[must_use]
    pub fn is_collision(self) -> bool {
        self != Self::Overlap
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| UnknownKind(text.to_owned()))
    }
}

/// A word that names no kind of collision.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of collision: textual, package, lockfile, sequence, symbol, component, overlap")]
pub struct UnknownKind(String);

/// How sure the verdict is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// It follows from known lines, or git said so.
    #[default]
    Certain,
    /// Lines of one side are not known; it may be. Shown, never enforced on the other unit.
    Possible,
}

/// One side of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The first.
    A,
    /// The second.
    B,
}

/// Who has to redo what, if the other one lands first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redo {
    /// The side; none: whichever lands second.
    pub who: Option<Side>,
    /// What, as the rest of a sentence: "resolve 14 lines of src/lib.rs".
    pub what: String,
}

/// What a kind finds between two footprints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Which kind.
    pub kind: Kind,
    /// Where, sorted, each once.
    pub paths: Vec<String>,
    /// Why, in one sentence that a developer understands at once.
    pub why: String,
    /// Who redoes what.
    pub redo: Redo,
    /// How sure.
    pub certainty: Certainty,
    /// Lines that each side (a, b) would have to write again.
    pub lines: (u32, u32),
}

/// A finding between two named units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collision<K> {
    /// The first unit, the smaller key.
    pub a: K,
    /// The second unit.
    pub b: K,
    /// What was found; its sides are these.
    #[serde(flatten)]
    pub finding: Finding,
}

impl<K: Copy + Ord> Collision<K> {
    /// The other unit of the pair.
    #[must_use]
    pub fn other(&self, unit: K) -> K {
        if unit == self.a { self.b } else { self.a }
    }

    /// The lines that `unit` would have to write again, if the other landed first.
    #[must_use]
    pub fn lines_of(&self, unit: K) -> u32 {
        if unit == self.a { self.finding.lines.0 } else { self.finding.lines.1 }
    }
}

/// A kind of collision: one rule about two footprints in the same base coordinates.
pub trait CollisionKind {
    /// Which kind it finds.
    fn kind(&self) -> Kind;

    /// What stands between them by this kind. Symmetric: with the sides exchanged it finds the same.
    fn between(&self, a: &Footprint, b: &Footprint) -> Vec<Finding>;
}

/// The kinds that are decided by footprints, strongest first.
pub const KINDS: [&dyn CollisionKind; 5] =
    [&kinds::Textual, &kinds::Package, &kinds::Lockfile, &kinds::Sequence, &kinds::Component];

/// Everything that stands between two footprints, strongest first; an overlap only where nothing else concerns the path.
#[must_use]
pub fn between(a: &Footprint, b: &Footprint) -> Vec<Finding> {
    let mut found: Vec<Finding> = KINDS.iter().flat_map(|kind| kind.between(a, b)).collect();
    if let Some(overlap) = kinds::overlap(a, b, &found) {
        found.push(overlap);
    }
    found
}
