//! Deliveries that GitHub could not make are found in its log and asked for again: once each, within bounds, by one who remembers.

use std::net::Ipv4Addr;
use std::time::Duration;

use flyball::runtime::redeliver::{LookError, Looked};
use flyball::sim::{Disorder, Endpoint, Fault};
use flyball::stage::SECRET;
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

const ASK: &str = "POST /app/hook/deliveries/{delivery_id}/attempts";
const LIST: &str = "GET /app/hook/deliveries";

impl World {
    /// From now on every delivery is lost on its way; GitHub's log knows them as failed.
    fn loses_deliveries(&self) {
        self.github().disturb(Disorder { lose_percent: 100, ..Disorder::default() });
    }

    fn loses_none(&self) {
        self.github().disturb(Disorder::default());
    }

    async fn looks(&self) -> Looked {
        self.stage.look_for_missed().await.unwrap()
    }

    /// How often this was called since the last time that calls were taken.
    fn called(&self, kind: &str) -> usize {
        self.github().calls().iter().filter(|call| call.kind() == kind).count()
    }
}

fn asked(failed: usize) -> Looked {
    Looked { failed, asked: failed, ..Looked::default() }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_lost_is_asked_for_again_and_once(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    assert_eq!(world.looks().await, Looked::default(), "nothing failed so far");
    assert_eq!((world.called(LIST), world.called(ASK)), (1, 0), "a look without failures is one request");
    world.loses_deliveries();
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    let lost = world.github().deliveries().iter().filter(|sent| !sent.is_ok()).count();
    assert!(lost >= 2 && world.github().latest_check(pr, "flyball").is_none(), "{lost} were lost");
    world.loses_none();
    assert_eq!(world.looks().await, asked(lost));
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
    assert_eq!(world.ours(pr).len(), 1);
    world.seconds(30).await;
    assert_eq!(world.looks().await, Looked::default(), "they were taken since");
    assert_eq!(world.called(ASK), lost);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_that_somebody_else_repeated_is_left_alone(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.loses_deliveries();
    world.opens("alice", line(2, "TWO")).await;
    world.loses_none();
    let lost: Vec<_> = world.github().deliveries().into_iter().filter(|sent| !sent.is_ok()).collect();
    for delivery in &lost {
        assert!(world.github().redeliver(delivery.id));
    }
    world.settle().await;
    assert_eq!(world.looks().await, Looked::default());
    // One that was taken at first and failed when somebody repeated it has arrived all the same.
    let taken = world.github().deliveries().into_iter().find(|sent| sent.is_ok() && !sent.redelivery).unwrap();
    world.github().set_webhook_url("http://127.0.0.1:9/webhooks/github");
    assert!(world.github().redeliver(taken.id));
    world.settle().await;
    assert_eq!(world.looks().await, Looked::default());
    assert_eq!(world.called(ASK), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_keeps_failing_is_asked_for_three_times_also_across_a_restart(#[values(Embedded, Redis)] keep: Keep) {
    let mut world = World::hurried(keep).await;
    // Every delivery is refused: the secret at GitHub is not ours.
    world.github().set_webhook_secret("somebody else's");
    let pr = world.opens("alice", line(2, "TWO")).await;
    let lost = world.github().deliveries().iter().filter(|sent| sent.status == Some(401)).count();
    for look in 1..=5 {
        let looked = world.looks().await;
        assert_eq!((looked.failed, looked.asked), (lost, if look <= 3 { lost } else { 0 }), "look {look}");
        if look == 2 {
            world.stage.crash();
            world.stage.start((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
        }
        world.seconds(1).await;
    }
    assert_eq!(world.called(ASK), 3 * lost);
    assert!(world.github().latest_check(pr, "flyball").is_none(), "none of them was taken");
    world.github().set_webhook_secret(SECRET);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_limit_ends_a_look_and_the_next_one_goes_on(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.loses_deliveries();
    let pr = world.opens("alice", line(2, "TWO")).await;
    world.loses_none();
    world
        .github()
        .fails_next(Endpoint::Route("POST", "/app/hook/deliveries/{delivery_id}/attempts"), Fault::SecondaryLimit(1));
    assert!(matches!(world.stage.look_for_missed().await, Err(LookError::GitHub(_))));
    assert!(matches!(world.stage.look_for_missed().await, Err(LookError::GitHub(_))), "nothing is sent while it lasts");
    assert_eq!(world.called(ASK), 1);
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    let looked = world.looks().await;
    assert_eq!(looked.asked, looked.failed, "what was not asked for is not forgotten");
    assert_eq!(world.check(pr).status, "in_progress");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_of_ten_thousand_failures_is_walked_within_bounds() {
    let world = World::start(Embedded).await;
    world.looks().await;
    world.loses_deliveries();
    let pr = world.opens("alice", line(2, "TWO")).await;
    for _ in 0..10_000 {
        world.github().ping();
    }
    let pressed = world.opens("bob", line(9, "NINE")).await;
    world.loses_none();
    let _before = world.github().take_calls();
    let looked = world.looks().await;
    assert!(looked.failed > 10_000 && looked.asked == 1_000 && looked.reconciled, "{looked:?}");
    assert_eq!(looked.asked + looked.given_up, looked.failed);
    assert!(world.called(LIST) <= 103, "{} pages", world.called(LIST));
    for pr in [pr, pressed] {
        assert_eq!(world.check(pr).status, "in_progress", "the reconcile finds what was too much to ask for");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_has_forgotten_the_reconcile_finds(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.looks().await;
    world.loses_deliveries();
    let pr = world.opens("alice", line(2, "TWO")).await;
    world.loses_none();
    world.seconds(4 * 24 * 3600).await;
    assert_eq!(world.looks().await, Looked { reconciled: true, ..Looked::default() }, "the log says nothing any more");
    assert_eq!(world.check(pr).status, "in_progress");
    assert_eq!(world.looks().await, Looked::default());
}
