//! Repositories whose objects stand in packs, as those of every clone do: they are read by our own reader, gix has the rest.

use std::fs;
use std::path::PathBuf;

use flyball::git::Git;

use super::repository::{Repository, answer, git, on, told};

/// A file of which each version changes a few lines.
fn version(number: usize) -> String {
    let line =
        |at: usize| if at % 23 == number % 23 { format!("{at} as of {number}\n") } else { format!("line {at}\n") };
    (0..200).map(line).collect()
}

const VERSIONS: usize = 30;

/// A row of commits on `main`, in one pack in which versions are written down as what they change in others.
fn packed() -> Repository {
    let named = |number: usize| on(if number == 0 { &[] } else { &["main"] }).writes("notes/long.txt", version(number));
    let repository = (0..VERSIONS).fold(Repository::new(), |made, number| made.branch("main", named(number))).made();
    git(repository.path(), &["repack", "-adfq", "--depth=50", "--window=20"]);
    repository
}

fn file_of_pack(repository: &Repository, ending: &str) -> PathBuf {
    let files = fs::read_dir(repository.path().join("objects/pack")).expect("a folder of packs");
    let mut paths = files.map(|file| file.expect("an entry").path());
    paths.find(|path| path.extension().is_some_and(|found| found == ending)).expect("a pack")
}

#[test]
fn what_is_written_as_a_change_of_a_change_is_read_whole_in_any_order() {
    let repository = packed();
    let index = file_of_pack(&repository, "idx");
    let chains = git(repository.path(), &["verify-pack", "-v", &index.display().to_string()]);
    assert!(chains.contains("chain length = 3"), "the pack holds no chains worth reading: {chains}");
    let oldest_first: Vec<usize> = (0..VERSIONS).collect();
    let newest_first: Vec<usize> = (0..VERSIONS).rev().collect();
    for order in [oldest_first, newest_first] {
        let opened = Git::open(repository.path()).expect("it opens");
        for number in order {
            let commit = opened.commit(&format!("main~{}", VERSIONS - 1 - number)).expect("a commit");
            let tree = opened.tree_of(commit).expect("a tree");
            let content = opened.file(tree, "notes/long.txt").expect("it can be read").expect("a file");
            assert_eq!(content, version(number).as_bytes(), "version {number}");
        }
    }
}

#[test]
fn a_pack_that_is_damaged_is_told_and_nothing_is_made_of_it() {
    let repository = packed();
    let blob = repository.id("main:notes/long.txt");
    let listed =
        git(repository.path(), &["verify-pack", "-v", &file_of_pack(&repository, "idx").display().to_string()]);
    let line = listed.lines().find(|line| line.starts_with(&blob)).expect("the pack holds the file");
    let number =
        |at: usize| line.split_whitespace().nth(at).and_then(|word| word.parse::<usize>().ok()).expect("a number");
    let (length, from) = (number(3), number(4));
    let pack = file_of_pack(&repository, "pack");
    let whole = fs::read(&pack).expect("it can be read");
    for (case, at) in [("in its middle", from + length / 2), ("in its check sum", from + length - 1)] {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        // Git writes packs read-only.
        fs::remove_file(&pack).expect("it can be taken away");
        fs::write(&pack, bytes).expect("it can be written");
        let opened = Git::open(repository.path()).expect("it opens");
        let tree = opened.tree_of(opened.commit("main").expect("a commit")).expect("a tree");
        let trouble = opened.file(tree, "notes/long.txt").expect_err(case).to_string();
        assert_eq!(trouble, format!("object {blob} cannot be read"), "{case}");
    }
}

#[test]
fn an_object_that_the_repository_replaces_is_read_replaced() {
    let repository = packed();
    let (new, old) = (repository.id("main:notes/long.txt"), repository.id("main~1:notes/long.txt"));
    git(repository.path(), &["replace", &new, &old]);
    let opened = Git::open(repository.path()).expect("it opens");
    let tree = opened.tree_of(opened.commit("main").expect("a commit")).expect("a tree");
    let content = opened.file(tree, "notes/long.txt").expect("it can be read").expect("a file");
    assert_eq!(content, version(VERSIONS - 2).as_bytes());
}

#[test]
fn folders_are_found_beside_files_that_git_sorts_between_them() {
    // Git keeps the folder `a` after `a-b` and `a.txt`, as if it were called `a/`.
    let names = ["a-b", "a.txt", "a/one", "a/two", "a0", "ab/c"];
    let repository = names.iter().fold(Repository::new(), |made, name| {
        let below: &[&str] = if *name == names[0] { &[] } else { &["main"] };
        made.branch("main", on(below).writes(name, *name))
    });
    let repository = repository.branch("more", on(&["main"]).writes("a/two", "2").writes("a0", "0")).made();
    git(repository.path(), &["repack", "-adq"]);
    let opened = Git::open(repository.path()).expect("it opens");
    let tree = opened.tree_of(opened.commit("main").expect("a commit")).expect("a tree");
    for name in names {
        assert_eq!(opened.file(tree, name).expect("it can be read").as_deref(), Some(name.as_bytes()), "{name}");
    }
    let more = opened.tree_of(opened.commit("more").expect("a commit")).expect("a tree");
    let footprint = opened.footprint(tree, more).expect("a footprint");
    assert_eq!(footprint.files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["a/two", "a0"]);
}

#[test]
fn a_head_may_be_named_by_its_id_in_full_and_one_that_is_not_there_is_named_as_missing() {
    let repository = packed().branch("fix", on(&["main"]).writes("other.txt", "x\n")).made();
    let id = repository.id("fix");
    let found = answer(&repository.asked(&["--base", "main", "--format", "json", "--head", &format!("fix={id}")]));
    assert_eq!(found["units"][0]["head"], id.as_str());
    let nothing = "0123456789012345678901234567890123456789";
    let missing = repository.asked(&["--base", "main", "--head", &format!("lost={nothing}")]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(told(&missing).contains(&format!("head lost: `{nothing}` names no commit")), "{}", told(&missing));
    let blob = repository.id("main:notes/long.txt");
    let no_commit = repository.asked(&["--base", "main", "--head", &format!("blob={blob}")]);
    assert!(told(&no_commit).contains("names no commit"), "{}", told(&no_commit));
}
