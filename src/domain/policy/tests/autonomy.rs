//! Who may land unasked: case, rules, facts, the decision with its reasons.

use super::{lines, policy, unit};

/// Stands for `DOCS` in the table.
const DOCS: &str = "{ name: docs, when: { only_paths: 'docs/**' }, autonomy: auto }";

const AUTONOMY: &[(&str, &str, &str, &str)] = &[
    ("nobody permits", "", "files: [docs/a]", "confirm: no rule lets it land unasked"),
    ("permitted", "DOCS", "files: [docs/a]", "auto by docs"),
    ("not the case", "DOCS", "files: [src/a]", "confirm: no rule lets it land unasked"),
    ("files not known", "DOCS", "files: { unknown: no }", "confirm: whether `docs` applies is not known"),
    (
        "another requires a confirm",
        "DOCS, { name: b, require: { confirm: { by: maintain } } }",
        "files: [docs/a]",
        "confirm by docs: `b` requires a confirm",
    ),
    (
        "another says confirm",
        "DOCS, { name: b, autonomy: confirm }",
        "files: [docs/a]",
        "confirm by docs: `b` keeps a person in",
    ),
    ("another is in shadow", "DOCS, { name: b, autonomy: confirm, shadow: true }", "files: [docs/a]", "auto by docs"),
    (
        "in shadow itself",
        "{ name: docs, autonomy: auto, shadow: true }",
        "files: [docs/a]",
        "confirm: no rule lets it land unasked",
    ),
    (
        "another asks for evidence only",
        "DOCS, { name: b, require: { evidence: [x] } }",
        "files: [docs/a]",
        "auto by docs",
    ),
    (
        "it cannot be taken back",
        "DOCS, { name: b, reversible: false }",
        "files: [docs/a]",
        "confirm by docs: `b` says that it cannot be taken back",
    ),
    (
        "an objection that may apply",
        "DOCS, { name: b, autonomy: confirm, when: { packages: x } }",
        "files: [docs/a]\npackages: { unknown: no }",
        "confirm by docs: `b` keeps a person in",
    ),
    (
        "a trailer permits nothing",
        "{ name: agents, when: { author: { kind: agent } }, autonomy: auto }",
        "files: [docs/a]\nauthor: { by_trailer: claude }",
        "confirm: whether `agents` applies is not known",
    ),
    (
        "the policy",
        "{ name: all, when: { only_paths: '.github/**' }, autonomy: auto }",
        "files: [.github/flyball.yml]",
        "confirm by all: .github/flyball.yml governs how work is done here: a person always confirms it",
    ),
    (
        "instructions of agents",
        "{ name: all, when: { base: main }, autonomy: auto }",
        "files: [crates/x/agents.md]",
        "confirm by all: crates/x/agents.md governs how work is done here: a person always confirms it",
    ),
    (
        "a workflow renamed away",
        "{ name: all, when: { base: main }, autonomy: auto }",
        "files: [{ path: a, was: .github/workflows/ci.yml }]",
        "confirm by all: .github/workflows/ci.yml governs how work is done here: a person always confirms it",
    ),
    (
        "owners",
        "{ name: all, when: { base: main }, autonomy: auto }",
        "files: [docs/CODEOWNERS]",
        "confirm by all: docs/CODEOWNERS governs how work is done here: a person always confirms it",
    ),
];

#[test]
fn autonomy_goes_to_the_most_careful() {
    for (case, rules, facts, expected) in AUTONOMY {
        let evaluation = policy(&format!("rules: [{}]", rules.replace("DOCS", DOCS))).evaluate(&unit(facts));
        let found = &evaluation.autonomy;
        let by = if found.permitted_by.is_empty() {
            String::new()
        } else {
            format!(" by {}", found.permitted_by.join(", "))
        };
        let kept = if found.kept_by.is_empty() { String::new() } else { format!(": {}", found.kept_by.join("; ")) };
        let word = format!("{:?}", found.decided).to_lowercase();
        assert_eq!(format!("{word}{by}{kept}"), *expected, "{case}");
        let asks = lines(&evaluation).iter().any(|line| line.contains("confirms"));
        assert_eq!(asks, word == "confirm", "{case}: the top confirm applies unless it lands unasked");
    }
}
