//! Why a unit stands where it stands, as data and in one sentence.

use serde::{Deserialize, Serialize};

use super::tiers::{Tier, Tiers};
use super::{Known, Name, Position};

/// How many units a sentence names before it counts.
const NAMED: usize = 3;

/// Why a unit has its position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reason<K> {
    /// It is in a dependency cycle, with these.
    Cycle {
        /// All members, ascending.
        members: Vec<K>,
    },
    /// It is not live (a draft, held, failing), so it holds nobody back.
    NotLive,
    /// It holds the permission to land already.
    HoldsGrant,
    /// It needs these to land first.
    Needs {
        /// Those it needs, in their order.
        needs: Vec<K>,
    },
    /// It has waited for others as long as the policy asks of it.
    Overdue,
    /// Its priority, or that of a unit that needs it.
    Priority {
        /// The level.
        level: i64,
    },
    /// It lands before those it clashes with.
    First {
        /// Those that have to redo something because of it, in their order.
        others: Vec<K>,
        /// The expected rework of the others.
        costs: u64,
        /// What it would have to redo after them.
        saves: u64,
    },
    /// It lands after those it clashes with.
    After {
        /// Those that land before it, in their order.
        others: Vec<K>,
        /// What it has to redo.
        costs: u64,
        /// What they would have to redo after it.
        saves: u64,
    },
    /// It clashes with nothing: first ready, first to land.
    Free,
}

/// What it would mean if the unit went first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alternative<K> {
    /// Those that would have to be redone, in their order.
    pub redone: Vec<K>,
    /// The expected rework of theirs.
    pub costs: u64,
    /// What it would be spared.
    pub saves: u64,
}

impl<K: Name> Reason<K> {
    /// The sentence for people; `name` says how a unit is written.
    pub fn sentence(&self, name: impl Fn(K) -> String) -> String {
        match self {
            Self::Cycle { members } => {
                format!("It is in a circle of dependencies: {} wait for each other.", all(members, &name))
            }
            Self::NotLive => "It is not ready to land, so it holds nobody back.".into(),
            Self::HoldsGrant => "It may land already, and that is not taken back for others.".into(),
            Self::Needs { needs } => format!("It needs {} to land first.", list(needs, &name)),
            Self::Overdue => "It has waited longer than the policy's patience, so it goes first.".into(),
            Self::Priority { level } => format!("Its priority of {level} puts it first."),
            Self::First { others, costs, saves } if saves > costs => format!(
                "It lands before {}: they redo less ({costs}) than it would after them ({saves}).",
                list(others, &name)
            ),
            Self::First { others, costs, .. } => {
                format!("It lands before {}, which have to redo {costs} at most.", list(others, &name))
            }
            Self::After { others, costs, saves } if saves > costs => {
                format!(
                    "It lands after {}: it redoes less ({costs}) than they would after it ({saves}).",
                    list(others, &name)
                )
            }
            Self::After { others, costs, .. } => {
                format!("It lands after {} and has to redo {costs} at most.", list(others, &name))
            }
            Self::Free => "It collides with nothing: it may land at any time.".into(),
        }
    }
}

impl<K: Name> Alternative<K> {
    /// The sentence for people.
    pub fn sentence(&self, unit: K, name: impl Fn(K) -> String) -> String {
        format!("If {} went first, {} would have to be redone ({}).", name(unit), list(&self.redone, &name), self.costs)
    }
}

/// All of them: a cycle is named in full.
fn all<K: Name>(units: &[K], name: impl Fn(K) -> String) -> String {
    let names: Vec<String> = units.iter().map(|unit| name(*unit)).collect();
    match names.as_slice() {
        [only] => format!("{only} and itself"),
        names => names.join(", "),
    }
}

/// "#1, #2 and #3", or "#1, #2, #3 and 17 more".
fn list<K: Name>(units: &[K], name: impl Fn(K) -> String) -> String {
    let names: Vec<String> = units.iter().take(NAMED).map(|unit| name(*unit)).collect();
    match (names.as_slice(), units.len().saturating_sub(NAMED)) {
        ([], _) => "nothing".into(),
        ([only], _) => only.clone(),
        ([head @ .., last], 0) => format!("{} and {last}", head.join(", ")),
        (all, more) => format!("{} and {more} more", all.join(", ")),
    }
}

