//! Who may say what, on which head, and what follows.

use super::super::*;
use super::desk::{Desk, Sent, actor, sha};
use crate::domain::ids::*;
use crate::domain::unit::Standing;

#[test]
fn a_confirm_by_somebody_who_may_merges_a_green_unit() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    assert_eq!(
        (desk.standing(pr), desk.conclusion(pr)),
        (Standing::AwaitingJudgment, Some(Conclusion::ActionRequired))
    );
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr), "{:#?}", desk.brief(pr));
    assert_eq!(desk.standing(pr), Standing::Landed);
    assert_eq!(desk.reactions(), [Reaction::Eyes, Reaction::Rocket]);
    assert_eq!(desk.replies(), Vec::<String>::new());
    assert_eq!(desk.conclusion(pr), Some(Conclusion::Success));
}

#[test]
fn a_confirm_given_early_waits_for_the_evidence() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Gathering, None));
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    assert_eq!((desk.is_merged(pr), desk.codes(pr)), (false, vec!["waits.evidence"]));
    desk.green(pr);
    assert!(desk.is_merged(pr));
}

#[test]
fn whose_confirm_does_not_count_is_told_so_in_one_line() {
    let cases = [
        ("the author", "alice", "/confirm", "authors do not confirm"),
        ("a reader", "rita", "/confirm", "write access"),
        ("a stranger", "nobody", "/confirm", "write access"),
        ("a short sha", "bob", "/confirm abcdef1", "first 12 digits"),
        ("another sha", "bob", "/confirm bbbbbbbbbbbb", "none of its commits"),
        ("a near miss", "bob", "/confrim", "did you mean `/confirm`"),
    ];
    for (case, login, body, expected) in cases {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.says(pr, login, body);
        let replies = desk.replies();
        assert!(!desk.is_merged(pr), "{case}");
        assert_eq!(replies.len(), 1, "{case}");
        assert!(replies[0].contains(expected), "{case}: {replies:?}");
        assert_eq!(desk.reactions(), [Reaction::Eyes, Reaction::Confused], "{case}");
    }
}

#[test]
fn a_bot_is_not_obeyed_and_not_answered() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let before = desk.sent.len();
    desk.says(pr, "helper[bot]", "/confirm");
    assert_eq!((desk.is_merged(pr), desk.sent.len()), (false, before));
}

#[test]
fn nobody_confirms_a_push_they_have_not_seen() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.pushes(pr, 101);
    desk.green(pr);
    desk.passes(5);
    desk.says(pr, "bob", "/confirm");
    assert!(!desk.is_merged(pr), "within the dwell");
    assert!(desk.replies()[0].contains("just before you wrote"), "{:?}", desk.replies());
    desk.passes(20);
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr), "after the dwell");
}

#[test]
fn a_confirm_that_names_the_head_counts_at_once() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.pushes(pr, 101);
    desk.green(pr);
    let head = sha(101);
    desk.says(pr, "bob", &format!("/confirm {}", head.twelve()));
    // All heads of the desk begin alike: twelve digits fit several of them.
    assert!(desk.replies()[0].contains("more than one of its heads"), "{:?}", desk.replies());
    desk.says(pr, "bob", &format!("/confirm {head}"));
    assert!(desk.is_merged(pr));
}

#[test]
fn a_confirm_of_an_old_head_is_void_after_a_push() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.pushes(pr, 101);
    desk.green(pr);
    assert_eq!((desk.is_merged(pr), desk.standing(pr)), (false, Standing::AwaitingJudgment));
    desk.says(pr, "bob", &format!("/confirm {}", sha(100)));
    assert!(desk.replies()[0].contains("replaced by a newer one"), "{:?}", desk.replies());
}

