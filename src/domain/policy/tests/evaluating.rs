//! Predicates, requirements and autonomy, each in a table.

use super::super::{Origin, Verdict};
use super::{lines, policy, unit};
use Verdict::{Met, Unknown, Unmet};

#[test]
fn every_predicate_says_what_it_saw() {
    let cases: &[(&str, &str, &str, Verdict, &str)] = &[
        ("paths hit", "paths: 'db/**'", "files: [db/a/1.sql, x]", Met, "db/a/1.sql"),
        ("paths hit twice", "paths: ['db/**', '*.md']", "files: [db/1, db/2, README.md]", Met, "db/1 and 2 more"),
        ("paths miss", "paths: 'db/*'", "files: [db/a/1.sql]", Unmet, "none"),
        ("a star stays in its folder", "paths: '*.rs'", "files: [src/a.rs]", Unmet, "none"),
        ("old name of a rename", "paths: 'db/**'", "files: [{ path: x, was: db/1, change: renamed }]", Met, "db/1"),
        ("no files", "paths: '**'", "files: []", Unmet, "none"),
        ("files not known", "paths: 'db/**'", "files: { unknown: too many }", Unknown, "too many"),
        ("case counts", "paths: 'DB/**'", "files: [db/1]", Unmet, "none"),
        ("leading slash", "paths: '/db/**'", "files: [db/1]", Met, "db/1"),
        ("everything", "paths: '**'", "files: [a, b]", Met, "a and 1 more"),
        ("only", "only_paths: ['docs/**', '**/*.md']", "files: [docs/x/a.png, src/b.md]", Met, "all 2"),
        ("not only", "only_paths: 'docs/**'", "files: [docs/a, src/b]", Unmet, "1 of 2 elsewhere"),
        (
            "only, renamed out",
            "only_paths: 'docs/**'",
            "files: [{ path: src/a, was: docs/a }]",
            Unmet,
            "1 of 2 elsewhere",
        ),
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
        (
            "the end is outside",
            "during: { until: 2027-01-03 }",
            "now: 2027-01-03T00:00:00Z",
            Unmet,
            "2027-01-03T00:00:00Z",
        ),
        ("no clock", "during: { until: 2027-01-03 }", "", Unknown, "the time is not known"),
        ("expr", "expr: \"unit.lines > 9 && 'a' in unit.labels\"", "additions: 10\nlabels: [a]", Met, "true"),
        (
            "expr over paths",
            "expr: \"unit.paths.exists(p, p.matches('^db/[0-9]+'))\"",
            "files: [db/7.sql]",
            Met,
            "true",
        ),
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
    for (case, when, facts, verdict, seen) in cases {
        let standard = policy(&format!("rules:\n  - name: it\n    when:\n      {when}\n    autonomy: confirm"));
        let evaluation = standard.evaluate(&unit(facts));
        let rule = &evaluation.rules[0];
        assert_eq!(rule.applies, *verdict, "{case}: {:#?}", rule.predicates);
        let deciding = rule.predicates.iter().find(|one| one.verdict == *verdict).unwrap();
        assert_eq!(deciding.seen, *seen, "{case}");
    }
}

#[test]
fn every_requirement_says_what_it_saw_and_why_it_waits() {
    let cases: &[(&str, &str, &str, &[&str])] = &[
        ("defaults", "", "", &["unmet: somebody with write access confirms (nobody yet) [waits.confirm]"]),
        (
            "nothing reported is not nothing required",
            "evidence: { required: [test] }",
            "confirms: [bob]\npeople: { bob: { right: write } }",
            &["unmet: `test` passes (missing) [waits.evidence]", "met: somebody with write access confirms (bob)"],
        ),
        (
            "protection",
            "",
            "protection: [test]\nevidence: [{ name: test, state: pending }]",
            &[
                "unmet: `test` passes (test is pending) [waits.evidence]",
                "unmet: somebody with write access confirms (nobody yet) [waits.confirm]",
            ],
        ),
        (
            "protection not known",
            "rules: [{ name: a, autonomy: auto, when: { base: main } }]",
            "protection: { unknown: no permission }",
            &["unknown: what branch protection requires is known (no permission) [waits.github]"],
        ),
        (
            "from the right App",
            "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: { name: test, app: 5 } } }]",
            "evidence: [{ name: test, app: 6 }]",
            &["unmet: `test` passes from App 5 (missing) [waits.evidence]"],
        ),
        (
            "failing",
            "evidence: { required: test }",
            "evidence: [{ name: test, state: failing }]",
            &[
                "unmet: `test` passes (test fails) [blocked.evidence]",
                "unmet: somebody with write access confirms (nobody yet) [waits.confirm]",
            ],
        ),
        (
            "names with brackets are names",
            "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: ['test [linux]'] } }]",
            "evidence: [{ name: 'test [linux]' }]",
            &["met: `test [linux]` passes (passing)"],
        ),
        (
            "counted",
            "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: { name: 'shard-*', count: 3 } } }]",
            "evidence: [{ name: shard-1 }, { name: shard-2 }, { name: other }]",
            &["unmet: 3 results `shard-*` pass (2 of 3) [waits.evidence]"],
        ),
        (
            "one of many fails",
            "rules: [{ name: a, autonomy: auto, when: { base: main }, require: { evidence: { name: 'shard-*', count: 1 } } }]",
            "evidence: [{ name: shard-1 }, { name: shard-2, state: failing }]",
            &["unmet: `shard-*` passes (shard-2 fails) [blocked.evidence]"],
        ),
        (
            "stale",
            "evidence: { required: test }",
            "evidence: [{ name: test, related_landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
            &[
                "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "unrelated landings count only for always",
            "evidence: { required: test, fresh: always }",
            "evidence: [{ name: test, landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
            &[
                "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "never",
            "evidence: { required: test, fresh: never }",
            "evidence: [{ name: test, related_landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
            &["met: `test` passes (passing)", "met: somebody with write access confirms (bob)"],
        ),
        (
            "a rule makes it fresher",
            "evidence: { required: test, fresh: never }\nrules: [{ name: a, require: { fresh: selective } }]",
            "evidence: [{ name: test, related_landed: '#3' }]\nconfirms: [bob]\npeople: { bob: { right: write } }",
            &[
                "unmet: `test` passes (stale since #3 landed) [waits.evidence.stale]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "results not known",
            "evidence: { required: test }",
            "evidence: { unknown: GitHub is down }\nconfirms: [bob]\npeople: { bob: { right: write } }",
            &[
                "unknown: `test` passes (GitHub is down) [waits.github]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "approvals",
            "reviews: { approvals: 2 }",
            "reviews: [{ by: bob }, { by: carol, outdated: true }, { by: alice }]\npeople: { bob: { right: write }, carol: { right: write } }\nconfirms: [bob]",
            &["unmet: 2 approvals on this head (bob) [waits.review]", "met: somebody with write access confirms (bob)"],
        ),
        (
            "approvals by strangers",
            "reviews: { approvals: 1 }",
            "reviews: [{ by: eve }]\npeople: { eve: { right: read }, bob: { right: write } }\nconfirms: [bob]",
            &[
                "unmet: one approval on this head (nobody yet) [waits.review]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "changes requested, on any head",
            "reviews: { approvals: 1 }",
            "reviews: [{ by: bob }, { by: carol, state: changes_requested, outdated: true }]\npeople: { bob: { right: write }, carol: { right: admin } }\nconfirms: [bob]",
            &[
                "unmet: one approval on this head (carol asked for changes) [waits.review]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "changes requested by a stranger",
            "reviews: { approvals: 1 }",
            "reviews: [{ by: bob }, { by: eve, state: changes_requested }]\npeople: { bob: { right: write }, eve: { right: read } }\nconfirms: [bob]",
            &["met: one approval on this head (bob)", "met: somebody with write access confirms (bob)"],
        ),
        (
            "dismissed",
            "reviews: { approvals: 1 }",
            "reviews: [{ by: bob, state: dismissed }]\npeople: { bob: { right: write } }\nconfirms: [bob]",
            &[
                "unmet: one approval on this head (nobody yet) [waits.review]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "a right that is not known",
            "reviews: { approvals: 1 }",
            "reviews: [{ by: bob }]\npeople: { bob: { right: { unknown: bad gateway } }, carol: { right: write } }\nconfirms: [carol]",
            &[
                "unknown: one approval on this head (nobody yet; not every reviewer's right is known) [waits.review]",
                "met: somebody with write access confirms (carol)",
            ],
        ),
        (
            "code owners approve",
            "reviews: { code_owners: true }",
            "owners: [{ owners: ['@bob'], paths: [a] }, { owners: ['@carol', '@acme/web'], paths: [b] }]\nreviews: [{ by: bob }]\npeople: { bob: { right: write, teams: { acme/web: false } } }\nconfirms: [bob]",
            &[
                "unmet: an owner of each owned path approves (not yet for b (carol or acme/web)) [waits.review]",
                "met: somebody with write access confirms (bob)",
            ],
        ),
        (
            "nobody owns it",
            "reviews: { code_owners: true }",
            "confirms: [bob]\npeople: { bob: { right: write } }",
            &[
                "not_applicable: an owner of each owned path approves (nobody owns what it touches)",
                "met: somebody with write access confirms (bob)",
            ],
        ),
    ];
    for (case, file, facts, expected) in cases {
        assert_eq!(lines(&policy(file).evaluate(&unit(facts))), *expected, "{case}");
    }
}

#[test]
fn autonomy_goes_to_the_most_careful() {
    let docs = "{ name: docs, when: { only_paths: 'docs/**' }, autonomy: auto }";
    let cases: &[(&str, String, &str, &str)] = &[
        ("nobody permits", String::new(), "files: [docs/a]", "confirm: no rule lets it land unasked"),
        ("permitted", docs.to_owned(), "files: [docs/a]", "auto by docs"),
        ("not the case", docs.to_owned(), "files: [src/a]", "confirm: no rule lets it land unasked"),
        ("files not known", docs.to_owned(), "files: { unknown: no }", "confirm: whether `docs` applies is not known"),
        (
            "another requires a confirm",
            format!("{docs}, {{ name: b, require: {{ confirm: {{ by: maintain }} }} }}"),
            "files: [docs/a]",
            "confirm by docs: `b` requires a confirm",
        ),
        (
            "another says confirm",
            format!("{docs}, {{ name: b, autonomy: confirm }}"),
            "files: [docs/a]",
            "confirm by docs: `b` keeps a person in",
        ),
        (
            "another is in shadow",
            format!("{docs}, {{ name: b, autonomy: confirm, shadow: true }}"),
            "files: [docs/a]",
            "auto by docs",
        ),
        (
            "in shadow itself",
            "{ name: docs, autonomy: auto, shadow: true }".to_owned(),
            "files: [docs/a]",
            "confirm: no rule lets it land unasked",
        ),
        (
            "another asks for evidence only",
            format!("{docs}, {{ name: b, require: {{ evidence: [x] }} }}"),
            "files: [docs/a]",
            "auto by docs",
        ),
        (
            "it cannot be taken back",
            format!("{docs}, {{ name: b, reversible: false }}"),
            "files: [docs/a]",
            "confirm by docs: `b` says that it cannot be taken back",
        ),
        (
            "an objection that may apply",
            format!("{docs}, {{ name: b, autonomy: confirm, when: {{ packages: x }} }}"),
            "files: [docs/a]\npackages: { unknown: no }",
            "confirm by docs: `b` keeps a person in",
        ),
        (
            "a trailer permits nothing",
            "{ name: agents, when: { author: { kind: agent } }, autonomy: auto }".to_owned(),
            "files: [docs/a]\nauthor: { by_trailer: claude }",
            "confirm: whether `agents` applies is not known",
        ),
        (
            "the policy",
            "{ name: all, when: { only_paths: '.github/**' }, autonomy: auto }".to_owned(),
            "files: [.github/flyball.yml]",
            "confirm by all: .github/flyball.yml governs how work is done here: a person always confirms it",
        ),
        (
            "instructions of agents",
            "{ name: all, when: { base: main }, autonomy: auto }".to_owned(),
            "files: [crates/x/agents.md]",
            "confirm by all: crates/x/agents.md governs how work is done here: a person always confirms it",
        ),
        (
            "a workflow renamed away",
            "{ name: all, when: { base: main }, autonomy: auto }".to_owned(),
            "files: [{ path: a, was: .github/workflows/ci.yml }]",
            "confirm by all: .github/workflows/ci.yml governs how work is done here: a person always confirms it",
        ),
        (
            "owners",
            "{ name: all, when: { base: main }, autonomy: auto }".to_owned(),
            "files: [docs/CODEOWNERS]",
            "confirm by all: docs/CODEOWNERS governs how work is done here: a person always confirms it",
        ),
    ];
    for (case, rules, facts, expected) in cases {
        let evaluation = policy(&format!("rules: [{rules}]")).evaluate(&unit(facts));
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

#[test]
fn requirements_add_up_and_name_who_asks() {
    let standard = policy(
        "evidence: { required: [test] }\nreviews: { approvals: 1 }\nrules:\n  - { name: a, require: { evidence: [test, lint], reviews: { approvals: 2 } }, integration: [legal] }\n  - { name: b, require: { confirm: { count: 2 } }, reversible: false }\n  - { name: c, when: { base: other }, require: { evidence: [never] } }\n  - { name: d, shadow: true, require: { evidence: [dark] } }",
    );
    let evaluation = standard.evaluate(&unit("protection: [test]"));
    let found: Vec<String> =
        evaluation.requirements.iter().map(|one| format!("{} ← {}", one.what, one.sources.join(", "))).collect();
    assert_eq!(
        found,
        [
            "`test` passes ← branch protection, policy, a",
            "2 approvals on this head ← policy, a",
            "`lint` passes ← a",
            "2 people confirm: somebody with write access ← b",
            "somebody with write access confirms ← policy",
        ]
    );
    assert!(!evaluation.reversible);
    assert_eq!(evaluation.integration.iter().map(|kind| kind.word()).collect::<Vec<_>>(), ["technical", "legal"]);
    let shadow = evaluation.rules.iter().find(|rule| rule.name == "d").unwrap();
    assert!(shadow.fires() && shadow.requirements[0].verdict == Unmet, "it is evaluated and shown");
    assert!(evaluation.rules[2].requirements.is_empty(), "what does not apply requires nothing");
}

#[test]
fn a_rule_that_may_apply_requires_what_it_asks_for() {
    let standard = policy("rules:\n  - { name: a, when: { paths: 'db/**' }, require: { evidence: [dry-run] } }");
    let evaluation = standard.evaluate(&unit("files: { unknown: too many }"));
    assert_eq!(lines(&evaluation)[0], "unmet: `dry-run` passes (missing) [waits.evidence]");
}

#[test]
fn branches_vary_settings_and_add_rules() {
    let file = "confirm: { count: 2, reviews: false }\nbranches:\n  'release/*':\n    confirm: { by: [maintain] }\n    rules: [{ name: r, require: { evidence: [soak] } }]\n  release/1:\n    evidence: { required: [old] }";
    let standard = policy(file);
    let on = |base: &str| lines(&standard.evaluate(&unit(&format!("base: {base}"))));
    assert_eq!(on("main"), ["unmet: 2 people confirm: somebody with write access (nobody yet) [waits.confirm]"]);
    assert_eq!(
        on("release/1"),
        [
            "unmet: `old` passes (missing) [waits.evidence]",
            "unmet: `soak` passes (missing) [waits.evidence]",
            "unmet: 2 people confirm: somebody with the maintain role (nobody yet) [waits.confirm]",
        ]
    );
    assert_eq!(on("release/2").len(), 2);
}

#[test]
fn what_keeps_a_confirm_over_a_push_is_the_most_careful() {
    let with = |rule: &str| {
        let file = format!(
            "confirm: {{ keep_on: [same_content], dwell: 30s }}\nrules: [{{ name: a, require: {{ confirm: {rule} }} }}]"
        );
        let evaluation = policy(&file).evaluate(&unit(""));
        (evaluation.keep_same_content, evaluation.dwell_seconds)
    };
    assert_eq!(with("{ count: 1 }"), (true, 30));
    assert_eq!(with("{ keep_on: [] }"), (false, 30));
    assert_eq!(with("{ dwell: 2m }"), (true, 120));
    assert_eq!(with("{ dwell: 1s }"), (true, 30));
}

#[test]
fn time_alone_can_change_a_verdict_and_the_tree_says_when() {
    let file = "rules: [{ name: freeze, when: { during: { from: 2026-12-20, until: 2027-01-03 } }, require: { confirm: { by: admin } } }]\nlessons: [{ name: l, source: { unit: a/b#1, person: bob, date: 2026-11-01 }, require: { evidence: [x] }, expires: 2026-12-01 }]";
    let standard = policy(file);
    let at = |now: &str| standard.evaluate(&unit(&format!("now: {now}")));
    let next = |now: &str| at(now).changes_at.map(|at| at.to_string());
    assert_eq!(next("2026-11-21T00:00:00Z").as_deref(), Some("2026-12-01T00:00:00Z"));
    assert_eq!(next("2026-12-02T00:00:00Z").as_deref(), Some("2026-12-20T00:00:00Z"));
    assert_eq!(next("2027-01-03T00:00:00Z"), None);
    assert_eq!(at("2026-11-21T00:00:00Z").lessons().count(), 1);
    assert_eq!(at("2026-12-02T00:00:00Z").lessons().count(), 0, "an expired lesson no longer fires");
    assert!(matches!(at("2026-11-21T00:00:00Z").rules[1].origin, Origin::Lesson { .. }));
    assert_eq!(standard.evaluate(&unit("")).lessons().count(), 1, "without a clock it counts");
}

#[test]
fn the_digest_changes_with_the_rules_that_apply_and_with_nothing_else() {
    let digest = |rules: &str| policy(&format!("rules: [{rules}]")).evaluate(&unit("files: [a]")).digest;
    let one = digest("{ name: a, require: { evidence: [x] } }");
    assert_eq!(
        one,
        digest(
            "{ name: a, require: { evidence: [x] } }, { name: b, when: { paths: 'z' }, require: { evidence: [y] } }"
        )
    );
    assert_ne!(one, digest("{ name: a, require: { evidence: [x, y] } }"));
    assert_ne!(one, digest("{ name: a, require: { evidence: [x] } }, { name: b, require: { evidence: [y] } }"));
    let identity = |rest: &str| policy(rest).identity.digest.clone();
    assert_ne!(identity("mode: observe"), identity("mode: enforce"));
    assert_eq!(identity("# a comment\nmode: observe"), identity("mode: observe"));
}

#[test]
fn verdicts_add_up_as_they_should() {
    assert_eq!(Verdict::all([Met, Unknown]), Unknown);
    assert_eq!(Verdict::all([Unmet, Unknown]), Unmet);
    assert_eq!(Verdict::all([Verdict::NotApplicable]), Met);
    assert_eq!(Verdict::any([Unmet, Unknown, Met]), Met);
    assert_eq!(Verdict::any([]), Unmet);
}
