//! Much at once.

use super::repository::{Repository, on};

#[test]
fn a_head_of_three_thousand_files_is_one_head() {
    let many =
        (0..3_000).fold(on(&["main"]), |commit, at| commit.writes(format!("d{}/f{at}", at % 40), format!("{at}\n")));
    let repository = Repository::with(&[("a.txt", "one\n")])
        .branch("many", many)
        .branch("one", on(&["main"]).writes("d7/f7", "other\n"))
        .branch("apart", on(&["main"]).writes("a.txt", "ONE\n"))
        .made();
    for engine in ["exact", "hunks"] {
        let plan = repository.plan(&["many", "one", "apart"], engine);
        let found = plan["collisions"].as_array().expect("a list");
        assert_eq!(found.len(), 1, "{engine}");
        assert_eq!(
            (&found[0]["a"], &found[0]["b"], &found[0]["paths"][0]),
            (&"many".into(), &"one".into(), &"d7/f7".into())
        );
    }
}

#[test]
fn a_hot_lockfile_is_one_group() {
    let mut repository = Repository::with(&[("Cargo.lock", "version = 4\n")]);
    let names: Vec<String> = (1..=100).map(|at| at.to_string()).collect();
    for name in &names {
        repository = repository.branch(name, on(&["main"]).writes("Cargo.lock", format!("version = 4\n# {name}\n")));
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let plan = repository.made().plan(&names, "hunks");
    let groups = plan["groups"].as_array().expect("a list");
    let lockfile = groups.iter().find(|group| group["kind"] == "lockfile").expect("the lockfile is hot");
    assert_eq!((&lockfile["path"], lockfile["members"].as_array().map(Vec::len)), (&"Cargo.lock".into(), Some(100)));
    assert_eq!(plan["order"].as_array().map(Vec::len), Some(100));
}
