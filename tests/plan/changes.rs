//! Changes that are easily misread, by git's own merges and by lines alike.

use super::repository::{Repository, answer, on};

const ENGINES: [&str; 2] = ["exact", "hunks"];

/// What stands between two changes of the same base: nothing, or the kinds.
fn between(base: &[(&str, &str)], a: super::repository::Commit, b: super::repository::Commit) -> [Vec<String>; 2] {
    let repository = Repository::with(base).branch("a", a).branch("b", b).made();
    ENGINES.map(|engine| repository.kinds(&["a", "b"], engine))
}

fn nothing() -> [Vec<String>; 2] {
    [Vec::new(), Vec::new()]
}

fn textual() -> [Vec<String>; 2] {
    [vec!["textual".to_owned()], vec!["textual".to_owned()]]
}

#[test]
fn what_both_do_alike_is_no_collision() {
    let base = [("a.txt", "one\ntwo\n"), ("b.txt", "b\n")];
    let deletes = || on(&["main"]).removes("a.txt");
    assert_eq!(between(&base, deletes(), deletes()), nothing(), "both delete");
    let adds = |content: &str| on(&["main"]).writes("new.txt", content);
    assert_eq!(between(&base, adds("x\n"), adds("x\n")), nothing(), "both add the same");
    assert_eq!(between(&base, adds("x\n"), adds("y\n")), textual(), "both add, with different content");
    assert_eq!(between(&base, adds(""), adds("")), nothing(), "both add an empty file");
    let edits = on(&["main"]).writes("a.txt", "ONE\ntwo\n");
    assert_eq!(between(&base, deletes(), edits), textual(), "one deletes what the other changes");
}

#[test]
fn an_empty_commit_touches_nothing_and_has_its_place() {
    let repository = Repository::with(&[("a.txt", "one\n")])
        .branch("a", on(&["main"]).says("nothing yet"))
        .branch("b", on(&["main"]).writes("a.txt", "ONE\n"))
        .made();
    for engine in ENGINES {
        assert!(repository.kinds(&["a", "b"], engine).is_empty());
        assert_eq!(repository.plan(&["a", "b"], engine)["waves"], serde_json::json!([["a", "b"]]), "{engine}");
    }
}

#[test]
fn a_head_that_merged_the_base_is_judged_by_its_own_change() {
    let repository = Repository::with(&[("a.txt", "1\n2\n3\n4\n5\n6\n7\n8\n9\n"), ("b.txt", "b\n")])
        .branch("a", on(&["main"]).writes("b.txt", "B\n"))
        .branch("main", on(&["main"]).writes("a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n"))
        .branch("a", on(&["a", "main"]).writes("a.txt", "one\n2\n3\n4\n5\n6\n7\n8\n9\n"))
        .branch("b", on(&["main"]).writes("a.txt", "uno\n2\n3\n4\n5\n6\n7\n8\n9\n"))
        .made();
    for engine in ENGINES {
        let plan = repository.plan(&["a", "b"], engine);
        assert_eq!(
            plan["collisions"],
            serde_json::json!([]),
            "{engine}: what came with the merge is no change of the head"
        );
        assert_eq!(plan["units"][0]["conflicts_with_base"], false, "{engine}");
    }
}

#[test]
fn paths_of_any_bytes_are_one_path_and_shown_as_git_shows_them() {
    let base =
        Repository::new().branch("main", on(&[]).writes(b"caf\xe9.txt", "one\n").writes("a \"q\"\t.txt", "one\n"));
    let repository = base
        .branch("a", on(&["main"]).writes(b"caf\xe9.txt", "A\n").writes("a \"q\"\t.txt", "A\n"))
        .branch("b", on(&["main"]).writes(b"caf\xe9.txt", "B\n"))
        .branch("c", on(&["main"]).writes("a \"q\"\t.txt", "C\n"))
        .made();
    for engine in ENGINES {
        let plan = repository.plan(&["a", "b", "c"], engine);
        let found = plan["collisions"].as_array().expect("a list").clone();
        let found: Vec<_> = found.iter().map(|one| (&one["a"], &one["b"], &one["paths"])).collect();
        let expected = [serde_json::json!(["\"caf\\351.txt\""]), serde_json::json!(["a \"q\"\t.txt"])];
        assert_eq!(
            found,
            [(&"a".into(), &"b".into(), &expected[0]), (&"a".into(), &"c".into(), &expected[1])],
            "{engine}"
        );
    }
}

