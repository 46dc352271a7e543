use rstest::rstest;

use super::trunk::{LandedUnit, Trunk};
use super::{Failure, edits};
use crate::domain::govern::seen::facts::FileSeen;
use crate::domain::govern::seen::{CheckSeen, Seen};
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};

fn sha(n: u64) -> CommitSha {
    format!("{n:040x}").parse().unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + second).unwrap()
}

fn unit(number: u64, path: &str) -> LandedUnit {
    LandedUnit {
        number: PrNumber(number),
        at: at(number.cast_signed()),
        paths: vec![path.to_owned()],
        lines: 10,
        untested_with: Vec::new(),
        reverts: false,
    }
}

/// Commits 1 to `n`, each pushed onto the one before; #11 landed with commit 1 and so on.
fn trunk(n: u64) -> Trunk {
    let mut trunk = Trunk::default();
    for number in 1..=n {
        trunk.pushed(Some(&sha(number - 1)), &sha(number), at(0));
        trunk.landed(unit(10 + number, &format!("src/{number}.rs")), Some(&sha(number)), false, at(0));
    }
    trunk
}

fn says(trunk: &mut Trunk, commit: u64, state: Seen, second: i64) {
    let check = CheckSeen {
        sha: sha(commit),
        name: "test".into(),
        app: None,
        state,
        based_at: None,
        at: Some(at(second)),
        url: None,
    };
    trunk.tested(&check);
}

fn numbers(failure: Option<Failure>) -> Option<Vec<u64>> {
    Some(failure?.suspects.iter().map(|suspect| suspect.number.0).collect())
}

#[rstest]
#[case::green_parent(&[(1, true), (2, false)], Some(vec![12]))]
#[case::never_green(&[(1, false), (2, false)], None)]
#[case::once_after_one_that_was_not_tested(&[(1, true), (3, false)], None)]
#[case::twice_after_one_that_was_not_tested(&[(1, true), (3, false), (4, false)], Some(vec![13, 12]))]
#[case::green_again(&[(1, true), (2, false), (3, true)], None)]
#[case::green_again_and_red_again(&[(1, true), (2, false), (3, true), (4, false)], Some(vec![14]))]
#[case::red_for_long(&[(1, true), (2, false), (3, false), (4, false)], Some(vec![12]))]
fn what_landed_since_it_was_green_is_blamed(#[case] results: &[(u64, bool)], #[case] blamed: Option<Vec<u64>>) {
    let mut forwards = trunk(4);
    let mut backwards = trunk(4);
    let state = |green: &bool| if *green { Seen::Passing } else { Seen::Failing };
    for (commit, green) in results {
        says(&mut forwards, *commit, state(green), 1);
    }
    for (commit, green) in results.iter().rev() {
        says(&mut backwards, *commit, state(green), 1);
    }
    assert_eq!(numbers(forwards.failure("test", None)), blamed);
    assert_eq!(backwards, forwards, "the order in which results come in does not count");
    assert_eq!(forwards.failure("lint", None), None);
}

#[test]
fn a_run_that_is_repeated_counts_again_and_one_that_passes_ends_it() {
    let mut trunk = trunk(3);
    says(&mut trunk, 1, Seen::Passing, 1);
    says(&mut trunk, 3, Seen::Failing, 2);
    assert_eq!(trunk.failure("test", None), None, "it may be the test itself");
    says(&mut trunk, 3, Seen::Failing, 2);
    assert_eq!(trunk.failure("test", None), None, "the same report again");
    says(&mut trunk, 3, Seen::Pending, 3);
    assert_eq!(trunk.failure("test", None), None);
    says(&mut trunk, 3, Seen::Failing, 4);
    assert_eq!(numbers(trunk.failure("test", None)), Some(vec![13, 12]));
    says(&mut trunk, 3, Seen::Passing, 3);
    assert!(trunk.failure("test", None).is_some(), "what comes late says nothing");
    says(&mut trunk, 3, Seen::Passing, 5);
    assert_eq!(trunk.failure("test", None), None);
}

