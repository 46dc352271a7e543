//! Dependencies that run in a circle.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use serde::{Deserialize, Serialize};

/// Units that can never land, because each waits for another of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cycle<K> {
    /// All that are caught in it, ascending.
    pub members: Vec<K>,
    /// One way around, beginning with the smallest member: each needs the next, the last needs the first.
    pub around: Vec<K>,
}

impl<K: Copy> Cycle<K> {
    /// The way around for people: "#1 needs #2, #2 needs #1".
    pub fn sentence(&self, name: impl Fn(K) -> String) -> String {
        let next = self.around.iter().cycle().skip(1);
        let steps: Vec<String> =
            self.around.iter().zip(next).map(|(a, b)| format!("{} needs {}", name(*a), name(*b))).collect();
        format!("{}.", steps.join(", "))
    }
}

/// The cycles among (unit, needs) pairs, by their smallest member; a unit that needs itself is one.
#[must_use]
pub fn cycles<K: Copy + Ord + std::hash::Hash>(needs: &[(K, K)]) -> Vec<Cycle<K>> {
    let graph: DiGraphMap<K, ()> = DiGraphMap::from_edges(needs.iter().copied());
    let mut following: BTreeMap<K, BTreeSet<K>> = BTreeMap::new();
    for (unit, needed) in needs {
        following.entry(*unit).or_default().insert(*needed);
    }
    let parts = tarjan_scc(&graph).into_iter().map(BTreeSet::from_iter);
    let caught =
        parts.filter(|part: &BTreeSet<K>| part.len() > 1 || part.iter().any(|unit| graph.contains_edge(*unit, *unit)));
    let mut cycles: Vec<Cycle<K>> = caught
        .filter_map(|part| Some(Cycle { around: around(&part, &following)?, members: part.into_iter().collect() }))
        .collect();
    cycles.sort();
    cycles
}

/// The shortest way from the smallest member back to itself.
fn around<K: Copy + Ord>(part: &BTreeSet<K>, following: &BTreeMap<K, BTreeSet<K>>) -> Option<Vec<K>> {
    let start = *part.first()?;
    let mut came_from: BTreeMap<K, K> = BTreeMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(unit) = queue.pop_front() {
        for next in following.get(&unit).into_iter().flatten().filter(|next| part.contains(next)) {
            if *next == start {
                let mut way = vec![unit];
                while let Some(before) = way.last().and_then(|last| came_from.get(last)) {
                    way.push(*before);
                }
                way.reverse();
                return Some(way);
            }
            if !came_from.contains_key(next) {
                came_from.insert(*next, unit);
                queue.push_back(*next);
            }
        }
    }
    None
}
