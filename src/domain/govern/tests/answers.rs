//! Every answer of GitHub to a merge (FACTS G2), and what follows from it.

use super::super::*;
use super::desk::{Desk, sha};
use crate::domain::unit::Standing;

fn refused(fault: Fault, message: &str) -> Answer {
    Answer::Refused { fault, message: message.into() }
}

#[test]
fn transient_refusals_are_tried_again_and_the_merge_happens_once() {
    let cases = [
        ("base moved", refused(Fault::Transient, "Base branch was modified. Review and try the merge again.")),
        ("protection is late", refused(Fault::NotAllowed, "Required status check \"flyball\" is expected.")),
        ("limited", refused(Fault::Limited { seconds: 30 }, "You have exceeded a secondary rate limit")),
        ("credentials", refused(Fault::Unauthorised, "Bad credentials")),
        ("hidden for a moment", refused(Fault::Gone, "Not Found")),
    ];
    for (case, answer) in cases {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.merge_faults = vec![answer];
        desk.says(pr, "bob", "/confirm");
        assert!(!desk.is_merged(pr), "{case}");
        desk.passes(60);
        assert_eq!((desk.is_merged(pr), desk.merges().len()), (true, 1), "{case}: {:?}", desk.codes(pr));
    }
}

#[test]
fn what_trying_again_cannot_help_is_shown_in_githubs_words_with_the_next_step() {
    let cases = [
        (Fault::NotAllowed, "Pull Request is not mergeable", "/retry"),
        (Fault::Forbidden, "Resource not accessible by integration", "permission of the App is missing"),
        (Fault::Invalid, "Invalid merge method", "merge method"),
        (Fault::Gone, "Not Found", "App's access"),
    ];
    for (fault, message, hint) in cases {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        let times = if fault == Fault::Gone { 5 } else { 1 };
        desk.merge_faults = vec![refused(fault, message); times];
        desk.says(pr, "bob", "/confirm");
        desk.passes(600);
        let reasons = desk.brief(pr).reasons;
        assert!(!desk.is_merged(pr), "{message}");
        assert!(reasons[0].text.contains(message) && reasons[0].text.contains(hint), "{reasons:?}");
        desk.says(pr, "bob", "/retry");
        assert!(desk.is_merged(pr), "{message}: {:?}", desk.codes(pr));
    }
}

#[test]
fn a_head_that_moved_voids_the_confirm() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.merge_faults = vec![refused(Fault::HeadMoved, "Head branch was modified. Review and try the merge again.")];
    desk.says(pr, "bob", "/confirm");
    desk.passes(120);
    assert_eq!((desk.is_merged(pr), desk.standing(pr)), (false, Standing::AwaitingJudgment));
}

#[test]
fn a_merge_nobody_knows_of_is_read_not_repeated() {
    for landed in [true, false] {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.merge_faults = vec![Answer::Unknown { because: "time-out".into() }];
        if landed {
            // It happened all the same, as the next read shows.
            desk.says(pr, "bob", "/hold");
            desk.says(pr, "bob", "/lift");
            desk.passes(30);
        }
        desk.says(pr, "bob", "/confirm");
        if landed {
            desk.snapshots.get_mut(&pr).unwrap().state = PullState::Merged;
        }
        desk.passes(60);
        assert_eq!(desk.standing(pr), Standing::Landed, "landed {landed}");
        assert_eq!(desk.merges().len(), usize::from(!landed), "landed {landed}");
    }
}

#[test]
fn a_merge_of_which_nobody_knows_gives_no_success_to_a_newer_head_nor_against_a_refusal() {
    for pushed in [true, false] {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.merge_faults = vec![Answer::Unknown { because: "time-out".into() }];
        desk.says(pr, "bob", "/confirm");
        assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Landing, Some(Conclusion::Success)));
        if pushed {
            desk.pushes(pr, 150);
            assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Gathering, None));
        } else {
            desk.says(pr, "carol", "/refuse not now");
            assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Blocked, Some(Conclusion::Failure)));
        }
        desk.passes(60);
        assert!(!desk.is_merged(pr), "pushed {pushed}");
    }
}

#[test]
fn a_push_between_confirm_and_merge_stops_the_merge() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    // The push is on GitHub, its event is late: the read before the merge finds it.
    desk.snapshots.get_mut(&pr).unwrap().head_sha = sha(101);
    let check = CheckSeen {
        sha: sha(100),
        name: "test".into(),
        app: Some(15368),
        state: Seen::Passing,
        based_at: Some(desk.now),
        at: Some(desk.now),
        url: None,
    };
    desk.happens(Event::Check(check));
    assert_eq!((desk.merges(), desk.standing(pr)), (vec![], Standing::Gathering));
}

#[test]
fn a_check_run_that_github_refuses_for_good_is_not_hammered() {
    let mut desk = Desk::new();
    desk.faults = vec![refused(Fault::Forbidden, "Resource not accessible by integration")];
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(3600);
    assert_eq!(desk.conclusion(pr), None);
    assert!(desk.checks.is_empty());
    desk.says(pr, "bob", "/retry");
    assert_eq!(desk.checks.len(), 1);
}
