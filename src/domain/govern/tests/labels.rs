//! Labels that show a standing: one call for each change that lasts, and nobody is fought.

use super::super::*;
use super::desk::{Desk, Sent};
use crate::domain::ids::PrNumber;

const LABELS: &str =
    "version: 1\nlabels: { awaiting_judgment: 'flyball: awaits judgment', blocked: 'flyball: blocked' }\n";

fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.policy = PolicySeen { file: Some(("blob".into(), LABELS.into())), ..PolicySeen::default() };
    desk
}

fn calls(desk: &Desk) -> Vec<String> {
    let word = |sent: &Sent| match sent {
        Sent::Action(ActionCall::Label { name, on, .. }) => {
            Some(format!("{}{}", if *on { '+' } else { '-' }, name.trim_start_matches("flyball: ")))
        }
        Sent::Check(..) | Sent::Comment(..) | Sent::Deleted(_) | Sent::Action(_) => None,
    };
    desk.sent.iter().filter_map(word).collect()
}

fn labels(desk: &Desk, pr: PrNumber) -> Vec<String> {
    desk.snapshots[&pr].labels.clone()
}

#[test]
fn a_label_follows_the_standing_once_that_has_lasted() {
    let mut desk = desk();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    assert_eq!(calls(&desk), Vec::<String>::new(), "it may not last");
    desk.passes(20);
    assert_eq!(calls(&desk), ["+awaits judgment"]);
    desk.pull(pr, PullAction::Labeled);
    // A burst: only where it ends costs calls.
    desk.says(pr, "bob", "/hold");
    desk.says(pr, "bob", "/lift");
    desk.says(pr, "carol", "/refuse a customer called");
    desk.passes(60);
    assert_eq!(calls(&desk)[1..], ["-awaits judgment", "+blocked"]);
    assert_eq!(labels(&desk, pr), ["flyball: blocked"]);
    desk.passes(7200);
    assert_eq!(calls(&desk).len(), 3);
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Closed;
    desk.pull(pr, PullAction::Closed);
    desk.passes(60);
    assert_eq!(labels(&desk, pr), Vec::<String>::new(), "nothing is left on what ended");
}

#[test]
fn what_a_person_takes_away_stays_away_while_the_standing_does() {
    let mut desk = desk();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.passes(20);
    desk.snapshots.get_mut(&pr).unwrap().labels = vec!["kind/bug".into()];
    desk.pull(pr, PullAction::Labeled);
    desk.passes(7200);
    assert_eq!(calls(&desk), ["+awaits judgment"]);
    desk.says(pr, "carol", "/hold");
    desk.passes(60);
    assert_eq!(
        (calls(&desk)[1..].to_vec(), labels(&desk, pr)),
        (vec!["+blocked".into()], vec!["kind/bug".into(), "flyball: blocked".into()])
    );
}

#[test]
fn a_refusal_is_taken_once_until_somebody_says_retry() {
    let mut desk = desk();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let refused = Answer::Refused { fault: Fault::Invalid, message: "Validation Failed".into() };
    desk.faults = vec![refused];
    desk.passes(60);
    desk.says(pr, "carol", "/hold");
    desk.passes(60);
    assert_eq!((calls(&desk), desk.faults.len()), (vec![], 0));
    assert!(desk.state.units[&pr].trouble.is_none(), "a label keeps nobody from landing");
    desk.says(pr, "carol", "/retry");
    desk.passes(60);
    assert_eq!(calls(&desk), ["+blocked"]);
}

#[test]
fn an_unknown_outcome_is_read_first() {
    for (arrived, expected) in [(true, Vec::<String>::new()), (false, vec!["+awaits judgment".into()])] {
        let mut desk = desk();
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.faults = vec![Answer::Unknown { because: "502".into() }];
        desk.passes(8);
        if arrived {
            desk.snapshots.get_mut(&pr).unwrap().labels = vec!["flyball: awaits judgment".into()];
        }
        desk.passes(120);
        assert_eq!(calls(&desk), expected, "arrived: {arrived}");
        assert!(desk.state.units[&pr].ledger.is_empty(), "arrived: {arrived}");
    }
}

#[test]
fn nothing_is_labelled_without_the_key_nor_in_observe_mode() {
    for policy in ["version: 1\n", &format!("mode: observe\n{LABELS}")] {
        let mut desk = desk();
        desk.policy = PolicySeen { file: Some(("blob".into(), policy.into())), ..PolicySeen::default() };
        desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.passes(60);
        assert_eq!(calls(&desk), Vec::<String>::new(), "{policy}");
    }
}

#[test]
fn rules_that_look_at_labels_cannot_run_in_circles_for_long() {
    let mut desk = desk();
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    for _ in 0..100 {
        desk.says(pr, "alice", "/hold");
        desk.passes(15);
        desk.says(pr, "alice", "/lift");
        desk.passes(15);
    }
    let all = calls(&desk).len();
    assert!((2..=40).contains(&all), "{all}");
}
