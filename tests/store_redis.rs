//! The Redis store against a real server: the conformance suite, the model, two replicas, and a server that dies, hangs or is full.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "support/model.rs"]
mod model;
#[path = "support/redis.rs"]
mod server;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use flyball::store::conformance::{CASES, Ground};
use flyball::store::redis::Redis;
use flyball::store::{
    Accepted, Batch, BatchId, NewDelivery, Partition, Put, Settings, Store, StoreError, StoreShown, WINDOW,
};
use futures::future::join_all;

use server::Server;

const HERE: Partition = Partition::numbered(7);

async fn open(server: &Server) -> Redis {
    Redis::open(&[server.url()], false, WINDOW).await.unwrap()
}

fn delivery(id: &str) -> NewDelivery {
    NewDelivery { partition: HERE, id: id.into(), body: format!("body of {id}").into() }
}

async fn waiting(store: &Redis) -> Vec<String> {
    store.inbox(HERE, None, usize::MAX).await.unwrap().into_iter().map(|entry| entry.delivery).collect()
}

/// Asks again until the store answers.
async fn recovered(store: &Redis) {
    let started = Instant::now();
    while store.ping().await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(10), "the store does not find its server again");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Sends a signal by its name: STOP makes the server hang, CONT lets it go on.
fn signal(server: &Server, name: &str) {
    let pid = server.child.as_ref().expect("it runs").id().to_string();
    let sent = std::process::Command::new("kill").args([&format!("-{name}"), &pid]).status().unwrap();
    assert!(sent.success());
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let server = Server::start(None);
    let store = open(&server).await;
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}

/// What docs/OPERATIONS.md asks for, and nothing else.
const ACL: &str = "~{p* ~flyball:* &flyball:* +@read +@write +@scripting +@pubsub +@connection +info +time +config|get";

/// Runs a command with all rights.
fn administrator(server: &Server, arguments: &[&str]) {
    let url = server.url();
    let socket = url.strip_prefix("redis+unix://").unwrap();
    let done = std::process::Command::new("redis-cli").args(["-s", socket]).args(arguments).output().unwrap();
    assert!(done.stdout.starts_with(b"OK"), "{done:?}");
}

#[tokio::test]
async fn a_user_with_the_documented_rights_is_enough() {
    let told = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/OPERATIONS.md")).unwrap();
    assert!(told.contains(ACL), "docs/OPERATIONS.md names other rights");
    let server = Server::start(None);
    let rights: Vec<&str> = ["ACL", "SETUSER", "flyball", "on", ">secret"].into_iter().chain(ACL.split(' ')).collect();
    administrator(&server, &rights);
    administrator(&server, &["ACL", "SETUSER", "default", "off"]);
    let wrong = Redis::open(&[format!("{}?user=flyball&pass=wrong", server.url())], false, WINDOW).await;
    assert!(
        matches!(wrong, Err(StoreError::Unavailable(why)) if !why.contains("wrong")),
        "and its password is told to nobody"
    );
    let store = Redis::open(&[format!("{}?user=flyball&pass=secret", server.url())], false, WINDOW).await.unwrap();
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
    assert!(store.shown().await.is_ok(), "the doctor sees its settings");
}

#[test]
fn it_is_where_the_model_is_after_any_steps() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = Server::start(None);
    let store = runtime.block_on(open(&server));
    model::holds(&runtime, &store, 100);
}

