//! Claims about who may write.

use std::time::Duration;

use futures::future::join_all;

use super::{Ground, entry, owed, put};
use crate::store::{Batch, Lease, Parked, StoreError, Token};

const SHORT: Duration = Duration::from_millis(60);
const LONG: Duration = Duration::from_secs(60);

/// Waits until a lease of [`SHORT`] has run out.
async fn ran_out() {
    tokio::time::sleep(SHORT + Duration::from_millis(40)).await;
}

pub(super) async fn one_owner_at_a_time(ground: Ground<'_>) {
    assert!(ground.lease("a", LONG).await.is_some_and(|lease| lease.fresh));
    assert_eq!(ground.lease("b", LONG).await, None);
    assert!(ground.elsewhere().lease("b", LONG).await.is_some(), "another partition is free");
}

pub(super) async fn renewing_keeps_the_token(ground: Ground<'_>) {
    // Long enough to be renewed in time on a busy machine.
    let while_busy = Duration::from_millis(500);
    let Lease { token, .. } = ground.lease("a", while_busy).await.expect("free");
    assert_eq!(ground.lease("a", LONG).await, Some(Lease { token, fresh: false }));
    tokio::time::sleep(while_busy).await;
    assert_eq!(ground.lease("b", LONG).await, None, "the renewal counts");
    ground.commit(token, "1", Batch::default()).await;
}

pub(super) async fn a_lease_that_ran_out_is_taken_over_under_a_greater_token(ground: Ground<'_>) {
    let first = ground.lease("a", SHORT).await.expect("free");
    ran_out().await;
    let second = ground.lease("b", SHORT).await.expect("ran out");
    assert!(second.fresh && second.token > first.token);
    ran_out().await;
    let third = ground.lease("b", LONG).await.expect("ran out");
    assert!(third.fresh && third.token > second.token, "its own lapsed lease is taken anew");
    assert_eq!(ground.lease("a", LONG).await, None);
}

pub(super) async fn ten_takers_at_once_make_one_holder(ground: Ground<'_>) {
    let owners: Vec<_> = (0..10).map(|number| format!("owner {number}")).collect();
    let leases = join_all(owners.iter().map(|owner| ground.lease(owner, LONG))).await;
    assert_eq!(leases.iter().flatten().count(), 1);
}

pub(super) async fn giving_up_frees_it_at_once_and_tokens_still_grow(ground: Ground<'_>) {
    let first = ground.hold().await;
    ground.store.release(ground.partition, first).await.expect("given up");
    assert_fenced(ground, first, "1").await;
    let second = ground.lease("b", LONG).await.expect("free at once");
    assert!(second.fresh && second.token > first);
}

pub(super) async fn giving_up_under_an_old_token_changes_nothing(ground: Ground<'_>) {
    let first = ground.lease("a", SHORT).await.expect("free");
    ran_out().await;
    ground.lease("b", LONG).await.expect("ran out");
    ground.store.release(ground.partition, first.token).await.expect("no fault");
    assert_eq!(ground.lease("a", LONG).await, None, "b still holds it");
}

pub(super) async fn without_a_lease_nothing_is_committed(ground: Ground<'_>) {
    assert_fenced(ground, Token(0), "1").await;
    assert_fenced(ground, Token(1), "2").await;
    assert_fenced(ground, Token(u64::MAX), "3").await;
}

pub(super) async fn an_old_token_commits_nothing_of_its_batch(ground: Ground<'_>) {
    ground.accept("d", "").await;
    let old = ground.lease("a", SHORT).await.expect("free").token;
    ran_out().await;
    let new = ground.lease("b", LONG).await.expect("ran out").token;
    assert_fenced(ground, old, "1").await;
    // A token from the future is no better.
    assert_fenced(ground, Token(new.0 + 1), "2").await;
    ground.commit(new, "3", Batch { puts: vec![put("s", "f", "b's")], ..Batch::default() }).await;
    assert_fenced(ground, old, "3").await;
    assert_eq!(ground.get("s", "f").await.as_deref(), Some(&b"b's"[..]));
}

pub(super) async fn a_lease_that_ran_out_commits_nothing(ground: Ground<'_>) {
    ground.accept("d", "").await;
    let token = ground.lease("a", SHORT).await.expect("free").token;
    ran_out().await;
    assert_fenced(ground, token, "1").await;
}

/// A batch that touches everything is refused, and nothing of it is there.
async fn assert_fenced(ground: Ground<'_>, token: Token, id: &str) {
    let inbox = ground.inbox().await;
    let batch = Batch {
        puts: vec![put("fenced", "f", "v")],
        trace: vec![entry("fenced", 1, "e")],
        schedule: vec![owed("fenced", 1, "")],
        ack: inbox.iter().map(|entry| entry.id).collect(),
        park: vec![Parked { id: "fenced".into(), reason: String::new(), body: "".into(), at: super::at(1) }],
        ..Batch::default()
    };
    match ground.try_commit(token, id, &batch).await {
        Err(StoreError::Fenced { partition, ours }) => assert_eq!((partition, ours), (ground.partition, token)),
        other => panic!("expected to be fenced, not {other:?}"),
    }
    assert!(ground.load("fenced").await.is_empty() && ground.trace("fenced").await.is_empty());
    assert!(ground.due(i64::from(u32::MAX)).await.is_empty());
    assert!(ground.store.parked(ground.partition).await.expect("read").is_empty());
    assert_eq!(ground.inbox().await, inbox);
}
