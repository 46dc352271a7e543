//! Which units have to be ordered together: those tied by clashes or dependencies.

use petgraph::unionfind::UnionFind;

use super::{Known, Name};

/// The components, each ascending, by their smallest member.
pub(super) fn components<K: Name>(known: &Known<'_, K>) -> Vec<Vec<usize>> {
    let count = known.candidates.len();
    let mut ties = UnionFind::<usize>::new(count);
    for unit in 0..count {
        for other in known.needs[unit].iter().chain(known.clashes[unit].keys()) {
            ties.union(unit, *other);
        }
    }
    for (_, members) in &known.crowds {
        for pair in members.windows(2) {
            ties.union(pair[0], pair[1]);
        }
    }
    let mut of = vec![None; count];
    let mut components: Vec<Vec<usize>> = Vec::new();
    for unit in 0..count {
        let root = ties.find(unit);
        let at = *of[root].get_or_insert_with(|| {
            components.push(Vec::new());
            components.len() - 1
        });
        components[at].push(unit);
    }
    components
}
