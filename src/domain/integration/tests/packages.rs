//! Packages out of manifests and out of patches.

use super::{modified, touches};
use crate::domain::integration::collision::{Kind, between};
use crate::domain::integration::footprint::{FileChange, PackageChange};
use crate::domain::integration::packages::{compare, from_patch};
use crate::domain::integration::patch::parse;

fn shown(changes: &[PackageChange]) -> Vec<String> {
    let text = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".into());
    changes.iter().map(|change| format!("{} {} > {}", change.name, text(&change.old), text(&change.new))).collect()
}

fn moved(path: &str, before: &str, after: &str) -> Vec<String> {
    shown(&compare(path, Some(before.as_bytes()), Some(after.as_bytes())).expect("both sides parse"))
}

#[test]
fn every_manifest_is_read() {
    let cases: [(&str, &str, &str, &[&str]); 12] = [
        (
            "Cargo.toml",
            "[dependencies]\nserde = \"1\"\nx = { path = \"x\" }",
            "[dependencies]\nserde = { version = \"2\", features = [\"a\"] }",
            &["serde 1 > 2", "x path x > -"],
        ),
        (
            "a/Cargo.toml",
            "[workspace.dependencies]\nrand = \"0.8\"",
            "[workspace.dependencies]\nrand = \"0.9\"",
            &["rand 0.8 > 0.9"],
        ),
        (
            "a/Cargo.toml",
            "[dependencies]\nrand.workspace = true",
            "[dependencies]\nrand = { workspace = true, features = [\"std\"] }",
            &[],
        ),
        (
            "Cargo.toml",
            "[target.'cfg(unix)'.dependencies]\nb = { package = \"nix\", version = \"1\" }",
            "",
            &["nix 1 > -"],
        ),
        (
            "package.json",
            r#"{"dependencies":{"a":"^1"},"version":"1"}"#,
            r#"{"devDependencies":{"a":"^2","b":"3"},"version":"2"}"#,
            &["a ^1 > ^2", "b - > 3"],
        ),
        (
            "go.mod",
            "module m\n\ngo 1.21\n\nrequire (\n\tx.org/a v1.0.0 // indirect\n\tx.org/b v2.0.0\n)\n",
            "module m\n\nrequire x.org/a v1.1.0\nrequire x.org/b v2.0.0\n",
            &["x.org/a v1.0.0 > v1.1.0"],
        ),
        (
            "requirements-dev.txt",
            "# c\nFlask_Login==1 # why\n-r base.txt\n",
            "flask-login==2\n",
            &["flask-login ==1 > ==2"],
        ),
        (
            "pyproject.toml",
            "[project]\ndependencies = [\"requests[socks]>=2; python_version<'4'\"]",
            "[project]\ndependencies = [\"requests>=3\"]",
            &["requests >=2 > >=3"],
        ),
        (
            "pyproject.toml",
            "[tool.poetry.dependencies]\na = \"^1\"",
            "[tool.poetry.group.dev.dependencies]\na = { version = \"^2\" }",
            &["a ^1 > ^2"],
        ),
        (
            "pom.xml",
            "<project><properties><v>1</v></properties><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency></dependencies></project>",
            "<project><properties><v>2</v></properties><dependencies><dependency><groupId>g</groupId><artifactId>a</artifactId><version>${v}</version></dependency></dependencies></project>",
            &["g:a 1 > 2"],
        ),
        (
            "Gemfile",
            "gem 'rails', '~> 7.0', '>= 7.0.1', require: false\ngem \"pg\"\n",
            "gem \"rails\", \"~> 7.1\"\ngem \"pg\"\n",
            &["rails ~> 7.0, >= 7.0.1 > ~> 7.1"],
        ),
        ("src/lib.rs", "serde = \"1\"", "serde = \"2\"", &[]),
    ];
    for (path, before, after, expected) in cases {
        assert_eq!(moved(path, before, after), expected, "{path}: {before}");
    }
}

