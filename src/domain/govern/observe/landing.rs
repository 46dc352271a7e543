//! The end of a unit: it landed or was closed, and what that means for the others.

use crate::domain::govern::aftermath::NEWEST;
use crate::domain::govern::owed::ActionCall;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::seen::event::Actor;
use crate::domain::govern::settle::{Work, doubt_mergeable};
use crate::domain::govern::state::depends;
use crate::domain::govern::state::repo::Landing;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::integration::carry::{carry, is_concerned};
use crate::domain::integration::footprint::Footprint;
use crate::domain::unit::Ending;

/// How many landings are remembered for freshness.
const LANDINGS: usize = 300;
/// How many ended units are remembered for dependencies.
const ENDED: usize = 2000;

impl Work<'_> {
    /// A unit ended: it landed, or was closed.
    pub(in crate::domain::govern) fn end(
        &mut self,
        number: PrNumber,
        state: PullState,
        commit: Option<&CommitSha>,
        by: Option<&Actor>,
        at: Option<Timestamp>,
    ) {
        let now = self.now;
        let landed = state == PullState::Merged;
        let Some(words) = self.last_words(number, commit, landed) else { return };
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        unit.state = state;
        let by = by.map(|actor| actor.login.clone());
        unit.ending = Some(Ending { at: at.unwrap_or(now), by: by.clone(), commit: commit.cloned() });
        unit.grant = None;
        unit.ledger.retain(|_, entry| {
            !entry.lands() && !matches!(entry.call, ActionCall::Dequeue { .. } | ActionCall::DisableAutoMerge { .. })
        });
        let (base, footprint) = (unit.base.branch.clone(), unit.footprint.clone());
        let landing = Landing { at: at.unwrap_or(now), ..Landing::of(unit, commit, now) };
        (unit.queued, unit.auto_merge) = (None, None);
        self.state.repo.ended.insert(number, landed);
        while self.state.repo.ended.len() > ENDED {
            self.state.repo.ended.pop_first();
        }
        self.changes.repo = true;
        self.note_record(number, state);
        self.note_facts(number);
        let near = self.state.relations.enforced(number, &self.state.policy(self.context).enforced());
        let dependents = depends::dependents(self.state, number);
        self.state.relations.remove(number);
        let kind = if landed { "landed" } else { "withdrawn" };
        self.record(number, by.as_deref().unwrap_or("github"), kind, words);
        if landed {
            let at = landing.at;
            self.watch_landing(number, &landing);
            self.state.repo.landings.push(landing);
            self.doubt_attributes(&footprint);
            self.carry_across(&base, &footprint);
            self.doubt_merges(&base, &footprint);
            for other in &near {
                self.note_landed_beside(*other, number);
                if let Some(other) = self.state.units.get_mut(other) {
                    other.landed_beside.push((number, at));
                    let surplus = other.landed_beside.len().saturating_sub(50);
                    other.landed_beside.drain(..surplus);
                }
            }
            // What no push told of is not compared any more.
            let old = self.state.repo.landings.len().saturating_sub(NEWEST);
            for landing in self.state.repo.landings[..old].iter_mut().filter_map(|landing| landing.edits.as_mut()) {
                landing.forget_parts();
            }
            let surplus = self.state.repo.landings.len().saturating_sub(LANDINGS);
            self.state.repo.landings.drain(..surplus);
        }
        for other in near {
            if let Some(other) = self.state.units.get_mut(&other).filter(|_| landed) {
                doubt_mergeable(other, now);
            }
            self.touch(other);
        }
        for (other, _) in dependents {
            self.touch(other);
        }
        self.tell_reverting(number, state);
        self.tell_those_who_wait(number);
        self.touch(number);
    }
}

impl Work<'_> {
    /// The footprints of open units stay in the coordinates of their base: they are carried across what landed.
    fn carry_across(&mut self, base: &str, landed: &Footprint) {
        for number in self.state.relations.sharing(base, landed) {
            let Some(unit) = self.state.units.get_mut(&number).filter(|unit| is_concerned(&unit.footprint, landed))
            else {
                continue;
            };
            unit.footprint = carry(&unit.footprint, landed).footprint;
            self.state.relations.put(unit);
            self.changes.units.insert(number);
        }
    }
}
