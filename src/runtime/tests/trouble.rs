//! Failures of the store, of the domain and of what is stored.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::memory::Mishap;
use super::toy::ToyGovernor;
use super::{World, look, push, quick};
use crate::domain::govern::{Answer, CallClass};
use crate::domain::ids::RepoId;
use crate::runtime::observe::{Ending, Observer, Work};
use crate::runtime::read::Reader;
use crate::store::{NewDelivery, Partition, Store};

fn breaks(at: &str, times: u32) -> ToyGovernor {
    ToyGovernor { panics: Mutex::new(BTreeMap::from([(at.to_owned(), times)])) }
}

#[tokio::test]
async fn a_commit_without_an_answer_is_repeated_under_its_own_id_and_applied_once() {
    let rows = [
        ("not applied", vec![Mishap::BeforeIt]),
        ("applied", vec![Mishap::AfterIt]),
        ("many times", vec![Mishap::BeforeIt, Mishap::BeforeIt, Mishap::AfterIt, Mishap::BeforeIt, Mishap::AfterIt]),
    ];
    for (row, mishaps) in rows {
        let world = World::new();
        let worker = world.work(quick("w")).await;
        world.store.mishaps.lock().unwrap().extend(mishaps);
        world.happens(1, look(5)).await;
        world.happens(1, look(5)).await;
        worker.settled().await;
        let looked = world.noted(1).await.iter().filter(|note| *note == "look 5").count();
        assert_eq!(looked, 2, "{row}");
        assert_eq!(world.store.trace_len(Partition::of(RepoId(1)), "t1:5"), 2, "{row}");
        world.assert_nothing_left().await;
    }
}

#[tokio::test]
async fn a_delivery_that_fails_once_is_worked_the_next_time_and_leaves_no_half_of_itself() {
    let world = World::new();
    let worker = world.work_with(breaks("bad", 1), quick("w")).await;
    for branch in ["good", "bad", "after"] {
        world.happens(1, push(branch)).await;
    }
    worker.settled().await;
    assert_eq!(world.noted(1).await, ["good", "bad", "after"]);
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_delivery_that_always_fails_is_parked_with_its_reason_and_can_be_driven_again() {
    let world = World::new();
    let worker = world.work_with(breaks("bad", 3), quick("w")).await;
    world.happens(1, push("good")).await;
    let bad = world.happens(1, push("bad")).await;
    world.happens(1, push("after")).await;
    worker.settled().await;
    assert_eq!(world.noted(1).await, ["good", "after"], "it blocks nobody");
    let reader = Reader::new(world.store.clone());
    let letters = reader.dead_letters().await.unwrap();
    let [(partition, letter)] = letters.as_slice() else { panic!("one dead letter: {letters:?}") };
    assert_eq!((*partition, letter.id.as_str()), (Partition::of(RepoId(1)), bad.as_str()));
    assert_eq!(letter.reason, "it panicked: the toy breaks at bad");
    assert!(reader.redrive(&bad).await.unwrap());
    assert!(!reader.redrive(&bad).await.unwrap(), "it is in the inbox now");
    worker.settled().await;
    assert_eq!(world.noted(1).await, ["good", "after", "bad"]);
    world.assert_nothing_left().await;
}

#[tokio::test]
async fn a_timer_or_an_answer_that_always_fails_stops_neither_its_repository_nor_the_worker() {
    let world = World::new();
    let worker = world.work_with(breaks("timer 9", 3), quick("w")).await;
    world.happens(4, super::says(9, "later")).await;
    worker.settled().await;
    world.clock.advance(Duration::from_secs(60));
    worker.settled().await;
    world.happens(4, push("after")).await;
    worker.settled().await;
    assert_eq!(world.noted(4).await, ["later", "after"]);
    world.clock.advance(Duration::from_secs(60));
    worker.settled().await;
    assert_eq!(world.noted(4).await, ["later", "after", "timer 9"], "put off, not lost");

    let worker = {
        worker.shutdown().await;
        world.work_with(breaks("comment:5 done", u32::MAX), quick("w")).await
    };
    world.happens(1, look(5)).await;
    worker.settled().await;
    world.happens(1, push("after")).await;
    worker.settled().await;
    assert_eq!(world.noted(1).await, ["look 5", "after"]);
    assert_eq!(world.github.comments(RepoId(1), 5), 1);
}

#[tokio::test]
async fn bytes_that_nobody_can_read_are_parked_at_once() {
    let world = World::new();
    let worker = world.work(quick("w")).await;
    let partition = Partition::of(RepoId(1));
    let garbage: [(&str, &[u8]); 3] =
        [("not json", b"{"), ("no repository", b"{}"), ("no event", br#"{"repo":{"id":1,"full_name":"a/b"}}"#)];
    for (id, body) in garbage {
        world.store.accept(NewDelivery { partition, id: id.into(), body: body.to_vec().into() }).await.unwrap();
    }
    world.happens(1, push("main")).await;
    worker.settled().await;
    let mut parked: Vec<_> = world.store.parked(partition).await.unwrap().into_iter().map(|parked| parked.id).collect();
    parked.sort();
    assert_eq!(parked, ["no event", "no repository", "not json"]);
    assert_eq!(world.noted(1).await, ["main"]);
}

#[tokio::test]
async fn a_repository_that_this_build_cannot_read_keeps_its_deliveries_as_dead_letters() {
    let world = World::new();
    world.store.scribble(Partition::of(RepoId(1)), "r1", "repo", b"from the future");
    let worker = world.work(quick("w")).await;
    world.happens(1, push("main")).await;
    world.happens(2, push("main")).await;
    worker.settled().await;
    let letters = Reader::new(world.store.clone()).dead_letters().await.unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].1.reason.starts_with("repo of repository 1 cannot be read: "), "{}", letters[0].1.reason);
    assert_eq!(world.noted(2).await, ["main"]);
}

#[derive(Default)]
struct Count(Mutex<Vec<String>>);

impl Observer for Count {
    fn worked(&self, work: Work, ending: Ending, _: Duration) {
        self.0.lock().unwrap().push(format!("{work:?} {ending:?}"));
    }

    fn called(&self, class: CallClass, answer: &Answer, _: Duration, _: Duration) {
        let done = matches!(answer, Answer::Done { .. });
        self.0.lock().unwrap().push(format!("call {class:?} {done}"));
    }
}

#[tokio::test]
async fn an_observer_hears_of_every_job_and_call() {
    let world = World::new();
    let count = Arc::new(Count::default());
    let worker = world.work_seen_by(breaks("bad", 3), quick("w"), count.clone()).await;
    world.happens(1, look(5)).await;
    worker.settled().await;
    world.happens(1, push("bad")).await;
    worker.settled().await;
    let heard = count.0.lock().unwrap().join(", ");
    let expected =
        "Delivery Done, Send Done, call Comment true, Answer Done, Delivery Again, Delivery Again, Delivery Parked";
    assert_eq!(heard, expected);
}