/// The positions of the whole order with their reasons.
pub(super) fn positions<K: Name>(
    order: &[usize],
    waves: &[usize],
    known: &Known<'_, K>,
    tiers: &Tiers,
) -> Vec<Position<K>> {
    let mut place = vec![0; order.len()];
    for (at, unit) in order.iter().enumerate() {
        place[*unit] = at;
    }
    let sight = Sight { place, known, tiers };
    order
        .iter()
        .zip(waves)
        .map(|(unit, wave)| Position {
            unit: known.name(*unit),
            wave: *wave,
            reason: sight.reason(*unit),
            alternative: sight.alternative(*unit),
        })
        .collect()
}

/// What a unit sees from its place.
struct Sight<'a, K> {
    place: Vec<usize>,
    known: &'a Known<'a, K>,
    tiers: &'a Tiers,
}

impl<K: Name> Sight<'_, K> {
    fn reason(&self, unit: usize) -> Reason<K> {
        let Tier { late, no_grant, patient, priority } = self.tiers[unit];
        if let Some(members) = self.known.cyclic.get(&unit) {
            let mut members: Vec<K> = members.iter().map(|member| self.known.name(*member)).collect();
            members.sort_unstable();
            return Reason::Cycle { members };
        }
        if !self.known.candidates[unit].live {
            return Reason::NotLive;
        }
        if !no_grant && !late {
            return Reason::HoldsGrant;
        }
        if !self.known.needs[unit].is_empty() {
            return Reason::Needs { needs: self.names(self.known.needs[unit].clone()) };
        }
        if late {
            return Reason::NotLive;
        }
        if !patient {
            return Reason::Overdue;
        }
        if priority.0 > 0 {
            return Reason::Priority { level: priority.0 };
        }
        self.by_rework(unit)
    }

    fn by_rework(&self, unit: usize) -> Reason<K> {
        let (before, after): (Vec<usize>, Vec<usize>) =
            self.others(unit).into_iter().partition(|other| self.place[*other] < self.place[unit]);
        match (before.is_empty(), after.is_empty()) {
            (true, true) => Reason::Free,
            (true, false) => {
                let (costs, saves) = (self.redo_of(&after, unit), self.redo_after(unit, &after));
                Reason::First { others: self.names(after), costs, saves }
            }
            (false, _) => {
                let (costs, saves) = (self.redo_after(unit, &before), self.redo_of(&before, unit));
                Reason::After { others: self.names(before), costs, saves }
            }
        }
    }

    /// What if it went before those it waits for, where nothing but rework puts it behind them.
    fn alternative(&self, unit: usize) -> Option<Alternative<K>> {
        let ahead: Vec<usize> =
            self.others(unit).into_iter().filter(|other| self.place[*other] < self.place[unit]).collect();
        if ahead.is_empty() {
            return None;
        }
        let (costs, saves) = (self.redo_of(&ahead, unit), self.redo_after(unit, &ahead));
        Some(Alternative { redone: self.names(ahead), costs, saves })
    }

    /// Those it clashes with; of a large crowd only its neighbours in the order, so that nothing grows with its square.
    fn others(&self, unit: usize) -> Vec<usize> {
        let mut others: Vec<usize> = self.known.clashes[unit].keys().copied().collect();
        for (crowd, _) in &self.known.seats[unit] {
            let members = &self.known.crowds[*crowd].1;
            let from = members.partition_point(|member| *member < unit).saturating_sub(NAMED * 2);
            others.extend(members.iter().skip(from).take(NAMED * 4).filter(|member| **member != unit));
        }
        others.sort_unstable();
        others.dedup();
        others
    }

    fn redo_after(&self, unit: usize, others: &[usize]) -> u64 {
        others.iter().fold(0, |sum: u64, other| sum.saturating_add(self.redo(unit, *other)))
    }

    fn redo_of(&self, others: &[usize], unit: usize) -> u64 {
        others.iter().fold(0, |sum: u64, other| sum.saturating_add(self.redo(*other, unit)))
    }

    fn redo(&self, unit: usize, after: usize) -> u64 {
        let standing = self.known.candidates[unit].standing_cost();
        let pair = self.known.clashes[unit].get(&after).map_or(0, |lines| standing + u64::from(*lines));
        let shared = |crowd: &usize| self.known.seats[after].iter().any(|(seat, _)| seat == crowd);
        let crowds = self.known.seats[unit].iter().filter(|(crowd, _)| shared(crowd));
        crowds.fold(pair, |sum, (_, lines)| sum.saturating_add(standing + u64::from(*lines)))
    }

    fn names(&self, mut units: Vec<usize>) -> Vec<K> {
        units.sort_unstable_by_key(|unit| self.place[*unit]);
        units.into_iter().map(|unit| self.known.name(unit)).collect()
    }
}
