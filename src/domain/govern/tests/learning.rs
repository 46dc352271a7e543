//! What refusals teach: offers, pull requests against the policy, lessons that fire; and long waits.

use super::super::*;
use super::desk::{Desk, Sent, sha};
use crate::domain::ids::*;

fn seen(text: &str) -> PolicySeen {
    PolicySeen { file: Some(("b10b".into(), format!("version: 1\n{text}"))), extended: None, owners: None }
}

fn steps(desk: &Desk) -> Vec<&ProposalStep> {
    let mut all = Vec::new();
    for sent in &desk.sent {
        if let Sent::Action(ActionCall::Propose(proposal)) = sent {
            all.push(&proposal.step);
        }
    }
    all
}

/// The text that was written into the policy file last.
fn written(desk: &Desk) -> String {
    let text =
        |step: &&ProposalStep| if let ProposalStep::File { file } = step { Some(file.text.clone()) } else { None };
    steps(desk).iter().rev().find_map(text).unwrap_or_default()
}

#[test]
fn a_refusal_becomes_a_lesson_in_a_pull_request() {
    let mut desk = Desk::new();
    desk.policy = seen("# Keep this remark.\nrules: []\n");
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    desk.says(pr, "bob", "/refuse Prices need a test with a leap year");
    let offer = desk.brief(pr).lesson.unwrap();
    assert_eq!(offer.because, "it was refused");
    assert!(offer.rule.contains("billing/**") && offer.rule.contains("leap year"), "{}", offer.rule);
    desk.says(pr, "bob", "/remember");
    let done: Vec<&str> = steps(&desk)
        .into_iter()
        .map(|step| match step {
            ProposalStep::Edit => "edit",
            ProposalStep::Branch { .. } => "branch",
            ProposalStep::File { .. } => "file",
            ProposalStep::Pull { .. } => "pull",
        })
        .collect();
    assert_eq!(done, ["branch", "file", "pull"]);
    let text = written(&desk);
    assert!(text.contains("# Keep this remark.") && text.contains("Prices need a test with a leap year"), "{text}");
    assert!(crate::domain::policy::load(&text, crate::domain::policy::Around::default()).standard.is_some(), "{text}");
    assert_eq!(desk.replies(), ["#900 changes the policy file; it counts once that is merged."]);
    assert_eq!(desk.state.repo().asked.get(&PrNumber(900)).map(String::as_str), Some("bob"));
}

#[test]
fn whoever_asked_for_a_policy_pull_request_does_not_confirm_it() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    desk.says(pr, "bob", "/remember Prices need a test");
    let policy = desk.opens_green(900, "flyball[bot]", ".github/flyball.yml", 1);
    desk.says(policy, "bob", "/confirm");
    assert!(!desk.is_merged(policy));
    assert!(desk.replies().last().unwrap().contains("authors do not confirm their own change"), "{:?}", desk.replies());
    desk.says(policy, "carol", "/confirm");
    assert!(desk.is_merged(policy), "{:?}", desk.brief(policy));
}

#[test]
fn what_cannot_be_written_is_told_and_nothing_is_opened() {
    let rows = [
        ("rulez: []\n", "/remember Prices need a test", "the policy file has an error"),
        ("rules: []\n", "/forget no such thing", "there is no lesson"),
        ("rules: []\n", "/remember", "say what to remember"),
        ("rules: []\n", "/forget", "name the lesson"),
    ];
    for (policy, command, told) in rows {
        let mut desk = Desk::new();
        let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
        desk.policy = seen(policy);
        desk.says(pr, "bob", command);
        assert!(desk.replies().last().is_some_and(|reply| reply.contains(told)), "{command}: {:?}", desk.replies());
        assert!(steps(&desk).is_empty(), "{command}");
    }
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    desk.says(pr, "rita", "/remember Prices need a test");
    assert!(desk.replies()[0].contains("write access") && steps(&desk).is_empty());
}

