//! What the stores take in and commit: `cargo bench --bench store`. Redis runs in a process of its own, over a Unix socket.

#![expect(clippy::unwrap_used, reason = "a benchmark stops by it")]

#[path = "../tests/support/redis.rs"]
mod server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use flyball::domain::ids::Timestamp;
use flyball::store::{
    Batch, BatchId, DueKind, EntryId, NewDelivery, Partition, Put, Schedule, Settings, Store, Token, TraceAppend,
    WINDOW, open,
};
use futures::future::join_all;
use tokio::runtime::Runtime;

use server::Server;

const CALLERS: u64 = 64;

/// Accepts `many` deliveries over all partitions, 64 at any time.
async fn accept(store: &Arc<dyn Store>, many: u64, body: &Bytes) -> Duration {
    let left = Arc::new(AtomicU64::new(many));
    let started = Instant::now();
    let callers = (0..CALLERS).map(|_| {
        let (store, left, body) = (Arc::clone(store), Arc::clone(&left), body.clone());
        tokio::spawn(async move {
            while left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok() {
                let id = uuid::Uuid::new_v4();
                let partition = Partition::numbered(id.as_bytes()[0]);
                store.accept(NewDelivery { partition, id: id.to_string(), body: body.clone() }).await.unwrap();
            }
        })
    });
    join_all(callers).await.into_iter().for_each(Result::unwrap);
    started.elapsed()
}

/// One partition's worker.
struct Worker {
    partition: Partition,
    token: Token,
    entries: u64,
    unit: Bytes,
}

impl Worker {
    async fn new(store: &dyn Store, number: u8) -> Self {
        let partition = Partition::numbered(number);
        let token = store.lease(partition, "bench", Duration::from_secs(3600)).await.unwrap().unwrap().token;
        Self { partition, token, entries: 0, unit: noise(4096) }
    }

    async fn fill(&self, store: &dyn Store, many: u64) -> Vec<EntryId> {
        for _ in 0..many {
            let id = uuid::Uuid::new_v4().to_string();
            store.accept(NewDelivery { partition: self.partition, id, body: noise(300) }).await.unwrap();
        }
        let many = usize::try_from(many).unwrap();
        store.inbox(self.partition, None, many).await.unwrap().iter().map(|entry| entry.id).collect()
    }

    /// A typical batch: one unit of 4 KB, two trace entries, two schedules, one acknowledgement.
    async fn commit(&mut self, store: &dyn Store, ack: EntryId) {
        let (small, at) = (self.unit.slice(..300), Timestamp::from_millisecond(1_700_000_000_000).unwrap());
        let name = format!("unit {}", self.entries / 2 % 200);
        let entry = |seq| TraceAppend { stream: "unit".into(), seq, body: small.clone() };
        let schedule = |kind| Schedule { kind, id: name.clone(), at, body: small.clone() };
        let batch = Batch {
            puts: vec![Put { space: "repo".into(), field: name.clone(), value: Some(self.unit.clone()) }],
            trace: vec![entry(self.entries + 1), entry(self.entries + 2)],
            schedule: vec![schedule(DueKind::Owed), schedule(DueKind::Timer)],
            ack: vec![ack],
            ..Batch::default()
        };
        self.entries += 2;
        let id = BatchId(format!("batch {}", self.entries));
        store.commit(self.partition, self.token, &id, &batch).await.unwrap();
    }
}

/// Bytes that do not compress.
fn noise(bytes: usize) -> Bytes {
    (0..bytes.div_ceil(16)).flat_map(|_| *uuid::Uuid::new_v4().as_bytes()).take(bytes).collect()
}

fn measure(group: &mut BenchmarkGroup<'_, WallTime>, runtime: &Runtime, name: &str, store: &Arc<dyn Store>) {
    let mut workers = runtime.block_on(join_all((0..16).map(|number| Worker::new(&**store, number))));
    group.throughput(Throughput::Elements(1));
    group.bench_function(format!("{name}/commit, one partition"), |bencher| {
        bencher.iter_custom(|many| {
            runtime.block_on(async {
                let entries = workers[0].fill(&**store, many).await;
                let started = Instant::now();
                for entry in entries {
                    workers[0].commit(&**store, entry).await;
                }
                started.elapsed()
            })
        });
    });
    group.throughput(Throughput::Elements(16));
    group.bench_function(format!("{name}/commit, 16 partitions side by side"), |bencher| {
        bencher.iter_custom(|many| {
            runtime.block_on(async {
                let entries = join_all(workers.iter().map(|worker| worker.fill(&**store, many))).await;
                let started = Instant::now();
                join_all(workers.iter_mut().zip(entries).map(async |(worker, entries)| {
                    for entry in entries {
                        worker.commit(&**store, entry).await;
                    }
                }))
                .await;
                started.elapsed()
            })
        });
    });
    group.throughput(Throughput::Elements(1));
    for (size, bytes) in [("300 B", 300), ("18 KB", 18_000)] {
        let body = noise(bytes);
        group.bench_function(format!("{name}/accept {size}, 64 at once"), |bencher| {
            bencher.iter_custom(|many| runtime.block_on(accept(store, many, &body)));
        });
    }
}

/// # Panics
/// If a store does not open.
pub fn stores(criterion: &mut Criterion) {
    let runtime = Runtime::new().unwrap();
    let mut group = criterion.benchmark_group("store");
    group.sample_size(10).warm_up_time(Duration::from_secs(1)).measurement_time(Duration::from_secs(4));
    let directory = tempfile::tempdir().unwrap();
    let embedded = Settings::Embedded { directory: directory.path().into(), window: WINDOW };
    measure(&mut group, &runtime, "embedded", &runtime.block_on(open(embedded)).unwrap());
    for fsync in ["everysec", "always"] {
        let server = Server::start(Some(fsync));
        let settings = Settings::Redis { urls: vec![server.url()], cluster: false, window: WINDOW };
        let store = runtime.block_on(open(settings)).unwrap();
        measure(&mut group, &runtime, &format!("redis {fsync}"), &store);
    }
    group.finish();
}

criterion_group!(benches, stores);
criterion_main!(benches);
