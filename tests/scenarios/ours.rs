//! What we wrote is changed behind our back: a comparison finds it and says again what is so.

use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line};

impl World {
    /// The repository is compared after a quiet hour.
    async fn compares(&self) {
        self.seconds(3600).await;
        self.reconciles().await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_comment_that_was_deleted_or_edited_is_restored(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens("alice", line(2, "TWO")).await;
    let said = world.sticky(pr);
    let id = |world: &World| world.github().comments(pr).iter().find(|one| one.author == "flyball[bot]").unwrap().id;
    world.github().edit_comment(world.repo, id(&world), "carol", "Nothing to see here.").unwrap();
    world.compares().await;
    assert_eq!(world.sticky(pr), said);
    assert!(world.github().delete_comment(world.repo, id(&world), "carol"));
    world.compares().await;
    assert_eq!((world.sticky(pr), world.ours(pr).len()), (said, 1));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_success_that_we_did_not_say_does_not_last(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.seconds(300).await;
    // Another program with the App's key.
    world.github().check(pr, "flyball", "flyball", Some("success"));
    world.settle().await;
    world.says(pr, "alice", "/retry").await;
    assert_eq!(world.conclusion(pr).as_deref(), Some("action_required"));
}
