//! The order in which open units of one base should land, and the waves that may land at once.
//!
//! Dependencies always hold. Among free units: holders of a grant first, then live units, then priority, then least expected rework; what
//! is still equal goes by how long it has been ready, then by name. Units that collide with one another form a component; its best
//! sequence is found exactly where that is affordable and by local search beyond. Components do not influence each other, so a new unit
//! moves only those it has to do with.
//!
//! Everything comes in as plain values and goes out as data; nothing depends on the order of the input.

mod components;
mod cost;
mod exact;
mod heuristic;
mod merge;
mod reasons;
mod tiers;
mod waves;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

pub use self::cost::sequence_cost;
pub use self::exact::MOST_STATES;
pub use self::reasons::{Alternative, Reason};

/// What a unit is called in a plan.
pub trait Name: Copy + Ord + fmt::Debug {}

impl<T: Copy + Ord + fmt::Debug> Name for T {}

/// One open unit that wants a place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate<K> {
    /// Who.
    pub unit: K,
    /// By the policy's levels; more goes first.
    pub priority: i64,
    /// Whether it has waited for others longer than the policy's patience: then it goes before all that have not.
    #[serde(default)]
    pub overdue: bool,
    /// Whether it holds the permission to land; a newcomer never takes it away.
    pub holds_grant: bool,
    /// Whether it may hold others back (DESIGN 4).
    pub live: bool,
    /// Since when it has been ready, in any unit that grows with time; none: not ready, goes last among equals.
    pub ready_since: Option<i64>,
    /// Approvals that a redo would lose.
    pub approvals: u32,
    /// Minutes of evidence that a redo would lose.
    pub evidence_minutes: u32,
}

impl<K> Candidate<K> {
    /// A live unit without anything special about it.
    #[must_use]
    pub fn new(unit: K) -> Self {
        Self {
            unit,
            priority: 0,
            overdue: false,
            holds_grant: false,
            live: true,
            ready_since: None,
            approvals: 0,
            evidence_minutes: 0,
        }
    }

    /// What a redo of this unit costs besides its lines.
    #[must_use]
    pub fn standing_cost(&self) -> u64 {
        APPROVAL_COST * u64::from(self.approvals) + u64::from(self.evidence_minutes)
    }
}

/// What a lost approval costs, in lines.
pub const APPROVAL_COST: u64 = 50;

/// `unit` needs `needs` to land first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Need<K> {
    /// The one that waits.
    pub unit: K,
    /// The one it waits for.
    pub needs: K,
}

/// Two units that cannot both land untouched, by a kind that counts for the order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Clash<K> {
    /// One.
    pub a: K,
    /// The other.
    pub b: K,
    /// Lines that `a` would redo if `b` landed first.
    pub lines_a: u32,
    /// Lines that `b` would redo if `a` landed first.
    pub lines_b: u32,
}

/// Units that all clash with one another in one place; kept as one, never as pairs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crowd<K> {
    /// What people call the place.
    pub place: String,
    /// The members with the lines that each would redo.
    pub members: Vec<(K, u32)>,
}

/// All that an order is made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question<K> {
    /// The open units of one base, in any order.
    pub candidates: Vec<Candidate<K>>,
    /// Dependencies among them; others are ignored (a unit that waits for something outside is not live).
    pub needs: Vec<Need<K>>,
    /// Pairs that clash.
    pub clashes: Vec<Clash<K>>,
    /// Groups that clash.
    pub crowds: Vec<Crowd<K>>,
    /// How much work a component is worth.
    pub pains: Pains,
}

/// How much work the sequence of one component is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pains {
    /// Sets that the exact search looks at before the heuristic takes over.
    pub states: usize,
    /// The largest component whose sequence is searched for at all; in larger ones each unit stands by its own score, so that one unit
    /// is compared with another without looking at the rest.
    pub searched: usize,
}

impl Default for Pains {
    fn default() -> Self {
        Self { states: MOST_STATES, searched: usize::MAX }
    }
}

impl Pains {
    /// For an order that is asked for at every event.
    pub const QUICK: Self = Self { states: 1 << 12, searched: 24 };
}

impl<K> Default for Question<K> {
    fn default() -> Self {
        Self {
            candidates: Vec::new(),
            needs: Vec::new(),
            clashes: Vec::new(),
            crowds: Vec::new(),
            pains: Pains::default(),
        }
    }
}

/// One place in the order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position<K> {
    /// Who.
    pub unit: K,
    /// In which wave, from 1.
    pub wave: usize,
    /// Why here.
    pub reason: Reason<K>,
    /// What another order would cost, where there is a choice.
    pub alternative: Option<Alternative<K>>,
}

/// How the sequence of a component was found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effort {
    /// Components of two and more units whose sequence is proven best.
    pub exact: usize,
    /// Components whose sequence is a good one.
    pub heuristic: usize,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan<K> {
    /// Every candidate once, first to land first.
    pub order: Vec<Position<K>>,
    /// Sets that can land in any order or at once, the first set first; within one by the order.
    pub waves: Vec<Vec<K>>,
    /// Members of dependency cycles, ascending; they come last and hold nobody back.
    pub cyclic: Vec<K>,
    /// How it was found.
    pub effort: Effort,
}

impl<K> Default for Plan<K> {
    fn default() -> Self {
        Self { order: Vec::new(), waves: Vec::new(), cyclic: Vec::new(), effort: Effort::default() }
    }
}

