//! A good sequence for a component that is too large to solve: cheapest step first, then single units moved while that helps.

use std::collections::BTreeSet;

use super::cost::Local;

/// Units are moved about in components up to this size; beyond, the first sequence stands.
const MOVED_AT_MOST: usize = 2_000;
/// How many places a unit is moved at most in one go.
const REACH: usize = 128;
/// How many moves are looked at in all.
const LOOKS: usize = 2_000_000;

/// A sequence that keeps dependencies and tiers.
pub(super) fn good(local: &Local) -> Vec<usize> {
    let dependents = dependents(local);
    let starts =
        [by(local, &dependents, &standing_scores(local), true), by(local, &dependents, &vec![0; local.count], false)];
    let improved = starts.map(|start| {
        let sequence = if local.count <= MOVED_AT_MOST { improve(local, start) } else { start };
        (local.cost(&sequence), sequence)
    });
    let [first, second] = improved;
    if first.0 <= second.0 { first.1 } else { second.1 }
}

/// Each unit by its own score, dependencies and tiers kept. A score is known from the unit and its pairs alone: the lines that others redo
/// because it lands, less those that it would redo after them and what it would lose besides each time.
pub(super) fn by_score(local: &Local) -> Vec<usize> {
    let score = |unit: usize| {
        let others = local.redo[unit].iter().map(|(other, redo)| {
            let back = local.redo[*other].get(&unit).copied().unwrap_or(0);
            i128::from(back.saturating_sub(local.standing[*other])) - i128::from(*redo)
        });
        others.sum::<i128>()
    };
    by(local, &dependents(local), &(0..local.count).map(score).collect::<Vec<_>>(), false)
}

fn dependents(local: &Local) -> Vec<Vec<usize>> {
    let mut after = vec![Vec::new(); local.count];
    for (unit, needs) in local.before.iter().enumerate() {
        for needed in needs {
            after[*needed].push(unit);
        }
    }
    after
}

/// For each unit what the others redo because it lands, less what it would redo if it were the last.
fn standing_scores(local: &Local) -> Vec<i128> {
    let mut scores = vec![0_i128; local.count];
    for unit in 0..local.count {
        for (other, redo) in &local.redo[unit] {
            scores[unit] -= i128::from(*redo);
            scores[*other] += i128::from(*redo);
        }
    }
    let mut crowds = std::collections::BTreeMap::<usize, (i128, i128)>::new();
    for (crowd, redo) in local.seats.iter().flatten() {
        let sums = crowds.entry(*crowd).or_default();
        *sums = (sums.0 + 1, sums.1 + i128::from(*redo));
    }
    for (unit, score) in scores.iter_mut().enumerate() {
        for (crowd, redo) in &local.seats[unit] {
            let (members, sum) = crowds.get(crowd).copied().unwrap_or_default();
            *score += sum - members * i128::from(*redo);
        }
    }
    scores
}

/// Takes again and again the free unit of the first tier with the smallest score, by key among equals. Where wanted, scores
/// follow what landed.
fn by(local: &Local, dependents: &[Vec<usize>], scores: &[i128], follows: bool) -> Vec<usize> {
    let mut scores = scores.to_vec();
    let mut waiting: Vec<usize> = local.before.iter().map(Vec::len).collect();
    let key = |scores: &[i128], unit: usize| (local.tier[unit], scores[unit], unit);
    let mut free: BTreeSet<_> =
        (0..local.count).filter(|unit| waiting[*unit] == 0).map(|unit| key(&scores, unit)).collect();
    let mut sequence = Vec::with_capacity(local.count);
    while let Some((_, _, unit)) = free.pop_first() {
        sequence.push(unit);
        for (other, redo) in local.redo[unit].iter().filter(|_| follows) {
            let back = local.redo[*other].get(&unit).copied().unwrap_or(0);
            let listed = free.remove(&key(&scores, *other));
            scores[*other] += i128::from(back) - i128::from(*redo);
            if listed {
                free.insert(key(&scores, *other));
            }
        }
        for dependent in &dependents[unit] {
            waiting[*dependent] -= 1;
            if waiting[*dependent] == 0 {
                free.insert(key(&scores, *dependent));
            }
        }
    }
    sequence
}

/// Moves single units to their best place nearby, until nothing gets better.
fn improve(local: &Local, mut sequence: Vec<usize>) -> Vec<usize> {
    let mut looks = LOOKS;
    loop {
        let mut better = false;
        for unit in 0..local.count {
            let Some(at) = sequence.iter().position(|other| *other == unit) else { continue };
            let to = best_place(local, &sequence, at, &mut looks);
            if to != at {
                let moved = sequence.remove(at);
                sequence.insert(to, moved);
                better = true;
            }
            if looks == 0 {
                return sequence;
            }
        }
        if !better {
            return sequence;
        }
    }
}

/// The cheapest place within reach; the one it has where none is cheaper.
fn best_place(local: &Local, sequence: &[usize], at: usize, looks: &mut usize) -> usize {
    let unit = sequence[at];
    let may_swap =
        |first: usize, second: usize| local.tier[first] == local.tier[second] && !local.before[second].contains(&first);
    let mut best = (0_i128, at);
    let mut cost = 0_i128;
    for to in (0..at).rev().take(REACH) {
        let other = sequence[to];
        if !may_swap(other, unit) || *looks == 0 {
            break;
        }
        *looks -= 1;
        cost += i128::from(local.redo_after(other, unit)) - i128::from(local.redo_after(unit, other));
        best = best.min((cost, to));
    }
    cost = 0;
    for (to, other) in sequence.iter().copied().enumerate().skip(at + 1).take(REACH) {
        if !may_swap(unit, other) || *looks == 0 {
            break;
        }
        *looks -= 1;
        cost += i128::from(local.redo_after(unit, other)) - i128::from(local.redo_after(other, unit));
        best = best.min((cost, to));
    }
    if best.0 < 0 { best.1 } else { at }
}
