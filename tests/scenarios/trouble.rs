//! GitHub stumbles, deliveries come wrong, processes die: nothing is lost and nothing is done twice.

use std::net::Ipv4Addr;
use std::time::Duration;

use flyball::sim::{Endpoint, Fault};

use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn deliveries_in_reverse_and_twice_end_in_the_same_state(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().hold_deliveries();
    let pr = world.github().open_pull(world.repo, "alice", "Change", line(2, "TWO"));
    world.github().check(pr, "test", "ci", Some("success"));
    world.github().release_deliveries_as(|held| held.iter().rev().chain(held.iter()).cloned().collect());
    world.settle().await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
    assert_eq!(world.ours(pr).len(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_between_any_two_steps_loses_nothing_and_doubles_nothing(#[values(Embedded, Redis)] keep: Keep) {
    // Side by side: each waits for the dead server's leases to run out.
    futures::future::join_all((0..8).map(|after| Box::pin(crash_and_recover(keep, after)))).await;
}

async fn crash_and_recover(keep: Keep, after: u64) {
    let mut world = World::hurried(keep).await;
    let pr = world.github().open_pull(world.repo, "alice", "Change", line(2, "TWO"));
    world.github().check(pr, "test", "ci", Some("success"));
    world.github().deliveries_idle().await;
    // The server dies at some point of its work; which one is up to the machine.
    tokio::time::sleep(Duration::from_millis(after * 7)).await;
    world.stage.crash();
    world.stage.start((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    for _ in 0..3 {
        world.seconds(30).await;
    }
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"), "after {after}");
    assert_eq!(world.ours(pr).len(), 1, "after {after}");
    world.says(pr, "bob", "/confirm").await;
    for _ in 0..3 {
        world.seconds(30).await;
    }
    assert!(world.is_merged(pr), "after {after}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_success_whose_answer_is_lost_lets_the_merge_go_on(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().fails_next(Endpoint::CreateCheckRun, Fault::CutAfter);
    world.says(pr, "bob", "/confirm").await;
    world.seconds(20).await;
    assert!(world.is_merged(pr), "{:?}", world.codes(pr).await);
    let sha = world.github().pull(pr).head_sha;
    let successes = world.github().check_runs(world.repo, &sha).into_iter();
    let ours = successes.filter(|run| run.app == "flyball" && run.conclusion.as_deref() == Some("success"));
    assert_eq!(ours.count(), 1, "found, not written again");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_comment_deleted_under_us_is_written_anew(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    let ours = world.github().comments(pr).into_iter().find(|comment| comment.author == "flyball[bot]").unwrap();
    world.github().delete_comment(world.repo, ours.id, "carol");
    world.green(pr).await;
    world.seconds(30).await;
    world.sticky(pr);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_secondary_limit_is_waited_out(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().fails_next(Endpoint::CreateCheckRun, Fault::SecondaryLimit(1));
    let pr = world.opens("alice", line(2, "TWO")).await;
    assert!(world.github().latest_check(pr, "flyball").is_none());
    // The limit is GitHub's own time: the client keeps still for that second, whatever our clock says.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    world.seconds(90).await;
    assert_eq!(world.check(pr).status, "in_progress");
}
