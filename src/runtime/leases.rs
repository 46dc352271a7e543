//! Keeps the leases: takes what is free, renews what is held, drops at once what is lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures::stream::{self, StreamExt};
use tokio::sync::{oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::directory::Directory;
use super::governor::Governor;
use super::lease::Held;
use super::partition::{Ended, PartitionWorker};
use super::workshop::{Tools, Workshop};
use crate::store::{Lease, Partition, StoreError, Token};

/// Questions about leases that are out at once.
const SIDE_BY_SIDE: usize = 32;

struct Tenure {
    lease: Arc<Held>,
    task: AbortHandle,
}

/// The keeper of the leases.
pub(super) struct Keeper<G: Governor> {
    tools: Arc<Tools<G>>,
    directory: Arc<Directory>,
    held: watch::Sender<Vec<Partition>>,
    tenures: BTreeMap<Partition, Tenure>,
    tasks: JoinSet<(Partition, Token, Ended)>,
}

impl<G: Governor> Keeper<G> {
    /// Holds nothing yet. `held` is told which partitions are.
    pub(super) fn new(tools: Arc<Tools<G>>, directory: Arc<Directory>, held: watch::Sender<Vec<Partition>>) -> Self {
        Self { tools, directory, held, tenures: BTreeMap::new(), tasks: JoinSet::new() }
    }

    /// Keeps the leases until asked to stop; then hands them over and says so.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<oneshot::Sender<()>>) {
        let third = self.tools.settings.lease_ttl / 3;
        let mut next = Instant::now() + third;
        loop {
            tokio::select! {
                biased;
                asked = &mut stop => {
                    self.hand_over().await;
                    if let Ok(done) = asked {
                        let _ = done.send(());
                    }
                    return;
                }
                Some(ended) = self.tasks.join_next(), if !self.tasks.is_empty() => match ended {
                    Ok((partition, token, _)) => self.ended(|of, tenure| of == partition && tenure.lease.token == token),
                    Err(fault) => self.ended(|_, tenure| tenure.task.id() == fault.id()),
                },
                () = tokio::time::sleep_until(next) => {
                    next = Instant::now() + third;
                    self.pass().await;
                }
            }
        }
    }

    /// Asks for every lease once.
    pub(super) async fn pass(&mut self) {
        let partitions = self.tools.settings.partitions.clone();
        let asking = partitions.into_iter().map(|partition| ask(Arc::clone(&self.tools), partition));
        let answers: Vec<_> = stream::iter(asking).buffer_unordered(SIDE_BY_SIDE).collect().await;
        for (partition, asked, answer) in answers {
            match answer {
                Ok(Some(lease)) => self.granted(partition, lease, asked),
                Ok(None) => self.drop_at_once(partition),
                // The partition ends by itself when its lease runs out without renewal.
                Err(error) => tracing::warn!(%partition, %error, "no answer about the lease"),
            }
        }
        self.held.send_if_modified(|held| {
            let now = self.directory.held();
            let changed = *held != now;
            *held = now;
            changed
        });
    }

    fn granted(&mut self, partition: Partition, lease: Lease, asked: Instant) {
        let ttl = self.tools.settings.lease_ttl;
        if let Some(tenure) = self.tenures.get(&partition) {
            if tenure.lease.token == lease.token && !lease.fresh {
                return tenure.lease.renewed(asked, ttl);
            }
            // It was lost and taken again between two looks: what is cached is stale.
            self.drop_at_once(partition);
        }
        tracing::debug!(%partition, token = lease.token.0, "partition taken");
        let held = Arc::new(Held::new(lease.token, asked, ttl));
        let shop = Arc::new(Workshop::new(Arc::clone(&self.tools), partition, Arc::clone(&held)));
        let worker = PartitionWorker::new(shop, Arc::clone(&self.directory), self.directory.add(partition));
        let task = self.tasks.spawn(async move { (partition, lease.token, Box::pin(worker.run()).await) });
        self.tenures.insert(partition, Tenure { lease: held, task });
        self.tools.observer.holds(partition, true);
    }

    fn drop_at_once(&mut self, partition: Partition) {
        if let Some(tenure) = self.tenures.remove(&partition) {
            tracing::warn!(%partition, token = tenure.lease.token.0, "partition lost");
            tenure.task.abort();
            self.directory.remove(partition);
            self.tools.observer.holds(partition, false);
        }
    }

    fn ended(&mut self, is_it: impl Fn(Partition, &Tenure) -> bool) {
        let which =
            self.tenures.iter().find(|(partition, tenure)| is_it(**partition, tenure)).map(|(partition, _)| *partition);
        if let Some(partition) = which {
            self.drop_at_once(partition);
        }
    }

    /// Lets every partition finish what it has in hand, then gives the leases up.
    async fn hand_over(&mut self) {
        self.directory.stop();
        while self.tasks.join_next().await.is_some() {}
        let held: Vec<_> = std::mem::take(&mut self.tenures).into_iter().collect();
        for partition in held.iter().map(|(partition, _)| *partition) {
            self.directory.remove(partition);
            self.tools.observer.holds(partition, false);
        }
        let releasing =
            held.into_iter().map(|(partition, tenure)| release(Arc::clone(&self.tools), partition, tenure.lease));
        stream::iter(releasing).buffer_unordered(SIDE_BY_SIDE).collect::<()>().await;
    }
}

/// Asks for one lease; says when it was asked for.
async fn ask<G: Governor>(
    tools: Arc<Tools<G>>,
    partition: Partition,
) -> (Partition, Instant, Result<Option<Lease>, StoreError>) {
    let (asked, ttl) = (Instant::now(), tools.settings.lease_ttl);
    let answer = tokio::time::timeout(ttl / 3, tools.store.lease(partition, &tools.settings.holder(), ttl)).await;
    let no_answer = |_| Err(StoreError::Unavailable("no answer about the lease".into()));
    (partition, asked, answer.unwrap_or_else(no_answer))
}

async fn release<G: Governor>(tools: Arc<Tools<G>>, partition: Partition, lease: Arc<Held>) {
    if let Err(error) = tools.store.release(partition, lease.token).await {
        tracing::warn!(%partition, %error, "the lease could not be given up; it runs out by itself");
    }
}
