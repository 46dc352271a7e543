//! The record of rules: when it suggests to widen or narrow.

use super::super::agents::{CoAuthor, recognise};
use super::super::facts::AuthorKind;
use super::super::file::Agents;
use super::super::record::{Ended, Record, Records, Suggests, wilson_lower};

fn record(confirmed: u32, refused: u32) -> Record {
    let mut record = Record::default();
    (0..refused).for_each(|_| record.add(Ended::Refused));
    (0..confirmed).for_each(|_| record.add(Ended::Confirmed));
    record
}

#[test]
fn the_bound_is_wilsons() {
    // Values of the formula, worked out by hand: for p = 1 it is n / (n + z²).
    for (good, all, expected) in
        [(0, 0, 0.0), (0, 10, 0.0), (30, 30, 0.886_48), (35, 35, 0.901_10), (50, 100, 0.403_83), (9, 10, 0.595_85)]
    {
        let found = wilson_lower(good, all);
        assert!((found - expected).abs() < 1e-4, "{good} of {all}: {found}");
    }
}

#[test]
fn a_rule_is_widened_only_where_the_record_bears_it_and_narrowed_after_harm() {
    let cases = [
        ("nothing", record(0, 0), None),
        ("thirty are not enough for the bound", record(30, 0), None),
        ("thirty-five are", record(35, 0), Some(Suggests::Widen)),
        ("one refusal among many", record(99, 1), Some(Suggests::Widen)),
        ("too many refusals", record(90, 10), None),
    ];
    for (case, record, expected) in cases {
        assert_eq!(record.suggests(), expected, "{case}");
    }
    let mut harmed = record(100, 0);
    harmed.add(Ended::RolledBack);
    assert_eq!(harmed.suggests(), Some(Suggests::Widen), "one rollback in a hundred");
    harmed.add(Ended::RolledBack);
    assert_eq!(harmed.suggests(), Some(Suggests::Narrow), "two in the last twenty");
    (0..19).for_each(|_| harmed.add(Ended::Confirmed));
    assert_eq!(harmed.newest.len(), 20);
    assert_eq!(harmed.suggests(), Some(Suggests::Widen), "they are long past");
}

#[test]
fn records_are_kept_by_rule_and_kind_of_author() {
    let mut records = Records::default();
    for _ in 0..40 {
        records.add(["docs", "small"], AuthorKind::Agent, Ended::Confirmed);
    }
    records.add(["docs"], AuthorKind::Human, Ended::Refused);
    let found: Vec<String> = records.suggestions().into_iter().map(|one| one.why).collect();
    assert_eq!(
        found,
        [
            "Of 40 changes by a agent under `docs`, 40 were confirmed and stayed: at least 91 % with 95 % certainty.",
            "Of 40 changes by a agent under `small`, 40 were confirmed and stayed: at least 91 % with 95 % certainty.",
        ]
        .map(|line| line.replace("a agent", "an agent"))
    );
    assert_eq!(records.of("docs", AuthorKind::Human).unwrap().decisions(), 1);
}

#[test]
fn authors_are_recognised_and_trailers_only_claim() {
    let config = Agents { logins: vec!["acme-coder*".to_owned()], co_authors: vec!["*@coder.acme.example".to_owned()] };
    let trailer = |text: &str| CoAuthor::of(text);
    let cases = [
        ("a person", "alice", false, "", AuthorKind::Human, None, None),
        ("copilot", "copilot-swe-agent[bot]", true, "", AuthorKind::Agent, Some("copilot"), None),
        ("dependabot", "dependabot[bot]", true, "", AuthorKind::Bot, None, None),
        ("another App", "acme-ci[bot]", true, "", AuthorKind::App, None, None),
        ("an agent that the policy names", "acme-coder-7", false, "", AuthorKind::Agent, Some("acme-coder-7"), None),
        (
            "a person with an agent",
            "alice",
            false,
            "Fix\n\nCo-Authored-By: Claude <noreply@anthropic.com>",
            AuthorKind::Human,
            None,
            Some("claude"),
        ),
        (
            "a line of the policy",
            "alice",
            false,
            "co-authored-by: Robo <r1@coder.acme.example>",
            AuthorKind::Human,
            None,
            Some("robo"),
        ),
        (
            "a person with a person",
            "alice",
            false,
            "Co-authored-by: Bob <2+bob@users.noreply.github.com>",
            AuthorKind::Human,
            None,
            None,
        ),
        (
            "a claim changes no bot",
            "dependabot[bot]",
            true,
            "Co-authored-by: Claude <noreply@anthropic.com>",
            AuthorKind::Bot,
            None,
            Some("claude"),
        ),
    ];
    for (case, login, bot, message, kind, name, claimed) in cases {
        let found = recognise(login, 1, bot, &trailer(message), &config);
        assert_eq!((found.kind, found.name.as_deref(), found.by_trailer.as_deref()), (kind, name, claimed), "{case}");
    }
    let bob = &trailer("Co-authored-by: Bob <2+Bob@users.noreply.github.com>")[0];
    assert_eq!((bob.login().as_deref(), bob.name.as_str()), (Some("bob"), "Bob"));
}
