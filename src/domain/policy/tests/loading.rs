//! Rules that can be read and make no sense, and files that extend others.

use super::super::{Around, Level, load};
use super::{lines, unit};

#[test]
fn what_makes_no_sense_is_an_error_and_what_may_be_meant_is_a_warning() {
    let rule = |text: &str| format!("rules:\n  - {{ name: a, {text} }}");
    let cases: &[(&str, String, &[&str])] = &[
        ("fine", rule("require: { evidence: [x] }"), &[]),
        ("asks for nothing", rule("when: { base: main }"), &["warning 3: `a` asks for nothing: give it `require`, `autonomy` or `integration`"]),
        ("everything by itself", rule("autonomy: auto"), &["warning 3: `a` lets every change land unasked: give it a `when`"]),
        ("everything by its globs", rule("autonomy: auto, when: { paths: ['**'] }"), &["warning 3: `a` lets every change land unasked: give it a `when`"]),
        ("auto and confirm", rule("autonomy: auto, when: { base: main }, require: { confirm: { count: 1 } }"), &["error 3: `a` contradicts itself: `autonomy: auto` and a required confirm"]),
        ("auto and for good", rule("autonomy: auto, when: { base: main }, reversible: false"), &["error 3: `a` contradicts itself: `autonomy: auto` and `reversible: false`"]),
        ("no globs", rule("autonomy: confirm, when: { paths: [] }"), &["error 3: `paths` of `a` is empty: leave it out, or name globs"]),
        ("excludes everything", rule("autonomy: confirm, when: { not_paths: '**' }"), &["warning 3: `a` never applies: `not_paths` excludes every path"]),
        ("excludes itself", rule("autonomy: confirm, when: { paths: [a], not_paths: [a] }"), &["warning 3: `a` never applies: `paths` and `not_paths` are the same"]),
        ("range", rule("autonomy: confirm, when: { lines: { min: 5, max: 4 } }"), &["error 3: `lines` of `a` is empty: 5 is more than 4"]),
        ("window", rule("autonomy: confirm, when: { during: { from: 2026-12-02, until: 2026-12-01 } }"), &["error 3: `during` of `a` is over before it begins"]),
        ("window without ends", rule("autonomy: confirm, when: { during: {} }"), &["error 3: `during` of `a` needs `from` or `until`"]),
        ("count", "confirm: { count: 0 }".to_owned(), &["error -: `confirm`: a count of 0 asks nobody: use a rule with `autonomy: auto` instead"]),
        ("more than there are", "confirm: { by: ['@a', '@b'], count: 3 }".to_owned(), &["error -: `confirm`: 3 people are asked for, and 2 named"]),
        ("nobody", "confirm: { by: [] }".to_owned(), &["error -: `confirm`: an empty list means that nobody may confirm"]),
        ("by and each", rule("require: { confirm: { by: write, each: [write] } }"), &["error 3: `a`: `by` and `each` exclude each other"]),
        ("names", "rules:\n  - { name: a, autonomy: confirm }\n  - { name: A, autonomy: confirm }".to_owned(), &["error 4: `A` is the name of another rule or lesson in line 3"]),
        ("no name", "rules:\n  - { name: ' ', autonomy: confirm }".to_owned(), &["error 3: a rule needs a name: people see it wherever it speaks"]),
        ("components", "components:\n  - { name: a, paths: x }\n  - { name: a, paths: y }".to_owned(), &["error -: two components are called `a`"]),
        ("overlap", "order: { enforce: [overlap] }".to_owned(), &["error -: `overlap` is no collision: it cannot be enforced"]),
        ("a lesson that eases", "lessons:\n  - { name: l, autonomy: auto, when: { base: x }, source: { unit: u, person: p, date: d } }".to_owned(), &["error 3: the lesson `l` says `auto`: a lesson may only add care"]),
        ("contradicting rules", "rules:\n  - { name: a, when: { paths: 'docs/**' }, autonomy: auto }\n  - { name: b, when: { paths: 'docs/**' }, autonomy: confirm }".to_owned(),
            &["warning 3: `a` never lets anything land unasked: `b` applies to the same and keeps a person in"]),
    ];
    for (case, text, expected) in cases {
        let loaded = load(&format!("version: 1\n{text}"), Around::default());
        let found: Vec<String> = loaded
            .findings
            .iter()
            .map(|one| {
                let level = if one.level == Level::Error { "error" } else { "warning" };
                let line = one.at.map_or_else(|| "-".to_owned(), |at| at.line.to_string());
                format!("{level} {line}: {}", one.message)
            })
            .collect();
        assert_eq!(found, *expected, "{case}");
        let refused = expected.iter().any(|line| line.starts_with("error"));
        assert_eq!(loaded.standard.is_none(), refused, "{case}: an error refuses the file, a warning does not");
    }
}