#[test]
fn suspects_are_ranked_by_what_they_touch() {
    let mut trunk = trunk(1);
    says(&mut trunk, 1, Seen::Passing, 1);
    trunk.pushed(Some(&sha(1)), &sha(2), at(1));
    for (number, path) in [(21, "docs/a.md"), (22, "src/cart.rs"), (23, "src/cart.rs"), (24, "payments/api.rs")] {
        let mut unit = unit(number, path);
        unit.untested_with.extend((number == 23).then_some(PrNumber(22)));
        unit.reverts = number == 22;
        trunk.landed(unit, Some(&sha(2)), true, at(1));
    }
    says(&mut trunk, 2, Seen::Failing, 2);
    let failure = trunk.failure("test", None).unwrap();
    let why: Vec<(u64, &str)> =
        failure.suspects.iter().map(|suspect| (suspect.number.0, suspect.why.as_str())).collect();
    let among = "It is one of 4 that landed since `test` passed on 0000000.";
    assert_eq!(
        why,
        [(23, "It was tested without #22, and both change `src/cart.rs`."), (24, among), (22, among), (21, among),]
    );
    let revertible: Vec<bool> = failure.suspects.iter().map(|suspect| suspect.revertible).collect();
    assert_eq!(revertible, [true, true, false, true], "a revert is never reverted");
    let named = CheckSeen {
        name: "test (payments)".into(),
        sha: sha(1),
        app: None,
        state: Seen::Passing,
        based_at: None,
        at: Some(at(1)),
        url: None,
    };
    trunk.tested(&named);
    trunk.tested(&CheckSeen { sha: sha(2), state: Seen::Failing, ..named });
    let failure = trunk.failure("test (payments)", None).unwrap();
    assert_eq!(failure.suspects[0].number, PrNumber(24));
    assert_eq!(failure.suspects[0].why, "`test (payments)` speaks of `payments`, which it changes.");
}

#[test]
fn pushes_have_their_place_in_whatever_order_they_are_heard_of() {
    let mut trunk = Trunk::default();
    for number in [1, 3, 2] {
        trunk.landed(unit(10 + number, "a"), Some(&sha(number)), false, at(0));
    }
    trunk.pushed(Some(&sha(2)), &sha(3), at(0));
    trunk.pushed(Some(&sha(1)), &sha(2), at(0));
    trunk.pushed(None, &sha(1), at(0));
    let order: Vec<&CommitSha> = trunk.commits.iter().map(|commit| &commit.sha).collect();
    assert_eq!(order, [&sha(1), &sha(2), &sha(3)]);
    assert!(!trunk.pushed(Some(&sha(2)), &sha(3), at(9)), "heard of twice");
}

#[test]
fn what_a_queue_landed_goes_to_the_push_that_carried_it() {
    let mut trunk = Trunk::default();
    trunk.landed(unit(21, "a"), Some(&sha(90)), true, at(0));
    trunk.pushed(Some(&sha(1)), &sha(2), at(30));
    trunk.landed(unit(22, "b"), Some(&sha(2)), true, at(31));
    assert_eq!(trunk.commits.len(), 1);
    let landed: Vec<u64> = trunk.commits[0].landed.iter().map(|unit| unit.number.0).collect();
    assert_eq!(landed, [21, 22]);
}

#[test]
fn what_is_kept_of_a_branch_is_bounded() {
    let mut trunk = trunk(500);
    assert!(trunk.commits.len() <= 60, "{}", trunk.commits.len());
    for n in 0..500 {
        let name = format!("check {n}");
        let check =
            CheckSeen { sha: sha(500), name, app: None, state: Seen::Passing, based_at: None, at: None, url: None };
        trunk.tested(&check);
    }
    assert!(trunk.commits.last().unwrap().results.len() <= 60);
}

fn file(path: &str, status: &str, patch: Option<&str>) -> FileSeen {
    FileSeen {
        filename: path.into(),
        previous_filename: None,
        status: status.into(),
        patch: patch.map(str::to_owned),
        blob: Some("b10b".into()),
        additions: 1,
        deletions: 1,
    }
}

