//! Auto-merge by policy: on after a confirm, off when that no longer stands, never asked for twice.

use super::super::*;
use super::desk::{Desk, Sent};
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Standing, SuggestionKind};

fn desk(policy: &str) -> Desk {
    let mut desk = Desk::new();
    desk.policy = PolicySeen { file: Some(("blob".into(), policy.into())), ..PolicySeen::default() };
    desk
}

const AUTO: &str = "version: 1\nmerge: { via: auto_merge, method: squash }\n";

fn actions(desk: &Desk) -> Vec<&'static str> {
    let word = |sent: &Sent| match sent {
        Sent::Action(ActionCall::EnableAutoMerge { .. }) => Some("on"),
        Sent::Action(ActionCall::DisableAutoMerge { .. }) => Some("off"),
        Sent::Action(ActionCall::Merge { .. }) => Some("merge"),
        Sent::Check(..) | Sent::Comment(..) | Sent::Deleted(_) | Sent::Action(_) => None,
    };
    desk.sent.iter().filter_map(word).collect()
}

fn refused(fault: Fault, message: &str) -> Answer {
    Answer::Refused { fault, message: message.into() }
}

/// A unit that bob confirmed: auto-merge is on.
fn armed() -> (Desk, PrNumber) {
    let mut desk = desk(AUTO);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/confirm");
    assert_eq!(actions(&desk), ["on"]);
    (desk, pr)
}

fn turned(desk: &mut Desk, pr: PrNumber, by: Option<&str>) {
    desk.snapshots.get_mut(&pr).unwrap().auto_merge = by.map(|by| AutoMergeSeen { by: Some(by.into()) });
    desk.pull(pr, PullAction::AutoMerge);
}

#[test]
fn a_confirm_turns_it_on_after_the_success_was_accepted() {
    let mut desk = desk(AUTO);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    let suggestion = desk.brief(pr).suggestion.unwrap();
    assert_eq!((suggestion.action, suggestion.detail.as_str()), (SuggestionKind::AutoMerge, "squash"));
    assert!(suggestion.undo.contains("turns auto-merge off"), "{}", suggestion.undo);
    desk.says(pr, "bob", "/confirm");
    let success = desk.sent.iter().position(|sent| matches!(sent, Sent::Check(_, Some(Conclusion::Success), _)));
    let on = desk.sent.iter().position(|sent| matches!(sent, Sent::Action(ActionCall::EnableAutoMerge { .. })));
    assert!(success.is_some() && success < on, "{success:?} {on:?}");
    assert_eq!((desk.standing(pr), desk.codes(pr)), (Standing::Landing, vec!["waits.auto_merge"]));
    assert_eq!(desk.brief(pr).next_move.unwrap().who, "GitHub");
    desk.pull(pr, PullAction::AutoMerge);
    desk.passes(3600);
    assert_eq!((actions(&desk), desk.conclusion(pr)), (vec!["on"], Some(Conclusion::Success)));
    assert!(desk.trace[&pr].iter().any(|line| line.contains("auto_merge_on")));
}

#[test]
fn where_nothing_is_left_to_wait_for_the_same_confirm_merges() {
    let mut desk = desk(AUTO);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.merge_faults = vec![refused(Fault::NothingToWaitFor, "Pull request is in clean status")];
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr));
    assert_eq!(actions(&desk), ["merge"], "the refused call did nothing");
    assert_eq!(desk.standing(pr), Standing::Landed);
    assert!(desk.trace[&pr].iter().any(|line| line.contains("passed_on")));
}

#[test]
fn an_unknown_outcome_is_read_and_only_what_was_not_done_is_done() {
    for (arrived, expected) in [(true, vec![]), (false, vec!["on"])] {
        let mut desk = desk(AUTO);
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.merge_faults = vec![Answer::Unknown { because: "502".into() }];
        desk.says(pr, "bob", "/confirm");
        if arrived {
            desk.snapshots.get_mut(&pr).unwrap().auto_merge = Some(AutoMergeSeen { by: Some("flyball[bot]".into()) });
        }
        desk.passes(60);
        assert_eq!(actions(&desk), expected, "arrived: {arrived}");
        assert_eq!(desk.codes(pr), ["waits.auto_merge"], "arrived: {arrived}");
        assert!(desk.state.units[&pr].ledger.is_empty());
    }
}

