use insta::assert_snapshot;

use super::*;
use crate::domain::govern::{PlanCollision, PlanPosition};
use crate::domain::unit::ReasonCode;
use crate::present::testing::{conflict, for_reason, visible};

#[test]
fn why_answers_the_eight_questions() {
    let mut unit = for_reason(ReasonCode::BlockedEvidence);
    unit.conditions[0].verdict = crate::domain::unit::Verdict::Unmet;
    unit.conflicts = vec![conflict(12, "textual")];
    unit.changed = vec!["alice pushed 1a2b3c4.".into()];
    assert_snapshot!(why(&unit, Some("https://flyball.example"), "comment:9"), @r"
    **Blocked: `test` fails**

    - **Why it stands so:** `test` fails on 1a2b3c4.
    - **Depends on:** nothing
    - **Depended on by:** nothing that is open
    - **Must be true first:** `test` passes on 1a2b3c4: not met (branch protection)
    - **Conflicts:** #12 (textual): Both change lines 10 to 14 of `src/client.rs`.
    - **Kind of integration:** technical
    - **Changed since it was proposed:** alice pushed 1a2b3c4.
    - **Would break if it landed now:** nothing that is known
    - **Not known:** nothing worth a line
    - **Next:**
      - alice: look at `test` and push a fix.
      - It lands on confirm.

    [Live state and history](https://flyball.example/acme/widgets/14)

    <!-- flyball:reply comment:9 -->
    ");
}

#[test]
fn the_plan_shows_what_lands_around_the_unit() {
    let place = |number, wave| PlanPosition {
        number: PrNumber(number),
        wave,
        reason: if number == 12 { "It was ready first.".into() } else { "It collides with #12.".into() },
    };
    let view = PlanView {
        base: "main".into(),
        order: vec![place(12, 1), place(14, 2)],
        waves: vec![vec![PrNumber(12)], vec![PrNumber(14)]],
        collisions: vec![PlanCollision {
            a: PrNumber(12),
            b: PrNumber(14),
            kind: "textual".into(),
            paths: vec!["src/client.rs".into()],
            why: "Both change lines 10 to 14 of `src/client.rs`.".into(),
        }],
        dependencies: vec![],
        groups: vec![],
    };
    assert_snapshot!(plan(&view, PrNumber(14), "comment:9"), @r"
    **Plan for `main`**

    - wave 1: #12: It was ready first.
    - wave 2: #14 (this one): It collides with #12.

    **Collides with**

    - #12 (textual): Both change lines 10 to 14 of `src/client.rs`.

    <!-- flyball:reply comment:9 -->
    ");
    let many = PlanView { order: (1..500).map(|number| place(number, 0)).collect(), ..view };
    let told = plan(&many, PrNumber(400), "comment:9");
    assert!(told.contains("#400 (this one)") && told.lines().count() < 20, "{told}");
    assert!(plan(&many, PrNumber(900), "comment:9").contains("#900 has no place"));
}

#[test]
fn help_shows_commands_without_giving_any() {
    let text = help("comment:9");
    assert_snapshot!(text, @r"
    Write a command at the start of a line in a new comment or review; edited comments do not count.

    - `/confirm` carries out what is suggested; `/confirm <sha>` binds it to that head
    - `/refuse <reason>` stops it at once, until it is lifted
    - `/hold`, `/hold until friday`, `/hold for 2d` stop it for a while
    - `/lift` ends a hold or a refusal
    - `/why` tells how it stands and why, `/plan` what lands before and after it
    - `/after #12` and `/not-after #12` set and drop a dependency
    - `/priority <level>` gives it a level of the policy's `priorities`
    - `/revert <reason>`, once it landed, opens a pull request that takes it back
    - `/remember <lesson>` and `/forget <lesson>` open a pull request that changes the policy
    - `/retry` reads everything again

    <!-- flyball:reply comment:9 -->
    ");
    assert!(!crate::domain::govern::may_command(&text));
}

#[test]
fn a_refused_command_gets_one_line() {
    let text = refusal("confirm", "Who opened #14 may not confirm it; @carol may.", "comment:9");
    assert_snapshot!(visible(&text), @r"
    `/confirm`: Who opened #[break]14 may not confirm it; @[break]carol may.

    <!-- flyball:reply comment:9 -->
    ");
}

#[test]
fn no_reply_can_be_taken_for_the_sticky_comment_or_for_a_command() {
    let hostile = "/confirm <!-- flyball:unit -->\n/confirm @everyone";
    let text = refusal(hostile, hostile, "--> <!-- flyball:unit -->");
    assert_eq!(text.matches("<!--").count(), 1, "{text}");
    assert!(text.ends_with(" -->") && !text.contains("flyball:unit -->\n"), "{text}");
    assert!(!crate::domain::govern::may_command(&text), "{text}");
}

#[test]
fn the_marker_keeps_what_tells_one_entry_from_another() {
    let id = "click:0b989ba4-242f-11e5-81e1-c7b6966d2516";
    assert_eq!(marker(id), format!("<!-- flyball:reply {id} -->"));
}
