//! The best sequence of a component, proven: dynamic programming over the sets that may have landed.
//!
//! A set of landed units is reachable only if it is closed under dependencies and tiers, so chains and priorities cut the work down. The
//! cost of what follows depends on the set alone, not on its order. Past so many sets the search gives up.

use std::collections::BTreeMap;

use super::cost::Local;

/// How many sets are looked at before the heuristic takes over: about 17 units that are all free of each other.
pub const MOST_STATES: usize = 1 << 17;

/// The cheapest sequence; among equals the one that keeps to the key order. `None` where it would take too long.
pub(super) fn best(local: &Local, most: usize) -> Option<Vec<usize>> {
    if local.count > 64 {
        return None;
    }
    let needed = needed(local);
    let levels = levels(local, &needed, most)?;
    let redo = Redo::new(local);
    // From the full set backwards: what is still to be paid once this set has landed.
    let mut rest: Vec<BTreeMap<u64, u64>> = vec![BTreeMap::new(); levels.len()];
    rest[local.count].insert(full(local.count), 0);
    for size in (0..local.count).rev() {
        let costs = levels[size].iter().map(|landed| {
            let next = free(*landed, &needed)
                .map(|unit| redo.after(unit, *landed).saturating_add(rest[size + 1][&(landed | 1 << unit)]));
            (*landed, next.min().unwrap_or(0))
        });
        rest[size] = costs.collect();
    }
    Some(walk(local, &needed, &redo, &rest))
}

fn walk(local: &Local, needed: &[u64], redo: &Redo, rest: &[BTreeMap<u64, u64>]) -> Vec<usize> {
    let mut landed = 0;
    let mut sequence = Vec::with_capacity(local.count);
    for size in 0..local.count {
        let cost = |unit: &usize| redo.after(*unit, landed).saturating_add(rest[size + 1][&(landed | 1 << unit)]);
        // `min_by_key` takes the first of equals, and units are numbered by key.
        let Some(unit) = free(landed, needed).min_by_key(cost) else { break };
        landed |= 1 << unit;
        sequence.push(unit);
    }
    sequence
}

fn full(count: usize) -> u64 {
    if count == 64 { u64::MAX } else { (1 << count) - 1 }
}

/// For each unit the set that must have landed before it.
fn needed(local: &Local) -> Vec<u64> {
    let set = |units: &mut dyn Iterator<Item = usize>| units.fold(0_u64, |set, unit| set | 1 << unit);
    (0..local.count)
        .map(|unit| {
            let higher = set(&mut (0..local.count).filter(|other| local.tier[*other] < local.tier[unit]));
            higher | set(&mut local.before[unit].iter().copied())
        })
        .collect()
}

/// The units that may land next, ascending.
fn free(landed: u64, needed: &[u64]) -> impl Iterator<Item = usize> {
    (0..needed.len()).filter(move |unit| landed & (1 << unit) == 0 && needed[*unit] & !landed == 0)
}

/// The reachable sets by size, or nothing where there are too many.
fn levels(local: &Local, needed: &[u64], most: usize) -> Option<Vec<Vec<u64>>> {
    let mut levels = vec![vec![0_u64]];
    let mut states = 1;
    for size in 0..local.count {
        let mut next: Vec<u64> = Vec::new();
        for landed in &levels[size] {
            next.extend(free(*landed, needed).map(|unit| landed | 1 << unit));
            // Each set is met once per unit in it; sorted out before the list outgrows its share.
            if next.len() > 4 * most {
                next.sort_unstable();
                next.dedup();
            }
            if next.len() > 4 * most {
                return None;
            }
        }
        next.sort_unstable();
        next.dedup();
        states += next.len();
        if states > most {
            return None;
        }
        levels.push(next);
    }
    Some(levels)
}

/// Costs by unit and landed unit, as a table.
struct Redo(Vec<Vec<(u64, u64)>>);

impl Redo {
    fn new(local: &Local) -> Self {
        let of = |unit: usize| {
            let others = (0..local.count).filter(|other| *other != unit);
            others.map(|other| (1_u64 << other, local.redo_after(unit, other))).filter(|(_, cost)| *cost > 0).collect()
        };
        Self((0..local.count).map(of).collect())
    }

    fn after(&self, unit: usize, landed: u64) -> u64 {
        self.0[unit].iter().filter(|(other, _)| landed & other != 0).fold(0, |sum, (_, cost)| sum.saturating_add(*cost))
    }
}
