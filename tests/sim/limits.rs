//! Entity tags and rate limits.

use std::time::Duration;

use flyball::sim::{ContentLimit, SimConfig};
use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn an_unchanged_document_costs_nothing() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let path = format!("/repos/acme/site/pulls/{}", pr.number);
    let first = world.get(&path).await;
    let etag = first.headers["etag"].to_str().unwrap();
    let left = first.headers["x-ratelimit-remaining"].clone();
    let again = world.send("GET", &path, &world.token, None, &[("If-None-Match", etag)]).await.unwrap();
    assert_eq!((again.status, again.headers["x-ratelimit-remaining"].clone()), (304, left));
    world.github.push(pr, [("a.txt", "b\n")]);
    let changed = world.send("GET", &path, &world.token, None, &[("If-None-Match", etag)]).await.unwrap();
    assert_eq!(changed.status, 200);
}

#[tokio::test]
async fn limits_are_told_and_kept() {
    let content_limit = Some(ContentLimit { per_minute: 2, per_hour: 500 });
    let world = World::with(SimConfig { rate_limit: 6, content_limit, ..SimConfig::default() }).await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let path = format!("issues/{}/comments", pr.number);
    for _ in 0..2 {
        assert_eq!(world.call("POST", &path, json!({"body": "hi"})).await.status, 201);
    }
    let slowed = world.call("POST", &path, json!({"body": "hi"})).await;
    assert_eq!((slowed.status, slowed.headers["retry-after"].to_str().unwrap()), (403, "60"));
    assert!(slowed.body["message"].as_str().unwrap().contains("secondary rate limit"));
    for _ in 0..3 {
        assert_eq!(world.get("").await.status, 200);
    }
    let over = world.get("").await;
    assert_eq!((over.status, over.headers["x-ratelimit-remaining"].to_str().unwrap()), (403, "0"));
    let reset: i64 = over.headers["x-ratelimit-reset"].to_str().unwrap().parse().unwrap();
    assert!(reset > world.now());
}

#[tokio::test]
async fn the_limit_can_be_exhausted_on_demand() {
    let world = World::start().await;
    world.github.exhaust_rate_limit(Duration::from_secs(900));
    let over = world.get("").await;
    assert_eq!((over.status, over.headers["x-ratelimit-remaining"].to_str().unwrap()), (403, "0"));
    world.github.exhaust_rate_limit(Duration::ZERO);
    assert_eq!(world.get("").await.status, 200);
}
