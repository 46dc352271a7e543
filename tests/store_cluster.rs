//! The Redis store against a real cluster of three primaries.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "support/cluster.rs"]
#[expect(dead_code, reason = "nodes are killed and paused in the chaos test only")]
mod cluster;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use flyball::store::conformance::{CASES, Ground};
use flyball::store::redis::Redis;
use flyball::store::{Batch, BatchId, NewDelivery, Partition, Store, StoreShown, WINDOW};

use cluster::Cluster;

const HERE: Partition = Partition::numbered(7);

#[tokio::test]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start();
    let store = Redis::open(&cluster.urls(), true, WINDOW).await.unwrap();
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}

#[tokio::test]
async fn a_slot_that_moves_under_load_is_followed() {
    let cluster = Cluster::start();
    let store = Arc::new(Redis::open(&cluster.urls(), true, WINDOW).await.unwrap());
    let moved = Arc::new(AtomicBool::new(false));
    let token = store.lease(HERE, "me", Duration::from_secs(600)).await.unwrap().unwrap().token;
    let accepting = {
        let (store, moved) = (Arc::clone(&store), Arc::clone(&moved));
        tokio::spawn(async move {
            let mut accepted = Vec::new();
            let mut after = 0;
            while after < 100 {
                after += usize::from(moved.load(Ordering::Relaxed));
                let id = format!("d-{}", accepted.len());
                let delivery = NewDelivery { partition: HERE, id: id.clone(), body: id.clone().into() };
                // While keys of one script are on both sides it has to wait; GitHub would send again.
                if store.accept(delivery).await.is_ok() {
                    accepted.push(id);
                }
            }
            accepted
        })
    };
    tokio::time::sleep(Duration::from_millis(100)).await;
    let moving = tokio::task::spawn_blocking(move || {
        cluster.move_slot("{p07}");
        moved.store(true, Ordering::Relaxed);
        cluster
    });
    let _cluster = moving.await.unwrap();
    let accepted = accepting.await.unwrap();
    let inbox = store.inbox(HERE, None, usize::MAX).await.unwrap();
    assert_eq!(inbox.iter().map(|entry| &entry.delivery).collect::<Vec<_>>(), accepted.iter().collect::<Vec<_>>());
    let ack = inbox.iter().map(|entry| entry.id).collect();
    store.commit(HERE, token, &BatchId("1".into()), &Batch { ack, ..Batch::default() }).await.unwrap();
    assert!(store.inbox(HERE, None, 1).await.unwrap().is_empty());
}

#[tokio::test]
async fn each_primary_shows_how_safely_it_keeps() {
    let cluster = Cluster::start();
    let store = Redis::open(&cluster.urls(), true, WINDOW).await.unwrap();
    let StoreShown::Redis(shown) = store.shown().await.unwrap() else { panic!("it is a Redis") };
    assert_eq!(shown.len(), 3);
    assert!(shown.iter().all(|one| one.appends == Some(false) && one.appendfsync.is_some()), "{shown:?}");
}
