//! Sends actions of the ledger: each is judged again with what is so now, put off, or closed.

use jiff::SignedDuration;
use serde_json::json;

use crate::domain::govern::context::Context;
use crate::domain::govern::judge::judge;
use crate::domain::govern::needs::snapshot;
use crate::domain::govern::owed::{ActionCall, Call, OwedKey};
use crate::domain::govern::seen::facts::{Fact, Facts, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{CheckSurface, Phase, Recheck, Unit};

impl Work<'_> {
    pub(super) fn begin_action(&mut self, number: PrNumber, id: &str, facts: &Facts) -> Option<Call> {
        let now = self.now;
        if let Some(read) = snapshot(facts, number) {
            let read = read.clone();
            let mut only = Facts::none();
            only.insert(Need::Snapshot(number), Fact::Snapshot(Box::new(read)));
            self.take_facts(&only);
            self.read_new_head(number);
        }
        let entry = self.state.unit(number)?.ledger.get(id)?.clone();
        if entry.expires <= now {
            self.close(number, id, "expired", "it was not done in time");
            return None;
        }
        match &entry.call {
            ActionCall::Merge { sha, .. } => self.renew_and_check(number, id, sha, facts)?,
            ActionCall::Enqueue { sha, .. } => {
                if self.state.unit(number)?.queued.is_some() {
                    self.close(number, id, "done", "GitHub's queue has it");
                    return None;
                }
                self.renew_and_check(number, id, sha, facts)?;
            }
            ActionCall::Dequeue { .. } => {
                if self.state.unit(number)?.queued.is_none() {
                    self.close(number, id, "done", "GitHub's queue does not have it");
                    return None;
                }
            }
            ActionCall::Reply { body, .. } if entry.phase == Phase::Unknown => {
                let Some(Fact::OurComments(comments)) = facts.get(&Need::OurComments(number)) else {
                    self.put_off(number, id);
                    return None;
                };
                // Every reply ends with the hidden marker that names what it answers.
                let marker = body.lines().last().unwrap_or_default();
                if comments.iter().any(|comment| comment.body.contains(marker)) {
                    self.close(number, id, "done", "it had arrived");
                    return None;
                }
            }
            ActionCall::UpdateBranch { expected_head, .. } => self.begin_update(number, id, expected_head, facts)?,
            ActionCall::Propose(_) => self.begin_proposal(number, id, facts)?,
            ActionCall::EnableAutoMerge { sha, .. } => {
                if self.state.unit(number)?.auto_merge.is_some() {
                    self.close(number, id, "done", "auto-merge is on");
                    return None;
                }
                self.renew_and_check(number, id, sha, facts)?;
            }
            ActionCall::DisableAutoMerge { .. } => self.begin_disarm(number, id)?,
            ActionCall::Label { .. } => self.begin_label(number, id, facts)?,
            ActionCall::Revert { .. } => self.begin_revert(number, id, facts)?,
            ActionCall::RequestReview { .. } | ActionCall::React { .. } | ActionCall::Reply { .. } => {}
        }
        let call = self.worded(number, self.state.unit(number)?.ledger.get(id)?.call.clone());
        let unit = self.state.units.get_mut(&number)?;
        let entry = unit.ledger.get_mut(id)?;
        entry.call = call;
        entry.phase = Phase::InFlight;
        entry.tries += 1;
        self.changes.units.insert(number);
        Some(Call::Action(entry.call.clone()))
    }

    /// A head that only this read showed has files nobody read yet.
    fn read_new_head(&mut self, number: PrNumber) {
        let again_at = self.now.checked_add(SignedDuration::from_secs(1)).unwrap_or(self.now);
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        if unit.is_open() && unit.footprint_of.as_ref() != Some(&unit.head.sha) {
            unit.recheck = Some(Recheck { tries: 0, again_at });
        }
    }

    /// A merge is judged again with what is so now; `None` where it must not go out.
    fn renew_and_check(&mut self, number: PrNumber, id: &str, sha: &CommitSha, facts: &Facts) -> Option<()> {
        if snapshot(facts, number).is_none() {
            self.put_off(number, id);
            return None;
        }
        self.renew_rights(number, facts);
        let unit = self.state.unit(number)?;
        let right = unit.is_open()
            && unit.head.sha == *sha
            && unit.grant.as_ref().is_some_and(|grant| grant.sha == *sha)
            && !unit.draft
            && judged_ready(self.state, unit, self.context, self.now)
            && self.state.checks.get(sha).is_some_and(CheckSurface::is_granted);
        if !right {
            self.close(number, id, "withdrawn", "what it rested on no longer holds");
            return None;
        }
        Some(())
    }

    /// Facts could not be read: the action keeps its place and is tried later.
    pub(in crate::domain::govern) fn put_off(&mut self, number: PrNumber, id: &str) {
        let Some(entry) = self.state.units.get_mut(&number).and_then(|unit| unit.ledger.get_mut(id)) else { return };
        entry.tries += 1;
        let tries = entry.tries;
        let at = self.later(tries);
        self.changes.owe.push((OwedKey::Action { number, id: id.to_owned() }, at));
        self.changes.units.insert(number);
    }

    /// Closes a ledger entry.
    pub(in crate::domain::govern) fn close(&mut self, number: PrNumber, id: &str, how: &str, why: &str) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let Some(entry) = unit.ledger.remove(id) else { return };
        if !matches!(entry.call, ActionCall::React { .. } | ActionCall::Label { .. }) {
            self.record(number, "flyball", "action_closed", json!({ "id": id, "how": how, "why": why }));
        }
        self.touch(number);
    }
}

fn judged_ready(state: &State, unit: &Unit, context: &Context, now: Timestamp) -> bool {
    let mut still = unit.clone();
    // Its own ledger entry does not count against it.
    still.ledger.clear();
    judge(state, &still, context, now).ready
}
