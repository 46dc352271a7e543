//! What is owed goes out once, in the order of its class, and its outcome is always learnt.

use std::time::Duration;

use super::octoscript::Slip;
use super::{World, look, quick, says};
use crate::domain::ids::RepoId;
use crate::runtime::settings::Settings;

#[tokio::test]
async fn revocations_go_before_actions_and_actions_before_comments() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    world.happens(1, says(5, "all")).await;
    worker.settled().await;
    assert_eq!(world.github.calls(), ["check", "action", "comment"]);
    assert_eq!(world.github.most_out(), 1);
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_comment_lets_waiting_deliveries_go_first_and_a_revocation_does_not() {
    let world = World::new();
    world.happens(1, says(5, "all")).await;
    for number in 1..=3 {
        world.happens(1, look(number)).await;
    }
    let worker = world.work(quick("w")).await;
    worker.settled().await;
    let noted = world.noted(1).await;
    let place =
        |note: &str| noted.iter().position(|found| found == note).unwrap_or_else(|| panic!("{note} in {noted:?}"));
    assert!(place(&format!("check:{} done", super::toy::sha())) < place("look 3"), "{noted:?}");
    assert!(place("look 3") < place("comment:1 done"), "{noted:?}");
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_flood_of_deliveries_does_not_keep_a_comment_waiting_for_ever() {
    let world = World::new();
    for number in 1..=60 {
        world.happens(1, look(number)).await;
    }
    let worker = world.work(quick("w")).await;
    worker.settled().await;
    let noted = world.noted(1).await;
    let first_sent = noted.iter().position(|note| note.ends_with("done")).unwrap();
    assert!((16..=20).contains(&first_sent), "sent after a run of deliveries: {first_sent}");
}

/// Rows: what goes wrong with the call, and what is noted then.
#[tokio::test]
async fn an_answer_that_got_lost_never_doubles_a_comment() {
    let rows = [
        ("done, answer lost", Slip::AfterIt, vec!["look 5", "comment:5 unknown"]),
        ("not done, answer lost", Slip::BeforeIt, vec!["look 5", "comment:5 unknown", "comment:5 done"]),
        ("done, hangs", Slip::Hangs, vec!["look 5", "comment:5 unknown"]),
        ("the client panics", Slip::Panics, vec!["look 5", "comment:5 unknown", "comment:5 done"]),
    ];
    for (row, slip, noted) in rows {
        let world = World::new();
        world.github.slips_next(slip);
        let hangs = matches!(slip, Slip::Hangs);
        let call_deadline = if hangs { Duration::from_millis(100) } else { quick("w").call_deadline };
        let worker = world.work(Settings { call_deadline, ..quick("w") }).await;
        world.happens(1, look(5)).await;
        worker.settled().await;
        assert_eq!(world.noted(1).await, noted, "{row}");
        assert_eq!(world.github.comments(RepoId(1), 5), 1, "{row}");
        world.assert_nothing_left().await;
    }
}