#[test]
fn carriage_returns_are_part_of_a_line() {
    let base = [("a.txt", "1\r\n2\r\n3\r\n4\r\n5\r\n6\r\n")];
    let first = || on(&["main"]).writes("a.txt", "one\r\n2\r\n3\r\n4\r\n5\r\n6\r\n");
    let last = on(&["main"]).writes("a.txt", "1\r\n2\r\n3\r\n4\r\n5\r\nsix\r\n");
    assert_eq!(between(&base, first(), last), nothing(), "lines apart");
    let unix = on(&["main"]).writes("a.txt", "1\n2\n3\n4\n5\n6\n");
    assert_eq!(between(&base, first(), unix), textual(), "one turns every line end");
}

#[test]
fn a_rename_of_letters_only_carries_the_other_change_along() {
    let text = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n";
    let renames = || on(&["main"]).removes("README.md").writes("Readme.md", text);
    let edits = on(&["main"]).writes("README.md", text.replace("6\n", "six\n"));
    assert_eq!(between(&[("README.md", text)], renames(), edits), nothing(), "a rename and a change");
    let other = on(&["main"]).removes("README.md").writes("readme.md", text);
    assert_eq!(between(&[("README.md", text)], renames(), other), textual(), "renamed to two spellings");
    let new = |path: &str| on(&["main"]).writes(path, "x\n");
    assert_eq!(between(&[("a", "a\n")], new("X.md"), new("x.md")), nothing(), "two files to git");
}

#[test]
fn a_manifest_that_cannot_be_read_on_one_side_makes_its_packages_unknown() {
    let manifest = |version: &str| format!("[package]\nname = \"x\"\n\n\n\n[dependencies]\nserde = \"{version}\"\n");
    let broken = manifest("2").replace("[dependencies]", "[dependencies");
    let repository = Repository::with(&[("Cargo.toml", &manifest("1"))])
        .branch("good", on(&["main"]).writes("Cargo.toml", manifest("1.0.9")))
        .branch("broken", on(&["main"]).writes("Cargo.toml", broken))
        .made();
    for engine in ENGINES {
        let plan = repository.plan(&["good", "broken"], engine);
        assert_eq!(plan["units"][0].get("uncertain"), None);
        let said = plan["units"][1]["uncertain"][0].as_str().expect("a sentence");
        assert!(said.starts_with("Cargo.toml cannot be read after the change"), "{said}");
    }
    let text = repository.asked(&["--base", "main", "--head", "broken"]);
    let text = String::from_utf8_lossy(&text.stdout);
    assert!(text.contains("Not known"), "{text}");
}

#[test]
fn generated_files_are_those_that_the_base_says() {
    let base = [
        (".gitattributes", "gen/** linguist-generated\n*.pb.go linguist-generated=true\n"),
        ("gen/a.rs", "1\n2\n3\n4\n5\n6\n"),
    ];
    let repository = Repository::with(&base)
        .branch("a", on(&["main"]).writes("gen/a.rs", "one\n2\n3\n4\n5\n6\n"))
        .branch("b", on(&["main"]).writes("gen/a.rs", "1\n2\n3\n4\n5\nsix\n"))
        .branch("c", on(&["main"]).writes(".gitattributes", ""))
        .made();
    for engine in ENGINES {
        assert_eq!(repository.kinds(&["a", "b", "c"], engine), ["lockfile"], "{engine}");
    }
}

#[test]
fn nothing_to_do_is_an_answer() {
    let repository = Repository::with(&[("a.txt", "one\n")]).branch("a", on(&["main"])).made();
    let by_glob = repository.asked(&["--base", "main", "--branches", "*", "--format", "json"]);
    assert_eq!(answer(&by_glob)["order"].as_array().map(Vec::len), Some(1));
    let none = repository.asked(&["--base", "main"]);
    assert!(!none.status.success() && super::repository::told(&none).contains("no heads"));
}
