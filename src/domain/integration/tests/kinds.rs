//! What collides and what does not, kind by kind, in both directions.

use super::{file, hunk, modified, renamed, touches};
use crate::domain::integration::collision::{Certainty, Finding, Kind, Side, between};
use crate::domain::integration::footprint::{FileChange, Footprint, Lines, Marks, Status};
use crate::domain::integration::layout::{Layout, generated_globs};

/// The kinds found, the same in both directions.
fn kinds(a: &Footprint, b: &Footprint) -> Vec<Kind> {
    let found = |a, b| between(a, b).iter().map(|finding| finding.kind).collect::<Vec<_>>();
    let kinds = found(a, b);
    assert_eq!(kinds, found(b, a), "the verdict does not depend on the side");
    kinds
}

fn first(a: &FileChange, b: &FileChange) -> Finding {
    between(&touches(std::slice::from_ref(a)), &touches(std::slice::from_ref(b)))
        .into_iter()
        .next()
        .expect("something is found")
}

#[test]
fn textual_is_where_git_would_stop() {
    let ten = |digest| modified("f", &[hunk(10, 2, 2, digest)]);
    let cases = [
        ("the same lines", ten(1), ten(2), vec![Kind::Textual]),
        ("the same edit", ten(1), ten(1), vec![Kind::Overlap]),
        ("adjacent lines", ten(1), modified("f", &[hunk(12, 1, 1, 3)]), vec![Kind::Textual]),
        ("one line between", ten(1), modified("f", &[hunk(13, 1, 1, 3)]), vec![Kind::Overlap]),
        (
            "insertions at one place",
            modified("f", &[hunk(5, 0, 1, 1)]),
            modified("f", &[hunk(5, 0, 1, 2)]),
            vec![Kind::Textual],
        ),
        ("delete and change", file("f", Status::Removed), ten(1), vec![Kind::Textual]),
        ("delete and delete", file("f", Status::Removed), file("f", Status::Removed), vec![Kind::Overlap]),
        ("delete and rename", file("f", Status::Removed), renamed("f", "g", &[]), vec![Kind::Textual]),
        ("rename and change apart", renamed("f", "g", &[hunk(50, 1, 1, 4)]), ten(1), vec![Kind::Overlap]),
        ("rename and change there", renamed("f", "g", &[hunk(11, 1, 1, 4)]), ten(1), vec![Kind::Textual]),
        ("two renames apart", renamed("f", "g", &[]), renamed("f", "h", &[]), vec![Kind::Textual]),
        ("two renames alike", renamed("f", "g", &[]), renamed("f", "g", &[]), vec![Kind::Overlap]),
        ("two files to one place", renamed("f", "x", &[]), renamed("g", "x", &[]), vec![Kind::Textual]),
        ("another case of letters", renamed("f", "F", &[]), ten(1), vec![Kind::Overlap]),
        ("other files", ten(1), modified("g", &[hunk(10, 2, 2, 2)]), vec![]),
        ("mode and lines", file("f", Status::ModeChanged), ten(1), vec![Kind::Overlap]),
        ("file and folder", file("docs", Status::Added), file("docs/a/b.md", Status::Added), vec![Kind::Textual]),
    ];
    for (case, a, b, expected) in cases {
        assert_eq!(kinds(&touches(&[a]), &touches(&[b])), expected, "{case}");
    }
}

#[test]
fn both_add_one_path() {
    let added = |content: Option<u64>, digest| FileChange {
        content,
        lines: Lines::Known(vec![hunk(0, 0, 9, digest)]),
        ..file("new.rs", Status::Added)
    };
    let cases = [
        ("different text", added(None, 1), added(None, 2), true),
        ("equal text", added(None, 1), added(None, 1), false),
        ("equal blobs", added(Some(7), 1), added(Some(7), 2), false),
        ("other blobs", added(Some(7), 1), added(Some(8), 1), true),
        ("both empty", file("new.rs", Status::Added), file("new.rs", Status::Added), false),
    ];
    for (case, a, b, collides) in cases {
        assert_eq!(!kinds(&touches(&[a]), &touches(&[b])).is_empty(), collides, "{case}");
    }
}

#[test]
fn what_cannot_be_merged_by_line_collides_as_a_whole() {
    let marked = |marks| FileChange { marks, ..file("f", Status::Modified) };
    for marks in [
        Marks { binary: true, ..Marks::default() },
        Marks { submodule: true, ..Marks::default() },
        Marks { symlink: true, binary: true, ..Marks::default() },
    ] {
        assert_eq!(kinds(&touches(&[marked(marks)]), &touches(&[marked(marks)])), [Kind::Textual], "{marks:?}");
    }
    let same = |content| FileChange {
        content: Some(content),
        marks: Marks { binary: true, ..Marks::default() },
        ..file("f", Status::Modified)
    };
    assert_eq!(kinds(&touches(&[same(1)]), &touches(&[same(1)])), [Kind::Overlap]);
}

