//! Repositories and branches move under open pull requests: nothing is lost, and nothing lands where nobody wanted it.

use flyball::sim::{Disorder, Files, Protection};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, client, line};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_repository_goes_on_under_its_new_name(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().rename_repo(world.repo, "carol", "store");
    world.settle().await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr));
    assert_eq!(world.ours(pr).len(), 1, "the same comment");
    let url = world.url(&format!("/api/v1/repos/acme/store/units/{}", pr.number));
    assert_eq!(client().get(url).send().await.unwrap().status(), 200);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_under_the_old_name_is_done_though_nobody_told_of_the_new_one(
    #[values(Embedded, Redis)] keep: Keep,
) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().hold_deliveries();
    world.github().comment(pr, "bob", "/confirm");
    world.github().rename_repo(world.repo, "carol", "store");
    // The comment still has the old name, and what tells of the new one is lost.
    world
        .github()
        .release_deliveries_as(|held| held.into_iter().filter(|sent| sent.event == "issue_comment").collect());
    world.settle().await;
    assert!(world.is_merged(pr), "{:?}", world.ours(pr));
    let redirected = world.github().calls().iter().filter(|call| matches!(call.status, 301 | 307)).count();
    assert!(redirected > 0, "the old name was used");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_transferred_repository_goes_on_in_its_new_installation(
    #[values(Embedded, Redis)] keep: Keep,
    #[values(false, true)] backwards: bool,
) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    let before = world.github().installation(world.repo);
    world.github().hold_deliveries();
    world.github().transfer_repo(world.repo, "carol", "umbrella");
    world.github().release_deliveries_as(|held| if backwards { held.into_iter().rev().collect() } else { held });
    world.settle().await;
    assert_ne!(world.github().installation(world.repo), before);
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr), "{:?}", world.ours(pr));
    let url = world.url(&format!("/api/v1/repos/umbrella/shop/units/{}", pr.number));
    assert_eq!(client().get(url).send().await.unwrap().status(), 200);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_archived_repository_is_left_alone_and_goes_on_when_it_is_back(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().hold_deliveries();
    world.github().comment(pr, "bob", "/confirm");
    world.github().archive_repo(world.repo, "carol", true);
    world.github().release_deliveries();
    world.settle().await;
    let _before = world.github().take_calls();
    world.seconds(3600).await;
    assert!(!world.is_merged(pr));
    let writes = world.github().calls().iter().filter(|call| call.method != "GET" && call.path != "/graphql").count();
    assert_eq!(writes, 0, "what GitHub refuses is not sent again and again");
    world.github().archive_repo(world.repo, "carol", false);
    world.settle().await;
    world.seconds(60).await;
    assert!(world.is_merged(pr), "the confirm still stands: {:?} {:?}", world.codes(pr).await, world.sticky(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_repository_made_private_is_governed_as_before(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().hide_repo(world.repo, "carol", true);
    world.settle().await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_base_ends_what_wanted_to_land_on_it(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().commit(world.repo, "release", "carol", Files::new().with("base.txt", "of its own\n"));
    world.github().protect(world.repo, "release", Protection::checks(&["test"]).check_from("flyball", 4242));
    let pr = world.github().open_pull_into(world.repo, "release", "alice", "Late", "", line(2, "TWO"));
    world.settle().await;
    world.green(pr).await;
    assert_eq!(world.standing(pr).await, "awaiting_judgment");
    // The confirm is on its way when the branch goes.
    world.github().hold_deliveries();
    world.github().comment(pr, "bob", "/confirm");
    world.github().delete_branch(world.repo, "release", "carol");
    world.github().release_deliveries();
    world.settle().await;
    world.seconds(60).await;
    assert_eq!((world.standing(pr).await.as_str(), world.is_merged(pr)), ("withdrawn", false));
    assert_ne!(world.conclusion(pr).as_deref(), Some("success"), "no success is left behind");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_renamed_default_branch_asks_for_a_new_confirm_and_takes_it(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().rename_branch(world.repo, "carol", "main", "trunk");
    world.settle().await;
    world.seconds(30).await;
    assert_eq!(world.github().pull(pr).base, "trunk");
    assert_eq!(world.codes(pr).await, ["waits.confirm"], "{}", world.sticky(pr));
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"], "{:?}", world.ours(pr));
    assert!(world.is_merged(pr), "{:?}", world.codes(pr).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_retarget_voids_the_confirm_that_was_on_its_way(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().commit(world.repo, "release", "carol", Files::new().with("base.txt", "of its own\n"));
    world.github().protect(world.repo, "release", Protection::checks(&["test"]).check_from("flyball", 4242));
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().hold_deliveries();
    world.github().comment(pr, "bob", "/confirm");
    world.github().retarget(pr, "alice", "release");
    world.github().release_deliveries();
    world.settle().await;
    world.seconds(60).await;
    assert!(!world.is_merged(pr), "confirmed for main, not for release");
    let (_, unit) = world.get(&format!("/units/{}", pr.number)).await;
    assert_eq!(unit["base"], "release", "{unit:#}");
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"], "{:?}", world.ours(pr));
    assert!(world.is_merged(pr), "{:?}", world.codes(pr).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_retarget_that_nobody_told_of_is_met_before_the_merge(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    world.github().commit(world.repo, "release", "carol", Files::new().with("base.txt", "of its own\n"));
    world.github().protect(world.repo, "release", Protection::checks(&["test"]).check_from("flyball", 4242));
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().disturb(Disorder { lose_percent: 100, ..Disorder::default() });
    world.github().retarget(pr, "alice", "release");
    world.github().disturb(Disorder::default());
    world.says(pr, "bob", "/confirm").await;
    world.seconds(60).await;
    assert!(!world.is_merged(pr), "what bob saw was a suggestion for main");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_conversation_keeps_strangers_out_and_us_at_work(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    world.github().lock_conversation(pr, "carol");
    world.settle().await;
    assert!(world.github().try_comment(pr, "rita", "me too").is_err());
    world.green(pr).await;
    assert_eq!(world.says(pr, "bob", "/why").await, ["eyes", "rocket"]);
    assert_eq!(world.ours(pr).len(), 2, "the comment and the answer");
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr));
}
