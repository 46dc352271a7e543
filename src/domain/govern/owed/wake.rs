//! Timers: the next moment at which time alone changes something of a unit, or of the repository.

use jiff::{SignedDuration, ToSpan};

use super::queue::PATIENCE;
use super::update::update_ends;
use crate::domain::govern::aftermath;
use crate::domain::govern::judge::grant::patience_ends;
use crate::domain::govern::needs::needs_author_right;
use crate::domain::govern::observe::elsewhere;
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::changes::Wake;
use crate::domain::ids::PrNumber;
use crate::domain::unit::DecisionKind;

/// A completed run is renewed before GitHub calls it stale after 14 days; only incomplete ones turn stale.
pub(in crate::domain::govern) const RENEW_HOURS: i64 = 13 * 24;

/// When a policy that could not be read is asked for again.
const POLICY_AGAIN: SignedDuration = SignedDuration::from_secs(30);

impl Work<'_> {
    /// One timer per unit: the next moment at which time alone changes something.
    pub(in crate::domain::govern) fn wake(&mut self, number: PrNumber) {
        let Some(unit) = self.state.unit(number) else { return };
        if !unit.is_open() {
            return self.changes.wake.push(Wake { number: Some(number), at: None });
        }
        let hold = unit.stopped_by(self.now).and_then(|decision| match decision.kind {
            DecisionKind::Hold { until, .. } => until,
            DecisionKind::Refuse { .. }
            | DecisionKind::Confirm
            | DecisionKind::Approve
            | DecisionKind::Lift
            | DecisionKind::Revert { .. } => None,
        });
        let unread = unit.unread.iter().chain(unit.doubt.iter().map(|doubt| &doubt.unread));
        let again = unread.map(|unread| unread.again_at).min();
        let recheck = [&unit.recheck, &unit.unlisted].into_iter().flatten().map(|again| again.again_at).min();
        let patience =
            unit.grant.is_none().then(|| patience_ends(unit, self.state.policy(self.context).patience())).flatten();
        let renew = self.state.checks.get(&unit.head.sha).and_then(|check| check.kept.as_ref()).and_then(|kept| {
            (kept.conclusion.is_none()).then(|| kept.at.checked_add(RENEW_HOURS.hours()).ok()).flatten()
        });
        let evaluation = (!unit.draft).then(|| self.state.evaluate(unit, self.context, self.now));
        let wants = needs_author_right(self.state, unit, self.context)
            || evaluation.as_ref().is_some_and(|found| !self.state.unread_of(unit, found, self.now).is_empty());
        let curious = wants.then_some(self.now);
        // What was asked for and could not be read is asked again after a while.
        let unread = !self.state.knows_policy_of(&unit.base.branch) || self.state.policy_file_of(unit).is_some();
        let reread = unread.then(|| self.now.checked_add(POLICY_AGAIN).ok()).flatten();
        let mention = self.mention(number).map(|mention| mention.at);
        let window = evaluation.and_then(|found| found.changes_at);
        let update = update_ends(unit);
        let elsewhere = elsewhere::again_at(self.state, unit);
        let times = [hold, again, recheck, patience, renew, update, elsewhere, reread, window, mention];
        let times = times.into_iter().flatten().filter(|at| *at > self.now);
        let at = times.chain(curious).min();
        self.changes.wake.push(Wake { number: Some(number), at });
    }

    /// The repository's one timer: checks that nobody came for, and groups whose members are not known.
    pub(in crate::domain::govern) fn wake_repo(&mut self) {
        let early = self.state.early.values().filter_map(|early| early.since.checked_add((7 * 24).hours()).ok());
        let groups = self.state.repo.groups.values();
        let groups = groups.filter_map(|group| {
            let end = group.since.checked_add(PATIENCE).ok().filter(|end| *end > self.now);
            group.again_at.or(end)
        });
        let landed = aftermath::next_at(self.state, self.now);
        let once = [self.state.repo.survey.next_at, landed, self.unheard_at()].into_iter().flatten();
        if let Some(at) = early.chain(groups).chain(once).min() {
            self.changes.wake.push(Wake { number: None, at: Some(at) });
        }
    }
}
