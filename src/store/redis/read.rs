//! What can be asked, and how the answers read.

use std::collections::BTreeMap;

use bytes::Bytes;

use super::link::Link;
use super::{keys, scripts};
use crate::domain::ids::Timestamp;
use crate::store::{Due, DueKind, EntryId, InboxEntry, Parked, Partition, Pending, StoreError, frame};

/// Fields of a space per question, so that a space of any size stalls neither the server nor the answer.
const FIELDS: usize = 1000;
const KINDS: [DueKind; 2] = [DueKind::Owed, DueKind::Timer];

pub(super) fn unreadable(what: &str) -> StoreError {
    StoreError::Unreadable { what: what.into(), why: "it has not the expected form".into() }
}

/// A limit as Redis takes it.
fn at_most(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

/// A stream's entries: id, then names and values by turns.
type Entries = Vec<(String, Vec<Bytes>)>;

pub(super) async fn inbox(
    link: &Link,
    partition: Partition,
    after: Option<EntryId>,
    max: usize,
) -> Result<Vec<InboxEntry>, StoreError> {
    if max == 0 {
        return Ok(Vec::new());
    }
    let from = after.map_or_else(|| "-".to_owned(), |id| format!("({id}"));
    let mut range = redis::cmd("XRANGE");
    range.arg(keys::inbox(partition)).arg(from).arg("+").arg("COUNT").arg(at_most(max));
    let entries: Entries = link.ask(&range).await?;
    entries.into_iter().map(|(id, fields)| entry(&id, &fields).ok_or_else(|| unreadable("an inbox entry"))).collect()
}

fn entry(id: &str, fields: &[Bytes]) -> Option<InboxEntry> {
    let (major, minor) = id.split_once('-')?;
    let [_, delivery, _, body] = fields else { return None };
    Some(InboxEntry {
        id: EntryId { major: major.parse().ok()?, minor: minor.parse().ok()? },
        delivery: std::str::from_utf8(delivery).ok()?.to_owned(),
        body: body.clone(),
    })
}

/// In pages: what stays throughout is found for sure, what another commits meanwhile perhaps. The lease's holder sees a whole.
pub(super) async fn load(link: &Link, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
    let key = keys::space(partition, space);
    let mut all = BTreeMap::new();
    let mut cursor = "0".to_owned();
    loop {
        let mut scan = redis::cmd("HSCAN");
        scan.arg(&key).arg(&cursor).arg("COUNT").arg(FIELDS);
        // A field may come twice while the hash grows; the map keeps one.
        let (next, page): (String, Vec<(String, Bytes)>) = link.ask(&scan).await?;
        all.extend(page);
        if next == "0" {
            return Ok(all.into_iter().collect());
        }
        cursor = next;
    }
}

pub(super) async fn trace(
    link: &Link,
    partition: Partition,
    stream: &str,
    from: u64,
    max: usize,
) -> Result<Vec<Bytes>, StoreError> {
    let Ok(first) = i64::try_from(from.saturating_sub(1)) else { return Ok(Vec::new()) };
    if max == 0 {
        return Ok(Vec::new());
    }
    let last = first.saturating_add(at_most(max) - 1);
    link.ask(redis::cmd("LRANGE").arg(keys::trace(partition, stream)).arg(first).arg(last)).await
}

fn time(millisecond: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(millisecond).map_err(|_| unreadable("a due entry's time"))
}

pub(super) async fn due(link: &Link, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError> {
    let keys: Vec<_> =
        KINDS.iter().flat_map(|kind| [keys::times(partition, *kind), keys::bodies(partition, *kind)]).collect();
    let (now, most) = (now.as_millisecond().to_string(), at_most(max).to_string());
    let answer: Vec<Vec<(String, i64, Option<Bytes>)>> =
        link.run(&scripts::DUE, &keys, &[now.as_bytes(), most.as_bytes()]).await?;
    let mut all = Vec::new();
    for (kind, found) in KINDS.into_iter().zip(answer) {
        for (id, millisecond, body) in found {
            let body = body.ok_or_else(|| unreadable("a due entry without a body"))?;
            all.push(Due { kind, id, at: time(millisecond)?, body });
        }
    }
    all.sort_by(|a, b| (a.at, a.kind, &a.id).cmp(&(b.at, b.kind, &b.id)));
    all.truncate(max);
    Ok(all)
}

pub(super) async fn next_due(link: &Link, partition: Partition) -> Result<Option<Timestamp>, StoreError> {
    let mut both = redis::pipe();
    for kind in KINDS {
        both.cmd("ZRANGE").arg(keys::times(partition, kind)).arg(0).arg(0).arg("WITHSCORES");
    }
    let firsts: Vec<Vec<(String, i64)>> = link.ask_all(&both).await?;
    firsts.into_iter().flatten().map(|(_, millisecond)| millisecond).min().map(time).transpose()
}

pub(super) async fn parked(link: &Link, partition: Partition) -> Result<Vec<Parked>, StoreError> {
    let all: Vec<(String, Bytes)> = link.ask(redis::cmd("HGETALL").arg(keys::parked(partition))).await?;
    let mut letters = all.iter().map(|(id, value)| frame::unpark(id, value)).collect::<Result<Vec<_>, _>>()?;
    frame::oldest_first(&mut letters);
    Ok(letters)
}

pub(super) async fn pending(link: &Link, partition: Partition, now: Timestamp) -> Result<Pending, StoreError> {
    let mut all = redis::pipe();
    all.cmd("XLEN").arg(keys::inbox(partition));
    for kind in KINDS {
        all.cmd("ZCOUNT").arg(keys::times(partition, kind)).arg("-inf").arg(now.as_millisecond());
    }
    all.cmd("HLEN").arg(keys::parked(partition));
    let (inbox, owed, timers, parked) = link.ask_all(&all).await?;
    Ok(Pending { inbox, owed, timers, parked })
}
