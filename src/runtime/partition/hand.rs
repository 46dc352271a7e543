//! Handing out: which repository gets which job now, and what follows from the one that came back.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio::task::JoinError;
use tokio::time::Instant;
use tracing::Instrument;

use super::{Ended, PartitionWorker, Report};
use crate::domain::govern::Answer;
use crate::domain::ids::RepoId;
use crate::runtime::governor::Governor;
use crate::runtime::job::{Dispatch, Done, Job, Outcome, Queued, Trouble};
use crate::runtime::keys::What;
use crate::runtime::send;
use crate::runtime::slot::Slot;
use crate::runtime::step;

impl<G: Governor> PartitionWorker<G> {
    pub(super) fn hand_out(&mut self) {
        let now = Instant::now();
        while let Some((at, repo)) = self.held_back.first().copied()
            && at <= now
        {
            self.held_back.pop_first();
            self.woken.insert(repo);
        }
        for repo in std::mem::take(&mut self.woken) {
            self.hand_to(repo, now);
        }
    }

    fn hand_to(&mut self, repo: RepoId, now: Instant) {
        let settings = &self.shop.settings;
        let (caught_up, later) = (self.caught_up, now + settings.backoff);
        let stopping = self.stop_by.is_some();
        let may_call = send::may_call(&self.shop);
        // A call of an earlier owner may still arrive until its deadline: only then is it asked what became of it.
        let settle_at = self.shop.lease.since + settings.call_deadline;
        let soon = now + settings.lease_ttl / 6;
        let Some(slot) = self.slots.get_mut(&repo) else { return };
        if !slot.unsettled.is_empty() {
            if now < settle_at {
                slot.no_call_before = Some(settle_at);
            } else {
                let unknown = Answer::Unknown { because: "the process ended before the answer was kept".into() };
                let keys = std::mem::take(&mut slot.unsettled);
                slot.answers.extend(keys.into_iter().map(|key| (key, unknown.clone())));
            }
        } else if !may_call && slot.ready.keys().any(|what| matches!(what, What::Owed(_))) {
            slot.no_call_before = Some(soon);
        }
        if !caught_up {
            // What was accepted may say stop, and was not read yet.
            slot.no_call_before = slot.no_call_before.max(Some(later));
        }
        if stopping && slot.answers.is_empty() {
            return;
        }
        if let Some(job) = slot.next(&self.shop.governor, now, settings.coalesce) {
            slot.busy = true;
            slot.used = now;
            let (loaded, tries) = (slot.loaded.take(), slot.tries);
            self.directory.moves.fetch_add(1, Ordering::Relaxed);
            let shop = Arc::clone(&self.shop);
            let span = job.span(repo);
            let work = async move {
                let (job, outcome) = step::run(shop, repo, loaded, job, tries).await;
                Report::Worked { repo, job, outcome }
            };
            self.running.spawn(work.instrument(span));
        } else if let Some(at) = slot.holds_until() {
            self.held_back.insert((at, repo));
        }
    }

    pub(super) fn take_report(&mut self, report: Result<Report<G::State>, JoinError>) -> Option<Ended> {
        match report {
            Ok(Report::Worked { repo, job, outcome }) => return self.worked(repo, job, outcome),
            Ok(Report::Called { repo, key, answer }) => {
                let slot = self.slot(repo);
                slot.calling = None;
                slot.answers.push_back((key, answer));
                self.woken.insert(repo);
            }
            Ok(Report::Parked(Ok(())) | Report::Kept(Ok(()))) => {}
            Ok(Report::Parked(Err(Trouble::Lost)) | Report::Kept(Err(Trouble::Lost))) => return Some(Ended::Lost),
            Ok(Report::Parked(Err(trouble))) => {
                tracing::error!(partition = %self.shop.partition, ?trouble, "a delivery could not be parked; it stays in the inbox");
            }
            Ok(Report::Kept(Err(trouble))) => {
                tracing::error!(partition = %self.shop.partition, ?trouble, "what was to be remembered could not be kept");
            }
            Err(fault) => {
                // Jobs catch their own panics; this one is ours. Start again from what the store holds.
                tracing::error!(partition = %self.shop.partition, %fault, "a task of the worker ended badly");
                return Some(Ended::Lost);
            }
        }
        None
    }

    fn worked(&mut self, repo: RepoId, job: Job, outcome: Outcome<G::State>) -> Option<Ended> {
        let now = Instant::now();
        let slot = self.slots.entry(repo).or_insert_with(|| Slot::new(now));
        slot.busy = false;
        slot.used = now;
        self.woken.insert(repo);
        let (why, wait) = match outcome {
            Outcome::Lost => return Some(Ended::Lost),
            Outcome::Done(done) => {
                self.done(repo, job, *done);
                return None;
            }
            Outcome::Again(why) => {
                slot.tries += 1;
                (why, self.shop.settings.wait_after(slot.tries - 1, repo.0))
            }
            Outcome::Down(why) => {
                slot.downs += 1;
                (why, self.shop.settings.wait_after(slot.downs - 1, repo.0))
            }
        };
        tracing::warn!(repo.id = %repo, work = ?job.work(), why, wait_ms = wait.as_millis(), "tried again later");
        slot.not_before = Some(now + wait);
        if let Job::Answer { key, answer } = job {
            slot.answers.push_front((key, answer));
        }
        None
    }

    fn done(&mut self, repo: RepoId, job: Job, done: Done<G::State>) {
        let Some(slot) = self.slots.get_mut(&repo) else { return };
        slot.downs = 0;
        // Having only read the repository is no success of what is to be sent.
        if !(matches!(job, Job::Send { .. }) && done.moves.is_empty() && done.call.is_none()) {
            slot.tries = 0;
        }
        match job {
            Job::Delivery(_) => {
                if let Some(Queued::Held(entry)) = slot.deliveries.pop_front() {
                    self.waiting_bytes -= entry.body.len();
                }
                slot.behind = slot.behind.saturating_sub(1);
                slot.passed_over += 1;
            }
            Job::Send { .. } => slot.passed_over = 0,
            Job::Answer { key, .. } if done.given_up => drop(slot.given_up.insert(key)),
            Job::Answer { .. } | Job::Timer { .. } | Job::Archive => {}
        }
        self.agenda.follow(&done.moves);
        for wakeup in done.moves.keys() {
            slot.ready.remove(&wakeup.what);
        }
        if let Some(Dispatch { key, .. }) = &done.call {
            slot.calling = Some(key.clone());
        }
        if let Some(mut known) = done.loaded {
            let unsettled = std::mem::take(&mut known.unsettled).into_iter();
            let unknown = unsettled.filter(|key| slot.calling.as_ref() != Some(key) && !slot.given_up.contains(key));
            slot.unsettled.extend(unknown);
            slot.loaded = Some(known);
        }
        if let Some(dispatch) = done.call {
            let shop = Arc::clone(&self.shop);
            let key = dispatch.key.clone();
            let span = tracing::info_span!("call", repo.id = %repo, owed = %key.id());
            let calling = async move { Report::Called { repo, key, answer: send::call(shop, dispatch).await } };
            self.running.spawn(calling.instrument(span));
        }
    }
}
