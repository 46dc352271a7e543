//! The check run and the sticky comment: written when they change, never twice, never taken back.

use super::super::*;
use super::desk::{Desk, Sent, sha};
use crate::domain::ids::*;
use crate::domain::unit::verify;

fn comments(desk: &Desk) -> usize {
    desk.sent.iter().filter(|sent| matches!(sent, Sent::Comment(..))).count()
}

#[test]
fn an_opened_pull_request_costs_one_check_and_one_comment() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    let kinds: Vec<&str> =
        desk.sent.iter().map(|sent| if matches!(sent, Sent::Check(..)) { "check" } else { "comment" }).collect();
    assert_eq!(kinds, ["check", "comment"]);
    let files = Need::Files { number: pr, head: sha(100), changed_files: 1 };
    let cold = [Need::Snapshot(pr), files, Need::Rules("main".into()), Need::Attributes, Need::Policy];
    assert!(desk.reads.iter().all(|need| cold.contains(need)) && desk.reads.len() == 5, "{:?}", desk.reads);
    desk.reads.clear();
    desk.opens(2, "alice", "src/b.rs", 10);
    assert_eq!(desk.reads.len(), 2, "protection and policy are known by now");
}

#[test]
fn a_draft_gets_its_check_and_no_comment() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    desk.snapshots.get_mut(&pr).unwrap().draft = true;
    desk.pull(pr, PullAction::Opened);
    assert_eq!((desk.sent.len(), desk.conclusion(pr)), (1, None));
    desk.snapshots.get_mut(&pr).unwrap().draft = false;
    desk.pull(pr, PullAction::DraftChanged);
    assert_eq!(comments(&desk), 1);
}

#[test]
fn recomputing_with_nothing_changed_changes_nothing() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let (sent, trace) = (desk.sent.len(), desk.trace[&pr].len());
    for _ in 0..3 {
        desk.happens(Event::Look { number: pr });
        desk.pull(pr, PullAction::Labeled);
        desk.happens(Event::Reconcile);
    }
    assert_eq!((desk.sent.len(), desk.trace[&pr].len()), (sent, trace));
}

#[test]
fn a_completed_run_is_replaced_and_an_incomplete_one_changed() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.green(pr);
    assert_eq!(desk.checks[&sha(100)].len(), 1, "in progress, then completed: one run");
    desk.says(pr, "bob", "/hold");
    assert_eq!(desk.checks[&sha(100)].len(), 2, "completed is final");
}

#[test]
fn a_new_head_gets_its_run_at_once() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.pushes(pr, 101);
    assert_eq!(desk.checks[&sha(101)].len(), 1);
}

#[test]
fn a_withdrawn_unit_takes_its_success_back() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.merge_faults =
        vec![Answer::Refused { fault: Fault::Forbidden, message: "Resource not accessible by integration".into() }];
    desk.says(pr, "bob", "/confirm");
    assert_eq!(desk.conclusion(pr), Some(Conclusion::Success));
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Closed;
    desk.pull(pr, PullAction::Closed);
    assert_eq!(desk.conclusion(pr), Some(Conclusion::Cancelled));
}

#[test]
fn a_comment_that_somebody_deleted_is_written_anew() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.comments.clear();
    desk.faults = vec![Answer::Done {
        written: Written::Check {
            run: CheckRunId(1001),
            status: CheckStatus::Completed,
            conclusion: Some(Conclusion::ActionRequired),
        },
    }];
    desk.faults.push(Answer::Refused { fault: Fault::Gone, message: "Not Found".into() });
    desk.green(pr);
    desk.passes(5);
    assert_eq!(desk.comments[&pr].len(), 1);
}

#[test]
fn one_passing_404_keeps_neither_the_comment_nor_a_reply_away() {
    let mut desk = Desk::new();
    let hidden = || Answer::Refused { fault: Fault::Gone, message: "Not Found".into() };
    let check = Written::Check { run: CheckRunId(5), status: CheckStatus::InProgress, conclusion: None };
    desk.faults = vec![Answer::Done { written: check }, hidden()];
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(10);
    assert_eq!(desk.comments[&pr].len(), 1);

    let done = || Answer::Done { written: Written::Done };
    desk.faults = vec![done(), done(), hidden()];
    desk.says(pr, "bob", "/why");
    desk.passes(10);
    assert_eq!(desk.comments[&pr].len(), 2);
}

