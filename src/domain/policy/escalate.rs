//! Telling somebody about a long wait: whom, when, and never twice for the same wait.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::file::{Escalation, WaitKind, Who};
use crate::domain::ids::Timestamp;

/// A wait with its owner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// What for.
    pub kind: WaitKind,
    /// Whose move it is: a login, a team as `@organisation/team`, `CI`, `#12`.
    pub owner: String,
    /// Since when.
    pub since: Timestamp,
    /// Steps that were taken for this wait, by their place in the policy.
    #[serde(default)]
    pub told: BTreeSet<usize>,
    /// Nobody is told before this time: `/hold until`.
    #[serde(default)]
    pub snoozed_until: Option<Timestamp>,
}

/// A mention that is due, or will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mention {
    /// The step's place in the policy: put it into [`Wait::told`] when it is sent.
    pub step: usize,
    /// When.
    pub at: Timestamp,
    /// Whom: the owner where the policy names nobody.
    pub whom: Vec<String>,
}

/// The next mention of a wait: the earliest step that was not taken. It is due where `at` is not after `now`.
///
/// Steps come in the order of their ages. One that is overdue when a later one is due too is passed over: one mention, to the later one's
/// people. A snooze moves it to the end of the snooze.
#[must_use]
pub fn next_mention(wait: &Wait, steps: &[Escalation], now: Timestamp) -> Option<Mention> {
    let mut open: Vec<(Timestamp, usize, &Escalation)> = steps
        .iter()
        .enumerate()
        .filter(|(_, step)| step.waiting_for == wait.kind || step.waiting_for == WaitKind::Any)
        .filter_map(|(at, step)| Some((wait.since.checked_add(step.after.duration()).ok()?, at, step)))
        .collect();
    open.sort_by_key(|(at, step, _)| (*at, *step));
    // What lies before a step that was taken is settled by it.
    let done = open.iter().rposition(|(_, step, _)| wait.told.contains(step)).map_or(0, |last| last + 1);
    let open = &open[done.min(open.len())..];
    let overdue = open.iter().rposition(|(at, _, _)| *at <= now);
    let (at, step, escalation) = open.get(overdue.unwrap_or(0))?;
    let at = wait.snoozed_until.map_or(*at, |until| until.max(*at));
    Some(Mention { step: *step, at, whom: whom(wait, escalation) })
}

fn whom(wait: &Wait, step: &Escalation) -> Vec<String> {
    if step.notify.is_empty() {
        return vec![wait.owner.clone()];
    }
    let named = |who: &Who| match who {
        Who::User(_) | Who::Team(_) => Some(who.to_string()),
        // A right names nobody in particular, and owners are the wait's own.
        Who::Codeowners => Some(wait.owner.clone()),
        Who::Right(_) => None,
    };
    let mut whom: Vec<String> = step.notify.iter().filter_map(named).collect();
    whom.dedup();
    whom
}
