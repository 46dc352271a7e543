//! One of several related units at a time may land, also when people press the merge button themselves.

use super::super::*;
use super::desk::{Desk, HERE, Sent, sha};
use crate::domain::ids::*;
use crate::domain::unit::Standing;

#[test]
fn of_two_that_change_the_same_lines_only_one_holds_a_success() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.opens_green(2, "bob", "src/lib.rs", 10);
    assert_eq!(desk.codes(second), ["blocked.collision.textual"]);
    assert_eq!(desk.conclusion(second), None, "another unit clears it, so nobody is asked");
    desk.says(second, "carol", &format!("/confirm {}", sha(200)));
    assert_eq!((desk.standing(second), desk.codes(second)), (Standing::Cleared, vec!["waits.order"]));
    desk.says(first, "carol", "/refuse superseded");
    assert_eq!(desk.conclusion(first), Some(Conclusion::Failure));
    assert!(desk.is_merged(second));
}

#[test]
fn when_the_first_lands_the_second_is_read_again() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.opens_green(2, "bob", "src/lib.rs", 10);
    desk.snapshots.get_mut(&second).unwrap().mergeable = Mergeable::Conflicting;
    desk.says(first, "carol", "/confirm");
    assert!(desk.is_merged(first));
    desk.passes(5);
    assert_eq!(desk.codes(second)[0], "blocked.conflict.base");
    assert_eq!(desk.conclusion(second), Some(Conclusion::Failure));
}

#[test]
fn evidence_older_than_a_related_landing_is_stale_and_unrelated_evidence_is_not() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let near = desk.opens_green(2, "bob", "src/lib.rs", 11);
    let far = desk.opens_green(3, "bob", "src/other.rs", 10);
    desk.says(first, "carol", "/confirm");
    desk.passes(5);
    assert_eq!(desk.codes(near), ["waits.evidence.stale"]);
    assert_eq!(desk.standing(far), Standing::AwaitingJudgment);
    desk.green(near);
    assert_eq!(desk.standing(near), Standing::AwaitingJudgment);
}

#[test]
fn a_holder_keeps_its_grant_when_a_newcomer_collides() {
    let mut desk = Desk::new();
    let second = desk.opens_green(2, "alice", "src/lib.rs", 10);
    let approved = ReviewSeen {
        id: ReviewId(1),
        author: Some(super::desk::actor("bob")),
        state: ReviewState::Approved,
        commit: Some(sha(200)),
        body: String::new(),
        submitted_at: desk.now,
    };
    desk.happens(Event::Review { action: ReviewAction::Submitted, number: second, review: approved });
    assert_eq!(desk.conclusion(second), Some(Conclusion::Success));
    let first = desk.opens_green(1, "bob", "src/lib.rs", 10);
    desk.says(first, "carol", &format!("/confirm {}", sha(100)));
    assert_eq!((desk.conclusion(second), desk.codes(first)), (Some(Conclusion::Success), vec!["waits.order"]));
}

#[test]
fn a_success_is_taken_back_before_a_related_one_is_given() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let approved = ReviewSeen {
        id: ReviewId(1),
        author: Some(super::desk::actor("bob")),
        state: ReviewState::Approved,
        commit: Some(sha(100)),
        body: String::new(),
        submitted_at: desk.now,
    };
    desk.happens(Event::Review { action: ReviewAction::Submitted, number: first, review: approved });
    let second = desk.opens_green(2, "bob", "src/lib.rs", 10);
    desk.says(second, "carol", &format!("/confirm {}", sha(200)));
    // GitHub does not accept the revocation: nobody knows whether the first may still land.
    desk.faults = vec![Answer::Done { written: Written::Done }, Answer::Done { written: Written::Done }];
    desk.faults.push(Answer::Unknown { because: "time-out".into() });
    desk.says(first, "carol", "/refuse wrong layer");
    assert!(!desk.is_merged(second), "the first may still pass");
    desk.passes(30);
    assert_eq!(desk.conclusion(first), Some(Conclusion::Failure));
    assert!(desk.is_merged(second));
}

#[test]
fn a_strangers_draft_or_fork_ahead_jams_nobody() {
    for stranger in ["draft", "fork", "held", "failing"] {
        let mut desk = Desk::new();
        let first = desk.prepare(1, "eve", "src/lib.rs", 10);
        let snapshot = desk.snapshots.get_mut(&first).unwrap();
        match stranger {
            "draft" => snapshot.draft = true,
            "fork" => snapshot.head_repo = Some(RepoId(HERE.0 + 1)),
            _ => {}
        }
        desk.pull(first, PullAction::Opened);
        match stranger {
            "held" => desk.says(first, "carol", "/hold"),
            "failing" => desk.check(first, "test", Seen::Failing),
            _ => {}
        }
        let second = desk.opens_green(2, "alice", "src/lib.rs", 10);
        desk.passes(2);
        desk.says(second, "bob", "/confirm");
        assert!(desk.is_merged(second), "{stranger}: {:#?}", desk.brief(second).reasons);
    }
}

