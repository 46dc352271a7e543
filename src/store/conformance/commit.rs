//! Claims about the atomic step and what it leaves.

use bytes::Bytes;

use super::{Ground, at, delete, entry, forget, owed, put, timer};
use crate::store::{Batch, Parked, Pending, StoreError};

fn letter(id: &str, millisecond: i64, body: &'static [u8]) -> Parked {
    Parked { id: id.into(), reason: format!("{id} has no sender"), body: body.into(), at: at(millisecond) }
}

async fn parked(ground: Ground<'_>) -> Vec<Parked> {
    ground.store.parked(ground.partition).await.expect("dead letters are read")
}

async fn spaces(ground: Ground<'_>) -> Vec<String> {
    ground.store.spaces(ground.partition).await.expect("spaces are read")
}

pub(super) async fn everything_of_a_batch_is_there_afterwards(ground: Ground<'_>) {
    ground.accept("worked", "").await;
    ground.accept("left", "").await;
    let token = ground.hold().await;
    let batch = Batch {
        puts: vec![put("repo 7", "unit 1", "governed")],
        forget: vec![],
        trace: vec![entry("7#1", 1, "opened"), entry("7#1", 2, "granted"), entry("7#2", 1, "opened")],
        schedule: vec![owed("check", 10, "success"), timer("dwell", 20, "")],
        unschedule: vec![],
        ack: vec![ground.inbox().await[0].id],
        park: vec![letter("dead", 5, b"{}")],
    };
    ground.commit(token, "1", batch).await;
    assert_eq!(ground.get("repo 7", "unit 1").await.as_deref(), Some(&b"governed"[..]));
    assert_eq!(ground.trace("7#1").await, ["opened", "granted"]);
    assert_eq!(ground.trace("7#2").await, ["opened"]);
    assert_eq!(ground.due(20).await, [owed("check", 10, "success"), timer("dwell", 20, "")]);
    assert_eq!(ground.waiting().await, ["left"]);
    assert_eq!(parked(ground).await, [letter("dead", 5, b"{}")]);
    let other = ground.elsewhere();
    assert!(
        other.load("repo 7").await.is_empty() && other.trace("7#1").await.is_empty() && parked(other).await.is_empty()
    );
}

pub(super) async fn an_empty_batch_is_fine(ground: Ground<'_>) {
    let token = ground.hold().await;
    ground.commit(token, "1", Batch::default()).await;
    assert!(spaces(ground).await.is_empty());
    assert_eq!(ground.store.pending(ground.partition, at(0)).await.expect("counted"), Pending::default());
}

pub(super) async fn repeating_the_last_batch_changes_nothing(ground: Ground<'_>) {
    let token = ground.hold().await;
    let batch = |value: &'static str| Batch {
        puts: vec![put("s", "f", value)],
        trace: vec![entry("t", 1, value)],
        ..Batch::default()
    };
    ground.commit(token, "1", batch("first")).await;
    ground.commit(token, "1", batch("never written")).await;
    assert_eq!(ground.get("s", "f").await.as_deref(), Some(&b"first"[..]));
    assert_eq!(ground.trace("t").await, ["first"]);
    ground.commit(token, "2", Batch { puts: vec![delete("s", "f")], ..Batch::default() }).await;
    // A repeat under a renewed lease, as after an unknown outcome.
    assert_eq!(ground.hold().await, token);
    ground.commit(token, "2", Batch { puts: vec![put("s", "f", "never written")], ..Batch::default() }).await;
    assert_eq!(ground.get("s", "f").await, None);
}

pub(super) async fn puts_apply_in_order_and_none_deletes(ground: Ground<'_>) {
    let token = ground.hold().await;
    let puts = vec![
        put("s", "a", "1"),
        put("s", "a", "2"),
        put("s", "b", "1"),
        delete("s", "b"),
        delete("s", "c"),
        put("s", "c", "3"),
    ];
    ground.commit(token, "1", Batch { puts, ..Batch::default() }).await;
    assert_eq!(ground.load("s").await, [("a".into(), Bytes::from("2")), ("c".into(), Bytes::from("3"))]);
    ground
        .commit(
            token,
            "2",
            Batch { puts: vec![delete("s", "a"), delete("s", "c"), delete("void", "x")], ..Batch::default() },
        )
        .await;
    assert!(ground.load("s").await.is_empty());
    assert!(spaces(ground).await.is_empty(), "a space that holds nothing is no space");
}

