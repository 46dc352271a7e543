//! What would break if a unit landed now: whose verdict would change, and whose evidence would no longer count.

use serde::{Deserialize, Serialize};

use super::collision::{Certainty, Collision, Kind};
use super::index::{GroupSeat, Index, UnitName};

/// What the landing of one unit does to another open one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Broken<K> {
    /// The other unit.
    pub unit: K,
    /// The kinds by which they collide, strongest first.
    pub kinds: Vec<Kind>,
    /// Why, in one sentence: that of the strongest kind.
    pub why: String,
    /// What the other would have to redo.
    pub redo: String,
    /// Whether the other's evidence would be stale, since what landed is related to it by an enforced kind.
    pub stale: bool,
    /// How sure.
    pub certainty: Certainty,
}

/// What would break.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaks<K> {
    /// Other units one by one, ascending.
    pub units: Vec<Broken<K>>,
    /// Places where many would have to redo something.
    pub groups: Vec<GroupSeat>,
}

/// What would break if `unit` landed now; `enforced` are the kinds that make evidence stale.
#[must_use]
pub fn breaks<K: UnitName>(index: &Index<K>, unit: K, enforced: &[Kind]) -> Breaks<K> {
    let found = index.neighbours(unit);
    let mut units: Vec<Broken<K>> = Vec::new();
    for collision in found.collisions.iter().filter(|collision| collision.finding.kind.is_collision()) {
        let other = collision.other(unit);
        let counts = enforced.contains(&collision.finding.kind) && collision.finding.certainty == Certainty::Certain;
        match units.iter_mut().find(|broken| broken.unit == other) {
            Some(known) => {
                known.kinds.push(collision.finding.kind);
                known.stale |= counts;
                known.certainty = known.certainty.min(collision.finding.certainty);
            }
            None => units.push(broken(other, collision, counts)),
        }
    }
    units.sort_by_key(|broken| broken.unit);
    Breaks { units, groups: found.groups }
}

fn broken<K: UnitName>(unit: K, collision: &Collision<K>, stale: bool) -> Broken<K> {
    let finding = &collision.finding;
    Broken {
        unit,
        kinds: vec![finding.kind],
        why: finding.why.clone(),
        redo: finding.redo.what.clone(),
        stale,
        certainty: finding.certainty,
    }
}
