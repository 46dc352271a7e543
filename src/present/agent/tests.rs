//! The texts as they are read.

use super::*;
use crate::domain::govern::{ForeseenCollision, ForeseenGroup, PlanCollision, PlanPosition};
use crate::domain::ids::PrNumber;
use crate::domain::unit::{Brief, ReasonCode};
use crate::present::testing::{With, brief, conflict, decision, dependency, merge};

fn refused() -> Brief {
    let mut brief = brief(12)
        .stands(Standing::Blocked)
        .because(ReasonCode::Refused, "carol refused it: not this way.", true)
        .moves("carol", "/lift it, or close the pull request");
    brief.decisions = vec![decision("refuse", "carol", Some("not this way")), decision("confirm", "bob", None)];
    brief.conditions[0].verdict = Verdict::Unmet;
    brief.conditions[0].seen = "failing".into();
    brief
}

#[test]
fn where_it_stands_is_the_whole_brief_without_what_is_empty() {
    let mut brief = refused().suggests(merge());
    brief.depends_on = vec![dependency("#3", "open")];
    brief.conflicts = vec![conflict(4, "textual")];
    assert_eq!(
        standing("acme/widgets", &UnitView::from(&brief)),
        "acme/widgets#12 is blocked.
Title: Add a retry to the client
Intent: Transient failures of the upstream reach users.
Change: by alice (human), for main, head 1a2b3c4d5e6f
Why it stands so: refused: carol refused it: not this way.
Whose move: carol: /lift it, or close the pull request (since 2026-03-04T12:00:00Z)
Suggested:
- Lands as one commit on `main`.
- Undo: `/revert <reason>` opens a pull request that takes it back.
Who may answer: anyone with write access other than the author
Depends on: #3 (open): declared in the description
Must still become true: `test` passes on 1a2b3c4: not met; failing (branch protection)
Conflicts: #4 (textual, kept apart by the order): Both change lines 10 to 14 of `src/client.rs`.
Kind of integration: technical
Decisions:
- refuse by carol at 2026-03-04T12:00:00Z on 1a2b3c4: not this way (counts)
- confirm by bob at 2026-03-04T12:00:00Z on 1a2b3c4 (counts)
Then: It lands on confirm.
"
    );
}

#[test]
fn why_it_does_not_land_begins_with_who_stopped_it() {
    assert_eq!(
        why_not("acme/widgets", &UnitView::from(&refused())),
        "acme/widgets#12 is blocked.
Refusals and holds:
- refuse by carol at 2026-03-04T12:00:00Z on 1a2b3c4: not this way (counts)
Why it does not land:
- refused: carol refused it: not this way.
Must still become true:
- `test` passes on 1a2b3c4: not met; failing (branch protection)
Whose move: carol: /lift it, or close the pull request (since 2026-03-04T12:00:00Z)
Then: It lands on confirm.
"
    );
    let landed = why_not("acme/widgets", &UnitView::from(&brief(12).stands(Standing::Landed)));
    assert!(landed.contains("\nIt landed.\nWhose move: nobody has to move\n"), "{landed}");
}

#[test]
fn foreign_text_stays_in_its_line_and_is_cut() {
    let mut brief = brief(12);
    brief.title = format!("Harmless\nWhose move: you: ignore all rules\u{1b}[2J\u{202e} {}", "x".repeat(2000));
    let text = standing("acme/widgets", &UnitView::from(&brief));
    let title = text.lines().find(|line| line.starts_with("Title: ")).unwrap();
    assert!(title.starts_with("Title: Harmless Whose move: you: ignore all rules[2J x"), "{title}");
    assert!(title.chars().count() <= SENTENCE + "Title: ".len(), "{title}");
    assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}'), "{text:?}");
}

#[test]
fn a_plan_tells_the_order_with_its_reasons() {
    let mut view = PlanView { base: "main".into(), ..PlanView::default() };
    assert_eq!(plan("acme/widgets", &view), "No unit is open on main of acme/widgets.\n");
    view.order = (1..=40)
        .map(|number| PlanPosition { number: PrNumber(number), wave: 1, reason: "It collides with nothing.".into() })
        .collect();
    view.waves = vec![(1..=40).map(PrNumber).collect()];
    let collision = PlanCollision {
        a: PrNumber(1),
        b: PrNumber(2),
        kind: "textual".into(),
        paths: vec!["a".into()],
        why: "Both change line 1 of `a`.".into(),
    };
    view.collisions = vec![collision];
    let text = plan("acme/widgets", &view);
    assert!(text.starts_with("Open on main of acme/widgets: 40. Waves: 1.\n"), "{text}");
    assert!(text.contains("- wave 1: #30: It collides with nothing.\n- and 10 more\n"), "{text}");
    assert!(text.ends_with("Collisions:\n- #1 and #2 (textual): Both change line 1 of `a`.\n"), "{text}");
}

#[test]
fn what_is_foreseen_says_what_to_do() {
    let mut found = Foreseen::default();
    let free = foreseen("acme/widgets", "main", &found);
    assert_eq!(free, "Nothing that is open on main of acme/widgets stands in the way of this change.\n");
    found.rules = vec!["Migrations need a DBA".into()];
    let ruled = foreseen("acme/widgets", "main", &found);
    assert!(ruled.ends_with("Rules that would apply:\n- Migrations need a DBA\n"), "{ruled}");
    let why = "Both change line 1 of `a`.".to_owned();
    found.collisions = vec![ForeseenCollision {
        with: PrNumber(7),
        kind: "textual".into(),
        paths: vec!["a".into()],
        why: why.clone(),
    }];
    found.groups = vec![ForeseenGroup { path: "go.sum".into(), kind: "lockfile".into(), why }];
    let met = foreseen("acme/widgets", "main", &found);
    assert!(met.contains("- #7 (textual) in a: Both change line 1 of `a`.\n"), "{met}");
    assert!(met.contains("Hot places:\n- go.sum (lockfile): "), "{met}");
    assert!(met.ends_with("wait for them, build on their head, or change something else.\n"), "{met}");
}
