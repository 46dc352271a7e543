//! Grants: success on a head, given to one of several related units at a time.

use jiff::SignedDuration;

use super::context::Context;
use super::event::Seen;
use super::facts::Right;
use super::judge::{evidence_for, required};
use super::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::unit::Unit;

/// A unit that an enforced kind of collision keeps apart from another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rival {
    /// Which.
    pub number: PrNumber,
    /// Whether it must land, or let go, before the other may have a grant.
    pub in_the_way: bool,
    /// Why it is first, as the rest of a sentence.
    pub why: &'static str,
}

/// The units that are kept apart from this one, by number.
pub(super) fn rivals(state: &State, unit: &Unit, context: &Context) -> Vec<Rival> {
    let near = state.relations.enforced(unit.number, &context.policy.order.enforce);
    near.into_iter().filter_map(|number| state.unit(number)).map(|other| rival(state, unit, other, context)).collect()
}

fn rival(state: &State, unit: &Unit, other: &Unit, context: &Context) -> Rival {
    let stands = |in_the_way, why| Rival { number: other.number, in_the_way, why };
    if holds(state, other) {
        return stands(true, "it holds the permission to land");
    }
    if !is_live(state, other, context) {
        return stands(false, "it does not hold others back");
    }
    match precedence(state, other, context).cmp(&precedence(state, unit, context)) {
        std::cmp::Ordering::Less => {
            stands(true, if is_confirmed(other, context) { "it was confirmed first" } else { "it was opened first" })
        }
        std::cmp::Ordering::Equal | std::cmp::Ordering::Greater => stands(false, "it comes later"),
    }
}

/// Smaller lands first: ready units whose patience ran out, then in the order of opening.
fn precedence(state: &State, unit: &Unit, context: &Context) -> (bool, PrNumber) {
    let tired = |now: Timestamp, since: Timestamp| now.duration_since(since) >= context.policy.patience();
    let waited = unit.ready_since.zip(state.judged_at()).is_some_and(|(since, now)| tired(now, since));
    (!waited, unit.number)
}

fn is_confirmed(unit: &Unit, context: &Context) -> bool {
    super::judge::counting(unit, context).len() >= context.policy.confirm.count
}

/// Whether GitHub may let this unit land now: it has a grant, or a success on its head is out there, or its merge is on its way.
pub(super) fn holds(state: &State, unit: &Unit) -> bool {
    unit.is_open()
        && (unit.grant.is_some()
            || unit.is_landing()
            || state.checks.get(&unit.head.sha).is_some_and(|check| check.may_pass()))
}

/// Whether any other open unit on the same base may land now.
pub(super) fn others_hold(state: &State, unit: &Unit) -> bool {
    let others = state.units().filter(|other| other.number != unit.number && other.base.branch == unit.base.branch);
    others.into_iter().any(|other| holds(state, other))
}

/// Whether a unit may hold others back (DESIGN, section 4): no stranger can jam a repository.
fn is_live(state: &State, unit: &Unit, context: &Context) -> bool {
    let now = state.judged_at().unwrap_or(Timestamp::MIN);
    let failing = || {
        let checks = required(state, unit, context.app.app_id);
        checks.iter().any(|check| evidence_for(unit, check).is_some_and(|evidence| evidence.state == Seen::Failing))
    };
    let trusted = !unit.is_fork(state.id())
        || unit.author_right.is_some_and(|right| right >= Right::Write)
        || unit.confirms().any(|decision| decision.right >= Right::Write);
    unit.is_open()
        && !unit.draft
        && unit.stopped_by(now).is_none()
        && unit.mergeable != super::Mergeable::Conflicting
        && unit.footprint.state.is_known()
        && trusted
        && state.governs(&unit.base.branch) == Some(true)
        && !failing()
}

/// How long until a ready unit's patience with those ahead runs out.
pub(super) fn patience_ends(unit: &Unit, patience: SignedDuration) -> Option<Timestamp> {
    unit.ready_since.and_then(|since| since.checked_add(patience).ok())
}
