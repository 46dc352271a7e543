//! The embedded store: the conformance suite, restarts, and a kill in the middle of commits.

use std::time::Duration;

use flyball::store::conformance::{CASES, Ground};
use flyball::store::embedded::Embedded;

const WINDOW: Duration = Duration::from_secs(3 * 24 * 3600);

#[tokio::test]
async fn it_keeps_the_contract() {
    let directory = tempfile::tempdir().unwrap();
    let store = Embedded::open(directory.path(), WINDOW).await.unwrap();
    for case in CASES {
        (case.run)(Ground::new(&store, case)).await;
    }
}
