//! The Redis store against a real cluster of three primaries.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

#[path = "support/cluster.rs"]
mod cluster;

use flyball::store::WINDOW;
use flyball::store::conformance::{CASES, Ground};
use flyball::store::redis::Redis;

use cluster::Cluster;

#[tokio::test]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start();
    let store = Redis::open(&cluster.urls(), true, WINDOW).await.unwrap();
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}
