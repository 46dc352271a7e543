//! The Redis store against a real cluster of three primaries.

mod support;

use std::time::Duration;

use flyball::store::conformance::{CASES, Ground};
use flyball::store::redis::Redis;

use support::redis::Cluster;

const WINDOW: Duration = Duration::from_secs(3 * 24 * 3600);

#[tokio::test]
async fn it_keeps_the_contract() {
    let cluster = Cluster::start();
    let store = Redis::open(&cluster.urls(), true, WINDOW).await.unwrap();
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}
