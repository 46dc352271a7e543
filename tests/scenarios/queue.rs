//! GitHub's own merge queue.

use flyball::domain::ids::{CommitSha, UnitKey};
use flyball::sim::Protection;
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

/// `main` is guarded by a merge queue that requires `test` and our own check.
async fn guarded(keep: Keep) -> World {
    let world = World::start(keep).await;
    world.github().ruleset(world.repo, "queue", "main", Protection::default().merge_queue());
    world.settle().await;
    world
}

fn group(world: &World, pr: UnitKey) -> Option<CommitSha> {
    world.github().merge_queue(world.repo, "main").into_iter().find(|(key, _)| *key == pr).and_then(|(_, sha)| sha)
}

fn answer(world: &World, sha: &CommitSha) -> Option<String> {
    let runs = world.github().check_runs(world.repo, sha);
    runs.into_iter().rfind(|run| run.name == "flyball").and_then(|run| run.conclusion)
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_confirm_queues_a_pull_request_and_its_group_lands(#[values(Embedded, Redis)] keep: Keep) {
    let world = guarded(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    assert!(world.sticky(pr).contains("add to the merge queue"), "{}", world.sticky(pr));
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    let sha = group(&world, pr).expect("it is queued and its group is tested");
    assert_eq!(world.standing(pr).await, "landing");
    assert_eq!(answer(&world, &sha).as_deref(), Some("success"));
    world.github().check_on(world.repo, &sha, "test", "ci", Some("success"));
    world.settle().await;
    assert!(world.is_merged(pr));
    assert_eq!(world.standing(pr).await, "landed");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_takes_a_queued_pull_request_out(#[values(Embedded, Redis)] keep: Keep) {
    let world = guarded(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "bob", "/confirm").await;
    assert!(group(&world, pr).is_some());
    world.says(pr, "carol", "/refuse a customer called").await;
    assert!(world.github().merge_queue(world.repo, "main").is_empty());
    assert_eq!((world.standing(pr).await.as_str(), world.is_merged(pr)), ("blocked", false));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_failing_group_is_thrown_out_and_waits_for_a_person(#[values(Embedded, Redis)] keep: Keep) {
    let world = guarded(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "bob", "/confirm").await;
    let sha = group(&world, pr).expect("it is queued");
    world.github().check_on(world.repo, &sha, "test", "ci", Some("failure"));
    world.settle().await;
    assert!(world.github().merge_queue(world.repo, "main").is_empty(), "it is not queued again unasked");
    assert!(world.sticky(pr).contains("took it out"), "{}", world.sticky(pr));
    world.seconds(60).await;
    world.says(pr, "bob", "/retry").await;
    assert!(group(&world, pr).is_some());
}
