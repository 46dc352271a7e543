//! A store in memory on virtual time: the contract of `Store` without disk, thread or network. It passes the conformance suite.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use flyball::domain::ids::Timestamp;
use flyball::domain::unit::{ChainHead, Unit};
use flyball::runtime::archive::unpack;
use flyball::store::{
    Accepted, Batch, BatchId, Crew, Due, DueKind, EntryId, InboxEntry, Lease, NewDelivery, Parked, Partition, Pending,
    Store, StoreError, Token,
};
use tokio::sync::Notify;
use tokio::time::Instant;

/// Everything of one partition.
#[derive(Default)]
struct Room {
    seen: BTreeSet<String>,
    inbox: BTreeMap<EntryId, (String, Bytes)>,
    spaces: BTreeMap<String, BTreeMap<String, Bytes>>,
    traces: BTreeMap<String, Vec<Bytes>>,
    due: BTreeMap<(DueKind, String), (Timestamp, Bytes)>,
    parked: Vec<Parked>,
    last_batch: Option<BatchId>,
    lease: Option<(String, Token, Instant)>,
    packed: u64,
    written_back: u64,
}

#[derive(Default)]
struct Rooms {
    rooms: BTreeMap<Partition, Room>,
    marked: BTreeSet<Partition>,
    last_entry: u64,
    last_token: u64,
}

/// The store.
#[derive(Default)]
pub(crate) struct Memory {
    rooms: Mutex<Rooms>,
    bell: Notify,
    crew: Crew,
}

impl Memory {
    fn lock(&self) -> MutexGuard<'_, Rooms> {
        self.rooms.lock().unwrap()
    }

    fn within<T>(&self, partition: Partition, ask: impl FnOnce(&mut Room) -> T) -> T {
        ask(self.lock().rooms.entry(partition).or_default())
    }

    /// Every trace by its stream, with the link that its unit believes to be the last; packed ones are unpacked.
    pub(crate) fn traces(&self) -> Vec<(String, Vec<Bytes>, Option<ChainHead>)> {
        let rooms = self.lock();
        rooms.rooms.values().flat_map(Room::all_traces).collect()
    }

    /// How many traces were packed, and how many of them written back.
    pub(crate) fn archived(&self) -> (u64, u64) {
        let rooms = self.lock();
        rooms.rooms.values().fold((0, 0), |(packed, back), room| (packed + room.packed, back + room.written_back))
    }

    /// What waits in all partitions by `now`, and the deliveries that nobody worked.
    pub(crate) fn waiting(&self, now: Timestamp) -> (Pending, Vec<String>) {
        let mut all = Pending::default();
        let mut entries = Vec::new();
        for room in self.lock().rooms.values() {
            let pending = room.pending(now);
            all.inbox += pending.inbox;
            all.owed += pending.owed;
            all.timers += pending.timers;
            all.parked += pending.parked;
            entries.extend(room.inbox.values().map(|(id, _)| id.clone()));
            entries.extend(room.parked.iter().map(|letter| format!("parked: {} ({})", letter.id, letter.reason)));
        }
        (all, entries)
    }
}

impl Room {
    fn pending(&self, now: Timestamp) -> Pending {
        let due = |kind| self.due.iter().filter(|((of, _), (at, _))| *of == kind && *at <= now).count() as u64;
        Pending {
            inbox: self.inbox.len() as u64,
            owed: due(DueKind::Owed),
            timers: due(DueKind::Timer),
            parked: self.parked.len() as u64,
        }
    }

    fn all_traces(&self) -> Vec<(String, Vec<Bytes>, Option<ChainHead>)> {
        let mut all: Vec<(String, Vec<Bytes>)> = self.traces.clone().into_iter().collect();
        for (space, fields) in self.spaces.iter().filter(|(space, _)| space.ends_with(":archive")) {
            for (field, packed) in fields {
                let stream = format!("t{}:{}", &space[1..space.len() - ":archive".len()], &field[2..]);
                let lines = unpack(&stream, packed).unwrap();
                all.push((stream, lines));
            }
        }
        let all = all.into_iter().map(|(stream, lines)| {
            let head = self.head(&stream);
            (stream, lines, head)
        });
        all.collect()
    }