pub(super) async fn fields_and_spaces_come_in_order_and_apart(ground: Ground<'_>) {
    let token = ground.hold().await;
    let puts = ["b", "a", "", "a\0b", "ab", "a:b"]
        .iter()
        .flat_map(|space| [put(space, "2", *space), put(space, "10", *space), put(space, "", *space)]);
    ground.commit(token, "1", Batch { puts: puts.collect(), ..Batch::default() }).await;
    assert_eq!(spaces(ground).await, ["", "a", "a\0b", "a:b", "ab", "b"]);
    for space in ["b", "a", "", "a\0b", "ab", "a:b"] {
        let value = Bytes::copy_from_slice(space.as_bytes());
        let expected = ["", "10", "2"].map(|field| (field.to_owned(), value.clone()));
        assert_eq!(ground.load(space).await, expected, "{space:?}");
    }
}

pub(super) async fn a_large_space_loads_whole(ground: Ground<'_>) {
    let token = ground.hold().await;
    let puts = (0..5000).map(|number| put("large", &format!("{number:05}"), number.to_string())).collect();
    ground.commit(token, "1", Batch { puts, ..Batch::default() }).await;
    let loaded = ground.load("large").await;
    assert_eq!(loaded.len(), 5000);
    assert!(
        loaded
            .iter()
            .enumerate()
            .all(|(number, (field, value))| *field == format!("{number:05}") && *value == number.to_string())
    );
}

pub(super) async fn names_and_values_of_any_script_come_back(ground: Ground<'_>) {
    let token = ground.hold().await;
    let every: Vec<u8> = (0..=u8::MAX).collect();
    for (round, name) in
        ["naïve", "単位", "\u{1f980}\u{202e}", "a b\r\n*3\r\n$3", "{p00}:i", "100%", "\0"].iter().enumerate()
    {
        let batch = Batch {
            puts: vec![put(name, name, every.clone())],
            trace: vec![entry(name, 1, every.clone())],
            schedule: vec![owed(name, 1, every.clone())],
            park: vec![Parked { id: (*name).into(), reason: (*name).into(), body: every.clone().into(), at: at(1) }],
            ..Batch::default()
        };
        ground.commit(token, &format!("{name}{round}"), batch).await;
        assert_eq!(ground.get(name, name).await.as_deref(), Some(&every[..]), "{name:?}");
        assert_eq!(ground.trace(name).await, [&every[..]], "{name:?}");
        assert!(ground.due(1).await.contains(&owed(name, 1, every.clone())), "{name:?}");
        assert!(
            parked(ground)
                .await
                .iter()
                .any(|letter| letter.id == *name && letter.reason == *name && letter.body == every),
            "{name:?}"
        );
    }
}

pub(super) async fn a_megabyte_in_each_place_comes_back(ground: Ground<'_>) {
    let token = ground.hold().await;
    let large = Bytes::from(vec![7; 1 << 20]);
    let batch = Batch {
        puts: vec![put("s", "f", large.clone())],
        trace: vec![entry("t", 1, large.clone())],
        schedule: vec![owed("o", 1, large.clone())],
        park: vec![Parked { id: "p".into(), reason: "r".repeat(1 << 20), body: large.clone(), at: at(1) }],
        ..Batch::default()
    };
    ground.commit(token, "1", batch).await;
    assert_eq!(ground.get("s", "f").await, Some(large.clone()));
    assert_eq!(ground.trace("t").await, std::slice::from_ref(&large));
    assert_eq!(ground.due(1).await[0].body, large);
    let letters = parked(ground).await;
    assert_eq!((letters[0].reason.len(), &letters[0].body), (1 << 20, &large));
}