#[test]
fn an_unknown_outcome_may_be_a_landing() {
    let mut desk = desk(AUTO);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.merge_faults = vec![Answer::Unknown { because: "502".into() }];
    desk.says(pr, "bob", "/confirm");
    desk.snapshots.get_mut(&pr).unwrap().state = PullState::Merged;
    desk.passes(60);
    assert_eq!((actions(&desk), desk.standing(pr)), (vec![], Standing::Landed));
}

#[test]
fn each_refusal_is_said_once_with_the_next_step() {
    let rows = [
        (Fault::NotAllowed, "Auto merge is not allowed for this repository", "via: api"),
        (Fault::NotAllowed, "Pull request is in dirty status", "resolve that and push"),
        (Fault::NotAllowed, "Something else", "Clear what it names"),
        (Fault::Forbidden, "Resource not accessible by integration", "A permission of the App is missing"),
        (Fault::HeadMoved, "Head sha didn't match expected head oid", "confirm again"),
    ];
    for (fault, message, next) in rows {
        let mut desk = desk(AUTO);
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        desk.merge_faults = vec![refused(fault, message)];
        desk.says(pr, "bob", "/confirm");
        desk.passes(3600);
        let trouble = desk.state.units[&pr].trouble.clone().unwrap();
        assert!(trouble.starts_with(&format!("GitHub refused auto-merge: \"{message}\"")), "{trouble}");
        assert!(trouble.contains(next), "{message}: {trouble}");
        assert_eq!((actions(&desk), desk.is_merged(pr)), (vec![], false), "{message}");
        desk.says(pr, "bob", "/retry");
        desk.says(pr, "bob", "/confirm");
        assert_eq!(actions(&desk), ["on"], "{message}");
    }
}

type Happens = dyn Fn(&mut Desk, PrNumber);

#[test]
fn what_takes_the_confirm_away_turns_it_off() {
    let rows: [(&str, &Happens); 5] = [
        ("a push", &|desk, pr| desk.pushes(pr, 150)),
        ("a refusal", &|desk, pr| desk.says(pr, "carol", "/refuse a customer called")),
        ("a hold by its author", &|desk, pr| desk.says(pr, "alice", "/hold")),
        ("a draft", &|desk, pr| {
            desk.snapshots.get_mut(&pr).unwrap().draft = true;
            desk.pull(pr, PullAction::DraftChanged);
        }),
        ("another base", &|desk, pr| {
            desk.rules.insert("next".into(), desk.rules["main"].clone());
            desk.snapshots.get_mut(&pr).unwrap().base_ref = "next".into();
            desk.pull(pr, PullAction::Edited);
        }),
    ];
    for (case, happens) in rows {
        let (mut desk, pr) = armed();
        happens(&mut desk, pr);
        desk.passes(60);
        assert_eq!(actions(&desk), ["on", "off"], "{case}");
        assert!(desk.state.units[&pr].auto_merge.is_none(), "{case}");
        assert!(desk.conclusion(pr) != Some(Conclusion::Success), "{case}");
    }
}

#[test]
fn a_confirm_after_a_hold_turns_it_on_again() {
    let (mut desk, pr) = armed();
    desk.says(pr, "bob", "/hold");
    desk.passes(5);
    desk.says(pr, "bob", "/lift");
    desk.passes(5);
    desk.says(pr, "bob", "/confirm");
    assert_eq!(actions(&desk), ["on", "off", "on"]);
}

#[test]
fn evidence_that_runs_again_leaves_it_on_and_holds_it_back() {
    let (mut desk, pr) = armed();
    desk.check(pr, "test", Seen::Pending);
    assert_eq!((actions(&desk), desk.conclusion(pr)), (vec!["on"], None));
    desk.green(pr);
    assert_eq!((actions(&desk), desk.codes(pr)), (vec!["on"], vec!["waits.auto_merge"]));
}