#[rstest]
#[case::other_lines_around(Some("@@ -9,3 +9,3 @@\n y\n-one\n+two\n z"), true)]
#[case::the_end_of_the_file_without_a_line_break(
    Some("@@ -1,2 +1,2 @@\n x\n-one\n+two\n\\ No newline at end of file"),
    true
)]
#[case::another_line(Some("@@ -1,2 +1,2 @@\n x\n-one\n+three"), false)]
#[case::one_line_more(Some("@@ -1,2 +1,3 @@\n x\n-one\n+two\n+three"), false)]
fn lines_count_and_what_stands_around_them_does_not(#[case] patch: Option<&str>, #[case] same: bool) {
    let change = edits(&[file("a.rs", "modified", Some("@@ -1,2 +1,2 @@\n x\n-one\n+two"))]).unwrap();
    let other = edits(&[file("a.rs", "modified", patch)]).unwrap();
    assert_eq!(change.done == other.done, same);
}

#[test]
fn the_change_that_takes_it_back_is_known_beforehand() {
    let renamed = |from: &str, to: &str| FileSeen {
        filename: to.into(),
        previous_filename: Some(from.into()),
        additions: 0,
        deletions: 0,
        ..file(to, "renamed", None)
    };
    let change = [
        file("new.rs", "added", Some("@@ -0,0 +1,2 @@\n+a\n+b")),
        file("lib.rs", "modified", Some("@@ -1,4 +1,4 @@\n x\n-one\n+two\n+three\n y\n-four")),
        renamed("old.rs", "other.rs"),
    ];
    let back = [
        renamed("other.rs", "old.rs"),
        file("lib.rs", "modified", Some("@@ -1,4 +1,4 @@\n x\n-two\n-three\n+one\n y\n+four")),
        file("new.rs", "removed", Some("@@ -1,2 +0,0 @@\n-a\n-b")),
    ];
    let (change, back) = (edits(&change).unwrap(), edits(&back).unwrap());
    assert_eq!(change.undone, back.done);
    assert_eq!(change.done, back.undone);
    assert_ne!(change.done, back.done);
    assert_eq!(edits(&[file("logo.png", "modified", None)]), None, "a file whose lines nobody saw proves nothing");
}

#[test]
fn what_was_on_the_base_already_is_no_difference() {
    let both = "@@ -1,2 +1,2 @@\n-a\n+A\n x\n@@ -90,2 +90,2 @@\n-b\n+B";
    let proposed =
        edits(&[file("a.rs", "modified", Some(both)), file("b.rs", "modified", Some("@@ -1 +1 @@\n-c\n+C"))]);
    let proposed = proposed.unwrap();
    let landed = |files: &[FileSeen]| proposed.hold(&edits(files).unwrap());
    assert!(landed(&[file("a.rs", "modified", Some("@@ -90,2 +90,2 @@\n-b\n+B"))]));
    assert!(landed(&[]), "all of it");
    assert!(!landed(&[file("a.rs", "modified", Some("@@ -90,2 +90,2 @@\n-b\n+BB"))]));
    assert!(!landed(&[file("c.rs", "modified", Some("@@ -90,2 +90,2 @@\n-b\n+B"))]), "in another file");
    let many: String = (0..100).map(|n| format!("@@ -{n} +{n} @@\n-x{n}\n+y{n}\n")).collect();
    let large =
        edits(&[file("a.rs", "modified", Some(&many)), file("b.rs", "added", Some("@@ -0,0 +1 @@\n+b"))]).unwrap();
    assert_eq!((large.runs.as_ref(), large.files.as_ref().map(Vec::len)), (None, Some(2)));
    assert!(large.hold(&edits(&[file("b.rs", "added", Some("@@ -0,0 +1 @@\n+b"))]).unwrap()));
    assert!(!large.hold(&edits(&[file("b.rs", "added", Some("@@ -0,0 +1 @@\n+c"))]).unwrap()));
}
