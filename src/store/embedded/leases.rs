//! Who holds which partition. Only the writer's thread asks, between groups of jobs, so a taker finds all that the last holder wrote.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::store::{Lease, Partition, Token};

#[derive(Debug)]
struct Held {
    owner: String,
    token: Token,
    until: Instant,
}

/// The leases of this process.
#[derive(Debug)]
pub(super) struct Leases {
    held: HashMap<Partition, Held>,
    newest: u64,
}

impl Leases {
    /// None held; tokens begin above those of every earlier start.
    pub(super) fn new(start: u32) -> Self {
        Self { held: HashMap::new(), newest: u64::from(start) << 32 }
    }

    pub(super) fn take(&mut self, partition: Partition, owner: String, ttl: Duration) -> Option<Lease> {
        let now = Instant::now();
        let until = now + ttl;
        if let Some(held) = self.held.get_mut(&partition).filter(|held| held.until > now) {
            return (held.owner == owner).then(|| {
                held.until = until;
                Lease { token: held.token, fresh: false }
            });
        }
        self.newest += 1;
        let token = Token(self.newest);
        self.held.insert(partition, Held { owner, token, until });
        Some(Lease { token, fresh: true })
    }

    pub(super) fn release(&mut self, partition: Partition, token: Token) {
        if self.counts(partition, token) {
            self.held.remove(&partition);
        }
    }

    /// Whether `token` may write now.
    pub(super) fn counts(&self, partition: Partition, token: Token) -> bool {
        self.held.get(&partition).is_some_and(|held| held.token == token && held.until > Instant::now())
    }
}
