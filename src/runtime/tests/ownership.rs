//! Only the holder of the lease works; handing over is quick and clean.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::{World, look, push, quick};
use crate::domain::ids::RepoId;
use crate::runtime::WorkerHandle;
use crate::runtime::settings::Settings;
use crate::store::{Partition, Store};

#[tokio::test]
async fn a_worker_that_lost_its_lease_writes_nothing_and_drops_the_partition() {
    let world = World::new();
    world.github.hang(RepoId(1));
    let worker = world.work(Settings { read_deadline: Duration::from_millis(150), ..quick("w") }).await;
    world.happens(1, look(5)).await;
    while world.github.most_reading() == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    world.store.steal(Partition::of(RepoId(1)));
    while worker.held().contains(&Partition::of(RepoId(1))) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(worker.held().len(), Partition::COUNT - 1);
    assert_eq!(world.noted(1).await, Vec::<String>::new());
    assert_eq!(world.github.calls(), Vec::<String>::new());
    let inbox = world.store.inbox(Partition::of(RepoId(1)), None, 9).await.unwrap();
    assert_eq!(inbox.len(), 1, "it waits for the new owner");
}

/// Else the first batch of the new work had the name of the first one of the old, and was taken for it.
#[tokio::test]
async fn a_lease_that_was_believed_lost_and_is_ours_still_is_given_up_for_a_new_one() {
    let (world, here) = (World::new(), Partition::of(RepoId(1)));
    let worker = world.work(Settings { lease_ttl: Duration::from_millis(600), ..quick("w") }).await;
    world.happens(1, push("before")).await;
    while world.noted(1).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let before = world.store.token(here);
    world.store.mute(here, true);
    while worker.held().contains(&here) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    world.store.mute(here, false);
    world.happens(1, push("after")).await;
    while !worker.held().contains(&here) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    worker.settled().await;
    assert!(world.store.token(here) > before);
    assert_eq!(world.noted(1).await, ["before", "after"]);
}

#[tokio::test]
async fn no_call_starts_that_could_outlive_the_lease() {
    let world = World::new();
    let deadline = Duration::from_secs(3600);
    let worker =
        world.work(Settings { call_deadline: deadline, lease_ttl: Duration::from_secs(2), ..quick("w") }).await;
    world.happens(1, look(5)).await;
    while world.noted(1).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(world.github.calls(), Vec::<String>::new());
    drop(worker);
}

/// Returns when the two hold all partitions between them, each some; and how many.
async fn shared_out(first: &WorkerHandle, second: &WorkerHandle) -> (usize, usize) {
    loop {
        let (one, two) = (first.held(), second.held());
        let apart = one.iter().all(|partition| !two.contains(partition));
        if one.len() + two.len() == Partition::COUNT && apart && !one.is_empty() && !two.is_empty() {
            return (one.len(), two.len());
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn who_comes_gets_a_share_and_who_leaves_gives_it_back_while_work_goes_on() {
    let world = World::new();
    let first = world.work(quick("one")).await;
    assert_eq!(first.held().len(), Partition::COUNT, "alone");
    let second = world.work(quick("two")).await;
    let (one, two) = shared_out(&first, &second).await;
    assert!(one.min(two) > Partition::COUNT / 3, "{one} and {two}");
    for repo in 1..=20 {
        world.happens(repo, push("main")).await;
    }
    first.settled().await;
    second.settled().await;
    // One goes while more arrives.
    for repo in 1..=20 {
        world.happens(repo, push("next")).await;
    }
    first.shutdown().await;
    while second.held().len() < Partition::COUNT {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    second.settled().await;
    for repo in 1..=20 {
        assert_eq!(world.noted(repo).await, ["main", "next"], "repository {repo}");
    }
}

#[tokio::test]
async fn who_died_is_replaced_when_its_time_ran_out() {
    let world = World::new();
    let short = |name| Settings {
        lease_ttl: Duration::from_millis(900),
        call_deadline: Duration::from_millis(50),
        ..quick(name)
    };
    let first = world.work(short("one")).await;
    let second = world.work(short("two")).await;
    shared_out(&first, &second).await;
    drop(first);
    while second.held().len() < Partition::COUNT {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_shutdown_lets_the_call_in_hand_come_back_and_gives_the_leases_up() {
    let world = World::new();
    let worker = world.work(quick("one")).await;
    for number in 1..=5 {
        world.happens(1, look(number)).await;
    }
    while world.github.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    worker.shutdown().await;
    let called = world.github.calls().len();
    let answered = world.noted(1).await.iter().filter(|note| note.ends_with("done")).count();
    assert_eq!(answered, called, "no call is left without its answer kept");
    let next = world.work(quick("two")).await;
    assert_eq!(next.held().len(), Partition::COUNT, "free at once");
    next.settled().await;
    for number in 1..=5 {
        assert_eq!(world.github.comments(RepoId(1), number), 1);
    }
}

#[tokio::test]
async fn an_idle_worker_asks_the_store_for_nothing() {
    let world = World::new();
    let worker = world.work(Settings { lease_ttl: Duration::from_secs(60), ..quick("w") }).await;
    world.happens(1, look(5)).await;
    worker.settled().await;
    let before = world.store.asked.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(world.store.asked.load(Ordering::SeqCst), before, "256 partitions, none of them polls");
}

#[tokio::test]
async fn a_repository_without_work_leaves_the_memory_and_comes_back_as_it_was() {
    let world = World::new();
    let worker = world.work(Settings { idle: Duration::from_millis(10), ..quick("w") }).await;
    for branch in ["a", "b", "c"] {
        world.happens(1, push(branch)).await;
        worker.settled().await;
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    assert_eq!(world.noted(1).await, ["a", "b", "c"]);
    assert_eq!(Arc::strong_count(&world.github), 2, "the world's and the worker's: no job is left behind");
}
