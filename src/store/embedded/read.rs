//! What can be asked of a snapshot.

use bytes::Bytes;
use redb::ReadTransaction;

use super::keys;
use crate::domain::ids::Timestamp;
use crate::store::{Due, DueKind, EntryId, InboxEntry, Parked, Partition, Pending, StoreError, frame};

/// Why a read has no answer.
#[derive(Debug)]
pub(super) enum Trouble {
    Broken(String),
    Unreadable(&'static str),
    Told(StoreError),
}

impl<E: std::error::Error> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

impl From<Trouble> for StoreError {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Broken(error) => Self::Unavailable(error),
            Trouble::Unreadable(what) => {
                Self::Unreadable { what: what.into(), why: "its key or value has not the expected layout".into() }
            }
            Trouble::Told(error) => error,
        }
    }
}

type Found = (Vec<u8>, Bytes);
type Answer<T> = Result<T, Trouble>;

fn found(snapshot: &ReadTransaction, table: keys::Kind, from: &[u8], to: &[u8], max: usize) -> Answer<Vec<Found>> {
    if from >= to {
        return Ok(Vec::new());
    }
    let rows = snapshot.open_table(table)?.range::<&[u8]>(from..to)?.take(max).map(|row| {
        let (key, value) = row?;
        Ok((key.value().to_vec(), Bytes::copy_from_slice(value.value())))
    });
    rows.collect()
}

fn count(snapshot: &ReadTransaction, table: keys::Kind, from: &[u8], to: &[u8]) -> Answer<u64> {
    let rows = snapshot.open_table(table)?.range::<&[u8]>(from..to)?;
    rows.map(|row| Ok(row.map(|_| 1)?)).sum()
}

fn text(bytes: &[u8], what: &'static str) -> Answer<String> {
    std::str::from_utf8(bytes).map(str::to_owned).map_err(|_| Trouble::Unreadable(what))
}

fn number(bytes: &[u8], what: &'static str) -> Answer<u64> {
    bytes.try_into().map(u64::from_be_bytes).map_err(|_| Trouble::Unreadable(what))
}

pub(super) fn inbox(
    snapshot: &ReadTransaction,
    partition: Partition,
    after: Option<EntryId>,
    max: usize,
) -> Answer<Vec<InboxEntry>> {
    let from = after.map_or(0, |id| id.major.saturating_add(1));
    let end = keys::after(&[partition.number()]);
    let rows = found(snapshot, keys::INBOX, &keys::inbox(partition, from), &end, max)?;
    rows.into_iter().map(|(key, value)| entry(&key, &value)).collect()
}

fn entry(key: &[u8], value: &Bytes) -> Answer<InboxEntry> {
    const WHAT: &str = "an inbox entry";
    let (length, _) = value.split_first_chunk::<4>().ok_or(Trouble::Unreadable(WHAT))?;
    let end = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX).saturating_add(4);
    let id = value.get(4..end).ok_or(Trouble::Unreadable(WHAT))?;
    Ok(InboxEntry {
        id: EntryId { major: number(&key[1..], WHAT)?, minor: 0 },
        delivery: text(id, WHAT)?,
        body: value.slice(end..),
    })
}

pub(super) fn load(snapshot: &ReadTransaction, partition: Partition, space: &str) -> Answer<Vec<(String, Bytes)>> {
    let all = keys::within(keys::named(partition, space));
    let rows = found(snapshot, keys::SPACE, &all.start, &all.end, usize::MAX)?;
    rows.into_iter().map(|(key, value)| Ok((text(&key[all.start.len()..], "a field's name")?, value))).collect()
}

pub(super) fn get(snapshot: &ReadTransaction, key: &[u8]) -> Answer<Option<Bytes>> {
    Ok(snapshot.open_table(keys::SPACE)?.get(key)?.map(|value| Bytes::copy_from_slice(value.value())))
}

