//! The order keeps its word: dependencies, grants, priorities, least rework; the same for every order of the input.

use proptest::prelude::*;

use crate::domain::integration::order::{
    Candidate, Clash, Crowd, Need, Pains, Plan, Question, Reason, plan, sequence_cost,
};

fn question(count: u32) -> Question<u32> {
    Question { candidates: (0..count).map(Candidate::new).collect(), ..Question::default() }
}

fn order(plan: &Plan<u32>) -> Vec<u32> {
    plan.order.iter().map(|position| position.unit).collect()
}

fn clash(a: u32, b: u32, lines_a: u32, lines_b: u32) -> Clash<u32> {
    Clash { a, b, lines_a, lines_b }
}

/// Any question of up to `most` units; dependencies run from later to earlier units, so there is no cycle.
fn questions(most: u32) -> impl Strategy<Value = Question<u32>> {
    (2..most)
        .prop_flat_map(|count| {
            let candidate =
                (0..3_i64, prop::bool::weighted(0.1), prop::bool::weighted(0.9), prop::option::of(0..5_i64), 0..3_u32);
            let pair = (0..count, 0..count, 0..60_u32, 0..60_u32);
            (
                prop::collection::vec(candidate, count as usize),
                prop::collection::vec(pair, 0..count as usize * 2),
                prop::collection::vec((0..count, 0..count), 0..count as usize / 2),
            )
        })
        .prop_map(|(candidates, pairs, needs)| Question {
            candidates: (0..)
                .zip(candidates)
                .map(|(unit, (priority, holds_grant, live, ready_since, approvals))| Candidate {
                    priority,
                    holds_grant,
                    live,
                    ready_since,
                    approvals,
                    ..Candidate::new(unit)
                })
                .collect(),
            needs: needs.into_iter().filter(|(a, b)| a > b).map(|(unit, needs)| Need { unit, needs }).collect(),
            clashes: pairs.into_iter().filter(|(a, b, ..)| a != b).map(|(a, b, x, y)| clash(a, b, x, y)).collect(),
            crowds: Vec::new(),
            pains: Pains::default(),
        })
}

fn place(plan: &Plan<u32>, unit: u32) -> usize {
    plan.order.iter().position(|position| position.unit == unit).expect("every unit has a place")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn every_dependency_is_kept_and_no_wave_holds_two_that_are_tied(question in questions(24)) {
        let answer = plan(&question);
        prop_assert_eq!(answer.order.len(), question.candidates.len());
        for need in &question.needs {
            prop_assert!(place(&answer, need.needs) < place(&answer, need.unit));
        }
        let wave = |unit: u32| answer.order[place(&answer, unit)].wave;
        for clash in &question.clashes {
            prop_assert_ne!(wave(clash.a), wave(clash.b));
        }
        for need in &question.needs {
            prop_assert!(wave(need.needs) < wave(need.unit));
        }
        prop_assert_eq!(answer.waves.concat().len(), question.candidates.len());
    }

    #[test]
    fn the_input_s_order_does_not_matter(question in questions(14), seed in any::<prop::sample::Index>()) {
        let mut turned = question.clone();
        let by = seed.index(question.candidates.len());
        turned.candidates.rotate_left(by);
        turned.clashes.reverse();
        turned.needs.reverse();
        for clash in &mut turned.clashes {
            (clash.a, clash.b, clash.lines_a, clash.lines_b) = (clash.b, clash.a, clash.lines_b, clash.lines_a);
        }
        prop_assert_eq!(plan(&turned), plan(&question));
    }

    #[test]
    fn a_unit_that_touches_nobody_moves_nobody(question in questions(14), ready in prop::option::of(0..5_i64)) {
        let mut joined = question.clone();
        joined.candidates.push(Candidate { ready_since: ready, priority: 1, ..Candidate::new(500) });
        let mut after = order(&plan(&joined));
        after.retain(|unit| *unit != 500);
        prop_assert_eq!(after, order(&plan(&question)));
    }

    #[test]
    fn a_small_component_costs_what_the_best_of_all_sequences_costs(pairs in prop::collection::vec((0..6_u32, 0..6_u32, 0..60_u32, 0..60_u32), 1..14)) {
        let mut question = question(6);
        question.clashes = pairs.into_iter().filter(|(a, b, ..)| a != b).map(|(a, b, x, y)| clash(a, b, x, y)).collect();
        let best = permutations(6).into_iter().map(|sequence| sequence_cost(&question, &sequence)).min().unwrap();
        prop_assert_eq!(sequence_cost(&question, &order(&plan(&question))), best);
    }
}

fn permutations(count: u32) -> Vec<Vec<u32>> {
    let mut all = vec![vec![]];
    for unit in 0..count {
        all = all
            .into_iter()
            .flat_map(|sequence: Vec<u32>| {
                (0..=sequence.len()).map(move |at| {
                    let mut longer = sequence.clone();
                    longer.insert(at, unit);
                    longer
                })
            })
            .collect();
    }
    all
}

