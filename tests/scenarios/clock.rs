//! Clocks that differ: GitHub's counts for what people saw when, and a signature that GitHub takes for one of the future is named.

use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ninety_seconds_between_the_clocks_change_no_judgment(
    #[values(Embedded, Redis)] keep: Keep,
    #[values(-90, 90)] github_ahead: i64,
) {
    let world = World::ahead(keep, github_ahead).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
    world.github().push(pr, line(2, "Two"));
    world.settle().await;
    world.green(pr).await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "confused"], "within the dwell, by GitHub's clock");
    world.seconds(30).await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"], "after it");
    assert!(world.is_merged(pr), "{:?}", world.codes(pr).await);
    assert_eq!(world.ours(pr).len(), 2, "the sticky comment and the one reply: {:#?}", world.ours(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ninety_seconds_fast_github_takes_no_signature_and_all_goes_on_once_the_clock_is_right(
    #[values(Embedded, Redis)] keep: Keep,
) {
    let world = World::start(keep).await;
    world.github().set_jwt_skew(-90);
    world.github().expire_tokens();
    let pr = world.opens("alice", line(2, "TWO")).await;
    assert!(world.github().latest_check(pr, "flyball").is_none(), "nothing can be written");
    assert!(world.github().deliveries().iter().all(flyball::sim::Delivery::is_ok), "yet deliveries are taken");
    world.github().set_jwt_skew(0);
    for _ in 0..6 {
        world.seconds(60).await;
    }
    world.green(pr).await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
    assert_eq!(world.ours(pr).len(), 1);
    world.says(pr, "bob", "/confirm").await;
    assert!(world.is_merged(pr));
}