pub(super) async fn a_large_batch_is_one_step(ground: Ground<'_>) {
    let token = ground.hold().await;
    let batch = Batch {
        puts: (0..3000).map(|number| put(&format!("s{}", number % 50), &number.to_string(), "v")).collect(),
        trace: (0..3000).map(|number| entry("t", number + 1, number.to_string())).collect(),
        schedule: (0..3000).map(|number| owed(&number.to_string(), number, "")).collect(),
        ..Batch::default()
    };
    ground.commit(token, "1", batch).await;
    assert_eq!(spaces(ground).await.len(), 50);
    assert_eq!(ground.trace("t").await.len(), 3000);
    assert_eq!(ground.due(10_000).await.len(), 3000);
}

pub(super) async fn a_trace_pages_from_any_number(ground: Ground<'_>) {
    let token = ground.hold().await;
    let numbered = |range: std::ops::RangeInclusive<u64>| range.map(|seq| entry("t", seq, seq.to_string())).collect();
    ground.commit(token, "1", Batch { trace: numbered(1..=3), ..Batch::default() }).await;
    ground.commit(token, "2", Batch { trace: numbered(4..=10), ..Batch::default() }).await;
    let page = |from, max| async move { ground.store.trace(ground.partition, "t", from, max).await.expect("read") };
    assert_eq!(page(1, 2).await, ["1", "2"]);
    assert_eq!(page(0, 2).await, ["1", "2"], "there is nothing before the first");
    assert_eq!(page(9, 100).await, ["9", "10"]);
    assert!(page(11, 100).await.is_empty() && page(u64::MAX, usize::MAX).await.is_empty());
    assert!(page(1, 0).await.is_empty());
    assert!(ground.trace("unknown").await.is_empty());
}

pub(super) async fn a_gap_in_the_trace_refuses_the_whole_batch(ground: Ground<'_>) {
    let token = ground.hold().await;
    ground.commit(token, "1", Batch { trace: vec![entry("t", 1, "one")], ..Batch::default() }).await;
    let wrong = [
        vec![entry("t", 3, "")],
        vec![entry("t", 1, "")],
        vec![entry("t", 2, ""), entry("t", 4, "")],
        vec![entry("new", 0, "")],
        vec![entry("t", 2, ""), entry("new", 2, "")],
    ];
    for (round, trace) in wrong.into_iter().enumerate() {
        let batch =
            Batch { puts: vec![put("s", "f", "v")], trace, schedule: vec![owed("o", 1, "")], ..Batch::default() };
        let refused = ground.try_commit(token, &format!("gap {round}"), &batch).await;
        assert!(matches!(refused, Err(StoreError::Unreadable { .. })), "round {round}: {refused:?}");
        assert_eq!(ground.trace("t").await, ["one"], "round {round}");
        assert!(ground.load("s").await.is_empty() && ground.due(1).await.is_empty(), "round {round}");
    }
    // The refused batch did not count as applied: the same id with the right number is.
    ground.commit(token, "gap 0", Batch { trace: vec![entry("t", 2, "two")], ..Batch::default() }).await;
    assert_eq!(ground.trace("t").await, ["one", "two"]);
}

pub(super) async fn a_forgotten_trace_is_gone_and_can_be_written_anew(ground: Ground<'_>) {
    let token = ground.hold().await;
    let trace = vec![entry("t", 1, "one"), entry("t", 2, "two"), entry("t2", 1, "of another")];
    ground.commit(token, "1", Batch { trace, ..Batch::default() }).await;
    let put_away = || vec![put("archive", "t", "both")];
    ground.commit(token, "2", Batch { puts: put_away(), forget: vec![forget("t", 2)], ..Batch::default() }).await;
    assert!(ground.trace("t").await.is_empty());
    assert_eq!(ground.trace("t2").await, ["of another"], "a name that only begins the same");
    // What comes back comes back from the first entry on, and goes on from there.
    let again = vec![entry("t", 1, "one"), entry("t", 2, "two"), entry("t", 3, "three")];
    ground.commit(token, "3", Batch { trace: again, ..Batch::default() }).await;
    assert_eq!(ground.trace("t").await, ["one", "two", "three"]);
    let anew = Batch { forget: vec![forget("t", 3)], trace: vec![entry("t", 1, "anew")], ..Batch::default() };
    ground.commit(token, "4", anew).await;
    assert_eq!(ground.trace("t").await, ["anew"], "forgotten first, then written");
    ground.commit(token, "5", Batch { forget: vec![forget("unknown", 0)], ..Batch::default() }).await;
}