#[test]
fn globs_that_match_nothing_or_everything_are_named() {
    let files: Vec<String> = ["src/a.rs", "src/b.rs"].map(str::to_owned).into();
    let text = "version: 1\nrules:\n  - { name: a, when: { paths: [lib/**, 'src/*'] }, autonomy: confirm }\ncomponents: [{ name: c, paths: 'src/a.rs' }, { name: d, paths: gone }]";
    let loaded = load(text, Around { files: Some(&files), ..Around::default() });
    let found: Vec<&str> = loaded.findings.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        found,
        [
            "`a`: `lib/**` matches no file of the repository",
            "`a`: `src/*` matches every file of the repository",
            "the component `d`: `gone` matches no file of the repository",
        ]
    );
    assert!(loaded.standard.is_some());
}

#[test]
fn a_repository_inherits_rules_that_it_cannot_loosen() {
    let below = "version: 1\nconfirm: { count: 2, dwell: 1m }\nrules: [{ name: org, require: { evidence: [scan] } }]\nagents: { logins: [a] }\npriorities: { hotfix: 1, x: 2 }";
    let text = "version: 1\nextends: acme/.github\nconfirm: { count: 1 }\nrules: [{ name: own, autonomy: auto, when: { base: main } }]\nagents: { logins: [b] }\npriorities: { hotfix: 5 }";
    let loaded = load(text, Around { extended: Some(("acme/.github", below)), ..Around::default() });
    let standard = loaded.standard.unwrap_or_else(|| panic!("{:?}", loaded.findings));
    let evaluation = standard.evaluate(&unit("files: [a]"));
    assert_eq!(lines(&evaluation), ["unmet: `scan` passes (missing) [waits.evidence]"]);
    assert_eq!(evaluation.rules.iter().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["org", "own"]);
    let settings = standard.settings("main");
    assert_eq!((settings.confirm.count, settings.dwell_seconds), (1, 60), "settings: the nearest, key by key");
    assert_eq!(standard.file.agents.as_ref().unwrap().logins, ["a", "b"]);
    assert_eq!(standard.file.priorities["hotfix"], 5);
}

#[test]
fn a_repository_cannot_hide_a_rule_that_it_inherits() {
    let below = "version: 1\nrules: [{ name: Scan, require: { evidence: [scan] } }]";
    let text = "version: 1\nrules: [{ name: scan, shadow: true, require: { evidence: [scan] } }]";
    let loaded = load(text, Around { extended: Some(("acme/.github", below)), ..Around::default() });
    assert_eq!(loaded.findings[0].message, "`scan` is the name of another rule or lesson in acme/.github");
    assert!(loaded.standard.is_none());
}

#[test]
fn an_error_in_the_extended_file_is_told_apart() {
    let loaded = load("version: 1", Around { extended: Some(("acme/.github", "version: 2")), ..Around::default() });
    assert_eq!(
        loaded.findings[0].message,
        "in acme/.github: line 1, column 10: this Flyball reads version 1 of the format"
    );
    assert!(loaded.standard.is_none());
}
