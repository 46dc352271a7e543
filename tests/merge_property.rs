//! The verdicts of `flyball::git` against git itself, on random repositories.
//!
//! Each case is a small history: a root, a base grown from it, and two heads that parted from the root or from the base. What git says by
//! `merge-tree` about each head alone and about both together, in either order, is what the library has to say.
#![expect(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use flyball::domain::integration::carry::carry;
use flyball::domain::integration::patch;
use flyball::git::{Git, TextMerge, Verdicts, merge_text, shown};
use proptest::prelude::*;

type Files = BTreeMap<String, (Mode, String)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    Plain,
    Executable,
    Link,
}

/// One edit; numbers pick among what is there.
#[derive(Debug, Clone)]
enum Edit {
    Replace { file: usize, line: usize, with: u8 },
    Insert { file: usize, line: usize, with: u8 },
    Cut { file: usize, line: usize, count: usize },
    Delete { file: usize },
    Rename { file: usize, to: usize },
    Add { path: usize, lines: Vec<u8> },
    Mode { file: usize, link: bool },
    Chop { file: usize },
}

const PATHS: [&str; 10] = [
    "src/lib.rs",
    "src/main.rs",
    "src/Main.rs",
    "src/a/x.rs",
    "src/a/y.rs",
    "docs/guide.md",
    "docs",
    "new/lib.rs",
    "top",
    "b\u{e9}ta \"q\".txt",
];

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        5 => (0..8_usize, 0..24_usize, 0..6_u8).prop_map(|(file, line, with)| Edit::Replace { file, line, with }),
        5 => (0..8_usize, 0..24_usize, 0..6_u8).prop_map(|(file, line, with)| Edit::Insert { file, line, with }),
        3 => (0..8_usize, 0..24_usize, 1..4_usize).prop_map(|(file, line, count)| Edit::Cut { file, line, count }),
        1 => (0..8_usize).prop_map(|file| Edit::Delete { file }),
        2 => (0..8_usize, 0..PATHS.len()).prop_map(|(file, to)| Edit::Rename { file, to }),
        1 => (0..PATHS.len(), prop::collection::vec(0..40_u8, 0..20)).prop_map(|(path, lines)| Edit::Add { path, lines }),
        1 => (0..8_usize, any::<bool>()).prop_map(|(file, link)| Edit::Mode { file, link }),
        1 => (0..8_usize).prop_map(|file| Edit::Chop { file }),
    ]
}

fn text(lines: &[u8]) -> String {
    lines.iter().fold(String::new(), |mut text, line| {
        writeln!(text, "line {line}").unwrap();
        text
    })
}

fn pick(files: &Files, at: usize) -> Option<String> {
    (!files.is_empty()).then(|| files.keys().nth(at % files.len()).cloned()).flatten()
}

fn with_lines(content: &str, change: impl FnOnce(&mut Vec<String>)) -> String {
    let mut lines: Vec<String> = content.split_inclusive('\n').map(str::to_owned).collect();
    change(&mut lines);
    lines.concat()
}

/// Whether a path can be made: no file where a folder is needed, no folder where the file is to be.
fn has_room(files: &Files, path: &str) -> bool {
    files.keys().all(|other| {
        other != path && !other.starts_with(&format!("{path}/")) && !path.starts_with(&format!("{other}/"))
    })
}

fn apply(files: &mut Files, edit: &Edit) {
    match edit {
        Edit::Replace { file, line, with } => change(files, *file, |lines| {
            let at = line % lines.len().max(1);
            if let Some(line) = lines.get_mut(at) {
                *line = format!("word {with}\n");
            }
        }),
        Edit::Insert { file, line, with } => {
            change(files, *file, |lines| lines.insert(line % (lines.len() + 1), format!("line {with}\n")));
        }
        Edit::Cut { file, line, count } => change(files, *file, |lines| {
            let from = line % (lines.len() + 1);
            lines.drain(from..(from + count).min(lines.len()));
        }),
        Edit::Delete { file } => drop(pick(files, *file).and_then(|path| files.remove(&path))),
        Edit::Rename { file, to } => {
            if let Some(path) = pick(files, *file)
                && has_room(files, PATHS[*to])
                && let Some(content) = files.remove(&path)
            {
                files.insert(PATHS[*to].to_owned(), content);
            }
        }
        Edit::Add { path, lines } => {
            if has_room(files, PATHS[*path]) {
                files.insert(PATHS[*path].to_owned(), (Mode::Plain, text(lines)));
            }
        }
        Edit::Mode { file, link } => {
            if let Some(entry) = pick(files, *file).and_then(|path| files.get_mut(&path)) {
                entry.0 = if *link { Mode::Link } else { Mode::Executable };
            }
        }
        Edit::Chop { file } => change(files, *file, |lines| {
            if let Some(last) = lines.last_mut() {
                *last = last.trim_end().to_owned();
            }
        }),
    }
}

