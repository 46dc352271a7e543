//! Words on pull requests that are not known yet and cannot be read.

use super::super::*;
use super::desk::Desk;
use crate::domain::unit::Standing;

#[test]
fn words_on_a_pull_request_that_cannot_be_read_are_heard_when_it_can() {
    for (word, stands) in [("/refuse not now", Standing::Blocked), ("/confirm", Standing::Gathering)] {
        let mut desk = Desk::new();
        desk.restarts = true;
        let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
        let hidden = desk.snapshots.remove(&pr).unwrap();
        desk.says(pr, "bob", word);
        desk.passes(60);
        assert!(desk.sent.is_empty(), "{word}: {:?}", desk.sent);
        desk.snapshots.insert(pr, hidden);
        desk.passes(300);
        assert_eq!((desk.standing(pr), desk.reactions().len()), (stands, 2), "{word}: {:?}", desk.codes(pr));
    }
}

#[test]
fn nothing_lands_before_an_early_stop_was_heard() {
    let mut desk = Desk::new();
    let pr = desk.prepare(1, "alice", "src/lib.rs", 10);
    let hidden = desk.snapshots.remove(&pr).unwrap();
    desk.says(pr, "bob", "/hold");
    desk.snapshots.insert(pr, hidden);
    desk.pull(pr, PullAction::Opened);
    desk.green(pr);
    let named = format!("/confirm {}", desk.snapshots[&pr].head_sha.twelve());
    desk.says(pr, "carol", &named);
    assert!(!desk.is_merged(pr) && desk.codes(pr).contains(&"waits.github"), "{:?}", desk.codes(pr));
    desk.passes(60);
    assert_eq!((desk.is_merged(pr), desk.codes(pr)[0]), (false, "blocked.hold"));
    desk.says(pr, "bob", "/lift");
    assert!(desk.is_merged(pr), "{:?}", desk.codes(pr));
}

#[test]
fn a_pull_request_that_is_never_shown_is_asked_for_some_times_only() {
    let mut desk = Desk::new();
    let pr = crate::domain::ids::PrNumber(7);
    desk.says(pr, "bob", "/refuse not now");
    desk.passes(24 * 3600);
    let asked = desk.reads.iter().filter(|need| **need == Need::Snapshot(pr)).count();
    assert!((5..20).contains(&asked), "{asked} times");
}
