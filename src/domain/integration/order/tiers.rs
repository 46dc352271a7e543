//! What goes before rework: grants, liveness, priority; and cycles, which count for nothing.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::{Known, Name};

/// A unit's tier; the smaller goes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Tier {
    /// Not live, or in need of something that is not.
    pub(super) late: bool,
    /// Without a grant.
    pub(super) no_grant: bool,
    /// Within the policy's patience.
    pub(super) patient: bool,
    pub(super) priority: std::cmp::Reverse<i64>,
}

impl Tier {
    /// That of a unit without anything special about it.
    pub(super) const PLAIN: Self = Self { late: false, no_grant: true, patient: true, priority: std::cmp::Reverse(0) };
}

/// The tier of each unit.
pub(super) type Tiers = Vec<Tier>;

/// For each unit in a cycle all members of that cycle, ascending.
pub(super) type Cyclic = BTreeMap<usize, Vec<usize>>;

/// Dependencies without those inside a cycle, and the cycles.
pub(super) fn without_cycles(count: usize, pairs: &BTreeSet<(usize, usize)>) -> (Vec<(usize, usize)>, Cyclic) {
    let mut graph = DiGraph::<(), ()>::with_capacity(count, pairs.len());
    for _ in 0..count {
        graph.add_node(());
    }
    for (unit, needs) in pairs {
        graph.add_edge(NodeIndex::new(*unit), NodeIndex::new(*needs), ());
    }
    let mut part = vec![0; count];
    let mut cyclic = BTreeMap::new();
    for (at, members) in tarjan_scc(&graph).into_iter().enumerate() {
        let mut units: Vec<usize> = members.iter().map(|member| member.index()).collect();
        units.sort_unstable();
        let circular = members.len() > 1 || members.iter().any(|member| graph.contains_edge(*member, *member));
        for unit in &units {
            part[*unit] = at;
            if circular {
                cyclic.insert(*unit, units.clone());
            }
        }
    }
    (pairs.iter().copied().filter(|(unit, needs)| part[*unit] != part[*needs]).collect(), cyclic)
}

/// Tiers: a unit is late where it or something it needs is not live; it inherits grant and priority from units that need it.
pub(super) fn tiers<K: Name>(known: &Known<'_, K>) -> Tiers {
    let count = known.candidates.len();
    let order = needed_first(known);
    let mut live: Vec<bool> =
        (0..count).map(|unit| known.candidates[unit].live && !known.cyclic.contains_key(&unit)).collect();
    for unit in &order {
        live[*unit] &= known.needs[*unit].iter().all(|needed| live[*needed]);
    }
    let mut tiers: Tiers = (0..count)
        .map(|unit| {
            let candidate = known.candidates[unit];
            Tier {
                late: !live[unit],
                no_grant: !candidate.holds_grant,
                patient: !candidate.overdue,
                priority: std::cmp::Reverse(candidate.priority),
            }
        })
        .collect();
    for unit in order.iter().rev() {
        let mine = tiers[*unit];
        // What is not live takes no live unit along; among those that are not, dependencies hold all the same.
        for needed in &known.needs[*unit] {
            let other = &mut tiers[*needed];
            if mine.late && !other.late {
                continue;
            }
            other.no_grant &= mine.no_grant;
            other.patient &= mine.patient;
            other.priority = other.priority.min(mine.priority);
        }
    }
    tiers
}

/// All units, each after those it needs.
fn needed_first<K: Name>(known: &Known<'_, K>) -> Vec<usize> {
    let count = known.candidates.len();
    let mut waiting: Vec<usize> = known.needs.iter().map(Vec::len).collect();
    let mut dependents = vec![Vec::new(); count];
    for (unit, needs) in known.needs.iter().enumerate() {
        for needed in needs {
            dependents[*needed].push(unit);
        }
    }
    let mut order: Vec<usize> = (0..count).filter(|unit| waiting[*unit] == 0).collect();
    let mut at = 0;
    while let Some(unit) = order.get(at).copied() {
        for dependent in &dependents[unit] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                order.push(*dependent);
            }
        }
        at += 1;
    }
    order
}
