//! The index answers as a comparison of all with all would, and keeps hot places small.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{file, hunk, modified, renamed, touches};
use crate::domain::integration::breaks::breaks;
use crate::domain::integration::collision::{Kind, between};
use crate::domain::integration::footprint::{FileChange, Footprint, Marks, Status};
use crate::domain::integration::index::{HOT, Index};

fn change() -> impl Strategy<Value = FileChange> {
    let path = || (0..12_u8).prop_map(|at| if at > 9 { format!("d/{at}/x") } else { format!("d/{at}") });
    prop_oneof![
        4 => (path(), prop::collection::btree_map(0..40_u32, (0..3_u32, 0..3_u32, 0..4_u64), 1..3))
            .prop_map(|(path, hunks)| modified(&path, &hunks.into_iter().map(|(at, (removed, added, digest))| hunk(at * 4, removed, added, digest)).collect::<Vec<_>>())),
        1 => path().prop_map(|path| file(&path, Status::Removed)),
        1 => path().prop_map(|path| file(&path, Status::Added)),
        1 => (path(), path()).prop_map(|(from, to)| renamed(&from, &format!("{to}r"), &[])),
    ]
}

fn footprints(most: usize) -> impl Strategy<Value = Vec<Footprint>> {
    let one = prop::collection::vec(change(), 1..4).prop_map(|mut files| {
        let mut seen = BTreeSet::new();
        files.retain(|file| seen.insert(file.base_path().or(file.new_path()).map(str::to_owned)));
        Footprint::known(files)
    });
    prop::collection::vec(one, 2..most)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn neighbours_are_what_comparing_with_all_finds(all in footprints(14), gone in prop::collection::vec(any::<prop::sample::Index>(), 0..4)) {
        let mut index = Index::with_threshold(usize::MAX);
        for (unit, footprint) in all.iter().enumerate() {
            index.insert(unit, Footprint::default());
            index.insert(unit, footprint.clone());
        }
        let gone: BTreeSet<usize> = gone.iter().map(|at| at.index(all.len())).collect();
        for unit in &gone {
            prop_assert!(index.remove(*unit).is_some());
        }
        for unit in (0..all.len()).filter(|unit| !gone.contains(unit)) {
            let mut expected = Vec::new();
            for other in (0..all.len()).filter(|other| *other != unit && !gone.contains(other)) {
                let (a, b) = (unit.min(other), unit.max(other));
                expected.extend(between(&all[a], &all[b]).into_iter().map(|finding| (a, b, finding)));
            }
            let found: Vec<_> = index.neighbours(unit).collisions.into_iter().map(|found| (found.a, found.b, found.finding)).collect();
            prop_assert_eq!(found, expected);
        }
    }

    /// Below the threshold of hot places and above it, no textual pair is lost: it is listed or its place is a group with both as members.
    #[test]
    fn a_low_threshold_loses_no_textual_pair(all in footprints(24)) {
        let mut index = Index::with_threshold(3);
        for (unit, footprint) in all.iter().enumerate() {
            index.insert(unit, footprint.clone());
        }
        let groups = index.groups();
        for a in 0..all.len() {
            let found = index.neighbours(a);
            for b in a + 1..all.len() {
                if between(&all[a], &all[b]).iter().all(|finding| finding.kind != Kind::Textual) {
                    continue;
                }
                let listed = found.collisions.iter().any(|collision| collision.b == b && collision.finding.kind == Kind::Textual);
                let grouped = groups.iter().any(|group| group.members.contains(&a) && group.members.contains(&b));
                prop_assert!(listed || grouped, "{} and {}: {:?} {:?}", a, b, all[a], all[b]);
            }
        }
    }
}

