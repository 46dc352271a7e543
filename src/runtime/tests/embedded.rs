//! The worker on the real embedded store: the same promises, with a disk below.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::fuse::Fuse;
use super::octoscript::Script;
use super::toy::{Toy, ToyGovernor};
use super::{look, push, quick};
use crate::domain::govern::{Delivered, Event, RepoSeen};
use crate::domain::ids::{RepoId, Timestamp};
use crate::runtime::clock::ManualClock;
use crate::runtime::read::Reader;
use crate::runtime::{Deps, Worker, WorkerHandle};
use crate::store::embedded::Embedded;
use crate::store::{NewDelivery, Partition, Pending, Store};

async fn work(store: &Arc<Embedded>, github: &Arc<Script>) -> WorkerHandle {
    Worker::start(Deps {
        governor: ToyGovernor::default(),
        store: store.clone(),
        github: github.clone(),
        clock: Arc::new(ManualClock::at(Timestamp::UNIX_EPOCH)),
        observer: Arc::new(()),
        settings: quick("w"),
    })
    .await
}

async fn happens(store: &Embedded, repo: u64, id: &str, event: Event) {
    let repo = RepoSeen { id: RepoId(repo), full_name: format!("acme/r{repo}"), default_branch: None, private: None };
    let partition = Partition::of(repo.id);
    let delivered = Delivered { installation: None, repo, sender: None, received_at: Timestamp::UNIX_EPOCH, event };
    let body = serde_json::to_vec(&delivered).unwrap().into();
    store.accept(NewDelivery { partition, id: id.into(), body }).await.unwrap();
}

/// Its writer ends a moment after the last handle: until then the directory is taken.
async fn reopened(place: &Path) -> Arc<Embedded> {
    for _ in 0..500 {
        if let Ok(store) = Embedded::open(place, Duration::from_secs(3600)).await {
            return Arc::new(store);
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the store does not open")
}

#[tokio::test(flavor = "multi_thread")]
async fn deliveries_survive_a_restart_and_are_worked_in_order_on_a_disk() {
    let place = tempfile::tempdir().unwrap();
    let github = Arc::new(Script::new(Fuse::lasting()));
    let store = reopened(place.path()).await;
    for n in 0..10 {
        for repo in 1..=5 {
            happens(&store, repo, &format!("{repo}-{n}"), if n == 3 { look(n) } else { push(&format!("b{n}")) }).await;
        }
    }
    // The first worker stops somewhere in the middle, and the store is opened anew.
    work(&store, &github).await.shutdown().await;
    drop(store);
    let store = reopened(place.path()).await;
    let worker = work(&store, &github).await;
    worker.settled().await;
    worker.shutdown().await;
    let reader = Reader::new(store.clone());
    for repo in 1..=5 {
        let fields = reader.live(RepoId(repo)).await.unwrap();
        let noted = serde_json::from_slice::<Toy>(&fields[0].1).unwrap().noted;
        let pushed: Vec<_> =
            noted.iter().filter(|note| note.starts_with('b') || note.starts_with("look")).cloned().collect();
        let expected: Vec<_> = (0..10).map(|n| if n == 3 { "look 3".to_owned() } else { format!("b{n}") }).collect();
        assert_eq!(pushed, expected, "repository {repo}");
        assert_eq!(github.comments(RepoId(repo), 3), 1);
    }
    assert_eq!(reader.pending(Timestamp::UNIX_EPOCH).await.unwrap(), Pending::default());
}
