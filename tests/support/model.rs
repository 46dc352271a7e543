//! Any sequence of steps leaves a store where a plain model of it is.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use flyball::domain::ids::Timestamp;
use flyball::store::{
    Accepted, Batch, BatchId, Due, DueKind, NewDelivery, Parked, Partition, Pending, Put, Schedule, Store, StoreError,
    Token, TraceAppend, TraceForget,
};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

/// A step; small numbers, so that steps meet.
#[derive(Debug, Clone)]
enum Step {
    Accept(u8),
    Commit(Change),
    RepeatTheLast(Change),
    CommitUnderAnOldToken(Change),
    CommitWithAGap(Change),
    Redrive(u8),
    GiveUpAndTakeAnew,
}

#[derive(Debug, Clone)]
struct Change {
    puts: Vec<(u8, u8, Option<u8>)>,
    forget: BTreeSet<u8>,
    traces: Vec<u8>,
    schedule: Vec<(bool, u8, u16)>,
    unschedule: Vec<(bool, u8)>,
    ack: Vec<usize>,
    park: Vec<u8>,
}

fn change() -> impl Strategy<Value = Change> {
    use proptest::collection::vec;
    let (puts, traces) = (vec((0..3_u8, 0..4_u8, any::<Option<u8>>()), 0..5), vec(0..3_u8, 0..4));
    let (schedule, unschedule) = (vec((any::<bool>(), 0..5_u8, 0..50_u16), 0..4), vec((any::<bool>(), 0..5_u8), 0..3));
    let (ack, park) = (vec(0..6_usize, 0..3), vec(0..4_u8, 0..2));
    let traces = (proptest::collection::btree_set(0..3_u8, 0..2), traces);
    let all = (puts, traces, schedule, unschedule, ack, park);
    all.prop_map(|(puts, (forget, traces), schedule, unschedule, ack, park)| Change {
        puts,
        forget,
        traces,
        schedule,
        unschedule,
        ack,
        park,
    })
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..12_u8).prop_map(Step::Accept),
        4 => change().prop_map(Step::Commit),
        1 => change().prop_map(Step::RepeatTheLast),
        1 => change().prop_map(Step::CommitUnderAnOldToken),
        1 => change().prop_map(Step::CommitWithAGap),
        1 => (0..4_u8).prop_map(Step::Redrive),
        1 => Just(Step::GiveUpAndTakeAnew),
    ]
}

/// What a partition should hold.
#[derive(Debug, Default)]
struct Model {
    seen: BTreeSet<String>,
    inbox: Vec<String>,
    spaces: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    traces: BTreeMap<String, Vec<Vec<u8>>>,
    due: BTreeMap<(DueKind, String), (Timestamp, Vec<u8>)>,
    parked: BTreeMap<String, Parked>,
}

