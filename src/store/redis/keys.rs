//! The keys of a partition, as the table in the parent module says.

use crate::store::{DueKind, Partition};

fn key(partition: Partition, rest: &str) -> Vec<u8> {
    format!("{{{partition}}}:{rest}").into_bytes()
}

pub(super) fn inbox(partition: Partition) -> Vec<u8> {
    key(partition, "i")
}

pub(super) fn seen(partition: Partition, generation: u64) -> Vec<u8> {
    key(partition, &format!("s:{generation}"))
}

pub(super) fn lease(partition: Partition) -> Vec<u8> {
    key(partition, "l")
}

/// Of no partition: who is at work.
pub(super) fn crew() -> Vec<u8> {
    b"flyball:crew".to_vec()
}

pub(super) fn names(partition: Partition) -> Vec<u8> {
    key(partition, "n")
}

pub(super) fn space(partition: Partition, space: &str) -> Vec<u8> {
    key(partition, &format!("h:{space}"))
}

pub(super) fn trace(partition: Partition, stream: &str) -> Vec<u8> {
    key(partition, &format!("t:{stream}"))
}

pub(super) fn parked(partition: Partition) -> Vec<u8> {
    key(partition, "x")
}

/// The sorted set of the times of a kind.
pub(super) fn times(partition: Partition, kind: DueKind) -> Vec<u8> {
    key(partition, if kind == DueKind::Owed { "o" } else { "w" })
}

/// The hash of the bodies of a kind.
pub(super) fn bodies(partition: Partition, kind: DueKind) -> Vec<u8> {
    key(partition, if kind == DueKind::Owed { "ob" } else { "wb" })
}

/// What stands for a delivery's id among those seen: half the memory for the UUIDs that GitHub sends.
pub(super) fn mark(delivery: &str) -> Vec<u8> {
    match uuid::Uuid::try_parse(delivery) {
        // Only the one spelling: two ids that differ in case stay two.
        Ok(id) if id.hyphenated().encode_lower(&mut [0; 36]) == delivery => [b"u", &id.as_bytes()[..]].concat(),
        _ => [b"=", delivery.as_bytes()].concat(),
    }
}
