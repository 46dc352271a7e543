//! The sequences of all components to one order.

use std::collections::BTreeSet;

use super::tiers::Tiers;
use super::{Known, Name};

/// Takes again and again the unit with the first tier and key among those that stand first in their sequence.
///
/// A component's sequence is kept as it is, so a unit that joins elsewhere changes nobody's order among each other.
pub(super) fn merge<K: Name>(sequences: &[Vec<usize>], known: &Known<'_, K>, tiers: &Tiers) -> Vec<usize> {
    let mut order = Vec::with_capacity(known.candidates.len());
    let key = |sequence: usize, at: usize| sequences[sequence].get(at).map(|unit| (tiers[*unit], *unit, sequence, at));
    let mut fronts: BTreeSet<_> = (0..sequences.len()).filter_map(|sequence| key(sequence, 0)).collect();
    while let Some((_, unit, sequence, at)) = fronts.pop_first() {
        order.push(unit);
        fronts.extend(key(sequence, at + 1));
    }
    order
}
