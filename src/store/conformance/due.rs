//! Claims about what falls due.

use super::{Ground, at, owed, timer};
use crate::store::{Batch, DueKind, Schedule};

async fn schedule(ground: Ground<'_>, id: &str, schedule: Vec<Schedule>) {
    let token = ground.hold().await;
    ground.commit(token, id, Batch { schedule, ..Batch::default() }).await;
}

fn ids(due: &[Schedule]) -> Vec<&str> {
    due.iter().map(|due| due.id.as_str()).collect()
}

pub(super) async fn what_is_due_comes_earliest_first(ground: Ground<'_>) {
    let all = vec![
        owed("late", 300, "3"),
        timer("first", 100, "1"),
        owed("second", 200, "2"),
        timer("never", 900, "4"),
        owed("tie", 200, ""),
    ];
    schedule(ground, "1", all).await;
    let due = ground.due(300).await;
    assert_eq!(ids(&due), ["first", "second", "tie", "late"], "a tie goes by id");
    assert_eq!(due[0], timer("first", 100, "1"));
    assert_eq!(ids(&ground.due(299).await), ["first", "second", "tie"]);
    assert!(ground.due(99).await.is_empty());
    let two = ground.store.due(ground.partition, at(900), 2).await.expect("read");
    assert_eq!(ids(&two), ["first", "second"]);
    assert_eq!(ground.due(300).await.len(), 4, "what nobody closes is due again");
}

pub(super) async fn scheduling_again_moves_it(ground: Ground<'_>) {
    schedule(ground, "1", vec![owed("a", 100, "old"), timer("a", 150, "a timer of the same id")]).await;
    schedule(ground, "2", vec![owed("a", 200, "new")]).await;
    assert_eq!(ids(&ground.due(199).await), ["a"], "only the timer");
    assert_eq!(ground.due(200).await, [timer("a", 150, "a timer of the same id"), owed("a", 200, "new")]);
    schedule(ground, "3", vec![owed("a", 50, "earlier")]).await;
    assert_eq!(ground.due(50).await, [owed("a", 50, "earlier")]);
    schedule(ground, "4", vec![owed("b", 60, "first"), owed("b", 40, "last counts")]).await;
    assert_eq!(ground.due(60).await, [owed("b", 40, "last counts"), owed("a", 50, "earlier")]);
}

pub(super) async fn what_is_unscheduled_never_falls_due(ground: Ground<'_>) {
    schedule(ground, "1", vec![owed("a", 100, ""), timer("a", 100, "")]).await;
    let token = ground.hold().await;
    let unschedule = vec![(DueKind::Owed, "a".to_owned()), (DueKind::Owed, "unknown".to_owned())];
    ground.commit(token, "2", Batch { unschedule, ..Batch::default() }).await;
    assert_eq!(ground.due(1000).await, [timer("a", 100, "")]);
}

pub(super) async fn one_batch_that_closes_and_schedules_leaves_it_scheduled(ground: Ground<'_>) {
    schedule(ground, "1", vec![owed("a", 100, "old")]).await;
    let token = ground.hold().await;
    let batch = Batch {
        schedule: vec![owed("a", 300, "again")],
        unschedule: vec![(DueKind::Owed, "a".into())],
        ..Batch::default()
    };
    ground.commit(token, "2", batch).await;
    assert_eq!(ground.due(1000).await, [owed("a", 300, "again")]);
}

pub(super) async fn the_next_is_known(ground: Ground<'_>) {
    let next = || async { ground.store.next_due(ground.partition).await.expect("read") };
    assert_eq!(next().await, None);
    schedule(ground, "1", vec![owed("a", 500, ""), timer("b", 400, "")]).await;
    assert_eq!(next().await, Some(at(400)));
    let token = ground.hold().await;
    ground.commit(token, "2", Batch { unschedule: vec![(DueKind::Timer, "b".into())], ..Batch::default() }).await;
    assert_eq!(next().await, Some(at(500)));
}

pub(super) async fn a_time_before_1970_or_far_ahead_keeps_its_place(ground: Ground<'_>) {
    let far = at(4_102_444_800_123);
    let all = vec![
        owed("far", far.as_millisecond(), ""),
        owed("old", -5, ""),
        owed("zero", 0, ""),
        owed("older", -70_000, ""),
    ];
    schedule(ground, "1", all).await;
    let due = ground.due(far.as_millisecond()).await;
    assert_eq!(ids(&due), ["older", "old", "zero", "far"]);
    assert_eq!(due[3].at, far);
    assert_eq!(ids(&ground.due(-5).await), ["older", "old"]);
}
