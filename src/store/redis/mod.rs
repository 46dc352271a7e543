//! The store in Redis, Valkey or a cluster of either; version 6.2 or later.
//!
//! Everything that must be one step is a Lua script (see `scripts`); all keys of a partition carry its hash tag, so they are in one slot
//! and every script declares the keys it touches. For partition `p07`:
//!
//! | key | type | what |
//! | --- | --- | --- |
//! | `{p07}:i` | stream | the inbox: `d` the delivery's id, `b` the body; acknowledging deletes the entry |
//! | `{p07}:s:<g>` | set | delivery ids of generation g, half a window long by the server's clock; expires when the window has passed |
//! | `{p07}:l` | hash | `o` owner, `t` token, `u` held until (server's milliseconds), `b` last batch id; never expires, so tokens only grow |
//! | `{p07}:n` | set | names of the spaces that hold something |
//! | `{p07}:h:<space>` | hash | a space |
//! | `{p07}:t:<stream>` | list | a trace |
//! | `{p07}:o`, `{p07}:ob` | sorted set, hash | what is owed: times in milliseconds, bodies |
//! | `{p07}:w`, `{p07}:wb` | sorted set, hash | timers: the same |
//! | `{p07}:x` | hash | dead letters, as `frame` lays them out |
//! | `flyball:crew` | sorted set | who is at work, each until when (server's milliseconds); of no partition |
//!
//! The ids of a generation are one set rather than a key each with a time to live: measured, that takes less than half the memory (ADR
//! 0004), and forgetting them is one key that expires.

mod accepts;
mod batch;
mod checks;
mod herald;
mod keys;
mod link;
mod net;
mod read;
mod scripts;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use self::accepts::Accepts;
use self::batch::Call;
use self::link::Link;
use super::wake::Wakes;
use super::{
    Accepted, Batch, BatchId, Due, EntryId, InboxEntry, Lease, NewDelivery, Parked, Partition, Pending, Store,
    StoreError, StoreShown, Token,
};
use crate::domain::ids::Timestamp;

/// The store in Redis. Clones of the process share one connection; another one listens for arrivals at other replicas.
pub struct Redis {
    link: Arc<Link>,
    accepts: Accepts,
    /// What arrived here or elsewhere, for those who wait.
    wakes: Arc<Wakes>,
    /// What arrived here and others have to be told of.
    arrived: Arc<Wakes>,
    /// Rung when somebody came or went.
    crew: Arc<Notify>,
    name: uuid::Uuid,
    _tasks: JoinSet<()>,
}

impl std::fmt::Debug for Redis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

impl Redis {
    /// Connects to the server at the one URL, or to the cluster of which the URLs name some nodes: `redis://`, `rediss://` with TLS,
    /// `redis+unix://`. Delivery ids are remembered for at least `window`, and no longer than one and a half times that.
    ///
    /// # Errors
    /// `Unavailable` if nothing answers there.
    pub async fn open(urls: &[String], cluster: bool, window: Duration) -> Result<Self, StoreError> {
        let link = Arc::new(Link::open(urls, cluster).await?);
        checks::warn(&link).await;
        let name = uuid::Uuid::new_v4();
        let (wakes, arrived) = (Arc::new(Wakes::default()), Arc::new(Wakes::default()));
        let crew = Arc::new(Notify::new());
        let mut tasks = JoinSet::new();
        tasks.spawn(herald::publish(Arc::clone(&link), Arc::clone(&arrived), name));
        tasks.spawn(herald::listen(
            urls.to_vec(),
            herald::Heard { wakes: Arc::clone(&wakes), crew: Arc::clone(&crew), name },
        ));
        let half = u64::try_from(window.as_millis() / 2).unwrap_or(u64::MAX).max(1000);
        let accepts = Accepts::start(Arc::clone(&link), half, [Arc::clone(&wakes), Arc::clone(&arrived)], &mut tasks);
        Ok(Self { link, accepts, wakes, arrived, crew, name, _tasks: tasks })
    }

    fn arrived(&self, partition: Partition) {
        self.wakes.mark(partition);
        self.arrived.mark(partition);
    }

    async fn crew_changed(&self) {
        self.crew.notify_one();
        herald::tell_crew(&self.link, self.name).await;
    }
}

#[async_trait]
impl Store for Redis {
    async fn accept(&self, delivery: NewDelivery) -> Result<Accepted, StoreError> {
        self.accepts.accept(delivery).await
    }

    async fn lease(&self, partition: Partition, owner: &str, ttl: Duration) -> Result<Option<Lease>, StoreError> {
        let ttl = ttl.as_millis().to_string();
        let answer: Option<(String, u8)> =
            self.link.run(&scripts::LEASE, &[keys::lease(partition)], &[owner.as_bytes(), ttl.as_bytes()]).await?;
        let Some((token, fresh)) = answer else { return Ok(None) };
        let token = token.parse().map_err(|_| read::unreadable("a lease's token"))?;
        Ok(Some(Lease { token: Token(token), fresh: fresh == 1 }))
    }

