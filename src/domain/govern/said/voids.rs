//! What voids a decision after it was made: a right that is gone, a reopening, a new head or base.

use serde_json::json;

use super::voices::Voices;
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::seen::right::Right;
use crate::domain::govern::settle::Work;
use crate::domain::ids::{PrNumber, Timestamp};
use crate::domain::policy;
use crate::domain::unit::{Decision, DecisionKind, Unit, Void};

impl Work<'_> {
    /// Those who confirmed as they are now: a decision by somebody who may no longer confirm does not count.
    pub(in crate::domain::govern) fn renew_rights(&mut self, number: PrNumber, facts: &Facts) {
        let now = self.now;
        self.take_people(number, facts);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        for decision in unit.decisions.iter_mut().filter(|decision| decision.void.is_none()) {
            if let Ok(right) = right(facts, &decision.actor.login) {
                (decision.right, decision.right_at) = (right, now);
            }
        }
        let Some(unit) = self.state.unit(number) else { return };
        let voices = Voices::of(self.state, unit, self.context);
        let gone = |decision: &&Decision| {
            let review = decision.kind == DecisionKind::Approve;
            voices.may(&decision.actor.login, review) == policy::Verdict::Unmet
        };
        let lost: Vec<String> = unit.confirms().filter(gone).map(|decision| decision.actor.login.clone()).collect();
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let confirms = |decision: &&mut Decision| {
            decision.void.is_none() && matches!(decision.kind, DecisionKind::Confirm | DecisionKind::Approve)
        };
        for decision in unit.decisions.iter_mut().filter(confirms) {
            if lost.contains(&decision.actor.login) {
                decision.void = Some(Void::RightLost);
            }
        }
        for login in lost {
            self.record(number, "github", "right_lost", json!({ "login": login }));
        }
        self.touch(number);
    }

    /// It was reopened at `at`, though nobody may have told that it was closed: what was confirmed before does not count, also where it is
    /// heard of only now.
    pub(in crate::domain::govern) fn reopened(&mut self, number: PrNumber, at: Timestamp) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.reopened_at = unit.reopened_at.max(Some(at));
        let before = |decision: &&mut Decision| decision.void.is_none() && decision.at < at;
        for decision in unit.decisions.iter_mut().filter(before) {
            if matches!(decision.kind, DecisionKind::Confirm | DecisionKind::Approve) {
                decision.void = Some(Void::Reopened);
            }
        }
        self.touch(number);
    }

    /// Everybody's confirm is void.
    pub(in crate::domain::govern) fn void_confirms(&mut self, number: PrNumber, why: &Void) {
        if let Some(unit) = self.state.units.get_mut(&number) {
            void(unit, why, |kind| matches!(kind, DecisionKind::Confirm | DecisionKind::Approve));
        }
        self.touch(number);
    }
}

pub(in crate::domain::govern) fn right(facts: &Facts, login: &str) -> Result<Right, String> {
    match facts.get(&Need::Permission(login.to_owned())) {
        Some(Fact::Permission(permission)) => Ok(permission.right),
        Some(Fact::Unknown(unknown)) => Err(unknown.because.clone()),
        Some(_) | None => Err("it was not read".to_owned()),
    }
}

/// Voids every decision that counts and is of such a kind.
pub(in crate::domain::govern) fn void(unit: &mut Unit, why: &Void, which: impl Fn(&DecisionKind) -> bool) {
    for decision in unit.decisions.iter_mut().filter(|decision| decision.void.is_none() && which(&decision.kind)) {
        decision.void = Some(why.clone());
    }
}