#[test]
fn a_refusal_stops_the_unit_until_it_is_lifted() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/refuse it belongs in the library");
    assert_eq!(
        (desk.standing(pr), desk.codes(pr), desk.conclusion(pr)),
        (Standing::Blocked, vec!["refused"], Some(Conclusion::Failure))
    );
    desk.pushes(pr, 101);
    desk.green(pr);
    assert_eq!(desk.codes(pr), ["refused"], "new commits do not clear it");
    desk.passes(60);
    desk.says(pr, "carol", "/confirm");
    desk.says(pr, "alice", "/lift");
    desk.says(pr, "carol", "/lift");
    assert_eq!(desk.replies().len(), 3, "{:?}", desk.replies());
    desk.says(pr, "bob", "/lift");
    desk.passes(30);
    desk.says(pr, "carol", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.replies());
}

#[test]
fn a_refusal_without_a_reason_stops_at_once_and_asks_for_it() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/refuse");
    assert_eq!((desk.codes(pr), desk.conclusion(pr)), (vec!["blocked.hold"], Some(Conclusion::Failure)));
    assert!(desk.replies()[0].contains("/refuse <reason>"));
    desk.says(pr, "bob", "/refuse too large");
    assert_eq!(desk.codes(pr), ["refused"]);
}

#[test]
fn a_hold_ends_by_its_date_and_an_author_may_hold_their_own() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm now");
    desk.says(pr, "alice", "/hold for 2h the release");
    assert_eq!(desk.codes(pr), ["blocked.hold"]);
    desk.passes(2 * 3600 + 5);
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment);
}

#[test]
fn a_refused_unit_cannot_be_confirmed_and_a_maintainer_may_lift() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/refuse no");
    desk.says(pr, "carol", "/confirm");
    assert!(desk.replies()[0].contains("stopped by bob"));
    desk.says(pr, "mona", "/lift");
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment);
}

#[test]
fn the_same_comment_twice_is_one_decision() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let comment = desk.writes(pr, "bob", "/hold");
    desk.happens(Event::Comment(comment.clone()));
    let sent = desk.sent.len();
    desk.happens(Event::Comment(comment));
    assert_eq!((desk.sent.len(), desk.brief(pr).decisions.len()), (sent, 1));
}

#[test]
fn a_click_counts_for_the_commit_of_its_run() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let click = |desk: &mut Desk, button, login: &str, at: u64, id: &str| {
        let event = Event::Button { button, run: CheckRunId(1), sha: sha(at), click: id.into(), started_at: None };
        let delivered = Delivered { sender: Some(super::desk::actor(login)), ..desk.delivered(event) };
        desk.delivers(&delivered);
        desk.drain();
    };
    click(&mut desk, Button::Hold, "bob", 100, "d1");
    assert_eq!(desk.codes(pr), ["blocked.hold"]);
    desk.says(pr, "bob", "/lift");
    click(&mut desk, Button::Confirm, "rita", 100, "d2");
    assert!(desk.replies()[0].contains("write access"));
    click(&mut desk, Button::Confirm, "bob", 100, "d3");
    assert!(desk.is_merged(pr));
}

#[test]
fn an_approval_clears_but_does_not_merge() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let review = |state, id: u64, at: Timestamp| ReviewSeen {
        id: ReviewId(id),
        author: Some(super::desk::actor("bob")),
        state,
        commit: Some(sha(100)),
        body: String::new(),
        submitted_at: at,
    };
    let approved = review(ReviewState::Approved, 1, desk.now);
    desk.happens(Event::Review { action: ReviewAction::Submitted, number: pr, review: approved });
    assert_eq!(
        (desk.standing(pr), desk.conclusion(pr), desk.is_merged(pr)),
        (Standing::Cleared, Some(Conclusion::Success), false)
    );
    let dismissed = review(ReviewState::Dismissed, 1, desk.now);
    desk.happens(Event::Review { action: ReviewAction::Dismissed, number: pr, review: dismissed });
    assert_eq!(
        (desk.standing(pr), desk.conclusion(pr)),
        (Standing::AwaitingJudgment, Some(Conclusion::ActionRequired))
    );
}