#[test]
fn a_step_whose_answer_was_lost_is_not_done_twice() {
    let mut desk = Desk::new();
    desk.policy = seen("rules: []\n");
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    let lost = || Answer::Unknown { because: "connection closed".into() };
    let there = Answer::Refused { fault: Fault::Invalid, message: "Reference already exists".into() };
    desk.proposal_faults = vec![lost(), there];
    desk.says(pr, "bob", "/remember Prices need a test");
    desk.passes(60);
    assert_eq!(desk.replies(), ["#900 changes the policy file; it counts once that is merged."]);
    let forbidden = Answer::Refused { fault: Fault::Forbidden, message: "Resource not accessible".into() };
    desk.proposal_faults = vec![forbidden];
    desk.says(pr, "bob", "/remember Discounts need a test");
    desk.passes(60);
    assert!(desk.replies().last().unwrap().contains("GitHub refused it: \"Resource not accessible\""));
}

const LESSON: &str = "lessons:\n  - name: Leap years\n    why: Prices need a test with a leap year\n    when: { paths: ['billing/**'] }\n    require: { evidence: [leap] }\n    source: { unit: 'acme/shop#1', person: bob, date: '2026-03-01' }\n";

#[test]
fn a_lesson_fires_is_counted_and_can_be_forgotten() {
    let mut desk = Desk::new();
    desk.policy = seen(LESSON);
    let pr = desk.opens_green(7, "alice", "billing/price.rs", 10);
    assert_eq!(desk.codes(pr), ["waits.evidence"]);
    let lines = desk.brief(pr).lessons;
    assert_eq!(
        lines,
        [
            "Leap years: Prices need a test with a leap year (taught by bob on acme/shop#1, 2026-03-01; it fired on one unit)"
        ]
    );
    desk.opens_green(8, "alice", "billing/tax.rs", 10);
    assert!(desk.brief(pr).lessons[0].ends_with("it fired on 2 units)"));
    desk.says(pr, "bob", "/forget leap years");
    assert!(written(&desk).contains("retired: { by: \"bob\""), "{}", written(&desk));
}

#[test]
fn the_same_reason_twice_is_offered_once() {
    let mut desk = Desk::new();
    for (number, path) in [(1, "billing/a.rs"), (2, "billing/b.rs"), (3, "billing/c.rs")] {
        let pr = desk.opens_green(number, "alice", path, 10);
        desk.says(pr, "bob", "/refuse prices need a test with a leap year");
    }
    let offers: Vec<String> = desk.replies().into_iter().filter(|reply| reply.contains("the same reason")).collect();
    assert_eq!(offers.len(), 1, "{offers:?}");
    assert!(offers[0].starts_with("#1 was refused for the same reason"));
}

#[test]
fn how_units_end_is_kept_by_rule_and_kind_of_author() {
    let mut desk = Desk::new();
    desk.policy =
        seen("rules:\n  - name: Bills\n    when: { paths: ['billing/**'] }\n    require: { evidence: [test] }\n");
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    desk.says(pr, "bob", "/confirm");
    assert!(desk.is_merged(pr));
    let records = &desk.state.repo().records;
    let record = records.of("Bills", crate::domain::policy::facts::AuthorKind::Human).unwrap();
    assert_eq!((record.confirmed, record.refused), (1, 0));
}

#[test]
fn a_long_wait_is_told_once_to_whoever_can_end_it() {
    let mut desk = Desk::new();
    desk.policy = seen(
        "escalation:\n  - { after: 2d, waiting_for: confirm, notify: ['@acme/leads'] }\n  - { after: 5d, waiting_for: confirm, notify: ['@mona'] }\n",
    );
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.passes(47 * 3600);
    assert!(desk.replies().is_empty());
    desk.passes(2 * 3600);
    assert_eq!(desk.replies(), ["@acme/leads: answer with `/confirm` or `/refuse <reason>`"]);
    desk.passes(24 * 3600);
    assert_eq!(desk.replies().len(), 1, "never twice for the same wait");
    desk.passes(3 * 24 * 3600);
    assert_eq!(desk.replies().last().unwrap(), "@mona: answer with `/confirm` or `/refuse <reason>`");
    desk.pushes(pr, 101);
    desk.green(pr);
    desk.passes(49 * 3600);
    assert_eq!(desk.replies().len(), 3, "a push begins a new wait");
}

