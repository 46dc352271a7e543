//! What is new: entries from the inbox, what falls due, and what may leave the memory again.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::Instant;

use super::{PartitionWorker, Report};
use crate::domain::ids::RepoId;
use crate::runtime::agenda;
use crate::runtime::governor::Governor;
use crate::runtime::job::Queued;
use crate::runtime::keys::Wakeup;
use crate::runtime::park;
use crate::runtime::slot::Slot;
use crate::runtime::workshop::Workshop;
use crate::store::{InboxEntry, StoreError};

/// Entries read from the inbox at once.
const PAGE: usize = 256;

/// Reading something from the store that may fail for a while.
#[derive(Default)]
pub(super) struct Reading {
    tries: u32,
    pub(super) not_before: Option<Instant>,
}

impl<G: Governor> PartitionWorker<G> {
    pub(super) async fn read_inbox(&mut self, now: Instant) {
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
                self.caught_up |= !self.unread;
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
        let behind = usize::from(!self.caught_up);
        let slot = self.slot(repo);
        slot.deliveries.push_back(queued);
        slot.behind += behind;
        self.woken.insert(repo);
    }

    pub(super) async fn read_schedule(&mut self, now: Instant) {
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

    pub(super) fn take_due(&mut self) {
        for (Wakeup { repo, what }, at) in self.agenda.take_due(self.shop.clock.now()) {
            self.slot(repo).ready.insert(what, at);
            self.woken.insert(repo);
        }
    }

    pub(super) fn slot(&mut self, repo: RepoId) -> &mut Slot<G::State> {
        self.slots.entry(repo).or_insert_with(|| Slot::new(Instant::now()))
    }

    /// Repositories that had nothing to do for long leave the memory.
    pub(super) fn sweep(&mut self, now: Instant) {
        if now < self.sweep_at {
            return;
        }
        let idle = self.shop.settings.idle;
        self.slots.retain(|_, slot| !slot.is_quiet() || now.duration_since(slot.used) < idle);
        self.sweep_at = now + idle;
    }
}

impl Reading {
    fn may_read(&mut self, now: Instant) -> bool {
        self.not_before = self.not_before.filter(|at| *at > now);
        self.not_before.is_none()
    }

    fn failed<G: Governor>(&mut self, shop: &Workshop<G>, error: &StoreError) {
        let wait: Duration = shop.settings.wait_after(self.tries, u64::from(shop.partition.number()));
        tracing::warn!(partition = %shop.partition, %error, wait_ms = wait.as_millis(), "the store cannot be read");
        self.tries += 1;
        self.not_before = Some(Instant::now() + wait);
    }
}
