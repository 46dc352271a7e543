//! The worker's promises, kept under a domain, a store and a GitHub that misbehave on purpose.

mod archive;
mod crash;
mod embedded;
mod fuse;
mod memory;
mod octoscript;
mod order;
mod outbox;
mod ownership;
mod reader;
mod toy;
mod trouble;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use fuse::Fuse;
use memory::Memory;
use octoscript::Script;
use toy::{Toy, ToyGovernor};

use super::clock::{Clock, ManualClock, SystemClock};
use super::observe::Observer;
use super::read::Reader;
use super::settings::Settings;
use super::{Deps, Worker, WorkerHandle};
use crate::domain::govern::{Actor, ActorKind, CommentSeen, Delivered, Event, RepoSeen};
use crate::domain::ids::{CommentId, PrNumber, RepoId, Timestamp, UserId};
use crate::store::{NewDelivery, Partition, Store};

/// A store, a GitHub and a clock; workers come and go.
struct World {
    store: Arc<Memory>,
    github: Arc<Script>,
    clock: Arc<ManualClock>,
    fuse: Fuse,
    accepted: AtomicU64,
}

/// Settings that lose no time over failures, and whose deadlines a busy machine does not reach.
fn quick(owner: &str) -> Settings {
    Settings {
        lease_ttl: Duration::from_secs(90),
        read_deadline: Duration::from_secs(30),
        call_deadline: Duration::from_secs(30),
        attempts: 3,
        backoff: Duration::from_millis(2),
        backoff_most: Duration::from_millis(20),
        ..Settings::new(owner, Duration::from_secs(1))
    }
}

impl World {
    fn new() -> Self {
        let fuse = Fuse::lasting();
        Self {
            store: Arc::new(Memory::new(fuse.clone())),
            github: Arc::new(Script::new(fuse.clone())),
            clock: Arc::new(ManualClock::at("2026-03-01T12:00:00Z".parse().unwrap())),
            fuse,
            accepted: AtomicU64::new(0),
        }
    }

    async fn work(&self, settings: Settings) -> WorkerHandle {
        self.work_with(ToyGovernor::default(), settings).await
    }

    async fn work_with(&self, governor: ToyGovernor, settings: Settings) -> WorkerHandle {
        self.work_seen_by(governor, settings, Arc::new(())).await
    }

    async fn work_seen_by(
        &self,
        governor: ToyGovernor,
        settings: Settings,
        observer: Arc<dyn Observer>,
    ) -> WorkerHandle {
        let (store, github, clock) = (self.store.clone(), self.github.clone(), self.clock.clone());
        Worker::start(Deps { governor, store, github, clock, observer, settings }).await
    }

    /// Something happens to a repository. Returns the delivery's id.
    async fn happens(&self, repo: u64, event: Event) -> String {
        let id = format!("d{}", self.accepted.fetch_add(1, Ordering::SeqCst));
        self.happens_in(repo, &format!("acme/r{repo}"), event, &id).await;
        id
    }

    async fn happens_in(&self, repo: u64, full_name: &str, event: Event, id: &str) {
        let repo = RepoSeen { id: RepoId(repo), full_name: full_name.into(), default_branch: None, private: None };
        let delivered = Delivered { installation: None, repo, sender: None, received_at: self.clock.now(), event };
        let body = serde_json::to_vec(&delivered).unwrap().into();
        let delivery = NewDelivery { partition: Partition::of(delivered.repo.id), id: id.into(), body };
        self.store.accept(delivery).await.unwrap();
    }

    /// What the toy domain noted about a repository.
    async fn noted(&self, repo: u64) -> Vec<String> {
        let fields = self.store.load(Partition::of(RepoId(repo)), &format!("r{repo}")).await.unwrap();
        fields.first().map(|(_, stored)| serde_json::from_slice::<Toy>(stored).unwrap().noted).unwrap_or_default()
    }

    /// Nothing waits, is due or was given up anywhere.
    async fn assert_nothing_left(&self) {
        let left = Reader::new(self.store.clone()).pending(self.clock.now()).await.unwrap();
        assert_eq!(left, crate::store::Pending::default());
    }
}

fn push(branch: &str) -> Event {
    Event::Push { branch: branch.into(), after: None, before: None, policy: false }
}

fn look(number: u64) -> Event {
    Event::Look { number: PrNumber(number) }
}

fn says(number: u64, body: &str) -> Event {
    let author = Actor { id: UserId(1), login: "ada".into(), kind: ActorKind::Human };
    let (id, number, created_at) = (CommentId(1), PrNumber(number), Timestamp::UNIX_EPOCH);
    Event::Comment(CommentSeen { id, number, author, body: body.into(), created_at, edited: false })
}

#[tokio::test]
async fn a_manual_clock_wakes_sleepers_when_their_time_has_come_and_not_before() {
    let clock = Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH));
    let until = |seconds| {
        let clock = Arc::clone(&clock);
        tokio::spawn(async move { clock.sleep_until(Timestamp::from_second(seconds).unwrap()).await })
    };
    let (early, late) = (until(5), until(50));
    clock.advance(Duration::from_secs(5));
    early.await.unwrap();
    tokio::task::yield_now().await;
    assert!(!late.is_finished());
    clock.set(Timestamp::from_second(60).unwrap());
    late.await.unwrap();
}

#[tokio::test]
async fn the_system_clock_sleeps_at_least_as_long_as_asked_and_never_for_the_past() {
    let clock = SystemClock;
    let begun = clock.now();
    let at = begun.saturating_add(Duration::from_millis(20)).unwrap();
    clock.sleep_until(at).await;
    assert!(clock.now() >= at);
    clock.sleep_until(begun).await;
}