#[tokio::test]
async fn a_server_killed_amid_accepts_loses_nothing_it_acknowledged() {
    let mut server = Server::start(Some("always"));
    let store = Arc::new(open(&server).await);
    let told = Arc::new(AtomicUsize::new(0));
    let tasks: Vec<_> = (0..16)
        .map(|task| {
            let (store, told) = (Arc::clone(&store), Arc::clone(&told));
            tokio::spawn(async move {
                let mut accepted = Vec::new();
                for number in 0.. {
                    let id = format!("{task}-{number}");
                    match store.accept(delivery(&id)).await {
                        Ok(Accepted::New) => {
                            told.fetch_add(1, Ordering::Relaxed);
                            accepted.push(id);
                        }
                        Ok(Accepted::Duplicate) => panic!("{id} is new"),
                        Err(StoreError::Unavailable(_)) => return (accepted, id),
                        Err(other) => panic!("{other}"),
                    }
                }
                unreachable!("the server dies before the numbers end")
            })
        })
        .collect();
    while told.load(Ordering::Relaxed) < 200 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    server.kill();
    let mut acknowledged = Vec::new();
    let mut unknown = Vec::new();
    for outcome in join_all(tasks).await {
        let (accepted, last) = outcome.unwrap();
        acknowledged.extend(accepted);
        unknown.push(last);
    }
    assert!(acknowledged.len() >= 200, "only {} before the kill", acknowledged.len());
    let started = Instant::now();
    assert!(matches!(store.accept(delivery("down")).await, Err(StoreError::Unavailable(_))));
    assert!(started.elapsed() < Duration::from_secs(2), "a server that is down is known at once");

    server.restart();
    recovered(&store).await;
    for id in &unknown {
        store.accept(delivery(id)).await.unwrap();
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for id in waiting(&store).await {
        *counts.entry(id).or_default() += 1;
    }
    for id in acknowledged.iter().chain(&unknown) {
        assert_eq!(counts.get(id), Some(&1), "{id}");
    }
}

/// Deliveries that come at once go in groups: over all partitions, some large, each twice.
#[tokio::test]
async fn of_many_at_once_each_is_accepted_once_whole_and_where_it_belongs() {
    let server = Server::start(None);
    let store = open(&server).await;
    let partition = |number: u8| Partition::numbered(number % 7);
    let body = |number: u8| format!("{number} ").repeat(if number.is_multiple_of(20) { 150_000 } else { 10 });
    let accepting = (0..200_u8).chain(0..200).map(|number| {
        let id = format!("delivery {number}");
        store.accept(NewDelivery { partition: partition(number), id, body: body(number).into() })
    });
    let answers: Vec<Accepted> = join_all(accepting).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| **answer == Accepted::New).count(), 200);
    for place in 0..7 {
        let expected = (0..200).filter(|number| partition(*number) == partition(place));
        let expected: BTreeMap<String, String> =
            expected.map(|number| (format!("delivery {number}"), body(number))).collect();
        let entries = store.inbox(partition(place), None, usize::MAX).await.unwrap().into_iter();
        let found = entries.map(|entry| (entry.delivery, String::from_utf8(entry.body.to_vec()).unwrap()));
        assert_eq!(found.collect::<BTreeMap<_, _>>(), expected, "{place}");
    }
}

#[tokio::test]
async fn a_restarted_server_learns_the_scripts_again_and_knows_the_lease() {
    let mut server = Server::start(Some("always"));
    let store = open(&server).await;
    let token = store.lease(HERE, "me", Duration::from_secs(600)).await.unwrap().unwrap().token;
    let batch = |value: &'static str| Batch {
        puts: vec![Put { space: "s".into(), field: "f".into(), value: Some(value.into()) }],
        ..Batch::default()
    };
    store.commit(HERE, token, &BatchId("1".into()), &batch("before")).await.unwrap();
    server.restart();
    recovered(&store).await;
    store.commit(HERE, token, &BatchId("1".into()), &batch("a repeat")).await.unwrap();
    assert_eq!(store.get(HERE, "s", "f").await.unwrap().as_deref(), Some(&b"before"[..]));
    store.commit(HERE, token, &BatchId("2".into()), &batch("after")).await.unwrap();
    assert_eq!(store.get(HERE, "s", "f").await.unwrap().as_deref(), Some(&b"after"[..]));
}

#[tokio::test]
async fn what_one_replica_accepts_wakes_the_other() {
    let server = Server::start(None);
    let (one, other) = (open(&server).await, open(&server).await);
    // The subscription may still be on its way; it marks everything once, which this takes.
    tokio::time::sleep(Duration::from_millis(200)).await;
    other.arrivals(&[HERE], Duration::from_millis(1)).await;
    for round in 0..3 {
        let started = Instant::now();
        let wait = other.arrivals(&[HERE], Duration::from_secs(4));
        let (woken, accepted) = futures::join!(wait, one.accept(delivery(&format!("d-{round}"))));
        assert_eq!((woken, accepted.unwrap()), (vec![HERE], Accepted::New));
        assert!(started.elapsed() < Duration::from_secs(2), "told, not looked up: {:?}", started.elapsed());
    }
}

#[tokio::test]
async fn a_replica_that_cannot_hear_looks_by_itself() {
    let mut server = Server::start(Some("always"));
    let (one, other) = (open(&server).await, open(&server).await);
    server.restart();
    recovered(&one).await;
    recovered(&other).await;
    one.accept(delivery("d")).await.unwrap();
    assert_eq!(other.arrivals(&[HERE], Duration::from_secs(4)).await, [HERE]);
}

