//! GitHub's merge queue: what is queued, and the answer that each group gets.

use super::super::*;
use super::desk::{Desk, Sent, sha};
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::unit::Standing;

fn guarded() -> Desk {
    let mut desk = Desk::new();
    desk.rules.get_mut("main").unwrap().merge_queue = true;
    desk
}

fn asks(desk: &mut Desk, group: u64, last: PrNumber) -> CommitSha {
    let head_sha = sha(group);
    desk.happens(Event::MergeGroup {
        action: MergeGroupAction::ChecksRequested,
        head_sha: head_sha.clone(),
        head_ref: format!("refs/heads/gh-readonly-queue/main/pr-{last}-{}", sha(1)),
        base: "main".into(),
    });
    head_sha
}

fn answer(desk: &Desk, group: &CommitSha) -> Option<(Option<Conclusion>, String)> {
    desk.checks.get(group).and_then(|runs| runs.first()).map(|run| (run.conclusion, run.title.clone()))
}

fn entry(desk: &Desk, number: PrNumber, group: Option<u64>) -> QueueSeen {
    QueueSeen { number, head: desk.snapshots[&number].head_sha.clone(), group: group.map(sha) }
}

fn actions(desk: &Desk) -> Vec<&'static str> {
    let word = |sent: &Sent| match sent {
        Sent::Action(ActionCall::Enqueue { .. }) => Some("enqueue"),
        Sent::Action(ActionCall::Dequeue { .. }) => Some("dequeue"),
        Sent::Action(ActionCall::Merge { .. }) => Some("merge"),
        Sent::Check(..) | Sent::Comment(..) | Sent::Deleted(_) | Sent::Action(_) => None,
    };
    desk.sent.iter().filter_map(word).collect()
}

#[test]
fn a_confirm_queues_it_and_its_group_passes() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    assert_eq!((actions(&desk), desk.standing(pr)), (vec!["enqueue"], Standing::Landing));
    assert_eq!(desk.codes(pr), ["waits.queue"]);
    desk.queue = vec![entry(&desk, pr, Some(900))];
    let group = asks(&mut desk, 900, pr);
    assert_eq!(answer(&desk, &group), Some((Some(Conclusion::Success), "#1 yes".into())));
    assert!(desk.reads.contains(&Need::Permission("bob".into())), "the right is read again");
}

type Happens = dyn Fn(&mut Desk, PrNumber);

#[test]
fn every_member_counts_whatever_the_order_within_the_queue() {
    let rows: [(&str, &Happens, Option<Conclusion>); 6] = [
        ("confirmed", &|desk, pr| desk.says(pr, "bob", "/confirm"), Some(Conclusion::Success)),
        ("not confirmed", &|_, _| {}, Some(Conclusion::Failure)),
        ("refused", &|desk, pr| desk.says(pr, "bob", "/refuse not now"), Some(Conclusion::Failure)),
        ("held by its author", &|desk, pr| desk.says(pr, "alice", "/hold"), Some(Conclusion::Failure)),
        (
            "confirmed by somebody who lost the right",
            &|desk, pr| {
                desk.says(pr, "bob", "/confirm");
                desk.passes(60);
                desk.rights.insert("bob".into(), Right::Read);
            },
            Some(Conclusion::Failure),
        ),
        (
            "evidence runs again",
            &|desk, pr| {
                desk.says(pr, "bob", "/confirm");
                desk.check(pr, "test", Seen::Pending);
            },
            None,
        ),
    ];
    for (case, happens, expected) in rows {
        let mut desk = guarded();
        // Both change the same lines: the queue tests them together, so that is no matter here.
        let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
        let second = desk.opens_green(2, "alice", "src/lib.rs", 10);
        desk.says(second, "bob", "/confirm");
        happens(&mut desk, first);
        desk.queue = vec![entry(&desk, first, Some(901)), entry(&desk, second, Some(902))];
        let group = asks(&mut desk, 902, second);
        assert_eq!(answer(&desk, &group).map(|(conclusion, _)| conclusion), Some(expected), "{case}");
        let alone = asks(&mut desk, 901, first);
        assert_eq!(answer(&desk, &alone).map(|(conclusion, _)| conclusion), Some(expected), "{case}");
    }
}