/// Runs sequences of steps, each in a partition of its own, so at most 200 of them (shrinking takes some too).
pub(crate) fn holds(runtime: &tokio::runtime::Runtime, store: &dyn Store, cases: u32) {
    let config = Config { cases, max_shrink_iters: 200 - cases, failure_persistence: None, ..Config::default() };
    let mut numbers = 0..=u8::MAX;
    let mut runner = TestRunner::new(config);
    let steps = proptest::collection::vec(step(), 1..25);
    let numbers = std::cell::RefCell::new(&mut numbers);
    let outcome = runner.run(&steps, |steps| {
        let partition = Partition::numbered(numbers.borrow_mut().next().expect("fewer sequences than partitions"));
        runtime.block_on(walk(store, partition, steps));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn walk(store: &dyn Store, partition: Partition, steps: Vec<Step>) {
    let mut model = Model::default();
    let mut old = Token(0);
    let mut token = hold(store, partition).await;
    let mut last = None;
    for (number, step) in steps.into_iter().enumerate() {
        let id = BatchId(format!("batch {number}"));
        match step {
            Step::Accept(id) => accept(store, partition, &mut model, id).await,
            Step::Commit(change) => {
                let batch = model.batch(store, partition, &change).await;
                store.commit(partition, token, &id, &batch).await.unwrap();
                model.apply(&change);
                last = Some(id);
            }
            Step::RepeatTheLast(change) => {
                let Some(last) = &last else { continue };
                let batch = model.batch(store, partition, &change).await;
                store.commit(partition, token, last, &batch).await.unwrap();
            }
            Step::CommitUnderAnOldToken(change) => {
                let batch = model.batch(store, partition, &change).await;
                let refused = store.commit(partition, old, &id, &batch).await;
                assert!(matches!(refused, Err(StoreError::Fenced { .. })), "{refused:?}");
            }
            Step::CommitWithAGap(change) => {
                let mut batch = model.batch(store, partition, &change).await;
                batch.trace.push(TraceAppend { stream: "a gap".into(), seq: 2, body: "".into() });
                let refused = store.commit(partition, token, &id, &batch).await;
                assert!(matches!(refused, Err(StoreError::Unreadable { .. })), "{refused:?}");
            }
            Step::Redrive(id) => {
                let id = id.to_string();
                let expected = model.parked.remove(&id).is_some();
                assert_eq!(store.redrive(partition, &id).await.unwrap(), expected);
                model.inbox.extend(expected.then_some(id));
            }
            Step::GiveUpAndTakeAnew => {
                store.release(partition, token).await.unwrap();
                let taken = hold(store, partition).await;
                assert!(taken > token);
                (old, token) = (token, taken);
            }
        }
        model.compare(store, partition).await;
    }
}

async fn hold(store: &dyn Store, partition: Partition) -> Token {
    store.lease(partition, "the model", Duration::from_secs(600)).await.unwrap().unwrap().token
}

async fn accept(store: &dyn Store, partition: Partition, model: &mut Model, id: u8) {
    let id = id.to_string();
    let expected = if model.seen.insert(id.clone()) { Accepted::New } else { Accepted::Duplicate };
    let delivery = NewDelivery { partition, id: id.clone(), body: id.clone().into() };
    assert_eq!(store.accept(delivery).await.unwrap(), expected);
    model.inbox.extend((expected == Accepted::New).then_some(id));
}

fn kind(owed: bool) -> DueKind {
    if owed { DueKind::Owed } else { DueKind::Timer }
}

fn at(millisecond: u16) -> Timestamp {
    Timestamp::from_millisecond(i64::from(millisecond)).unwrap()
}

fn letter(id: u8) -> Parked {
    Parked { id: id.to_string(), reason: "because".into(), body: vec![id].into(), at: at(u16::from(id)) }
}

impl Model {
    /// The batch of a change; acknowledgements by their place in the inbox as it is now.
    async fn batch(&self, store: &dyn Store, partition: Partition, change: &Change) -> Batch {
        let inbox = store.inbox(partition, None, 100).await.unwrap();
        let put = |(space, field, value): &(u8, u8, Option<u8>)| Put {
            space: space.to_string(),
            field: field.to_string(),
            value: value.map(|value| vec![value].into()),
        };
        let stored = |stream: &u8| self.traces.get(&stream.to_string()).map_or(0, |trace| trace.len() as u64);
        let forget = |stream: &u8| TraceForget { stream: stream.to_string(), length: stored(stream) };
        let mut lengths: BTreeMap<u8, u64> = change.forget.iter().map(|stream| (*stream, 0)).collect();
        let mut append = |stream: &u8| {
            let name = stream.to_string();
            let length = lengths.entry(*stream).or_insert_with(|| stored(stream));
            *length += 1;
            TraceAppend { stream: name, seq: *length, body: vec![*stream].into() }
        };
        let schedule = |(owed, id, time): &(bool, u8, u16)| Schedule {
            kind: kind(*owed),
            id: id.to_string(),
            at: at(*time),
            body: time.to_be_bytes().to_vec().into(),
        };
        Batch {
            puts: change.puts.iter().map(put).collect(),
            forget: change.forget.iter().map(forget).collect(),
            trace: change.traces.iter().map(&mut append).collect(),
            schedule: change.schedule.iter().map(schedule).collect(),
            unschedule: change.unschedule.iter().map(|(owed, id)| (kind(*owed), id.to_string())).collect(),
            ack: change.ack.iter().filter_map(|place| Some(inbox.get(*place)?.id)).collect(),
            park: change.park.iter().map(|id| letter(*id)).collect(),
        }
    }

    fn apply(&mut self, change: &Change) {
        for (space, field, value) in &change.puts {
            let fields = self.spaces.entry(space.to_string()).or_default();
            match value {
                Some(value) => drop(fields.insert(field.to_string(), vec![*value])),
                None => drop(fields.remove(&field.to_string())),
            }
        }
        self.spaces.retain(|_, fields| !fields.is_empty());
        for stream in &change.forget {
            self.traces.remove(&stream.to_string());
        }
        for stream in &change.traces {
            self.traces.entry(stream.to_string()).or_default().push(vec![*stream]);
        }
        for (owed, id) in &change.unschedule {
            self.due.remove(&(kind(*owed), id.to_string()));
        }
        for (owed, id, time) in &change.schedule {
            self.due.insert((kind(*owed), id.to_string()), (at(*time), time.to_be_bytes().to_vec()));
        }
        let gone: BTreeSet<_> = change.ack.iter().collect();
        let mut place = 0..;
        self.inbox.retain(|_| !place.next().is_some_and(|place| gone.contains(&place)));
        self.parked.extend(change.park.iter().map(|id| (id.to_string(), letter(*id))));
    }

    fn due_by(&self, now: Timestamp) -> Vec<Due> {
        let all = self.due.iter().filter(|(_, (at, _))| *at <= now);
        let mut due: Vec<_> = all
            .map(|((kind, id), (at, body))| Due { kind: *kind, id: id.clone(), at: *at, body: body.clone().into() })
            .collect();
        due.sort_by(|a, b| (a.at, a.kind, &a.id).cmp(&(b.at, b.kind, &b.id)));
        due
    }

    async fn compare(&self, store: &dyn Store, partition: Partition) {
        let inbox = store.inbox(partition, None, 100).await.unwrap();
        assert_eq!(inbox.into_iter().map(|entry| entry.delivery).collect::<Vec<_>>(), self.inbox);
        assert_eq!(store.spaces(partition).await.unwrap(), self.spaces.keys().cloned().collect::<Vec<_>>());
        for space in 0..3 {
            let space = space.to_string();
            let loaded = store.load(partition, &space).await.unwrap();
            let loaded: BTreeMap<_, _> = loaded.into_iter().map(|(field, value)| (field, value.to_vec())).collect();
            assert_eq!(loaded, self.spaces.get(&space).cloned().unwrap_or_default());
            let trace = store.trace(partition, &space, 1, 100).await.unwrap();
            assert_eq!(trace, self.traces.get(&space).cloned().unwrap_or_default());
        }
        let now = at(25);
        let due = self.due_by(now);
        assert_eq!(store.due(partition, now, 100).await.unwrap(), due);
        assert_eq!(store.due(partition, now, 2).await.unwrap(), due[..due.len().min(2)]);
        assert_eq!(store.next_due(partition).await.unwrap(), self.due.values().map(|(at, _)| *at).min());
        let parked: Vec<_> = self.parked.values().cloned().collect();
        assert_eq!(store.parked(partition).await.unwrap(), parked);
        let count = |kind| due.iter().filter(|due| due.kind == kind).count() as u64;
        let expected = Pending {
            inbox: self.inbox.len() as u64,
            owed: count(DueKind::Owed),
            timers: count(DueKind::Timer),
            parked: parked.len() as u64,
        };
        assert_eq!(store.pending(partition, now).await.unwrap(), expected);
    }
}