    /// The last link as the unit of this stream has it: while it is live, else as it was when it ended.
    fn head(&self, stream: &str) -> Option<ChainHead> {
        let (repo, number) = stream.strip_prefix('t')?.split_once(':')?;
        let field = format!("u:{number}");
        let stored = |space: String| self.spaces.get(&space).and_then(|space| space.get(&field));
        let unit = stored(format!("r{repo}")).or_else(|| stored(format!("r{repo}:closed")))?;
        let unit: Unit = serde_json::from_slice(unit).unwrap();
        Some(unit.chain)
    }

    fn gap(&self, batch: &Batch) -> Option<StoreError> {
        let mut lengths: BTreeMap<&str, u64> = BTreeMap::new();
        for forget in &batch.forget {
            let stored = self.traces.get(&forget.stream).map_or(0, Vec::len) as u64;
            if stored != forget.length {
                let why = format!("it was to be forgotten with {} entries and has {stored}", forget.length);
                return Some(StoreError::Unreadable { what: format!("the trace {}", forget.stream), why });
            }
            lengths.insert(&forget.stream, 0);
        }
        for append in &batch.trace {
            let stored = self.traces.get(&append.stream).map_or(0, Vec::len) as u64;
            let length = lengths.entry(&append.stream).or_insert(stored);
            *length += 1;
            if append.seq != *length {
                let why = format!("entry {} was given where {length} comes next", append.seq);
                return Some(StoreError::Unreadable { what: format!("the trace {}", append.stream), why });
            }
        }
        None
    }

    fn apply(&mut self, id: &BatchId, batch: &Batch) {
        self.last_batch = Some(id.clone());
        for put in batch.puts.iter().filter(|put| put.space.ends_with(":archive")) {
            *(if put.value.is_some() { &mut self.packed } else { &mut self.written_back }) += 1;
        }
        for put in &batch.puts {
            let space = self.spaces.entry(put.space.clone()).or_default();
            match &put.value {
                Some(value) => drop(space.insert(put.field.clone(), value.clone())),
                None => drop(space.remove(&put.field)),
            }
        }
        self.spaces.retain(|_, space| !space.is_empty());
        for forget in &batch.forget {
            self.traces.remove(&forget.stream);
        }
        for append in &batch.trace {
            self.traces.entry(append.stream.clone()).or_default().push(append.body.clone());
        }
        for (kind, id) in &batch.unschedule {
            self.due.remove(&(*kind, id.clone()));
        }
        for due in &batch.schedule {
            // To the millisecond, as the contract has it.
            let at = Timestamp::from_millisecond(due.at.as_millisecond()).unwrap_or(due.at);
            self.due.insert((due.kind, due.id.clone()), (at, due.body.clone()));
        }
        for entry in &batch.ack {
            self.inbox.remove(entry);
        }
        for letter in &batch.park {
            self.parked.retain(|known| known.id != letter.id);
            self.parked.push(letter.clone());
            self.parked.sort_by_key(|letter| letter.at);
        }
    }
}