#[test]
fn a_group_of_a_hundred_is_answered_from_all_its_members() {
    let mut desk = guarded();
    desk.restarts = false;
    let all: Vec<PrNumber> = (1..=100).map(|n| desk.opens_green(n, "alice", &format!("src/{n}.rs"), 10)).collect();
    for pr in &all[..99] {
        desk.says(*pr, "bob", "/confirm");
    }
    let last = all[99];
    desk.queue = all.iter().map(|pr| entry(&desk, *pr, Some(1000 + pr.0))).collect();
    let group = asks(&mut desk, 1100, last);
    let (conclusion, text) = answer(&desk, &group).unwrap();
    assert_eq!(conclusion, Some(Conclusion::Failure), "{text}");
    assert!(text.contains("#100") && text.contains("#99 yes"), "{text}");
    let of_99 = asks(&mut desk, 1099, all[98]);
    assert_eq!(answer(&desk, &of_99).unwrap().0, Some(Conclusion::Success));
}

#[test]
fn a_refusal_takes_it_out_of_the_queue_and_fails_its_group_at_once() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    desk.queue = vec![entry(&desk, pr, Some(900))];
    let group = asks(&mut desk, 900, pr);
    desk.says(pr, "carol", "/refuse a customer called");
    assert_eq!(answer(&desk, &group).unwrap().0, Some(Conclusion::Failure));
    assert_eq!((actions(&desk), desk.standing(pr)), (vec!["enqueue", "dequeue"], Standing::Blocked));
    desk.passes(3600);
    assert_eq!(actions(&desk).len(), 2);
}

#[test]
fn what_the_queue_threw_out_is_not_queued_again_unasked() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    desk.snapshots.get_mut(&pr).unwrap().queued = false;
    desk.pull(pr, PullAction::Queued);
    desk.passes(3600);
    assert_eq!(actions(&desk), ["enqueue"]);
    assert!(desk.brief(pr).reasons[0].text.contains("took it out"), "{:?}", desk.brief(pr).reasons);
    desk.says(pr, "bob", "/retry");
    assert_eq!(actions(&desk), ["enqueue", "enqueue"]);
}

#[test]
fn a_group_nobody_can_read_is_in_progress_and_fails_after_ten_minutes() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    let group = asks(&mut desk, 900, pr);
    assert_eq!(answer(&desk, &group).unwrap().0, None);
    desk.passes(700);
    assert_eq!(answer(&desk, &group).unwrap().0, Some(Conclusion::Failure));
}

#[test]
fn a_group_whose_members_come_late_is_answered_then() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    let group = asks(&mut desk, 900, pr);
    desk.queue = vec![entry(&desk, pr, Some(900))];
    desk.passes(60);
    assert_eq!(answer(&desk, &group).unwrap().0, Some(Conclusion::Success));
}

#[test]
fn a_group_with_a_unit_that_was_never_seen_reads_it_first() {
    let mut desk = guarded();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    desk.queue = vec![entry(&desk, pr, Some(900))];
    let group = asks(&mut desk, 900, pr);
    assert_eq!(answer(&desk, &group).unwrap().0, Some(Conclusion::Failure), "nobody confirmed it");
}

#[test]
fn a_head_that_moved_since_it_was_queued_fails_the_group() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    desk.queue = vec![QueueSeen { number: pr, head: sha(55), group: Some(sha(900)) }];
    let group = asks(&mut desk, 900, pr);
    let (conclusion, title) = answer(&desk, &group).unwrap();
    assert!(conclusion == Some(Conclusion::Failure) && title.contains("moved on"), "{title}");
}

#[test]
fn the_end_of_a_group_ends_the_work_on_it_also_where_it_was_missed() {
    let mut desk = guarded();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let group = asks(&mut desk, 900, pr);
    desk.happens(Event::MergeGroup {
        action: MergeGroupAction::Destroyed,
        head_sha: group.clone(),
        head_ref: "refs/heads/gh-readonly-queue/main/pr-1".into(),
        base: "main".into(),
    });
    desk.passes(3600);
    assert_eq!(answer(&desk, &group).unwrap().0, None, "it was left alone");
    assert!(desk.state.repo().groups.is_empty());
    asks(&mut desk, 901, pr);
    desk.passes(700);
    desk.queue = vec![entry(&desk, pr, Some(902))];
    desk.happens(Event::Reconcile);
    let left: Vec<_> = desk.state.repo().groups.keys().cloned().collect();
    assert_eq!(left, [sha(902)], "what no event told of is answered, what is over is forgotten");
}

#[test]
fn a_queue_tests_what_lands_so_no_landing_makes_evidence_too_old() {
    let mut desk = guarded();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.opens_green(2, "alice", "src/lib.rs", 10);
    desk.snapshots.get_mut(&first).unwrap().state = PullState::Merged;
    desk.pull(first, PullAction::Closed);
    desk.passes(5);
    assert_eq!(desk.codes(second), ["waits.confirm"]);
    assert_eq!(desk.brief(second).evidence[0].state, "passing", "the brief tells the same");
}
