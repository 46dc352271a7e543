//! The delivery ids of the window, in generations: a set per half window, each dropped whole once its last id is older than the window.
//!
//! Three lookups answer "seen before?", and forgetting costs no index by time.

use std::time::Duration;

use redb::{ReadableTable, Table};

use super::keys;
use crate::store::Partition;

/// How many forgotten ids one transaction removes at most, so that no accept waits for a long clean-up.
const AT_ONCE: usize = 500;

/// When each generation began, oldest first, in seconds since 1970.
#[derive(Debug)]
pub(super) struct Generations {
    began: Vec<u64>,
    half: u64,
}

type Keys<'t> = Table<'t, &'static [u8], &'static [u8]>;

impl Generations {
    /// Those that `table` holds.
    pub(super) fn load(
        table: &impl ReadableTable<&'static [u8], &'static [u8]>,
        window: Duration,
    ) -> Result<Self, redb::StorageError> {
        let mut began = Vec::new();
        let mut from = Vec::new();
        while let Some(found) = table.range::<&[u8]>(&from[..]..)?.next() {
            let (key, _) = found?;
            let Some(start) = key.value().first_chunk::<8>() else { break };
            began.push(u64::from_be_bytes(*start));
            from = keys::after(start);
        }
        Ok(Self { began, half: (window.as_secs() / 2).max(1) })
    }

    /// Notes the id, unless it was seen within the window.
    pub(super) fn note(
        &mut self,
        table: &mut Keys<'_>,
        now: u64,
        partition: Partition,
        delivery: &str,
    ) -> Result<bool, redb::StorageError> {
        for start in &self.began {
            if table.get(&keys::seen(*start, partition, delivery)[..])?.is_some() {
                return Ok(false);
            }
        }
        let start = match self.began.last() {
            Some(start) if now < start.saturating_add(self.half) => *start,
            _ => {
                self.began.push(now);
                now
            }
        };
        table.insert(&keys::seen(start, partition, delivery)[..], &[][..])?;
        Ok(true)
    }

    /// Removes some of what is older than the window.
    pub(super) fn forget(&mut self, table: &mut Keys<'_>, now: u64) -> Result<(), redb::StorageError> {
        // The oldest generation's last id came just before the second began.
        let [oldest, second, ..] = self.began[..] else { return Ok(()) };
        if second.saturating_add(self.half * 2) > now {
            return Ok(());
        }
        let old = keys::within(oldest.to_be_bytes().to_vec());
        let rows = table.range::<&[u8]>(&old.start[..]..&old.end[..])?.take(AT_ONCE);
        let some = rows.map(|row| row.map(|(key, _)| key.value().to_vec())).collect::<Result<Vec<_>, _>>()?;
        for key in &some {
            table.remove(&key[..])?;
        }
        if some.len() < AT_ONCE {
            self.began.remove(0);
        }
        Ok(())
    }
}
