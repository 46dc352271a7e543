use std::fmt::Write as _;

use insta::assert_snapshot;

use super::*;
use crate::domain::unit::ReasonCode;
use crate::present::testing::{With, awaiting, brief, decision, for_reason, head, visible};

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
    assert_snapshot!(table, @r"
    Draft | None | Draft: not yet governed
    Gathering | None | Gathers evidence
    Blocked | None | Blocked
    AwaitingJudgment | Some(ActionRequired) | Confirm to squash-merge
    Cleared | None | Cleared, waits for its turn
    Cleared | Some(Success) | Cleared to land
    Landing | Some(Success) | Landing
    Landed | Some(Success) | Landed as 1a2b3c4
    Withdrawn | Some(Cancelled) | Withdrawn: closed without landing
    RolledBack | Some(Success) | Rolled back
    ");
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
    assert_snapshot!(table, @r"
    draft | None | Draft: not yet governed | **Next:** Mark it ready for review, and it is judged.
    waits.evidence | None | Waits until `test` and `lint` pass | **Next:** Nothing to do: this moves on by itself.
    waits.evidence.stale | None | Waits for fresh evidence: `test` | **Next:** Nothing to do: this moves on by itself.
    waits.confirm | Some(ActionRequired) | Confirm to squash-merge | **Next:** carol: answer with `/confirm` or `/refuse <reason>`.
    waits.review | Some(ActionRequired) | Waits for a review | **Next:** dave: review it.
    waits.dependency | None | Waits for #12 to land | **Next:** Nothing to do: this moves on by itself.
    waits.order | None | Cleared, waits for its turn | **Next:** Nothing to do: this moves on by itself.
    waits.queue | Some(Success) | Landing | **Next:** Nothing to do: this moves on by itself.
    waits.auto_merge | Some(Success) | Landing | **Next:** Nothing to do: this moves on by itself.
    waits.github | None | Waits for GitHub | **Next:** Nothing to do: this moves on by itself.
    waits.rate_limit | None | Waits for GitHub's rate limit | **Next:** Nothing to do: this moves on by itself.
    blocked.evidence | Some(Failure) | Blocked: `test` fails | **Next:** alice: look at `test` and push a fix.
    blocked.conflict.base | Some(Failure) | Blocked: conflicts with `main` | **Next:** alice: rebase it onto `main`.
    blocked.collision.textual | None | Blocked: #12 lands first, both change the same lines | **Next:** Nothing to do: this moves on by itself.
    blocked.collision.package | None | Blocked: #12 lands first, both move the same dependency | **Next:** Nothing to do: this moves on by itself.
    blocked.collision.lockfile | None | Blocked: #12 lands first, both regenerate a lockfile | **Next:** Nothing to do: this moves on by itself.
    blocked.collision.sequence | None | Blocked: #12 lands first, both claim the same number | **Next:** Nothing to do: this moves on by itself.
    blocked.collision.symbol | None | Blocked: #12 lands first, it changes what this one uses | **Next:** Nothing to do: this moves on by itself.
    blocked.collision.component | None | Blocked: #12 lands first, one at a time in this component | **Next:** Nothing to do: this moves on by itself.
    blocked.dependency.closed | Some(Failure) | Blocked: #12 was closed without landing | **Next:** alice: update the dependency.
    blocked.dependency.cycle | Some(Failure) | Blocked: dependencies form a cycle | **Next:** alice: update the dependency.
    blocked.dependency.unreadable | Some(Failure) | Blocked: a dependency cannot be read | **Next:** alice: update the dependency.
    blocked.base.ungoverned | None | Not governed: base `main` is neither default nor protected | **Next:** Nothing to do: this moves on by itself.
    blocked.policy.invalid | Some(Failure) | Blocked: the policy file has an error | **Next:** alice: correct it.
    blocked.hold | Some(Failure) | On hold by carol | **Next:** carol: lift it with `/lift`.
    refused | Some(Failure) | Refused by carol | **Next:** carol: lift it with `/lift`.
    unknown.footprint | None | Waits: what it touches is not known | **Next:** Nothing to do: this moves on by itself.
    landed.base_red | Some(Success) | Landed, and `main` fails since | **Next:** alice: `/confirm` opens the revert, `/refuse <reason>` says that the cause is another.
    landed.otherwise | Some(Success) | Landed, and not as it was proposed | **Next:** alice: `/confirm` opens the revert, `/refuse <reason>` says that the cause is another.
    ");
}

#[test]
fn judgment_is_asked_with_buttons_within_githubs_limits() {
    let doc = doc(&[awaiting(14)]);
    assert_snapshot!(shown(&doc), @r"
    Some(ActionRequired)
    Confirm to squash-merge
    ---
    **Awaiting judgment.** One confirm by somebody with write access is needed.

    **Suggested:** squash-merge. Lands as one commit on `main`.

    **Undo:** `/revert <reason>` opens a pull request that takes it back.

    Use a button here, or comment `/confirm`, `/refuse <reason>` or `/hold`.

    **Next:** carol: answer with `/confirm` or `/refuse <reason>`.
    ");
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
    assert_snapshot!(visible(&doc(&[unit]).text), @r"
    **What it is for:** Transient failures of the upstream reach users.

    **What must be true before it lands**

    | Condition | Verdict | Seen | Source |
    | --- | --- | --- | --- |
    | `test` passes on 1a2b3c4 | met | passing | branch protection |

    **Evidence**

    | Name | State |  | Head | Note |
    | --- | --- | --- | --- | --- |
    | `test` | passing | required | `1a2b3c4` |  |

    **Conflicts that are already visible**

    - with #12 (textual) in `src/client.rs`: Both change lines 10 to 14 of `src/client.rs`.

    **Depends on**

    - #12 (open): declared in the description

    **What would break if it landed now**

    - #12 would conflict in `src/client.rs`.

    **Decisions**

    - carol: refuse on `1a2b3c4` (counts): Fixes #[break]1 @[break]everyone \<b\>

    Policy: `defaults@0123456789abcdef`

    Trace of #14: `4:abababababababababababababababababababababababababababababababab`
    ");
}

#[test]
fn units_that_share_a_head_are_all_named_the_most_careful_first() {
    let blocked = for_reason(ReasonCode::BlockedConflictBase);
    let mut gathering = for_reason(ReasonCode::WaitsEvidence);
    gathering.number = crate::domain::ids::PrNumber(9);
    gathering.title = "@everyone <!-- flyball:unit -->".into();
    let forward = doc(&[gathering.clone(), blocked.clone()]);
    assert_snapshot!(visible(&shown(&forward)), @r"
    Some(Failure)
    #14: Blocked: conflicts with `main`
    ---
    Several pull requests share this commit; the check shows the most careful of them.

    ### #14 Add a retry to the client

    **Blocked.** It conflicts with `main`.

    **Next:** alice: rebase it onto `main`.

    ### #9 @[break]everyone \<[break]!-- flyball:unit --\>

    **Gathering evidence.** `test` and `lint` have to pass on this head.

    **Next:** Nothing to do: this moves on by itself.
    ");
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
    // Long enough that each list alone would burst the document, and cheap enough to build forty times.
    let long = "@[x](y)`<é".repeat(200);
    unit.reasons = vec![unit.reasons[0].clone(); 20];
    unit.reasons[0].text.clone_from(&long);
    unit.conditions = vec![unit.conditions[0].clone(); 100];
    for condition in &mut unit.conditions {
        condition.what.clone_from(&long);
        condition.seen.clone_from(&long);
    }
    unit.conflicts = vec![unit.conflicts[0].clone(); 100];
    unit.changed = vec![long.clone(); 100];
    unit.would_break = vec![long; 100];
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
