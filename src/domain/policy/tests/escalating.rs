//! Waits that speak up.

use std::collections::BTreeSet;

use super::super::escalate::{Wait, next_mention};
use super::super::file::WaitKind;
use super::policy;
use crate::domain::ids::Timestamp;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_second(1_000_000_000 + hours * 3600).unwrap()
}

fn wait(kind: WaitKind) -> Wait {
    Wait { kind, owner: "bob".to_owned(), since: at(0), told: BTreeSet::new(), snoozed_until: None }
}

#[test]
fn a_wait_is_told_once_for_each_step_and_to_the_right_people() {
    let standard = policy(
        "escalation:\n  - { after: 1d, waiting_for: confirm }\n  - { after: 3d, waiting_for: confirm, notify: ['@acme/leads', codeowners] }\n  - { after: 2d, waiting_for: evidence, notify: ['@ops'] }\n  - { after: 9d, waiting_for: any, notify: [admin, '@boss'] }",
    );
    let steps = &standard.file.escalation;
    let mut confirm = wait(WaitKind::Confirm);
    let next = |wait: &Wait, now: i64| {
        next_mention(wait, steps, at(now))
            .map(|due| (due.step, (due.at.as_second() - at(0).as_second()) / 3600, due.whom.join(" ")))
    };
    assert_eq!(next(&confirm, 0), Some((0, 24, "bob".to_owned())), "not due yet: a timer is set for it");
    assert_eq!(next(&confirm, 30), Some((0, 24, "bob".to_owned())), "due");
    confirm.told.insert(0);
    assert_eq!(next(&confirm, 30), Some((1, 72, "@acme/leads bob".to_owned())), "never twice: the next step");
    assert_eq!(next(&confirm, 500), Some((3, 216, "@boss".to_owned())), "two overdue: one mention, the later one");
    confirm.told.insert(3);
    assert_eq!(next(&confirm, 500), None, "a step settles those before it");

    let evidence = wait(WaitKind::Evidence);
    assert_eq!(next(&evidence, 0), Some((2, 48, "@ops".to_owned())));
    let order = wait(WaitKind::Order);
    assert_eq!(next(&order, 0).map(|due| due.0), Some(3));

    let snoozed = Wait { snoozed_until: Some(at(40)), ..wait(WaitKind::Confirm) };
    assert_eq!(next(&snoozed, 30), Some((0, 40, "bob".to_owned())), "a snooze moves it");
    assert_eq!(next_mention(&wait(WaitKind::Confirm), &[], at(0)), None);
}
