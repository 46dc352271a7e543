//! What a sequence costs: for each pair, what the later one has to redo.

use std::collections::BTreeMap;

use super::tiers::Tiers;
use super::{Known, Name, Question};

/// One component with its units as numbers from 0, ascending by key.
pub(super) struct Local {
    pub(super) count: usize,
    /// For each unit those that must come before it: dependencies and higher tiers.
    pub(super) before: Vec<Vec<usize>>,
    /// For each unit what it loses besides lines, each time it is redone.
    pub(super) standing: Vec<u64>,
    /// For each unit what it redoes after each of the others.
    pub(super) redo: Vec<BTreeMap<usize, u64>>,
    /// For each unit the crowds it sits in and what it redoes after any other member.
    pub(super) seats: Vec<Vec<(usize, u64)>>,
    pub(super) tier: Vec<usize>,
}

impl Local {
    pub(super) fn new<K: Name>(component: &[usize], known: &Known<'_, K>, tiers: &Tiers) -> Self {
        let at: BTreeMap<usize, usize> = component.iter().enumerate().map(|(at, unit)| (*unit, at)).collect();
        let mut levels: Vec<_> = component.iter().map(|unit| tiers[*unit]).collect();
        levels.sort_unstable();
        levels.dedup();
        let tier = component.iter().map(|unit| levels.partition_point(|level| *level < tiers[*unit])).collect();
        let standing = |unit: usize| known.candidates[unit].standing_cost();
        let redo = component
            .iter()
            .map(|unit| {
                let pairs = known.clashes[*unit].iter();
                pairs.map(|(other, lines)| (at[other], u64::from(*lines) + standing(*unit))).collect()
            })
            .collect();
        let seats = component
            .iter()
            .map(|unit| {
                known.seats[*unit].iter().map(|(crowd, lines)| (*crowd, u64::from(*lines) + standing(*unit))).collect()
            })
            .collect();
        let before =
            component.iter().map(|unit| known.needs[*unit].iter().map(|needed| at[needed]).collect()).collect();
        let standing = component.iter().map(|unit| standing(*unit)).collect();
        Self { count: component.len(), before, standing, redo, seats, tier }
    }

    /// What `unit` redoes after `other`, in pairs and crowds.
    pub(super) fn redo_after(&self, unit: usize, other: usize) -> u64 {
        let pair = self.redo[unit].get(&other).copied().unwrap_or(0);
        let crowds =
            self.seats[unit].iter().filter(|(crowd, _)| self.seats[other].iter().any(|(seat, _)| seat == crowd));
        crowds.fold(pair, |sum, (_, cost)| sum.saturating_add(*cost))
    }

    /// What a whole sequence costs.
    pub(super) fn cost(&self, sequence: &[usize]) -> u64 {
        let mut place = vec![0; self.count];
        for (at, unit) in sequence.iter().enumerate() {
            place[*unit] = at;
        }
        let mut landed: BTreeMap<usize, u64> = BTreeMap::new();
        let mut cost: u64 = 0;
        for unit in sequence {
            let pairs = self.redo[*unit].iter().filter(|(other, _)| place[**other] < place[*unit]);
            cost = pairs.fold(cost, |sum, (_, redo)| sum.saturating_add(*redo));
            for (crowd, redo) in &self.seats[*unit] {
                let earlier = landed.entry(*crowd).or_default();
                cost = cost.saturating_add(earlier.saturating_mul(*redo));
                *earlier += 1;
            }
        }
        cost
    }
}

/// The expected rework of landing the candidates in this order; units that are not candidates count for nothing.
#[must_use]
pub fn sequence_cost<K: Name>(question: &Question<K>, order: &[K]) -> u64 {
    let known = Known::new(question);
    let all: Vec<usize> = (0..known.candidates.len()).collect();
    let tiers = vec![super::tiers::Tier::PLAIN; all.len()];
    let local = Local::new(&all, &known, &tiers);
    let number: BTreeMap<K, usize> = all.iter().map(|unit| (known.name(*unit), *unit)).collect();
    local.cost(&order.iter().filter_map(|unit| number.get(unit).copied()).collect::<Vec<_>>())
}
