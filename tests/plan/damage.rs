//! Repositories that do not hold what is asked about: each is told apart, and none is taken for "nothing collides".

use super::repository::{Repository, answer, asked, git, on, told};

fn two_heads() -> Repository {
    Repository::with(&[("a.txt", "one\ntwo\nthree\n"), ("b.txt", "b\n")])
        .branch("good", on(&["main"]).writes("a.txt", "ONE\ntwo\nthree\n"))
        .branch("bad", on(&["main"]).writes("b.txt", "B\n"))
        .made()
}

#[test]
fn a_name_that_stands_for_nothing_is_named() {
    let repository = two_heads();
    let no_head = repository.asked(&["--base", "main", "--head", "7=refs/pull/7/head"]);
    assert!(!no_head.status.success());
    assert!(told(&no_head).contains("head 7") && told(&no_head).contains("`refs/pull/7/head`"), "{}", told(&no_head));
    let no_base = repository.asked(&["--base", "trunk", "--head", "good"]);
    assert!(told(&no_base).contains("`trunk` names no commit"), "{}", told(&no_base));
    let nowhere = asked(&repository.path().join("not-here"), &["--base", "main", "--head", "good"]);
    assert!(told(&nowhere).contains("cannot be opened as a git repository"), "{}", told(&nowhere));
}

#[test]
fn a_clone_that_does_not_reach_back_is_shallow_and_not_unrelated() {
    let repository = two_heads().branch("main", on(&["main"]).writes("c.txt", "c\n")).made();
    let clone = tempfile::tempdir().expect("a temporary folder");
    let address = format!("file://{}", repository.path().display());
    git(clone.path(), &["clone", "--quiet", "--bare", "--depth=1", "--no-single-branch", &address, "."]);
    let named = asked(clone.path(), &["--base", "main", "--head", "good"]);
    assert!(!named.status.success() && told(&named).contains("the clone is shallow"), "{}", told(&named));
    let by_glob = asked(clone.path(), &["--base", "main", "--branches", "*", "--format", "json"]);
    assert!(told(&by_glob).contains("good is left out: the clone is shallow"), "{}", told(&by_glob));
    assert_eq!(answer(&by_glob)["units"], serde_json::json!([]));
}

#[test]
fn histories_without_a_common_commit_are_unrelated() {
    let repository = two_heads().branch("island", on(&[]).writes("a.txt", "other\n")).made();
    let named = repository.asked(&["--base", "main", "--head", "island"]);
    assert!(!named.status.success() && told(&named).contains("share no history"), "{}", told(&named));
    let by_glob = repository.asked(&["--base", "main", "--branches", "*", "--format", "json"]);
    assert!(told(&by_glob).contains("island is left out"), "{}", told(&by_glob));
    assert_eq!(answer(&by_glob)["order"], serde_json::json!(["bad", "good"]));
}

#[test]
fn an_object_that_is_gone_or_cut_off_is_named_and_costs_only_its_own_head() {
    let gone = |repository: &Repository, object: &str| std::fs::remove_file(repository.object(object));
    let cut = |repository: &Repository, object: &str| {
        let path = repository.object(object);
        let content = std::fs::read(&path)?;
        std::fs::remove_file(&path)?;
        std::fs::write(path, &content[..content.len() / 2])
    };
    for (case, object, damage) in [
        ("a blob that is gone", "bad:b.txt", &gone as &dyn Fn(&Repository, &str) -> std::io::Result<()>),
        ("a blob that is cut off", "bad:b.txt", &cut),
        ("a tree that is gone", "bad^{tree}", &gone),
        ("a commit that is cut off", "bad", &cut),
    ] {
        let repository = two_heads();
        let id = repository.id(object);
        damage(&repository, object).expect("a file of the repository");
        let named = repository.asked(&["--base", "main", "--head", "good", "--head", "bad"]);
        if case.starts_with("a blob") {
            // Only one head touches it, so no verdict rests on it: what is named is taken as far as it is needed.
            assert!(named.status.success(), "{case}: {}", told(&named));
        } else {
            assert!(!named.status.success() && told(&named).contains("bad"), "{case}: {}", told(&named));
            assert!(told(&named).contains(&id[2..]), "{case}: {}", told(&named));
        }
        let by_glob = repository.asked(&["--base", "main", "--branches", "*", "--format", "json"]);
        assert!(told(&by_glob).contains("bad is left out"), "{case}: {}", told(&by_glob));
        assert_eq!(answer(&by_glob)["order"], serde_json::json!(["good"]), "{case}");
    }
}
