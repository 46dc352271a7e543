//! What waits for one repository, and which of it is next.
//!
//! One job at a time; GitHub's answers before everything, so that a call's outcome is kept as soon as it is known. Revocations and actions
//! that are due go before waiting deliveries. Landings, grants and comments let a run of deliveries go first: each may change what they say,
//! and one may say stop. Before a landing or a grant all goes that had come before the partition was taken.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use tokio::time::Instant;

use super::governor::Governor;
use super::job::{Job, Loaded, Queued};
use super::keys::What;
use crate::domain::govern::{Answer, CallClass, OwedKey};
use crate::domain::ids::Timestamp;

/// One repository's turn.
pub(super) struct Slot<S> {
    /// The repository as it is known, unless a job has it or nobody needed it yet.
    pub(super) loaded: Option<Box<Loaded<S>>>,
    /// Whether a job runs.
    pub(super) busy: bool,
    /// Answers that came back.
    pub(super) answers: VecDeque<(OwedKey, Answer)>,
    /// Deliveries in order.
    pub(super) deliveries: VecDeque<Queued>,
    /// How many of them had come before the partition was taken.
    pub(super) behind: usize,
    /// What is due, and since when.
    pub(super) ready: BTreeMap<What, Timestamp>,
    /// The call that is out.
    pub(super) calling: Option<OwedKey>,
    /// Calls of an earlier owner or run whose outcome nobody knows.
    pub(super) unsettled: BTreeSet<OwedKey>,
    /// Those whose answer could not be worked; not asked about again in this run.
    pub(super) given_up: BTreeSet<OwedKey>,
    /// Failures of the job that is next.
    pub(super) tries: u32,
    /// How often in a row the store did not answer it.
    pub(super) downs: u32,
    /// Nothing starts before this.
    pub(super) not_before: Option<Instant>,
    /// No call starts before this.
    pub(super) no_call_before: Option<Instant>,
    /// Deliveries since something became due.
    pub(super) passed_over: u32,
    /// When it last had something to do.
    pub(super) used: Instant,
}

impl<S: Send + Sync + 'static> Slot<S> {
    /// An empty one.
    pub(super) fn new(now: Instant) -> Self {
        Self {
            loaded: None,
            busy: false,
            answers: VecDeque::new(),
            deliveries: VecDeque::new(),
            behind: 0,
            ready: BTreeMap::new(),
            calling: None,
            unsettled: BTreeSet::new(),
            given_up: BTreeSet::new(),
            tries: 0,
            downs: 0,
            not_before: None,
            no_call_before: None,
            passed_over: 0,
            used: now,
        }
    }

    /// Whether nothing waits, runs or is out.
    pub(super) fn is_quiet(&self) -> bool {
        !self.busy
            && self.calling.is_none()
            && self.answers.is_empty()
            && self.deliveries.is_empty()
            && self.ready.is_empty()
            && self.unsettled.is_empty()
    }

    /// When it must be looked at again, if waiting is all there is to do.
    pub(super) fn holds_until(&self) -> Option<Instant> {
        self.not_before.into_iter().chain(self.no_call_before).min()
    }

    /// The next job, taken off where it would not be found again: an answer. `coalesce` deliveries may go before what is due.
    pub(super) fn next<G: Governor<State = S>>(&mut self, governor: &G, now: Instant, coalesce: u32) -> Option<Job> {
        self.not_before = self.not_before.filter(|at| *at > now);
        self.no_call_before = self.no_call_before.filter(|at| *at > now);
        if self.busy || self.not_before.is_some() {
            return None;
        }
        if let Some((key, answer)) = self.answers.pop_front() {
            return Some(Job::Answer { key, answer });
        }
        if let Some(owed) = self.next_call(governor, coalesce) {
            return Some(Job::Send { owed });
        }
        let timer = self.ready.iter().find_map(|(what, at)| match what {
            What::Timer(number) => Some(Job::Timer { number: *number, due: *at }),
            What::Owed(_) | What::Archive => None,
        });
        let job = timer.or_else(|| self.deliveries.front().cloned().map(Job::Delivery));
        // It may drop what is in memory, of which an answer that is on its way is a part.
        let quiet = self.calling.is_none() && self.ready.contains_key(&What::Archive);
        job.or_else(|| quiet.then_some(Job::Archive))
    }

    /// What is owed and may go now, with its due time. `None` while a call is out, or one of before is unsettled.
    fn next_call<G: Governor<State = S>>(&self, governor: &G, coalesce: u32) -> Option<Vec<(OwedKey, Timestamp)>> {
        if self.calling.is_some() || !self.unsettled.is_empty() || self.no_call_before.is_some() {
            return None;
        }
        let calm = self.deliveries.is_empty();
        let patient = calm || self.passed_over >= coalesce;
        let may_go = |key: &OwedKey| match self.loaded.as_ref().map(|known| governor.class(&known.state, key)) {
            // Of a repository that was not read yet nobody can tell: the first delivery reads it.
            None => calm,
            Some(CallClass::Revocation | CallClass::Action) => true,
            Some(CallClass::Landing | CallClass::Grant) => calm || patient && self.behind == 0,
            Some(CallClass::Comment) => patient,
        };
        let ready = self.ready.iter().filter_map(|(what, at)| match what {
            What::Owed(key) => Some((key, at)),
            What::Timer(_) | What::Archive => None,
        });
        let owed: Vec<_> = ready.filter(|(key, _)| may_go(key)).map(|(key, at)| (key.clone(), *at)).collect();
        (!owed.is_empty()).then_some(owed)
    }
}
