//! Commits of one partition, one at a time.
//!
//! A batch whose outcome is unknown is repeated under its own id until it is known. The turn is not given away meanwhile: the store
//! remembers only the last applied id of a partition.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::Instant;

use super::lease::Held;
use super::observe::Observer;
use super::settings::Settings;
use crate::store::{Batch, BatchId, Partition, Store, StoreError};

/// Makes a partition's commits.
pub(super) struct Committer {
    store: Arc<dyn Store>,
    observer: Arc<dyn Observer>,
    settings: Arc<Settings>,
    partition: Partition,
    lease: Arc<Held>,
    turn: Mutex<Turn>,
}

struct Turn {
    next: u64,
    closed: bool,
}

/// How a commit went through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Committed {
    /// At the first try.
    AtOnce,
    /// Only after its outcome had been unknown: what was cached is to be read anew.
    Repeated,
}

/// Why it did not.
#[derive(Debug)]
pub(super) enum Rejected {
    /// The partition is not ours any more.
    Lost,
    /// The store holds what contradicts it; repeating cannot help.
    Unreadable(String),
}

impl Committer {
    /// Commits for `partition` under `lease`.
    pub(super) fn new(
        store: Arc<dyn Store>,
        observer: Arc<dyn Observer>,
        settings: Arc<Settings>,
        partition: Partition,
        lease: Arc<Held>,
    ) -> Self {
        Self { store, observer, settings, partition, lease, turn: Mutex::new(Turn { next: 0, closed: false }) }
    }

    /// Commits as one atomic step; an empty batch is nothing to do.
    pub(super) async fn commit(&self, batch: &Batch) -> Result<Committed, Rejected> {
        if *batch == Batch::default() {
            return Ok(Committed::AtOnce);
        }
        let mut turn = self.turn.lock().await;
        if turn.closed {
            return Err(Rejected::Lost);
        }
        let id = BatchId(format!("{}-{}-{}", self.settings.run, self.lease.token.0, turn.next));
        turn.next += 1;
        let began = Instant::now();
        for tries in 0.. {
            match self.store.commit(self.partition, self.lease.token, &id, batch).await {
                Ok(()) => {
                    self.observer.committed(tries + 1, began.elapsed());
                    return Ok(if tries == 0 { Committed::AtOnce } else { Committed::Repeated });
                }
                Err(StoreError::Fenced { .. }) => break,
                Err(StoreError::Unreadable { what, why }) => {
                    return Err(Rejected::Unreadable(format!("{what}: {why}")));
                }
                Err(StoreError::Unavailable(why)) => {
                    tracing::warn!(partition = %self.partition, tries, why, "a commit got no answer and is repeated");
                    tokio::time::sleep(self.settings.wait_after(tries, turn.next)).await;
                }
            }
        }
        turn.closed = true;
        Err(Rejected::Lost)
    }

    /// Lets the commit in hand finish and makes no further one. Gives up waiting after `at_most`.
    pub(super) async fn close(&self, at_most: Duration) {
        if let Ok(mut turn) = tokio::time::timeout(at_most, self.turn.lock()).await {
            turn.closed = true;
        }
    }
}
