//! After landing: a base that fails, what is suggested, and how it is taken back.

use flyball::domain::ids::UnitKey;
use flyball::sim::{Endpoint, Fault, Files};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{LINES, World, line};

impl World {
    async fn on_main(&self, conclusion: &str) {
        let head = self.github().branch_head(self.repo, "main").unwrap();
        self.github().check_on(self.repo, &head, "test", "ci", Some(conclusion));
        self.settle().await;
        self.seconds(2).await;
    }

    /// A change of alice lands, and `test` fails on `main` since.
    async fn broken(&self) -> UnitKey {
        self.github().commit(self.repo, "main", "carol", Files::new().with("notes.md", "a push past pull requests\n"));
        self.settle().await;
        self.on_main("success").await;
        let pr = self.opens_green("alice", line(2, "TWO")).await;
        self.says(pr, "bob", "/confirm").await;
        assert!(self.is_merged(pr));
        self.seconds(5).await;
        self.on_main("failure").await;
        pr
    }

    fn opened(&self, before: &[UnitKey]) -> Vec<UnitKey> {
        self.github().pulls(self.repo).into_iter().filter(|pr| !before.contains(pr)).collect()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_broke_the_base_is_named_and_taken_back_by_two_confirms(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.broken().await;
    assert_eq!(world.codes(pr).await, ["landed.base_red"]);
    let sticky = world.sticky(pr);
    assert!(
        sticky.contains("Landed, and `main` fails since") && sticky.contains("Suggested: open a revert"),
        "{sticky}"
    );
    let ours = world.ours(pr);
    let told: Vec<&String> = ours.iter().filter(|body| body.starts_with("@alice")).collect();
    assert_eq!(told.len(), 1, "its owner is told once: {ours:#?}");

    let before = world.github().pulls(world.repo);
    assert_eq!(world.says(pr, "alice", "/confirm").await, ["eyes", "rocket"]);
    let opened = world.opened(&before);
    let [revert] = opened[..] else { panic!("one revert: {opened:?}") };
    let view = world.github().pull(revert);
    assert_eq!(view.title, "Revert \"Change something\"");
    assert!(world.sticky(pr).contains(&format!("#{} takes it back once it lands", revert.number)));
    world.green(revert).await;
    assert_eq!(world.says(revert, "alice", "/confirm").await, ["eyes", "confused"], "whoever asked is its author");
    assert_eq!(world.says(revert, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(revert));
    assert_eq!(world.github().file(world.repo, "main", "src/lib.rs").as_deref(), Some(LINES));
    assert_eq!(world.standing(pr).await, "rolled_back");
    assert!(world.sticky(pr).contains(&format!("#{} took it back", revert.number)), "{}", world.sticky(pr));
    world.seconds(5).await;
    world.on_main("failure").await;
    assert_eq!(world.codes(revert).await, [""; 0], "a revert is never reverted");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_base_that_passes_again_calms_down(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.broken().await;
    world.seconds(5).await;
    world.on_main("success").await;
    assert_eq!(world.codes(pr).await, [""; 0]);
    assert!(!world.sticky(pr).contains("Suggested"), "{}", world.sticky(pr));
    let before = world.github().pulls(world.repo);
    assert_eq!(world.says(pr, "alice", "/confirm").await, ["eyes", "confused"]);
    assert!(world.opened(&before).is_empty());
}

#[rstest]
#[case::lost_after(Fault::StatusAfter(503))]
#[case::lost_before(Fault::CutBefore)]
#[tokio::test(flavor = "multi_thread")]
async fn a_revert_whose_answer_is_lost_is_opened_once(#[case] fault: Fault, #[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.broken().await;
    let before = world.github().pulls(world.repo);
    world.github().fails_next(Endpoint::GraphQl, fault);
    world.says(pr, "alice", "/confirm").await;
    for _ in 0..6 {
        world.seconds(20).await;
    }
    assert_eq!(world.opened(&before).len(), 1);
    assert!(world.sticky(pr).contains("takes it back once it lands"), "{}", world.sticky(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_revert_that_conflicts_is_refused_in_githubs_words(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.broken().await;
    world.github().commit(world.repo, "main", "carol", line(2, "II"));
    world.settle().await;
    world.says(pr, "carol", "/revert it doubles every order").await;
    let ours = world.ours(pr);
    assert!(ours.iter().any(|body| body.contains("conflict") && body.contains("git revert")), "{ours:#?}");
    assert_eq!(world.standing(pr).await, "landed");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_revert_by_hand_counts(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let pr = world.broken().await;
    let revert = world.opens_green("carol", line(2, "two")).await;
    assert!(world.sticky(pr).contains("takes it back once it lands"), "found by what it changes: {}", world.sticky(pr));
    world.says(revert, "bob", "/confirm").await;
    assert_eq!(world.standing(pr).await, "rolled_back");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_alarm_survives_a_server_that_is_killed(#[values(Embedded, Redis)] keep: Keep) {
    let mut world = World::hurried(keep).await;
    let pr = world.broken().await;
    world.stage.crash();
    world.stage.start((std::net::Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
    world.seconds(5).await;
    world.on_main("success").await;
    assert_eq!(world.codes(pr).await, [""; 0], "what was tested before is known");
}
