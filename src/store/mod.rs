//! Everything that must survive, behind one trait with two adapters: Redis and embedded.
//!
//! The store knows bytes, partitions, leases and atomic commits; what the bytes mean is the domain's business. Both adapters pass the
//! same `conformance` suite. Everything of a partition lives together (in Redis under one hash tag, so in one cluster slot), which is
//! what lets [`Store::commit`] be one atomic step.

pub mod conformance;
mod crew;
pub mod embedded;
mod frame;
mod open;
mod partition;
pub mod redis;
mod types;
mod wake;

pub use crew::Crew;
pub use open::{Settings, WINDOW, open};
pub use partition::Partition;
pub use types::{
    Accepted, Batch, BatchId, Due, DueKind, EntryId, InboxEntry, Lease, NewDelivery, Parked, Pending, Put, RedisShown,
    Schedule, StoreError, StoreShown, Token, TraceAppend, TraceForget,
};

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use crate::domain::ids::Timestamp;

/// Everything that must survive: inbox, state, trace, what is owed to GitHub, timers. Every adapter passes `conformance`.
///
/// Writers hold a partition's lease; its fencing token is checked inside each commit, so an owner that lost its lease can write nothing.
#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Accepts a delivery into the inbox of its partition: durable when this returns, and a delivery id that was accepted within the
    /// window before is a duplicate that changes nothing. Needs no lease: any replica may accept for any partition.
    ///
    /// # Errors
    /// `Unavailable` if it may not be durable: answer 503, GitHub's redelivery of the same id is then accepted or found a duplicate.
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError>;

    /// Takes or renews the lease of a partition for `ttl`. `None` while another owner holds it. A new holder gets a token greater than
    /// every earlier one; renewing keeps the token.
    ///
    /// # Errors
    /// `Unavailable` without an answer: treat the lease as lost.
    async fn lease(&self, partition: Partition, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError>;

    /// Gives the lease up at once, if `token` still holds it.
    ///
    /// # Errors
    /// `Unavailable` without an answer; the lease then runs out by itself.
    async fn release(&self, partition: Partition, token: Token) -> Result<(), StoreError>;

    /// Says that `owner` is at work, for `ttl` unless it says so again, and answers who is: each with the time left to it, in no
    /// order. Partitions are shared out among them.
    ///
    /// # Errors
    /// `Unavailable`: try again later; until then nobody's share changes.
    async fn crew(&self, owner: &str, ttl: Duration) -> Result<Vec<(String, Duration)>, StoreError>;

    /// Says that `owner` leaves, so that the others share what it held.
    ///
    /// # Errors
    /// `Unavailable` without an answer; its time then runs out by itself.
    async fn leave(&self, owner: &str) -> Result<(), StoreError>;

    /// Waits until somebody may have come or gone, or `at_most` has passed. A hint: it may wake for nothing, or miss one whose time ran
    /// out.
    async fn crew_changes(&self, at_most: Duration);

    /// Accepted entries that no commit has acknowledged, oldest first, those after `after` only.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn inbox(
        &self,
        partition: Partition,
        after: Option<EntryId>,
        max: usize,
    ) -> Result<Vec<InboxEntry>, StoreError>;

    /// Waits until an entry may have arrived for one of `partitions`, or `at_most` has passed. A hint: it may wake for nothing.
    async fn arrivals(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition>;

    /// Every field of a space with its value, in the order of the field names.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn load(&self, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError>;

    /// One field of a space.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn get(&self, partition: Partition, space: &str, field: &str) -> Result<Option<Bytes>, StoreError>;

    /// The names of a partition's spaces that hold something, in order.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn spaces(&self, partition: Partition) -> Result<Vec<String>, StoreError>;

    /// Entries of a trace from sequence number `from` (the first is 1), oldest first, at most `max`.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn trace(&self, partition: Partition, stream: &str, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError>;

    /// What is due by `now`, earliest first. One that no commit removes or moves is due again.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn due(&self, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError>;

    /// When the next scheduled entry falls due, if there is one.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn next_due(&self, partition: Partition) -> Result<Option<Timestamp>, StoreError>;

    /// Applies the batch as one atomic step; a batch id that was the partition's last applied one is a no-op.
    ///
    /// # Errors
    /// `Fenced` if `token` is no longer the partition's newest or its lease ran out: stop, drop the cache. `Unavailable` if the outcome
    /// is unknown: drop the cache, repeat the same batch id.
    async fn commit(&self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError>;

    /// Dead letters of a partition, oldest first: deliveries that could not be worked, kept with the reason.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn parked(&self, partition: Partition) -> Result<Vec<Parked>, StoreError>;

    /// Puts a dead letter back at the end of its inbox; false if there is none of that id. Needs no lease.
    ///
    /// # Errors
    /// `Unavailable`: the outcome is unknown, look again.
    async fn redrive(&self, partition: Partition, id: &str) -> Result<bool, StoreError>;

    /// How much waits in a partition by `now`.
    ///
    /// # Errors
    /// `Unavailable`: try again later.
    async fn pending(&self, partition: Partition, now: Timestamp) -> Result<Pending, StoreError>;

    /// Whether the store answers; for `/readyz`.
    ///
    /// # Errors
    /// `Unavailable` with the reason.
    async fn ping(&self) -> Result<(), StoreError>;

    /// What it shows of how safely it keeps, for `doctor`.
    ///
    /// # Errors
    /// `Unavailable`, `Unreadable`: it does not say.
    async fn shown(&self) -> Result<StoreShown, StoreError> {
        Ok(StoreShown::Local)
    }
}
