//! Units that ended long ago: their traces are packed, brought back whole, and deleted once exported.

#![expect(clippy::print_stdout, reason = "the sizes are a figure of docs/PERFORMANCE.md")]

use std::fs;
use std::time::Duration;

use flyball::domain::ids::UnitKey;
use flyball::domain::unit::{ChainHead, verify};
use flyball::runtime::archive;
use flyball::runtime::read::Reader;
use flyball::stage::StageConfig;
use rstest::rstest;

use crate::keep::Keep::{self, Embedded, Redis};
use crate::world::{World, line, patient};

const DAY: u64 = 24 * 3600;

async fn trace(world: &World, pr: UnitKey) -> Vec<String> {
    let lines = Reader::new(world.stage.store.clone()).trace(pr, 1, usize::MAX).await.unwrap();
    lines.iter().map(|line| String::from_utf8(line.to_vec()).unwrap()).collect()
}

fn intact(lines: &[String]) -> ChainHead {
    verify(lines.iter().map(String::as_str)).unwrap()
}

/// How many bytes the archive of a unit takes; `None` where there is none.
async fn packed(world: &World, pr: UnitKey) -> Option<usize> {
    let partition = flyball::store::Partition::of(pr.repo);
    let (space, field) = (format!("r{}:archive", pr.repo), format!("u:{}", pr.number));
    world.stage.store.get(partition, &space, &field).await.unwrap().map(|bytes| bytes.len())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_unit_that_ended_is_archived_and_comes_back_whole_when_it_is_reopened(#[values(Embedded, Redis)] keep: Keep) {
    let world = World::start(keep).await;
    let landed = world.opens_green("alice", line(2, "TWO")).await;
    world.says(landed, "bob", "/confirm").await;
    assert!(world.is_merged(landed));
    let withdrawn = world.opens_green("alice", line(5, "FIVE")).await;
    world.says(withdrawn, "carol", "/refuse not like this").await;
    world.github().close(withdrawn, "alice");
    world.settle().await;
    let before = [trace(&world, landed).await, trace(&world, withdrawn).await];
    assert_eq!([packed(&world, landed).await, packed(&world, withdrawn).await], [None, None]);

    world.seconds(9 * DAY).await;
    for (pr, before) in [landed, withdrawn].into_iter().zip(&before) {
        let now = trace(&world, pr).await;
        let packed = packed(&world, pr).await.expect("its trace is packed");
        let written: usize = before.iter().map(String::len).sum();
        println!("#{} in {keep:?}: {} entries, {written} bytes, packed {packed}", pr.number, before.len());
        assert!(packed * 2 < written, "{pr:?}: {packed} of {written} bytes");
        assert_eq!(now[..before.len()], before[..], "{pr:?}");
        let (status, _) = world.get(&format!("/units/{}", pr.number)).await;
        assert_eq!(status, 200, "its page and its answers stay");
    }

    world.github().reopen(withdrawn, "alice").unwrap();
    world.settle().await;
    let after = trace(&world, withdrawn).await;
    assert_eq!(packed(&world, withdrawn).await, None);
    assert_eq!(after[..before[1].len()], before[1][..]);
    assert!(after.len() > before[1].len());
    intact(&after);
    assert_eq!(world.codes(withdrawn).await, ["refused"], "what was decided stands");
    let said = world.says(withdrawn, "carol", "/lift").await;
    assert_eq!(said, ["eyes", "rocket"]);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn after_the_retention_a_unit_is_exported_and_then_deleted(#[values(Embedded, Redis)] keep: Keep) {
    let folder = tempfile::tempdir().unwrap();
    let archive = archive::Settings {
        delete_after: Some(Duration::from_secs(30 * DAY)),
        export: Some(folder.path().join("traces")),
        ..archive::Settings::default()
    };
    let world = World::with(keep, StageConfig { archive, ..patient() }).await;
    let pr = world.opens_green("alice", line(2, "TWO")).await;
    world.says(pr, "bob", "/confirm").await;
    world.seconds(9 * DAY).await;
    let before = trace(&world, pr).await;
    let head = intact(&before);
    assert!(packed(&world, pr).await.is_some());

    // A file where the folder should be: nothing is deleted that was not exported.
    fs::write(folder.path().join("traces"), "in the way").unwrap();
    world.seconds(31 * DAY).await;
    assert_eq!(trace(&world, pr).await, before);
    fs::remove_file(folder.path().join("traces")).unwrap();
    world.seconds(DAY).await;

    let name = format!("traces/{}-acme-shop/{}-{}.jsonl", pr.repo, pr.number, &head.hash[..12]);
    let exported = fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(exported.lines().collect::<Vec<_>>(), before);
    assert_eq!(verify(exported.lines()), Ok(head));
    assert!(trace(&world, pr).await.is_empty());
    assert_eq!(packed(&world, pr).await, None);
    let (status, _) = world.get(&format!("/units/{}", pr.number)).await;
    assert_eq!(status, 404, "nothing of it is left");
    assert_eq!(world.get("/units").await.0, 200);
    // Somebody still writes there: it is heard, and what was deleted is not needed for it.
    world.github().comment(pr, "bob", "/why");
    world.settle().await;
    let anew = trace(&world, pr).await;
    assert!(anew.is_empty() || intact(&anew).seq > 0);
}
