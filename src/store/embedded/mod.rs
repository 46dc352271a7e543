//! The store for one machine: a file in the data directory, kept by redb (ADR 0003).
//!
//! One thread writes. It takes all jobs that wait, applies them in one transaction and answers when that is on disk: concurrent accepts
//! share one fsync. Reads see the last committed transaction and run on the blocking pool; no async worker touches the disk.
//!
//! ```text
//! accept, commit, redrive, lease, release ──► channel ──► writer thread: group ─► one transaction ─► fsync ─► answers
//! inbox, load, get, trace, due, pending   ──► blocking pool: a snapshot
//! ```
//!
//! Leases live in the writer's memory: redb locks the file, so one process has the directory at a time and a restart frees every lease.
//! Tokens grow across restarts all the same, since their upper half counts the starts.

mod apply;
mod keys;
mod leases;
mod read;
mod seen;
mod writer;

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use redb::{Database, DatabaseError};
use tokio::sync::{mpsc, oneshot};

use self::writer::Job;
use super::wake::Wakes;
use super::{
    Accepted, Batch, BatchId, Crew, Due, EntryId, InboxEntry, Lease, NewDelivery, Parked, Partition, Pending, Store,
    StoreError, Token,
};
use crate::domain::ids::Timestamp;

/// How many jobs may wait for the writer; more callers wait for their turn.
const WAITING: usize = 4096;
/// How much of the file redb keeps in memory.
const CACHE_BYTES: usize = 64 << 20;

/// The embedded store. Dropping it ends the writer, after what it had taken is on disk.
#[derive(Debug)]
pub struct Embedded {
    database: Arc<Database>,
    jobs: Option<mpsc::Sender<Job>>,
    writer: Option<JoinHandle<()>>,
    wakes: Wakes,
    crew: Crew,
}

impl Embedded {
    /// Opens the store in `directory`, which is made if it is missing. Delivery ids are remembered for at least `window`, and
    /// while deliveries come for no longer than one and a half times that.
    ///
    /// # Errors
    /// `Unavailable` if another process has the directory or the disk refuses, `Unreadable` if a newer release wrote it.
    pub async fn open(directory: &Path, window: Duration) -> Result<Self, StoreError> {
        let directory = directory.to_owned();
        let (database, state) = blocking(move || {
            let database = file(&directory)?;
            let state = writer::State::load(&database, window)?;
            Ok((Arc::new(database), state))
        })
        .await?;
        let (jobs, waiting) = mpsc::channel(WAITING);
        let for_writer = Arc::clone(&database);
        let writer = std::thread::Builder::new()
            .name("store-writer".into())
            .spawn(move || state.run(&for_writer, waiting))
            .map_err(unavailable)?;
        Ok(Self { database, jobs: Some(jobs), writer: Some(writer), wakes: Wakes::default(), crew: Crew::default() })
    }

    async fn ask<T>(&self, job: impl FnOnce(oneshot::Sender<Result<T, StoreError>>) -> Job) -> Result<T, StoreError> {
        let gone = || StoreError::Unavailable("the store's writer has stopped; its last error is in the log".into());
        let jobs = self.jobs.as_ref().ok_or_else(gone)?;
        let (answer, answered) = oneshot::channel();
        jobs.send(job(answer)).await.map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&redb::ReadTransaction) -> Result<T, read::Trouble> + Send + 'static,
    ) -> Result<T, StoreError> {
        let database = Arc::clone(&self.database);
        blocking(move || {
            let snapshot = redb::ReadableDatabase::begin_read(&*database).map_err(unavailable)?;
            read(&snapshot).map_err(StoreError::from)
        })
        .await
    }
}

/// The writer holds the file open: waiting for it here lets the same process open the directory again at once.
impl Drop for Embedded {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(Err(_)) = self.writer.take().map(JoinHandle::join) {
            tracing::error!("the store's writer had panicked");
        }
    }
}