#[test]
fn a_manifest_that_does_not_parse_is_unknown_and_says_which_side() {
    let error = compare("Cargo.toml", Some(b"[dependencies]\na = \"1\""), Some(b"<<<<<<<")).unwrap_err();
    assert!(error.to_string().starts_with("Cargo.toml cannot be read after the change"), "{error}");
    assert!(compare("package.json", Some(b"{"), None).is_err());
    assert_eq!(shown(&compare("package.json", None, Some(br#"{"dependencies":{"a":"1"}}"#)).unwrap()), ["a - > 1"]);
}

#[test]
fn a_patch_alone_gives_the_dependencies_whose_lines_say_so() {
    let cases: [(&str, &str, &[&str]); 7] = [
        (
            "Cargo.toml",
            "-serde = \"1.0\"\n+serde = { version = \"1.1\", features = [\"derive\"] }",
            &["serde 1.0 > 1.1"],
        ),
        ("Cargo.toml", "-version = \"0.1.0\"\n+version = \"0.2.0\"", &[]),
        (
            "package.json",
            "-    \"left-pad\": \"^1.0.0\",\n+    \"left-pad\": \"^2.0.0\",",
            &["left-pad ^1.0.0 > ^2.0.0"],
        ),
        ("package.json", "-    \"build\": \"tsc\",\n+    \"build\": \"tsc -b\",", &[]),
        ("go.mod", "-\tx.org/a v1.0.0\n+\tx.org/a v1.1.0 // indirect", &["x.org/a v1.0.0 > v1.1.0"]),
        ("requirements.txt", "-Django==4.2\n+django==5.0", &["django ==4.2 > ==5.0"]),
        ("Gemfile", "-gem \"rails\", \"~> 7.0\"\n+gem \"rails\", \"~> 7.1\"", &["rails ~> 7.0 > ~> 7.1"]),
    ];
    for (path, lines, expected) in cases {
        let mut change = FileChange { path: path.into(), ..FileChange::default() };
        from_patch(&mut change, &parse(&format!("@@ -1 +1 @@\n{lines}")).unwrap());
        assert_eq!(shown(&change.packages), expected, "{path}: {lines}");
    }
    let mut pom = FileChange { path: "pom.xml".into(), ..FileChange::default() };
    from_patch(&mut pom, &parse("@@ -1 +1 @@\n-<version>1</version>\n+<version>2</version>").unwrap());
    assert!(pom.packages.is_empty() && pom.packages_unknown.is_some(), "unknown, not unchanged");
}

#[test]
fn one_dependency_moved_apart_is_a_package_collision_in_any_manifest() {
    let with = |path: &str, before: &str, after: &str| {
        let packages = compare(path, Some(before.as_bytes()), Some(after.as_bytes())).unwrap();
        touches(&[FileChange { packages, ..modified(path, &[]) }])
    };
    let bump = |path: &str, to: &str| {
        with(path, "[dependencies]\nserde = \"1\"", &format!("[dependencies]\nserde = \"{to}\""))
    };
    let removes = with("Cargo.toml", "[dependencies]\nserde = \"1\"", "[dependencies]");
    let found = between(&bump("a/Cargo.toml", "1.5"), &bump("b/Cargo.toml", "2"));
    assert_eq!(
        (found[0].kind, found[0].why.as_str()),
        (Kind::Package, "Both move the dependency serde: one to 1.5, the other to 2.")
    );
    assert_eq!(found[0].paths, ["a/Cargo.toml", "b/Cargo.toml"]);
    assert!(between(&bump("a/Cargo.toml", "2"), &bump("b/Cargo.toml", "2")).is_empty(), "the same version");
    assert_eq!(
        between(&removes, &bump("Cargo.toml", "2"))[0].why,
        "One removes the dependency serde, the other moves it to 2."
    );
    assert!(between(&removes, &removes).iter().all(|finding| finding.kind == Kind::Overlap));
}
