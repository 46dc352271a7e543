//! Hints that something arrived: one bit for each partition, and a bell.
//!
//! Both adapters mark a partition when they accept for it; [`Wakes::wait`] is their `arrivals`. A mark stays until someone who waits for
//! that partition takes it, so a hint between two waits is not lost.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use super::Partition;

/// Marks by partition. One waiter per partition is expected: the holder of its lease.
#[derive(Debug, Default)]
pub(super) struct Wakes {
    marked: [AtomicU64; Partition::COUNT / 64],
    bell: Notify,
}

impl Wakes {
    /// Says that an entry may have arrived. Cheap while the mark still stands: nobody needs to be woken twice.
    pub(super) fn mark(&self, partition: Partition) {
        let (word, bit) = place(partition);
        if self.marked[word].fetch_or(bit, Ordering::AcqRel) & bit == 0 {
            self.bell.notify_waiters();
        }
    }

    /// Says that entries may have arrived anywhere.
    pub(super) fn mark_all(&self) {
        self.marked.iter().for_each(|word| word.store(u64::MAX, Ordering::Release));
        self.bell.notify_waiters();
    }

    /// Takes the marks of `partitions` as soon as there is one, or none when `at_most` has passed.
    pub(super) async fn wait(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition> {
        tokio::time::timeout(at_most, self.taken(partitions)).await.unwrap_or_default()
    }

    async fn taken(&self, partitions: &[Partition]) -> Vec<Partition> {
        loop {
            let mut rings = std::pin::pin!(self.bell.notified());
            // Listening before looking: a mark set in between would otherwise ring for nobody.
            rings.as_mut().enable();
            let found: Vec<_> = partitions.iter().copied().filter(|partition| self.take(*partition)).collect();
            if !found.is_empty() {
                return found;
            }
            rings.await;
        }
    }

    fn take(&self, partition: Partition) -> bool {
        let (word, bit) = place(partition);
        // A plain look first: most partitions are unmarked, and a write would bounce the cache line.
        self.marked[word].load(Ordering::Acquire) & bit != 0
            && self.marked[word].fetch_and(!bit, Ordering::AcqRel) & bit != 0
    }
}

fn place(partition: Partition) -> (usize, u64) {
    let number = partition.number();
    (usize::from(number / 64), 1 << (number % 64))
}