/// From one space's first field straight to the next space's: a look-up for each, however many fields they have.
pub(super) fn spaces(snapshot: &ReadTransaction, partition: Partition) -> Answer<Vec<String>> {
    const WHAT: &str = "a space's name";
    let table = snapshot.open_table(keys::SPACE)?;
    let end = keys::after(&[partition.number()]);
    let mut from = vec![partition.number()];
    let mut names = Vec::new();
    while let Some(row) = table.range::<&[u8]>(&from[..]..&end[..])?.next() {
        let (key, _) = row?;
        let (length, rest) = key.value()[1..].split_first_chunk::<4>().ok_or(Trouble::Unreadable(WHAT))?;
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let name = text(rest.get(..length).ok_or(Trouble::Unreadable(WHAT))?, WHAT)?;
        from = keys::after(&keys::named(partition, &name));
        names.push(name);
    }
    names.sort_unstable();
    Ok(names)
}

pub(super) fn trace(
    snapshot: &ReadTransaction,
    partition: Partition,
    stream: &str,
    from: u64,
    max: usize,
) -> Answer<Vec<Bytes>> {
    let all = keys::within(keys::named(partition, stream));
    let rows = found(snapshot, keys::TRACE, &keys::entry(partition, stream, from), &all.end, max)?;
    Ok(rows.into_iter().map(|(_, body)| body).collect())
}

/// From the first of a kind to just after `now`.
fn until(partition: Partition, kind: DueKind, now: Timestamp) -> (Vec<u8>, Vec<u8>) {
    let all = keys::key(partition, &[&[keys::tag(kind)]]);
    let end = keys::after(&keys::key(partition, &[&[keys::tag(kind)], &keys::moment(now)]));
    (all, end)
}

pub(super) fn due(snapshot: &ReadTransaction, partition: Partition, now: Timestamp, max: usize) -> Answer<Vec<Due>> {
    let mut all = Vec::new();
    for kind in [DueKind::Owed, DueKind::Timer] {
        let (from, to) = until(partition, kind, now);
        for (key, body) in found(snapshot, keys::DUE, &from, &to, max)? {
            all.push(Due { kind, id: text(&key[10..], "a due entry's id")?, at: moment(&key)?, body });
        }
    }
    all.sort_by(|a, b| (a.at, a.kind, &a.id).cmp(&(b.at, b.kind, &b.id)));
    all.truncate(max);
    Ok(all)
}

fn moment(key: &[u8]) -> Answer<Timestamp> {
    let bytes = key.get(2..10).and_then(|bytes| bytes.try_into().ok());
    bytes.and_then(keys::time).ok_or(Trouble::Unreadable("a due entry's time"))
}

pub(super) fn next_due(snapshot: &ReadTransaction, partition: Partition) -> Answer<Option<Timestamp>> {
    let mut next = None;
    for kind in [DueKind::Owed, DueKind::Timer] {
        let all = keys::within(keys::key(partition, &[&[keys::tag(kind)]]));
        if let Some((key, _)) = found(snapshot, keys::DUE, &all.start, &all.end, 1)?.first() {
            let at = moment(key)?;
            next = Some(next.map_or(at, |earlier: Timestamp| earlier.min(at)));
        }
    }
    Ok(next)
}

pub(super) fn parked(snapshot: &ReadTransaction, partition: Partition) -> Answer<Vec<Parked>> {
    let end = keys::after(&[partition.number()]);
    let rows = found(snapshot, keys::PARKED, &[partition.number()], &end, usize::MAX)?;
    let letters = rows
        .iter()
        .map(|(key, value)| frame::unpark(&text(&key[1..], "a dead letter's id")?, value).map_err(Trouble::Told));
    let mut letters: Vec<_> = letters.collect::<Answer<_>>()?;
    frame::oldest_first(&mut letters);
    Ok(letters)
}

pub(super) fn pending(snapshot: &ReadTransaction, partition: Partition, now: Timestamp) -> Answer<Pending> {
    let (start, end) = ([partition.number()], keys::after(&[partition.number()]));
    let due = |kind| {
        let (from, to) = until(partition, kind, now);
        count(snapshot, keys::DUE, &from, &to)
    };
    Ok(Pending {
        inbox: count(snapshot, keys::INBOX, &start, &end)?,
        owed: due(DueKind::Owed)?,
        timers: due(DueKind::Timer)?,
        parked: count(snapshot, keys::PARKED, &start, &end)?,
    })
}
