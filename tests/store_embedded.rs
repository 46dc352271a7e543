//! The embedded store: the conformance suite, the model, restarts, and a kill in the middle of commits.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "support/model.rs"]
mod model;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use flyball::store::conformance::{CASES, Ground};
use flyball::store::embedded::Embedded;
use flyball::store::{Accepted, Batch, BatchId, NewDelivery, Partition, Put, Store, StoreError, TraceAppend, WINDOW};

const HERE: Partition = Partition::numbered(7);
/// Set for the process that is going to be killed: its data directory.
const VICTIM: &str = "FLYBALL_TEST_VICTIM";
/// How many commits a victim tells of before it is killed.
const COMMITS: usize = 40;

async fn open(directory: &Path) -> Embedded {
    Embedded::open(directory, WINDOW).await.unwrap()
}

fn delivery(id: &str) -> NewDelivery {
    NewDelivery { partition: HERE, id: id.into(), body: format!("body of {id}").into() }
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}

#[test]
fn it_is_where_the_model_is_after_any_steps() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let directory = tempfile::tempdir().unwrap();
    let store = runtime.block_on(open(directory.path()));
    model::holds(&runtime, &store, 100);
}

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let directory = tempfile::tempdir().unwrap();
    let store = open(directory.path()).await;
    store.accept(delivery("one")).await.unwrap();
    store.accept(delivery("two")).await.unwrap();
    let lease = store.lease(HERE, "before", Duration::from_secs(600)).await.unwrap().unwrap();
    let first = store.inbox(HERE, None, 1).await.unwrap().remove(0);
    let batch = Batch {
        puts: vec![Put { space: "s".into(), field: "f".into(), value: Some("v".into()) }],
        ack: vec![first.id],
        ..Batch::default()
    };
    store.commit(HERE, lease.token, &BatchId("b".into()), &batch).await.unwrap();
    drop(store);

    let store = open(directory.path()).await;
    assert_eq!(store.get(HERE, "s", "f").await.unwrap().as_deref(), Some(&b"v"[..]));
    assert_eq!(store.accept(delivery("one")).await.unwrap(), Accepted::Duplicate);
    assert_eq!(store.accept(delivery("three")).await.unwrap(), Accepted::New);
    let waiting = store.inbox(HERE, Some(first.id), 10).await.unwrap();
    assert_eq!(waiting.iter().map(|entry| entry.delivery.as_str()).collect::<Vec<_>>(), ["two", "three"]);
    let anew = store.lease(HERE, "after", Duration::from_secs(600)).await.unwrap().expect("the old process is gone");
    assert!(anew.fresh && anew.token > lease.token);
    let fenced = store.commit(HERE, lease.token, &BatchId("c".into()), &batch).await;
    assert!(matches!(fenced, Err(StoreError::Fenced { .. })));
    store.commit(HERE, anew.token, &BatchId("b".into()), &Batch::default()).await.unwrap();
}

#[tokio::test]
async fn a_second_one_on_the_same_directory_is_told_so() {
    let directory = tempfile::tempdir().unwrap();
    let _first = open(directory.path()).await;
    let error = Embedded::open(directory.path(), WINDOW).await.unwrap_err();
    assert!(
        matches!(&error, StoreError::Unavailable(why) if why.contains("another process has this data directory open")),
        "{error}"
    );
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_told() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Embedded::open(&file.path().join("below"), WINDOW).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unavailable(why) if why.contains("flyball.redb")), "{error}");
}

#[test]
fn a_process_killed_amid_commits_loses_nothing_it_accepted() {
    #[expect(
        clippy::disallowed_methods,
        reason = "the test runs its own program again; there is no command line to ask"
    )]
    if let Ok(directory) = std::env::var(VICTIM) {
        tokio::runtime::Runtime::new().unwrap().block_on(work_until_killed(Path::new(&directory)));
    }
    let directory = tempfile::tempdir().unwrap();
    let mut told: Vec<String> = Vec::new();
    for _ in 0..3 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "a_process_killed_amid_commits_loses_nothing_it_accepted", "--nocapture"])
            .env(VICTIM, directory.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut worked = 0;
        while worked < COMMITS {
            let line = lines.next().expect("the victim works until it is killed");
            worked += usize::from(line.starts_with("worked-"));
            told.push(line);
        }
        victim.kill().unwrap();
        told.extend(lines);
        victim.wait().unwrap();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(assert_nothing_lost(directory.path(), &told));
}

/// Accepts on eight tasks and commits on one, telling each success on stdout as `accepted-ID` or `worked-ID`.
async fn work_until_killed(directory: &Path) {
    let store = std::sync::Arc::new(open(directory).await);
    for _ in 0..8 {
        let store = std::sync::Arc::clone(&store);
        tokio::spawn(async move {
            loop {
                let id = uuid::Uuid::new_v4().simple().to_string();
                store.accept(delivery(&id)).await.unwrap();
                tell("accepted", &id);
            }
        });
    }
    let token = store.lease(HERE, "victim", Duration::from_secs(600)).await.unwrap().unwrap().token;
    let mut seq = store.trace(HERE, "t", 1, usize::MAX).await.unwrap().len() as u64;
    loop {
        for entry in store.inbox(HERE, None, 20).await.unwrap() {
            seq += 1;
            let batch = Batch {
                puts: vec![Put { space: "worked".into(), field: entry.delivery.clone(), value: Some("".into()) }],
                trace: vec![TraceAppend { stream: "t".into(), seq, body: entry.delivery.clone().into() }],
                ack: vec![entry.id],
                ..Batch::default()
            };
            store.commit(HERE, token, &BatchId(entry.delivery.clone()), &batch).await.unwrap();
            tell("worked", &entry.delivery);
        }
    }
}

fn tell(what: &str, id: &str) {
    // One write per line: a kill leaves no half of two lines mixed.
    std::io::stdout().lock().write_all(format!("\n{what}-{id}\n").as_bytes()).unwrap();
}

async fn assert_nothing_lost(directory: &Path, told: &[String]) {
    let store = open(directory).await;
    let waiting: BTreeSet<_> =
        store.inbox(HERE, None, usize::MAX).await.unwrap().into_iter().map(|entry| entry.delivery).collect();
    let worked: BTreeSet<_> = store.load(HERE, "worked").await.unwrap().into_iter().map(|(id, _)| id).collect();
    let (mut accepted, mut committed) = (0, 0);
    for line in told {
        match line.split_once('-') {
            Some(("accepted", id)) if id.len() == 32 => {
                accepted += 1;
                assert!(waiting.contains(id) || worked.contains(id), "{id} was accepted and is lost");
            }
            Some(("worked", id)) if id.len() == 32 => {
                committed += 1;
                assert!(worked.contains(id), "the commit of {id} is lost");
            }
            _ => {}
        }
    }
    // Of what was worked in the first round, the accept of each task's last entry may be untold.
    assert!(accepted >= COMMITS - 8 && committed >= 3 * COMMITS, "{accepted} accepted, {committed} committed");
    assert!(waiting.is_disjoint(&worked), "a commit is whole or not at all");
    let trace = store.trace(HERE, "t", 1, usize::MAX).await.unwrap();
    assert_eq!(trace.len(), worked.len());
}
