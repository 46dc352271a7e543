//! Decides, at the moment of sending, whether what is owed is still right, and gives the call.

mod actions;
mod checks;
mod comments;

pub(super) use comments::DELETES;
pub use comments::STICKY_MARKER;

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::context::Context;
use super::owed::ours::may_be_double;
use super::owed::{ActionCall, Call, CallClass, Conclusion, OwedKey};
use super::said::voices::renewals;
use super::seen::facts::{Facts, Need};
use super::settle::Work;
use super::state::State;
use super::state::changes::Changes;
use crate::domain::ids::{CommitSha, Timestamp};
use crate::domain::unit::{CheckSurface, Phase, Unit};

/// What [`begin`] decided about something that is owed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    /// What to commit before the call goes out.
    pub changes: Changes,
    /// The call; none where it is no longer right, or not yet.
    pub call: Option<Call>,
}

/// How long a right that was read for a confirm serves its execution: one judgment, not a cache.
pub(super) const RIGHT_LASTS: SignedDuration = SignedDuration::from_secs(10);

/// What must be read before the call for `key` may go out: actions are judged again, unknown outcomes are read.
#[must_use]
pub fn begin_needs(state: &State, key: &OwedKey, facts: &Facts, context: &Context, now: Timestamp) -> BTreeSet<Need> {
    let mut needs = BTreeSet::new();
    match key {
        OwedKey::Check { sha } => {
            let unknown =
                state.checks.get(sha).and_then(|check| check.flight.as_ref()).is_some_and(|flight| flight.unknown);
            needs.extend(unknown.then(|| Need::OurChecks(sha.clone())));
            needs.extend(rights_for_success(state, sha, context, now));
        }
        OwedKey::Comment { number } => {
            let unread = |unit: &Unit| unit.comment.is_unknown() || may_be_double(&unit.comment, now);
            let unknown = state.unit(*number).is_some_and(unread);
            needs.extend(unknown.then_some(Need::OurComments(*number)));
        }
        OwedKey::Action { number, id } => {
            let Some(unit) = state.unit(*number) else { return needs };
            let Some(entry) = unit.ledger.get(id) else { return needs };
            match &entry.call {
                ActionCall::Merge { .. }
                | ActionCall::Enqueue { .. }
                | ActionCall::EnableAutoMerge { .. }
                | ActionCall::UpdateBranch { .. } => {
                    needs.insert(Need::Snapshot(*number));
                    needs.extend(renewals(state, unit, context, now, RIGHT_LASTS));
                }
                ActionCall::Label { .. } if entry.phase == Phase::Unknown => {
                    needs.insert(Need::Snapshot(*number));
                }
                ActionCall::Dequeue { .. } | ActionCall::DisableAutoMerge { .. } => {
                    needs.insert(Need::Snapshot(*number));
                }
                ActionCall::Reply { .. } if entry.phase == Phase::Unknown => {
                    needs.insert(Need::OurComments(*number));
                }
                ActionCall::Revert { .. } => needs.extend(super::aftermath::needs_of_revert(*number, entry)),
                ActionCall::Propose(proposal) => {
                    needs.extend(super::standard::propose::needs(proposal, state.repo.default_branch.as_ref()));
                }
                ActionCall::Reply { .. }
                | ActionCall::React { .. }
                | ActionCall::RequestReview { .. }
                | ActionCall::Label { .. } => {}
            }
        }
    }
    needs.retain(|need| facts.get(need).is_none());
    needs
}

/// Whoever may merge may do so by a success: it rests on rights as they are when it is given, as a merge of ours does.
fn rights_for_success(state: &State, sha: &CommitSha, context: &Context, now: Timestamp) -> Vec<Need> {
    let gives = |check: &CheckSurface| check.wanted.conclusion == Some(Conclusion::Success) && !check.may_pass();
    if !state.checks.get(sha).is_some_and(gives) {
        return Vec::new();
    }
    let open = state.units_at(sha).filter(|unit| unit.is_open());
    open.flat_map(|unit| renewals(state, unit, context, now, RIGHT_LASTS)).collect()
}

/// The class of what is owed, which gives the order of sending.
#[must_use]
pub fn class(state: &State, key: &OwedKey) -> CallClass {
    match key {
        OwedKey::Check { sha } => match state.checks.get(sha) {
            Some(check) if check.may_pass() && check.wanted.conclusion != Some(Conclusion::Success) => {
                CallClass::Revocation
            }
            Some(_) | None => CallClass::Grant,
        },
        OwedKey::Action { number, id } => {
            let entry = state.unit(*number).and_then(|unit| unit.ledger.get(id));
            let call = entry.map(|entry| &entry.call);
            // Somebody who writes again and again does not keep back the comment that tells them what to answer.
            let talks = matches!(call, Some(ActionCall::Label { .. } | ActionCall::Reply { .. }));
            match entry {
                Some(entry) if entry.lands() => CallClass::Landing,
                _ if talks => CallClass::Comment,
                _ => CallClass::Action,
            }
        }
        OwedKey::Comment { .. } => CallClass::Comment,
    }
}

/// Decides about something that is owed and due: the call, or nothing.
pub fn begin(state: &mut State, key: &OwedKey, facts: &Facts, context: &Context, now: Timestamp) -> Begin {
    let gone = state.repo.gone;
    let mut work = Work::new(state, context, now);
    work.changes.settle.push(key.clone());
    let call = match key {
        _ if gone => None,
        OwedKey::Check { sha } => work.begin_check(sha, facts),
        OwedKey::Comment { number } => work.begin_comment(*number, facts),
        OwedKey::Action { number, id } => work.begin_action(*number, id, facts),
    };
    if call.is_some() {
        // Stays owed until its answer is committed: a crash in between finds it again.
        work.changes.settle.clear();
    }
    let mut changes = work.settle();
    if call.is_some() {
        changes.owe.retain(|(owed, _)| owed != key);
    } else {
        let again: BTreeSet<&OwedKey> = changes.owe.iter().map(|(owed, _)| owed).collect();
        if again.contains(key) {
            changes.settle.retain(|settled| settled != key);
        }
    }
    Begin { changes, call }
}

impl Work<'_> {
    /// When to try again after so many failures.
    pub(super) fn later(&self, tries: u32) -> Timestamp {
        let base = i64::try_from(self.context.retry_base_ms).unwrap_or(1000);
        let wait = SignedDuration::from_millis(base.saturating_mul(1 << tries.saturating_sub(1).min(8)));
        self.now.checked_add(wait).unwrap_or(self.now)
    }
}
