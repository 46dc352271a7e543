//! Input that is made to cost: it is refused or answered with unknown, never worked on without end.

use super::super::file::parse;
use super::super::{Around, BUDGET, MAX_BYTES, Verdict, load};
use super::{policy, unit};

fn first_error(text: &str) -> String {
    parse(text).errors.first().map_or_else(|| "accepted".to_owned(), ToString::to_string)
}

#[test]
fn bombs_are_refused() {
    let laughs = (1..9).fold("version: 1\na0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, level| {
        let items = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("{text}a{level}: &a{level} [{items}]\n")
    });
    assert!(first_error(&laughs).contains("anchors and aliases are not allowed"), "{}", first_error(&laughs));
    let deep = format!("version: 1\nrules: {}{}", "[".repeat(200), "]".repeat(200));
    assert_ne!(first_error(&deep), "accepted");
    let wide = format!("version: 1\nsequences: [{}]", vec!["a"; 200_000].join(","));
    assert!(first_error(&wide).contains("too large or too deep"), "{}", first_error(&wide));
    let long = format!("version: 1\n# {}", "x".repeat(MAX_BYTES));
    assert!(first_error(&long).contains("at most 1048576 are read"), "{}", first_error(&long));
    let rules = format!("version: 1\nrules:\n{}", "- { name: a, autonomy: confirm }\n".repeat(5_001));
    assert!(first_error(&rules).contains("at most 5000 are read"), "{}", first_error(&rules));
    assert!(first_error(&format!("version: 1\nsequences: ['{}']", "a".repeat(600))).contains("at most 512"));
}

#[test]
fn a_file_of_nearly_a_megabyte_is_read() {
    let mut text = "version: 1\nrules:\n".to_owned();
    for number in 0..4_000 {
        text.push_str(&format!(
            "  - name: Rule {number}\n    why: {}\n    when: {{ paths: ['src/dir{number}/**'] }}\n    require: {{ evidence: [check-{number}] }}\n",
            "because ".repeat(15)
        ));
    }
    assert!(text.len() < MAX_BYTES && text.len() > MAX_BYTES * 3 / 4, "{}", text.len());
    let loaded = load(&text, Around::default());
    let standard = loaded.standard.unwrap_or_else(|| panic!("{:?}", loaded.findings.first()));
    assert_eq!(standard.len(), 4_000);
    let evaluation = standard.evaluate(&unit("files: [src/dir17/a.rs, src/dir3999/b.rs]"));
    assert_eq!(evaluation.fired().map(|rule| rule.name.as_str()).collect::<Vec<_>>(), ["Rule 17", "Rule 3999"]);
}

#[test]
fn expressions_are_bounded_when_they_are_read() {
    let expr = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap();
        first_error(&format!("version: 1\nrules:\n  - name: a\n    when: {{ expr: {quoted} }}\n    autonomy: confirm"))
    };
    let cases = [
        ("long", format!("unit.lines > {}", "1".repeat(2_000)), "at most 2000 are allowed"),
        ("many operators", vec!["unit.lines > 1"; 110].join(" || "), "operators: at most 48 are allowed"),
        ("many parts", format!("unit.lines in [{}]", vec!["1"; 120].join(",")), "accepted"),
        (
            "deep",
            format!("{}unit.draft{}", "(".repeat(300), ")".repeat(300)),
            "brackets 300 deep: at most 6 are allowed",
        ),
        ("as deep as may be", format!("{}unit.draft{}", "(".repeat(6), ")".repeat(6)), "accepted"),
        ("a long sum", format!("unit.lines > {}", vec!["1"; 47].join("+")), "accepted"),
        ("long choices", format!("{}true", "unit.draft ? false : ".repeat(16)), "accepted"),
        ("many nots", format!("{}unit.draft", "!".repeat(47)), "accepted"),
        ("a long path", format!("unit.draft{}", ".a".repeat(63)), "64 dots in a row: at most 12 are allowed"),
        ("a path", format!("unit.draft{}", ".a".repeat(11)), "the expression cannot work"),
        (
            "loops",
            "unit.paths.all(a, unit.paths.all(b, unit.paths.all(c, a == b && b == c)))".to_owned(),
            "at most 2 deep",
        ),
        ("a pattern that is made", "unit.title.matches(unit.base)".to_owned(), "must be written out"),
        ("a broken pattern", "unit.title.matches('(')".to_owned(), "is no pattern"),
        ("a large pattern", "unit.title.matches('(a{1000}){1000}')".to_owned(), "is no pattern"),
        ("a long pattern", format!("unit.title.matches('{}')", "a".repeat(300)), "at most 256 are allowed"),
    ];
    for (case, text, expected) in cases {
        let found = expr(&text);
        assert!(found.contains(expected), "{case}: {found}");
    }
    assert_eq!(expr("unit.paths.exists(p, p.matches('^src/.+[.]rs$')) && size(unit.labels) < 3"), "accepted");
}

#[test]
fn expressions_that_would_run_long_are_unknown_and_unknown_is_never_met() {
    let pairs = "unit.paths.all(a, unit.paths.all(b, a != b || a == b))";
    let standard = policy(&format!("rules: [{{ name: a, when: {{ expr: \"{pairs}\" }}, autonomy: auto }}]"));
    let files: Vec<String> = (0..3_000).map(|number| format!("src/{number}.rs")).collect();
    let large = standard.evaluate(&unit(&format!("files: [{}]", files.join(", "))));
    assert_eq!(large.rules[0].applies, Verdict::Unknown);
    assert!(
        large.rules[0].predicates[0].seen.contains(&format!("left of {BUDGET}")),
        "{:?}",
        large.rules[0].predicates
    );
    assert!(large.autonomy.permitted_by.is_empty());
    let small = standard.evaluate(&unit("files: [a, b]"));
    assert_eq!(small.rules[0].applies, Verdict::Met);
}

#[test]
fn all_expressions_of_an_evaluation_share_one_budget() {
    let rule = |number: usize| {
        format!(
            "{{ name: r{number}, when: {{ expr: \"unit.paths.exists(p, p.startsWith('x{number}'))\" }}, autonomy: confirm }}"
        )
    };
    let rules: Vec<String> = (0..400).map(rule).collect();
    let standard = policy(&format!("rules: [{}]", rules.join(", ")));
    let files: Vec<String> = (0..3_000).map(|number| format!("src/{number}.rs")).collect();
    let evaluation = standard.evaluate(&unit(&format!("files: [{}]", files.join(", "))));
    let verdicts: Vec<Verdict> = evaluation.rules.iter().map(|rule| rule.applies).collect();
    let ran = verdicts.iter().take_while(|verdict| **verdict == Verdict::Unmet).count();
    assert!(ran >= 10, "an honest number of loops over 3,000 paths fits: {ran}");
    assert!(ran < 400 && verdicts[ran..].iter().all(|verdict| *verdict == Verdict::Unknown), "{ran}");
}
