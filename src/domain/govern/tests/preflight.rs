//! What a change would collide with before it is there: by paths alone, and by its diff.

use super::super::*;
use super::desk::Desk;

fn by_paths(paths: &[&str]) -> Preflight {
    Preflight { base: "main".into(), diff: None, paths: Some(paths.iter().map(|path| (*path).to_owned()).collect()) }
}

fn by_diff(diff: &str) -> Preflight {
    Preflight { base: "main".into(), diff: Some(diff.into()), paths: None }
}

fn said(desk: &Desk, ask: &Preflight) -> Vec<(u64, String)> {
    let found = preflight(&desk.state, &desk.context, ask);
    found.collisions.into_iter().map(|collision| (collision.with.0, collision.kind)).collect()
}

fn added(filename: &str) -> FileSeen {
    FileSeen {
        blob: None,
        filename: filename.into(),
        previous_filename: None,
        status: "added".into(),
        patch: Some("@@ -0,0 +1 @@\n+new".into()),
        additions: 1,
        deletions: 0,
    }
}

/// #1 changes lines of `src/a.rs`, #2 brings `migrations/0007_one.sql`.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.opens(1, "alice", "src/a.rs", 10);
    let brings = desk.prepare(2, "alice", "unused", 1);
    desk.files.insert(brings, vec![added("migrations/0007_one.sql")]);
    desk.pull(brings, PullAction::Opened);
    desk
}

#[test]
fn a_path_that_an_open_unit_touches_is_always_named() {
    let desk = desk();
    let one = |number: u64, kind: &str| vec![(number, kind.to_owned())];
    assert_eq!(said(&desk, &by_paths(&["src/b.rs"])), []);
    assert!(
        matches!(said(&desk, &by_paths(&["src/a.rs"])).as_slice(), [(1, _)]),
        "{:?}",
        said(&desk, &by_paths(&["src/a.rs"]))
    );
    assert_eq!(said(&desk, &by_paths(&["migrations/0007_two.sql"])), one(2, "sequence"));
    assert_eq!(said(&desk, &by_paths(&["migrations/0007_one.sql"]))[0], (2, "textual".to_owned()));
    let elsewhere = Preflight { base: "other".into(), ..by_paths(&["src/a.rs"]) };
    assert_eq!(said(&desk, &elsewhere), []);
}

#[test]
fn a_diff_tells_the_lines_apart() {
    let desk = desk();
    let diff = |line: u32| {
        by_diff(&format!(
            "diff --git a/src/a.rs b/src/a.rs\n--- a/src/a.rs\n+++ b/src/a.rs\n@@ -{line},1 +{line},1 @@\n-x\n+y\n"
        ))
    };
    assert_eq!(said(&desk, &diff(10)), [(1, "textual".to_owned())]);
    assert_eq!(said(&desk, &diff(500)), [(1, "overlap".to_owned())]);
    let new = by_diff("--- /dev/null\n+++ b/migrations/0007_other.sql\n@@ -0,0 +1 @@\n+select 1;\n");
    assert_eq!(said(&desk, &new), [(2, "sequence".to_owned())]);
}

#[test]
fn it_names_the_rules_that_would_apply_and_those_that_may() {
    let mut desk = Desk::new();
    let text = "version: 1
rules:
  - { name: Migrations, when: { paths: ['migrations/**'] }, require: { evidence: [dry-run] } }
  - { name: Agents in src, when: { paths: ['src/**'], author: { kind: [agent] } }, require: { evidence: [lint] } }
  - { name: Releases, when: { base: ['release/*'] }, require: { evidence: [notes] } }
  - { name: Tried out, shadow: true, when: { paths: ['src/**'] }, require: { evidence: [slow] } }
  - { name: Everything, require: { evidence: [test] } }
";
    desk.policy = PolicySeen { file: Some(("b10b".into(), text.into())), extended: None, owners: None };
    desk.opens(1, "alice", "src/a.rs", 10);
    let rules = |ask: &Preflight| preflight(&desk.state, &desk.context, ask).rules;
    assert_eq!(rules(&by_paths(&["src/b.rs"])), ["Agents in src", "Everything"]);
    assert_eq!(rules(&by_paths(&["migrations/0001_a.sql"])), ["Migrations", "Everything"]);
    let release = Preflight { base: "release/1".into(), ..by_paths(&["docs/a.md"]) };
    assert_eq!(rules(&release), ["Releases", "Everything"]);
}

#[test]
fn a_question_that_cannot_be_answered_says_what_to_ask() {
    let cases = [
        (Preflight { base: " ".into(), ..by_paths(&["a"]) }, PreflightError::NoBase),
        (Preflight { paths: None, ..by_paths(&[]) }, PreflightError::NotOne),
        (Preflight { diff: Some("--- a\n+++ b\n".into()), ..by_paths(&["a"]) }, PreflightError::NotOne),
        (by_paths(&[]), PreflightError::NoPaths),
        (by_paths(&["a", ""]), PreflightError::Outside),
        (by_paths(&["/a"]), PreflightError::Outside),
        (by_paths(&["a/./b"]), PreflightError::Outside),
        (by_diff(""), PreflightError::NoDiff),
        (by_diff("hello"), PreflightError::NoDiff),
    ];
    for (ask, expected) in cases {
        assert_eq!(ask.check(), Err(expected), "{ask:?}");
    }
    assert_eq!(by_paths(&["src/a.rs", "b"]).check(), Ok(()));
    assert_eq!(by_diff("--- a/x\n+++ b/x\n").check(), Ok(()));
}
