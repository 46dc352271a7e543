//! How rules, settings, branches and time come together.

use super::super::{Origin, Verdict};
use super::{lines, policy, unit};
use Verdict::{Met, Unknown, Unmet};

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
