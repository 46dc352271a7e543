//! After landing: alarms, reverts, and what is compared.

use rstest::rstest;

use super::super::*;
use super::desk::{Desk, Sent, sha};
use super::doings::file;
use crate::domain::ids::*;
use crate::domain::unit::{ReasonCode, Standing, SuggestionKind};

impl Desk {
    fn pushed(&mut self, before: u64, after: u64) {
        let push =
            Event::Push { branch: "main".into(), before: Some(sha(before)), after: Some(sha(after)), policy: false };
        self.happens(push);
    }

    fn on_main(&mut self, commit: u64, state: Seen) {
        let check = self.tested(commit, state);
        self.happens(Event::Check(check));
    }

    fn tested(&self, commit: u64, state: Seen) -> CheckSeen {
        CheckSeen {
            sha: sha(commit),
            name: "test".into(),
            app: Some(15368),
            state,
            based_at: Some(self.now),
            at: Some(self.now),
            url: None,
        }
    }

    /// A pull request of alice is confirmed by bob, merged by us as commit 900 + its number, and GitHub says so.
    fn lands(&mut self, number: u64, path: &str, before: u64) -> PrNumber {
        let pr = self.opens_green(number, "alice", path, 10);
        self.says(pr, "bob", "/confirm");
        assert!(self.is_merged(pr), "{:?}", self.brief(pr).reasons);
        self.snapshots.get_mut(&pr).unwrap().merge_commit = Some(sha(900 + number));
        self.changes.entry(sha(900 + number)).or_insert_with(|| vec![file(path, 10, number)]);
        self.pull(pr, PullAction::Closed);
        self.pushed(before, 900 + number);
        self.passes(5);
        pr
    }

    fn opened_reverts(&self) -> usize {
        self.sent.iter().filter(|sent| matches!(sent, Sent::Action(ActionCall::Revert { .. }))).count()
    }

    fn suggests_revert(&self, pr: PrNumber) -> bool {
        self.brief(pr).suggestion.is_some_and(|suggestion| suggestion.action == SuggestionKind::Revert)
    }
}

/// #1 broke `main`, and its owner was told.
fn broken() -> (Desk, PrNumber) {
    let mut desk = Desk::new();
    desk.pushed(1, 2);
    desk.on_main(2, Seen::Passing);
    let pr = desk.lands(1, "src/a.rs", 2);
    desk.on_main(901, Seen::Failing);
    desk.passes(5);
    (desk, pr)
}

#[test]
fn a_base_that_fails_since_a_unit_landed_is_an_alarm_on_it() {
    let (mut desk, pr) = broken();
    assert_eq!(desk.standing(pr), Standing::Landed);
    assert_eq!(desk.codes(pr), [ReasonCode::LandedBaseRed.code()]);
    assert!(desk.suggests_revert(pr));
    let told = desk.replies();
    assert_eq!(told.iter().filter(|reply| reply.starts_with("@alice")).count(), 1, "{told:?}");
    desk.on_main(901, Seen::Failing);
    desk.passes(60);
    assert_eq!(desk.replies(), told, "once");
    desk.passes(5);
    desk.on_main(901, Seen::Passing);
    assert_eq!(desk.codes(pr), [""; 0], "it passes again: it was the test");
    assert!(!desk.suggests_revert(pr));
    assert_eq!(desk.opened_reverts(), 0, "never by itself");
}

#[test]
fn a_confirm_opens_the_revert_and_its_landing_takes_the_unit_back() {
    let (mut desk, pr) = broken();
    desk.says(pr, "alice", "/confirm");
    assert_eq!(desk.opened_reverts(), 1);
    assert_eq!(desk.reactions().last(), Some(&Reaction::Rocket));
    assert!(!desk.suggests_revert(pr), "it is on its way");
    assert_eq!(desk.brief(pr).next, "#801 takes it back once it lands.");
    desk.says(pr, "bob", "/revert again");
    assert!(desk.replies().last().unwrap().contains("#801 takes it back"), "{:?}", desk.replies());
    assert_eq!(desk.opened_reverts(), 1);

    let revert = desk.prepare(801, "flyball[bot]", "src/a.rs", 10);
    let snapshot = desk.snapshots.get_mut(&revert).unwrap();
    snapshot.body = "Reverts acme/shop#1\n\nIt broke.".into();
    desk.pull(revert, PullAction::Opened);
    desk.green(revert);
    desk.passes(2);
    desk.says(revert, "alice", "/confirm");
    assert!(!desk.is_merged(revert), "who asked for it counts as its author");
    desk.says(revert, "bob", "/confirm");
    assert!(desk.is_merged(revert));
    assert_eq!(desk.standing(pr), Standing::RolledBack);
    assert!(desk.trace[&pr].iter().any(|line| line.contains("reverting")));
}

