//! The best sequence of a component, proven: dynamic programming over the sets that may have landed.
//!
//! A set of landed units is reachable only if it is closed under dependencies and tiers, so chains and priorities cut the work down. The
//! cost of what follows depends on the set alone, not on its order. Past so many sets the search gives up.

use super::cost::Local;

/// How many sets are looked at before the heuristic takes over: about 17 units that are all free of each other.
pub const MOST_STATES: usize = 1 << 17;

/// The cheapest sequence; among equals the one that keeps to the key order. `None` where it would take too long.
pub(super) fn best(local: &Local, most: usize) -> Option<Vec<usize>> {
    if local.count > 64 {
        return None;
    }
    let needed = needed(local);
    // The units that wait for nothing can land in any combination: so many sets are reachable at the least.
    let combinations = 1_usize.checked_shl(needed.iter().map(|set| u32::from(*set == 0)).sum());
    if combinations.is_none_or(|at_least| at_least > most) {
        return None;
    }
    let redo = Redo::new(local);
    let all_sets = u32::try_from(local.count).ok().and_then(|count| 1_usize.checked_shl(count));
    Some(if all_sets.is_some_and(|sets| sets <= most.min(MOST_STATES)) {
        let rest = every_set(&needed, &redo);
        walk(&needed, &redo, |set| rest[index(set)])
    } else {
        let levels = levels(&needed, most)?;
        let rest = by_level(&levels, &needed, &redo);
        walk(&needed, &redo, |set| of_level(&levels, &rest, set))
    })
}

/// For every set, reachable or not, what is still to be paid once it has landed.
fn every_set(needed: &[u64], redo: &Redo) -> Vec<u64> {
    let full = full(needed.len());
    let mut rest = vec![0; index(full) + 1];
    for landed in (0..full).rev() {
        let next =
            free(landed, needed).map(|unit| redo.after(unit, landed).saturating_add(rest[index(landed | 1 << unit)]));
        rest[index(landed)] = next.min().unwrap_or(0);
    }
    rest
}

/// The same for the reachable sets alone, in the order of the levels.
fn by_level(levels: &[Vec<u64>], needed: &[u64], redo: &Redo) -> Vec<Vec<u64>> {
    let mut rest: Vec<Vec<u64>> = levels.iter().map(|level| vec![0; level.len()]).collect();
    for size in (0..needed.len()).rev() {
        rest[size] = levels[size]
            .iter()
            .map(|landed| {
                let next = free(*landed, needed)
                    .map(|unit| redo.after(unit, *landed).saturating_add(of_level(levels, &rest, landed | 1 << unit)));
                next.min().unwrap_or(0)
            })
            .collect();
    }
    rest
}

fn of_level(levels: &[Vec<u64>], rest: &[Vec<u64>], set: u64) -> u64 {
    let size = set.count_ones() as usize;
    // Every set that a free unit leads to is in its level.
    levels[size].binary_search(&set).map_or(u64::MAX, |at| rest[size][at])
}

fn walk(needed: &[u64], redo: &Redo, rest: impl Fn(u64) -> u64) -> Vec<usize> {
    let mut landed = 0;
    let mut sequence = Vec::with_capacity(needed.len());
    for _ in 0..needed.len() {
        let cost = |unit: &usize| redo.after(*unit, landed).saturating_add(rest(landed | 1 << unit));
        // `min_by_key` takes the first of equals, and units are numbered by key.
        let Some(unit) = free(landed, needed).min_by_key(cost) else { break };
        landed |= 1 << unit;
        sequence.push(unit);
    }
    sequence
}

/// A set as a place in a table of all sets, which is only made where they are few.
fn index(set: u64) -> usize {
    usize::try_from(set).unwrap_or(usize::MAX)
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
fn levels(needed: &[u64], most: usize) -> Option<Vec<Vec<u64>>> {
    let mut levels = vec![vec![0_u64]];
    let mut states = 1;
    for size in 0..needed.len() {
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

/// How many units one table of [`Redo`] is about.
const PART: usize = 8;

/// For each unit what it redoes after a set of others, as a sum of tables: one for each few of the others, by the set of them.
struct Redo(Vec<Vec<[u64; 1 << PART]>>);

impl Redo {
    fn new(local: &Local) -> Self {
        let table = |unit: usize, from: usize| {
            let mut table = [0; 1 << PART];
            for other in (from..local.count.min(from + PART)).filter(|other| *other != unit) {
                let (bit, cost) = (1 << (other - from), local.redo_after(unit, other));
                for set in bit..2 * bit {
                    table[set] = cost.saturating_add(table[set - bit]);
                }
            }
            table
        };
        let of = |unit: usize| (0..local.count).step_by(PART).map(|from| table(unit, from)).collect();
        Self((0..local.count).map(of).collect())
    }

    fn after(&self, unit: usize, landed: u64) -> u64 {
        let parts = self.0[unit].iter().zip(landed.to_le_bytes());
        parts.fold(0, |sum, (table, set)| sum.saturating_add(table[usize::from(set)]))
    }
}