#[test]
fn grants_then_liveness_then_priority_then_rework() {
    let with = |unit, change: fn(&mut Candidate<u32>)| {
        let mut candidate = Candidate::new(unit);
        change(&mut candidate);
        candidate
    };
    let question = Question {
        candidates: vec![
            with(1, |candidate| candidate.live = false),
            with(2, |_| ()),
            with(3, |candidate| candidate.priority = 90),
            with(4, |candidate| candidate.holds_grant = true),
            with(5, |_| ()),
        ],
        clashes: vec![clash(2, 5, 10, 400), clash(1, 5, 1, 1)],
        ..Question::default()
    };
    let answer = plan(&question);
    assert_eq!(order(&answer), [4, 3, 5, 2, 1]);
    let sentences: Vec<String> =
        answer.order.iter().map(|position| position.reason.sentence(|unit| format!("#{unit}"))).collect();
    assert_eq!(
        sentences,
        [
            "It may land already, and that is not taken back for others.",
            "Its priority of 90 puts it first.",
            "It lands before #2 and #1: they redo less (11) than it would after them (401).",
            "It lands after #5: it redoes less (10) than they would after it (400).",
            "It is not ready to land, so it holds nobody back.",
        ]
    );
    let alternative =
        answer.order[3].alternative.as_ref().map(|alternative| alternative.sentence(2, |unit| format!("#{unit}")));
    assert_eq!(alternative.as_deref(), Some("If #2 went first, #5 would have to be redone (400)."));
}

#[test]
fn what_a_hotfix_needs_inherits_its_priority() {
    let mut question = question(3);
    question.candidates[2].priority = 100;
    question.needs = vec![Need { unit: 2, needs: 1 }];
    assert_eq!(order(&plan(&question)), [1, 2, 0]);
}

#[test]
fn a_circle_blocks_only_its_members_and_names_all_of_them() {
    let mut question = question(54);
    question.needs = (0..50).map(|unit| Need { unit, needs: (unit + 1) % 50 }).collect();
    question.needs.push(Need { unit: 52, needs: 52 });
    question.needs.push(Need { unit: 53, needs: 3 });
    let answer = plan(&question);
    assert_eq!(order(&answer)[..2], [50, 51], "the others are free");
    assert_eq!(answer.cyclic.len(), 51);
    let reason = |unit: u32| answer.position(unit).map(|position| position.reason.clone());
    assert!(matches!(reason(7), Some(Reason::Cycle { members }) if members.len() == 50));
    assert!(matches!(reason(52), Some(Reason::Cycle { members }) if members == [52]));
    assert!(matches!(reason(53), Some(Reason::Needs { .. })));
}

#[test]
fn approvals_and_evidence_count_as_rework() {
    let mut question = question(2);
    question.clashes = vec![clash(0, 1, 30, 20)];
    assert_eq!(order(&plan(&question)), [0, 1], "20 lines are redone rather than 30");
    question.candidates[1].approvals = 1;
    assert_eq!(order(&plan(&question)), [1, 0], "an approval is worth 50 lines");
}

#[test]
fn a_crowd_of_thousands_is_ordered_without_pairs() {
    let mut question = question(5_000);
    question.crowds =
        vec![Crowd { place: "Cargo.lock".into(), members: (0..5_000).map(|unit| (unit, unit % 7 + 1)).collect() }];
    let answer = plan(&question);
    assert_eq!((answer.order.len(), answer.waves.len(), answer.effort.heuristic), (5_000, 5_000, 1));
    let lines: Vec<u32> = order(&answer).iter().map(|unit| unit % 7 + 1).collect();
    assert!(lines.is_sorted_by(|a, b| a >= b), "those that would redo most land first");
}

/// The heuristic on components that can still be solved exactly: a chain of more units keeps the exact search from them.
#[test]
fn the_heuristic_is_near_the_optimum() {
    let mut gaps = Vec::new();
    for seed in 0..40_u64 {
        let mut dice = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut roll = |below: u32| {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            u32::try_from(dice >> 40).unwrap() % below
        };
        let mut solved = question(12);
        for a in 0..12 {
            for b in a + 1..12 {
                if roll(10) < 4 {
                    solved.clashes.push(clash(a, b, roll(200) + 1, roll(200) + 1));
                }
            }
        }
        // 60 hangers-on that cost nothing to either side make the component too large to solve, and leave its optimum as it is.
        let mut large = solved.clone();
        for unit in 12..80 {
            large.candidates.push(Candidate::new(unit));
            large.clashes.push(clash(unit, 0, 0, 0));
        }
        let (exact, good) = (plan(&solved), plan(&large));
        assert_eq!(good.effort.heuristic, 1, "the large one is not solved");
        let (best, found) = (sequence_cost(&solved, &order(&exact)), sequence_cost(&solved, &order(&good)));
        assert!(best <= found);
        gaps.push((found - best) * 1000 / best.max(1));
    }
    gaps.sort_unstable();
    assert!(gaps[20] <= 5 && gaps[39] <= 60, "{gaps:?}");
}