fn change(files: &mut Files, at: usize, change: impl FnOnce(&mut Vec<String>)) {
    if let Some(entry) = pick(files, at).and_then(|path| files.get_mut(&path)) {
        entry.1 = with_lines(&entry.1, change);
    }
}

fn edited(files: &Files, edits: &[Edit]) -> Files {
    let mut files = files.clone();
    edits.iter().for_each(|edit| apply(&mut files, edit));
    files
}

fn git(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new("git");
    command.current_dir(folder).args(args).env("GIT_CONFIG_NOSYSTEM", "1").env("HOME", folder);
    for (key, value) in [
        ("GIT_AUTHOR_NAME", "t"),
        ("GIT_AUTHOR_EMAIL", "t@t"),
        ("GIT_COMMITTER_NAME", "t"),
        ("GIT_COMMITTER_EMAIL", "t@t"),
    ] {
        command.env(key, value);
    }
    command.output().expect("git runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// A repository with commits as branches: (name, parent, files).
fn repository(commits: &[(&str, Option<&str>, &Files)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    assert!(git(folder.path(), &["init", "--quiet", "--bare", "."]).status.success());
    let mut stream = Vec::new();
    for (at, (name, parent, files)) in commits.iter().enumerate() {
        write!(stream, "commit refs/heads/{name}\ncommitter t <t@t> {at} +0000\ndata 0\n").unwrap();
        if let Some(parent) = parent {
            writeln!(stream, "from refs/heads/{parent}").unwrap();
        }
        writeln!(stream, "deleteall").unwrap();
        for (path, (mode, content)) in *files {
            let mode = match mode {
                Mode::Plain => "100644",
                Mode::Executable => "100755",
                Mode::Link => "120000",
            };
            let quoted = path.replace('\\', "\\\\").replace('"', "\\\"");
            write!(stream, "M {mode} inline \"{quoted}\"\ndata {}\n{content}\n", content.len()).unwrap();
        }
    }
    let mut import = Command::new("git")
        .current_dir(folder.path())
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("git runs");
    import.stdin.take().expect("a pipe").write_all(&stream).expect("the stream is taken");
    assert!(import.wait().expect("git ends").success());
    folder
}

/// The paths at which git stops when `theirs` is merged onto `ours`, and the tree.
fn merge_tree(folder: &Path, ours: &str, theirs: &str) -> (BTreeSet<String>, String) {
    let output = git(folder, &["merge-tree", "--write-tree", "--name-only", "-z", ours, theirs]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let mut parts = text.split('\0');
    let tree = parts.next().unwrap_or_default().to_owned();
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    let paths: BTreeSet<String> = parts.take_while(|path| !path.is_empty()).map(str::to_owned).collect();
    let stops = output.status.code() == Some(1);
    (
        if stops && paths.is_empty() {
            BTreeSet::from(["somewhere".to_owned()])
        } else if stops {
            paths
        } else {
            BTreeSet::new()
        },
        tree,
    )
}

/// What git says about two heads of one base: each alone, then together.
fn git_says(folder: &Path) -> ([bool; 2], bool) {
    let mut alone = [false; 2];
    let mut landed = [String::new(), String::new()];
    for (at, name) in ["a", "b"].into_iter().enumerate() {
        let (paths, tree) = merge_tree(folder, "base", name);
        alone[at] = !paths.is_empty();
        landed[at] = said(&git(folder, &["commit-tree", &tree, "-p", "base", "-p", name, "-m", "x"]));
    }
    if alone[0] || alone[1] {
        return (alone, false);
    }
    let together = [(&landed[0], "b"), (&landed[1], "a")]
        .into_iter()
        .any(|(ours, theirs)| !merge_tree(folder, ours, theirs).0.is_empty());
    (alone, together)
}

fn we_say(folder: &Path) -> ([bool; 2], bool) {
    let repository = Git::open(folder).expect("it opens");
    let base = repository.commit("base").expect("there is a base");
    let heads =
        ["a", "b"].map(|name| repository.head(name, repository.commit(name).unwrap(), base).expect("a head")).to_vec();
    let landing = repository.base(base).expect("a base tree");
    let verdicts = Verdicts::new(&repository, &landing, heads).expect("verdicts");
    let alone = [0, 1].map(|at| !verdicts.alone()[at].conflicts.is_empty());
    let possible = verdicts.possible().expect("pairs").contains(&(0, 1));
    let conflicts = verdicts.between(0, 1).expect("a verdict");
    assert!(possible || conflicts.is_empty(), "the index calls every pair possible that collides: {conflicts:?}");
    (alone, !conflicts.is_empty())
}

fn root() -> Files {
    let long: Vec<u8> = (0..20).collect();
    let other: Vec<u8> = (20..36).collect();
    let repeated: Vec<u8> = (0..18).map(|line| line % 4).collect();
    Files::from([
        ("src/lib.rs".to_owned(), (Mode::Plain, text(&long))),
        ("src/a/x.rs".to_owned(), (Mode::Plain, text(&other))),
        ("docs/guide.md".to_owned(), (Mode::Plain, text(&repeated))),
        ("run.sh".to_owned(), (Mode::Executable, text(&[7, 8, 9]))),
    ])
}

fn cases() -> u32 {
    if std::env::vars_os().any(|(key, _)| key == "FLYBALL_MANY_CASES") { 1_000 } else { 96 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn a_verdict_is_what_git_merge_tree_says(
        on_base in prop::collection::vec(edit(), 0..4),
        on_a in prop::collection::vec(edit(), 1..5),
        on_b in prop::collection::vec(edit(), 1..5),
        b_from_base in any::<bool>(),
    ) {
        let root = root();
        let base = edited(&root, &on_base);
        let a = edited(&root, &on_a);
        let b = edited(if b_from_base { &base } else { &root }, &on_b);
        let folder = repository(&[
            ("root", None, &root),
            ("base", Some("root"), &base),
            ("a", Some("root"), &a),
            ("b", Some(if b_from_base { "base" } else { "root" }), &b),
        ]);
        prop_assert_eq!(we_say(folder.path()), git_says(folder.path()));
    }

    /// Lines in git's own patches are read as the lines that the library finds in the blobs, and neither mode misses what a merge finds.
    #[test]
    fn hunks_are_those_of_gits_patch_and_never_miss_a_conflict(
        on_a in prop::collection::vec(edit(), 1..5),
        on_b in prop::collection::vec(edit(), 1..5),
    ) {
        let file = |edits: &[Edit]| {
            let only = Files::from([("f".to_owned(), root()["docs/guide.md"].clone())]);
            let lines = edits.iter().filter(|edit| matches!(edit, Edit::Replace { .. } | Edit::Insert { .. } | Edit::Cut { .. } | Edit::Chop { .. }));
            edited(&only, &lines.cloned().collect::<Vec<_>>())
        };
        let (base, a, b) = (file(&[]), file(&on_a), file(&on_b));
        let folder = repository(&[("base", None, &base), ("a", Some("base"), &a), ("b", Some("base"), &b)]);
        let repository = Git::open(folder.path()).unwrap();
        let tree = |name: &str| repository.tree_of(repository.commit(name).unwrap()).unwrap();
        let ours = repository.footprint(tree("base"), tree("a")).unwrap();
        let theirs = repository.footprint(tree("base"), tree("b")).unwrap();
        let output = git(folder.path(), &["diff", "--histogram", "--no-indent-heuristic", "base", "a"]);
        let patch_text = String::from_utf8_lossy(&output.stdout).into_owned();
        let from_patch = patch_text.find("@@ -").map(|at| patch::parse(&patch_text[at..]).unwrap().hunks).unwrap_or_default();
        let from_blobs = ours.files.first().map(|file| file.lines.hunks().to_vec()).unwrap_or_default();
        prop_assert_eq!(from_patch, from_blobs);
        let merged = merge_text(base["f"].1.as_bytes(), a["f"].1.as_bytes(), b["f"].1.as_bytes());
        if matches!(merged, TextMerge::Conflict(_)) {
            prop_assert!(!carry(&ours, &theirs).conflicts.is_empty());
            prop_assert!(!flyball::domain::integration::collision::between(&ours, &theirs).is_empty());
        }
    }
}

#[test]
fn paths_that_are_not_utf8_are_quoted_as_git_quotes_them() {
    assert_eq!(shown(b"caf\xe9/a\"b"), "\"caf\\351/a\\\"b\"");
    assert_eq!(shown("beta/é".as_bytes()), "beta/é");
}