#[test]
fn a_lockfile_of_5_000_units_is_one_group_and_no_pairs() {
    let mut index = Index::new();
    for unit in 0..5_000_u32 {
        let lock = FileChange {
            marks: Marks { lockfile: true, ..Marks::default() },
            ..modified("Cargo.lock", &[hunk(unit * 2, 1, 1, u64::from(unit))])
        };
        index.insert(unit, touches(&[lock, modified(&format!("src/{unit}.rs"), &[hunk(1, 1, 1, 1)])]));
    }
    let found = index.neighbours(17);
    assert!(found.collisions.is_empty(), "{} pairs", found.collisions.len());
    assert_eq!(
        (found.groups[0].path.as_str(), found.groups[0].kind, found.groups[0].others),
        ("Cargo.lock", Kind::Lockfile, 4_999)
    );
    assert_eq!(index.members(&found.groups[0], 17).len(), 5_000);
    assert_eq!(index.groups().len(), 1);
    for unit in 40..5_000 {
        index.remove(unit);
    }
    assert_eq!((index.groups().len(), index.neighbours(17).collisions.len()), (0, 39), "cool again, it is pairs");
}

#[test]
fn a_hot_text_file_is_asked_by_line() {
    let mut index = Index::new();
    let count = u32::try_from(HOT).unwrap() * 4;
    for unit in 0..count {
        index.insert(unit, touches(&[modified("CHANGELOG.md", &[hunk(unit * 10, 2, 2, u64::from(unit))])]));
    }
    assert_eq!(index.neighbours(7).collisions, [], "apart in a hot file is not even context");
    index.insert(9_000, touches(&[modified("CHANGELOG.md", &[hunk(71, 1, 1, 3)])]));
    assert_eq!(index.neighbours(9_000).collisions.iter().map(|found| found.a).collect::<Vec<_>>(), [7]);
    for unit in 0..count {
        index.insert(unit + 10_000, touches(&[modified("CHANGELOG.md", &[hunk(4, 0, 1, u64::from(unit))])]));
    }
    let seat = &index.neighbours(10_003).groups[0];
    assert_eq!(
        (seat.kind, index.members(seat, 10_003).len() >= count as usize),
        (Kind::Textual, true),
        "the top of the file is a crowd"
    );
}

#[test]
fn a_unit_of_3_000_files_is_one_unit() {
    let mut index = Index::new();
    let files: Vec<FileChange> = (0..3_000).map(|at| modified(&format!("src/{at}.rs"), &[hunk(1, 1, 1, 1)])).collect();
    index.insert(1_u32, touches(&files));
    index.insert(2, touches(&[modified("src/77.rs", &[hunk(1, 1, 1, 2)])]));
    assert_eq!(index.neighbours(2).collisions[0].finding.paths, ["src/77.rs"]);
    assert!(index.remove(1).is_some() && index.neighbours(2).collisions.is_empty());
}

#[test]
fn what_would_break_names_who_and_whether_evidence_is_lost() {
    let mut index = Index::new();
    index.insert(1_u32, touches(&[modified("a", &[hunk(1, 1, 1, 1)]), modified("b", &[hunk(1, 1, 1, 1)])]));
    index.insert(2, touches(&[modified("a", &[hunk(2, 1, 1, 2)])]));
    index.insert(3, touches(&[modified("b", &[hunk(90, 1, 1, 2)])]));
    let found = breaks(&index, 1, &[Kind::Textual]);
    assert_eq!(found.units.len(), 1, "an overlap breaks nothing");
    assert_eq!(
        (found.units[0].unit, found.units[0].stale, found.units[0].kinds.as_slice()),
        (2, true, &[Kind::Textual][..])
    );
    assert!(!breaks(&index, 1, &[]).units[0].stale);
}

#[test]
fn preflight_asks_without_entering() {
    let mut index = Index::new();
    index.insert(4_u32, touches(&[modified("a", &[hunk(1, 1, 1, 1)])]));
    let (found, groups) = index.preflight(&touches(&[modified("a", &[hunk(1, 1, 1, 2)])]));
    assert_eq!((found.len(), found[0].0, found[0].1.kind, groups.len(), index.len()), (1, 4, Kind::Textual, 0, 1));
}
