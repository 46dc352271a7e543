//! Stale evidence: who is asked, the update of the branch, and what becomes of the confirm.

use super::super::*;
use super::desk::{Desk, sha};
use crate::domain::ids::PrNumber;
use crate::domain::unit::Standing;

/// Two units change the same lines and are green; the first has landed, so the evidence of the second is stale.
fn one_landed() -> (Desk, PrNumber) {
    let mut desk = Desk::new();
    let first = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let second = desk.opens_green(2, "alice", "src/lib.rs", 10);
    desk.says(first, "bob", "/confirm");
    desk.passes(3);
    assert!(desk.is_merged(first));
    (desk, second)
}

fn updates(desk: &Desk) -> usize {
    let is_update =
        |sent: &&super::desk::Sent| matches!(sent, super::desk::Sent::Action(ActionCall::UpdateBranch { .. }));
    desk.sent.iter().filter(is_update).count()
}

#[test]
fn nobody_confirmed_so_nothing_is_updated_and_the_way_out_is_named() {
    let (mut desk, pr) = one_landed();
    desk.passes(3600);
    assert_eq!((desk.standing(pr), desk.codes(pr)), (Standing::Gathering, vec!["waits.evidence.stale"]));
    assert_eq!(updates(&desk), 0);
    let brief = desk.brief(pr);
    assert!(brief.suggestion.unwrap().effect.starts_with("Brings the branch up to date with `main`"));
    assert!(brief.next_move.unwrap().what.contains("`/confirm`"));
}

#[test]
fn one_confirm_updates_the_branch_and_merges_it_once_the_evidence_is_fresh() {
    let (mut desk, pr) = one_landed();
    desk.says(pr, "bob", "/confirm");
    assert_eq!((updates(&desk), desk.snapshots[&pr].head_sha.clone()), (1, sha(250)));
    desk.passes(300);
    assert_eq!(updates(&desk), 1, "GitHub is given its time");
    desk.pull(pr, PullAction::Synchronized);
    assert_eq!((desk.standing(pr), desk.codes(pr)), (Standing::Gathering, vec!["waits.evidence"]));
    assert!(!desk.is_merged(pr));
    desk.green(pr);
    assert!(desk.is_merged(pr), "the confirm was carried over: {:?}", desk.brief(pr).decisions);
    assert!(desk.trace[&pr].iter().any(|line| line.contains("confirms_carried")));
}

type Differs = dyn Fn(&mut Desk, PrNumber);

#[test]
fn a_confirm_is_not_carried_to_a_head_that_is_not_the_update() {
    let changes_more = |desk: &mut Desk, pr: PrNumber| {
        desk.files.insert(pr, vec![super::doings::file("src/lib.rs", 10, 99)]);
    };
    let other_parent = |desk: &mut Desk, pr: PrNumber| {
        desk.snapshots.get_mut(&pr).unwrap().head_parents = vec![sha(3), sha(7)];
    };
    let no_merge = |desk: &mut Desk, pr: PrNumber| {
        desk.snapshots.get_mut(&pr).unwrap().head_parents = vec![sha(200)];
    };
    let patch_left_out = |desk: &mut Desk, pr: PrNumber| {
        for file in desk.files.get_mut(&pr).unwrap() {
            (file.patch, file.blob) = (None, None);
        }
    };
    let cases: [(&str, &Differs); 4] = [
        ("another change", &changes_more),
        ("another parent", &other_parent),
        ("a push, not a merge", &no_merge),
        ("a change that cannot be seen whole", &patch_left_out),
    ];
    for (case, differs) in cases {
        let (mut desk, pr) = one_landed();
        desk.says(pr, "bob", "/confirm");
        differs(&mut desk, pr);
        desk.pull(pr, PullAction::Synchronized);
        desk.green(pr);
        desk.passes(60);
        assert!(!desk.is_merged(pr), "{case}");
        assert_eq!(desk.brief(pr).decisions[0].counts, "void: a new head replaced it", "{case}");
    }
}

#[test]
fn a_push_of_the_same_change_by_its_author_carries_nothing() {
    let mut desk = Desk::new();
    let pr = desk.opens(1, "alice", "src/lib.rs", 10);
    desk.passes(2);
    desk.says(pr, "bob", "/confirm");
    desk.snapshots.get_mut(&pr).unwrap().head_parents = vec![sha(100), sha(7)];
    desk.pushes(pr, 101);
    desk.green(pr);
    desk.passes(60);
    assert!(!desk.is_merged(pr));
}

#[test]
fn an_update_that_github_refuses_is_told_in_its_words_and_not_hammered() {
    let rows = [
        (Fault::Invalid, "merge conflict between base and head", "Its author merges `main` into it"),
        (Fault::Forbidden, "Resource not accessible by integration", "may not push there"),
    ];
    for (fault, message, next) in rows {
        let (mut desk, pr) = one_landed();
        desk.merge_faults = vec![Answer::Refused { fault, message: message.into() }];
        desk.says(pr, "bob", "/confirm");
        desk.passes(3600);
        let reasons = desk.brief(pr).reasons;
        let told = reasons.iter().any(|reason| reason.text.contains(message) && reason.text.contains(next));
        assert!(told && updates(&desk) == 0, "{reasons:?}");
        desk.says(pr, "bob", "/retry");
        assert_eq!(updates(&desk), 1, "{message}");
    }
}

#[test]
fn an_update_nobody_knows_of_is_read_and_not_asked_twice_where_it_arrived() {
    let (mut desk, pr) = one_landed();
    desk.merge_faults = vec![Answer::Unknown { because: "time-out".into() }];
    desk.says(pr, "bob", "/confirm");
    let snapshot = desk.snapshots.get_mut(&pr).unwrap();
    (snapshot.head_sha, snapshot.head_parents) = (sha(250), vec![sha(200), sha(7)]);
    desk.passes(60);
    desk.green(pr);
    assert_eq!((updates(&desk), desk.is_merged(pr)), (0, true), "{:?}", desk.brief(pr).decisions);
}

#[test]
fn an_update_that_never_came_is_asked_for_again() {
    let (mut desk, pr) = one_landed();
    desk.merge_faults = vec![Answer::Done { written: Written::Done }];
    desk.says(pr, "bob", "/confirm");
    assert_eq!(updates(&desk), 0, "GitHub took it and did nothing");
    desk.passes(900);
    assert_eq!(updates(&desk), 1);
}

#[test]
fn a_way_out_is_named_only_where_it_is_one() {
    let (mut desk, pr) = one_landed();
    desk.says(pr, "bob", "/refuse not now");
    let brief = desk.brief(pr);
    assert!(brief.reasons.iter().all(|reason| !reason.text.contains("a confirm")), "{:?}", brief.reasons);
    assert!(brief.would_break.iter().all(|line| !line.contains("refuse")), "{:?}", brief.would_break);
}

#[test]
fn a_confirm_is_carried_also_where_the_parents_were_read_late() {
    let (mut desk, pr) = one_landed();
    desk.says(pr, "bob", "/confirm");
    let parents = std::mem::take(&mut desk.snapshots.get_mut(&pr).unwrap().head_parents);
    desk.pull(pr, PullAction::Synchronized);
    desk.green(pr);
    assert!(!desk.is_merged(pr), "nothing is proven yet");
    desk.snapshots.get_mut(&pr).unwrap().head_parents = parents;
    desk.happens(Event::Look { number: pr });
    assert!(desk.is_merged(pr));
}