#[test]
fn an_approval_lifts_no_stop_not_even_ones_own() {
    for stop in ["/refuse not like this", "/hold until friday"] {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.says(pr, "bob", stop);
        let approved = ReviewSeen {
            id: ReviewId(1),
            author: Some(super::desk::actor("bob")),
            state: ReviewState::Approved,
            commit: Some(sha(100)),
            body: String::new(),
            submitted_at: desk.now,
        };
        desk.happens(Event::Review { action: ReviewAction::Submitted, number: pr, review: approved });
        assert_eq!((desk.standing(pr), desk.conclusion(pr)), (Standing::Blocked, Some(Conclusion::Failure)), "{stop}");
        desk.says(pr, "bob", "/lift");
        assert_eq!(desk.standing(pr), Standing::Cleared, "{stop}: the approval counts from there on");
    }
}

#[test]
fn why_plan_and_help_get_one_short_reply() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    for command in ["/why", "/plan", "/help"] {
        desk.says(pr, "rita", command);
    }
    assert_eq!(
        desk.replies(),
        [
            "A confirm merges it; a refusal stops it and says why.",
            "#1: It collides with nothing: it may land at any time.",
            "help"
        ]
    );
}

#[test]
fn a_confirmer_who_lost_their_right_is_found_out_before_the_merge() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.passes(60);
    desk.rights.insert("bob".into(), Right::Read);
    desk.green(pr);
    assert_eq!((desk.is_merged(pr), desk.standing(pr)), (false, Standing::AwaitingJudgment));
    assert_eq!(desk.conclusion(pr), Some(Conclusion::ActionRequired));
}

#[test]
fn a_person_under_a_new_login_is_the_same_person() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.rights.insert("alicia".into(), Right::Write);
    desk.says_as(pr, &actor("alice"), "alicia", "/confirm");
    assert!(!desk.is_merged(pr) && desk.conclusion(pr) == Some(Conclusion::ActionRequired), "the author, renamed");

    let pr = desk.opens(2, "alice", "src/other.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.passes(60);
    desk.rights.remove("bob");
    desk.rights.insert("robert".into(), Right::Write);
    desk.green(pr);
    assert!(!desk.is_merged(pr), "nobody has that login any more");
    desk.passes(2);
    desk.says_as(pr, &actor("bob"), "robert", "/confirm");
    assert!(desk.is_merged(pr));
    assert!(desk.brief(pr).decisions.iter().all(|decision| decision.by == "robert"));
}

#[test]
fn reopening_begins_without_the_old_confirms() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Closed;
    desk.pull(pr, PullAction::Closed);
    assert_eq!(desk.standing(pr), Standing::Withdrawn);
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Open;
    desk.pull(pr, PullAction::Reopened);
    desk.green(pr);
    assert_eq!((desk.standing(pr), desk.is_merged(pr)), (Standing::AwaitingJudgment, false));
}

#[test]
fn an_edited_comment_is_answered_not_obeyed() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let comment = CommentSeen { edited: true, ..desk.writes(pr, "bob", "/confirm") };
    desk.happens(Event::Comment(comment));
    assert!(!desk.is_merged(pr));
    assert!(
        desk.sent
            .iter()
            .any(|sent| matches!(sent, Sent::Action(ActionCall::Reply { body, .. }) if body.contains("edited")))
    );
}

#[test]
fn a_stop_by_somebody_whose_right_cannot_be_read_holds_until_it_can() {
    for word in ["/hold", "/refuse not now"] {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.unreadable = Some("carol".into());
        desk.says(pr, "carol", word);
        desk.says(pr, "bob", "/confirm");
        assert!(!desk.is_merged(pr), "{word}");
        assert!(desk.codes(pr).contains(&"waits.github"), "{:?}", desk.codes(pr));
        desk.passes(2);
        assert!(!desk.is_merged(pr) && desk.replies().is_empty(), "asked again, and still nobody knows");
        desk.unreadable = None;
        desk.passes(300);
        assert_eq!(desk.standing(pr), Standing::Blocked, "{word} was heard: {:?}", desk.codes(pr));
        assert!(!desk.is_merged(pr));
    }
}

