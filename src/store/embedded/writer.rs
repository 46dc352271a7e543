//! The writing thread: jobs that wait together are applied in one transaction, and answered when it is on disk.

use std::time::Duration;

use redb::{Database, ReadableDatabase};
use tokio::sync::{mpsc, oneshot};

use super::apply::{Tables, Trouble};
use super::leases::Leases;
use super::seen::Generations;
use super::{keys, unavailable};
use crate::store::{Accepted, Batch, BatchId, Lease, NewDelivery, Partition, StoreError, Token};

/// A group ends at this many jobs, or bytes of bodies, so that answers do not wait for ever and a transaction fits in memory.
const GROUP_JOBS: usize = 512;
const GROUP_BYTES: usize = 16 << 20;
/// A group may wait so long to become as large as the last one was: under load that saves a sync for all of them, and one that comes
/// alone never waits.
const LINGER: Duration = Duration::from_millis(1);
/// How long the writer sleeps between two looks while a group fills.
const NAP: Duration = Duration::from_micros(100);
/// The layout that this build reads and writes.
const LAYOUT: u8 = 1;

type Answer<T> = oneshot::Sender<Result<T, StoreError>>;

/// Something to write, and where the answer goes.
#[derive(Debug)]
pub(super) enum Job {
    Accept { delivery: NewDelivery, answer: Answer<Accepted> },
    Commit { partition: Partition, token: Token, id: BatchId, batch: Box<Batch>, answer: Answer<()> },
    Redrive { partition: Partition, id: String, answer: Answer<bool> },
    Lease { partition: Partition, owner: String, ttl: Duration, answer: Answer<Option<Lease>> },
    Release { partition: Partition, token: Token, answer: Answer<()> },
    Ping { answer: Answer<()> },
}

impl Job {
    fn bytes(&self) -> usize {
        match self {
            Self::Accept { delivery, .. } => delivery.body.len(),
            Self::Commit { batch, .. } => {
                let puts = batch.puts.iter().filter_map(|put| put.value.as_ref()).map(bytes::Bytes::len).sum::<usize>();
                puts + batch.trace.iter().map(|entry| entry.body.len()).sum::<usize>()
            }
            Self::Redrive { .. } | Self::Lease { .. } | Self::Release { .. } | Self::Ping { .. } => 0,
        }
    }

    fn writes(&self) -> bool {
        matches!(self, Self::Accept { .. } | Self::Commit { .. } | Self::Redrive { .. })
    }

    fn fail(self, why: &str) {
        fn tell<T>(answer: Answer<T>, why: &str) {
            // The caller may have gone: then nobody needs the answer.
            let _gone = answer.send(Err(StoreError::Unavailable(why.into())));
        }
        match self {
            Self::Accept { answer, .. } => tell(answer, why),
            Self::Commit { answer, .. } | Self::Release { answer, .. } | Self::Ping { answer } => tell(answer, why),
            Self::Redrive { answer, .. } => tell(answer, why),
            Self::Lease { answer, .. } => tell(answer, why),
        }
    }
}

/// What the writer keeps in memory.
#[derive(Debug)]
pub(super) struct State {
    pub(super) leases: Leases,
    pub(super) seen: Generations,
    /// The number of the next inbox entry; one sequence for all partitions.
    pub(super) next: u64,
    /// Why nothing can be written any more, if so: redb refuses everything after a failed write until it is opened again.
    broken: Option<String>,
}

impl State {
    /// Reads what the last process left, and counts this start.
    pub(super) fn load(database: &Database, window: Duration) -> Result<Self, StoreError> {
        let transaction = database.begin_write().map_err(unavailable)?;
        let state = {
            let mut tables = Tables::open(&transaction).map_err(unavailable)?;
            match tables.number(keys::FORMAT).map_err(unavailable)? {
                None => tables.set_number(keys::FORMAT, u64::from(LAYOUT)).map_err(unavailable)?,
                Some(layout) if layout == u64::from(LAYOUT) => {}
                Some(newer) => {
                    return Err(StoreError::Unreadable {
                        what: "the data directory".into(),
                        why: format!("it has layout {newer}, this build knows {LAYOUT}"),
                    });
                }
            }
            let start = tables.number(keys::START).map_err(unavailable)?.unwrap_or(0) + 1;
            tables.set_number(keys::START, start).map_err(unavailable)?;
            let seen = Generations::load(&tables.seen, window).map_err(unavailable)?;
            let next = tables.number(keys::NEXT).map_err(unavailable)?.unwrap_or(1);
            let start = u32::try_from(start).expect("nobody starts a process four billion times");
            Self { leases: Leases::new(start), seen, next, broken: None }
        };
        transaction.commit().map_err(unavailable)?;
        Ok(state)
    }

    /// Works until every sender is gone.
    pub(super) fn run(mut self, database: &Database, mut waiting: mpsc::Receiver<Job>) {
        let mut last = 1;
        while let Some(first) = waiting.blocking_recv() {
            let group = gather(first, last, &mut waiting);
            last = group.len();
            self.work(database, group);
        }
    }

    /// Applies a group in order and answers it, all after the commit: no one learns of what could still be lost.
    fn work(&mut self, database: &Database, group: Vec<Job>) {
        let outcome =
            if group.iter().any(Job::writes) { self.write(database, &group) } else { self.look(database, &group) };
        match outcome {
            Ok(done) => group.into_iter().zip(done).for_each(|(job, done)| answer(job, done)),
            Err(error) => {
                tracing::error!(%error, jobs = group.len(), "the embedded store cannot write");
                group.into_iter().for_each(|job| job.fail(&error));
            }
        }
    }

