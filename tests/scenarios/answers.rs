//! Whatever GitHub answers, to each kind of call: a pull request lands once, or people are told why it does not.

use std::time::Duration;

use flyball::domain::ids::UnitKey;
use flyball::sim::{Endpoint, Fault, Files};
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::World;

/// How GitHub's refusals are worded here, so that they can be found in what people see.
const WORDS: &str = "Simulated refusal";

/// What is tried on Redis too: where the outcome is unknown, what the store keeps of it decides. The rest is the same on any store.
fn unknown_outcomes() -> Vec<Fault> {
    vec![Fault::StatusAfter(503), Fault::CutAfter, Fault::HangAfter]
}

/// Last what makes the client give GraphQL up for good, so that all others meet it.
fn all_faults() -> Vec<Fault> {
    let refused = |status| Fault::Message(status, WORDS.to_owned());
    let failed = [Fault::Status(500, String::new()), refused(502), Fault::StatusAfter(503)];
    let limited = [Fault::SecondaryLimit(1), Fault::TooMany(1)];
    let broken = [Fault::Garbage, Fault::CutBefore, Fault::CutAfter, Fault::Hang, Fault::HangAfter];
    let all = [401, 403, 409, 422].map(refused).into_iter().chain(failed).chain(limited).chain(broken);
    all.chain([refused(404)]).collect()
}

/// What people are told where GitHub's answer stops a unit, and who then says what; `None` where it heals by itself.
fn told(endpoint: Endpoint, fault: &Fault) -> Option<(&'static str, &'static str)> {
    let Fault::Message(status, _) = fault else { return None };
    Some(match (endpoint, status) {
        (Endpoint::Merge, 409) => ("confirm again", "/confirm"),
        (Endpoint::Merge, 403 | 422) => (WORDS, "/retry"),
        _ => return None,
    })
}

/// A pull request that shares nothing with the others of its world.
fn opens(world: &World, number: usize) -> UnitKey {
    let files = Files::new().with(&format!("file-{number}.txt"), "new\n");
    world.github().open_pull(world.repo, "alice", &format!("Change {number}"), files)
}

/// Time enough for everything that is put off: a limit's second is GitHub's own time, the rest is by the clock of the stage.
async fn comes_round(world: &World, fault: &Fault) {
    if matches!(fault, Fault::SecondaryLimit(_) | Fault::TooMany(_)) {
        tokio::time::sleep(Duration::from_millis(1100)).await;
    }
    for _ in 0..3 {
        world.seconds(40).await;
    }
}

async fn story(world: &World, number: usize, endpoint: Endpoint, fault: &Fault) {
    let label = format!("{endpoint:?} {fault:?}");
    let before = world.github().calls().len();
    let late = matches!(endpoint, Endpoint::Merge | Endpoint::GetPermission | Endpoint::CreateReaction);
    if !late {
        world.github().fails_next(endpoint, fault.clone());
    }
    let pr = opens(world, number);
    world.settle().await;
    world.green(pr).await;
    if late {
        world.github().fails_next(endpoint, fault.clone());
    } else {
        comes_round(world, fault).await;
    }
    world.says(pr, "bob", "/confirm").await;
    comes_round(world, fault).await;
    let hit = world.github().calls()[before..].iter().filter(|call| call.fault.is_some()).count();
    assert_eq!(hit, 1, "{label}: the fault was met");
    if let Some((words, then)) = told(endpoint, fault) {
        assert!(!world.is_merged(pr), "{label}");
        assert!(world.ours(pr).iter().any(|body| body.contains(words)), "{label}: {:#?}", world.ours(pr));
        world.says(pr, "carol", then).await;
        world.seconds(40).await;
    }
    assert!(world.is_merged(pr), "{label}: {:?} {:#?}", world.codes(pr).await, world.ours(pr));
    assert!(world.sticky(pr).contains("Landed"), "{label}: {}", world.sticky(pr));
    assert_eq!(world.ours(pr).len(), 1, "{label}: nothing is said twice: {:#?}", world.ours(pr));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whatever_github_answers_a_pull_request_lands_once_or_people_are_told(
    #[values(Embedded, Redis)] keep: Keep,
    #[values(
        Endpoint::CreateCheckRun,
        Endpoint::UpdateCheckRun,
        Endpoint::CreateComment,
        Endpoint::UpdateComment,
        Endpoint::CreateReaction,
        Endpoint::GetPermission,
        Endpoint::GraphQl,
        Endpoint::ListFiles,
        Endpoint::Merge
    )]
    endpoint: Endpoint,
) {
    let world = World::hurried(keep).await;
    let faults = if keep == Embedded { all_faults() } else { unknown_outcomes() };
    for (number, fault) in faults.iter().enumerate() {
        story(&world, number, endpoint, fault).await;
    }
}