impl<K: Name> Plan<K> {
    /// The place of a unit.
    #[must_use]
    pub fn position(&self, unit: K) -> Option<&Position<K>> {
        self.order.iter().find(|position| position.unit == unit)
    }
}

/// Makes the order.
#[must_use]
pub fn plan<K: Name>(question: &Question<K>) -> Plan<K> {
    let known = Known::new(question);
    let tiers = tiers::tiers(&known);
    let mut effort = Effort::default();
    let mut sequences = Vec::new();
    for component in components::components(&known) {
        sequences.push(sequence(&component, &known, &tiers, question.pains, &mut effort));
    }
    let order = merge::merge(&sequences, &known, &tiers);
    let waves = waves::waves(&order, &known, &tiers);
    let positions = reasons::positions(&order, &waves, &known, &tiers);
    let count = waves.iter().copied().max().unwrap_or(0);
    let mut sets = vec![Vec::new(); count];
    for (unit, wave) in order.iter().zip(&waves) {
        sets[*wave - 1].push(known.name(*unit));
    }
    let mut cyclic: Vec<K> = known.cyclic.keys().map(|unit| known.name(*unit)).collect();
    cyclic.sort_unstable();
    Plan { order: positions, waves: sets, cyclic, effort }
}

fn sequence<K: Name>(
    component: &[usize],
    known: &Known<'_, K>,
    tiers: &tiers::Tiers,
    pains: Pains,
    effort: &mut Effort,
) -> Vec<usize> {
    if let [only] = component {
        return vec![*only];
    }
    let local = cost::Local::new(component, known, tiers);
    if component.len() > pains.searched {
        effort.heuristic += 1;
        return heuristic::by_score(&local).into_iter().map(|at| component[at]).collect();
    }
    if let Some(best) = exact::best(&local, pains.states) {
        effort.exact += 1;
        return best.into_iter().map(|at| component[at]).collect();
    }
    effort.heuristic += 1;
    heuristic::good(&local).into_iter().map(|at| component[at]).collect()
}

/// The question with units as numbers from 0, in the order of their keys: (ready since, name).
struct Known<'a, K> {
    candidates: Vec<&'a Candidate<K>>,
    /// For each unit those it needs, ascending, cycles taken out.
    needs: Vec<Vec<usize>>,
    /// For each unit the pairs it is in: the other, and the lines this one would redo after it.
    clashes: Vec<BTreeMap<usize, u32>>,
    /// For each unit the crowds it is in, with its lines there.
    seats: Vec<Vec<(usize, u32)>>,
    crowds: Vec<(&'a str, Vec<usize>)>,
    /// For each unit in a dependency cycle all members of that cycle.
    cyclic: tiers::Cyclic,
}

impl<'a, K: Name> Known<'a, K> {
    fn new(question: &'a Question<K>) -> Self {
        let mut candidates: Vec<&Candidate<K>> = question.candidates.iter().collect();
        candidates.sort_by_key(|candidate| (candidate.ready_since.is_none(), candidate.ready_since, candidate.unit));
        let mut seen = BTreeSet::new();
        candidates.retain(|candidate| seen.insert(candidate.unit));
        let number: BTreeMap<K, usize> =
            candidates.iter().enumerate().map(|(at, candidate)| (candidate.unit, at)).collect();
        let count = candidates.len();
        let mut known = Self {
            candidates,
            needs: vec![Vec::new(); count],
            clashes: vec![BTreeMap::new(); count],
            seats: vec![Vec::new(); count],
            crowds: Vec::new(),
            cyclic: BTreeMap::new(),
        };
        known.take_needs(question, &number);
        known.take_clashes(question, &number);
        known.take_crowds(question, &number);
        known
    }

    fn take_needs(&mut self, question: &Question<K>, number: &BTreeMap<K, usize>) {
        let pairs =
            question.needs.iter().filter_map(|need| Some((*number.get(&need.unit)?, *number.get(&need.needs)?)));
        let pairs: BTreeSet<(usize, usize)> = pairs.collect();
        let (free, cyclic) = tiers::without_cycles(self.candidates.len(), &pairs);
        self.cyclic = cyclic;
        for (unit, needs) in free {
            self.needs[unit].push(needs);
        }
    }

    fn take_clashes(&mut self, question: &Question<K>, number: &BTreeMap<K, usize>) {
        for clash in &question.clashes {
            let (Some(&a), Some(&b)) = (number.get(&clash.a), number.get(&clash.b)) else { continue };
            if a != b {
                add_lines(&mut self.clashes[a], b, clash.lines_a);
                add_lines(&mut self.clashes[b], a, clash.lines_b);
            }
        }
    }

    fn take_crowds(&mut self, question: &'a Question<K>, number: &BTreeMap<K, usize>) {
        let mut crowds: Vec<&Crowd<K>> = question.crowds.iter().collect();
        crowds.sort_by(|a, b| a.place.cmp(&b.place).then_with(|| a.members.cmp(&b.members)));
        for crowd in crowds {
            let members: BTreeMap<usize, u32> =
                crowd.members.iter().filter_map(|(unit, lines)| Some((*number.get(unit)?, *lines))).collect();
            let at = self.crowds.len();
            for (unit, lines) in &members {
                self.seats[*unit].push((at, *lines));
            }
            self.crowds.push((&crowd.place, members.into_keys().collect()));
        }
    }

    fn name(&self, unit: usize) -> K {
        self.candidates[unit].unit
    }
}

fn add_lines(to: &mut BTreeMap<usize, u32>, other: usize, lines: u32) {
    let sum = to.entry(other).or_default();
    *sum = sum.saturating_add(lines);
}
