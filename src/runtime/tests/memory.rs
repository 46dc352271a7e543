//! A store in memory that can be cut off, fail and be stolen from. The real adapters have their own suite.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::fuse::Fuse;
use crate::domain::ids::Timestamp;
use crate::store::{
    Accepted, Batch, BatchId, Crew, Due, DueKind, EntryId, InboxEntry, Lease, NewDelivery, Parked, Partition, Pending,
    Schedule, Store, StoreError, Token,
};

/// How a commit goes wrong.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mishap {
    /// Not applied, no answer.
    BeforeIt,
    /// Applied, no answer.
    AfterIt,
}

#[derive(Default)]
struct Shelf {
    owner: Option<(String, Instant)>,
    token: u64,
    arrivals: u64,
    seen: BTreeSet<String>,
    inbox: BTreeMap<EntryId, InboxEntry>,
    spaces: BTreeMap<String, BTreeMap<String, Bytes>>,
    traces: BTreeMap<String, Vec<Bytes>>,
    due: BTreeMap<(DueKind, String), Schedule>,
    parked: Vec<Parked>,
    last: Option<BatchId>,
    marked: bool,
    /// Whoever asks for the lease has it for long and does not hear so.
    mute: bool,
}

pub(super) struct Memory {
    shelves: Mutex<BTreeMap<Partition, Shelf>>,
    bell: Notify,
    crew: Mutex<Arc<Crew>>,
    pub(super) mishaps: Mutex<VecDeque<Mishap>>,
    pub(super) asked: AtomicUsize,
    fuse: Fuse,
}

impl Memory {
    pub(super) fn new(fuse: Fuse) -> Self {
        Self {
            shelves: Mutex::default(),
            bell: Notify::new(),
            crew: Mutex::default(),
            mishaps: Mutex::default(),
            asked: AtomicUsize::new(0),
            fuse,
        }
    }

    fn on<T>(&self, partition: Partition, act: impl FnOnce(&mut Shelf) -> T) -> T {
        act(self.shelves.lock().unwrap().entry(partition).or_default())
    }

    async fn ask<T>(&self, partition: Partition, act: impl FnOnce(&mut Shelf) -> T + Send) -> T
    where
        T: Send,
    {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.fuse.step().await;
        let answer = self.on(partition, act);
        self.fuse.step().await;
        answer
    }

    /// Whether renewals of the lease are done from now on without an answer.
    pub(super) fn mute(&self, partition: Partition, mute: bool) {
        self.on(partition, |shelf| shelf.mute = mute);
    }

    /// The token under which the lease was given last.
    pub(super) fn token(&self, partition: Partition) -> u64 {
        self.on(partition, |shelf| shelf.token)
    }

    /// Somebody else holds the lease from now on.
    pub(super) fn steal(&self, partition: Partition) {
        self.on(partition, |shelf| {
            shelf.token += 1;
            shelf.owner = Some(("thief".into(), Instant::now() + Duration::from_secs(600)));
        });
    }

    /// The leases are gone, as those of an embedded store are with its process.
    pub(super) fn forget_leases(&self) {
        self.shelves.lock().unwrap().values_mut().for_each(|shelf| shelf.owner = None);
        *self.crew.lock().unwrap() = Arc::default();
    }

    /// Puts bytes where they do not belong.
    pub(super) fn scribble(&self, partition: Partition, space: &str, field: &str, value: &'static [u8]) {
        self.on(partition, |shelf| {
            shelf.spaces.entry(space.into()).or_default().insert(field.into(), Bytes::from_static(value));
        });
    }

    /// How often a trace was appended to, over all.
    pub(super) fn trace_len(&self, partition: Partition, stream: &str) -> usize {
        self.on(partition, |shelf| shelf.traces.get(stream).map_or(0, Vec::len))
    }
}

