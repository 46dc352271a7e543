//! Grants: success on a head, given to one of several related units at a time.

use std::cell::LazyCell;
use std::ops::Deref;

use jiff::SignedDuration;

use super::precedence::{Order, order_around, score};
use super::{evidence_for, required};
use crate::domain::govern::context::Context;
use crate::domain::govern::said::voices;
use crate::domain::govern::seen::Seen;
use crate::domain::govern::seen::right::Right;
use crate::domain::govern::seen::snapshot::Mergeable;
use crate::domain::govern::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::integration::collision::Kind;
use crate::domain::unit::Unit;

/// A unit that an enforced kind of collision keeps apart from another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain::govern) struct Rival {
    /// Which.
    pub number: PrNumber,
    /// By which kind, the strongest.
    pub kind: Kind,
    /// The hot place where they clash, with many others: it stands for all of them.
    pub crowd: Option<String>,
    /// Whether it must land, or let go, before the other may have a grant.
    pub in_the_way: bool,
    /// Why it is first, as the rest of a sentence.
    pub why: &'static str,
}

/// How many of those next in line in a hot place are looked at when one of its members changes.
const NEXT: usize = 3;

/// The units that are kept apart from this one, by number; of each hot place only the one that lands first.
pub(in crate::domain::govern) fn rivals(state: &State, unit: &Unit, context: &Context) -> Vec<Rival> {
    let kinds = state.policy(context).enforced();
    let mut pairs: Vec<(&Unit, Kind)> = Vec::new();
    for (number, ties) in state.relations.ties(unit.number, &kinds) {
        let (Some(other), Some(kind)) = (state.unit(number), ties.map(|tie| tie.kind).min()) else { continue };
        pairs.push((other, kind));
    }
    let crowds = state.relations.crowds(unit.number, &kinds);
    if pairs.is_empty() && crowds.is_empty() {
        return Vec::new();
    }
    // Asked for only where neither holds a grant and both are live.
    let order = LazyCell::new(|| order_around(state, unit, context, &kinds));
    let mut found: Vec<Rival> =
        pairs.into_iter().map(|(other, kind)| rival(state, unit, (other, kind), context, &order)).collect();
    for crowd in crowds {
        let members: Vec<&Unit> = crowd.members.iter().filter_map(|number| state.unit(*number)).collect();
        let holder = members.iter().find(|other| holds(state, other)).copied();
        let first = || line(state, &members, context, &kinds).into_iter().next();
        let Some(first) = holder.or_else(first) else { continue };
        let rival = rival(state, unit, (first, crowd.kind), context, &order);
        found.push(Rival { crowd: Some(crowd.path), ..rival });
    }
    found
}

/// The live ones among the members of a hot place, first to land first.
fn line<'a>(state: &State, members: &[&'a Unit], context: &Context, kinds: &[Kind]) -> Vec<&'a Unit> {
    let mut line: Vec<_> = members
        .iter()
        .filter(|member| is_live(state, member, context))
        .map(|member| (score(state, member, context, kinds), *member))
        .collect();
    line.sort_by_key(|(score, _)| *score);
    line.into_iter().map(|(_, member)| member).collect()
}

/// Those in the hot places of a unit who may be next: what happened to it concerns them, and not yet the rest.
pub(in crate::domain::govern) fn next_in_crowds(
    state: &State,
    number: PrNumber,
    context: &Context,
    kinds: &[Kind],
) -> Vec<PrNumber> {
    let mut next = Vec::new();
    for crowd in state.relations.crowds(number, kinds) {
        let members: Vec<&Unit> = crowd.members.iter().filter_map(|number| state.unit(*number)).collect();
        let holders = members.iter().filter(|other| holds(state, other)).copied();
        next.extend(
            holders.chain(line(state, &members, context, kinds).into_iter().take(NEXT)).map(|unit| unit.number),
        );
    }
    next
}

fn rival(
    state: &State,
    unit: &Unit,
    (other, kind): (&Unit, Kind),
    context: &Context,
    order: &impl Deref<Target = Order>,
) -> Rival {
    let stands = |in_the_way, why| Rival { number: other.number, kind, crowd: None, in_the_way, why };
    if holds(state, other) {
        return stands(true, "it holds the permission to land");
    }
    if !is_live(state, other, context) {
        return stands(false, "it does not hold others back");
    }
    if !order.is_before(state, other, unit, context, &state.policy(context).enforced()) {
        return stands(false, "it comes later");
    }
    let why = match other.number < unit.number {
        _ if is_confirmed(state, other, context) && !is_confirmed(state, unit, context) => "it was confirmed first",
        true => "it was opened first",
        false => "less has to be redone that way",
    };
    stands(true, why)
}

pub(in crate::domain::govern) fn is_confirmed(state: &State, unit: &Unit, context: &Context) -> bool {
    voices::counting(state, unit, context).len() >= state.policy_of(context, &unit.base.branch).confirm.count
}

/// Whether GitHub may let this unit land now: it has a grant, or a success on its head is out there, or its merge is on its way.
pub(in crate::domain::govern) fn holds(state: &State, unit: &Unit) -> bool {
    unit.is_open()
        && (unit.grant.is_some()
            || unit.is_landing()
            || state.checks.get(&unit.head.sha).is_some_and(|check| check.may_pass()))
}

/// Whether any other open unit on the same base may land now.
pub(in crate::domain::govern) fn others_hold(state: &State, unit: &Unit) -> bool {
    let others = state.relations.on_base(&unit.base.branch).filter(|number| *number != unit.number);
    others.filter_map(|number| state.unit(number)).any(|other| holds(state, other))
}

/// Whether a unit may hold others back (DESIGN, section 4): no stranger can jam a repository.
pub(in crate::domain::govern) fn is_live(state: &State, unit: &Unit, context: &Context) -> bool {
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
        && unit.mergeable != Mergeable::Conflicting
        && unit.footprint.state.is_known()
        && trusted
        && state.governs(&unit.base.branch) == Some(true)
        && !failing()
}

/// How long until a ready unit's patience with those ahead runs out.
pub(in crate::domain::govern) fn patience_ends(unit: &Unit, patience: SignedDuration) -> Option<Timestamp> {
    unit.ready_since.and_then(|since| since.checked_add(patience).ok())
}