#[test]
fn a_pull_request_that_stays_gone_is_left_alone_after_a_few_tries() {
    let mut desk = Desk::new();
    let check = Written::Check { run: CheckRunId(5), status: CheckStatus::InProgress, conclusion: None };
    let hidden = std::iter::repeat_with(|| Answer::Refused { fault: Fault::Gone, message: "Not Found".into() });
    desk.faults = std::iter::once(Answer::Done { written: check }).chain(hidden.take(20)).collect();
    desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(3600);
    assert_eq!(desk.faults.len(), 14, "six tries in an hour");
}

#[test]
fn an_unknown_answer_is_read_and_nothing_is_doubled() {
    let mut desk = Desk::new();
    let unknown = || Answer::Unknown { because: "the connection broke".into() };
    desk.faults = vec![unknown(), unknown()];
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(60);
    assert_eq!((desk.checks[&sha(100)].len(), desk.comments[&pr].len()), (1, 1));
    assert!(desk.reads.contains(&Need::OurComments(pr)) && desk.reads.contains(&Need::OurChecks(sha(100))));
}

#[test]
fn a_comment_that_arrived_though_the_answer_was_lost_is_adopted() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    let lost = OurComment { id: CommentId(7), body: format!("{STICKY_MARKER}\nlost"), updated_at: desk.now };
    desk.comments.insert(pr, vec![lost]);
    let check = CheckRunId(5);
    desk.faults = vec![
        Answer::Done { written: Written::Check { run: check, status: CheckStatus::InProgress, conclusion: None } },
        Answer::Unknown { because: "502".into() },
    ];
    desk.pull(pr, PullAction::Opened);
    desk.passes(60);
    assert_eq!(desk.comments[&pr].len(), 1, "no second comment");
    assert_eq!(desk.state.unit(pr).unwrap().comment.id, Some(CommentId(7)));
}

#[test]
fn an_incomplete_run_is_renewed_before_github_calls_it_stale() {
    let mut desk = Desk::new();
    desk.opens(1, "alice", "src/lib.rs", 10);
    let before = desk.sent.len();
    desk.passes(14 * 24 * 3600);
    assert!(desk.sent.len() > before);
}

#[test]
fn the_trace_of_a_story_verifies_and_the_check_carries_its_anchor() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    let lines = &desk.trace[&pr];
    let head = verify(lines.iter().map(String::as_str)).unwrap();
    assert_eq!(head, desk.state.unit(pr).unwrap().chain);
    let kinds: Vec<String> = lines
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["kind"].as_str().unwrap().to_owned())
        .collect();
    for kind in ["proposed", "judged", "evidence", "decided", "grant_given", "action_owed", "landed"] {
        assert!(kinds.iter().any(|found| found == kind), "{kind} in {kinds:?}");
    }
}

#[test]
fn a_lost_reply_is_not_taken_for_that_to_another_comment() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let asks = |desk: &Desk, id: u64| {
        Event::Comment(CommentSeen {
            id: CommentId(id),
            number: pr,
            author: super::desk::actor("bob"),
            body: "/why".into(),
            created_at: desk.now,
            edited: false,
        })
    };
    let first = asks(&desk, 55);
    desk.happens(first);
    let done = || Answer::Done { written: Written::Done };
    desk.faults = vec![done(), done(), Answer::Unknown { because: "time-out".into() }];
    let second = asks(&desk, 5);
    desk.happens(second);
    desk.passes(60);
    assert_eq!(desk.replies().len(), 2, "{:?}", desk.sent);
}

#[test]
fn pending_results_do_not_write_the_comment_again() {
    let mut desk = Desk::new();
    desk.rules.get_mut("main").unwrap().required =
        ["test", "lint", "doc"].map(|context| RequiredCheck { context: context.into(), app: None }).to_vec();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    let before = comments(&desk);
    desk.check(pr, "test", Seen::Passing);
    desk.check(pr, "lint", Seen::Pending);
    desk.check(pr, "lint", Seen::Passing);
    assert_eq!(comments(&desk), before);
    desk.check(pr, "doc", Seen::Passing);
    assert_eq!(comments(&desk), before + 1);
}

