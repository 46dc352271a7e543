//! GitHub's file lists and patches, whole and broken.

use super::hunk;
use crate::domain::integration::files::{FileEntry, footprint};
use crate::domain::integration::footprint::{Completeness, Digest, Footprint, Lines, Status};
use crate::domain::integration::patch::{PatchError, parse};

type Ranges = Result<Vec<(u32, u32, u32)>, PatchError>;

fn ranges(patch: &str) -> Ranges {
    Ok(parse(patch)?.hunks.iter().map(|hunk| (hunk.start, hunk.removed, hunk.added)).collect())
}

#[test]
fn a_patch_says_which_base_lines_it_replaces_or_nothing() {
    let cases: [(&str, &str, Ranges); 15] = [
        ("a replaced line", "@@ -4,3 +4,3 @@ fn x\n a\n-b\n+c\n d", Ok(vec![(4, 1, 1)])),
        ("an insertion", "@@ -4,2 +4,3 @@\n a\n+c\n d", Ok(vec![(4, 0, 1)])),
        ("two changes in one hunk", "@@ -1,5 +1,4 @@\n-a\n b\n c\n-d\n+x\n e", Ok(vec![(0, 1, 0), (3, 1, 1)])),
        ("two hunks", "@@ -1 +1 @@\n-a\n+b\n@@ -9,2 +9 @@\n-c\n d", Ok(vec![(0, 1, 1), (8, 1, 0)])),
        ("a new file", "@@ -0,0 +1,2 @@\n+a\n+b", Ok(vec![(0, 0, 2)])),
        ("an insertion without context", "@@ -7,0 +8,1 @@\n+a", Ok(vec![(7, 0, 1)])),
        ("a removed file", "@@ -1,2 +0,0 @@\n-a\n-b", Ok(vec![(0, 2, 0)])),
        ("carriage returns", "@@ -1,2 +1,2 @@\r\n-a\r\n+b\r\n c\r\n", Ok(vec![(0, 1, 1)])),
        ("no newline at the end", "@@ -1 +1 @@\n-a\n+a\n\\ No newline at end of file", Ok(vec![(0, 1, 1)])),
        ("empty context lines", "@@ -1,3 +1,3 @@\n\n-a\n+b\n\n", Ok(vec![(1, 1, 1)])),
        ("cut off in a hunk", "@@ -1,5 +1,5 @@\n a\n-b", Err(PatchError::Truncated(1))),
        ("cut off in a header", "@@ -1 +1 @@\n-a\n+b\n@@ -9,2 +", Err(PatchError::NoHeader(4))),
        ("a combined diff", "@@@ -1,2 -1,2 +1,3 @@@\n  a", Err(PatchError::Combined)),
        ("backwards", "@@ -9 +9 @@\n-a\n+b\n@@ -1 +1 @@\n-a\n+b", Err(PatchError::Order)),
        ("numbers beyond any file", "@@ -4294967295,3 +1 @@\n a", Err(PatchError::NoHeader(1))),
    ];
    for (case, patch, expected) in cases {
        assert_eq!(ranges(patch), expected, "{case}");
    }
}

#[test]
fn the_same_lines_have_the_same_digest_and_a_missing_newline_another() {
    let digest = |patch: &str| parse(patch).unwrap().hunks[0].digest;
    assert_eq!(digest("@@ -1 +1 @@\n-a\n+b"), digest("@@ -9 +9 @@\n-x\n+b"));
    assert_ne!(digest("@@ -1 +1 @@\n-a\n+b"), digest("@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file"));
}

fn entry<'a>(filename: &'a str, status: &'a str, patch: Option<&'a str>, counts: (u32, u32)) -> FileEntry<'a> {
    FileEntry { filename, status, patch, additions: counts.0, deletions: counts.1, ..FileEntry::default() }
}

fn only(entry: FileEntry<'_>) -> Footprint {
    footprint([entry], Some(1))
}

#[test]
fn what_github_leaves_out_is_unknown_and_never_nothing() {
    let cut = entry("a", "modified", Some("@@ -1,9 +1,9 @@\n-a\n+b"), (4, 4));
    let short = entry("a", "modified", Some("@@ -1 +1 @@\n-a\n+b"), (2, 1));
    let large = entry("a", "modified", None, (900, 0));
    for (case, entry) in [("a patch that is cut off", cut), ("counts that do not fit", short), ("no patch", large)] {
        assert!(matches!(only(entry).files[0].lines, Lines::Unknown(_)), "{case}");
    }
    let binary = only(entry("logo.png", "modified", None, (0, 0)));
    assert!(binary.files[0].marks.binary && binary.files[0].lines.is_empty());
}

#[test]
fn statuses_are_github_s_words() {
    let moved = FileEntry { previous_filename: Some("old"), ..entry("new", "renamed", None, (0, 0)) };
    let cases = [
        ("added", entry("a", "added", Some("@@ -0,0 +1 @@\n+x"), (1, 0)), Status::Added),
        ("removed without a patch", entry("a", "removed", None, (0, 12)), Status::Removed),
        ("renamed", moved, Status::Renamed),
        ("renamed from nowhere", entry("a", "renamed", None, (0, 0)), Status::Modified),
        ("changed mode", entry("a", "changed", None, (0, 0)), Status::ModeChanged),
        ("a word that is new", entry("a", "mangled", Some("@@ -1 +1 @@\n-a\n+b"), (1, 1)), Status::Modified),
    ];
    for (case, entry, expected) in cases {
        let made = only(entry);
        assert_eq!(
            (made.files[0].status, matches!(made.files[0].lines, Lines::Unknown(_))),
            (expected, false),
            "{case}"
        );
    }
    assert_eq!(only(moved).files[0].base_path(), Some("old"));
    assert!(only(entry("a", "unchanged", None, (0, 0))).files.is_empty());
}

#[test]
fn a_list_that_is_short_or_full_makes_the_footprint_unknown() {
    let names: Vec<String> = (0..3000).map(|at| format!("f{at}")).collect();
    let many = || names.iter().map(|name| entry(name, "removed", None, (0, 1)));
    let cases = [
        ("as many as stated", footprint(many().take(7), Some(7)), true),
        ("fewer than stated", footprint(many().take(7), Some(8)), false),
        ("3,000 of 3,000", footprint(many(), Some(3000)), true),
        ("3,000 of more", footprint(many(), Some(4200)), false),
        ("3,000 of nobody knows", footprint(many(), None), false),
    ];
    for (case, made, known) in cases {
        assert_eq!(made.state == Completeness::Known, known, "{case}");
    }
}

#[test]
fn a_submodule_is_known_by_its_pointer() {
    let patch = format!("@@ -1 +1 @@\n-Subproject commit {}\n+Subproject commit {}", "a".repeat(40), "b".repeat(40));
    assert!(only(entry("vendor/x", "modified", Some(&patch), (1, 1))).files[0].marks.submodule);
}

#[test]
fn a_footprint_is_stored_small_and_read_back_whole() {
    let patch = "@@ -4,3 +4,3 @@\n a\n-serde = \"1\"\n+serde = \"2\"\n d";
    let made = only(FileEntry { sha: Some("abc"), ..entry("Cargo.toml", "modified", Some(patch), (1, 1)) });
    let text = serde_json::to_string(&made).unwrap();
    assert_eq!(serde_json::from_str::<Footprint>(&text).unwrap(), made);
    assert!(text.len() < 200, "{text}");
    assert_eq!(made.files[0].lines.hunks(), [hunk(4, 1, 1, Digest::of(b"serde = \"2\"\n"))]);
}
