//! Whatever happened: the parts of a window sum up to it, and no part is more than its whole.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::domain::flow::{Course, FlowView, Selection, Share, Window, view};
use crate::domain::ids::{PrNumber, Timestamp};

const DAY: i64 = 86_400;
/// When everything begins: 2026-11-01.
const BEGIN: i64 = 1_793_491_200;

fn entry() -> impl Strategy<Value = (&'static str, Value)> {
    let judged = prop::sample::select(vec![
        ("draft", "draft"),
        ("gathering", "waits.evidence"),
        ("awaiting_judgment", "waits.confirm"),
        ("cleared", "waits.order"),
        ("blocked", "blocked.conflict.base"),
        ("blocked", "blocked.hold"),
        ("blocked", "waits.dependency"),
        ("landing", "waits.queue"),
    ]);
    let decided = prop::sample::select(vec!["confirm", "approve", "refuse", "hold", "lift", "revert"]);
    let ended = (
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(vec!["human", "agent"]),
        prop::sample::select(vec!["A", "B"]),
    );
    prop_oneof![
        4 => judged.prop_map(|(standing, code)| ("judged", json!({ "standing": standing, "codes": [code] }))),
        2 => decided.prop_map(|word| ("decided", json!({ "decision": word }))),
        2 => any::<bool>().prop_map(|update| ("pushed", json!({ "update": update }))),
        1 => Just(("landed_beside", json!({ "unit": 1 }))),
        2 => ended.prop_map(|(landed, spared, author, rule)| {
            (if landed { "landed" } else { "withdrawn" }, json!({ "spared": spared, "author": author, "rules": [rule], "unanswered": if spared { vec!["conflicts"] } else { vec![] } }))
        }),
        1 => Just(("reopened", json!({}))),
        1 => Just(("alarm", json!({}))),
        1 => Just(("reverting", json!({ "state": "merged" }))),
    ]
}

/// A few units, each with entries at growing times within about 40 days.
fn courses() -> impl Strategy<Value = BTreeMap<PrNumber, Course>> {
    let one = prop::collection::vec((0_i64..4 * DAY, entry()), 0..25).prop_map(|entries| {
        let mut course = Course::default();
        let mut at = BEGIN;
        course.learn(Timestamp::from_second(at).unwrap(), "proposed", &json!({}));
        for (after, (kind, data)) in entries {
            at += after;
            course.learn(Timestamp::from_second(at).unwrap(), kind, &data);
        }
        course
    });
    prop::collection::vec(one, 0..8)
        .prop_map(|all| all.into_iter().enumerate().map(|(at, course)| (PrNumber(at as u64 + 1), course)).collect())
}

fn flow(courses: &BTreeMap<PrNumber, Course>, selection: Selection, window: Window) -> FlowView {
    let now = Timestamp::from_second(BEGIN + 60 * DAY).unwrap();
    view("acme/shop", courses, &[], selection, window, now)
}

proptest! {
    #[test]
    fn the_parts_of_a_window_sum_up_to_it(courses in courses(), from in -2_i64..40 * DAY, length in 1_i64..50 * DAY) {
        let window = Window { from: BEGIN + from, to: BEGIN + from + length };
        let flow = flow(&courses, Selection::default(), window);
        let (all, parts) = (&flow.measures, &flow.parts);
        let sum = |of: fn(&crate::domain::flow::Slice) -> u64| parts.iter().map(of).sum::<u64>();
        prop_assert_eq!(sum(|part| part.landed), all.landed);
        prop_assert_eq!(sum(|part| part.rolled_back), all.rolled_back.part);
        prop_assert_eq!(sum(|part| part.withdrawn), all.withdrawn.units);
        prop_assert_eq!(sum(|part| part.asked), all.decisions.asked);
        prop_assert_eq!(sum(|part| part.given), all.decisions.given);
        prop_assert_eq!(sum(|part| part.reworked), all.rework.heads);
        prop_assert_eq!(sum(|part| part.trusted), all.trusted.units);
        for (cause, seconds) in &all.waiting.by_cause {
            let parts: u64 = parts.iter().map(|part| part.waiting[cause]).sum();
            prop_assert_eq!(parts, *seconds, "{}", cause);
        }
    }

    #[test]
    fn the_kinds_of_authors_sum_up_to_all_and_no_part_exceeds_its_whole(courses in courses()) {
        let window = Window { from: BEGIN, to: BEGIN + 60 * DAY };
        let all = flow(&courses, Selection::default(), window).measures;
        let by_kind: Vec<_> = crate::domain::policy::facts::AuthorKind::ALL
            .into_iter()
            .map(|kind| flow(&courses, Selection { author: Some(kind), rule: None }, window).measures)
            .collect();
        prop_assert_eq!(by_kind.iter().map(|one| one.landed).sum::<u64>(), all.landed);
        prop_assert_eq!(by_kind.iter().map(|one| one.waiting.seconds).sum::<u64>(), all.waiting.seconds);
        prop_assert_eq!(by_kind.iter().map(|one| one.decisions.given).sum::<u64>(), all.decisions.given);
        prop_assert_eq!(all.decisions.by_kind.values().sum::<u64>(), all.decisions.given);
        prop_assert_eq!(all.waiting.by_cause.values().sum::<u64>(), all.waiting.seconds);
        let shares: [Share; 9] = [all.interventions, all.friction, all.rework.landed, all.stale_avoided, all.rolled_back, all.held,
            all.context_loss.landed, all.feedback.became_rules, all.feedback.fired];
        for share in shares {
            prop_assert!(share.part <= share.whole, "{:?}", share);
            prop_assert_eq!(share.share.is_some(), share.whole > 0);
        }
        prop_assert!(all.trusted.provisional <= all.trusted.units && all.trusted.units <= all.landed);
        prop_assert!(all.collisions.came_true <= all.collisions.foreseen);
    }
}
