//! One partition that this worker holds: what arrives and falls due is handed out, one job at a time to each repository.
//!
//! A single task owns everything that waits; jobs and calls run beside it and report back. Idle, it holds no lock, no timer but the
//! lease's end, and asks the store nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Deserialize;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use tracing::Instrument;

use super::agenda::{self, Agenda};
use super::directory::{Command, Directory};
use super::governor::Governor;
use super::job::{self, Dispatch, Done, Job, Outcome, Queued, Trouble};
use super::keys::{Wakeup, What};
use super::park;
use super::send;
use super::slot::Slot;
use super::workshop::Workshop;
use crate::domain::govern::{Answer, OwedKey};
use crate::domain::ids::RepoId;
use crate::store::{EntryId, InboxEntry};

/// Entries read from the inbox at once.
const PAGE: usize = 256;

/// Why a partition's work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// It is not ours any more.
    Lost,
    /// It was asked to stop.
    Stopped,
}

/// What came back from a task.
enum Report<S> {
    Worked { repo: RepoId, job: Job, outcome: Outcome<S> },
    Called { repo: RepoId, key: OwedKey, answer: Answer },
    Parked(Result<(), Trouble>),
}

/// Reading something from the store that may fail for a while.
#[derive(Default)]
struct Reading {
    tries: u32,
    not_before: Option<Instant>,
}

/// The partition's work.
pub(super) struct PartitionWorker<G: Governor> {
    shop: Arc<Workshop<G>>,
    directory: Arc<Directory>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Up to where the inbox was read; whether there may be more.
    cursor: Option<EntryId>,
    unread: bool,
    inbox: Reading,
    agenda: Agenda,
    schedule: Reading,
    slots: BTreeMap<RepoId, Slot<G::State>>,
    woken: BTreeSet<RepoId>,
    held_back: BTreeSet<(Instant, RepoId)>,
    waiting_bytes: usize,
    running: JoinSet<Report<G::State>>,
    settling: Vec<oneshot::Sender<()>>,
    stop_by: Option<Instant>,
    sweep_at: Instant,
}

impl<G: Governor> PartitionWorker<G> {
    /// Work on a partition that was just taken: nothing is known yet.
    pub(super) fn new(
        shop: Arc<Workshop<G>>,
        directory: Arc<Directory>,
        commands: mpsc::UnboundedReceiver<Command>,
    ) -> Self {
        let sweep_at = Instant::now() + shop.settings.idle;
        Self {
            shop,
            directory,
            commands,
            cursor: None,
            unread: true,
            inbox: Reading::default(),
            agenda: Agenda::default(),
            schedule: Reading::default(),
            slots: BTreeMap::new(),
            woken: BTreeSet::new(),
            held_back: BTreeSet::new(),
            waiting_bytes: 0,
            running: JoinSet::new(),
            settling: Vec::new(),
            stop_by: None,
            sweep_at,
        }
    }

    /// Works until the partition is lost or the worker stops. Dropping the future drops every job with it.
    pub(super) async fn run(mut self) -> Ended {
        loop {
            if let Some(ended) = self.step().await {
                if ended == Ended::Stopped {
                    self.shop.committer.close(self.shop.settings.grace).await;
                }
                self.running.shutdown().await;
                return ended;
            }
        }
    }

    /// Takes up what is new, hands out what can go, and waits for one thing to happen.
    async fn step(&mut self) -> Option<Ended> {
        let now = Instant::now();
        if now >= self.shop.lease.until() {
            return Some(Ended::Lost);
        }
        if let Some(by) = self.stop_by {
            if self.running.is_empty() && self.slots.values().all(|slot| slot.answers.is_empty()) || now >= by {
                return Some(Ended::Stopped);
            }
        } else {
            self.read_inbox(now).await;
            self.read_schedule(now).await;
        }
        self.take_due();
        self.hand_out();
        self.sweep(now);
        if self.is_settled() {
            for waiting in self.settling.drain(..) {
                // Whoever asked may have gone.
                let _ = waiting.send(());
            }
        }
        self.wait().await
    }

    async fn wait(&mut self) -> Option<Ended> {
        let clock = Arc::clone(&self.shop.clock);
        let due = self.agenda.next(clock.now());
        let machine = self.next_instant();
        tokio::select! {
            biased;
            command = self.commands.recv() => match command {
                Some(Command::Arrived) => self.unread = true,
                Some(Command::Settle(waiting)) => {
                    self.unread = true;
                    self.settling.push(waiting);
                }
                Some(Command::Stop) => self.stop_by = Some(Instant::now() + self.shop.settings.grace),
                None => return Some(Ended::Lost),
            },
            Some(report) = self.running.join_next(), if !self.running.is_empty() => return self.take_report(report),
            () = tokio::time::sleep_until(machine) => {}
            () = async { if let Some(at) = due { clock.sleep_until(at).await } }, if due.is_some() && self.stop_by.is_none() => {}
        }
        None
    }

    /// When there is something to do without anything happening.
    fn next_instant(&self) -> Instant {
        let first_held = self.held_back.first().map(|(at, _)| *at);
        let more = (self.unread && self.stop_by.is_none()).then(|| self.inbox.not_before.unwrap_or_else(Instant::now));
        let sweep = (!self.slots.is_empty()).then_some(self.sweep_at);
        let others = [first_held, more, sweep, self.schedule.not_before, self.stop_by];
        others.into_iter().flatten().fold(self.shop.lease.until(), Instant::min)
    }

