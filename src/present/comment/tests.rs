use insta::assert_snapshot;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;
use crate::domain::unit::ReasonCode;
use crate::present::testing::{With, awaiting, brief, conflict, decision, for_reason, head};

const PAGES: Option<&str> = Some("https://flyball.example/");

/// The comment without what is folded away.
fn unfolded(brief: &Brief) -> String {
    let text = sticky(brief, PAGES);
    let (lead, rest) = text.split_once("<details>").unwrap();
    let (_, footer) = rest.split_once("</details>\n\n").unwrap();
    format!("{lead}{footer}")
}

#[test]
fn judgment_is_asked_on_one_screen() {
    let mut unit = awaiting(14);
    unit.conflicts = vec![conflict(12, "textual")];
    unit.would_break = vec!["#12 would have to be redone in `src/client.rs`.".into()];
    unit.decisions = vec![decision("approve", "dave", None)];
    assert_snapshot!(sticky(&unit, PAGES), @"");
}

#[test]
fn a_draft_is_told_what_ends_it() {
    assert_snapshot!(unfolded(&for_reason(ReasonCode::Draft)), @"");
}

#[test]
fn gathering_asks_nobody() {
    assert_snapshot!(unfolded(&for_reason(ReasonCode::WaitsEvidence)), @"");
}

#[test]
fn a_conflict_names_who_clears_it() {
    let unit = for_reason(ReasonCode::BlockedConflictBase).because(
        ReasonCode::BlockedEvidence,
        "`test` fails on 1a2b3c4.",
        true,
    );
    assert_snapshot!(unfolded(&unit), @"");
}

#[test]
fn a_collision_needs_nothing_from_people() {
    assert_snapshot!(unfolded(&for_reason(ReasonCode::BlockedCollisionTextual)), @"");
}

#[test]
fn a_refusal_is_shown_with_its_reason_disarmed() {
    let mut unit = for_reason(ReasonCode::Refused);
    unit.reasons[0].text = "carol refused it: Fixes #1, ask @everyone <!-- flyball:unit -->".into();
    assert_snapshot!(unfolded(&unit), @"");
}

#[test]
fn a_unit_that_has_its_turn_says_that_it_may_land() {
    let mut unit = brief(14).moves("anyone with write access", "merge it");
    unit.granted = true;
    assert_snapshot!(unfolded(&unit), @"");
}

#[test]
fn a_landed_unit_says_as_what() {
    let mut unit = brief(14).stands(Standing::Landed);
    unit.landed_as = Some(head());
    unit.next = "`/revert <reason>` takes it back.".into();
    assert_snapshot!(unfolded(&unit), @"");
}

#[test]
fn words_that_are_no_command_are_not_to_be_confirmed() {
    let mut unit = awaiting(14);
    let suggestion = unit.suggestion.as_mut().unwrap();
    suggestion.action = crate::domain::unit::SuggestionKind::Rebase;
    suggestion.confirmable = false;
    assert!(!sticky(&unit, PAGES).contains("/confirm"));
}

/// The HTML that the comment has of its own.
fn ours(html: &str) -> bool {
    let known = [STICKY_MARKER, "<details><summary>", "</summary>", "</details>", "<code>", "</code>"];
    html.trim().is_empty() || known.iter().any(|tag| html.trim().starts_with(tag))
}

#[test]
fn every_reason_is_readable_disarmed_and_below_the_limit() {
    for code in ReasonCode::ALL {
        let mut unit = for_reason(*code);
        let hostile = "@everyone Fixes #1 <!-- flyball:unit --> </details> ![x](https://e.example/p.png) \n/confirm\n"
            .repeat(900);
        unit.title.clone_from(&hostile);
        unit.intent.clone_from(&hostile);
        unit.author = Some(hostile.clone());
        unit.base.clone_from(&hostile);
        unit.uncertain = vec![hostile.clone(); 90];
        unit.decisions = vec![decision("refuse", &hostile, Some(&hostile)); 90];
        for condition in &mut unit.conditions {
            condition.what.clone_from(&hostile);
        }
        unit.reasons[0].text.clone_from(&hostile);
        let text = sticky(&unit, PAGES);
        assert!(text.chars().count() < 65_536, "{code}: {}", text.len());
        assert!(text.starts_with(STICKY_MARKER) && text.matches("<!--").count() == 1, "{code}");
        assert!(!text.contains("\n/"), "{code}: a command");
        for event in Parser::new_ext(&text, Options::all()) {
            match event {
                Event::Html(html) | Event::InlineHtml(html) => assert!(ours(&html), "{code}: {html}"),
                Event::Text(words) => assert!(!words.contains("@e") && !words.contains("#1 "), "{code}: {words}"),
                Event::Start(Tag::Link { dest_url, .. }) => {
                    assert!(dest_url.starts_with("https://flyball.example/"), "{code}");
                }
                Event::Start(Tag::Image { .. }) => panic!("{code}: an image"),
                _ => {}
            }
        }
    }
}

#[test]
fn whoever_confirmed_is_not_asked_again() {
    let mut unit = for_reason(ReasonCode::WaitsEvidence).suggests(crate::present::testing::merge());
    assert!(sticky(&unit, PAGES).contains("It need not be answered yet"));
    unit.decisions = vec![decision("confirm", "carol", None)];
    assert!(!sticky(&unit, PAGES).contains("/confirm"));
}

#[test]
fn an_address_that_could_break_out_of_a_link_is_left_out() {
    assert!(!sticky(&awaiting(14), Some("javascript:alert(1)//")).contains("]("));
    assert!(!sticky(&awaiting(14), Some("https://a.example/) [x")).contains("]("));
}