#[test]
fn patience_ends_and_the_two_swap() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.opens_green(2, "bob", "src/lib.rs", 10);
    desk.says(second, "carol", &format!("/confirm {}", sha(200)));
    desk.passes(23 * 3600);
    assert!(!desk.is_merged(second));
    desk.passes(2 * 3600);
    assert!(desk.is_merged(second), "{:?}", desk.codes(second));
    assert!(!desk.is_merged(first));
}

#[test]
fn a_stack_lands_from_the_bottom() {
    let mut desk = Desk::new();
    let bottom = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let top = desk.prepare(2, "alice", "src/top.rs", 1);
    desk.snapshots.get_mut(&top).unwrap().base_ref = "branch-1".into();
    desk.rules.insert("branch-1".into(), BaseRules { protected: true, ..BaseRules::default() });
    desk.pull(top, PullAction::Opened);
    assert_eq!(desk.codes(top), ["waits.dependency"]);
    assert_eq!(desk.brief(bottom).dependents[0].unit, "#2");
    desk.says(bottom, "bob", "/confirm");
    assert_eq!(desk.standing(top), Standing::AwaitingJudgment);
}

#[test]
fn dependencies_are_told_apart() {
    let cases = [
        ("Depends-On: #1", "waits.dependency"),
        ("Depends-On: #9", "blocked.dependency.unreadable"),
        ("Depends-On: other/repo#1", "blocked.dependency.unreadable"),
        ("Depends-On: #2", "blocked.dependency.cycle"),
        ("Depends-On: #3", "blocked.dependency.closed"),
    ];
    for (body, code) in cases {
        let mut desk = Desk::new();
        desk.opens(1, "alice", "a.rs", 1);
        let closed = desk.opens(3, "alice", "c.rs", 1);
        desk.snapshots.get_mut(&closed).unwrap().state = PullState::Closed;
        desk.pull(closed, PullAction::Closed);
        let second = desk.prepare(2, "bob", "b.rs", 1);
        desk.snapshots.get_mut(&second).unwrap().body = body.into();
        desk.pull(second, PullAction::Opened);
        assert_eq!(desk.codes(second)[0], code, "{body}");
    }
}

#[test]
fn a_cycle_is_named_in_full_and_blocks_only_its_members() {
    let mut desk = Desk::new();
    for (number, body) in [(1, "Depends-On: #2"), (2, "Depends-On: #3"), (3, "Depends-On: #1"), (4, "")] {
        let pr = desk.prepare(number, "alice", &format!("{number}.rs"), 1);
        desk.snapshots.get_mut(&pr).unwrap().body = body.into();
        desk.pull(pr, PullAction::Opened);
    }
    desk.pull(PrNumber(1), PullAction::Edited);
    desk.happens(Event::Look { number: PrNumber(1) });
    assert!(
        desk.brief(PrNumber(1)).reasons[0].text.contains("#1 needs #2 needs #3 needs #1"),
        "{:?}",
        desk.brief(PrNumber(1)).reasons
    );
    assert_eq!(desk.codes(PrNumber(4)), ["waits.evidence"]);
}

#[test]
fn an_unknown_footprint_delays_only_itself() {
    let mut desk = Desk::new();
    let big = desk.prepare(1, "alice", "src/lib.rs", 10);
    desk.snapshots.get_mut(&big).unwrap().changed_files = 3500;
    desk.pull(big, PullAction::Opened);
    desk.green(big);
    let other = desk.opens_green(2, "bob", "src/z.rs", 10);
    desk.says(other, "carol", "/confirm");
    assert!(desk.is_merged(other));
    desk.says(big, "carol", "/confirm");
    desk.passes(5);
    assert!(desk.is_merged(big), "alone on its base it may: {:?}", desk.codes(big));
}

#[test]
fn no_success_is_given_by_a_right_that_was_lost_since_the_confirm() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.passes(3600);
    desk.rights.insert("bob".into(), Right::Read);
    desk.green(pr);
    let passed = |sent: &Sent| matches!(sent, Sent::Check(_, Some(Conclusion::Success), _));
    assert!(!desk.sent.iter().any(passed), "{:?}", desk.sent);
    assert_eq!((desk.standing(pr), desk.is_merged(pr)), (Standing::AwaitingJudgment, false));
}
