//! What traces tell about the flow, from whole stories.

use serde_json::Value;

use super::super::*;
use super::desk::Desk;
use crate::domain::flow::{Cause, Course, Ended, Given, Learnt, Moved};
use crate::domain::ids::*;

impl Desk {
    fn course(&self, pr: PrNumber) -> Course {
        self.state.courses(&self.context, self.now).remove(&pr).unwrap()
    }

    /// The trace of a unit, learnt again from its lines.
    fn learnt_again(&self, pr: PrNumber) -> Vec<Moved> {
        let mut course = Course::default();
        let lines = self.trace[&pr].iter().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .flat_map(|line| {
                course.learn(
                    line["at"].as_str().unwrap().parse().unwrap(),
                    line["kind"].as_str().unwrap(),
                    &line["data"],
                )
            })
            .collect()
    }
}

#[test]
fn a_story_becomes_a_course_and_its_trace_alone_tells_the_same() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let near = desk.opens_green(2, "bob", "src/lib.rs", 10);
    let far = desk.opens_green(3, "bob", "docs/a.md", 10);
    desk.passes(60);
    desk.snapshots.get_mut(&near).unwrap().mergeable = Mergeable::Conflicting;
    desk.says(first, "carol", "/confirm");
    desk.passes(600);
    desk.says(far, "carol", "/confirm");
    assert!(desk.is_merged(first) && desk.is_merged(far));

    let course = desk.course(first);
    assert_eq!((course.asked.len(), course.ended.map(|(_, ended)| ended)), (1, Some(Ended::Landed)));
    assert_eq!(course.given.iter().map(|(_, given)| *given).collect::<Vec<_>>(), [Given::Confirm]);
    assert!(!course.spared && course.unanswered.is_empty(), "{course:?}");

    let course = desk.course(near);
    assert_eq!((course.foreseen.len(), course.came_true.len(), course.ended), (1, 1, None), "{course:?}");
    assert!(course.waits.iter().any(|(_, cause)| *cause == Some(Cause::Order)), "{:?}", course.waits);
    assert_eq!(course.waits.last().unwrap().1, Some(Cause::Repair));

    assert!(desk.course(far).spared, "what landed meanwhile was not related");
    for pr in [first, near, far] {
        let unit = desk.state.unit(pr).unwrap().course.clone();
        let again = desk.learnt_again(pr);
        assert_eq!(again.iter().filter(|moved| **moved == Moved::Asked).count(), unit.asked.len(), "{pr}");
        assert_eq!(again.iter().any(|moved| matches!(moved, Moved::Ended(_))), unit.ended.is_some(), "{pr}");
    }
}

#[test]
fn an_update_that_flyball_asked_for_is_no_rework_and_a_push_is() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.pushes(pr, 111);
    desk.green(pr);
    desk.passes(2);
    assert_eq!((desk.course(pr).reworked.len(), desk.course(pr).asked.len()), (1, 2));
    let early = desk.opens(2, "bob", "src/other.rs", 10);
    desk.pushes(early, 222);
    assert!(desk.course(early).reworked.is_empty(), "nothing was suggested before");
}

#[test]
fn who_landed_with_a_question_open_says_which() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    // GitHub says there are more files than it lists.
    desk.snapshots.get_mut(&pr).unwrap().changed_files = 4_000;
    desk.pushes(pr, 111);
    desk.green(pr);
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Merged;
    desk.pull(pr, PullAction::Closed);
    let course = desk.course(pr);
    assert_eq!(course.ended.map(|(_, ended)| ended), Some(Ended::Landed));
    assert!(course.unanswered.contains(&"conflicts".to_owned()), "{:?}", course.unanswered);
}

#[test]
fn what_ended_is_measured_under_its_rules_and_kept_on_its_own() {
    let mut desk = Desk::new();
    let text = "version: 1\nrules:\n  - { name: Books, when: { paths: ['docs/**'] } }\n  - { name: Code, when: { paths: ['src/**'] } }\n";
    desk.policy = PolicySeen { file: Some(("b10b".into(), text.into())), extended: None, owners: None };
    let open = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let pr = desk.opens_green(2, "codebot[bot]", "docs/a.md", 10);
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Closed;
    desk.pull(pr, PullAction::Closed);
    let course = desk.course(pr);
    assert_eq!((course.rules.as_slice(), course.author.word()), (&["Books".to_owned()][..], "app"));
    assert_eq!(desk.course(open).rules, ["Code"], "an open one stands under what applies now");

    let changes = Changes { units: [pr].into(), ..Changes::default() };
    let writes = desk.state.writes(&changes);
    let kept = writes.iter().find(|write| write.space == Space::Flow).expect("it is owed nothing");
    let read: Course = serde_json::from_slice(kept.value.as_ref().unwrap()).unwrap();
    assert_eq!((kept.field.as_str(), read), ("u:2", course));
}

#[test]
fn a_lesson_names_the_unit_that_it_came_from_and_whether_it_fired() {
    let mut desk = Desk::new();
    let lesson = |name: &str, path: &str, unit: &str| {
        format!(
            "  - name: {name}\n    why: So it was\n    when: {{ paths: ['{path}/**'] }}\n    require: {{ evidence: [leap] }}\n    source: {{ unit: '{unit}', person: bob, date: '2026-03-01' }}\n"
        )
    };
    let text = [
        "version: 1\nlessons:\n".to_owned(),
        lesson("A", "src", "acme/shop#7"),
        lesson("B", "doc", "Acme/Shop#8"),
        lesson("C", "etc", "acme/other#9"),
        lesson("D", "etc", "somewhere"),
    ];
    desk.policy = PolicySeen { file: Some(("b10b".into(), text.concat())), extended: None, owners: None };
    desk.opens_green(1, "alice", "src/lib.rs", 10);
    let learnt = desk.state.learnt(&desk.context);
    let expected = [Learnt { unit: PrNumber(7), fired: true }, Learnt { unit: PrNumber(8), fired: false }];
    assert_eq!(learnt, expected);
}