impl Shelf {
    fn push(&mut self, delivery: String, body: Bytes) {
        self.arrivals += 1;
        // Minor numbers wrap into major ones now and then, as Redis's do.
        let id = EntryId { major: self.arrivals / 3, minor: self.arrivals % 3 };
        self.inbox.insert(id, InboxEntry { id, delivery, body });
        self.marked = true;
    }

    fn apply(&mut self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError> {
        let lives = self.owner.as_ref().is_some_and(|(_, until)| *until > Instant::now());
        if token.0 != self.token || !lives {
            return Err(StoreError::Fenced { partition, ours: token });
        }
        if self.last.as_ref() == Some(id) {
            return Ok(());
        }
        for forget in &batch.forget {
            let length = self.traces.get(&forget.stream).map_or(0, Vec::len) as u64;
            if length != forget.length {
                let why = format!("{length} entries, not {}", forget.length);
                return Err(StoreError::Unreadable { what: forget.stream.clone(), why });
            }
        }
        batch.forget.iter().for_each(|forget| drop(self.traces.remove(&forget.stream)));
        for line in &batch.trace {
            let stream = self.traces.entry(line.stream.clone()).or_default();
            if line.seq != stream.len() as u64 + 1 {
                return Err(StoreError::Unreadable { what: line.stream.clone(), why: format!("gap at {}", line.seq) });
            }
            stream.push(line.body.clone());
        }
        for put in batch.puts.clone() {
            let space = self.spaces.entry(put.space).or_default();
            match put.value {
                Some(value) => drop(space.insert(put.field, value)),
                None => drop(space.remove(&put.field)),
            }
        }
        for key in &batch.unschedule {
            self.due.remove(key);
        }
        for entry in &batch.schedule {
            self.due.insert((entry.kind, entry.id.clone()), entry.clone());
        }
        for id in &batch.ack {
            self.inbox.remove(id);
        }
        self.parked.extend(batch.park.iter().cloned());
        self.last = Some(id.clone());
        Ok(())
    }
}

#[async_trait]
impl Store for Memory {
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        let accepted = self
            .ask(delivery.partition, |shelf| {
                if !shelf.seen.insert(delivery.id.clone()) {
                    return Accepted::Duplicate;
                }
                shelf.push(delivery.id, delivery.body);
                Accepted::New
            })
            .await;
        self.bell.notify_waiters();
        Ok(accepted)
    }

    async fn lease(&self, partition: Partition, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let now = Instant::now();
        self.ask(partition, |shelf| {
            let fresh = match &shelf.owner {
                Some((holder, until)) if *until > now && holder != owner => return Ok(None),
                Some((holder, until)) => *until <= now || holder != owner,
                None => true,
            };
            shelf.token += u64::from(fresh);
            shelf.owner = Some((owner.to_owned(), now + if shelf.mute { Duration::from_secs(600) } else { ttl }));
            let lease = Lease { token: Token(shelf.token), fresh };
            if shelf.mute { Err(StoreError::Unavailable("no answer".to_owned())) } else { Ok(Some(lease)) }
        })
        .await
    }

    async fn release(&self, partition: Partition, token: Token) -> Result<(), StoreError> {
        self.ask(partition, |shelf| {
            if shelf.token == token.0 {
                shelf.owner = None;
            }
        })
        .await;
        Ok(())
    }

    async fn crew(&self, owner: &str, ttl: Duration) -> Result<Vec<(String, Duration)>, StoreError> {
        Ok(self.crew.lock().unwrap().join(owner, ttl))
    }

    async fn leave(&self, owner: &str) -> Result<(), StoreError> {
        self.crew.lock().unwrap().leave(owner);
        Ok(())
    }

    async fn crew_changes(&self, at_most: Duration) {
        let crew = Arc::clone(&self.crew.lock().unwrap());
        crew.changes(at_most).await;
    }

