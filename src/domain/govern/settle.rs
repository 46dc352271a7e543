//! Brings what is derived into line after facts changed: grants, standings with their trace, surfaces, actions, timers.

use std::collections::BTreeSet;

use jiff::{SignedDuration, ToSpan};
use serde_json::{Value, json};

use super::context::Context;
use super::judge::grant::{holds, others_hold, rivals};
use super::judge::judge;
use super::owed::{ActionCall, OwedKey};
use super::seen::snapshot::Mergeable;
use super::state::State;
use super::state::changes::{Changes, TraceLine};
use super::views::brief::brief_of;
use crate::domain::ids::{CommitSha, PrNumber, Timestamp};
use crate::domain::policy::facts::AuthorKind;
use crate::domain::unit::{Brief, Entry, Grant, Phase, Stands, Unit};

/// One judgment in the making: the state, what changed so far, and which units must be looked at.
pub(super) struct Work<'a> {
    pub state: &'a mut State,
    pub context: &'a Context,
    pub now: Timestamp,
    pub changes: Changes,
    /// The unit that this look makes known, if it was there before us.
    pub quietly: Option<PrNumber>,
    /// Whether a pull request is opened right now, so that nobody can have written on it for us before.
    pub opening: bool,
    touched: BTreeSet<PrNumber>,
    groups: BTreeSet<CommitSha>,
}

