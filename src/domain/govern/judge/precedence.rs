//! Who lands first among units that are kept apart: the plan's own order, asked for one component at a time.
//!
//! Small components are put in the order of least rework. In large ones each unit stands by its own score, so that two units can be
//! compared without looking at the rest; [`Pains::QUICK`] says where that begins. `/plan` asks the same question about all of them.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::grant::{holds, is_live, patience_ends};
use crate::domain::govern::context::Context;
use crate::domain::govern::seen::{ReviewState, Seen};
use crate::domain::govern::state::State;
use crate::domain::govern::state::depends;
use crate::domain::govern::state::relations::Tie;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::integration::collision::Kind;
use crate::domain::integration::order::{Candidate, Clash, Crowd, Need, Pains, Plan, Question};
use crate::domain::unit::Unit;

/// Where a unit stands among those it has to do with; comparable only within one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::domain::govern) enum Order {
    /// The whole component's plan.
    Solved(Arc<Plan<PrNumber>>),
    /// It is too large for that: the unit's own score.
    ByScore(Score),
}

/// The order of the component that a unit is in.
pub(super) fn order_around(state: &State, unit: &Unit, context: &Context, kinds: &[Kind]) -> Order {
    match component(state, unit, kinds) {
        Some(members) => {
            let candidates = members.iter().filter_map(|number| state.unit(*number)).collect::<Vec<_>>();
            Order::Solved(state.relations.sequences.plan(question(state, &candidates, context, kinds)))
        }
        None => Order::ByScore(score(state, unit, context, kinds)),
    }
}

impl Order {
    /// Whether `other` lands before `unit`.
    pub(super) fn is_before(
        &self,
        state: &State,
        other: &Unit,
        unit: &Unit,
        context: &Context,
        kinds: &[Kind],
    ) -> bool {
        match self {
            Self::Solved(plan) => {
                let place = |number| plan.order.iter().position(|position| position.unit == number);
                (place(other.number), other.number) < (place(unit.number), unit.number)
            }
            Self::ByScore(mine) => score(state, other, context, kinds) < *mine,
        }
    }
}

/// A unit's place by its own score; smaller lands first.
pub(super) type Score = (bool, Reverse<i64>, i64, PrNumber);

/// The score of a unit, from itself and its ties alone: as the plan scores the members of a large component.
pub(in crate::domain::govern) fn score(state: &State, unit: &Unit, context: &Context, kinds: &[Kind]) -> Score {
    let (lines, others) = state.relations.sum(unit.number, kinds);
    let candidate = candidate(state, unit, context);
    let standing = i64::try_from(candidate.standing_cost()).unwrap_or(i64::MAX);
    let cost = lines.saturating_sub(others.saturating_mul(standing));
    (!is_overdue(state, unit, context), Reverse(candidate.priority), cost, unit.number)
}

/// The open units tied to this one, directly or by way of others, where they are few; `None` where they are many.
fn component(state: &State, unit: &Unit, kinds: &[Kind]) -> Option<BTreeSet<PrNumber>> {
    let mut members = BTreeSet::from([unit.number]);
    let mut open = vec![unit.number];
    while let Some(number) = open.pop() {
        let mut near: BTreeSet<PrNumber> = state.relations.ties(number, kinds).map(|(other, _)| other).collect();
        if near.len() >= Pains::QUICK.searched {
            return None;
        }
        near.extend(depends::neighbours(state, number));
        for other in near {
            let here = state.unit(other).is_some_and(|other| other.is_open() && other.base.branch == unit.base.branch);
            if here && members.insert(other) {
                open.push(other);
            }
        }
        if members.len() > Pains::QUICK.searched {
            return None;
        }
    }
    members.iter().all(|number| state.relations.crowds(*number, kinds).is_empty()).then_some(members)
}

/// What an order of these units is made from.
pub(in crate::domain::govern) fn question(
    state: &State,
    units: &[&Unit],
    context: &Context,
    kinds: &[Kind],
) -> Question<PrNumber> {
    let inside: BTreeSet<PrNumber> = units.iter().map(|unit| unit.number).collect();
    let mut question = Question { pains: Pains::QUICK, ..Question::default() };
    for unit in units {
        question.candidates.push(Candidate {
            live: holds(state, unit) || is_live(state, unit, context),
            holds_grant: holds(state, unit),
            overdue: is_overdue(state, unit, context),
            ..candidate(state, unit, context)
        });
        let needed = depends::dependencies(state, unit).into_iter().filter_map(|dependency| dependency.number);
        question
            .needs
            .extend(needed.filter(|needed| inside.contains(needed)).map(|needs| Need { unit: unit.number, needs }));
        for (other, ties) in state.relations.ties(unit.number, kinds).filter(|(other, _)| *other > unit.number) {
            let clash = |tie: Tie| Clash { a: unit.number, b: other, lines_a: tie.mine, lines_b: tie.theirs };
            question.clashes.extend(ties.map(clash));
        }
    }
    question
}

/// The hot places of a base, for the order of all of its units.
pub(in crate::domain::govern) fn crowds(state: &State, base: &str, kinds: &[Kind]) -> Vec<Crowd<PrNumber>> {
    let groups = state.relations.groups(base).into_iter().filter(|group| kinds.contains(&group.kind));
    groups
        .map(|group| Crowd {
            place: group.path,
            members: group.members.into_iter().map(|member| (member, 1)).collect(),
        })
        .collect()
}

/// What of a unit counts for its place, besides grants and liveness. Units come in the order of their numbers: that of opening.
pub(in crate::domain::govern) fn candidate(state: &State, unit: &Unit, context: &Context) -> Candidate<PrNumber> {
    let approvals = unit
        .reviews
        .iter()
        .filter(|review| review.state == ReviewState::Approved && review.commit.as_ref() == Some(&unit.head.sha))
        .count();
    let passing = unit.evidence.iter().filter(|evidence| evidence.state == Seen::Passing);
    let minutes = passing.filter_map(|evidence| Some(evidence.at?.duration_since(evidence.based_at?).as_mins())).max();
    Candidate {
        approvals: u32::try_from(approvals).unwrap_or(u32::MAX),
        priority: priority(state, unit, context),
        evidence_minutes: u32::try_from(minutes.unwrap_or(0).max(0)).unwrap_or(u32::MAX),
        ..Candidate::new(unit.number)
    }
}

/// The level that somebody gave it, else the highest that one of its labels names; 0 where the policy names neither.
fn priority(state: &State, unit: &Unit, context: &Context) -> i64 {
    let levels = &state.policy(context).standard.file.priorities;
    let given = unit.priority.as_ref().and_then(|level| levels.get(level));
    let labelled = || unit.labels.iter().filter_map(|label| levels.get(label)).max();
    given.or_else(labelled).copied().map_or(0, i64::from)
}

pub(in crate::domain::govern) fn is_overdue(state: &State, unit: &Unit, context: &Context) -> bool {
    let now = state.judged_at().unwrap_or(Timestamp::MIN);
    patience_ends(unit, state.policy(context).patience()).is_some_and(|ends| ends <= now)
}