    fn write(&mut self, database: &Database, group: &[Job]) -> Result<Vec<Done>, String> {
        if let Some(broken) = &self.broken {
            return Err(format!("an earlier write failed, restart to go on: {broken}"));
        }
        let written = self.transact(database, group).map_err(|error| error.to_string());
        if let Err(error) = &written {
            self.broken = Some(error.clone());
        }
        written
    }

    fn transact(&mut self, database: &Database, group: &[Job]) -> Result<Vec<Done>, redb::Error> {
        let transaction = database.begin_write()?;
        let mut done = Vec::with_capacity(group.len());
        {
            let mut tables = Tables::open(&transaction)?;
            let next = self.next;
            let now = wall_clock();
            for job in group {
                done.push(self.one(&mut tables, now, job)?);
            }
            self.seen.forget(&mut tables.seen, now)?;
            if self.next != next {
                tables.set_number(keys::NEXT, self.next)?;
            }
        }
        transaction.commit()?;
        Ok(done)
    }

    fn one(&mut self, tables: &mut Tables<'_>, now: u64, job: &Job) -> Result<Done, redb::Error> {
        let done = match job {
            Job::Accept { delivery, .. } => tables.accept(self, now, delivery).map(Done::Accepted),
            Job::Commit { partition, token, id, batch, .. } if self.leases.counts(*partition, *token) => {
                tables.commit(*partition, id, batch).map(|()| Done::Nothing)
            }
            Job::Commit { partition, token, .. } => {
                Ok(Done::Refused(StoreError::Fenced { partition: *partition, ours: *token }))
            }
            Job::Redrive { partition, id, .. } => tables.redrive(self, *partition, id).map(Done::Redriven),
            Job::Lease { .. } | Job::Release { .. } | Job::Ping { .. } => Ok(self.lease(job)),
        };
        match done {
            Ok(done) => Ok(done),
            Err(Trouble::Refused(error)) => Ok(Done::Refused(error)),
            Err(Trouble::Broken(error)) => Err(error),
        }
    }

    /// A group that writes nothing needs no transaction.
    fn look(&mut self, database: &Database, group: &[Job]) -> Result<Vec<Done>, String> {
        if let Some(broken) = &self.broken {
            return Err(format!("an earlier write failed, restart to go on: {broken}"));
        }
        database.begin_read().map_err(|error| error.to_string())?;
        Ok(group.iter().map(|job| self.lease(job)).collect())
    }

    fn lease(&mut self, job: &Job) -> Done {
        match job {
            Job::Lease { partition, owner, ttl, .. } => Done::Leased(self.leases.take(*partition, owner.clone(), *ttl)),
            Job::Release { partition, token, .. } => {
                self.leases.release(*partition, *token);
                Done::Nothing
            }
            Job::Ping { .. } | Job::Accept { .. } | Job::Commit { .. } | Job::Redrive { .. } => Done::Nothing,
        }
    }
}

/// What waits, as one group; while it is smaller than the last one it may fill up for a moment.
fn gather(first: Job, last: usize, waiting: &mut mpsc::Receiver<Job>) -> Vec<Job> {
    let mut bytes = first.bytes();
    let mut group = vec![first];
    let mut naps = LINGER.as_micros() / NAP.as_micros();
    while group.len() < GROUP_JOBS && bytes < GROUP_BYTES {
        match waiting.try_recv() {
            Ok(job) => {
                bytes += job.bytes();
                group.push(job);
            }
            Err(mpsc::error::TryRecvError::Empty) if naps > 0 && group.len() < last => {
                naps -= 1;
                std::thread::sleep(NAP);
            }
            Err(_) => break,
        }
    }
    group
}

/// What became of a job, until the commit lets it be told.
#[derive(Debug)]
enum Done {
    Accepted(Accepted),
    Redriven(bool),
    Leased(Option<Lease>),
    Nothing,
    Refused(StoreError),
}

fn answer(job: Job, done: Done) {
    // A failed send means that the caller stopped waiting: the work is done all the same.
    let _told = match (job, done) {
        (Job::Accept { answer, .. }, Done::Accepted(accepted)) => answer.send(Ok(accepted)).is_ok(),
        (Job::Redrive { answer, .. }, Done::Redriven(redriven)) => answer.send(Ok(redriven)).is_ok(),
        (Job::Lease { answer, .. }, Done::Leased(lease)) => answer.send(Ok(lease)).is_ok(),
        (Job::Commit { answer, .. } | Job::Release { answer, .. } | Job::Ping { answer }, Done::Nothing) => {
            answer.send(Ok(())).is_ok()
        }
        (Job::Commit { answer, .. }, Done::Refused(error)) => answer.send(Err(error)).is_ok(),
        (Job::Redrive { answer, .. }, Done::Refused(error)) => answer.send(Err(error)).is_ok(),
        (job, done) => {
            job.fail(&format!("the writer mixed up its answers: {done:?}"));
            false
        }
    };
}

/// Seconds since 1970, for the window of delivery ids, which must hold across restarts.
#[expect(
    clippy::disallowed_methods,
    reason = "a store keeps its own time; the Clock port belongs to the runtime above it"
)]
fn wall_clock() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
