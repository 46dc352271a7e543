use insta::assert_snapshot;
use serde_json::json;

use super::*;
use crate::domain::unit::ChainHead;
use crate::present::testing::noon;

/// A short life: opened, tested, confirmed, pushed again, refused.
fn trace() -> Vec<String> {
    let mut chain = ChainHead::default();
    let (one, two) = ("1a2b3c4d5e6f70819203a4b5c6d7e8f901234567", "2a2b3c4d5e6f70819203a4b5c6d7e8f901234567");
    let entries = [
        ("alice", "proposed", json!({"title": "Add `x`", "head": one, "base": "main"})),
        (
            "flyball",
            "judged",
            json!({"standing": "gathering", "codes": ["waits.evidence"], "reasons": ["`test` runs."], "head": one}),
        ),
        ("github", "evidence", json!({"name": "test", "state": "passing", "sha": one})),
        ("bob", "decided", json!({"decision": "confirm", "sha": one, "reason": null})),
        ("flyball", "grant_given", json!({"sha": one})),
        ("flyball", "action_owed", json!({"id": "merge:1a2b", "call": {"do": "merge"}, "why": "confirmed by bob"})),
        ("github", "pushed", json!({"from": one, "to": two, "confirms_voided": 1})),
        ("flyball", "grant_revoked", json!({"sha": one})),
        ("flyball", "action_closed", json!({"id": "merge:1a2b", "how": "withdrawn", "why": "the head moved"})),
        ("carol", "decided", json!({"decision": "refuse", "sha": two, "reason": "we <b>halve</b> it"})),
        (
            "flyball",
            "judged",
            json!({"standing": "blocked", "codes": ["refused"], "reasons": ["carol refused it."], "head": two}),
        ),
        ("flyball", "something_new", json!({})),
    ];
    entries.into_iter().map(|(actor, kind, data)| chain.append(noon(), actor, kind, data, "defaults@1")).collect()
}

#[test]
fn every_entry_is_told_in_a_sentence() {
    let lines: Vec<String> = entries(&trace()).iter().map(|entry| format!("{} {}", entry.actor, told(entry))).collect();
    assert_snapshot!(lines.join("\n"), @r"
    alice proposed it on `main` at `1a2b3c4`
    flyball judged it gathering: `test` runs.
    github reported `test` as passing on `1a2b3c4`
    bob confirmed it on `1a2b3c4`
    flyball gave the permission to land on `1a2b3c4`
    flyball set out to merge: confirmed by bob
    github pushed `2a2b3c4` in place of `1a2b3c4`, which voids one confirm
    flyball took the permission to land back on `1a2b3c4`
    flyball finished `merge:1a2b`: withdrawn
    carol refused it on `2a2b3c4`: we <b>halve</b> it
    flyball judged it blocked: carol refused it.
    flyball something new
    ");
}

#[test]
fn what_was_believed_follows_from_the_entries_up_to_then() {
    let all = entries(&trace());
    let told = |from, to| {
        let rows = differences(&Belief::after(&all, from), &Belief::after(&all, to));
        let line = |row: &Difference| {
            let mark = if row.is_change() { "*" } else { " " };
            format!("{mark} {}: {} -> {}", row.what, row.before.join(" | "), row.after.join(" | "))
                .trim_end()
                .to_owned()
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    assert_snapshot!(told(6, 12), @r"
      Title: Add `x` -> Add `x`
      Base: main -> main
    * Head: 1a2b3c4 -> 2a2b3c4
    * Standing: gathering -> blocked
    * Why: `test` runs. -> carol refused it.
    * Evidence: test: passing ->
    * Decisions: bob: confirm on 1a2b3c4 -> bob: confirm on 1a2b3c4 | carol: refuse on 2a2b3c4, “we <b>halve</b> it”
    * Permission to land: granted ->
    * On its way to GitHub: merge:1a2b: confirmed by bob ->
      Policy: defaults@1 -> defaults@1
    ");
    assert!(!told(4, 4).contains('*'), "{}", told(4, 4));
    assert_eq!(Belief::after(&all, 0), Belief::default());
}

#[test]
fn a_line_that_is_no_entry_is_passed_over() {
    let mut lines = trace();
    lines.insert(1, "nonsense".to_owned());
    assert_eq!(entries(&lines).len(), trace().len());
}
