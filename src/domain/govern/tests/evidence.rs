//! Evidence is bound to a head, required by protection, and never our own check.

use super::super::*;
use super::desk::{Desk, sha};
use crate::domain::ids::*;
use crate::domain::unit::Standing;

#[test]
fn required_checks_decide_and_no_checks_yet_is_not_none_required() {
    let cases = [
        (None, Standing::Gathering, vec!["waits.evidence"], None),
        (Some(Seen::Pending), Standing::Gathering, vec!["waits.evidence"], None),
        (Some(Seen::Failing), Standing::Blocked, vec!["blocked.evidence"], Some(Conclusion::Failure)),
        (Some(Seen::Passing), Standing::AwaitingJudgment, vec!["waits.confirm"], Some(Conclusion::ActionRequired)),
    ];
    for (seen, standing, codes, conclusion) in cases {
        let mut desk = Desk::new();
        let pr = desk.opens(1, "alice", "src/lib.rs", 10);
        if let Some(seen) = seen {
            desk.check(pr, "test", seen);
        }
        let found: Vec<_> =
            desk.codes(pr).into_iter().filter(|code| *code != "waits.confirm" || codes.contains(code)).collect();
        assert_eq!((desk.standing(pr), found, desk.conclusion(pr)), (standing, codes, conclusion), "{seen:?}");
    }
}

#[test]
fn our_own_check_is_never_evidence_but_a_namesake_of_another_app_is() {
    let mut desk = Desk::new();
    let required = vec![RequiredCheck { context: "flyball".into(), app: Some(1) }];
    desk.rules.insert("main".into(), BaseRules { protected: true, required, ..BaseRules::default() });
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    assert_eq!(desk.standing(pr), Standing::Gathering);
}

#[test]
fn a_check_from_the_wrong_app_does_not_count() {
    let mut desk = Desk::new();
    let required = vec![RequiredCheck { context: "test".into(), app: Some(99) }];
    desk.rules.insert("main".into(), BaseRules { protected: true, required, ..BaseRules::default() });
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.green(pr);
    assert_eq!(desk.standing(pr), Standing::Gathering);
}

#[test]
fn checks_that_were_faster_than_the_pull_request_are_kept() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    let early = desk.check_seen(pr, "test", Seen::Passing);
    desk.happens(Event::Check(early));
    desk.pull(pr, PullAction::Opened);
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment);
}

#[test]
fn early_checks_are_forgotten_after_a_week() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    let early = desk.check_seen(pr, "test", Seen::Passing);
    desk.happens(Event::Check(early));
    assert_eq!(desk.state.early.len(), 1);
    desk.passes(8 * 24 * 3600);
    assert_eq!(desk.state.early.len(), 0);
}

#[test]
fn a_completed_check_costs_no_read_and_no_write_unless_it_changes_the_standing() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.reads.clear();
    desk.sent.clear();
    desk.check(pr, "lint", Seen::Passing);
    assert_eq!((desk.reads.len(), desk.sent.len()), (0, 0));
    desk.green(pr);
    assert_eq!((desk.reads.len(), desk.sent.len()), (0, 2));
}

#[test]
fn a_late_report_does_not_replace_a_newer_one() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    let late = desk.check_seen(pr, "test", Seen::Failing);
    desk.passes(10);
    desk.green(pr);
    desk.happens(Event::Check(late));
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment);
}

#[test]
fn evidence_that_turns_red_takes_the_grant_back() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.merge_faults = vec![Answer::Refused {
        fault: Fault::NotAllowed,
        message: "Changes must be made through a pull request".into(),
    }];
    desk.says(pr, "bob", "/confirm");
    assert_eq!((desk.conclusion(pr), desk.is_merged(pr)), (Some(Conclusion::Success), false));
    desk.passes(1);
    desk.check(pr, "test", Seen::Failing);
    assert_eq!(desk.conclusion(pr), Some(Conclusion::Failure));
}

#[test]
fn a_base_that_nobody_protects_is_not_governed_and_says_why() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    desk.snapshots.get_mut(&pr).unwrap().base_ref = "playground".into();
    desk.pull(pr, PullAction::Opened);
    assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Blocked, None));
    assert_eq!(desk.codes(pr)[0], "blocked.base.ungoverned");
    assert!(desk.brief(pr).suggestion.is_none());
}

#[test]
fn two_pull_requests_with_one_head_share_the_most_careful_check() {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.prepare(2, "bob", "src/lib.rs", 10);
    desk.snapshots.get_mut(&second).unwrap().head_sha = sha(100);
    desk.snapshots.get_mut(&second).unwrap().base_ref = "release".into();
    desk.rules.insert("release".into(), BaseRules { protected: true, ..BaseRules::default() });
    desk.pull(second, PullAction::Opened);
    desk.says(first, "carol", "/refuse no");
    let runs = &desk.checks[&sha(100)];
    assert_eq!(runs[0].conclusion, Some(Conclusion::Failure));
    assert!(runs[0].title.contains("#1") && runs[0].title.contains("#2"), "{}", runs[0].title);
    desk.passes(2);
    desk.says(second, "carol", "/confirm");
    assert!(!desk.is_merged(second), "the shared check does not pass");
}

#[test]
fn events_in_every_order_end_in_the_same_standing() {
    let orders = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
    for order in orders {
        let mut desk = Desk::new();
        let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
        let check = desk.check_seen(pr, "test", Seen::Passing);
        for step in order {
            match step {
                0 => desk.pull(pr, PullAction::Opened),
                1 => desk.happens(Event::Check(check.clone())),
                _ => desk.pull(pr, PullAction::Synchronized),
            }
        }
        assert_eq!(desk.standing(pr), Standing::AwaitingJudgment, "{order:?}");
    }
}

#[test]
fn closed_before_opened_stays_closed() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Closed;
    desk.pull(pr, PullAction::Closed);
    desk.pull(pr, PullAction::Opened);
    assert_eq!(desk.standing(pr), Standing::Withdrawn);
    assert!(desk.sent.is_empty(), "{:?}", desk.sent);
    assert_eq!(desk.snapshots[&PrNumber(1)].state, PullState::Closed);
}

#[test]
fn files_that_could_not_be_read_are_read_again() {
    let mut desk = Desk::new();
    let is_known = |desk: &Desk, pr| desk.state.unit(pr).unwrap().footprint.state.is_known();
    for (number, looked_at) in [(1, false), (2, true)] {
        let pr = desk.prepare(number, "alice", "src/lib.rs", 10);
        let files = desk.files.remove(&pr).unwrap();
        desk.pull(pr, PullAction::Opened);
        assert!(!is_known(&desk, pr));
        desk.files.insert(pr, files);
        if looked_at {
            desk.happens(Event::Look { number: pr });
        } else {
            desk.passes(10);
        }
        assert!(is_known(&desk, pr), "looked at: {looked_at}");
        desk.reads.clear();
        desk.passes(24 * 3600);
        assert!(!desk.reads.iter().any(|need| matches!(need, Need::Files { .. })), "and not again after that");
    }
}