#[async_trait]
impl Store for Memory {
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        let mut rooms = self.lock();
        let id = EntryId { major: rooms.last_entry + 1, minor: 0 };
        let room = rooms.rooms.entry(delivery.partition).or_default();
        if !room.seen.insert(delivery.id.clone()) {
            return Ok(Accepted::Duplicate);
        }
        room.inbox.insert(id, (delivery.id, delivery.body));
        rooms.last_entry += 1;
        rooms.marked.insert(delivery.partition);
        self.bell.notify_waiters();
        Ok(Accepted::New)
    }

    async fn lease(&self, partition: Partition, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let mut rooms = self.lock();
        let (now, next) = (Instant::now(), Token(rooms.last_token + 1));
        let room = rooms.rooms.entry(partition).or_default();
        if let Some((holder, token, until)) = room.lease.as_mut().filter(|(.., until)| *until > now) {
            return Ok((holder == owner).then(|| {
                *until = now + ttl;
                Lease { token: *token, fresh: false }
            }));
        }
        room.lease = Some((owner.to_owned(), next, now + ttl));
        rooms.last_token = next.0;
        Ok(Some(Lease { token: next, fresh: true }))
    }

    async fn release(&self, partition: Partition, token: Token) -> Result<(), StoreError> {
        self.within(partition, |room| room.lease.take_if(|(_, held, _)| *held == token));
        Ok(())
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
        Ok(self.within(partition, |room| {
            let later = room.inbox.iter().filter(|(id, _)| after.is_none_or(|after| **id > after)).take(max);
            later
                .map(|(id, (delivery, body))| InboxEntry { id: *id, delivery: delivery.clone(), body: body.clone() })
                .collect()
        }))
    }

    async fn arrivals(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition> {
        let taken = async {
            loop {
                let mut rings = std::pin::pin!(self.bell.notified());
                // Listening before looking: a mark set in between would otherwise ring for nobody.
                rings.as_mut().enable();
                let found: Vec<_> = {
                    let mut rooms = self.lock();
                    partitions.iter().copied().filter(|partition| rooms.marked.remove(partition)).collect()
                };
                if !found.is_empty() {
                    return found;
                }
                rings.await;
            }
        };
        tokio::time::timeout(at_most, taken).await.unwrap_or_default()
    }

    async fn load(&self, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
        Ok(self.within(partition, |room| {
            let fields = room.spaces.get(space).into_iter().flatten();
            fields.map(|(field, value)| (field.clone(), value.clone())).collect()
        }))
    }

    async fn get(&self, partition: Partition, space: &str, field: &str) -> Result<Option<Bytes>, StoreError> {
        Ok(self.within(partition, |room| room.spaces.get(space)?.get(field).cloned()))
    }

    async fn spaces(&self, partition: Partition) -> Result<Vec<String>, StoreError> {
        Ok(self.within(partition, |room| room.spaces.keys().cloned().collect()))
    }

    async fn trace(&self, partition: Partition, stream: &str, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
        let before = usize::try_from(from.saturating_sub(1)).unwrap_or(usize::MAX);
        Ok(self.within(partition, |room| {
            room.traces.get(stream).into_iter().flatten().skip(before).take(max).cloned().collect()
        }))
    }

    async fn due(&self, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError> {
        Ok(self.within(partition, |room| {
            let due = room.due.iter().filter(|(_, (at, _))| *at <= now);
            let mut due: Vec<_> = due
                .map(|((kind, id), (at, body))| Due { kind: *kind, id: id.clone(), at: *at, body: body.clone() })
                .collect();
            due.sort_by(|a, b| (a.at, a.kind, &a.id).cmp(&(b.at, b.kind, &b.id)));
            due.truncate(max);
            due
        }))
    }

    async fn next_due(&self, partition: Partition) -> Result<Option<Timestamp>, StoreError> {
        Ok(self.within(partition, |room| room.due.values().map(|(at, _)| *at).min()))
    }

    async fn commit(&self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError> {
        self.within(partition, |room| {
            let now = Instant::now();
            if !room.lease.as_ref().is_some_and(|(_, held, until)| *held == token && *until > now) {
                return Err(StoreError::Fenced { partition, ours: token });
            }
            if room.last_batch.as_ref() == Some(id) {
                return Ok(());
            }
            if let Some(gap) = room.gap(batch) {
                return Err(gap);
            }
            room.apply(id, batch);
            Ok(())
        })
    }

    async fn parked(&self, partition: Partition) -> Result<Vec<Parked>, StoreError> {
        Ok(self.within(partition, |room| room.parked.clone()))
    }

    async fn redrive(&self, partition: Partition, id: &str) -> Result<bool, StoreError> {
        let mut rooms = self.lock();
        let entry = EntryId { major: rooms.last_entry + 1, minor: 0 };
        let room = rooms.rooms.entry(partition).or_default();
        let Some(at) = room.parked.iter().position(|letter| letter.id == id) else { return Ok(false) };
        let letter = room.parked.remove(at);
        room.inbox.insert(entry, (letter.id, letter.body));
        rooms.last_entry += 1;
        rooms.marked.insert(partition);
        self.bell.notify_waiters();
        Ok(true)
    }

    async fn pending(&self, partition: Partition, now: Timestamp) -> Result<Pending, StoreError> {
        Ok(self.within(partition, |room| room.pending(now)))
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
