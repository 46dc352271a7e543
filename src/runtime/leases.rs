//! Keeps the leases: takes its share of what is free, renews what is held, hands over what became another's, drops at once what is lost.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures::stream::{self, StreamExt};
use tokio::sync::{Notify, oneshot, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::crew::Crew;
use super::directory::Directory;
use super::governor::Governor;
use super::lease::Held;
use super::partition::{Ended, PartitionWorker};
use super::workshop::{Tools, Workshop};
use crate::store::{Lease, Partition, StoreError, Token};

/// Questions about leases that are out at once.
const SIDE_BY_SIDE: usize = 32;
/// How soon it is asked again for a partition that is to be worked here and that another still holds.
const AGAIN: Duration = Duration::from_millis(100);
/// How soon it is looked again after somebody came or went.
const SETTLES: Duration = Duration::from_secs(1);

struct Tenure {
    lease: Arc<Held>,
    task: AbortHandle,
    /// Another is to work it: what is in hand is brought to an end.
    leaving: bool,
}

/// The keeper of the leases.
pub(super) struct Keeper<G: Governor> {
    tools: Arc<Tools<G>>,
    directory: Arc<Directory>,
    held: watch::Sender<Vec<Partition>>,
    crew: Crew,
    /// When what is held is renewed.
    renew_at: Instant,
    tenures: BTreeMap<Partition, Tenure>,
    tasks: JoinSet<(Partition, Token, Ended)>,
}

impl<G: Governor> Keeper<G> {
    /// Holds nothing yet. `held` is told which partitions are.
    pub(super) fn new(tools: Arc<Tools<G>>, directory: Arc<Directory>, held: watch::Sender<Vec<Partition>>) -> Self {
        let (crew, renew_at) = (Crew::default(), Instant::now());
        Self { tools, directory, held, crew, renew_at, tenures: BTreeMap::new(), tasks: JoinSet::new() }
    }

    /// Keeps the leases until asked to stop; then hands them over and says so.
    pub(super) async fn run(mut self, mut stop: oneshot::Receiver<oneshot::Sender<()>>) {
        let changed = Arc::new(Notify::new());
        let mut hearing = JoinSet::new();
        hearing.spawn(hear(Arc::clone(&self.tools), Arc::clone(&changed)));
        loop {
            let next = self.next();
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
                    Ok((partition, token, ended)) => self.ended(partition, token, ended).await,
                    Err(fault) => self.failed(fault.id()),
                },
                () = changed.notified() => {
                    self.look().await;
                    self.catch_up().await;
                }
                () = tokio::time::sleep_until(next) => self.pass().await,
            }
        }
    }

    /// When there is something to ask without anybody saying so.
    fn next(&self) -> Instant {
        let lacking = self.lacking().next().is_some().then(|| Instant::now() + AGAIN);
        [lacking, self.crew.look_at].into_iter().flatten().fold(self.renew_at, Instant::min)
    }

    /// Does what is due: says that it is at work and sees who else is, renews what is held, asks for what is lacking.
    pub(super) async fn pass(&mut self) {
        let now = Instant::now();
        let renews = now >= self.renew_at;
        if renews || self.crew.look_at.is_some_and(|at| now >= at) {
            self.look().await;
        }
        if !renews {
            return self.catch_up().await;
        }
        self.renew_at = now + self.tools.settings.lease_ttl / 3;
        let all: Vec<_> = self.share().filter(|partition| !self.leaves(*partition)).collect();
        self.ask_for(all).await;
    }

    /// Asks for what is to be worked here and is not yet.
    async fn catch_up(&mut self) {
        let lacking: Vec<_> = self.lacking().collect();
        self.ask_for(lacking).await;
    }

    /// Sees who is at work, and begins to hand over what is to be worked by another.
    async fn look(&mut self) {
        let (asked, settings) = (Instant::now(), Arc::clone(&self.tools.settings));
        let me = settings.holder();
        let told = tokio::time::timeout(settings.lease_ttl / 3, self.tools.store.crew(&me, settings.lease_ttl)).await;
        match told {
            Ok(Ok(all)) => {
                let before = std::mem::replace(&mut self.crew, Crew::told(&me, asked, all));
                if !self.crew.is_of(&before) {
                    // Whoever comes with us may come a moment later, when this one has just looked and does not listen yet.
                    self.crew.look_by(asked + SETTLES);
                }
            }
            no => {
                // As it was, for the time being; and not at once again.
                self.crew.look_at = Some(asked + SETTLES);
                tracing::warn!(answer = ?no.err(), "the store does not say who is at work");
            }
        }
        for (partition, tenure) in &mut self.tenures {
            if !tenure.leaving && !self.crew.gives(&me, *partition) {
                tracing::debug!(%partition, "partition handed over");
                tenure.leaving = true;
                self.directory.stop(*partition);
            }
        }
    }

    /// What is to be worked here.
    fn share(&self) -> impl Iterator<Item = Partition> + '_ {
        let me = self.tools.settings.holder();
        self.tools.settings.partitions.iter().copied().filter(move |partition| self.crew.gives(&me, *partition))
    }

    /// Of that, what is not.
    fn lacking(&self) -> impl Iterator<Item = Partition> + '_ {
        self.share().filter(|partition| !self.tenures.contains_key(partition))
    }

    fn leaves(&self, partition: Partition) -> bool {
        self.tenures.get(&partition).is_some_and(|tenure| tenure.leaving)
    }

    async fn ask_for(&mut self, partitions: Vec<Partition>) {
        let asking = partitions.into_iter().map(|partition| ask(Arc::clone(&self.tools), partition));
        let answers: Vec<_> = stream::iter(asking).buffer_unordered(SIDE_BY_SIDE).collect().await;
        for (partition, asked, answer) in answers {
            match answer {
                Ok(Some(lease)) if self.is_left_over(partition, &lease) => {
                    tracing::info!(%partition, token = lease.token.0, "a lease from before is given up for a new one");
                    let held = Held::new(lease.token, asked, self.tools.settings.lease_ttl);
                    release(Arc::clone(&self.tools), partition, Arc::new(held)).await;
                }
                Ok(Some(lease)) => self.granted(partition, lease, asked),
                Ok(None) => self.drop_at_once(partition),
                // The partition ends by itself when its lease runs out without renewal.
                Err(error) => tracing::warn!(%partition, %error, "no answer about the lease"),
            }
        }
        self.tell_held();
    }

    fn tell_held(&self) {
        self.held.send_if_modified(|held| {
            let now = self.directory.held();
            let changed = *held != now;
            *held = now;
            changed
        });
    }

    /// Whether the store still counts us as the holder by a token whose work ended here: a renewal that we believed lost had been done.
    /// Calls and commits under it may still be on their way, and the names of its batches are used up.
    fn is_left_over(&self, partition: Partition, lease: &Lease) -> bool {
        !lease.fresh && self.tenures.get(&partition).is_none_or(|tenure| tenure.lease.token != lease.token)
    }

    fn granted(&mut self, partition: Partition, lease: Lease, asked: Instant) {
        let ttl = self.tools.settings.lease_ttl;
        if let Some(tenure) = self.tenures.get(&partition) {
            if !lease.fresh {
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
        self.tenures.insert(partition, Tenure { lease: held, task, leaving: false });
        self.tools.observer.holds(partition, true);
    }

    fn drop_at_once(&mut self, partition: Partition) {
        if let Some(tenure) = self.forget(partition) {
            tracing::warn!(%partition, token = tenure.lease.token.0, "partition lost");
            tenure.task.abort();
        }
    }

    fn forget(&mut self, partition: Partition) -> Option<Tenure> {
        let tenure = self.tenures.remove(&partition)?;
        self.directory.remove(partition);
        self.tools.observer.holds(partition, false);
        Some(tenure)
    }

    /// A partition's work came to its end: handed over, its lease is given up for the next.
    async fn ended(&mut self, partition: Partition, token: Token, ended: Ended) {
        if self.tenures.get(&partition).is_none_or(|tenure| tenure.lease.token != token) {
            return;
        }
        if ended == Ended::Lost {
            self.drop_at_once(partition);
        } else if let Some(tenure) = self.forget(partition) {
            release(Arc::clone(&self.tools), partition, tenure.lease).await;
        }
        self.tell_held();
    }

    /// A partition's work panicked.
    fn failed(&mut self, task: tokio::task::Id) {
        let which = self.tenures.iter().find(|(_, tenure)| tenure.task.id() == task).map(|(partition, _)| *partition);
        if let Some(partition) = which {
            self.drop_at_once(partition);
        }
    }

    /// Says that it leaves, lets every partition finish what it has in hand, and gives each lease up as soon as that is done.
    async fn hand_over(&mut self) {
        self.tenures.keys().for_each(|partition| self.directory.stop(*partition));
        let settings = Arc::clone(&self.tools.settings);
        let holder = settings.holder();
        let leaving = tokio::time::timeout(settings.grace, self.tools.store.leave(&holder));
        if !matches!(leaving.await, Ok(Ok(()))) {
            tracing::warn!("the others could not be told of the end; they find out when the time given has run out");
        }
        let mut releasing = JoinSet::new();
        while let Some(ended) = self.tasks.join_next().await {
            let Ok((partition, token, _)) = ended else { continue };
            if self.tenures.get(&partition).is_some_and(|tenure| tenure.lease.token == token)
                && let Some(tenure) = self.forget(partition)
            {
                releasing.spawn(release(Arc::clone(&self.tools), partition, tenure.lease));
            }
        }
        releasing.join_all().await;
    }
}

/// Passes on that somebody may have come or gone.
async fn hear<G: Governor>(tools: Arc<Tools<G>>, changed: Arc<Notify>) {
    loop {
        tools.store.crew_changes(Duration::from_secs(3600)).await;
        changed.notify_one();
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
