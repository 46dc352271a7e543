//! In order per repository, side by side across repositories.

use std::time::Duration;

use super::toy::{Toy, ToyGovernor};
use super::{World, look, push, quick, says};
use crate::domain::govern::{Event, OwedKey, RepoSeen};
use crate::domain::ids::{PrNumber, RepoId, Timestamp};
use crate::runtime::governor::Governor;
use crate::runtime::job::{Job, Loaded, Queued};
use crate::runtime::keys::What;
use crate::runtime::settings::Settings;
use crate::runtime::slot::Slot;
use crate::store::{EntryId, Partition, Store};

#[tokio::test]
async fn deliveries_of_a_repository_are_worked_in_order_while_repositories_go_side_by_side() {
    let world = World::new();
    let expected: Vec<_> = (0..40).map(|n| if n % 4 == 0 { format!("look {n}") } else { format!("b{n}") }).collect();
    for n in 0..40 {
        for repo in 1..=25 {
            world.happens(repo, if n % 4 == 0 { look(n) } else { push(&format!("b{n}")) }).await;
        }
    }
    let worker = world.work(quick("w")).await;
    worker.settled().await;
    for repo in 1..=25 {
        let noted = world.noted(repo).await;
        let deliveries: Vec<_> = noted.iter().filter(|note| !note.ends_with(" done")).cloned().collect();
        assert_eq!(deliveries, expected, "repository {repo}");
    }
    assert!(
        world.github.most_reading() > 5,
        "reads of different repositories overlap: {}",
        world.github.most_reading()
    );
    assert_eq!(world.github.most_out(), 1, "at most one call in flight per repository");
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn what_arrives_while_the_worker_runs_is_worked_without_being_asked_for() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    worker.settled().await;
    world.happens(7, push("main")).await;
    // Not `settled`, which would look by itself: the store's hint must do.
    for _ in 0..200 {
        if world.noted(7).await == ["main"] {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("nobody noticed");
}

#[tokio::test]
async fn a_hung_read_stalls_only_its_own_repository_and_only_until_the_deadline() {
    let world = World::new();
    // Two repositories of one partition, so that they share everything but their turn.
    let other = (2..).find(|id| Partition::of(RepoId(*id)) == Partition::of(RepoId(1))).unwrap();
    world.github.hang(RepoId(1));
    let worker = world.work(Settings { read_deadline: Duration::from_millis(400), ..quick("w") }).await;
    world.happens(1, look(5)).await;
    world.happens(1, push("after")).await;
    world.happens(other, push("free")).await;
    while world.noted(other).await.is_empty() {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert_eq!(world.noted(1).await, Vec::<String>::new(), "its turn is still taken");
    worker.settled().await;
    assert_eq!(world.noted(1).await[..2], ["look 5: GitHub did not answer within 0 s", "after"]);
}

#[tokio::test]
async fn a_backlog_that_does_not_fit_in_memory_is_fetched_entry_by_entry_in_the_same_order() {
    let world = World::new();
    let expected: Vec<_> = (0..30).map(|n| format!("b{n}")).collect();
    for branch in &expected {
        world.happens(3, push(branch)).await;
    }
    let worker = world.work(Settings { waiting_bytes: 300, ..quick("w") }).await;
    worker.settled().await;
    assert_eq!(world.noted(3).await, expected);
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_timer_fires_when_the_clock_reaches_it_and_once() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    world.happens(4, says(9, "later")).await;
    worker.settled().await;
    world.clock.advance(Duration::from_secs(59));
    worker.settled().await;
    assert_eq!(world.noted(4).await, ["later"]);
    world.clock.advance(Duration::from_secs(1));
    worker.settled().await;
    assert_eq!(world.noted(4).await, ["later", "timer 9"]);
    world.clock.advance(Duration::from_secs(86_400));
    worker.settled().await;
    assert_eq!(world.noted(4).await, ["later", "timer 9"]);
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_timer_outlives_the_worker_that_set_it() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    world.happens(4, says(9, "later")).await;
    worker.settled().await;
    worker.shutdown().await;
    world.clock.advance(Duration::from_secs(3600));
    let worker = world.work(quick("another")).await;
    worker.settled().await;
    assert_eq!(world.noted(4).await, ["later", "timer 9"]);
}

#[tokio::test]
async fn units_to_look_at_come_back_as_deliveries_once_each() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    world.happens(6, Event::Reconcile).await;
    worker.settled().await;
    let looked: Vec<_> = world.noted(6).await.into_iter().filter(|note| note.starts_with("look")).collect();
    assert_eq!(looked, ["look 1", "look 2", "look 3"]);
    world.happens(6, Event::Reconcile).await;
    worker.settled().await;
    let again = world.noted(6).await.into_iter().filter(|note| note.starts_with("look")).count();
    assert_eq!(again, 6, "another reconcile is another cause");
}

#[tokio::test]
async fn a_closed_unit_is_handed_back_before_an_event_about_it_is_judged() {
    let world = World::new();
    world.store.scribble(Partition::of(RepoId(8)), "r8:closed", "u:500", br#""as it was""#);
    let worker = world.work(quick("w")).await;
    world.happens(8, look(500)).await;
    world.happens(8, Event::Look { number: PrNumber(501) }).await;
    worker.settled().await;
    let noted = world.noted(8).await;
    assert_eq!(noted[0], "500 back: as it was");
    assert!(!noted.iter().any(|note| note.starts_with("501 back")), "what was never kept cannot come back: {noted:?}");
    assert_eq!(world.store.trace(Partition::of(RepoId(8)), "t8:500", 1, 9).await.unwrap().len(), 1);
}

#[test]
fn what_had_come_before_the_partition_was_taken_is_heard_before_anything_lands() {
    let (governor, now) = (ToyGovernor::default(), tokio::time::Instant::now());
    let mut slot: Slot<Toy> = Slot::new(now);
    slot.ready.insert(What::Owed(OwedKey::Action { number: PrNumber(1), id: "lands".into() }), Timestamp::UNIX_EPOCH);
    slot.deliveries.extend((0..40).map(|minor| Queued::Stub(EntryId { major: 1, minor })));
    (slot.behind, slot.passed_over) = (40, 16);
    assert!(matches!(slot.next(&governor, now, 16), Some(Job::Delivery(_))), "what is owed is not known yet");
    let repo = RepoSeen { id: RepoId(1), full_name: "acme/r1".into(), default_branch: None, private: None };
    let state = governor.fresh(&repo, None);
    slot.loaded = Some(Box::new(Loaded { state, named: None, unsettled: Vec::new() }));
    assert!(matches!(slot.next(&governor, now, 16), Some(Job::Delivery(_))), "one of them may say stop");
    slot.behind = 0;
    assert!(
        matches!(slot.next(&governor, now, 16), Some(Job::Send { .. })),
        "what keeps coming does not hold it up for ever"
    );
    slot.passed_over = 15;
    assert!(matches!(slot.next(&governor, now, 16), Some(Job::Delivery(_))));
    slot.deliveries.clear();
    assert!(matches!(slot.next(&governor, now, 16), Some(Job::Send { .. })));
}
