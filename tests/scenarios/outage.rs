//! Redis goes away, at intake and amid the work, and comes back: what was promised is kept, what was not is asked for again.

use std::time::Duration;

use flyball::runtime::clock::Clock;
use flyball::sim::Delivery;

use crate::keep::Keep;
use crate::world::{LINES, World, client, line};

/// Redis is killed, and all that GitHub sends meanwhile finds no store.
async fn lose_redis(world: &mut World) {
    world.kept.redis.as_mut().unwrap().kill();
    world.answers("/readyz", 503).await;
}

/// Redis is there again, with what it had on disk, and the server holds its partitions again.
async fn find_redis(world: &mut World) {
    world.kept.redis.as_mut().unwrap().restart();
    world.answers("/readyz", 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_redis_a_delivery_is_503_and_its_redelivery_finds_nothing_half_written() {
    let mut world = World::start(Keep::Redis).await;
    lose_redis(&mut world).await;
    let pr = world.github().open_pull(world.repo, "alice", "Change", line(2, "TWO"));
    world.github().check(pr, "test", "ci", Some("success"));
    world.github().deliveries_idle().await;
    let lost: Vec<Delivery> = world.github().deliveries().into_iter().filter(|sent| !sent.is_ok()).collect();
    assert!(lost.len() >= 2 && lost.iter().all(|sent| sent.status == Some(503)), "{lost:?}");
    let again = client().post(world.url("/webhooks/github")).body(lost[0].body.clone());
    let again = again.header("content-type", "application/json").header("x-github-event", &lost[0].event);
    let again =
        again.header("x-github-delivery", &lost[0].guid).header("x-hub-signature-256", world.sign(&lost[0].body));
    let answer = again.send().await.unwrap();
    assert!(answer.headers().contains_key("retry-after"), "{answer:?}");
    assert_eq!(client().get(world.url("/healthz")).send().await.unwrap().status(), 200, "the process itself is well");
    let metrics = client().get(world.url("/metrics")).send().await.unwrap().text().await.unwrap();
    assert!(metrics.contains("flyball_store_up 0"), "{metrics}");

    find_redis(&mut world).await;
    let waiting = flyball::web::metrics::waiting(&*world.stage.store, world.stage.clock.now()).await.unwrap();
    assert_eq!((waiting.inbox, waiting.parked), (0, 0), "nothing half-written");
    for delivery in lost {
        assert!(world.github().redeliver(delivery.id), "GitHub still knows it");
    }
    world.recovers().await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
    assert_eq!(world.ours(pr).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_loses_redis_goes_on_when_it_is_back_and_nothing_is_done_twice() {
    for after in [0, 10, 25, 50, 90] {
        let mut world = World::start(Keep::Redis).await;
        let prs: Vec<_> = (1..=4)
            .map(|number| {
                let pr = world.github().open_pull(world.repo, "alice", "Change", line(number * 2, "CHANGED"));
                world.github().check(pr, "test", "ci", Some("success"));
                pr
            })
            .collect();
        world.github().deliveries_idle().await;
        // How far the work is by now is up to the machine; several moments are tried.
        tokio::time::sleep(Duration::from_millis(after)).await;
        lose_redis(&mut world).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        find_redis(&mut world).await;
        world.recovers().await;
        for pr in &prs {
            assert_eq!(world.conclusion(*pr).as_deref(), Some("action_required"), "after {after} ms");
            assert_eq!(world.ours(*pr).len(), 1, "after {after} ms: {:#?}", world.ours(*pr));
        }
        world.says(prs[0], "bob", "/confirm").await;
        world.recovers().await;
        assert!(world.is_merged(prs[0]), "after {after} ms: {:?}", world.codes(prs[0]).await);
        let file = world.github().file(world.repo, "main", "src/lib.rs").unwrap();
        assert_eq!(file, LINES.replace("two", "CHANGED"), "after {after} ms: it landed once");
    }
}
