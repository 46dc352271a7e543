//! Who may decide about a unit by the policy in force, and whose word counts.

use jiff::SignedDuration;

use crate::domain::govern::context::Context;
use crate::domain::govern::seen::event::{Actor, ActorKind};
use crate::domain::govern::seen::facts::Need;
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy::facts::UnitFacts;
use crate::domain::policy::file::Who;
use crate::domain::policy::{self, ConfirmRequirement, Verdict};
use crate::domain::unit::{Decision, DecisionKind, Unit};

/// What it takes to confirm a unit, and what is known of the people around it.
pub(super) struct Voices {
    pub(in crate::domain::govern) facts: UnitFacts,
    asked: Vec<ConfirmRequirement>,
    lift: ConfirmRequirement,
}

impl Voices {
    pub(in crate::domain::govern) fn of(state: &State, unit: &Unit, context: &Context) -> Self {
        // Who somebody is does not depend on the hour.
        let at = unit.decisions.last().map_or(unit.opened_at, |decision| decision.at);
        let policy = state.policy_of(context, &unit.base.branch);
        let by = policy.settings(&unit.base.branch).lift.clone();
        Self {
            facts: state.facts_of(unit, context, at),
            asked: policy.standard.confirms(&unit.base.branch),
            lift: ConfirmRequirement { by, each: Vec::new(), count: 1, author: true, reviews: true },
        }
    }

    /// Whether a confirm by this person may count for anything that the policy asks of any unit on this base.
    pub(in crate::domain::govern) fn may(&self, login: &str, review: bool) -> Verdict {
        Verdict::any(self.asked.iter().map(|one| policy::may_confirm(one, login, review, &self.facts).verdict))
    }

    /// Whether this person may lift what others set.
    pub(super) fn may_lift(&self, login: &str) -> Verdict {
        policy::may_confirm(&self.lift, login, false, &self.facts).verdict
    }
}

/// Decisions of different people that may count as confirms; whether they are enough, the policy's requirements say.
pub(in crate::domain::govern) fn counting<'a>(state: &State, unit: &'a Unit, context: &Context) -> Vec<&'a Decision> {
    let mut counted: Vec<&Decision> = Vec::new();
    if unit.confirms().next().is_none() {
        return counted;
    }
    let voices = Voices::of(state, unit, context);
    for decision in unit.confirms() {
        let review = decision.kind == DecisionKind::Approve;
        let known = counted.iter().any(|other| other.actor.id == decision.actor.id);
        if !known && voices.may(&decision.actor.login, review) == Verdict::Met {
            counted.push(decision);
        }
    }
    counted
}

/// What must be read again so that those who confirmed are known as they are now: their rights, and the memberships that were asked.
pub(in crate::domain::govern) fn renewals(
    state: &State,
    unit: &Unit,
    context: &Context,
    now: Timestamp,
    lasts: SignedDuration,
) -> Vec<Need> {
    let mut needs = Vec::new();
    for decision in counting(state, unit, context) {
        let login = &decision.actor.login;
        if now.duration_since(decision.right_at) > lasts {
            needs.push(Need::Permission(login.clone()));
        }
        let known = unit.people.get(&login.to_ascii_lowercase());
        let old = known.into_iter().flat_map(|person| &person.teams);
        let old = old.filter(|(_, membership)| now.duration_since(membership.at) > lasts);
        needs.extend(old.map(|(team, _)| Need::Member { team: team.clone(), login: login.clone() }));
    }
    needs
}

/// Whether what somebody writes is heard: people, and bots that the policy names.
pub(in crate::domain::govern) fn is_heard(state: &State, context: &Context, actor: &Actor) -> bool {
    let named = |who: &Who| matches!(who, Who::User(login) if login.eq_ignore_ascii_case(&actor.login));
    actor.kind == ActorKind::Human
        || actor.login != context.app.bot_login
            && state.policies(context).any(|one| one.standard.everybody().any(named))
}

impl Work<'_> {
    /// Somebody may speak under a new login: what they did before, under another one, stays theirs. The id tells.
    pub(super) fn recognise(&mut self, number: PrNumber, actor: &Actor) {
        let Some(unit) = self.state.units.get_mut(&number).filter(|_| actor.id.0 != 0) else { return };
        let decided = unit.decisions.iter_mut().map(|decision| &mut decision.actor);
        let reviewed = unit.reviews.iter_mut().map(|review| &mut review.author);
        let all = unit.author.iter_mut().chain(decided).chain(reviewed);
        for known in all.filter(|known| known.id == actor.id && known.login != actor.login) {
            known.login.clone_from(&actor.login);
            self.changes.units.insert(number);
        }
    }
}
