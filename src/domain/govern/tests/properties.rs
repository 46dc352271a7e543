//! What must hold whatever happens in whatever order.

use proptest::prelude::*;

use super::super::*;
use super::desk::{Desk, sha};
use crate::domain::ids::*;
use crate::domain::unit::verify;

#[derive(Debug, Clone)]
enum Step {
    Green(u64),
    Red(u64),
    Says(u64, &'static str, &'static str),
    Push(u64),
    Look(u64),
    Fault(u8),
    Wait(i64),
    Again(u64),
}

fn step() -> impl Strategy<Value = Step> {
    let unit = 1..5_u64;
    let who = prop::sample::select(vec!["alice", "bob", "carol", "rita", "mona"]);
    let what = prop::sample::select(vec!["/confirm", "/refuse no", "/hold", "/hold for 1h", "/lift", "/retry", "/why"]);
    prop_oneof![
        4 => unit.clone().prop_map(Step::Green),
        1 => unit.clone().prop_map(Step::Red),
        6 => (unit.clone(), who, what).prop_map(|(unit, who, what)| Step::Says(unit, who, what)),
        1 => unit.clone().prop_map(Step::Push),
        1 => unit.clone().prop_map(Step::Look),
        1 => (0..4_u8).prop_map(Step::Fault),
        3 => (1..120_i64).prop_map(Step::Wait),
        1 => unit.prop_map(Step::Again),
    ]
}

fn play(desk: &mut Desk, step: &Step, heads: &mut u64) {
    let open = |desk: &Desk, n: u64| desk.snapshots[&PrNumber(n)].state == PullState::Open;
    match step {
        Step::Green(n) if open(desk, *n) => desk.green(PrNumber(*n)),
        Step::Red(n) if open(desk, *n) => desk.check(PrNumber(*n), "test", Seen::Failing),
        Step::Says(n, who, what) => desk.says(PrNumber(*n), who, what),
        Step::Push(n) if open(desk, *n) => {
            *heads += 1;
            desk.pushes(PrNumber(*n), 7000 + *heads);
        }
        Step::Look(n) => desk.happens(Event::Look { number: PrNumber(*n) }),
        Step::Fault(kind) => desk.faults.push(match kind {
            0 => Answer::Unknown { because: "lost".into() },
            1 => Answer::Refused { fault: Fault::Transient, message: "again".into() },
            2 => Answer::Refused { fault: Fault::Limited { seconds: 20 }, message: "slow down".into() },
            _ => Answer::Refused { fault: Fault::Forbidden, message: "no".into() },
        }),
        Step::Wait(seconds) => desk.passes(*seconds),
        Step::Again(n) => desk.pull(PrNumber(*n), PullAction::Synchronized),
        Step::Green(_) | Step::Red(_) | Step::Push(_) => {}
    }
}

/// Two open units that change the same lines never both pass protection.
fn at_most_one_passes(desk: &Desk) {
    let passing: Vec<u64> = (1..4)
        .filter(|n| desk.snapshots[&PrNumber(*n)].state == PullState::Open)
        .filter(|n| desk.conclusion(PrNumber(*n)) == Some(Conclusion::Success))
        .collect();
    assert!(passing.len() <= 1, "{passing:?} may land at the same time");
}

fn a_merge_was_confirmed_on_its_head(desk: &Desk) {
    for number in desk.merges() {
        let pr = PrNumber(number);
        let brief = desk.brief(pr);
        let by = brief.decisions.iter().any(|decision| {
            decision.kind == "confirm"
                && decision.sha == brief.head
                && decision.by != brief.author.clone().unwrap_or_default()
                && decision.by != "rita"
        });
        assert!(by, "#{number} landed without a confirm: {:#?}", brief.decisions);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_promises_hold(steps in prop::collection::vec(step(), 1..40)) {
        let mut desk = Desk::new();
        let mut heads = 0;
        for n in 1..4 {
            desk.opens(n, "alice", "src/lib.rs", 10);
        }
        desk.opens(4, "bob", "src/far.rs", 10);
        for step in &steps {
            play(&mut desk, step, &mut heads);
            at_most_one_passes(&desk);
        }
        desk.faults.clear();
        desk.passes(4000);
        at_most_one_passes(&desk);
        a_merge_was_confirmed_on_its_head(&desk);
        let mut merges = desk.merges();
        merges.sort_unstable();
        merges.dedup();
        prop_assert_eq!(merges.len(), desk.merges().len(), "nothing merges twice");
        for (pr, comments) in &desk.comments {
            let sticky = comments.iter().filter(|comment| comment.body.starts_with(STICKY_MARKER)).count();
            prop_assert!(sticky <= 1, "{} has {} sticky comments", pr, sticky);
        }
        for (pr, lines) in &desk.trace {
            prop_assert!(verify(lines.iter().map(String::as_str)).is_ok(), "the trace of #{}", pr);
        }
        for (key, at) in desk.due.values() {
            prop_assert!(*at > desk.now, "{:?} is still owed", key);
        }
    }

    #[test]
    fn repeating_any_delivery_changes_nothing(n in 1..4_u64) {
        let mut desk = Desk::new();
        for n in 1..4 {
            desk.opens_green(n, "alice", "src/lib.rs", 10);
        }
        let sent = desk.sent.len();
        desk.pull(PrNumber(n), PullAction::Opened);
        desk.pull(PrNumber(n), PullAction::Synchronized);
        prop_assert_eq!(desk.sent.len(), sent);
        prop_assert_eq!(desk.snapshots[&PrNumber(n)].head_sha.clone(), sha(n * 100));
    }
}
