//! What an event costs in requests to GitHub, token mints and 304s apart (DESIGN, section 12), as the simulated GitHub counts them.
//! docs/PERFORMANCE.md shows this table.

use flyball::sim::CallRecord;
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

/// What was asked since the last time, in order, one a line, within the budget.
fn cost(world: &World, budget: usize) -> String {
    let paid: Vec<String> =
        world.github().take_calls().iter().filter(|call| call.counts()).map(CallRecord::kind).collect();
    assert!(paid.len() <= budget, "{paid:#?}");
    paid.join("\n").replace("/repos/{owner}/{repo}", "")
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_event_stays_within_its_budget(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.opens("alice", line(9, "NINE")).await; // The first one also reads what protects the branch.
    cost(&world, 20);

    let pr = world.opens("alice", line(2, "TWO")).await;
    let opened = cost(&world, 4);
    world.github().push(pr, line(2, "Two"));
    world.settle().await;
    let pushed = cost(&world, 4);

    world.github().check(pr, "lint", "ci", Some("success"));
    world.settle().await;
    assert_eq!(cost(&world, 0), "", "a check that changes nothing");

    world.github().check(pr, "test", "ci", Some("success"));
    world.settle().await;
    let checked = cost(&world, 2);
    assert!(!checked.contains("GET"), "a check that changes the standing reads nothing: {checked}");

    world.seconds(30).await;
    cost(&world, 0);
    world.says(pr, "rita", "/confirm").await;
    let declined = cost(&world, 4);
    world.says(pr, "bob", "/confirm").await;
    let confirmed = cost(&world, 7);
    assert!(world.is_merged(pr));

    let other = world.opens("alice", line(5, "FIVE")).await;
    cost(&world, 4);
    world.says(other, "bob", "/why").await;
    let asked = cost(&world, 4);
    world.github().close(other, "alice");
    world.settle().await;
    let closed = cost(&world, 4);

    // What goes out side by side may be seen in either order.
    let told = [
        ("opened", opened),
        ("pushed", pushed),
        ("a check that changes the standing", checked),
        ("a confirm that does not count", declined),
        ("a granted confirm", confirmed),
        ("why", asked),
        ("closed", closed),
    ];
    let told = told.map(|(event, calls)| {
        let mut calls: Vec<&str> = calls.lines().collect();
        calls.sort_unstable();
        format!("{event}: {}\n  {}", calls.len(), calls.join("\n  "))
    });
    insta::assert_snapshot!(told.join("\n"), @r"
    opened: 4
      GET /pulls/{pull_number}/files
      POST /check-runs
      POST /graphql
      POST /issues/{issue_number}/comments
    pushed: 4
      GET /pulls/{pull_number}/files
      PATCH /issues/comments/{comment_id}
      POST /check-runs
      POST /graphql
    a check that changes the standing: 2
      PATCH /check-runs/{check_run_id}
      PATCH /issues/comments/{comment_id}
    a confirm that does not count: 4
      GET /collaborators/{username}/permission
      POST /issues/comments/{comment_id}/reactions
      POST /issues/comments/{comment_id}/reactions
      POST /issues/{issue_number}/comments
    a granted confirm: 7
      GET /collaborators/{username}/permission
      PATCH /issues/comments/{comment_id}
      POST /check-runs
      POST /graphql
      POST /issues/comments/{comment_id}/reactions
      POST /issues/comments/{comment_id}/reactions
      PUT /pulls/{pull_number}/merge
    why: 4
      GET /collaborators/{username}/permission
      POST /issues/comments/{comment_id}/reactions
      POST /issues/comments/{comment_id}/reactions
      POST /issues/{issue_number}/comments
    closed: 1
      PATCH /issues/comments/{comment_id}
    ");
}
