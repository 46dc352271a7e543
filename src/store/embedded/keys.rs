//! The tables and their keys. Every key but those of `seen` and `meta` begins with the partition's number.
//!
//! | table | key | value |
//! | --- | --- | --- |
//! | `inbox` | partition, number (8) | length of the delivery's id (4), the id, the body |
//! | `seen` | start of the generation in seconds (8), partition, delivery id | empty |
//! | `space` | partition, length (4) and name of the space, field | the value |
//! | `trace` | partition, length (4) and name of the stream, number (8) | the entry |
//! | `due` | partition, kind (1), milliseconds (8, order kept), id | the body |
//! | `due_at` | partition, kind (1), id | milliseconds, as in `due` |
//! | `parked` | partition, delivery id | see `frame` |
//! | `meta` | `format`, `next`, `start`; `b` and partition | layout version, next inbox number, starts so far; last batch id |
//!
//! Numbers are big endian, so that the order of keys is the order of numbers.

use std::ops::Range;

use redb::TableDefinition;

use crate::domain::ids::Timestamp;
use crate::store::{DueKind, Partition};

/// Keys and values are bytes throughout.
pub(super) type Kind = TableDefinition<'static, &'static [u8], &'static [u8]>;

pub(super) const INBOX: Kind = TableDefinition::new("inbox");
pub(super) const SEEN: Kind = TableDefinition::new("seen");
pub(super) const SPACE: Kind = TableDefinition::new("space");
pub(super) const TRACE: Kind = TableDefinition::new("trace");
pub(super) const DUE: Kind = TableDefinition::new("due");
pub(super) const DUE_AT: Kind = TableDefinition::new("due_at");
pub(super) const PARKED: Kind = TableDefinition::new("parked");
pub(super) const META: Kind = TableDefinition::new("meta");

pub(super) const FORMAT: &[u8] = b"format";
pub(super) const NEXT: &[u8] = b"next";
pub(super) const START: &[u8] = b"start";

/// A key of a partition: its number, then `parts` one after the other.
pub(super) fn key(partition: Partition, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = Vec::with_capacity(1 + parts.iter().map(|part| part.len()).sum::<usize>());
    key.push(partition.number());
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

/// The length of a name, ahead of the name itself: then no name can be a prefix of another.
pub(super) fn length(name: &str) -> [u8; 4] {
    u32::try_from(name.len()).expect("a name is far below 4 GiB").to_be_bytes()
}

pub(super) fn inbox(partition: Partition, number: u64) -> Vec<u8> {
    key(partition, &[&number.to_be_bytes()])
}

pub(super) fn seen(generation: u64, partition: Partition, delivery: &str) -> Vec<u8> {
    [&generation.to_be_bytes()[..], &[partition.number()], delivery.as_bytes()].concat()
}

/// What the keys of a space or of a stream begin with.
pub(super) fn named(partition: Partition, name: &str) -> Vec<u8> {
    key(partition, &[&length(name), name.as_bytes()])
}

pub(super) fn field(partition: Partition, space: &str, field: &str) -> Vec<u8> {
    key(partition, &[&length(space), space.as_bytes(), field.as_bytes()])
}

pub(super) fn entry(partition: Partition, stream: &str, number: u64) -> Vec<u8> {
    key(partition, &[&length(stream), stream.as_bytes(), &number.to_be_bytes()])
}

pub(super) fn due(partition: Partition, kind: DueKind, at: [u8; 8], id: &str) -> Vec<u8> {
    key(partition, &[&[tag(kind)], &at, id.as_bytes()])
}

pub(super) fn due_at(partition: Partition, kind: DueKind, id: &str) -> Vec<u8> {
    key(partition, &[&[tag(kind)], id.as_bytes()])
}

pub(super) fn last_batch(partition: Partition) -> [u8; 2] {
    [b'b', partition.number()]
}

/// The byte of a kind.
pub(super) const fn tag(kind: DueKind) -> u8 {
    match kind {
        DueKind::Owed => b'o',
        DueKind::Timer => b't',
    }
}

/// Milliseconds as bytes in the order of time, also before 1970.
pub(super) fn moment(at: Timestamp) -> [u8; 8] {
    (at.as_millisecond().cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The time that `moment` stands for.
pub(super) fn time(moment: [u8; 8]) -> Option<Timestamp> {
    Timestamp::from_millisecond((u64::from_be_bytes(moment) ^ (1 << 63)).cast_signed()).ok()
}

/// Every key that begins with `prefix`.
pub(super) fn within(prefix: Vec<u8>) -> Range<Vec<u8>> {
    let end = after(&prefix);
    prefix..end
}

/// The first key after all that begin with `prefix`.
pub(super) fn after(prefix: &[u8]) -> Vec<u8> {
    let kept = prefix.iter().rposition(|byte| *byte != u8::MAX).map_or(&[][..], |last| &prefix[..=last]);
    let mut end = kept.to_vec();
    match end.last_mut() {
        Some(last) => *last += 1,
        // Nothing but 0xff: only partition 255 alone gets here, and no key is longer than this.
        None => end = vec![u8::MAX; prefix.len() + 4096],
    }
    end
}