    fn is_settled(&self) -> bool {
        let now = self.shop.clock.now();
        !self.unread
            && self.running.is_empty()
            && self.woken.is_empty()
            && self.agenda.next(now).is_some_and(|at| at > now)
            && self.agenda.ask_until(now).is_none()
            && self.slots.values().all(Slot::is_quiet)
    }

    // --- What is new -------------------------------------------------------------------------------------------------------------

    async fn read_inbox(&mut self, now: Instant) {
        if !self.unread || !self.inbox.may_read(now) {
            return;
        }
        match self.shop.store.inbox(self.shop.partition, self.cursor, PAGE).await {
            Ok(entries) => {
                self.inbox = Reading::default();
                self.unread = entries.len() == PAGE;
                for entry in entries {
                    self.queue(entry);
                }
            }
            Err(error) => self.inbox.failed(&self.shop, &error),
        }
    }

    fn queue(&mut self, entry: InboxEntry) {
        #[derive(Deserialize)]
        struct Addressed {
            repo: Repo,
        }
        #[derive(Deserialize)]
        struct Repo {
            id: RepoId,
        }
        self.cursor = Some(entry.id);
        let repo = match serde_json::from_slice::<Addressed>(&entry.body) {
            Ok(addressed) => addressed.repo.id,
            Err(fault) => {
                let shop = Arc::clone(&self.shop);
                let why = format!("it names no repository: {fault}");
                self.running.spawn(async move { Report::Parked(park::park(&shop, entry, &why).await) });
                return;
            }
        };
        let fits = self.waiting_bytes + entry.body.len() <= self.shop.settings.waiting_bytes;
        let queued = if fits {
            self.waiting_bytes += entry.body.len();
            Queued::Held(entry)
        } else {
            Queued::Stub(entry.id)
        };
        self.slot(repo).deliveries.push_back(queued);
        self.woken.insert(repo);
    }

    async fn read_schedule(&mut self, now: Instant) {
        let Some(until) = self.agenda.ask_until(self.shop.clock.now()) else { return };
        let ready: usize = self.slots.values().map(|slot| slot.ready.len()).sum();
        if ready >= agenda::PAGE / 2 || !self.schedule.may_read(now) {
            return;
        }
        match self.shop.store.due(self.shop.partition, until, agenda::PAGE).await {
            Ok(due) => {
                self.schedule = Reading::default();
                let whole = due.len() < agenda::PAGE;
                let last = if whole { until } else { due.last().map_or(until, |due| due.at) };
                let read = due.iter().filter_map(|due| match Wakeup::read(due) {
                    Ok(wakeup) => Some((wakeup, due.at)),
                    Err(error) => {
                        tracing::error!(partition = %self.shop.partition, %error, "left where it is");
                        None
                    }
                });
                self.agenda.read(last, read.collect());
            }
            Err(error) => self.schedule.failed(&self.shop, &error),
        }
    }

    fn take_due(&mut self) {
        for (Wakeup { repo, what }, at) in self.agenda.take_due(self.shop.clock.now()) {
            self.slot(repo).ready.insert(what, at);
            self.woken.insert(repo);
        }
    }

    fn slot(&mut self, repo: RepoId) -> &mut Slot<G::State> {
        self.slots.entry(repo).or_insert_with(|| Slot::new(Instant::now()))
    }

    /// Repositories that had nothing to do for long leave the memory.
    fn sweep(&mut self, now: Instant) {
        if now < self.sweep_at {
            return;
        }
        let idle = self.shop.settings.idle;
        self.slots.retain(|_, slot| !slot.is_quiet() || now.duration_since(slot.used) < idle);
        self.sweep_at = now + idle;
    }

    // --- Handing out -------------------------------------------------------------------------------------------------------------

    fn hand_out(&mut self) {
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
                let (job, outcome) = job::run(shop, repo, loaded, job, tries).await;
                Report::Worked { repo, job, outcome }
            };
            self.running.spawn(work.instrument(span));
        } else if let Some(at) = slot.holds_until() {
            self.held_back.insert((at, repo));
        }
    }

    // --- What came back ----------------------------------------------------------------------------------------------------------

    fn take_report(&mut self, report: Result<Report<G::State>, JoinError>) -> Option<Ended> {
        match report {
            Ok(Report::Worked { repo, job, outcome }) => return self.worked(repo, job, outcome),
            Ok(Report::Called { repo, key, answer }) => {
                let slot = self.slot(repo);
                slot.calling = None;
                slot.answers.push_back((key, answer));
                self.woken.insert(repo);
            }
            Ok(Report::Parked(Ok(()))) => {}
            Ok(Report::Parked(Err(Trouble::Lost))) => return Some(Ended::Lost),
            Ok(Report::Parked(Err(trouble))) => {
                tracing::error!(partition = %self.shop.partition, ?trouble, "a delivery could not be parked; it stays in the inbox");
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
                slot.passed_over += 1;
            }
            Job::Send { .. } => slot.passed_over = 0,
            Job::Answer { key, .. } if done.given_up => drop(slot.given_up.insert(key)),
            Job::Answer { .. } | Job::Timer { .. } => {}
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

impl Reading {
    fn may_read(&mut self, now: Instant) -> bool {
        self.not_before = self.not_before.filter(|at| *at > now);
        self.not_before.is_none()
    }

    fn failed<G: Governor>(&mut self, shop: &Workshop<G>, error: &crate::store::StoreError) {
        let wait: Duration = shop.settings.wait_after(self.tries, u64::from(shop.partition.number()));
        tracing::warn!(partition = %shop.partition, %error, wait_ms = wait.as_millis(), "the store cannot be read");
        self.tries += 1;
        self.not_before = Some(Instant::now() + wait);
    }
}
