use insta::assert_snapshot;
use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;
use crate::domain::unit::ReasonCode;
use crate::present::testing::{With, awaiting, brief, conflict, decision, dependency, for_reason, head, visible};
use crate::present::words::gist;

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
    assert_snapshot!(sticky(&unit, PAGES), @r"
    <!-- flyball:unit -->
    ### Flyball: Confirm to squash-merge

    **Awaiting judgment.** One confirm by somebody with write access is needed.

    **Suggested: squash-merge.** All required evidence passes and nothing related is ahead.

    - Effect: Lands as one commit on `main`.
    - Undo: `/revert <reason>` opens a pull request that takes it back.
    - Who may answer: anyone with write access other than the author

    **Next:** carol: answer with `/confirm` or `/refuse <reason>`.

    <details><summary>Conditions, conflicts and dependencies, as of <code>1a2b3c4</code></summary>

    **What it is for:** Transient failures of the upstream reach users.

    **What must be true before it lands**

    | Condition | Verdict | Seen | Source |
    | --- | --- | --- | --- |
    | `test` passes on 1a2b3c4 | met | passing | branch protection |

    **Conflicts that are already visible**

    - with #12 (textual) in `src/client.rs`: Both change lines 10 to 14 of `src/client.rs`.

    **What would break if it landed now**

    - #12 would have to be redone in `src/client.rs`.

    **Decisions**

    - dave: approve on `1a2b3c4` (counts)

    </details>

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn a_draft_is_told_what_ends_it() {
    assert_snapshot!(unfolded(&for_reason(ReasonCode::Draft)), @r"
    <!-- flyball:unit -->
    ### Flyball: Draft: not yet governed

    **Draft.** The pull request is a draft.

    **Next:** Mark it ready for review, and it is judged.

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn gathering_asks_nobody() {
    assert_snapshot!(unfolded(&for_reason(ReasonCode::WaitsEvidence)), @r"
    <!-- flyball:unit -->
    ### Flyball: Waits until `test` and `lint` pass

    **Gathering evidence.** `test` and `lint` have to pass on this head.

    **Next:** Nothing to do: this moves on by itself.

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn a_conflict_names_who_clears_it() {
    let unit = for_reason(ReasonCode::BlockedConflictBase).because(
        ReasonCode::BlockedEvidence,
        "`test` fails on 1a2b3c4.",
        true,
    );
    assert_snapshot!(unfolded(&unit), @r"
    <!-- flyball:unit -->
    ### Flyball: Blocked: conflicts with `main`

    **Blocked.** It conflicts with `main`.

    - `test` fails on 1a2b3c4.

    **Next:** alice: rebase it onto `main`.

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn a_collision_needs_nothing_from_people() {
    assert_snapshot!(unfolded(&for_reason(ReasonCode::BlockedCollisionTextual)), @r"
    <!-- flyball:unit -->
    ### Flyball: Blocked: #12 lands first, both change the same lines

    **Blocked.** #12 lands first: it was ready earlier.

    **Next:** Nothing to do: this moves on by itself.

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn a_refusal_is_shown_with_its_reason_disarmed() {
    let mut unit = for_reason(ReasonCode::Refused);
    unit.reasons[0].text = "carol refused it: Fixes #1, ask @everyone <!-- flyball:unit -->".into();
    assert_snapshot!(visible(&unfolded(&unit)), @r"
    <!-- flyball:unit -->
    ### Flyball: Refused by carol

    **Blocked.** carol refused it: Fixes #[break]1, ask @[break]everyone \<[break]!-- flyball:unit --\>

    **Next:** carol: lift it with `/lift`.

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn a_unit_that_has_its_turn_says_that_it_may_land() {
    let mut unit = brief(14).moves("anyone with write access", "merge it");
    unit.granted = true;
    assert_snapshot!(unfolded(&unit), @r"
    <!-- flyball:unit -->
    ### Flyball: Cleared to land

    **Cleared.** It lands on confirm.

    **Next:** anyone with write access: merge it.

    Judged under `defaults@0123456789abcdef`. `/why` tells more, `/help` lists the commands. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn a_landed_unit_says_as_what() {
    let mut unit = brief(14).stands(Standing::Landed);
    unit.landed_as = Some(head());
    unit.next = "`/revert <reason>` takes it back.".into();
    assert_snapshot!(unfolded(&unit), @r"
    <!-- flyball:unit -->
    ### Flyball: Landed as 1a2b3c4

    **Landed.** Its change is on `main`.

    **Next:** `/revert <reason>` takes it back.

    Judged under `defaults@0123456789abcdef`. [Live state and history](https://flyball.example/acme/widgets/14)
    ");
}

#[test]
fn words_that_are_no_command_are_not_to_be_confirmed() {
    let mut unit = awaiting(14);
    let suggestion = unit.suggestion.as_mut().unwrap();
    suggestion.action = crate::domain::unit::SuggestionKind::Rebase;
    suggestion.confirmable = false;
    unit = unit.moves("alice", "rebase it onto `main`");
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

#[test]
fn the_fold_changes_with_each_result_and_what_stands_above_it_does_not() {
    let before = for_reason(ReasonCode::WaitsEvidence);
    let mut after = before.clone();
    after.reasons[0].text = "Another result is missing.".into();
    after.evidence.iter_mut().for_each(|evidence| evidence.state = "passing".into());
    after.conditions[0].seen = "passing".into();
    assert_eq!(gist(&before), gist(&after));
    assert_ne!(gist(&before), gist(&for_reason(ReasonCode::BlockedEvidence)));
    assert_ne!(gist(&awaiting(14)), gist(&brief(14)));
}

#[test]
fn a_graph_stands_last_and_whole_however_much_is_told() {
    let mut unit = awaiting(14);
    unit.dependents =
        vec![dependency("#16", "open"), dependency(&format!("{}/{}#3", "o".repeat(39), "r".repeat(100)), "open")];
    unit.conflicts = (1..=15).map(|number| conflict(number, "textual")).collect();
    unit.conditions = vec![unit.conditions[0].clone(); 90];
    unit.would_break = vec!["What breaks is long. ".repeat(19); 90];
    unit.uncertain.clone_from(&unit.would_break);
    unit.changed.clone_from(&unit.would_break);
    unit.policy_changes.clone_from(&unit.would_break);
    let text = sticky(&unit, PAGES);
    assert!(text.contains("The rest is on the page.") && text.len() < 65_536, "{}", text.len());
    let (before, after) = text.split_once("```mermaid\n").unwrap();
    assert!(before.contains("<details>") && !before.contains("```"), "folded, after the words");
    let after = after.split_once("```\n\n").unwrap().1;
    assert!(after.starts_with("And 9 more.\n\n</details>\n\nJudged under"), "{after}");
}

#[test]
fn who_answers_and_how_is_said_once() {
    let mut unit = awaiting(14);
    let who = unit.suggestion.as_ref().unwrap().who.join(", ");
    unit.next_move.as_mut().unwrap().who.clone_from(&who);
    let text = unfolded(&unit);
    assert_eq!((text.matches(&who).count(), text.matches("`/confirm`").count()), (1, 1), "{text}");
    unit.next_move.as_mut().unwrap().who = "carol".into();
    let text = unfolded(&unit);
    assert_eq!((text.matches(&who).count(), text.matches("`/confirm`").count()), (1, 1), "{text}");
    assert!(text.contains("- Who may answer:") && text.contains("**Next:** carol: answer with"), "{text}");
}

#[test]
fn two_neighbours_are_drawn_and_one_is_not() {
    let mut unit = awaiting(14);
    unit.conflicts = vec![conflict(12, "textual"), conflict(12, "lockfile")];
    assert!(!sticky(&unit, PAGES).contains("mermaid"), "the list tells of one");
    unit.depends_on = vec![dependency("acme/other#3", "open")];
    unit.dependents = vec![dependency("#16", "open")];
    let text = sticky(&unit, PAGES);
    let drawn = text.split_once("```mermaid\n").unwrap().1.split_once("```").unwrap().0;
    assert_snapshot!(drawn, @r##"
    graph LR
      this(["#14, this one"])
      n0["acme/other#3"]
      n0 -->|lands first| this
      n1["#16"]
      this -->|lands first| n1
      n2["#12"]
      this -.-|textual, lockfile| n2
    "##);
}

#[test]
fn a_name_that_is_none_is_not_drawn_and_a_crowd_is_cut() {
    let mut unit = awaiting(14);
    unit.conflicts = (1..=15).map(|number| conflict(number, "textual")).collect();
    unit.depends_on = vec![dependency("x\"]; click this \"javascript:alert(1)", "open")];
    let text = sticky(&unit, PAGES);
    assert!(text.contains("And 7 more.") && text.matches("-.-|textual|").count() == 8);
    let drawn = text.split_once("```mermaid").unwrap().1.split_once("```").unwrap().0;
    assert!(!drawn.contains("javascript"));
}
