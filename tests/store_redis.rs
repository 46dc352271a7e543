//! The Redis store against a real server: the conformance suite, and a server that dies.

mod support;

use std::time::Duration;

use flyball::store::conformance::{CASES, Ground};
use flyball::store::redis::Redis;

use support::redis::Server;

const WINDOW: Duration = Duration::from_secs(3 * 24 * 3600);

async fn open(server: &Server) -> Redis {
    Redis::open(&[server.url()], false, WINDOW).await.unwrap()
}

#[tokio::test]
async fn it_keeps_the_contract() {
    let server = Server::start();
    let store = open(&server).await;
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}
