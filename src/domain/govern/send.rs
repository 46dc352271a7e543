//! Decides, at the moment of sending, whether what is owed is still right, and gives the call.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::json;

use super::brief::brief_of;
use super::changes::Changes;
use super::context::Context;
use super::facts::{Fact, Facts, Need, OurCheck, OurComment};
use super::judge::judge;
use super::needs::snapshot;
use super::ours::{body_digest, may_be_double};
use super::owed::{ActionCall, Call, CallClass, CheckDoc, CheckStatus, Conclusion, OwedKey};
use super::settle::Work;
use super::state::State;
use super::voices::renewals;
use super::want::check_key;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::unit::{CheckSurface, Flight, Kept, Phase, Recheck, Unit};

/// What [`begin`] decided about something that is owed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Begin {
    /// What to commit before the call goes out.
    pub changes: Changes,
    /// The call; none where it is no longer right, or not yet.
    pub call: Option<Call>,
}

/// What stands for the text of a comment that is deleted.
pub(super) const DELETES: &str = "deletes";

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
                    needs.extend(super::propose::needs(proposal, state.repo.default_branch.as_ref()));
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
            let call = state.unit(*number).and_then(|unit| unit.ledger.get(id)).map(|entry| &entry.call);
            if matches!(call, Some(ActionCall::Label { .. })) { CallClass::Comment } else { CallClass::Action }
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
    fn begin_check(&mut self, sha: &CommitSha, facts: &Facts) -> Option<Call> {
        let now = self.now;
        if let Some(Fact::OurChecks(kept)) = facts.get(&Need::OurChecks(sha.clone())) {
            self.adopt_check(sha, kept);
        } else if self.state.checks.get(sha)?.flight.as_ref().is_some_and(|flight| flight.unknown) {
            return self.retry_check(sha);
        }
        if !rights_for_success(self.state, sha, self.context, now).is_empty() {
            let units: Vec<PrNumber> = self.state.units_at(sha).map(|unit| unit.number).collect();
            units.into_iter().for_each(|number| self.renew_rights(number, facts));
        }
        let group = self.state.group(sha, self.context, now);
        if group.is_some() {
            self.want_group(sha);
        } else {
            self.want_check(sha);
        }
        let surface = self.state.checks.get(sha)?;
        if surface.flight.is_some() || !surface.is_owed() || surface.not_before.is_some_and(|at| at > now) {
            return None;
        }
        let conclusion = surface.wanted.conclusion;
        let doc = match group {
            Some(view) => self.context.words.group(&view, &self.external_id(sha)),
            None => self.check_of_units(sha, conclusion).or_else(|| self.introduction_on(sha))?,
        };
        let key = check_key(conclusion, &doc.title, &doc.summary);
        let surface = self.state.checks.get_mut(sha)?;
        surface.wanted = key.clone();
        surface.flight = Some(Flight { key: key.digest, unknown: false, at: now });
        self.changes.checks.insert(sha.clone());
        // A completed run is final: only an incomplete one is changed (FACTS C16).
        let open = surface.kept.as_ref().filter(|kept| kept.status != CheckStatus::Completed).map(|kept| kept.run);
        Some(open.map_or_else(|| Call::CreateCheck(doc.clone()), |run| Call::UpdateCheck { run, doc: doc.clone() }))
    }

    /// The document for the units with this head; none for an old one, by which nobody is judged any more.
    fn check_of_units(&self, sha: &CommitSha, conclusion: Option<Conclusion>) -> Option<CheckDoc> {
        let open = self.briefs_at(sha);
        let briefs = if open.is_empty() { self.briefs_of_head(sha) } else { open };
        let pages = self.context.pages_url.as_deref();
        (!briefs.is_empty()).then(|| self.context.words.check(&briefs, &self.external_id(sha), conclusion, pages))
    }

    fn briefs_of_head(&self, sha: &CommitSha) -> Vec<crate::domain::unit::Brief> {
        let units = self.state.units().filter(|unit| unit.head.sha == *sha);
        units.map(|unit| brief_of(self.state, self.context, unit, self.now)).collect()
    }

    /// What GitHub has is what counts: the newest run of ours.
    pub(super) fn adopt_check(&mut self, sha: &CommitSha, kept: &[OurCheck]) {
        let now = self.now;
        let external = self.external_id(sha);
        let Some(surface) = self.state.checks.get_mut(sha) else { return };
        let flight = surface.flight.take();
        if let Some(newest) = kept.iter().filter(|run| run.external_id == external).max_by_key(|run| run.id) {
            surface.kept = Some(Kept { run: newest.id, status: newest.status, conclusion: newest.conclusion, at: now });
            let arrived = newest.conclusion == surface.wanted.conclusion
                && flight.is_some_and(|flight| flight.key == surface.wanted.digest);
            surface.sent = arrived.then(|| surface.wanted.clone());
        } else {
            surface.kept = None;
            surface.sent = None;
        }
        self.changes.checks.insert(sha.clone());
        // A success that had arrived is accepted from here on, as if its answer had come: what waited for it goes on.
        let units: Vec<PrNumber> =
            self.state.units().filter(|unit| unit.head.sha == *sha).map(|unit| unit.number).collect();
        for number in units {
            self.touch(number);
        }
    }

    /// The outcome could not be read yet: ask again later, write nothing.
    fn retry_check(&mut self, sha: &CommitSha) -> Option<Call> {
        let tries = self.state.checks.get_mut(sha).map(|surface| {
            surface.tries += 1;
            surface.tries
        })?;
        let at = self.later(tries);
        self.changes.checks.insert(sha.clone());
        self.changes.owe.push((OwedKey::Check { sha: sha.clone() }, at));
        None
    }

    /// When to try again after so many failures.
    pub(super) fn later(&self, tries: u32) -> Timestamp {
        let base = i64::try_from(self.context.retry_base_ms).unwrap_or(1000);
        let wait = SignedDuration::from_millis(base.saturating_mul(1 << tries.saturating_sub(1).min(8)));
        self.now.checked_add(wait).unwrap_or(self.now)
    }

    fn begin_comment(&mut self, number: PrNumber, facts: &Facts) -> Option<Call> {
        let now = self.now;
        match facts.get(&Need::OurComments(number)) {
            Some(Fact::OurComments(comments)) => self.adopt_comment(number, comments),
            _ if self
                .state
                .unit(number)
                .is_some_and(|unit| unit.comment.is_unknown() || may_be_double(&unit.comment, now)) =>
            {
                let unit = self.state.units.get_mut(&number)?;
                unit.comment.tries += 1;
                let tries = unit.comment.tries;
                let at = self.later(tries);
                self.changes.owe.push((OwedKey::Comment { number }, at));
                self.changes.units.insert(number);
                return None;
            }
            _ => {}
        }
        let unit = self.state.unit(number)?;
        if unit.comment.flight.is_some()
            || !unit.comment.is_owed()
            || unit.comment.not_before.is_some_and(|at| at > now)
        {
            return None;
        }
        if let Some(call) = self.delete_surplus(number) {
            return Some(call);
        }
        let unit = self.state.unit(number)?;
        let brief = brief_of(self.state, self.context, unit, now);
        let body = self.context.words.sticky(&brief, self.context.pages_url.as_deref());
        let showing = brief.suggestion.as_ref().map(|suggestion| (suggestion.fingerprint.clone(), brief.head.clone()));
        let key = super::brief::sticky_key(&brief, self.context.words);
        let unit = self.state.units.get_mut(&number)?;
        unit.comment.wanted.clone_from(&key);
        unit.comment.body = Some(body_digest(&body));
        unit.comment.flight = Some(Flight { key, unknown: false, at: now });
        unit.comment.showing = showing;
        self.changes.units.insert(number);
        Some(match unit.comment.id {
            Some(id) => Call::UpdateComment { id, body },
            None => Call::CreateComment { number, body },
        })
    }

    /// Finds our sticky comment after an answer that never came; what it says is not trusted, it is written again. One that came beside
    /// it, as a call of a replica that stood still may, is deleted.
    fn adopt_comment(&mut self, number: PrNumber, comments: &[OurComment]) {
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let surface = &mut unit.comment;
        let sticky =
            || comments.iter().filter(|comment| comment.body.starts_with(STICKY_MARKER)).map(|comment| comment.id);
        self.changes.units.insert(number);
        if may_be_double(surface, now) {
            surface.doubled = false;
            surface.surplus = sticky().filter(|id| Some(*id) != surface.id).collect();
            return;
        }
        surface.doubled |= surface.id.is_none() && surface.flight.is_some();
        (surface.flight, surface.unsure) = (None, false);
        surface.showing = None;
        surface.sent = None;
        surface.id = sticky().next();
    }

    /// Deletes the first of the comments that are too many.
    fn delete_surplus(&mut self, number: PrNumber) -> Option<Call> {
        let unit = self.state.units.get_mut(&number)?;
        let id = *unit.comment.surplus.first()?;
        unit.comment.flight = Some(Flight { key: DELETES.to_owned(), unknown: false, at: self.now });
        self.changes.units.insert(number);
        Some(Call::DeleteComment { id })
    }

    fn begin_action(&mut self, number: PrNumber, id: &str, facts: &Facts) -> Option<Call> {
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
    pub(super) fn put_off(&mut self, number: PrNumber, id: &str) {
        let Some(entry) = self.state.units.get_mut(&number).and_then(|unit| unit.ledger.get_mut(id)) else { return };
        entry.tries += 1;
        let tries = entry.tries;
        let at = self.later(tries);
        self.changes.owe.push((OwedKey::Action { number, id: id.to_owned() }, at));
        self.changes.units.insert(number);
    }

    /// Closes a ledger entry.
    pub(super) fn close(&mut self, number: PrNumber, id: &str, how: &str, why: &str) {
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let Some(entry) = unit.ledger.remove(id) else { return };
        if !matches!(entry.call, ActionCall::React { .. } | ActionCall::Label { .. }) {
            self.record(number, "flyball", "action_closed", json!({ "id": id, "how": how, "why": why }));
        }
        self.touch(number);
    }
}

/// The sticky comment begins with this.
pub const STICKY_MARKER: &str = "<!-- flyball:unit -->";

fn judged_ready(state: &State, unit: &Unit, context: &Context, now: Timestamp) -> bool {
    let mut still = unit.clone();
    // Its own ledger entry does not count against it.
    still.ledger.clear();
    judge(state, &still, context, now).ready
}