#[test]
fn what_somebody_turned_off_is_not_turned_on_again_unasked() {
    let (mut desk, pr) = armed();
    turned(&mut desk, pr, None);
    desk.passes(3600);
    assert_eq!(actions(&desk), ["on"]);
    assert!(desk.brief(pr).reasons[0].text.contains("was turned off"), "{:?}", desk.brief(pr).reasons);
    desk.says(pr, "bob", "/retry");
    assert_eq!(actions(&desk), ["on", "on"]);
}

#[test]
fn somebody_elses_is_named_and_left_alone() {
    let mut desk = desk(AUTO);
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    turned(&mut desk, pr, Some("mona"));
    assert!(desk.brief(pr).next.contains("mona turned GitHub's auto-merge on"), "{}", desk.brief(pr).next);
    assert_eq!(desk.standing(pr), Standing::AwaitingJudgment);
    desk.says(pr, "carol", "/hold");
    desk.passes(5);
    assert_eq!(actions(&desk), Vec::<&str>::new(), "our missing success holds it back");
    desk.says(pr, "carol", "/lift");
    desk.passes(5);
    desk.says(pr, "bob", "/confirm");
    desk.passes(60);
    assert_eq!((actions(&desk), desk.codes(pr)), (vec![], vec!["waits.auto_merge"]), "it lands by theirs");
    assert!(desk.brief(pr).reasons[0].text.contains("turned on by mona"));
}

#[test]
fn without_protection_by_our_check_it_is_merged_and_the_suggestion_says_so() {
    for app in [None, Some(15368)] {
        let mut desk = desk(AUTO);
        let required = &mut desk.rules.get_mut("main").unwrap().required;
        required.iter_mut().for_each(|check| check.app = if check.context == "flyball" { app } else { check.app });
        let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
        let suggestion = desk.brief(pr).suggestion.unwrap();
        assert!(suggestion.effect.contains("does not require `flyball` from this App"), "{}", suggestion.effect);
        // A check of ours that another App must report cannot pass: that is protection's own affair.
        desk.says(pr, "bob", "/confirm");
        assert!(!actions(&desk).contains(&"on"), "{app:?}");
    }
}

#[test]
fn what_cannot_be_turned_off_is_said_and_not_asked_again_and_again() {
    let (mut desk, pr) = armed();
    desk.merge_faults = vec![refused(Fault::Forbidden, "Resource not accessible by integration"); 50];
    desk.says(pr, "carol", "/refuse a customer called");
    desk.passes(3600);
    assert_eq!(desk.merge_faults.len(), 49, "asked once");
    let reasons = desk.brief(pr).reasons;
    assert!(reasons.iter().any(|reason| reason.text.contains("did not turn auto-merge off")), "{reasons:?}");
    assert_eq!(desk.conclusion(pr), Some(Conclusion::Failure));
}

#[test]
fn the_commit_says_what_the_policy_asks_for() {
    let said = |merge: &str| {
        let mut desk = desk(&format!("version: 1\nmerge: {merge}\n"));
        let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
        desk.snapshots.get_mut(&pr).unwrap().body = "Because.\r\n\r\nFixes #3\r\n".into();
        desk.pull(pr, PullAction::Opened);
        desk.green(pr);
        desk.passes(2);
        // The title as it is when it is merged, not as it was when somebody confirmed.
        desk.snapshots.get_mut(&pr).unwrap().title = "Renamed".into();
        desk.says(pr, "bob", "/confirm");
        desk.sent.iter().find_map(|sent| match sent {
            Sent::Action(ActionCall::Merge { words, .. } | ActionCall::EnableAutoMerge { words, .. }) => {
                Some(words.clone().map(|words| (words.title, words.body)))
            }
            Sent::Check(..) | Sent::Comment(..) | Sent::Deleted(_) | Sent::Action(_) => None,
        })
    };
    let title = || "Renamed (#1)".to_owned();
    let rows = [
        ("{ method: squash }", None),
        ("{ message: github }", None),
        ("{ message: title }", Some((title(), String::new()))),
        ("{ message: pull_request }", Some((title(), "Because.\n\nFixes #3".to_owned()))),
        ("{ message: pull_request, via: auto_merge }", Some((title(), "Because.\n\nFixes #3".to_owned()))),
    ];
    for (merge, expected) in rows {
        assert_eq!(said(merge), Some(expected), "{merge}");
    }
}
