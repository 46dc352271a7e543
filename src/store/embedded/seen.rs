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

#[cfg(test)]
mod tests {
    use redb::Database;
    use redb::backends::InMemoryBackend;

    use super::*;

    const HERE: Partition = Partition::numbered(3);

    /// Steps at given seconds, with a window of 100: `Some(id)` is noted and expected new or not.
    fn walk(steps: &[(u64, &str, bool)]) -> usize {
        let database = Database::builder().create_with_backend(InMemoryBackend::new()).unwrap();
        let transaction = database.begin_write().unwrap();
        let mut table = transaction.open_table(keys::SEEN).unwrap();
        for (now, id, expected) in steps {
            // Loaded anew each time, as after a restart.
            let mut seen = Generations::load(&table, Duration::from_secs(100)).unwrap();
            assert_eq!(seen.note(&mut table, *now, HERE, id).unwrap(), *expected, "{id} at {now}");
            seen.forget(&mut table, *now).unwrap();
        }
        table.iter().unwrap().count()
    }

    #[test]
    fn an_id_is_known_for_the_window_and_forgotten_after() {
        let kept = walk(&[
            (1000, "a", true),
            (1001, "a", false),
            (1049, "b", true),
            (1060, "c", true),
            (1100, "a", false),
            (1149, "b", false),
            (1160, "d", true),
            (1161, "a", true),
            (1162, "b", true),
            (1163, "c", false),
        ]);
        assert_eq!(kept, 4, "c, d, and a and b anew");
    }

    #[test]
    fn a_clock_that_goes_back_forgets_nothing() {
        walk(&[(1000, "a", true), (400, "a", false), (400, "b", true), (1000, "b", false)]);
    }
}
