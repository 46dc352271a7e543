//! What pages and API read.

use super::{World, look, push, quick};
use crate::domain::ids::{PrNumber, RepoId, UnitKey};
use crate::runtime::read::Reader;
use crate::store::Partition;

#[tokio::test]
async fn repositories_are_found_by_name_whatever_its_case_and_follow_a_rename() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    world.happens_in(1, "Acme/Engine", push("main"), "a").await;
    world.happens_in(2, "acme/boiler", push("main"), "b").await;
    worker.settled().await;
    let reader = Reader::new(world.store.clone());
    assert_eq!(reader.find("acme/engine").await.unwrap(), Some(RepoId(1)));
    assert_eq!(reader.find("acme/nothing").await.unwrap(), None);
    let names =
        |known: Vec<crate::runtime::read::Known>| known.into_iter().map(|known| known.full_name).collect::<Vec<_>>();
    assert_eq!(names(reader.repositories().await.unwrap()), ["Acme/Engine", "acme/boiler"]);

    // Renamed, and another one takes its old name.
    world.clock.advance(std::time::Duration::from_secs(60));
    world.happens_in(1, "acme/motor", push("main"), "c").await;
    world.happens_in(3, "acme/engine", push("main"), "d").await;
    worker.settled().await;
    assert_eq!(reader.find("acme/engine").await.unwrap(), Some(RepoId(3)));
    assert_eq!(reader.find("acme/motor").await.unwrap(), Some(RepoId(1)));
    assert_eq!(names(reader.repositories().await.unwrap()), ["acme/boiler", "acme/engine", "acme/motor"]);
}

#[tokio::test]
async fn live_state_closed_units_and_traces_are_read_from_the_store() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    world.happens(1, look(5)).await;
    world.happens(1, look(5)).await;
    worker.settled().await;
    world.store.scribble(Partition::of(RepoId(1)), "r1:closed", "u:4", b"{}");
    let reader = Reader::new(world.store.clone());
    let unit = |number| UnitKey { repo: RepoId(1), number: PrNumber(number) };
    assert_eq!(reader.live(RepoId(1)).await.unwrap().len(), 1);
    assert_eq!(reader.live(RepoId(99)).await.unwrap().len(), 0);
    assert_eq!(reader.trace(unit(5), 2, 9).await.unwrap(), [r#"{"seq":2}"#]);
    assert_eq!(reader.closed_unit(unit(4)).await.unwrap().as_deref(), Some(b"{}".as_slice()));
    assert_eq!(reader.closed_unit(unit(5)).await.unwrap(), None);
    assert_eq!(reader.closed_units(RepoId(1)).await.unwrap().into_keys().collect::<Vec<_>>(), [PrNumber(4)]);
}