#[test]
fn unknown_lines_are_possible_and_never_certain() {
    let unknown = FileChange { lines: Lines::Unknown("too large".into()), ..file("f", Status::Modified) };
    let finding = first(&unknown, &modified("f", &[hunk(1, 1, 1, 1)]));
    assert_eq!((finding.kind, finding.certainty), (Kind::Textual, Certainty::Possible));
    assert_eq!(finding.why, "Both change f, perhaps in the same lines (too large).");
    let removed = first(&unknown, &file("f", Status::Removed));
    assert_eq!(removed.certainty, Certainty::Certain, "deleting it collides whatever the lines are");
}

#[test]
fn a_finding_says_where_why_and_who_redoes_what() {
    let finding = first(&modified("src/a.rs", &[hunk(9, 3, 1, 1)]), &modified("src/a.rs", &[hunk(11, 4, 9, 2)]));
    assert_eq!(finding.why, "Both change src/a.rs at lines 10 to 15 of the base.");
    assert_eq!((finding.lines, finding.redo.who), ((4, 13), None));
    let finding = first(&modified("f", &[hunk(1, 1, 1, 1)]), &file("f", Status::Removed));
    assert_eq!(finding.why, "One deletes f, the other changes it.");
    assert_eq!(finding.redo.who, Some(Side::A), "the one whose code is gone has to move its change");
}

fn marked(layout: &Layout, files: &[FileChange]) -> Footprint {
    let mut footprint = touches(files);
    layout.mark(&mut footprint);
    footprint
}

#[test]
fn a_migration_number_claimed_twice_is_a_sequence_collision() {
    let layout = Layout::new(["db/steps/*.sql"], [], []).unwrap();
    let add = |path: &str| FileChange {
        lines: Lines::Known(vec![hunk(0, 0, 1, path.len() as u64)]),
        ..file(path, Status::Added)
    };
    let cases = [
        ("well-known folder", "app/migrations/0007_users.py", "app/migrations/0007_orders.py", true),
        ("other numbers", "app/migrations/0007_users.py", "app/migrations/0008_orders.py", false),
        ("leading zeros", "docs/adr/07-use-redis.md", "docs/adr/0007-use-kafka.md", true),
        ("flyway", "db/migration/V12__a.sql", "db/migration/V12__b.sql", true),
        ("by the policy", "db/steps/3-a.sql", "db/steps/3-b.sql", true),
        ("other folders", "a/migrations/1_x.sql", "b/migrations/1_y.sql", false),
        ("dates", "db/migrate/20240101000000_a.rb", "db/migrate/20240101000000_b.rb", false),
        ("no series", "src/1_a.rs", "src/1_b.rs", false),
    ];
    for (case, a, b, collides) in cases {
        let found = kinds(&marked(&layout, &[add(a)]), &marked(&layout, &[add(b)]));
        assert_eq!(found.contains(&Kind::Sequence), collides, "{case}: {found:?}");
    }
    let two = between(
        &marked(&layout, &[add("migrations/7_a.up.sql"), add("migrations/7_a.down.sql")]),
        &marked(&layout, &[add("migrations/7_b.sql")]),
    );
    assert_eq!(two[0].why, "Both claim number 7 of migrations: migrations/7_a.down.sql and migrations/7_b.sql.");
}

#[test]
fn lockfiles_and_generated_files_are_made_again() {
    let layout = Layout::new(
        [],
        generated_globs("*.pb.go linguist-generated\n/dist/** linguist-vendored=true\n*.md text\n")
            .iter()
            .map(String::as_str),
        [],
    )
    .unwrap();
    for path in ["sub/Cargo.lock", "go.sum", "api/x.pb.go", "dist/app.js"] {
        let apart = [modified(path, &[hunk(1, 1, 1, 1)]), modified(path, &[hunk(90, 1, 1, 2)])];
        let found = kinds(&marked(&layout, &apart[..1]), &marked(&layout, &apart[1..]));
        assert_eq!(found, [Kind::Lockfile], "{path}");
    }
}

#[test]
fn an_exclusive_component_takes_one_at_a_time() {
    let layout = Layout::new([], [], [("billing", vec!["crates/billing/**"])]).unwrap();
    let found = kinds(
        &marked(&layout, &[modified("crates/billing/a.rs", &[])]),
        &marked(&layout, &[renamed("crates/billing/b.rs", "crates/pay/b.rs", &[])]),
    );
    assert_eq!(found, [Kind::Component]);
}

#[test]
fn the_words_of_the_kinds_are_read_back() {
    for kind in Kind::ALL {
        assert_eq!(kind.as_str().parse(), Ok(kind));
    }
    assert!("conflict".parse::<Kind>().is_err());
    assert!(Kind::ALL.is_sorted(), "the strongest comes first");
}
