//! Footprints across what lands.

use super::{file, hunk, modified, renamed, touches};
use crate::domain::integration::carry::{Carried, carry, is_concerned};
use crate::domain::integration::collision::{Kind, between};
use crate::domain::integration::footprint::{FileChange, Lines, Status};

fn across(open: FileChange, landed: FileChange) -> Carried {
    carry(&touches(&[open]), &touches(&[landed]))
}

#[test]
fn lines_move_with_what_lands_above_them() {
    let landed = modified("f", &[hunk(2, 1, 4, 9), hunk(20, 5, 0, 9), hunk(60, 0, 7, 9)]);
    let cases = [
        ("before everything", hunk(0, 1, 1, 1), 0),
        ("after lines were added", hunk(10, 1, 1, 1), 13),
        ("after lines were cut", hunk(30, 1, 1, 1), 28),
        ("behind all", hunk(90, 1, 1, 1), 95),
    ];
    for (case, open, start) in cases {
        let carried = across(modified("f", &[open]), landed.clone());
        assert_eq!((carried.footprint.files[0].lines.hunks()[0].start, carried.conflicts.len()), (start, 0), "{case}");
    }
}

#[test]
fn what_touches_what_landed_conflicts_with_the_base() {
    let carried = across(modified("f", &[hunk(10, 2, 2, 1)]), modified("f", &[hunk(12, 1, 3, 9)]));
    assert_eq!(carried.conflicts, ["f"]);
    assert_eq!(carried.footprint.files[0].lines.hunks(), [hunk(10, 5, 2, 1)], "as near as can be said");
}

#[test]
fn an_edit_that_landed_already_is_an_echo() {
    let edit = hunk(10, 2, 3, 1);
    let carried = across(modified("f", &[edit]), modified("f", &[edit]));
    assert_eq!((carried.conflicts.len(), carried.footprint.files[0].lines.hunks()), (0, &[hunk(10, 3, 3, 1)][..]));
    // Git merges from the old base: who changes a line next to the landed ones stands in its way.
    let next_to_it = touches(&[modified("f", &[hunk(13, 1, 1, 5)])]);
    assert_eq!(between(&carried.footprint, &next_to_it)[0].kind, Kind::Textual);
    assert_eq!(between(&carried.footprint, &carried.footprint)[0].kind, Kind::Overlap);
}

#[test]
fn renames_deletions_and_additions_below() {
    let edit = || modified("f", &[hunk(5, 1, 1, 1)]);
    let moved = across(edit(), renamed("f", "g", &[hunk(1, 0, 2, 2)]));
    assert_eq!((moved.footprint.files[0].path.as_str(), moved.footprint.files[0].lines.hunks()[0].start), ("g", 7));
    let cases = [
        ("deleted below", edit(), file("f", Status::Removed), 1),
        ("both delete", file("f", Status::Removed), file("f", Status::Removed), 0),
        ("deletes what changed below", file("f", Status::Removed), edit(), 1),
        ("renames apart", renamed("f", "g", &[]), renamed("f", "h", &[]), 1),
        ("renames alike", renamed("f", "g", &[]), renamed("f", "g", &[]), 0),
        ("adds what was added below", file("f", Status::Added), file("f", Status::Added), 1),
        ("another file", edit(), modified("z", &[hunk(5, 1, 1, 2)]), 0),
    ];
    for (case, open, landed, conflicts) in cases {
        assert_eq!(across(open, landed).conflicts.len(), conflicts, "{case}");
    }
    let same = |status| FileChange { content: Some(4), ..file("f", status) };
    assert!(across(same(Status::Added), same(Status::Added)).conflicts.is_empty(), "the same file");
}

#[test]
fn what_is_not_known_below_is_not_known_above() {
    let unknown = FileChange { lines: Lines::Unknown("no patch".into()), ..file("f", Status::Modified) };
    let carried = across(modified("f", &[hunk(5, 1, 1, 1)]), unknown);
    assert!(matches!(carried.footprint.files[0].lines, Lines::Unknown(_)));
    assert_eq!((carried.unknown, carried.conflicts.len()), (vec!["f".to_owned()], 0));
}

#[test]
fn only_what_shares_a_path_is_concerned() {
    let open = touches(&[renamed("a", "b", &[])]);
    assert!(is_concerned(&open, &touches(&[modified("a", &[])])));
    assert!(is_concerned(&open, &touches(&[file("b", Status::Added)])));
    assert!(!is_concerned(&open, &touches(&[modified("b", &[])])));
}
