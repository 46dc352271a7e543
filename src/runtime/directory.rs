//! Which partitions are worked here, and how to reach them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use futures::future::join_all;
use tokio::sync::{mpsc, oneshot};

use crate::store::{Batch, Partition};

/// What a partition is told.
#[derive(Debug)]
pub(super) enum Command {
    /// Something may have arrived in its inbox.
    Arrived,
    /// Say when nothing is left to do.
    Settle(oneshot::Sender<()>),
    /// Commit this beside its own work, and say whether it is kept.
    Keep(Batch, oneshot::Sender<bool>),
    /// Bring what is in hand to an end.
    Stop,
}

/// The partitions that are worked here.
#[derive(Debug, Default)]
pub(super) struct Directory {
    partitions: Mutex<BTreeMap<Partition, mpsc::UnboundedSender<Command>>>,
    /// Grows with every job: two equal readings with nothing left in between mean that nothing is left.
    pub(super) moves: AtomicU64,
}

impl Directory {
    fn partitions(&self) -> MutexGuard<'_, BTreeMap<Partition, mpsc::UnboundedSender<Command>>> {
        self.partitions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A partition is worked here from now on.
    pub(super) fn add(&self, partition: Partition) -> mpsc::UnboundedReceiver<Command> {
        let (tell, told) = mpsc::unbounded_channel();
        self.partitions().insert(partition, tell);
        told
    }

    /// It is not any more.
    pub(super) fn remove(&self, partition: Partition) {
        self.partitions().remove(&partition);
    }

    /// Which are.
    pub(super) fn held(&self) -> Vec<Partition> {
        self.partitions().keys().copied().collect()
    }

    /// Whether this one is.
    pub(super) fn holds(&self, partition: Partition) -> bool {
        self.partitions().contains_key(&partition)
    }

    /// Commits a batch to a partition that is worked here; whether it is kept.
    pub(super) async fn keep(&self, partition: Partition, batch: Batch) -> bool {
        let (say, said) = oneshot::channel();
        let told = self.partitions().get(&partition).is_some_and(|tell| tell.send(Command::Keep(batch, say)).is_ok());
        told && said.await.unwrap_or(false)
    }

    /// Tells these partitions that something may have arrived.
    pub(super) fn arrived(&self, partitions: &[Partition]) {
        let known = self.partitions();
        for tell in partitions.iter().filter_map(|partition| known.get(partition)) {
            // One that just ended reads its inbox when it is taken again.
            drop(tell.send(Command::Arrived));
        }
    }

    /// Asks one to bring what is in hand to an end.
    pub(super) fn stop(&self, partition: Partition) {
        if let Some(tell) = self.partitions().get(&partition) {
            // One that just ended has stopped.
            drop(tell.send(Command::Stop));
        }
    }

    /// Returns when no partition has anything left to do by the clock.
    pub(super) async fn settled(&self) {
        loop {
            let before = self.moves.load(Ordering::Relaxed);
            let waiting: Vec<_> = self
                .partitions()
                .values()
                .filter_map(|tell| {
                    let (say, said) = oneshot::channel();
                    tell.send(Command::Settle(say)).is_ok().then_some(said)
                })
                .collect();
            let all_said = join_all(waiting).await.into_iter().all(|said| said.is_ok());
            if all_said && self.moves.load(Ordering::Relaxed) == before {
                return;
            }
        }
    }
}
