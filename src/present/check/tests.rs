use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;
use crate::domain::unit::ReasonCode;
use crate::present::testing::{With, awaiting, brief, decision, for_reason, head};

const PAGES: Option<&str> = Some("https://flyball.example");

fn doc(briefs: &[Brief]) -> CheckDoc {
    let most_careful = briefs.iter().map(conclusion).min_by_key(|conclusion| care(*conclusion)).flatten();
    check(briefs, "7:1a2b3c4", most_careful, PAGES).unwrap()
}

fn shown(doc: &CheckDoc) -> String {
    format!("{:?}\n{}\n---\n{}", doc.conclusion, doc.title, doc.summary)
}

#[test]
fn each_standing_has_its_conclusion_and_title() {
    let mut granted = brief(14).stands(Standing::Cleared);
    granted.granted = true;
    let mut landed = brief(14).stands(Standing::Landed);
    landed.landed_as = Some(head());
    let rows = [
        brief(14).stands(Standing::Draft),
        brief(14).stands(Standing::Gathering),
        brief(14).stands(Standing::Blocked),
        awaiting(14),
        brief(14).stands(Standing::Cleared),
        granted,
        brief(14).stands(Standing::Landing),
        landed,
        brief(14).stands(Standing::Withdrawn),
        brief(14).stands(Standing::RolledBack),
    ];
    let table = rows.iter().fold(String::new(), |mut out, row| {
        let _ = writeln!(out, "{:?} | {:?} | {}", row.standing, conclusion(row), doc(std::slice::from_ref(row)).title);
        out
    });
    assert_snapshot!(table, @"");
}

#[test]
fn each_reason_code_has_a_title_and_a_next_step() {
    let table = ReasonCode::ALL.iter().fold(String::new(), |mut out, code| {
        let unit = for_reason(*code);
        let doc = doc(std::slice::from_ref(&unit));
        let next = doc.summary.lines().find(|line| line.starts_with("**Next:**")).unwrap_or("no next step");
        let _ = writeln!(out, "{code} | {:?} | {} | {next}", doc.conclusion, doc.title);
        out
    });
    assert_snapshot!(table, @"");
}

#[test]
fn judgment_is_asked_with_buttons_within_githubs_limits() {
    let doc = doc(&[awaiting(14)]);
    assert_snapshot!(shown(&doc), @"");
    let identifiers: Vec<&str> = doc.actions.iter().map(|action| action.identifier.as_str()).collect();
    assert_eq!(identifiers, ["confirm", "refuse", "hold"]);
    for action in &doc.actions {
        assert!(
            action.label.len() <= 20 && action.description.len() <= 40 && action.identifier.len() <= 20,
            "{action:?}"
        );
    }
    assert_eq!(doc.details_url.as_deref(), Some("https://flyball.example/acme/widgets/14"));
}

#[test]
fn the_text_holds_the_conditions_the_evidence_and_the_anchor() {
    let mut unit = for_reason(ReasonCode::BlockedCollisionTextual);
    unit.depends_on = for_reason(ReasonCode::WaitsDependency).depends_on;
    unit.decisions = vec![decision("refuse", "carol", Some("Fixes #1 @everyone\n<b>"))];
    unit.would_break = vec!["#12 would conflict in `src/client.rs`.".into()];
    assert_snapshot!(doc(&[unit]).text, @"");
}

#[test]
fn units_that_share_a_head_are_all_named_the_most_careful_first() {
    let blocked = for_reason(ReasonCode::BlockedConflictBase);
    let mut gathering = for_reason(ReasonCode::WaitsEvidence);
    gathering.number = crate::domain::ids::PrNumber(9);
    gathering.title = "@everyone <!-- flyball:unit -->".into();
    let forward = doc(&[gathering.clone(), blocked.clone()]);
    assert_snapshot!(shown(&forward), @"");
    assert_eq!(forward, doc(&[blocked, gathering]), "their order does not matter");
    assert_eq!(forward.text.matches("Trace of #").count(), 2);
}

#[test]
fn a_click_is_offered_only_where_it_is_clear_what_it_is_about() {
    assert_eq!(doc(&[awaiting(1), awaiting(2)]).actions, []);
    assert_eq!(doc(&[awaiting(1), brief(2).stands(Standing::Draft)]).actions.len(), 3);
    assert_eq!(doc(&[awaiting(1), for_reason(ReasonCode::Refused)]).actions, [], "failure has no buttons");
    assert!(doc(&[awaiting(1), awaiting(2)]).summary.contains("Comment on the pull request"));
}

#[test]
fn title_and_summary_change_with_what_people_care_about_only() {
    let key = |unit: Brief| {
        let doc = doc(&[unit]);
        (doc.conclusion, doc.title, doc.summary)
    };
    let mut later = awaiting(14);
    later.anchor = "9:ffff".into();
    later.since = "2026-03-05T12:00:00Z".parse().unwrap();
    later.changed = vec!["The plan moved it one place up.".into()];
    later.next_move.as_mut().unwrap().since = later.since;
    assert_eq!(key(later), key(awaiting(14)));
    let mut other_reason = awaiting(14);
    other_reason.reasons[0].text = "Two confirms are needed.".into();
    assert_ne!(key(other_reason), key(awaiting(14)));
    let mut granted = brief(14);
    granted.granted = true;
    assert_ne!(key(granted), key(brief(14)));
}

#[test]
fn evidence_that_comes_in_one_by_one_writes_nothing() {
    let mut before = for_reason(ReasonCode::WaitsEvidence);
    before.evidence[1].state = "pending".into();
    before = before.because(ReasonCode::WaitsEvidence, "`lint` has not reported yet.", false);
    let (before, after) = (doc(&[before]), doc(&[for_reason(ReasonCode::WaitsEvidence)]));
    assert_eq!((before.title, before.summary), (after.title, after.summary));
}

#[test]
fn observe_mode_says_so() {
    let doc = check(&[awaiting(14)], "7:1", Some(Conclusion::Neutral), None).unwrap();
    assert!(doc.summary.starts_with("Flyball only observes here"), "{}", doc.summary);
    assert_eq!((doc.actions.len(), doc.details_url), (0, None));
}

#[test]
fn a_commit_without_units_has_no_check() {
    assert_eq!(check(&[], "7:1", None, None), None);
}

#[test]
fn a_monstrous_unit_still_fits_and_keeps_its_anchor() {
    let mut unit = for_reason(ReasonCode::BlockedCollisionTextual);
    let long = "@[x](y)`<é".repeat(2_000);
    unit.title.clone_from(&long);
    unit.intent.clone_from(&long);
    unit.reasons = vec![unit.reasons[0].clone(); 50];
    unit.reasons[0].text.clone_from(&long);
    unit.conditions = vec![unit.conditions[0].clone(); 500];
    for condition in &mut unit.conditions {
        condition.what.clone_from(&long);
        condition.seen.clone_from(&long);
    }
    unit.conflicts = vec![unit.conflicts[0].clone(); 500];
    unit.changed = vec![long.clone(); 500];
    unit.would_break = vec![long; 500];
    let many: Vec<Brief> =
        (1..40).map(|number| Brief { number: crate::domain::ids::PrNumber(number), ..unit.clone() }).collect();
    for units in [&many[..1], &many[..]] {
        let doc = doc(units);
        assert!(doc.summary.chars().count() <= 65_535 && doc.text.chars().count() <= 65_535);
        assert!(doc.title.chars().count() <= 130 && !doc.title.contains('\n'));
        assert!(doc.text.contains(&units[0].anchor), "the anchor is never cut off");
        assert_eq!(doc.text.matches("Trace of #").count(), units.len());
    }
}