#[test]
fn a_confirm_by_somebody_whose_right_cannot_be_read_counts_once_it_can() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.unreadable = Some("carol".into());
    desk.passes(1);
    desk.says(pr, "carol", "/confirm");
    desk.passes(2);
    assert!(!desk.is_merged(pr) && desk.replies().is_empty(), "asked again, and still nobody knows");
    assert_eq!(desk.codes(pr), ["waits.confirm"], "anybody else may confirm meanwhile");
    desk.unreadable = None;
    desk.passes(60);
    assert!(desk.is_merged(pr), "{:?}", desk.codes(pr));
}

#[test]
fn a_confirm_whose_right_stays_unreadable_is_answered_in_the_end_and_keeps_nobody_else() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.unreadable = Some("carol".into());
    desk.passes(1);
    desk.says(pr, "carol", "/confirm");
    desk.passes(600);
    assert!(!desk.is_merged(pr));
    assert_eq!(desk.replies().len(), 1, "once: {:?}", desk.replies());
    assert!(desk.replies()[0].contains("try again in a moment"), "{:?}", desk.replies());
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.codes(pr));
}

#[test]
fn a_lift_that_is_heard_late_does_not_lift_what_was_said_after_it() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.passes(60);
    let lift = desk.writes(pr, "carol", "/lift");
    desk.passes(60);
    desk.says(pr, "carol", "/hold let us wait");
    desk.happens(Event::Comment(lift.clone()));
    assert_eq!(desk.standing(pr), Standing::Blocked, "{:?}", desk.codes(pr));
    assert!(desk.replies().iter().any(|reply| reply.contains("nothing holds it")), "{:?}", desk.replies());
    desk.passes(60);
    desk.says(pr, "carol", "/lift");
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment, "{:?}", desk.codes(pr));
}

#[test]
fn what_was_said_before_a_reopening_does_not_count_though_it_is_heard_afterwards() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.passes(60);
    let said_at = desk.now;
    // Somebody confirms, approves and closes it; nobody tells us. Then it is reopened.
    desk.passes(60);
    let closed_at = desk.now;
    desk.passes(60);
    desk.pull(pr, PullAction::Reopened);
    let approved = ReviewSeen {
        id: ReviewId(1),
        author: Some(super::desk::actor("bob")),
        state: ReviewState::Approved,
        commit: Some(sha(100)),
        body: String::new(),
        submitted_at: said_at,
    };
    desk.happens(Event::Review { action: ReviewAction::Submitted, number: pr, review: approved });
    let confirm =
        CommentSeen { created_at: said_at, ..desk.writes(pr, "carol", &format!("/confirm {}", sha(100).short())) };
    desk.happens(Event::Comment(confirm));
    assert_eq!((desk.standing(pr), desk.is_merged(pr)), (Standing::AwaitingJudgment, false));
    assert!(desk.replies().iter().any(|reply| reply.contains("reopened")), "{:?}", desk.replies());
    // That it was closed is told last of all.
    let now = std::mem::replace(&mut desk.now, closed_at);
    let closed = desk.closed(pr);
    desk.now = now;
    desk.happens(closed);
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment, "it is open");
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr), "what is said now counts");
}

#[test]
fn a_reopening_of_which_no_delivery_tells_is_read() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.pushes(pr, 150);
    desk.says(pr, "carol", "/confirm");
    desk.passes(60);
    assert_eq!(desk.standing(pr), Standing::Gathering, "the confirm waits for evidence");
    desk.snapshots.get_mut(&pr).unwrap().reopened_at = Some(desk.now);
    desk.passes(1);
    desk.happens(Event::Look { number: pr });
    desk.green(pr);
    assert!(!desk.is_merged(pr), "it was said before the reopening");
    desk.passes(2);
    desk.says(pr, "carol", "/confirm");
    assert!(desk.is_merged(pr), "{:?}", desk.codes(pr));
}