#[rstest]
#[case::by_its_title("Revert \"Change 1\"", "taken back", file("src/b.rs", 10, 2))]
#[case::by_its_body("Sorry", "Reverts #1", file("src/b.rs", 10, 2))]
#[case::by_what_it_changes("Sorry", "", FileSeen { patch: Some("@@ -10,1 +10,1 @@\n-new 1\n+old".into()), ..file("src/a.rs", 10, 2) })]
fn a_revert_by_hand_is_recognised(#[case] title: &str, #[case] body: &str, #[case] change: FileSeen) {
    let mut desk = Desk::new();
    let pr = desk.lands(1, "src/a.rs", 2);
    let revert = desk.prepare(2, "carol", "src/a.rs", 10);
    let snapshot = desk.snapshots.get_mut(&revert).unwrap();
    (snapshot.title, snapshot.body) = (title.into(), body.into());
    desk.files.insert(revert, vec![change]);
    desk.pull(revert, PullAction::Opened);
    assert_eq!(desk.state.unit(pr).unwrap().aftermath.revert, Some(revert));
    desk.green(revert);
    desk.passes(2);
    desk.says(revert, "bob", "/confirm");
    assert_eq!(desk.standing(pr), Standing::RolledBack);
}

#[test]
fn a_revert_that_is_closed_leaves_the_alarm_as_it_was() {
    let (mut desk, pr) = broken();
    desk.says(pr, "alice", "/confirm");
    let revert = desk.prepare(801, "flyball[bot]", "src/a.rs", 10);
    desk.snapshots.get_mut(&revert).unwrap().body = "Reverts acme/shop#1".into();
    desk.pull(revert, PullAction::Opened);
    desk.snapshots.get_mut(&revert).unwrap().state = PullState::Closed;
    desk.pull(revert, PullAction::Closed);
    assert!(desk.suggests_revert(pr));
}

#[test]
fn a_strangers_word_takes_nothing_back() {
    let (mut desk, pr) = broken();
    let fork = desk.prepare(2, "mallory", "src/b.rs", 10);
    let snapshot = desk.snapshots.get_mut(&fork).unwrap();
    (snapshot.body, snapshot.head_repo) = ("Reverts acme/shop#1".into(), Some(RepoId(666)));
    desk.pull(fork, PullAction::Opened);
    assert!(desk.suggests_revert(pr), "those who may are still asked");
    desk.says(pr, "alice", "/confirm");
    assert_eq!(desk.opened_reverts(), 1);
}

#[test]
fn a_test_that_comes_and_goes_is_told_of_once() {
    let (mut desk, pr) = broken();
    for state in [Seen::Passing, Seen::Failing] {
        desk.passes(60);
        desk.on_main(901, state);
    }
    assert!(desk.suggests_revert(pr));
    assert_eq!(desk.replies().iter().filter(|reply| reply.starts_with("@alice")).count(), 1);
}

#[test]
fn somebody_says_that_the_cause_is_another_and_the_next_suspect_is_told() {
    let mut desk = Desk::new();
    desk.pushed(1, 2);
    desk.on_main(2, Seen::Passing);
    let first = desk.lands(1, "src/a.rs", 2);
    let second = desk.lands(2, "src/b.rs", 901);
    desk.on_main(902, Seen::Failing);
    assert!(!desk.suggests_revert(first) && !desk.suggests_revert(second), "it failed once, and #1 was not tested");
    desk.passes(5);
    desk.on_main(902, Seen::Failing);
    desk.passes(5);
    assert!(desk.suggests_revert(second) && !desk.suggests_revert(first), "the later one first");
    desk.says(second, "carol", "/refuse it only changes a comment");
    assert!(!desk.suggests_revert(second));
    assert!(desk.suggests_revert(first));
    desk.passes(5);
    desk.on_main(902, Seen::Failing);
    assert!(!desk.suggests_revert(second), "what was said stays said");
}

#[test]
fn at_most_three_are_told_within_an_hour() {
    let mut desk = Desk::new();
    desk.pushed(1, 2);
    let mut before = 2;
    let mut told = 0;
    for number in 1..=5 {
        desk.on_main(before, Seen::Passing);
        let pr = desk.lands(number, &format!("src/{number}.rs"), before);
        before = 900 + number;
        desk.passes(5);
        desk.on_main(before, Seen::Failing);
        desk.passes(5);
        told += usize::from(desk.suggests_revert(pr));
    }
    assert_eq!(told, 3);
}