impl<'a> Work<'a> {
    pub(super) fn new(state: &'a mut State, context: &'a Context, now: Timestamp) -> Self {
        state.judged_at = Some(now);
        Self {
            state,
            context,
            now,
            changes: Changes::default(),
            quietly: None,
            opening: false,
            touched: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }

    /// Marks a unit as changed: it is written, and judged with everything related to it.
    pub(super) fn touch(&mut self, number: PrNumber) {
        self.touched.insert(number);
        self.changes.units.insert(number);
    }

    /// Marks a group of the merge queue: its answer is worked out again.
    pub(super) fn touch_group(&mut self, sha: &CommitSha) {
        self.groups.insert(sha.clone());
    }

    /// Appends to a unit's history.
    pub(super) fn record(&mut self, number: PrNumber, actor: &str, kind: &str, data: Value) {
        let base = self.state.unit(number).map_or("", |unit| unit.base.branch.as_str());
        let policy = self.state.policy_of(self.context, base).name();
        let now = self.now;
        if let Some(unit) = self.state.units.get_mut(&number) {
            let author = unit.course.author;
            self.changes.moved.extend(unit.course.learn(now, kind, &data).into_iter().map(|moved| (author, moved)));
            let json = unit.chain.append(now, actor, kind, data, &policy);
            self.changes.trace.push(TraceLine { unit: number, seq: unit.chain.seq, json });
            self.changes.units.insert(number);
        }
    }

    /// Everything derived follows. Granting one unit may settle what its rivals wait for, so this goes on until nothing moves.
    pub(super) fn settle(mut self) -> Changes {
        let mut queue = std::mem::take(&mut self.touched);
        queue.extend(self.state.relations.take_disturbed());
        let mut all: BTreeSet<PrNumber> = BTreeSet::new();
        while !queue.is_empty() {
            // Revocations first: what is taken back is known before anything is given.
            for number in &queue {
                self.revoke(*number);
            }
            for number in &queue {
                self.give(*number);
            }
            all.extend(&queue);
            queue = self.ripple(&queue);
        }
        for number in all {
            self.present(number);
            let groups = self.state.groups_of(number);
            self.groups.extend(groups);
        }
        for sha in std::mem::take(&mut self.groups) {
            self.want_group(&sha);
        }
        if self.changes.repo || !self.changes.early.is_empty() || !self.changes.trunks.is_empty() {
            self.wake_repo();
        }
        self.changes
    }

    fn revoke(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        let ready = judge(self.state, unit, self.context, self.now).ready;
        let stale = unit.grant.as_ref().is_some_and(|grant| grant.sha != unit.head.sha || !ready);
        let landing = unit.is_landing();
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let before = unit.ready_since;
        unit.ready_since = if ready { Some(before.unwrap_or(now)) } else { None };
        if unit.ready_since != before {
            self.changes.units.insert(number);
        }
        if stale && !landing && unit.is_open() {
            let sha = unit.grant.take().map(|grant| grant.sha.to_string());
            self.record(number, "flyball", "grant_revoked", json!({ "sha": sha }));
        }
    }

    fn give(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        if unit.grant.is_some() || !unit.is_open() || unit.ready_since.is_none() {
            return;
        }
        let free = !rivals(self.state, unit, self.context).iter().any(|rival| rival.in_the_way);
        let known = unit.footprint.state.is_known() || !others_hold(self.state, unit);
        // Another unit with the same head shares the check run: its conclusion is the most careful of theirs.
        if free && known && self.still_alone(unit) {
            let sha = unit.head.sha.clone();
            let now = self.now;
            if let Some(unit) = self.state.units.get_mut(&number) {
                unit.grant = Some(Grant { sha: sha.clone(), since: now });
            }
            self.record(number, "flyball", "grant_given", json!({ "sha": sha }));
        }
    }

    /// A related grant goes out only after GitHub accepted that the other one is taken back.
    fn still_alone(&self, unit: &Unit) -> bool {
        let related = self.state.relations.enforced(unit.number, &self.state.policy(self.context).enforced());
        !related.into_iter().filter_map(|other| self.state.unit(other)).any(|other| holds(self.state, other))
    }

    fn present(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        let brief = brief_of(self.state, self.context, unit, self.now);
        self.note_standing(number, &brief);
        self.note_lessons(number);
        self.want_check(&brief.head.clone());
        // One that was there before us has a check run and nothing else until something happens on it.
        if !self.state.unit(number).is_some_and(|unit| unit.quiet) {
            self.want_mention(number, &brief);
            self.want_comment(number, &brief);
            self.want_merge(number, &brief);
            self.want_update(number, &brief);
            self.want_dequeue(number);
            self.want_disarm(number);
            self.want_label(number, brief.standing);
            self.want_review(number, &brief);
        }
        self.wake(number);
        self.clear_away(number);
    }

    fn note_standing(&mut self, number: PrNumber, brief: &Brief) {
        let codes: Vec<String> = brief.reasons.iter().map(|reason| reason.code.to_string()).collect();
        let now = self.now;
        let Some(unit) = self.state.units.get_mut(&number) else { return };
        let before = unit.stands.as_ref();
        if before.is_some_and(|stands| stands.standing == brief.standing && stands.codes == codes) {
            return;
        }
        let since = before.filter(|stands| stands.standing == brief.standing).map_or(now, |stands| stands.since);
        unit.course.author = AuthorKind::named(&brief.author_kind);
        unit.course.opened.get_or_insert(unit.opened_at.as_second());
        unit.stands = Some(Stands { standing: brief.standing, codes: codes.clone(), since });
        let reasons: Vec<&str> = brief.reasons.iter().map(|reason| reason.text.as_str()).collect();
        let data = json!({ "standing": brief.standing, "codes": codes, "reasons": reasons, "head": brief.head });
        self.record(number, "flyball", "judged", data);
    }

    /// Enters an action in the ledger; false where the unit has spent its actions of this hour.
    pub(super) fn act(&mut self, number: PrNumber, id: String, call: ActionCall, why: String, by: String) -> bool {
        let now = self.now;
        let most = self.state.policy(self.context).actions_per_hour;
        let Some(unit) = self.state.units.get_mut(&number) else { return false };
        let (start, spent) = unit
            .spent
            .filter(|(start, _)| now.duration_since(*start) < SignedDuration::from_hours(1))
            .unwrap_or((now, 0));
        if spent >= most {
            return false;
        }
        unit.spent = Some((start, spent + 1));
        let expires = now.checked_add(1.hour()).unwrap_or(now);
        let noted = matches!(
            call,
            ActionCall::Merge { .. }
                | ActionCall::Enqueue { .. }
                | ActionCall::Dequeue { .. }
                | ActionCall::UpdateBranch { .. }
                | ActionCall::RequestReview { .. }
                | ActionCall::Revert { .. }
                | ActionCall::Propose(_)
                | ActionCall::EnableAutoMerge { .. }
                | ActionCall::DisableAutoMerge { .. }
        );
        let data = json!({ "id": id, "call": call, "why": why });
        let key = OwedKey::Action { number, id: id.clone() };
        unit.ledger.insert(id, Entry { call, why, by, since: now, expires, phase: Phase::Owed, tries: 0 });
        self.changes.units.insert(number);
        self.changes.owe.push((key, now));
        if noted {
            self.record(number, "flyball", "action_owed", data);
        }
        true
    }
}

/// Marks a unit to be read again: GitHub must say anew whether it merges.
pub(super) fn doubt_mergeable(unit: &mut Unit, now: Timestamp) {
    unit.mergeable = Mergeable::Unknown;
    let again_at = now.checked_add(1.second()).unwrap_or(now);
    unit.recheck = Some(crate::domain::unit::Recheck { tries: 0, again_at });
}
