//! Who is at work on one store, for stores that live within a process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The owners at work, each until when.
#[derive(Debug, Default)]
pub struct Crew {
    until: Mutex<BTreeMap<String, Instant>>,
    changed: Notify,
}

impl Crew {
    fn until(&self) -> MutexGuard<'_, BTreeMap<String, Instant>> {
        self.until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As [`Store::crew`](super::Store::crew).
    pub fn join(&self, owner: &str, ttl: Duration) -> Vec<(String, Duration)> {
        let now = Instant::now();
        let mut all = self.until();
        all.retain(|_, until| *until > now);
        if all.insert(owner.to_owned(), now + ttl).is_none() {
            self.changed.notify_waiters();
        }
        all.iter().map(|(name, until)| (name.clone(), until.duration_since(now))).collect()
    }

    /// As [`Store::leave`](super::Store::leave).
    pub fn leave(&self, owner: &str) {
        if self.until().remove(owner).is_some() {
            self.changed.notify_waiters();
        }
    }

    /// As [`Store::crew_changes`](super::Store::crew_changes).
    pub async fn changes(&self, at_most: Duration) {
        // Nobody came or went, or somebody did: whoever waits looks either way.
        let _rang = tokio::time::timeout(at_most, self.changed.notified()).await;
    }
}