    async fn inbox(
        &self,
        partition: Partition,
        after: Option<EntryId>,
        max: usize,
    ) -> Result<Vec<InboxEntry>, StoreError> {
        let entries = |shelf: &mut Shelf| {
            let later = shelf.inbox.values().filter(|entry| after.is_none_or(|after| entry.id > after));
            later.take(max).cloned().collect()
        };
        Ok(self.ask(partition, entries).await)
    }

    async fn arrivals(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition> {
        let taken = async {
            loop {
                let mut rings = std::pin::pin!(self.bell.notified());
                rings.as_mut().enable();
                let marked = |partition: &Partition| self.on(*partition, |shelf| std::mem::take(&mut shelf.marked));
                let found: Vec<_> = partitions.iter().copied().filter(marked).collect();
                if !found.is_empty() {
                    return found;
                }
                rings.await;
            }
        };
        tokio::time::timeout(at_most, taken).await.unwrap_or_default()
    }

    async fn load(&self, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
        let fields = |shelf: &mut Shelf| shelf.spaces.get(space).cloned().unwrap_or_default().into_iter().collect();
        Ok(self.ask(partition, fields).await)
    }

    async fn get(&self, partition: Partition, space: &str, field: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.ask(partition, |shelf| shelf.spaces.get(space).and_then(|space| space.get(field)).cloned()).await)
    }

    async fn spaces(&self, partition: Partition) -> Result<Vec<String>, StoreError> {
        Ok(self.ask(partition, |shelf| shelf.spaces.keys().cloned().collect()).await)
    }

    async fn trace(&self, partition: Partition, stream: &str, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
        let skip = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        let lines =
            |shelf: &mut Shelf| shelf.traces.get(stream).into_iter().flatten().skip(skip).take(max).cloned().collect();
        Ok(self.ask(partition, lines).await)
    }

    async fn due(&self, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError> {
        let due = |shelf: &mut Shelf| {
            let mut due: Vec<_> = shelf.due.values().filter(|entry| entry.at <= now).cloned().collect();
            due.sort_by(|a, b| (a.at, &a.id).cmp(&(b.at, &b.id)));
            due.truncate(max);
            due
        };
        Ok(self.ask(partition, due).await)
    }

    async fn next_due(&self, partition: Partition) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.ask(partition, |shelf| shelf.due.values().map(|entry| entry.at).min()).await)
    }

    async fn commit(&self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError> {
        let mishap = self.mishaps.lock().unwrap().pop_front();
        if let Some(Mishap::BeforeIt) = mishap {
            return Err(StoreError::Unavailable("cut".into()));
        }
        self.ask(partition, |shelf| shelf.apply(partition, token, id, batch)).await?;
        match mishap {
            Some(Mishap::AfterIt) => Err(StoreError::Unavailable("cut".into())),
            _ => Ok(()),
        }
    }

    async fn parked(&self, partition: Partition) -> Result<Vec<Parked>, StoreError> {
        Ok(self.ask(partition, |shelf| shelf.parked.clone()).await)
    }

    async fn redrive(&self, partition: Partition, id: &str) -> Result<bool, StoreError> {
        let found = self
            .ask(partition, |shelf| {
                let at = shelf.parked.iter().position(|parked| parked.id == id)?;
                let parked = shelf.parked.remove(at);
                shelf.push(parked.id, parked.body);
                Some(())
            })
            .await;
        self.bell.notify_waiters();
        Ok(found.is_some())
    }

    async fn pending(&self, partition: Partition, now: Timestamp) -> Result<Pending, StoreError> {
        let count = |shelf: &Shelf, of| shelf.due.values().filter(|due| due.kind == of && due.at <= now).count() as u64;
        Ok(self
            .ask(partition, |shelf| Pending {
                inbox: shelf.inbox.len() as u64,
                owed: count(shelf, DueKind::Owed),
                timers: count(shelf, DueKind::Timer),
                parked: shelf.parked.len() as u64,
            })
            .await)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
