//! Waves: sets that may land in any order or at once.

use super::tiers::Tiers;
use super::{Known, Name};

/// The wave of each unit of the order, from 1: the first one after those of all earlier units that it is tied to.
///
/// Units that are not live come after all waves of those that are: they cannot land with them.
///
/// Members of a crowd are all tied to one another, so of a crowd a wave has at most one.
pub(super) fn waves<K: Name>(order: &[usize], known: &Known<'_, K>, tiers: &Tiers) -> Vec<usize> {
    let mut wave: Vec<Option<usize>> = vec![None; known.candidates.len()];
    let mut crowds: Vec<Option<usize>> = vec![None; known.crowds.len()];
    let mut result = Vec::with_capacity(order.len());
    let (mut live_waves, mut floor) = (0, 1);
    for unit in order {
        let late = tiers[*unit].late;
        if late && floor <= live_waves {
            floor = live_waves + 1;
        }
        let pairs = known.needs[*unit].iter().chain(known.clashes[*unit].keys()).filter_map(|other| wave[*other]);
        let crowded = known.seats[*unit].iter().filter_map(|(crowd, _)| crowds[*crowd]);
        let mine = pairs.chain(crowded).max().map_or(1, |earlier| earlier + 1).max(floor);
        if !late {
            live_waves = live_waves.max(mine);
        }
        wave[*unit] = Some(mine);
        for (crowd, _) in &known.seats[*unit] {
            crowds[*crowd] = Some(mine);
        }
        result.push(mine);
    }
    result
}
