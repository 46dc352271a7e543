//! `CODEOWNERS` as GitHub reads it.

use super::super::codeowners::{CodeOwners, MAX_BYTES};
use super::super::facts::TouchedFile;

const FILE: &str = "\
# The documentation of GitHub shows these forms.
*       @global-owner1 @global-owner2
*.js    @js-owner # inline
*.go docs@example.com
/build/logs/ @doctocat
docs/*  docs@example.com
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
my\\ file.txt @space
*_test.go @testers
/a/*/c.txt @middle
";

#[test]
fn the_last_line_that_matches_wins_alone() {
    let owners = CodeOwners::parse(FILE).unwrap();
    assert_eq!(owners.bad_lines(), []);
    let cases = [
        ("Makefile", "@global-owner1 @global-owner2"),
        ("src/a.js", "@js-owner"),
        ("src/a.jsx", "@global-owner1 @global-owner2"),
        ("main.go", "docs@example.com"),
        ("main_test.go", "@testers"),
        ("build/logs/x/y", "@octocat"),
        ("x/build/logs/y", "@octocat"),
        ("x/docs/a.txt", "@global-owner1 @global-owner2"),
        ("docs/a.txt", "@doctocat"),
        ("docs/deep/a.txt", "@doctocat"),
        ("x/apps/a", "@octocat"),
        ("apps/a", "@octocat"),
        ("apps/github/x", ""),
        ("apps/github", ""),
        ("scripts/a.js", "@doctocat @octocat"),
        ("my file.txt", "@space"),
        ("a/b/c.txt", "@middle"),
        ("a/b/d/c.txt", "@global-owner1 @global-owner2"),
        ("Scripts/a", "@global-owner1 @global-owner2"),
    ];
    for (path, expected) in cases {
        let found: Vec<String> = owners.owners(path).iter().map(ToString::to_string).collect();
        assert_eq!(found.join(" "), expected, "{path}");
    }
}

#[test]
fn a_star_within_a_folder_does_not_go_deeper() {
    let owners = CodeOwners::parse("docs/* @shallow\n/deep/** @deep\n").unwrap();
    assert_eq!(owners.owners("docs/a.md").len(), 1);
    assert_eq!(owners.owners("docs/x/a.md").len(), 0);
    assert_eq!(owners.owners("deep/x/y/a.md").len(), 1);
}

#[test]
fn lines_that_github_skips_are_reported_and_skipped() {
    let file = "* @all\n!a @x\n[ab].rs @x\n\\#x @x\n/ @x\nsrc/ someone\nlib/ @a/b/c @ok\n/ok @fine\n";
    let owners = CodeOwners::parse(file).unwrap();
    let lines: Vec<usize> = owners.bad_lines().iter().map(|bad| bad.line).collect();
    assert_eq!(lines, [2, 3, 4, 5, 6, 7]);
    assert_eq!(owners.owners("src/a")[0].to_string(), "@all", "a bad line changes nothing");
    assert_eq!(owners.len(), 2);
}

#[test]
fn a_file_over_three_megabytes_counts_for_nothing() {
    let file = format!("* @all\n{}", "#".repeat(MAX_BYTES));
    assert!(CodeOwners::parse(&file).is_err());
    assert!(CodeOwners::parse("").unwrap().is_empty());
    assert_eq!(CodeOwners::parse("\u{feff}* @all\r\n").unwrap().owners("a").len(), 1, "a mark and CRLF");
}

#[test]
fn touched_paths_are_grouped_by_owners_with_both_names_of_a_rename() {
    let owners = CodeOwners::parse("/a/ @x @y\n/b/ @y @x\n/c/ @z\n").unwrap();
    let file = |path: &str| TouchedFile::Path(path.to_owned());
    let renamed =
        TouchedFile::Full { path: "free".to_owned(), was: Some("c/1".to_owned()), change: Default::default() };
    let groups = owners.groups(&[file("a/1"), file("b/2"), file("b/3"), file("b/4"), file("none"), renamed]);
    let found: Vec<(usize, usize, usize)> =
        groups.iter().map(|group| (group.owners.len(), group.paths.len(), group.count)).collect();
    assert_eq!(found, [(2, 3, 4), (1, 1, 1)]);
}

/// A search from the end without any index: the slow answer that the fast one must equal.
fn slow(lines: &[(CodeOwners, String)], path: &str) -> Option<String> {
    lines.iter().rev().find(|(line, _)| !line.owners(path).is_empty()).map(|(_, owner)| owner.clone())
}

#[test]
fn ten_thousand_lines_are_read_and_the_index_finds_what_a_search_from_the_end_finds() {
    let mut lines = Vec::new();
    for number in 0..10_000 {
        let pattern = match number % 7 {
            0 => format!("/src/d{number}/"),
            1 => format!("*.e{number}"),
            2 => format!("name{number}"),
            3 => format!("/src/*/f{number}.rs"),
            4 => format!("src/d{}/x*.rs", number % 50),
            5 => format!("**/deep{number}/**"),
            _ => format!("/src/d{}/y.rs", number % 50),
        };
        lines.push((pattern, format!("@u{number}")));
    }
    let text: String = lines.iter().map(|(pattern, owner)| format!("{pattern} {owner}\n")).collect();
    let owners = CodeOwners::parse(&text).unwrap();
    assert_eq!((owners.len(), owners.bad_lines().len()), (10_000, 0));
    let alone = |(pattern, owner): (String, String)| (CodeOwners::parse(&format!("{pattern} @x")).unwrap(), owner);
    let lines: Vec<(CodeOwners, String)> = lines.into_iter().map(alone).collect();
    let paths = [
        "src/d7/a",
        "src/d48/y.rs",
        "src/d48/x1.rs",
        "a/b.e1",
        "q/name9/z",
        "src/z/f3.rs",
        "a/deep5/b",
        "none",
        "src/d14/y.rs",
    ];
    for path in paths {
        let found = owners.owners(path).first().map(ToString::to_string);
        assert_eq!(found, slow(&lines, path), "{path}");
    }
}
