//! Many deliveries at once, and one delivery many times.

use flyball::webhook::Outcome;
use futures::{StreamExt, stream};

use crate::support::{GUID, Server, fixture};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_concurrent_deliveries_are_each_stored_once() {
    let server = Server::start().await;
    let body = fixture("webhooks/pull_request/opened.json");
    let statuses = stream::iter(0..10_000)
        .map(|number| server.signed("pull_request", &format!("{GUID}-{number}"), body.clone()).send())
        .buffer_unordered(256)
        .map(|answer| answer.unwrap().status().as_u16());
    assert_eq!(statuses.filter(|status| std::future::ready(*status == 202)).count().await, 10_000);
    assert_eq!(server.store.len(), 10_000);
    assert_eq!(server.door.counters().count(Outcome::Accepted), 10_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_delivery_a_hundred_times_at_once_is_stored_once() {
    let server = Server::start().await;
    let body = fixture("webhooks/pull_request/opened.json");
    let sending = (0..100).map(|_| server.deliver("pull_request", GUID, body.clone()));
    assert!(futures::future::join_all(sending).await.into_iter().all(|status| status == 202));
    assert_eq!(server.store.len(), 1);
    assert_eq!(server.door.counters().count(Outcome::Duplicate), 99);
}

#[tokio::test]
async fn an_installation_on_two_thousand_repositories_is_one_entry_each_and_so_is_its_redelivery() {
    let server = Server::start().await;
    let repositories: Vec<_> =
        (1..=2000).map(|id| serde_json::json!({"id": id, "full_name": format!("acme/r{id}")})).collect();
    let body =
        serde_json::json!({"action": "created", "installation": {"id": 777}, "repositories": repositories}).to_string();
    assert_eq!(server.deliver("installation", GUID, body.clone()).await, 202);
    assert_eq!(server.store.len(), 2000);
    assert_eq!(server.deliver("installation", GUID, body).await, 202);
    assert_eq!(server.store.len(), 2000);
    assert!(server.store.deliveries().iter().any(|(id, _)| *id == format!("{GUID}/2000")));
}
