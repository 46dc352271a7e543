//! What becomes of the traces of ended units.

use std::time::Duration;

use bytes::Bytes;

use super::{World, look, quick, says};
use crate::domain::ids::{PrNumber, RepoId, Timestamp, UnitKey};
use crate::runtime::archive::Settings as Archive;
use crate::runtime::read::Reader;
use crate::runtime::settings::Settings;
use crate::store::{Partition, Store};

const DAY: Duration = Duration::from_secs(24 * 3600);
const UNIT: UnitKey = UnitKey { repo: RepoId(8), number: PrNumber(500) };

fn here() -> Partition {
    Partition::of(UNIT.repo)
}

fn keeping(archive: Archive) -> Settings {
    Settings { archive, ..quick("w") }
}

async fn archived(world: &World) -> Option<Bytes> {
    world.store.get(here(), "r8:archive", "u:500").await.unwrap()
}

async fn read(world: &World) -> Vec<Bytes> {
    Reader::new(world.store.clone()).trace(UNIT, 1, 99).await.unwrap()
}

/// Unit 500 looked at twice, and ended.
async fn ended(world: &World, worker: &super::WorkerHandle) {
    world.happens(8, look(500)).await;
    world.happens(8, look(500)).await;
    world.happens(8, says(500, "ends")).await;
    worker.settled().await;
}

async fn passes(world: &World, worker: &super::WorkerHandle, time: Duration) {
    world.clock.advance(time);
    worker.settled().await;
}

#[tokio::test]
async fn a_trace_is_packed_when_its_unit_has_ended_for_long_and_reads_the_same() {
    let world = World::new();
    let worker = world.work(keeping(Archive::default())).await;
    ended(&world, &worker).await;
    let before = read(&world).await;
    passes(&world, &worker, 6 * DAY).await;
    assert_eq!((archived(&world).await, world.store.trace_len(here(), "t8:500")), (None, 2), "not yet");
    passes(&world, &worker, 2 * DAY).await;
    assert!(archived(&world).await.is_some());
    assert_eq!(world.store.trace_len(here(), "t8:500"), 0);
    assert_eq!((before.len(), read(&world).await), (2, before));
    let second = Reader::new(world.store.clone()).trace(UNIT, 2, 1).await.unwrap();
    assert_eq!(second, [r#"{"seq":2}"#]);
    assert!(Reader::new(world.store.clone()).trace(UNIT, 3, 9).await.unwrap().is_empty());
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_packed_trace_comes_back_with_its_unit_and_is_packed_again_later() {
    let world = World::new();
    let worker = world.work(keeping(Archive::default())).await;
    ended(&world, &worker).await;
    passes(&world, &worker, 8 * DAY).await;
    world.happens(8, look(500)).await;
    worker.settled().await;
    assert_eq!(read(&world).await, [r#"{"seq":1}"#, r#"{"seq":2}"#, r#"{"seq":3}"#]);
    assert_eq!((archived(&world).await, world.store.trace_len(here(), "t8:500")), (None, 3));
    assert!(world.noted(8).await.contains(&"500 back: as it ended".to_owned()));
    passes(&world, &worker, 8 * DAY).await;
    assert!(archived(&world).await.is_some(), "as long after as before");
    assert_eq!(read(&world).await.len(), 3);
}

#[tokio::test]
async fn a_unit_that_lives_again_is_left_alone_until_it_ends_again() {
    let world = World::new();
    let worker = world.work(keeping(Archive::default())).await;
    ended(&world, &worker).await;
    world.store.scribble(here(), "r8", "u:500", b"{}");
    passes(&world, &worker, 30 * DAY).await;
    assert_eq!((archived(&world).await, world.store.trace_len(here(), "t8:500")), (None, 2));
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn what_is_never_packed_stays_as_it_is() {
    let world = World::new();
    let worker = world.work(keeping(Archive { pack_after: None, ..Archive::default() })).await;
    ended(&world, &worker).await;
    passes(&world, &worker, 400 * DAY).await;
    assert_eq!((archived(&world).await, world.store.trace_len(here(), "t8:500")), (None, 2));
}

#[tokio::test]
async fn a_trace_that_does_not_verify_is_never_deleted() {
    // The toy's lines are no chain.
    let world = World::new();
    let worker = world.work(keeping(Archive { delete_after: Some(30 * DAY), ..Archive::default() })).await;
    ended(&world, &worker).await;
    passes(&world, &worker, 40 * DAY).await;
    passes(&world, &worker, 40 * DAY).await;
    assert_eq!(read(&world).await.len(), 2);
    assert!(world.store.get(here(), "r8:closed", "u:500").await.unwrap().is_some());
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn an_archive_that_is_damaged_parks_what_needs_it_and_keeps_its_bytes() {
    let world = World::new();
    let worker = world.work(keeping(Archive::default())).await;
    ended(&world, &worker).await;
    passes(&world, &worker, 8 * DAY).await;
    world.store.scribble(here(), "r8:archive", "u:500", b"\x01damaged");
    let id = world.happens(8, look(500)).await;
    worker.settled().await;
    let parked = world.store.parked(here()).await.unwrap();
    assert_eq!(parked.iter().map(|letter| letter.id.as_str()).collect::<Vec<_>>(), [id.as_str()]);
    assert!(parked[0].reason.contains("the archived trace t8:500 cannot be read"), "{}", parked[0].reason);
    assert_eq!(archived(&world).await.as_deref(), Some(&b"\x01damaged"[..]));
    assert!(Reader::new(world.store.clone()).trace(UNIT, 1, 9).await.is_err(), "told, not shown as empty");
}

#[tokio::test]
async fn more_than_one_commit_takes_is_packed_in_several() {
    let world = World::new();
    let worker = world.work(keeping(Archive::default())).await;
    for number in 500..700 {
        world.happens(8, look(number)).await;
        world.happens(8, says(number, "ends")).await;
    }
    worker.settled().await;
    for _ in 0..8 {
        passes(&world, &worker, 2 * DAY).await;
        passes(&world, &worker, Duration::from_secs(2)).await;
    }
    assert_eq!(world.store.load(here(), "r8:archive").await.unwrap().len(), 200);
    world.assert_nothing_left().await;
}

#[test]
fn the_next_look_is_ahead_the_same_until_then_and_apart_for_each_repository() {
    let settings = Archive::default();
    let at = |second| Timestamp::from_second(second).unwrap();
    for now in [0, 1, 21_599, 21_600, 1_800_000_007, -5] {
        for repo in [0, 7, 21_600, 123_456_789] {
            let next = settings.next_look(RepoId(repo), at(now));
            assert!(next > at(now) && next <= at(now + 21_600), "{now} {repo}: {next}");
            assert_eq!(settings.next_look(RepoId(repo), at(next.as_second() - 1)), next, "{now} {repo}");
        }
    }
    assert_ne!(settings.next_look(RepoId(1), at(0)), settings.next_look(RepoId(2), at(0)));
}