#[tokio::test]
async fn a_server_that_hangs_is_unavailable_and_comes_back() {
    let server = Server::start(None);
    let store = open(&server).await;
    signal(&server, "STOP");
    let started = Instant::now();
    assert!(matches!(store.accept(delivery("d")).await, Err(StoreError::Unavailable(_))));
    assert!(started.elapsed() < Duration::from_secs(7), "{:?}", started.elapsed());
    signal(&server, "CONT");
    recovered(&store).await;
    store.accept(delivery("d")).await.unwrap();
    assert_eq!(waiting(&store).await, ["d"], "however often it was asked for");
}

#[tokio::test]
async fn a_server_that_is_full_refuses_and_nothing_is_half_written() {
    let server = Server::start(None);
    let store = open(&server).await;
    let token = store.lease(HERE, "me", Duration::from_secs(600)).await.unwrap().unwrap().token;
    let mut admin = redis::Client::open(server.url()).unwrap().get_multiplexed_async_connection().await.unwrap();
    let mut limit = async |bytes: u64| {
        redis::cmd("CONFIG").arg("SET").arg("maxmemory").arg(bytes).query_async::<()>(&mut admin).await.unwrap();
    };
    let batch =
        Batch { puts: vec![Put { space: "s".into(), field: "f".into(), value: Some("v".into()) }], ..Batch::default() };
    limit(1).await;
    assert!(matches!(store.accept(delivery("d")).await, Err(StoreError::Unavailable(_))));
    let refused = store.commit(HERE, token, &BatchId("1".into()), &batch).await;
    assert!(matches!(refused, Err(StoreError::Unavailable(_))), "{refused:?}");
    limit(0).await;
    assert_eq!(store.get(HERE, "s", "f").await.unwrap(), None);
    assert_eq!(store.accept(delivery("d")).await.unwrap(), Accepted::New, "its id was not noted");
    store.commit(HERE, token, &BatchId("1".into()), &batch).await.unwrap();
    assert!(store.get(HERE, "s", "f").await.unwrap().is_some(), "the batch id was not noted");
}

#[tokio::test]
async fn an_id_is_remembered_for_the_window_and_then_forgotten() {
    let server = Server::start(None);
    let store = Redis::open(&[server.url()], false, Duration::from_secs(2)).await.unwrap();
    assert_eq!(store.accept(delivery("d")).await.unwrap(), Accepted::New);
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(
        store.accept(delivery("d")).await.unwrap(),
        Accepted::Duplicate,
        "in another generation, within the window"
    );
    tokio::time::sleep(Duration::from_millis(1600)).await;
    assert_eq!(store.accept(delivery("d")).await.unwrap(), Accepted::New);
}

#[tokio::test]
async fn nobody_at_the_url_is_told_and_no_password_with_it() {
    let settings =
        Settings::Redis { urls: vec!["redis://user:hunter2@127.0.0.1:1".into()], cluster: false, window: WINDOW };
    assert!(!format!("{settings:?}").contains("hunter2"));
    let error = flyball::store::open(settings).await.err().unwrap();
    assert!(matches!(error, StoreError::Unavailable(_)) && !error.to_string().contains("hunter2"), "{error}");
}

#[tokio::test]
async fn a_tls_url_is_spoken_with_tls() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("rediss://{}", listener.local_addr().unwrap());
    let open = Redis::open(std::slice::from_ref(&url), false, WINDOW);
    let hello = async {
        let (mut peer, _) = listener.accept().await.unwrap();
        let mut first = [0; 3];
        tokio::io::AsyncReadExt::read_exact(&mut peer, &mut first).await.unwrap();
        first
    };
    let (opened, first) = futures::join!(open, hello);
    // A handshake record of TLS 1.x; the peer then hangs up.
    assert_eq!(first[..2], [0x16, 3]);
    assert!(matches!(opened, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_server_shows_how_safely_it_keeps() {
    for (fsync, appends) in [(Some("always"), true), (None, false)] {
        let server = Server::start(fsync);
        let StoreShown::Redis(shown) = open(&server).await.shown().await.unwrap() else { panic!("it is a Redis") };
        assert_eq!(shown.len(), 1);
        assert_eq!((shown[0].appends, shown[0].last_append_went_well), (Some(appends), Some(true)));
        assert_eq!(shown[0].appendfsync.as_deref(), Some(fsync.unwrap_or("everysec")));
        assert_eq!(shown[0].maxmemory_policy.as_deref(), Some("noeviction"));
        assert!(shown[0].version.as_ref().is_some_and(|version| version.contains('.')), "{shown:?}");
    }
}