pub(super) async fn a_trace_that_grew_since_it_was_read_is_not_forgotten(ground: Ground<'_>) {
    let token = ground.hold().await;
    ground.commit(token, "1", Batch { trace: vec![entry("t", 1, "1"), entry("t", 2, "2")], ..Batch::default() }).await;
    for (round, forget) in
        [vec![forget("t", 1)], vec![forget("t", 3)], vec![forget("t", 2), forget("u", 1)]].into_iter().enumerate()
    {
        let batch = Batch { puts: vec![put("s", "f", "v")], forget, ..Batch::default() };
        let refused = ground.try_commit(token, &format!("grown {round}"), &batch).await;
        assert!(matches!(refused, Err(StoreError::Unreadable { .. })), "round {round}: {refused:?}");
        assert_eq!(ground.trace("t").await, ["1", "2"], "round {round}");
        assert!(ground.load("s").await.is_empty(), "round {round}: nothing of the batch");
    }
}

pub(super) async fn a_dead_letter_is_kept_with_its_reason(ground: Ground<'_>) {
    let token = ground.hold().await;
    ground
        .commit(token, "1", Batch { park: vec![letter("b", 20, b"2"), letter("a", 30, b"3")], ..Batch::default() })
        .await;
    let exact = Parked { at: at(10) + std::time::Duration::from_nanos(123), ..letter("c", 10, b"1") };
    ground.commit(token, "2", Batch { park: vec![exact.clone()], ..Batch::default() }).await;
    assert_eq!(parked(ground).await, [exact, letter("b", 20, b"2"), letter("a", 30, b"3")], "oldest first");
    ground.commit(token, "3", Batch { park: vec![letter("b", 40, b"again")], ..Batch::default() }).await;
    assert_eq!(parked(ground).await.last(), Some(&letter("b", 40, b"again")), "one per id, the last counts");
}

pub(super) async fn a_redriven_letter_is_at_the_end_of_the_inbox_once(ground: Ground<'_>) {
    ground.accept("dead", "body").await;
    ground.accept("alive", "").await;
    let token = ground.hold().await;
    let first = ground.inbox().await[0].clone();
    let park = vec![Parked { id: first.delivery, reason: "no sender".into(), body: first.body, at: at(1) }];
    ground.commit(token, "1", Batch { ack: vec![first.id], park, ..Batch::default() }).await;
    assert_eq!(ground.waiting().await, ["alive"]);
    let redrive =
        |id: &'static str| async move { ground.store.redrive(ground.partition, id).await.expect("an answer") };
    assert!(!redrive("alive").await);
    assert!(redrive("dead").await);
    assert!(!redrive("dead").await);
    assert_eq!(ground.waiting().await, ["alive", "dead"]);
    assert_eq!(&ground.inbox().await[1].body[..], b"body");
    assert!(parked(ground).await.is_empty());
}

pub(super) async fn pending_counts_what_waits(ground: Ground<'_>) {
    for id in ["a", "b", "c"] {
        ground.accept(id, "").await;
    }
    let token = ground.hold().await;
    let batch = Batch {
        schedule: vec![owed("o1", 10, ""), owed("o2", 20, ""), owed("o3", 30, ""), timer("t1", 10, "")],
        ack: vec![ground.inbox().await[1].id],
        park: vec![letter("p", 1, b"")],
        ..Batch::default()
    };
    ground.commit(token, "1", batch).await;
    let pending = |now| async move { ground.store.pending(ground.partition, at(now)).await.expect("counted") };
    assert_eq!(pending(20).await, Pending { inbox: 2, owed: 2, timers: 1, parked: 1 });
    assert_eq!(pending(9).await, Pending { inbox: 2, owed: 0, timers: 0, parked: 1 });
}

pub(super) async fn the_store_answers(ground: Ground<'_>) {
    ground.store.ping().await.expect("an answer");
}
