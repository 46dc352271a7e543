//! GitHub's auto-merge by policy: a person confirms once, GitHub lands it when its own rules hold.

use flyball::domain::ids::UnitKey;
use flyball::sim::{Protection, RepoSettings};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::policy::policy;
use crate::world::{World, line};

fn protection(approvals: u64) -> Protection {
    Protection::checks(&["test"]).check_from("flyball", 4242).approvals(approvals)
}

/// `main` asks for an approval that Flyball knows nothing of.
async fn asks_for_approval(keep: Keep) -> World {
    let world = World::start(keep).await;
    policy(&world, "version: 1\nmerge: { via: auto_merge, method: squash, message: pull_request }\n").await;
    world.github().protect(world.repo, "main", protection(1));
    world
}

fn is_on(world: &World, pr: UnitKey) -> bool {
    world.github().pull(pr).auto_merge
}

/// Mutations of this name, with their variables.
fn mutations(world: &World, name: &str) -> Vec<serde_json::Value> {
    let calls = world.github().calls().into_iter();
    calls.filter(|call| call.body["operationName"] == name).map(|call| call.body["variables"].clone()).collect()
}

fn approves(world: &World, pr: UnitKey, login: &str) {
    world.github().review(pr, login, "APPROVED", "").unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_confirm_turns_it_on_and_github_lands_it(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    assert!(world.sticky(pr).contains("turn auto-merge on"), "{}", world.sticky(pr));
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(is_on(&world, pr) && !world.is_merged(pr));
    assert_eq!(
        (world.standing(pr).await.as_str(), world.codes(pr).await),
        ("landing", vec!["waits.auto_merge".into()])
    );
    world.seconds(600).await;
    approves(&world, pr, "carol");
    world.settle().await;
    assert!(world.is_merged(pr));
    assert_eq!(world.standing(pr).await, "landed");
    let asked = mutations(&world, "EnableAutoMerge");
    assert_eq!(asked.len(), 1);
    assert_eq!(
        (asked[0]["method"].as_str(), asked[0]["title"].as_str()),
        (Some("SQUASH"), Some("Change something (#1)"))
    );
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_left_to_wait_for_the_same_confirm_merges(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    world.github().protect(world.repo, "main", protection(0));
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    assert_eq!(world.says(pr, "bob", "/confirm").await, ["eyes", "rocket"]);
    assert!(world.is_merged(pr), "{}", world.sticky(pr));
    assert_eq!(mutations(&world, "EnableAutoMerge").len(), 1);
    let merges = world.github().calls().into_iter().filter(|call| call.path.ends_with("/merge")).count();
    assert_eq!(merges, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_or_a_push_turns_it_off(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    let refused = world.opens_green("alice", line(2, "TWO")).await;
    let pushed = world.opens_green("alice", line(9, "NINE")).await;
    for pr in [refused, pushed] {
        world.says(pr, "bob", "/confirm").await;
        assert!(is_on(&world, pr));
    }
    world.says(refused, "carol", "/refuse a customer called").await;
    // By somebody who may write: GitHub leaves it on.
    world.github().push(pushed, line(9, "nine"));
    world.settle().await;
    for pr in [refused, pushed] {
        assert!(!is_on(&world, pr));
        approves(&world, pr, "carol");
        world.green(pr).await;
        assert!(!world.is_merged(pr), "{}", world.sticky(pr));
    }
    assert_eq!(mutations(&world, "DisableAutoMerge").len(), 2);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_does_not_allow_it_says_so_once(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    world.github().settings(world.repo, RepoSettings { allow_auto_merge: false, ..RepoSettings::default() });
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "bob", "/confirm").await;
    world.seconds(3600).await;
    let sticky = world.sticky(pr);
    assert!(sticky.contains("Auto merge is not allowed") && sticky.contains("via: api"), "{sticky}");
    assert_eq!(mutations(&world, "EnableAutoMerge").len(), 1);
    world.github().settings(world.repo, RepoSettings::default());
    world.says(pr, "bob", "/retry").await;
    assert!(is_on(&world, pr), "{}", world.sticky(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_is_named_and_held_back_by_the_check_alone(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().press_auto_merge(pr, "carol", true).unwrap();
    approves(&world, pr, "rita");
    world.settle().await;
    let (_, unit) = world.get(&format!("/units/{}", pr.number)).await;
    let next = unit["brief"]["next"].as_str().unwrap_or_default();
    assert!(next.contains("carol turned GitHub's auto-merge on"), "{unit:#}");
    world.says(pr, "bob", "/hold").await;
    world.seconds(60).await;
    assert!(is_on(&world, pr) && !world.is_merged(pr), "it is theirs to turn off");
    world.says(pr, "bob", "/lift").await;
    world.seconds(30).await;
    world.says(pr, "bob", "/confirm").await;
    assert!(!world.is_merged(pr), "an approval with write access is missing");
    approves(&world, pr, "carol");
    world.settle().await;
    assert!(world.is_merged(pr), "{}", world.sticky(pr));
    assert_eq!(mutations(&world, "EnableAutoMerge").len() + mutations(&world, "DisableAutoMerge").len(), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_person_turned_off_stays_off_until_somebody_asks(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "bob", "/confirm").await;
    world.github().press_auto_merge(pr, "carol", false).unwrap();
    world.settle().await;
    world.seconds(600).await;
    assert!(!is_on(&world, pr));
    assert!(world.sticky(pr).contains("Auto-merge was turned off"), "{}", world.sticky(pr));
    world.says(pr, "bob", "/retry").await;
    assert!(is_on(&world, pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_our_check_in_protection_it_is_merged_directly(#[values(Embedded, Redis)] keep: Keep) {
    let world = asks_for_approval(keep).await;
    world.github().protect(world.repo, "main", Protection::checks(&["test"]));
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    assert!(world.sticky(pr).contains("squash-merge"), "{}", world.sticky(pr));
    world.says(pr, "bob", "/confirm").await;
    assert!(world.is_merged(pr));
    assert_eq!(mutations(&world, "EnableAutoMerge").len(), 0);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_label_shows_the_standing_and_goes_with_it(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    policy(&world, "version: 1\nlabels: { awaiting_judgment: 'flyball: your move', blocked: 'flyball: stopped' }\n")
        .await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.github().label(pr, "alice", "kind/bug");
    world.seconds(20).await;
    let labels = |pr| world.github().pull(pr).labels;
    assert_eq!(labels(pr), ["kind/bug", "flyball: your move"]);
    world.says(pr, "carol", "/refuse not like this").await;
    world.seconds(20).await;
    assert_eq!(labels(pr), ["kind/bug", "flyball: stopped"]);
    assert!(world.github().unlabel(pr, "carol", "flyball: stopped"));
    world.settle().await;
    world.seconds(600).await;
    assert_eq!(labels(pr), ["kind/bug"], "what a person takes away stays away");
    world.says(pr, "carol", "/lift").await;
    world.seconds(20).await;
    assert_eq!(labels(pr), ["kind/bug", "flyball: your move"]);
    world.says(pr, "bob", "/confirm").await;
    world.seconds(20).await;
    assert!(world.is_merged(pr));
    assert_eq!(labels(pr), ["kind/bug"]);
}