#[test]
fn a_hold_until_later_is_a_snooze() {
    let mut desk = Desk::new();
    desk.policy = seen("escalation:\n  - { after: 1d, waiting_for: any, notify: ['@mona'] }\n");
    let pr = desk.opens_green(1, "alice", "src/lib.rs", 10);
    desk.says(pr, "bob", "/hold for 5d");
    desk.passes(4 * 24 * 3600);
    assert!(desk.replies().is_empty(), "{:?}", desk.replies());
    desk.passes(3 * 24 * 3600);
    assert_eq!(desk.replies().len(), 1, "{:?}", desk.replies());
}

#[test]
fn a_pull_request_that_changes_the_policy_tells_whom_that_would_touch() {
    let mut desk = Desk::new();
    desk.opens_green(1, "alice", "billing/price.rs", 10);
    desk.opens_green(2, "alice", "docs/a.md", 10);
    desk.texts.insert(sha(300), format!("version: 1\n{LESSON}"));
    let policy = desk.opens_green(3, "carol", ".github/flyball.yml", 1);
    assert_eq!(desk.brief(policy).policy_changes, ["#1: would also need: `leap` passes"]);
}

#[test]
fn a_record_suggests_to_widen_a_rule_by_a_pull_request_once() {
    let mut desk = Desk::new();
    desk.restarts = false;
    desk.policy =
        seen("rules:\n  - name: Bills\n    when: { paths: ['billing/**'] }\n    require: { evidence: [test] }\n");
    for number in 1..=40 {
        let pr = desk.opens_green(number, "alice", &format!("billing/{number}.rs"), 10);
        desk.says(pr, "bob", "/confirm");
        assert!(desk.is_merged(pr));
    }
    let pulls = steps(&desk).iter().filter(|step| matches!(step, ProposalStep::Pull { .. })).count();
    assert_eq!(pulls, 1, "suggested once");
    let text = written(&desk);
    assert!(text.contains("name: \"Bills: human lands by itself\"") && text.contains("autonomy: \"auto\""), "{text}");
    let loaded = crate::domain::policy::load(&text, crate::domain::policy::Around::default());
    assert!(loaded.standard.is_some(), "{:?}", loaded.findings);
}

#[test]
fn near_misses_offer_a_rule_too() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    let other = desk.opens(2, "alice", "billing/tax.rs", 10);
    desk.passes(2);
    desk.says(other, "bob", "/confirm");
    desk.passes(5);
    desk.check(other, "test", Seen::Failing);
    let offer = desk.brief(other).lesson.unwrap();
    assert_eq!(offer.because, "evidence turned red after a confirm");
    assert!(offer.rule.contains("evidence: [{ name: \"test\""), "{}", offer.rule);
    desk.says(pr, "bob", "/hold");
    desk.says(pr, "bob", "/confirm");
    assert!(desk.brief(pr).lesson.is_none());
    desk.pushes(other, 201);
    assert_eq!(desk.brief(other).lesson.unwrap().because, "a push made a confirm void");
}

#[test]
fn a_lesson_may_end_on_a_day() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "billing/price.rs", 10);
    desk.says(pr, "bob", "/remember Prices are frozen until 2026-12-31");
    let text = written(&desk);
    assert!(text.contains("name: \"Prices are frozen\"") && text.contains("expires: \"2026-12-31"), "{text}");
}

#[test]
fn what_is_taken_back_twice_suggests_to_narrow_the_rule() {
    let mut desk = Desk::new();
    desk.policy = seen("rules:\n  - name: Docs\n    when: { only_paths: ['docs/**'] }\n    autonomy: auto\n");
    for number in [1, 3] {
        let pr = desk.opens_green(number, "alice", &format!("docs/{number}.md"), 10);
        desk.passes(5);
        assert!(desk.is_merged(pr));
        let revert = desk.prepare(number + 1, "bob", &format!("docs/{number}.md"), 10);
        desk.snapshots.get_mut(&revert).unwrap().body = format!("Reverts acme/shop#{number}");
        desk.pull(revert, PullAction::Opened);
        desk.green(revert);
        desk.passes(5);
        assert!(desk.is_merged(revert));
    }
    let records = &desk.state.repo().records;
    let record = records.of("Docs", crate::domain::policy::facts::AuthorKind::Human).unwrap();
    assert_eq!(record.rolled_back, 2);
    let text = written(&desk);
    assert!(text.contains("Docs: human is confirmed by a person") && text.contains("autonomy: \"confirm\""), "{text}");
}
