use serde_json::{Value, json};

use crate::domain::flow::{Cause, Course, Ended, Given, Moved, Selection};
use crate::domain::ids::Timestamp;
use crate::domain::policy::facts::AuthorKind;

fn told(entries: &[(i64, &str, Value)]) -> (Course, Vec<Moved>) {
    let mut course = Course::default();
    let mut moved = Vec::new();
    for (at, kind, data) in entries {
        moved.extend(course.learn(Timestamp::from_second(*at).unwrap(), kind, data));
    }
    (course, moved)
}

fn judged(standing: &str, code: &str) -> Value {
    json!({ "standing": standing, "codes": [code], "reasons": ["..."], "head": "abc" })
}

#[test]
fn what_happens_is_told_to_the_counters_as_it_happens() {
    let (course, moved) = told(&[
        (0, "proposed", json!({})),
        (10, "judged", judged("gathering", "waits.evidence")),
        (70, "judged", judged("awaiting_judgment", "waits.confirm")),
        (100, "decided", json!({ "decision": "confirm" })),
        (100, "judged", judged("cleared", "waits.order")),
        (160, "landed_beside", json!({ "unit": 9 })),
        (161, "landed_beside", json!({ "unit": 10 })),
        (165, "judged", judged("blocked", "blocked.conflict.base")),
        (200, "pushed", json!({ "update": false })),
        (250, "landed", json!({ "author": "agent", "rules": ["A"], "unanswered": ["conflicts"], "spared": true })),
        (260, "judged", json!({ "standing": "landed", "codes": [] })),
        (300, "alarm", json!({})),
        (310, "alarm", json!({})),
        (400, "reverting", json!({ "state": "merged" })),
    ]);
    let expected = [
        Moved::Waited(Cause::Evidence, 60),
        Moved::Asked,
        Moved::Given(Given::Confirm),
        Moved::Waited(Cause::Judgment, 30),
        Moved::Foreseen,
        Moved::Waited(Cause::Order, 65),
        Moved::CameTrue,
        Moved::Reworked,
        Moved::Waited(Cause::Repair, 85),
        Moved::Ended(Ended::Landed),
        Moved::Unanswered,
        Moved::Spared,
        Moved::Alarmed,
        Moved::RolledBack,
    ];
    assert_eq!(moved, expected);
    assert_eq!(
        (course.author, course.ended, course.rolled_back),
        (AuthorKind::Agent, Some((250, Ended::Landed)), Some(400))
    );
}

#[test]
fn a_unit_that_is_opened_again_has_not_ended_and_is_asked_about_anew() {
    let (course, moved) = told(&[
        (0, "judged", judged("awaiting_judgment", "waits.confirm")),
        (10, "withdrawn", json!({ "author": "human" })),
        (20, "reopened", json!({})),
        (21, "judged", judged("awaiting_judgment", "waits.confirm")),
    ]);
    assert_eq!(course.ended, None);
    assert_eq!(moved.iter().filter(|moved| **moved == Moved::Asked).count(), 2);
    assert_eq!(course.waits, [(0, Some(Cause::Judgment)), (10, None), (21, Some(Cause::Judgment))]);
}

#[test]
fn entries_that_say_nothing_about_flow_or_cannot_be_read_change_nothing() {
    let nothing = [
        ("facts", json!({ "facts": {} })),
        ("judged", json!({ "standing": "dancing" })),
        ("judged", json!(null)),
        ("decided", json!({ "decision": "shrug" })),
        ("reverting", json!({ "state": "open" })),
        ("no_such_kind", json!([1, 2])),
    ];
    for (kind, data) in nothing {
        let (course, moved) = told(&[(5, kind, data)]);
        assert_eq!((course.is_empty(), moved.len()), (true, 0), "{kind}");
    }
}

#[test]
fn a_course_reads_back_as_it_was_written_and_one_of_another_build_is_read_too() {
    let (course, _) = told(&[
        (10, "judged", judged("gathering", "waits.evidence")),
        (70, "judged", judged("awaiting_judgment", "waits.confirm")),
        (80, "landed_beside", json!({ "unit": 9 })),
    ]);
    let written = serde_json::to_string(&course).unwrap();
    assert!(written.len() < 160, "short: {written}");
    assert_eq!(serde_json::from_str::<Course>(&written).unwrap(), course);
    let oldest: Course = serde_json::from_str(r#"{"v":1}"#).unwrap();
    assert!(oldest.is_empty());
    let newer: Course = serde_json::from_str(r#"{"v":2,"opened":7,"to_come":true}"#).unwrap();
    assert_eq!(newer.opened, Some(7));
}

#[test]
fn a_unit_that_goes_to_and_fro_for_ever_keeps_its_newest_moments_only() {
    let entries: Vec<(i64, &str, Value)> = (0..2_000)
        .map(|at| {
            let standing = if at % 2 == 0 { ("gathering", "waits.evidence") } else { ("blocked", "blocked.hold") };
            (at, "judged", judged(standing.0, standing.1))
        })
        .collect();
    let (course, _) = told(&entries);
    assert_eq!((course.waits.len(), course.waits.last().unwrap().0), (400, 1_999));
}

#[test]
fn a_selection_lets_through_what_it_names() {
    let (course, _) = told(&[(0, "landed", json!({ "author": "agent", "rules": ["A"] }))]);
    let cases = [
        (None, None, true),
        (Some(AuthorKind::Agent), None, true),
        (Some(AuthorKind::Human), None, false),
        (None, Some("A"), true),
        (Some(AuthorKind::Agent), Some("B"), false),
    ];
    for (author, rule, expected) in cases {
        let selection = Selection { author, rule: rule.map(str::to_owned) };
        assert_eq!(selection.lets(&course), expected, "{selection:?}");
    }
}

#[test]
fn what_came_true_of_a_change_comes_true_once_though_its_branch_is_updated() {
    let (course, _) = told(&[
        (10, "landed_beside", json!({ "unit": 9 })),
        (20, "judged", judged("blocked", "blocked.evidence")),
        (30, "pushed", json!({ "update": true })),
        (40, "judged", judged("blocked", "blocked.evidence")),
    ]);
    assert_eq!((course.foreseen, course.came_true), (vec![10], vec![20]));
}
