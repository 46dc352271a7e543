//! One partition that this worker holds: what arrives and falls due is handed out, one job at a time to each repository.
//!
//! A single task owns everything that waits; jobs and calls run beside it and report back. Idle, it holds no lock, no timer but the
//! lease's end, and asks the store nothing.

mod hand;
mod intake;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;
use tokio::time::Instant;

use self::intake::Reading;
use super::agenda::Agenda;
use super::directory::{Command, Directory};
use super::governor::Governor;
use super::job::{Job, Outcome, Trouble};
use super::slot::Slot;
use super::workshop::Workshop;
use crate::domain::govern::{Answer, OwedKey};
use crate::domain::ids::RepoId;
use crate::store::{Batch, EntryId};

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
    Kept(Result<(), Trouble>),
}

/// The partition's work.
pub(super) struct PartitionWorker<G: Governor> {
    shop: Arc<Workshop<G>>,
    directory: Arc<Directory>,
    commands: mpsc::UnboundedReceiver<Command>,
    /// Up to where the inbox was read; whether there may be more.
    cursor: Option<EntryId>,
    unread: bool,
    /// Whether all was read that had come before the partition was taken.
    caught_up: bool,
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
            caught_up: false,
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
                Some(Command::Keep(batch, say)) => self.keep(batch, say),
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
        let now = Instant::now();
        let first_held = self.held_back.first().map(|(at, _)| *at);
        let more = (self.unread && self.stop_by.is_none()).then(|| self.inbox.not_before.unwrap_or(now));
        // Once passed it counts no more: it stands until something is read, and who stops reads nothing.
        let schedule = self.schedule.not_before.filter(|at| *at > now);
        let sweep = (!self.slots.is_empty()).then_some(self.sweep_at);
        let others = [first_held, more, sweep, schedule, self.stop_by];
        others.into_iter().flatten().fold(self.shop.lease.until(), Instant::min)
    }

    /// Commits what somebody else asked to be kept here.
    fn keep(&mut self, batch: Batch, say: oneshot::Sender<bool>) {
        let shop = Arc::clone(&self.shop);
        self.running.spawn(async move {
            let kept = shop.committer.commit(&batch).await;
            // Whoever asked may have gone.
            let _ = say.send(kept.is_ok());
            Report::Kept(kept.map(drop).map_err(Trouble::from))
        });
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
}
