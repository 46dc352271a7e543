//! What each job changes in the tables of an open transaction.

use std::collections::BTreeMap;

use redb::{ReadableTable, Table, WriteTransaction};

use super::{keys, writer::State};
use crate::store::{
    Accepted, Batch, BatchId, DueKind, NewDelivery, Parked, Partition, StoreError, TraceAppend, TraceForget, frame,
};

/// Why a job was not applied.
#[derive(Debug)]
pub(super) enum Trouble {
    /// It may not be: nothing of it was written, the rest of its group stands.
    Refused(StoreError),
    /// The disk or the file failed: nothing of the group was written.
    Broken(redb::Error),
}

impl From<redb::StorageError> for Trouble {
    fn from(error: redb::StorageError) -> Self {
        Self::Broken(error.into())
    }
}

type Bytewise<'t> = Table<'t, &'static [u8], &'static [u8]>;

/// Every table, open for writing.
pub(super) struct Tables<'t> {
    inbox: Bytewise<'t>,
    pub(super) seen: Bytewise<'t>,
    space: Bytewise<'t>,
    trace: Bytewise<'t>,
    due: Bytewise<'t>,
    due_at: Bytewise<'t>,
    parked: Bytewise<'t>,
    meta: Bytewise<'t>,
}

impl<'t> Tables<'t> {
    pub(super) fn open(transaction: &'t WriteTransaction) -> Result<Self, redb::TableError> {
        Ok(Self {
            inbox: transaction.open_table(keys::INBOX)?,
            seen: transaction.open_table(keys::SEEN)?,
            space: transaction.open_table(keys::SPACE)?,
            trace: transaction.open_table(keys::TRACE)?,
            due: transaction.open_table(keys::DUE)?,
            due_at: transaction.open_table(keys::DUE_AT)?,
            parked: transaction.open_table(keys::PARKED)?,
            meta: transaction.open_table(keys::META)?,
        })
    }

    pub(super) fn number(&self, key: &[u8]) -> Result<Option<u64>, redb::StorageError> {
        let found = self.meta.get(key)?;
        Ok(found.and_then(|value| Some(u64::from_be_bytes(value.value().try_into().ok()?))))
    }

    pub(super) fn set_number(&mut self, key: &[u8], number: u64) -> Result<(), redb::StorageError> {
        self.meta.insert(key, &number.to_be_bytes()[..])?;
        Ok(())
    }

    pub(super) fn accept(&mut self, state: &mut State, now: u64, delivery: &NewDelivery) -> Result<Accepted, Trouble> {
        if !state.seen.note(&mut self.seen, now, delivery.partition, &delivery.id)? {
            return Ok(Accepted::Duplicate);
        }
        self.append(state, delivery.partition, &delivery.id, &delivery.body)?;
        Ok(Accepted::New)
    }

    fn append(&mut self, state: &mut State, partition: Partition, id: &str, body: &[u8]) -> Result<(), Trouble> {
        let value = [&keys::length(id)[..], id.as_bytes(), body].concat();
        self.inbox.insert(&keys::inbox(partition, state.next)[..], &value[..])?;
        state.next += 1;
        Ok(())
    }

    pub(super) fn redrive(&mut self, state: &mut State, partition: Partition, id: &str) -> Result<bool, Trouble> {
        let key = keys::key(partition, &[id.as_bytes()]);
        let Some(value) = self.parked.remove(&key[..])?.map(|value| value.value().to_vec()) else { return Ok(false) };
        match frame::unpark(id, &value.clone().into()) {
            Ok(Parked { body, .. }) => self.append(state, partition, id, &body)?,
            Err(unreadable) => {
                self.parked.insert(&key[..], &value[..])?;
                return Err(Trouble::Refused(unreadable));
            }
        }
        Ok(true)
    }

    /// Applies a batch whose lease was checked; all that can be refused is checked before the first write.
    pub(super) fn commit(&mut self, partition: Partition, id: &BatchId, batch: &Batch) -> Result<(), Trouble> {
        let last = keys::last_batch(partition);
        if self.meta.get(&last[..])?.is_some_and(|applied| applied.value() == id.0.as_bytes()) {
            return Ok(());
        }
        self.check_trace(partition, batch)?;
        self.meta.insert(&last[..], id.0.as_bytes())?;
        for put in &batch.puts {
            let key = keys::field(partition, &put.space, &put.field);
            match &put.value {
                Some(value) => drop(self.space.insert(&key[..], &value[..])?),
                None => drop(self.space.remove(&key[..])?),
            }
        }
        for TraceForget { stream, .. } in &batch.forget {
            let all = keys::within(keys::named(partition, stream));
            self.trace.retain_in::<&[u8], _>(&all.start[..]..&all.end[..], |_, _| false)?;
        }
        for TraceAppend { stream, seq, body } in &batch.trace {
            self.trace.insert(&keys::entry(partition, stream, *seq)[..], &body[..])?;
        }
        for (kind, id) in &batch.unschedule {
            self.unschedule(partition, *kind, id)?;
        }
        for due in &batch.schedule {
            self.unschedule(partition, due.kind, &due.id)?;
            let at = keys::moment(due.at);
            self.due.insert(&keys::due(partition, due.kind, at, &due.id)[..], &due.body[..])?;
            self.due_at.insert(&keys::due_at(partition, due.kind, &due.id)[..], &at[..])?;
        }
        for entry in &batch.ack {
            self.inbox.remove(&keys::inbox(partition, entry.major)[..])?;
        }
        for letter in &batch.park {
            self.parked.insert(&keys::key(partition, &[letter.id.as_bytes()])[..], &frame::park(letter)[..])?;
        }
        Ok(())
    }

    fn unschedule(&mut self, partition: Partition, kind: DueKind, id: &str) -> Result<(), Trouble> {
        let removed = self.due_at.remove(&keys::due_at(partition, kind, id)[..])?;
        if let Some(at) = removed.and_then(|at| <[u8; 8]>::try_from(at.value()).ok()) {
            self.due.remove(&keys::due(partition, kind, at, id)[..])?;
        }
        Ok(())
    }

    fn check_trace(&self, partition: Partition, batch: &Batch) -> Result<(), Trouble> {
        let mut lengths = BTreeMap::new();
        for TraceForget { stream, length } in &batch.forget {
            let stored = self.trace_length(partition, stream)?;
            if stored != *length {
                return Err(Trouble::Refused(StoreError::grown(stream, *length, stored)));
            }
            lengths.insert(stream.as_str(), 0);
        }
        for append in &batch.trace {
            let length = match lengths.get_mut(append.stream.as_str()) {
                Some(length) => length,
                None => {
                    let stored = self.trace_length(partition, &append.stream)?;
                    lengths.entry(append.stream.as_str()).or_insert(stored)
                }
            };
            *length += 1;
            if append.seq != *length {
                return Err(Trouble::Refused(StoreError::gap(&append.stream, append.seq, *length)));
            }
        }
        Ok(())
    }

    fn trace_length(&self, partition: Partition, stream: &str) -> Result<u64, Trouble> {
        let all = keys::within(keys::named(partition, stream));
        let Some(last) = self.trace.range::<&[u8]>(&all.start[..]..&all.end[..])?.next_back() else { return Ok(0) };
        let (key, _) = last?;
        Ok(key.value().last_chunk::<8>().map_or(0, |number| u64::from_be_bytes(*number)))
    }
}