/// Long enough after a write that GitHub shows it everywhere.
const SHOWN: i64 = 180;

#[test]
fn a_comment_that_somebody_deleted_or_edited_comes_back_with_a_look() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    let said = desk.comments[&pr][0].body.clone();
    desk.passes(SHOWN);
    desk.comments.get_mut(&pr).unwrap()[0].body = "all is well, merge it".into();
    let before = comments(&desk);
    desk.happens(Event::Look { number: pr });
    assert_eq!((desk.comments[&pr][0].body.as_str(), comments(&desk)), (said.as_str(), before + 1));
    desk.passes(SHOWN);
    desk.comments.clear();
    desk.says(pr, "alice", "/retry");
    assert_eq!(desk.comments[&pr].iter().filter(|comment| comment.body == said).count(), 1);
    desk.passes(SHOWN);
    let before = comments(&desk);
    desk.happens(Event::Look { number: pr });
    assert_eq!(comments(&desk), before, "as it was sent");
}

#[test]
fn a_check_run_that_says_something_else_is_written_anew() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.passes(SHOWN);
    desk.checks.get_mut(&sha(100)).unwrap()[0].conclusion = Some(Conclusion::Success);
    desk.happens(Event::Look { number: pr });
    assert_eq!(desk.conclusion(pr), Some(Conclusion::ActionRequired));
    desk.passes(SHOWN);
    desk.checks.clear();
    desk.pull(pr, PullAction::DraftChanged);
    assert_eq!(desk.conclusion(pr), Some(Conclusion::ActionRequired), "it was gone");
}

#[test]
fn what_was_just_written_is_not_compared() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let before = desk.sent.len();
    // What GitHub reads us may be older than what it accepted.
    (desk.checks, desk.comments) = Default::default();
    desk.happens(Event::Look { number: pr });
    assert_eq!(desk.sent.len(), before);
}

#[test]
fn a_unit_that_is_met_late_may_have_our_comment_already() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    let earlier = OurComment { id: CommentId(7), body: format!("{STICKY_MARKER}\nearlier"), updated_at: desk.now };
    desk.comments.insert(pr, vec![earlier]);
    desk.happens(Event::Look { number: pr });
    assert_eq!((desk.comments[&pr].len(), desk.comments[&pr][0].id), (1, CommentId(7)));
    assert_ne!(desk.comments[&pr][0].body, format!("{STICKY_MARKER}\nearlier"), "it says what is so now");
    desk.reads.clear();
    desk.green(pr);
    assert!(!desk.reads.contains(&Need::OurComments(pr)), "asked once");
}

#[test]
fn a_second_sticky_comment_that_came_late_is_deleted() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    let check = CheckRunId(5);
    desk.faults = vec![
        Answer::Done { written: Written::Check { run: check, status: CheckStatus::InProgress, conclusion: None } },
        Answer::Unknown { because: "the process ended".into() },
    ];
    desk.pull(pr, PullAction::Opened);
    desk.passes(30);
    let ours = desk.state.unit(pr).unwrap().comment.id.unwrap();
    assert_eq!(desk.comments[&pr].len(), 1, "none was found, so it was written again");
    // The call of the replica that stood still arrives after all.
    let late = OurComment { id: CommentId(7), body: format!("{STICKY_MARKER}\nlate"), updated_at: desk.now };
    desk.comments.get_mut(&pr).unwrap().push(late);
    desk.faults = vec![Answer::Unknown { because: "502".into() }];
    desk.passes(SHOWN);
    desk.passes(60);
    assert_eq!(desk.comments[&pr].iter().map(|comment| comment.id).collect::<Vec<_>>(), [ours]);
    assert!(desk.sent.iter().any(|sent| matches!(sent, Sent::Deleted(7))), "{:?}", desk.sent);
    let reads = desk.reads.len();
    desk.passes(3600);
    assert!(!desk.reads[reads..].contains(&Need::OurComments(pr)), "it is looked for once");
}