    async fn release(&self, partition: Partition, token: Token) -> Result<(), StoreError> {
        self.link.run(&scripts::RELEASE, &[keys::lease(partition)], &[token.0.to_string().as_bytes()]).await
    }

    async fn crew(&self, owner: &str, ttl: Duration) -> Result<Vec<(String, Duration)>, StoreError> {
        let ttl = ttl.as_millis().to_string();
        let args = [owner.as_bytes(), ttl.as_bytes()];
        let (new, all): (u8, Vec<(String, u64)>) = self.link.run(&scripts::CREW, &[keys::crew()], &args).await?;
        if new == 1 {
            self.crew_changed().await;
        }
        Ok(all.into_iter().map(|(name, rest)| (name, Duration::from_millis(rest))).collect())
    }

    async fn leave(&self, owner: &str) -> Result<(), StoreError> {
        let left: u8 = self.link.ask(redis::cmd("ZREM").arg(keys::crew()).arg(owner)).await?;
        if left == 1 {
            self.crew_changed().await;
        }
        Ok(())
    }

    async fn crew_changes(&self, at_most: Duration) {
        // A ring that nobody waited for is kept for the next who does.
        let _rang = tokio::time::timeout(at_most, self.crew.notified()).await;
    }

    async fn inbox(
        &self,
        partition: Partition,
        after: Option<EntryId>,
        max: usize,
    ) -> Result<Vec<InboxEntry>, StoreError> {
        read::inbox(&self.link, partition, after, max).await
    }

    async fn arrivals(&self, partitions: &[Partition], at_most: Duration) -> Vec<Partition> {
        self.wakes.wait(partitions, at_most).await
    }

    async fn load(&self, partition: Partition, space: &str) -> Result<Vec<(String, Bytes)>, StoreError> {
        read::load(&self.link, partition, space).await
    }

    async fn get(&self, partition: Partition, space: &str, field: &str) -> Result<Option<Bytes>, StoreError> {
        self.link.ask(redis::cmd("HGET").arg(keys::space(partition, space)).arg(field)).await
    }

    async fn spaces(&self, partition: Partition) -> Result<Vec<String>, StoreError> {
        let mut names: Vec<String> = self.link.ask(redis::cmd("SMEMBERS").arg(keys::names(partition))).await?;
        names.sort_unstable();
        Ok(names)
    }

    async fn trace(&self, partition: Partition, stream: &str, from: u64, max: usize) -> Result<Vec<Bytes>, StoreError> {
        read::trace(&self.link, partition, stream, from, max).await
    }

    async fn due(&self, partition: Partition, now: Timestamp, max: usize) -> Result<Vec<Due>, StoreError> {
        read::due(&self.link, partition, now, max).await
    }

    async fn next_due(&self, partition: Partition) -> Result<Option<Timestamp>, StoreError> {
        read::next_due(&self.link, partition).await
    }

    async fn commit(&self, partition: Partition, token: Token, id: &BatchId, batch: &Batch) -> Result<(), StoreError> {
        let call = Call::new(partition, token, id, batch)?;
        let args: Vec<&[u8]> = call.args.iter().map(|arg| &arg[..]).collect();
        let answer: Vec<u64> = self.link.run(&scripts::COMMIT, &call.keys, &args).await?;
        match answer[..] {
            [0] => Ok(()),
            [1] => Err(StoreError::Fenced { partition, ours: token }),
            [2, trace, length] => {
                let place = usize::try_from(trace).ok().and_then(|trace| call.streams.get(trace));
                let (stream, given) = place.ok_or_else(|| read::unreadable("the answer to a commit"))?;
                Err(StoreError::gap(stream, *given, length + 1))
            }
            [3, place, length] => {
                let place = usize::try_from(place).ok().and_then(|place| call.forgotten.get(place));
                let (stream, given) = place.ok_or_else(|| read::unreadable("the answer to a commit"))?;
                Err(StoreError::grown(stream, *given, length))
            }
            _ => Err(read::unreadable("the answer to a commit")),
        }
    }

    async fn parked(&self, partition: Partition) -> Result<Vec<Parked>, StoreError> {
        read::parked(&self.link, partition).await
    }

    async fn redrive(&self, partition: Partition, id: &str) -> Result<bool, StoreError> {
        let keys = [keys::parked(partition), keys::inbox(partition)];
        let redriven: bool = self.link.run(&scripts::REDRIVE, &keys, &[id.as_bytes()]).await?;
        if redriven {
            self.arrived(partition);
        }
        Ok(redriven)
    }

    async fn pending(&self, partition: Partition, now: Timestamp) -> Result<Pending, StoreError> {
        read::pending(&self.link, partition, now).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        // A write: a full server, one that cannot persist and a replica all answer a PING.
        self.link.ask::<redis::Value>(redis::cmd("SET").arg("flyball:ready").arg(1).arg("EX").arg(60)).await.map(drop)
    }

    async fn shown(&self) -> Result<StoreShown, StoreError> {
        checks::shown(&self.link).await.map(StoreShown::Redis)
    }
}
