//! Brings a branch up to date where only stale evidence keeps a confirmed unit back, and carries the confirm over to the updated head.

use jiff::SignedDuration;
use serde_json::json;

use super::{ActionCall, Fault};
use crate::domain::govern::needs::snapshot;
use crate::domain::govern::said::voices::counting;
use crate::domain::govern::seen::facts::Facts;
use crate::domain::govern::settle::Work;
use crate::domain::govern::views::brief;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{Brief, Carry, DecisionKind, Phase, Recheck, Unit, Update, Void};

/// GitHub updates in the background: after so long without a new head it is asked again.
pub(super) const UPDATE_LASTS: SignedDuration = SignedDuration::from_mins(10);

impl Work<'_> {
    /// An update is owed once somebody confirmed and only stale evidence is left: one run of CI, spent where it matters.
    pub(in crate::domain::govern) fn want_update(&mut self, number: PrNumber, brief: &Brief) {
        let Some(unit) = self.state.unit(number) else { return };
        let id = format!("update:{}", unit.head.sha.twelve());
        let asked = unit
            .update
            .as_ref()
            .is_some_and(|update| update.from == unit.head.sha && self.now.duration_since(update.at) < UPDATE_LASTS);
        if asked || unit.trouble.is_some() || unit.ledger.contains_key(&id) || !brief.is_only_stale() {
            return;
        }
        let confirms = counting(self.state, unit, self.context);
        let confirm = confirms.iter().find(|decision| decision.kind == DecisionKind::Confirm);
        let observes = self.state.observes(unit, self.context);
        let Some(by) = confirm.map(|decision| decision.actor.login.clone()).filter(|_| !observes) else { return };
        let call = ActionCall::UpdateBranch { number, expected_head: unit.head.sha.clone() };
        self.act(number, id, call, format!("confirmed by {by}"), by);
    }

    /// Judged again at the moment of sending; `None` where the update must not go out.
    pub(in crate::domain::govern) fn begin_update(
        &mut self,
        number: PrNumber,
        id: &str,
        from: &CommitSha,
        facts: &Facts,
    ) -> Option<()> {
        let now = self.now;
        if snapshot(facts, number).is_none() {
            self.put_off(number, id);
            return None;
        }
        self.renew_rights(number, facts);
        let unit = self.state.unit(number)?;
        if unit.head.sha != *from {
            let arrived = unit.ledger.get(id).is_some_and(|entry| entry.phase == Phase::Unknown);
            let (how, why) =
                if arrived { ("done", "the head has moved on") } else { ("withdrawn", "the head moved meanwhile") };
            self.close(number, id, how, why);
            return None;
        }
        let brief = brief::brief_of(self.state, self.context, unit, now);
        if !brief.is_only_stale() || counting(self.state, unit, self.context).is_empty() {
            self.close(number, id, "withdrawn", "what it rested on no longer holds");
            return None;
        }
        self.state.units.get_mut(&number)?.update = Some(Update { from: from.clone(), at: now });
        Some(())
    }

    /// GitHub does not update the branch: somebody else has to, and is told so in its words.
    pub(super) fn update_refused(&mut self, number: PrNumber, fault: Fault, message: &str) {
        let again_at = self.now.checked_add(SignedDuration::from_secs(1)).unwrap_or(self.now);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.update = None;
        unit.recheck.get_or_insert(Recheck { tries: 0, again_at });
        let base = &unit.base.branch;
        let next = match fault {
            Fault::HeadMoved => return,
            Fault::Forbidden => format!(
                "The App may not push there (a fork that does not allow edits by maintainers, or a change to a workflow): its author merges `{base}` into it."
            ),
            Fault::Transient
            | Fault::NotAllowed
            | Fault::Invalid
            | Fault::Gone
            | Fault::Unauthorised
            | Fault::NothingToWaitFor
            | Fault::Limited { .. } => format!("Its author merges `{base}` into it, or `/retry` asks again."),
        };
        let said: String = message.chars().filter(|c| !c.is_control()).take(200).collect();
        unit.trouble = Some(format!("GitHub did not bring the branch up to date: \"{said}\" {next}"));
    }

    /// Gives confirms back that a new head voided, where that head provably carries the same change, and either is the update that
    /// Flyball asked for (its first parent is the confirmed commit, and it merges one other) or the policy keeps confirms on such
    /// heads (DESIGN, section 5.4).
    pub(in crate::domain::govern) fn carry_confirms(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        let Some(Carry { from, content, update }) = unit.carry.clone() else { return };
        let Some(now_content) = &unit.content else { return };
        let same = *now_content == content;
        let kept = same && self.state.evaluate(unit, self.context, self.now).keep_same_content;
        if same && update && !kept && unit.head.parents.is_empty() {
            return;
        }
        let updated = matches!(unit.head.parents.as_slice(), [first, _] if update && *first == from);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.carry = None;
        if !same || !kept && !updated {
            return;
        }
        let to = unit.head.sha.clone();
        let voided =
            unit.decisions.iter_mut().filter(|decision| decision.void == Some(Void::Pushed) && decision.sha == from);
        let mut carried = Vec::new();
        for decision in voided {
            decision.void = None;
            decision.carried_from = Some(std::mem::replace(&mut decision.sha, to.clone()));
            carried.push(decision.actor.login.clone());
        }
        if !carried.is_empty() {
            self.record(
                number,
                "flyball",
                "confirms_carried",
                json!({ "from": from, "to": to, "by": carried, "update": updated }),
            );
        }
    }
}

/// What a new head may inherit, taken before the old one is forgotten.
pub(in crate::domain::govern) fn carry_from(unit: &mut Unit, before: &CommitSha) -> Option<Carry> {
    let content = unit.content.take();
    let update = unit.update.take().is_some_and(|update| update.from == *before);
    Some(Carry { from: before.clone(), content: content?, update })
}

/// When the update is asked for again, should no new head come.
pub(super) fn update_ends(unit: &Unit) -> Option<Timestamp> {
    let update = unit.update.as_ref().filter(|update| update.from == unit.head.sha)?;
    update.at.checked_add(UPDATE_LASTS).ok()
}
