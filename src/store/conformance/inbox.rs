//! Claims about accepting, reading and acknowledging.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use futures::future::join_all;

use super::Ground;
use crate::store::{Accepted, Batch, EntryId};

pub(super) async fn a_delivery_is_accepted_once(ground: Ground<'_>) {
    assert_eq!(ground.accept("d-1", "first").await, Accepted::New);
    assert_eq!(ground.accept("d-1", "another body").await, Accepted::Duplicate);
    let inbox = ground.inbox().await;
    assert_eq!(inbox.len(), 1);
    assert_eq!((inbox[0].delivery.as_str(), &inbox[0].body[..]), ("d-1", &b"first"[..]));
}

pub(super) async fn a_hundred_at_once_with_one_id_are_accepted_once(ground: Ground<'_>) {
    let answers = join_all((0..100).map(|_| ground.accept("72d3162e-cc78-11e3-81ab-4c9367dc0958", "same"))).await;
    assert_eq!(answers.iter().filter(|answer| **answer == Accepted::New).count(), 1);
    assert_eq!(ground.inbox().await.len(), 1);
}

pub(super) async fn entries_come_in_order_and_page_on(ground: Ground<'_>) {
    let ids: Vec<_> = (0..25).map(|number| format!("d-{number}")).collect();
    for id in &ids {
        ground.accept(id, id.clone()).await;
    }
    let mut paged = Vec::new();
    let mut after: Option<EntryId> = None;
    loop {
        let page = ground.store.inbox(ground.partition, after, 7).await.expect("a page");
        assert!(page.len() <= 7);
        let Some(last) = page.last() else { break };
        assert!(after.is_none_or(|after| page[0].id > after), "a page begins after the one before");
        after = Some(last.id);
        paged.extend(page.into_iter().map(|entry| entry.delivery));
    }
    assert_eq!(paged, ids);
    assert!(ground.store.inbox(ground.partition, None, 0).await.expect("an empty page").is_empty());
}

pub(super) async fn the_same_id_in_another_partition_is_another_delivery(ground: Ground<'_>) {
    assert_eq!(ground.accept("d-1", "here").await, Accepted::New);
    assert_eq!(ground.elsewhere().accept("d-1", "there").await, Accepted::New);
    assert_eq!(ground.inbox().await.len(), 1);
}

pub(super) async fn an_entry_stays_until_it_is_acknowledged_in_any_order(ground: Ground<'_>) {
    for id in ["a", "b", "c"] {
        ground.accept(id, id).await;
    }
    let token = ground.hold().await;
    let entries = ground.inbox().await;
    ground.commit(token, "1", Batch { ack: vec![entries[1].id], ..Batch::default() }).await;
    assert_eq!(ground.waiting().await, ["a", "c"]);
    ground.commit(token, "2", Batch { ack: vec![entries[2].id], ..Batch::default() }).await;
    assert_eq!(ground.waiting().await, ["a"]);
    // An acknowledgement that comes again finds nothing and is fine.
    ground.commit(token, "3", Batch { ack: vec![entries[0].id, entries[1].id], ..Batch::default() }).await;
    assert!(ground.waiting().await.is_empty());
}

pub(super) async fn an_acknowledged_id_is_still_a_duplicate(ground: Ground<'_>) {
    ground.accept("a", "").await;
    let token = ground.hold().await;
    let id = ground.inbox().await[0].id;
    ground.commit(token, "1", Batch { ack: vec![id], ..Batch::default() }).await;
    assert_eq!(ground.accept("a", "").await, Accepted::Duplicate);
    assert!(ground.inbox().await.is_empty());
}

pub(super) async fn order_goes_on_after_everything_is_acknowledged(ground: Ground<'_>) {
    let token = ground.hold().await;
    let mut seen = BTreeSet::new();
    for round in 0..5 {
        ground.accept(&format!("d-{round}"), "").await;
        let id = ground.inbox().await[0].id;
        assert!(seen.last().is_none_or(|last| id > *last), "{id} comes after all earlier ones");
        seen.insert(id);
        ground.commit(token, &round.to_string(), Batch { ack: vec![id], ..Batch::default() }).await;
    }
}

pub(super) async fn an_accept_wakes_the_one_who_waits(ground: Ground<'_>) {
    let partitions = [ground.partition];
    let started = Instant::now();
    let wait = ground.store.arrivals(&partitions, Duration::from_secs(30));
    let (woken, _) = futures::join!(wait, ground.accept("d-1", ""));
    assert_eq!(woken, partitions);
    assert!(started.elapsed() < Duration::from_secs(10), "it woke by the accept");
    // One that arrived between two waits is not missed.
    ground.accept("d-2", "").await;
    assert_eq!(ground.store.arrivals(&partitions, Duration::from_secs(30)).await, partitions);
    assert!(started.elapsed() < Duration::from_secs(10), "it woke by the accept before");
}

pub(super) async fn a_wait_without_arrivals_ends(ground: Ground<'_>) {
    ground.elsewhere().accept("d-1", "").await;
    ground.store.arrivals(&[ground.partition], Duration::from_millis(5)).await;
    ground.store.arrivals(&[], Duration::from_millis(5)).await;
}

pub(super) async fn bodies_of_any_bytes_and_a_megabyte_come_back(ground: Ground<'_>) {
    let every: Vec<u8> = (0..=u8::MAX).collect();
    let large: Vec<u8> = every.iter().copied().cycle().take(1 << 20).collect();
    let id = "é\0\u{1f980}".repeat(25);
    assert_eq!(id.len(), 175);
    ground.accept(&id, every.clone()).await;
    ground.accept("large", large.clone()).await;
    ground.accept("empty", "").await;
    let inbox = ground.inbox().await;
    assert_eq!(inbox[0].delivery, id);
    assert_eq!([&inbox[0].body[..], &inbox[1].body[..], &inbox[2].body[..]], [&every[..], &large[..], &[][..]]);
    assert_eq!(ground.accept(&id, "").await, Accepted::Duplicate);
}
