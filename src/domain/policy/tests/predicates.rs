//! Each predicate: case, `when`, facts, verdict, what was seen.

use super::super::Verdict;
use super::{policy, unit};
use Verdict::{Met, Unknown, Unmet};

const PREDICATES: &[(&str, &str, &str, Verdict, &str)] = &[
    ("paths hit", "paths: 'db/**'", "files: [db/a/1.sql, x]", Met, "db/a/1.sql"),
    ("paths hit twice", "paths: ['db/**', '*.md']", "files: [db/1, db/2, README.md]", Met, "db/1 and 2 more"),
    ("paths miss", "paths: 'db/*'", "files: [db/a/1.sql]", Unmet, "none"),
    ("a star stays in its folder", "paths: '*.rs'", "files: [src/a.rs]", Unmet, "none"),
    ("old name of a rename", "paths: 'db/**'", "files: [{ path: x, was: db/1, change: renamed }]", Met, "db/1"),
    ("a name at any depth", "paths: '**/gen'", "files: [a/gen/x, a/b/gen]", Met, "a/b/gen"),
    ("a folder at any depth", "paths: '**/gen/**'", "files: [gen, gen/x, a/gen/y]", Met, "gen/x and 1 more"),
    ("both, once", "paths: ['**/gen/**', 'a/**', '**/gen']", "files: [a/gen/gen]", Met, "a/gen/gen"),
    ("no files", "paths: '**'", "files: []", Unmet, "none"),
    ("files not known", "paths: 'db/**'", "files: { unknown: too many }", Unknown, "too many"),
    ("case counts", "paths: 'DB/**'", "files: [db/1]", Unmet, "none"),
    ("leading slash", "paths: '/db/**'", "files: [db/1]", Met, "db/1"),
    ("everything", "paths: '**'", "files: [a, b]", Met, "a and 1 more"),
    ("only", "only_paths: ['docs/**', '**/*.md']", "files: [docs/x/a.png, src/b.md]", Met, "all 2"),
    ("not only", "only_paths: 'docs/**'", "files: [docs/a, src/b]", Unmet, "1 of 2 elsewhere"),
    ("only, renamed out", "only_paths: 'docs/**'", "files: [{ path: src/a, was: docs/a }]", Unmet, "1 of 2 elsewhere"),
    ("only, of nothing", "only_paths: '**'", "files: []", Unmet, "it touches nothing"),
    ("only, not known", "only_paths: 'docs/**'", "files: { unknown: no }", Unknown, "no"),
    ("not", "not_paths: 'src/**'", "files: [docs/a]", Met, "none"),
    ("not, but", "not_paths: 'src/**'", "files: [src/a]", Unmet, "src/a"),
    ("not, not known", "not_paths: 'src/**'", "files: { unknown: no }", Unknown, "no"),
    ("change", "changes: deleted", "files: [a, { path: b, change: deleted }]", Met, "b is deleted"),
    ("no such change", "changes: [deleted, renamed]", "files: [a]", Unmet, "none"),
    ("login", "author: { login: Alice }", "", Met, "alice (human)"),
    (
        "login of a bot",
        "author: { login: 'dependabot[bot]' }",
        "author: { login: 'dependabot[bot]', kind: bot }",
        Met,
        "dependabot[bot] (bot)",
    ),
    ("login by star", "author: { login: '*[bot]' }", "author: { login: 'x[bot]', kind: app }", Met, "x[bot] (app)"),
    (
        "kind",
        "author: { kind: [agent, bot] }",
        "author: { login: c, kind: agent, name: claude }",
        Met,
        "c (agent claude)",
    ),
    ("other kind", "author: { kind: agent }", "", Unmet, "alice (human)"),
    ("name", "author: { name: claude }", "author: { kind: agent, name: copilot }", Unmet, "alice (agent copilot)"),
    (
        "kind by trailer",
        "author: { kind: agent }",
        "author: { by_trailer: claude }",
        Unknown,
        "alice (human); a co-author line names the agent claude",
    ),
    (
        "not the kind by trailer",
        "author: { kind: human }",
        "author: { by_trailer: claude }",
        Unknown,
        "alice (human); a co-author line names the agent claude",
    ),
    ("both kinds", "author: { kind: [human, agent] }", "author: { by_trailer: claude }", Met, "alice (human)"),
    ("label", "labels: [urgent, Hotfix]", "labels: [hotfix]", Met, "hotfix"),
    ("labels", "labels: { all: [a, b], none: [c] }", "labels: [a, b]", Met, "a, b"),
    ("forbidden label", "labels: { none: c }", "labels: [c]", Unmet, "c"),
    ("no label", "labels: a", "", Unmet, "none"),
    ("base", "base: 'release/*'", "base: release/1", Met, "release/1"),
    ("other base", "base: main", "base: mainly", Unmet, "mainly"),
    ("fork", "from_fork: true", "from_fork: true", Met, "from a fork"),
    ("no fork", "from_fork: true", "", Unmet, "from this repository"),
    ("lines", "lines: { min: 10 }", "additions: 6\ndeletions: 4", Met, "10"),
    ("too many lines", "lines: { max: 9 }", "additions: 6\ndeletions: 4", Unmet, "10"),
    ("files", "files: { min: 1, max: 2 }", "files: [a, b]", Met, "2"),
    ("files not known", "files: { max: 2 }", "files: { unknown: no }", Unknown, "no"),
    ("package", "packages: ['serde*']", "packages: [{ name: serde_json }]", Met, "serde_json"),
    ("no package", "packages: ['serde']", "packages: []", Unmet, "none"),
    ("patch", "bump: patch", "packages: [{ name: a, old: ^1.2.3, new: ^1.2.4 }]", Met, "a: patch"),
    (
        "one is minor",
        "bump: patch",
        "packages: [{ name: a, old: 1.2.3, new: 1.2.4 }, { name: b, old: 1.2.3, new: 1.3.0 }]",
        Unmet,
        "b: minor",
    ),
    (
        "0.x moves in majors",
        "bump: [patch, minor]",
        "packages: [{ name: a, old: '0.2', new: '0.3' }]",
        Unmet,
        "a: major",
    ),
    ("back", "bump: [patch, minor, major]", "packages: [{ name: a, old: '2', new: '1' }]", Unmet, "a: down"),
    ("new", "bump: added", "packages: [{ name: a, new: '1' }]", Met, "a: added"),
    (
        "no version",
        "bump: patch",
        "packages: [{ name: a, old: main, new: dev }]",
        Unknown,
        "a: no version that can be compared",
    ),
    ("nothing moves", "bump: patch", "", Unmet, "it moves no package"),
    (
        "within",
        "during: { from: 2026-12-20, until: 2027-01-03 }",
        "now: 2026-12-24T12:00:00Z",
        Met,
        "2026-12-24T12:00:00Z",
    ),
    ("before", "during: { from: 2026-12-20 }", "now: 2026-12-19T23:59:59Z", Unmet, "2026-12-19T23:59:59Z"),
    ("the end is outside", "during: { until: 2027-01-03 }", "now: 2027-01-03T00:00:00Z", Unmet, "2027-01-03T00:00:00Z"),
    ("no clock", "during: { until: 2027-01-03 }", "", Unknown, "the time is not known"),
    ("expr", "expr: \"unit.lines > 9 && 'a' in unit.labels\"", "additions: 10\nlabels: [a]", Met, "true"),
    ("expr over paths", "expr: \"unit.paths.exists(p, p.matches('^db/[0-9]+'))\"", "files: [db/7.sql]", Met, "true"),
    ("expr is false", "expr: \"unit.title.startsWith('feat')\"", "title: fix", Unmet, "false"),
    (
        "expr without files",
        "expr: \"unit.files > 3\"",
        "files: { unknown: too many }",
        Unknown,
        "the files are not known: too many",
    ),
    ("expr that fails", "expr: \"unit.labels[3] == 'a'\"", "labels: [a]", Unknown, "Index out of bounds: Int(3)"),
    (
        "expr by trailer",
        "expr: \"unit.author.kind == 'agent'\"",
        "author: { by_trailer: claude }",
        Unknown,
        "it depends on what a co-author line says",
    ),
    ("two keys, one misses", "base: main\n      labels: a", "", Unmet, "none"),
    ("unknown does not hide a miss", "paths: x\n      base: other", "files: { unknown: no }", Unmet, "main"),
];

#[test]
fn every_predicate_says_what_it_saw() {
    for (case, when, facts, verdict, seen) in PREDICATES {
        let standard = policy(&format!("rules:\n  - name: it\n    when:\n      {when}\n    autonomy: confirm"));
        let evaluation = standard.evaluate(&unit(facts));
        let rule = &evaluation.rules[0];
        assert_eq!(rule.applies, *verdict, "{case}: {:#?}", rule.predicates);
        let deciding = rule.predicates.iter().find(|one| one.verdict == *verdict).unwrap();
        assert_eq!(deciding.seen, *seen, "{case}");
    }
}
