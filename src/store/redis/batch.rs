//! A batch as the keys and arguments of `commit.lua`, where their layout is described.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::keys;
use crate::store::{Batch, BatchId, DueKind, Partition, StoreError, Token, TraceAppend, frame};

/// Positions in KEYS, from 1.
const OWED: usize = 4;
const TIMERS: usize = 6;

/// What the script is called with.
#[derive(Default)]
pub(super) struct Call {
    pub(super) keys: Vec<Vec<u8>>,
    pub(super) args: Vec<Bytes>,
    /// The streams of the traces, in the script's order, each with the first number given.
    pub(super) streams: Vec<(String, u64)>,
    /// The streams to forget, in the script's order, each with the length given.
    pub(super) forgotten: Vec<(String, u64)>,
}

impl Call {
    /// Lays a batch out.
    ///
    /// # Errors
    /// `Unreadable` if the numbers given for one stream do not follow each other.
    pub(super) fn new(partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<Self, StoreError> {
        let mut call = Self::default();
        call.keys.extend([keys::lease(partition), keys::inbox(partition), keys::names(partition)]);
        for kind in [DueKind::Owed, DueKind::Timer] {
            call.keys.extend([keys::times(partition, kind), keys::bodies(partition, kind)]);
        }
        call.keys.push(keys::parked(partition));
        call.text(&token.0);
        call.text(&id.0);
        call.puts(partition, batch);
        call.forgets(partition, batch);
        call.traces(partition, batch)?;
        call.schedules(batch);
        call.text(&batch.ack.len());
        batch.ack.iter().for_each(|entry| call.text(entry));
        call.text(&batch.park.len());
        for letter in &batch.park {
            call.text(&letter.id);
            call.args.push(frame::park(letter));
        }
        Ok(call)
    }

    fn text<T: ToString + ?Sized>(&mut self, value: &T) {
        self.args.push(value.to_string().into());
    }

    /// Notes a further key and says where it is.
    fn key(&mut self, key: Vec<u8>) {
        self.keys.push(key);
        self.text(&self.keys.len());
    }

    fn puts(&mut self, partition: Partition, batch: &Batch) {
        let mut spaces: BTreeMap<&str, Vec<_>> = BTreeMap::new();
        for put in &batch.puts {
            spaces.entry(&put.space).or_default().push(put);
        }
        self.text(&spaces.len());
        for (space, puts) in spaces {
            self.key(keys::space(partition, space));
            self.text(space);
            self.text(&puts.len());
            for put in puts {
                self.text(&put.field);
                self.text(&i32::from(put.value.is_some()));
                self.args.push(put.value.clone().unwrap_or_default());
            }
        }
    }

    fn forgets(&mut self, partition: Partition, batch: &Batch) {
        self.text(&batch.forget.len());
        for forget in &batch.forget {
            self.key(keys::trace(partition, &forget.stream));
            self.text(&forget.length);
            self.forgotten.push((forget.stream.clone(), forget.length));
        }
    }

    fn traces(&mut self, partition: Partition, batch: &Batch) -> Result<(), StoreError> {
        let mut streams: BTreeMap<&str, Vec<&TraceAppend>> = BTreeMap::new();
        for append in &batch.trace {
            let entries = streams.entry(&append.stream).or_default();
            if let Some(last) = entries.last().filter(|last| last.seq.checked_add(1) != Some(append.seq)) {
                return Err(StoreError::gap(&append.stream, append.seq, last.seq.saturating_add(1)));
            }
            entries.push(append);
        }
        self.text(&streams.len());
        for (stream, entries) in streams {
            let first = entries.first().map_or(0, |entry| entry.seq);
            self.key(keys::trace(partition, stream));
            self.text(&first);
            self.text(&entries.len());
            self.args.extend(entries.iter().map(|entry| entry.body.clone()));
            self.streams.push((stream.to_owned(), first));
        }
        Ok(())
    }

    fn schedules(&mut self, batch: &Batch) {
        self.text(&batch.unschedule.len());
        for (kind, id) in &batch.unschedule {
            self.text(&place(*kind));
            self.text(id);
        }
        self.text(&batch.schedule.len());
        for due in &batch.schedule {
            self.text(&place(due.kind));
            self.text(&due.id);
            self.text(&due.at.as_millisecond());
            self.args.push(due.body.clone());
        }
    }
}

const fn place(kind: DueKind) -> usize {
    match kind {
        DueKind::Owed => OWED,
        DueKind::Timer => TIMERS,
    }
}