fn file(directory: &Path) -> Result<Database, StoreError> {
    let path = directory.join("flyball.redb");
    let told = |error: &dyn std::fmt::Display| StoreError::Unavailable(format!("{}: {error}", path.display()));
    std::fs::create_dir_all(directory).map_err(|error| told(&error))?;
    let database = Database::builder().set_cache_size(CACHE_BYTES).create(&path).map_err(|error| match error {
        DatabaseError::DatabaseAlreadyOpen => told(&"another process has this data directory open; one may at a time"),
        other => told(&other),
    })?;
    // Otherwise a power cut could forget that the file exists.
    std::fs::File::open(directory).and_then(|opened| opened.sync_all()).map_err(|error| told(&error))?;
    Ok(database)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.map_err(unavailable)?
}

fn unavailable(error: impl std::fmt::Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}

#[async_trait]
impl Store for Embedded {
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        let partition = delivery.partition;
        let accepted = self.ask(|answer| Job::Accept { delivery, answer }).await?;
        if accepted == Accepted::New {
            self.wakes.mark(partition);
        }
        Ok(accepted)
    }

    async fn lease(&self, partition: Partition, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let owner = owner.to_owned();
        self.ask(|answer| Job::Lease { partition, owner, ttl, answer }).await
    }

    async fn release(&self, partition: Partition, token: Token) -> Result<(), StoreError> {
        self.ask(|answer| Job::Release { partition, token, answer }).await
    }

    async fn crew(&self, owner: &str, ttl: Duration) -> Result<Vec<(String, Duration)>, StoreError> {
        Ok(self.crew.join(owner, ttl))
    }

    async fn leave(&self, owner: &str) -> Result<(), StoreError> {
        self.crew.leave(owner);
        Ok(())
    }

    async fn crew_changes(&self, at_most: Duration) {
        self.crew.changes(at_most).await;
    }

    async fn inbox(
        &self,
        partition: Partition,
        after: Option<EntryId>,
        max: usize,
    ) -> Result<Vec<InboxEntry>, StoreError> {
        self.read(move |snapshot| read::inbox(snapshot, partition, after, max)).await
    }

    async fn arrivals(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition> {
        self.wakes.wait(partitions, at_most).await
    }

    async fn load(&self, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
        let space = space.to_owned();
        self.read(move |snapshot| read::load(snapshot, partition, &space)).await
    }

    async fn get(&self, partition: Partition, space: &str, field: &str) -> Result<Option<Bytes>, StoreError> {
        let key = keys::field(partition, space, field);
        self.read(move |snapshot| read::get(snapshot, &key)).await
    }

    async fn spaces(&self, partition: Partition) -> Result<Vec<String>, StoreError> {
        self.read(move |snapshot| read::spaces(snapshot, partition)).await
    }

    async fn trace(&self, partition: Partition, stream: &str, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
        let stream = stream.to_owned();
        self.read(move |snapshot| read::trace(snapshot, partition, &stream, from, max)).await
    }

    async fn due(&self, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError> {
        self.read(move |snapshot| read::due(snapshot, partition, now, max)).await
    }

    async fn next_due(&self, partition: Partition) -> Result<Option<Timestamp>, StoreError> {
        self.read(move |snapshot| read::next_due(snapshot, partition)).await
    }

    async fn commit(&self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError> {
        let (id, batch) = (id.clone(), Box::new(batch.clone()));
        self.ask(|answer| Job::Commit { partition, token, id, batch, answer }).await
    }

    async fn parked(&self, partition: Partition) -> Result<Vec<Parked>, StoreError> {
        self.read(move |snapshot| read::parked(snapshot, partition)).await
    }

    async fn redrive(&self, partition: Partition, id: &str) -> Result<bool, StoreError> {
        let id = id.to_owned();
        let redriven = self.ask(|answer| Job::Redrive { partition, id, answer }).await?;
        if redriven {
            self.wakes.mark(partition);
        }
        Ok(redriven)
    }

    async fn pending(&self, partition: Partition, now: Timestamp) -> Result<Pending, StoreError> {
        self.read(move |snapshot| read::pending(snapshot, partition, now)).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // Through the writer: reads would still answer when nothing can be written any more.
        self.ask(|answer| Job::Ping { answer }).await
    }
}
