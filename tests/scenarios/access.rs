//! What the App may do changes under open pull requests: it says what it lacks, asks for nothing twice, and goes on when it has it again.

use std::time::Duration;

use flyball::sim::{Endpoint, Fault, Files};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

/// Requests that change something, besides tokens.
fn writes(world: &World) -> usize {
    let calls = world.github().calls();
    let asks = |path: &str| path == "/graphql" || path.ends_with("/access_tokens");
    calls.iter().filter(|call| call.method != "GET" && !asks(&call.path)).count()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_changed_workflow_is_not_merged_without_the_permission_and_a_person_may(
    #[values(Embedded, Redis)] keep: Keep,
) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", Files::new().with(".github/workflows/ci.yml", "on: push\n")).await;
    world.says(pr, "bob", "/confirm").await;
    world.seconds(3600).await;
    assert!(!world.is_merged(pr));
    let sticky = world.sticky(pr);
    assert!(sticky.contains("without") && sticky.contains("workflows"), "GitHub's words: {sticky}");
    assert!(sticky.contains("somebody with write access merges it"), "the next step: {sticky}");
    let merges = world.github().calls().into_iter().filter(|call| call.path.ends_with("/merge")).count();
    assert_eq!(merges, 1, "asked once");
    assert_eq!(world.conclusion(pr).as_deref(), Some("success"), "it is cleared all the same");
    world.github().press_merge(pr, "carol").unwrap();
    world.settle().await;
    assert_eq!(world.standing(pr).await, "landed");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_the_middle_is_replaced_and_nothing_is_done_twice(
    #[values(Embedded, Redis)] keep: Keep,
) {
    let world = World::start(keep).await;
    let pr = world.github().open_pull(world.repo, "alice", "Change", line(2, "TWO"));
    world.github().expire_tokens();
    world.settle().await;
    world.github().check(pr, "test", "ci", Some("success"));
    world.github().expire_tokens();
    world.settle().await;
    world.seconds(2).await;
    for _ in 0..3 {
        world.github().fails_next(Endpoint::Merge, Fault::Message(401, "Bad credentials".to_owned()));
    }
    world.github().comment(pr, "bob", "/confirm");
    world.github().expire_tokens();
    world.settle().await;
    for _ in 0..4 {
        world.seconds(30).await;
    }
    assert!(world.is_merged(pr), "{}", world.sticky(pr));
    assert_eq!(world.ours(pr).len(), 1, "{:?}", world.ours(pr));
    let merged = world.github().calls().into_iter();
    assert_eq!(merged.filter(|call| call.path.ends_with("/merge") && call.status == 200).count(), 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_secondary_limit_in_the_middle_of_a_burst_loses_nothing(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().hold_deliveries();
    let opens = |number: usize| {
        let files = Files::new().with(&format!("file-{number}.txt"), "new\n");
        world.github().open_pull(world.repo, "alice", &format!("Change {number}"), files)
    };
    let pulls: Vec<_> = (0..6).map(opens).collect();
    world.github().release_deliveries();
    world.github().fails_next(Endpoint::CreateComment, Fault::SecondaryLimit(1));
    world.settle().await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    for _ in 0..3 {
        world.seconds(60).await;
    }
    for pr in pulls {
        assert_eq!(world.check(pr).status, "in_progress");
        let runs = world.github().check_runs(world.repo, &world.github().pull(pr).head_sha);
        assert_eq!(runs.iter().filter(|run| run.app == "flyball").count(), 1);
        assert!(world.sticky(pr).starts_with("<!-- flyball:unit -->"));
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_our_name_by_another_app_counts_for_nothing(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().check(pr, "flyball", "imposter", Some("success"));
    world.settle().await;
    assert_eq!(world.codes(pr).await, ["waits.confirm"], "our own name is never evidence");
    assert!(world.github().press_merge(pr, "bob").is_err(), "protection names the App");
    world.says(pr, "bob", "/confirm").await;
    assert!(world.is_merged(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_another_app_owns_is_replaced_by_one_of_ours(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    let before = world.check(pr).id;
    // As after a registration under a new App id: what the old one made is read-only.
    let words = "Invalid app_id `4242` - check run can only be modified by the GitHub App that created it.";
    world.github().fails_next(Endpoint::UpdateCheckRun, Fault::Message(403, words.to_owned()));
    world.green(pr).await;
    world.seconds(30).await;
    let run = world.check(pr);
    assert!(run.id != before && run.conclusion.as_deref() == Some("action_required"), "{run:?}");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_installation_is_left_alone_and_goes_on_when_it_is_back(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    let installation = world.github().installation(world.repo).unwrap();
    world.github().suspend(installation, true);
    // Nobody tells the App of what happens meanwhile.
    let other = world.github().open_pull(world.repo, "alice", "Meanwhile", line(9, "NINE"));
    world.github().comment(pr, "bob", "/confirm");
    world.settle().await;
    world.seconds(3600).await;
    let _before = world.github().take_calls();
    world.seconds(3600).await;
    assert!(!world.is_merged(pr));
    let asked = world.github().calls().len();
    assert!(asked <= 12, "GitHub is asked now and then at most: {asked} in an hour");
    world.github().suspend(installation, false);
    world.settle().await;
    for _ in 0..3 {
        world.seconds(60).await;
    }
    assert_eq!(world.check(other).status, "in_progress", "what was missed is found");
    assert!(world.is_merged(pr), "what was said is heard: {:?} {:?}", world.codes(pr).await, world.ours(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_permission_that_is_withdrawn_is_named_and_what_waited_goes_on_when_it_is_back(
    #[values(Embedded, Redis)] keep: Keep,
) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    let installation = world.github().installation(world.repo).unwrap();
    let all = [
        ("checks", "write"),
        ("contents", "write"),
        ("pull_requests", "write"),
        ("issues", "write"),
        ("statuses", "read"),
        ("metadata", "read"),
        ("administration", "read"),
        ("members", "read"),
        ("merge_queues", "write"),
    ];
    let less: Vec<_> =
        all.iter().map(|(name, level)| (*name, if *name == "contents" { "read" } else { *level })).collect();
    world.github().grant(installation, &less);
    world.settle().await;
    world.says(pr, "bob", "/confirm").await;
    world.seconds(30).await;
    assert!(!world.is_merged(pr));
    let sticky = world.sticky(pr);
    assert!(sticky.contains("A permission of the App is missing"), "{sticky}");
    let before = writes(&world);
    world.seconds(3600).await;
    assert_eq!(writes(&world), before, "what GitHub refuses is not sent again and again");
    world.github().grant(installation, &all);
    world.settle().await;
    world.seconds(60).await;
    assert!(world.is_merged(pr), "the confirm still stands: {:?}", world.sticky(pr));
}
