//! What must hold for any policy and any unit.

use proptest::prelude::*;

use super::super::facts::UnitFacts;
use super::super::file::Autonomy;
use super::super::{Around, Evaluation, Verdict, load};
use super::unit;

fn when() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "{}",
        "{ paths: 'docs/**' }",
        "{ only_paths: 'docs/**' }",
        "{ not_paths: 'src/**' }",
        "{ author: { kind: agent } }",
        "{ author: { kind: human } }",
        "{ labels: [hotfix] }",
        "{ base: main }",
        "{ lines: { min: 10 } }",
        "{ files: { max: 1 } }",
        "{ packages: 'a*' }",
        "{ bump: patch }",
        "{ expr: 'unit.lines > 10' }",
        "{ expr: 'unit.files > 1' }",
        "{ during: { from: 2026-01-01 } }",
    ])
    .prop_map(str::to_owned)
}

fn require() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "{}",
        "{ evidence: [test] }",
        "{ evidence: [{ name: test, count: 2 }] }",
        "{ evidence: [lint] }",
        "{ fresh: always }",
        "{ reviews: { approvals: 1 } }",
        "{ reviews: { approvals: 2, code_owners: true } }",
        "{ confirm: { count: 2 } }",
        "{ confirm: { by: maintain } }",
        "{ confirm: { by: codeowners } }",
        "{ confirm: { each: [write, admin] } }",
        "{ confirm: { author: true } }",
        "{ confirm: { by: '@alice', author: true } }",
    ])
    .prop_map(str::to_owned)
}

/// A rule without its name; whether it says `auto`.
fn rule() -> impl Strategy<Value = (String, bool)> {
    (
        when(),
        require(),
        prop::sample::select(vec!["", "autonomy: confirm, ", "autonomy: auto, "]),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_map(|(when, require, autonomy, shadow, for_good)| {
            // `auto` excludes a confirm and what is for good: such a file would be refused.
            let auto = autonomy.contains("auto");
            let require = if auto && require.contains("confirm") { "{}".to_owned() } else { require };
            let reversible = if for_good && !auto { "reversible: false, " } else { "" };
            (format!("{autonomy}{reversible}shadow: {shadow}, when: {when}, require: {require}"), auto)
        })
}

fn facts() -> impl Strategy<Value = UnitFacts> {
    let files = prop::sample::select(vec!["[docs/a]", "[docs/a, src/b]", "[]", "{ unknown: no }", "[AGENTS.md]"]);
    let author = prop::sample::select(vec!["{ kind: human }", "{ kind: agent }", "{ by_trailer: claude }"]);
    let evidence = prop::sample::select(vec![
        "[]",
        "[{ name: test }]",
        "[{ name: test }, { name: lint, state: failing }]",
        "[{ name: test, landed: '#1' }]",
        "{ unknown: no }",
    ]);
    let confirms =
        prop::sample::select(vec!["[]", "[bob]", "[bob, carol]", "[alice]", "[zoe]", "[{ by: bob, review: true }]"]);
    let reviews = prop::sample::select(vec!["[]", "[{ by: bob }]", "[{ by: bob }, { by: carol }]", "{ unknown: no }"]);
    let owners = prop::sample::select(vec!["[]", "[{ owners: ['@bob'] }]", "{ unknown: no }"]);
    (files, author, evidence, confirms, reviews, owners, 0_u64..20).prop_map(|(files, author, evidence, confirms, reviews, owners, lines)| {
        unit(&format!(
            "files: {files}\nauthor: {author}\nevidence: {evidence}\nconfirms: {confirms}\nreviews: {reviews}\nowners: {owners}\nadditions: {lines}\nnow: 2026-11-21T00:00:00Z\npackages: [{{ name: a, old: '1.0.0', new: '1.0.1' }}]\npeople: {{ bob: {{ right: write }}, carol: {{ right: admin }}, alice: {{ right: write }} }}"
        ))
    })
}

fn evaluate(rules: &[(String, bool)], facts: &UnitFacts) -> Evaluation {
    let list: Vec<String> =
        rules.iter().enumerate().map(|(at, (text, _))| format!("  - {{ name: r{at}, {text} }}\n")).collect();
    let text = format!("version: 1\nrules:\n{}", if list.is_empty() { "  []\n".to_owned() } else { list.concat() });
    let loaded = load(&text, Around::default());
    loaded.standard.unwrap_or_else(|| panic!("{text}\n{:?}", loaded.findings)).evaluate(facts)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_rule_never_makes_a_unit_easier_to_land_unless_it_says_auto(
        rules in prop::collection::vec(rule(), 0..4), (text, auto) in rule(), at in any::<prop::sample::Index>(), facts in facts(),
    ) {
        let before = evaluate(&rules, &facts);
        let mut more = rules.clone();
        more.insert(at.index(rules.len() + 1), (text, auto));
        let after = evaluate(&more, &facts);
        if !auto {
            prop_assert!(after.verdict <= before.verdict, "{:?} became {:?}", before.verdict, after.verdict);
            prop_assert!(after.autonomy.decided >= before.autonomy.decided);
        } else if before.autonomy.decided == Autonomy::Confirm && after.autonomy.decided == Autonomy::Auto {
            let objections = after.fired().filter(|rule| rule.autonomy == Some(Autonomy::Confirm)).count();
            prop_assert_eq!(objections, 0, "nobody objects");
        } else {
            prop_assert!(after.verdict <= before.verdict || after.verdict == before.verdict);
        }
    }

    #[test]
    fn the_order_of_rules_changes_no_verdict(rules in prop::collection::vec(rule(), 0..5), facts in facts()) {
        let forwards = evaluate(&rules, &facts);
        let backwards = evaluate(&rules.iter().rev().cloned().collect::<Vec<_>>(), &facts);
        prop_assert_eq!(forwards.verdict, backwards.verdict);
        prop_assert_eq!(forwards.autonomy.decided, backwards.autonomy.decided);
        prop_assert_eq!(forwards.needs, backwards.needs);
    }

    #[test]
    fn a_verdict_is_met_only_where_every_requirement_is_known_to_be(rules in prop::collection::vec(rule(), 0..5), facts in facts()) {
        let evaluation = evaluate(&rules, &facts);
        let open = evaluation.open().count();
        prop_assert_eq!(evaluation.verdict == Verdict::Met, open == 0);
        for one in &evaluation.requirements {
            let waits = matches!(one.verdict, Verdict::Unmet | Verdict::Unknown);
            prop_assert_eq!(waits, one.code.is_some(), "what is open has a code: {:?}", one);
        }
        prop_assert_eq!(&evaluation, &evaluate(&rules, &facts), "the same facts give the same tree");
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(version: 1\n)?([a-z]{1,8}: ?[\\[\\]{}&*!|>'\"#%@`,:a-z0-9 -]{0,20}\n){0,6}") {
        let _loaded = load(&text, Around::default());
    }
}
