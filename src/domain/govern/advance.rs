//! Applies one event with the facts that were read for it, and judges every unit they touch.

use std::collections::BTreeSet;

use serde_json::json;

use super::context::Context;
use super::needs::snapshot;
use super::owed::wake::RENEW_HOURS;
use super::seen::event::{Delivered, Event};
use super::seen::facts::{Fact, Facts, Need};
use super::seen::{PullAction, PullSeen, PullState};
use super::settle::Work;
use super::state::State;
use super::state::changes::Changes;
use crate::domain::ids::{PrNumber, Timestamp};

/// Applies the event and the facts, judges every unit they touch, and says what changed.
pub fn advance(state: &mut State, delivered: &Delivered, facts: &Facts, context: &Context, now: Timestamp) -> Changes {
    let mut work = Work::new(state, context, now);
    if is_of_another(work.state, delivered) {
        return work.changes;
    }
    work.take_repo(delivered);
    if work.state.repo.gone && !matches!(delivered.event, Event::Installed | Event::Permitted) {
        return work.changes;
    }
    work.survey_before(&delivered.event);
    work.opening = matches!(&delivered.event, Event::Pull { action: PullAction::Opened, .. });
    let since = work.listens(&delivered.event, facts);
    if let Some(fact) = facts.get(&Need::Policy) {
        work.take_policy(fact);
    }
    work.take_facts(facts);
    for (need, fact) in facts.iter() {
        if let Need::PolicyOf(base) = need {
            work.take_own_policy(base, fact);
        }
    }
    if let Some(number) = super::state::subject(&delivered.event) {
        work.take_people(number, facts);
    }
    work.take_event(delivered, facts);
    if let Event::Look { number } = delivered.event {
        work.take_unheard(number, since, facts);
    }
    if let Some(number) = super::state::subject(&delivered.event) {
        work.compare_comment(number, facts);
    }
    work.settle()
}

/// Whether an installation speaks that does not answer for the repository any more: it was transferred meanwhile.
pub(super) fn is_of_another(state: &State, delivered: &Delivered) -> bool {
    let of_one = matches!(delivered.event, Event::Removed | Event::Permitted);
    let pair = delivered.installation.zip(state.repo.installation);
    of_one && pair.is_some_and(|(said, known)| said != known)
}

