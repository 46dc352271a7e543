//! A replica's line to the store: the store in memory, out of reach at times.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use flyball::domain::ids::Timestamp;
use flyball::store::{
    Accepted, Batch, BatchId, Due, EntryId, InboxEntry, Lease, NewDelivery, Parked, Partition, Pending, Store,
    StoreError, Token,
};

use crate::hand::Hand;
use crate::memory::Memory;

/// The line.
#[derive(Clone)]
pub(crate) struct Linked {
    store: Arc<Memory>,
    hand: Arc<Hand>,
}

impl Linked {
    pub(crate) fn new(hand: &Arc<Hand>) -> Self {
        Self { store: Arc::clone(&hand.world.store), hand: Arc::clone(hand) }
    }

    /// One use of the store. Both sides of it are steps at which the replica may end; what was asked goes on without it.
    async fn ask<T: Send + 'static, F: Future<Output = Result<T, StoreError>> + Send>(
        &self,
        what: &'static str,
        ask: impl FnOnce(Arc<Memory>) -> F + Send + 'static,
    ) -> Result<T, StoreError> {
        let Self { store, hand } = self.clone();
        let asking = tokio::spawn(async move {
            let world = &hand.world;
            hand.step(what).await;
            let down = || StoreError::Unavailable("the simulated store is out of reach".to_owned());
            let fails = world.chance.strikes(|odds| odds.store).then(|| world.chance.below(2));
            if fails == Some(0) {
                world.fault("store away before", &format!("{} {what}", hand.name()));
                return Err(down());
            }
            let answer = ask(store).await;
            if let Err(StoreError::Fenced { .. }) = &answer {
                world.fault("fenced", &format!("{} {what}", hand.name()));
            }
            if fails == Some(1) {
                world.fault("store away after", &format!("{} {what}", hand.name()));
                return Err(down());
            }
            hand.step(what).await;
            answer
        });
        asking.await.unwrap_or_else(|fault| Err(StoreError::Unavailable(fault.to_string())))
    }
}

#[async_trait]
impl Store for Linked {
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        self.ask("accept", |store| async move { store.accept(delivery).await }).await
    }

    async fn lease(&self, partition: Partition, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let owner = owner.to_owned();
        self.ask("lease", move |store| async move { store.lease(partition, &owner, ttl).await }).await
    }

    async fn release(&self, partition: Partition, token: Token) -> Result<(), StoreError> {
        self.ask("release", move |store| async move { store.release(partition, token).await }).await
    }

    async fn crew(&self, owner: &str, ttl: Duration) -> Result<Vec<(String, Duration)>, StoreError> {
        let owner = owner.to_owned();
        self.ask("crew", move |store| async move { store.crew(&owner, ttl).await }).await
    }

    async fn leave(&self, owner: &str) -> Result<(), StoreError> {
        let owner = owner.to_owned();
        self.ask("leave", move |store| async move { store.leave(&owner).await }).await
    }

    async fn crew_changes(&self, at_most: Duration) {
        self.store.crew_changes(at_most).await;
    }

    async fn inbox(
        &self,
        partition: Partition,
        after: Option<EntryId>,
        max: usize,
    ) -> Result<Vec<InboxEntry>, StoreError> {
        self.ask("inbox", move |store| async move { store.inbox(partition, after, max).await }).await
    }

    async fn arrivals(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition> {
        self.store.arrivals(partitions, at_most).await
    }

    async fn load(&self, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
        let space = space.to_owned();
        self.ask("load", move |store| async move { store.load(partition, &space).await }).await
    }

    async fn get(&self, partition: Partition, space: &str, field: &str) -> Result<Option<Bytes>, StoreError> {
        let (space, field) = (space.to_owned(), field.to_owned());
        self.ask("get", move |store| async move { store.get(partition, &space, &field).await }).await
    }

    async fn spaces(&self, partition: Partition) -> Result<Vec<String>, StoreError> {
        self.store.spaces(partition).await
    }

    async fn trace(&self, partition: Partition, stream: &str, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
        self.store.trace(partition, stream, from, max).await
    }

    async fn due(&self, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError> {
        self.ask("due", move |store| async move { store.due(partition, now, max).await }).await
    }

    async fn next_due(&self, partition: Partition) -> Result<Option<Timestamp>, StoreError> {
        self.store.next_due(partition).await
    }

    async fn commit(&self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError> {
        let (id, batch) = (id.clone(), batch.clone());
        self.ask("commit", move |store| async move { store.commit(partition, token, &id, &batch).await }).await
    }

    async fn parked(&self, partition: Partition) -> Result<Vec<Parked>, StoreError> {
        self.store.parked(partition).await
    }

    async fn redrive(&self, partition: Partition, id: &str) -> Result<bool, StoreError> {
        self.store.redrive(partition, id).await
    }

    async fn pending(&self, partition: Partition, now: Timestamp) -> Result<Pending, StoreError> {
        self.store.pending(partition, now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.store.ping().await
    }
}