#[test]
fn revert_by_command_needs_a_landing_and_a_right() {
    let mut desk = Desk::new();
    let pr = desk.opens_green(1, "alice", "src/a.rs", 10);
    desk.says(pr, "bob", "/revert it is bad");
    assert!(desk.replies().last().unwrap().contains("has not landed"));
    desk.says(pr, "bob", "/confirm");
    desk.says(pr, "rita", "/revert it is bad");
    assert!(desk.replies().last().unwrap().contains("write access"));
    desk.says(pr, "bob", "/confirm");
    assert!(desk.replies().last().unwrap().contains("`/revert <reason>`"), "{:?}", desk.replies());
    desk.says(pr, "alice", "/revert it doubles every order");
    assert_eq!(desk.opened_reverts(), 1);
    let brief = desk.brief(pr);
    assert_eq!(brief.decisions.last().map(|decision| decision.kind.as_str()), Some("revert"));
    assert_eq!(brief.lesson.map(|lesson| lesson.because).as_deref(), Some("it was taken back"));
}

#[rstest]
#[case::it_had_been_opened(true, 0)]
#[case::it_had_not(false, 1)]
fn an_unknown_outcome_is_read_before_it_is_asked_again(#[case] arrived: bool, #[case] again: usize) {
    let (mut desk, pr) = broken();
    if arrived {
        desk.reverts.insert(pr, PrNumber(801));
    }
    desk.says_and_fails(pr, Answer::Unknown { because: "503".into() });
    assert!(desk.reads.contains(&Need::RevertOf(pr)));
    assert_eq!(desk.opened_reverts(), again);
    assert_eq!(desk.state.unit(pr).unwrap().aftermath.revert, Some(PrNumber(801)));
}

#[test]
fn a_refused_revert_is_answered_with_the_next_step() {
    let (mut desk, pr) = broken();
    let message = "The pull request could not be reverted because of a conflict".to_owned();
    desk.says_and_fails(pr, Answer::Refused { fault: Fault::NotAllowed, message });
    let said = desk.replies().pop().unwrap();
    assert!(said.contains("because of a conflict") && said.contains("git revert"), "{said}");
    assert!(desk.suggests_revert(pr));
}

#[rstest]
#[case::the_same(file("src/a.rs", 40, 1), true)]
#[case::another(file("src/a.rs", 10, 7), false)]
fn what_landed_is_compared_with_what_was_proposed(#[case] landed: FileSeen, #[case] same: bool) {
    let mut desk = Desk::new();
    desk.changes.insert(sha(901), vec![landed]);
    let pr = desk.lands(1, "src/a.rs", 2);
    assert!(!desk.reads.iter().any(|need| matches!(need, Need::Change { .. })), "nobody waits for it");
    desk.passes(120);
    let reads = desk.reads.iter().filter(|need| matches!(need, Need::Change { .. })).count();
    assert_eq!(reads, 1);
    assert_eq!(desk.codes(pr).contains(&ReasonCode::LandedOtherwise.code()), !same);
    assert_eq!(desk.suggests_revert(pr), !same);
    let lesson = desk.brief(pr).lesson.map(|lesson| lesson.because);
    assert_eq!(lesson.as_deref(), (!same).then_some("something else landed than was confirmed"));
}

impl Desk {
    /// alice confirms the revert, and GitHub answers so.
    fn says_and_fails(&mut self, pr: PrNumber, answer: Answer) {
        self.revert_faults.push(answer);
        self.says(pr, "alice", "/confirm");
        self.passes(60);
    }
}

#[test]
fn a_failure_that_nobody_told_of_is_found_by_the_comparison() {
    let mut desk = Desk::new();
    desk.pushed(1, 2);
    desk.on_main(2, Seen::Passing);
    let pr = desk.lands(1, "src/a.rs", 2);
    desk.base_head = sha(901);
    desk.base_checks = vec![desk.tested(901, Seen::Failing)];
    desk.passes(60);
    desk.happens(Event::Reconcile);
    assert_eq!(desk.codes(pr), [ReasonCode::LandedBaseRed.code()]);

    // The head is told by now; after a long time away it is read all the same.
    desk.passes(600);
    desk.base_checks = vec![desk.tested(901, Seen::Passing)];
    desk.happens(Event::Reconcile);
    assert!(desk.suggests_revert(pr));
    desk.passes(3600);
    desk.happens(Event::Reconcile);
    assert!(!desk.suggests_revert(pr));
    desk.passes(24 * 3600);
    desk.reads.clear();
    desk.happens(Event::Reconcile);
    assert!(!desk.reads.contains(&Need::BranchHead("main".into())), "nothing landed for long");
}