impl Work<'_> {
    fn take_repo(&mut self, delivered: &Delivered) {
        let before = self.state.repo.clone();
        let repo = &mut self.state.repo;
        let seen = &delivered.repo;
        if !seen.full_name.is_empty() {
            repo.full_name.clone_from(&seen.full_name);
        }
        if seen.default_branch.is_some() {
            repo.default_branch.clone_from(&seen.default_branch);
        }
        repo.private = seen.private.unwrap_or(repo.private);
        repo.installation = delivered.installation.or(repo.installation);
        if *repo != before || before.default_branch.is_none() {
            self.changes.repo = true;
        }
    }

    fn take_event(&mut self, delivered: &Delivered, facts: &Facts) {
        match &delivered.event {
            Event::Pull { action, pull } => self.take_pull_event(*action, pull, facts),
            Event::Check(check) => self.take_check_event(check),
            Event::Rerequested { sha } => self.take_rerequest(sha),
            Event::Comment(comment) => self.take_comment(comment, facts),
            Event::Page(said) => self.take_page(said, facts),
            Event::Review { action, number, review } => self.take_review_event(*number, *action, review, facts),
            Event::Button { button, sha, click, .. } => {
                self.take_button(*button, sha, click, delivered.sender.as_ref(), facts);
            }
            Event::Push { branch, before, after, .. } => {
                self.take_push(branch);
                if let Some(after) = after {
                    self.watch_push(branch, before.as_ref(), after);
                }
            }
            Event::MergeGroup { action, head_sha, head_ref, base } => {
                self.renew_queued(base, facts);
                self.take_merge_group(*action, head_sha, head_ref, base, facts);
            }
            Event::Look { .. } => {}
            Event::Awaited { number, by } => self.take_awaiting(*number, by),
            Event::Alarm { number, what } => self.take_alarm(*number, what),
            Event::AllClear { number, check, app } => self.take_all_clear(*number, check, *app),
            Event::Reverting { number, by, state } => self.take_reverting(*number, *by, *state),
            Event::Installed | Event::Permitted | Event::Reconcile => {
                if !matches!(delivered.event, Event::Reconcile) {
                    self.forgive();
                }
                self.take_bases(facts);
                self.take_inventory(!matches!(delivered.event, Event::Reconcile), facts);
                let guarded = self.state.repo.rules.iter().filter(|(_, read)| read.rules.merge_queue);
                let guarded: Vec<String> = guarded.map(|(base, _)| base.clone()).collect();
                for base in guarded {
                    self.renew_queued(&base, facts);
                    self.take_queue(&base, facts);
                }
            }
            Event::Removed => {
                self.state.repo.gone = true;
                self.changes.repo = true;
            }
            Event::RepositoryChanged => {
                self.state.repo.rules.clear();
                self.forgive();
                self.changes.repo = true;
                self.look_at_all();
            }
            Event::Timer { number: Some(number) } => {
                self.renew_check(*number);
                self.doubt_due(*number);
                self.touch(*number);
            }
            Event::Timer { number: None } => {
                let now = self.now;
                self.state.forget_early(now, &mut self.changes);
                self.survey_due();
                self.unheard_due();
                self.compare_landed(facts);
                let due: BTreeSet<String> = self.state.groups_due(now).map(|group| group.base.clone()).collect();
                for base in due {
                    self.renew_queued(&base, facts);
                    self.take_queue(&base, facts);
                }
            }
            Event::Answered { key, answer } => self.take_answer(key, answer),
        }
    }

    fn take_pull_event(&mut self, action: PullAction, pull: &PullSeen, facts: &Facts) {
        let known = self.state.unit(pull.number).is_some();
        let read = snapshot(facts, pull.number).is_some();
        if action == PullAction::Closed {
            let since = self.state.unit(pull.number).and_then(|unit| unit.reopened_at);
            if since.is_some_and(|since| pull.updated_at < since) {
                // It comes late: it was reopened since.
                return;
            }
            if !known {
                self.take_pull(&PullSeen { state: PullState::Open, ..pull.clone() });
            }
            return self.end(
                pull.number,
                pull.state,
                pull.merge_commit.as_ref(),
                pull.merged_by.as_ref(),
                Some(pull.updated_at),
            );
        }
        if action == PullAction::Reopened {
            self.reopened(pull.number, pull.updated_at);
        }
        if read {
            return;
        }
        // Nothing newer was read: the payload is what there is. A closed unit is reopened only by the event that says so.
        let closed = self.state.unit(pull.number).is_some_and(|unit| !unit.is_open());
        if !closed || action == PullAction::Reopened {
            self.take_pull(pull);
            if let Some(Fact::Unknown(unknown)) = facts.get(&Need::Snapshot(pull.number)) {
                let unknown = unknown.clone();
                let mut only = Facts::none();
                only.insert(Need::Snapshot(pull.number), Fact::Unknown(unknown));
                self.take_facts(&only);
            }
        }
    }

    /// A run left incomplete would turn stale after 14 days (FACTS C11): it is written again before.
    fn renew_check(&mut self, number: PrNumber) {
        let now = self.now;
        let Some(sha) = self.state.unit(number).map(|unit| unit.head.sha.clone()) else { return };
        let Some(surface) = self.state.checks.get_mut(&sha) else { return };
        let old = |at: Timestamp| now.duration_since(at) >= jiff::SignedDuration::from_hours(RENEW_HOURS);
        surface.again |= surface.kept.as_ref().is_some_and(|kept| kept.conclusion.is_none() && old(kept.at));
    }

    fn take_rerequest(&mut self, sha: &crate::domain::ids::CommitSha) {
        let units: Vec<PrNumber> = self.state.units_at(sha).map(|unit| unit.number).collect();
        if let Some(surface) = self.state.checks.get_mut(sha) {
            surface.again = true;
            surface.trouble = None;
        }
        for number in units {
            self.touch(number);
        }
        if self.state.repo.groups.contains_key(sha) {
            self.touch_group(sha);
        }
    }

    /// The base moved. Landings are known by their own events; what was pushed past them may make any unit conflict, which is read again
    /// before a merge.
    fn take_push(&mut self, branch: &str) {
        if self.state.repo.default_branch.is_none() {
            self.touch_base(branch);
        }
    }

    /// What GitHub refused for good may be otherwise now: all of it is tried once more. What a person or the queue undid is not.
    fn forgive(&mut self) {
        let refused = |text: &String| text.starts_with("GitHub refused") || text.starts_with("GitHub did not");
        let open: Vec<PrNumber> = self.state.units().filter(|unit| unit.is_open()).map(|unit| unit.number).collect();
        for number in open {
            let Some(unit) = self.state.units.get_mut(&number) else { continue };
            let mut had = unit.trouble.take_if(|text| refused(text)).is_some() | unit.comment.trouble.take().is_some();
            had |= unit.label.take_if(|label| label.given_up).is_some();
            let check = self.state.checks.get_mut(&unit.head.sha).filter(|surface| surface.trouble.is_some());
            if let Some(surface) = check {
                (surface.trouble, surface.tries, had) = (None, 0, true);
                self.changes.checks.insert(surface.sha.clone());
            }
            if had {
                self.touch(number);
            }
        }
    }

    fn look_at_all(&mut self) {
        let open: Vec<PrNumber> = self.state.units().filter(|unit| unit.is_open()).map(|unit| unit.number).collect();
        for number in &open {
            self.record(*number, "github", "repository_changed", json!({}));
        }
        self.changes.look.extend(open);
    }
}
