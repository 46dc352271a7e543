//! Health, metrics, headers, and who is let in to the pages.

use std::sync::atomic::Ordering;

use axum::Router;
use axum::routing::get;

use crate::support::{GUID, Server, fixture};

async fn text(server: &Server, path: &str) -> (u16, String) {
    let answer = server.client.get(server.url(path)).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

#[tokio::test]
async fn health_needs_no_store_and_readiness_does() {
    let server = Server::start().await;
    assert_eq!(text(&server, "/healthz").await.0, 200);
    assert_eq!(text(&server, "/readyz").await.0, 200);
    server.store.down.store(true, Ordering::SeqCst);
    assert_eq!(text(&server, "/healthz").await.0, 200);
    assert_eq!(text(&server, "/readyz").await.0, 503);
}

#[tokio::test]
async fn metrics_count_outcomes_and_ask_the_store_what_waits() {
    let server = Server::start().await;
    let (_, before) = text(&server, "/metrics").await;
    for gauge in ["flyball_inbox_pending 0", "flyball_outbox_due 0", "flyball_timers_due 0", "flyball_store_up 1"] {
        assert!(before.lines().any(|line| line == gauge), "{gauge} in {before}");
    }
    server.deliver("pull_request", GUID, fixture("webhooks/pull_request/opened.json")).await;
    server.deliver("push", "another", fixture("webhooks/push/branch.json")).await;
    let (_, after) = text(&server, "/metrics").await;
    for line in ["flyball_inbox_pending 2", "flyball_deliveries_total{outcome=\"accepted\"} 2", "# EOF"] {
        assert!(after.lines().any(|found| found == line), "{line} in {after}");
    }
}

#[tokio::test]
async fn metrics_without_the_store_do_not_pretend_that_nothing_waits() {
    let server = Server::start().await;
    server.store.down.store(true, Ordering::SeqCst);
    let (status, metrics) = text(&server, "/metrics").await;
    assert_eq!(status, 200);
    assert!(metrics.contains("flyball_store_up 0") && !metrics.contains("flyball_inbox_pending"), "{metrics}");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let server = Server::start().await;
    for path in ["/healthz", "/nowhere", "/webhooks/github", "/metrics"] {
        let answer = server.client.get(server.url(path)).send().await.unwrap();
        for header in
            ["x-content-type-options", "x-frame-options", "referrer-policy", "content-security-policy", "cache-control"]
        {
            assert!(answer.headers().contains_key(header), "{header} of {path}");
        }
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_document() {
    let server = Server::start().await;
    let answer = server.client.get(server.url("/nowhere")).send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    insta::assert_snapshot!(answer.text().await.unwrap(), @r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"there is nothing here"}"#);
}

#[tokio::test]
async fn pages_are_for_this_machine_under_its_own_name_only() {
    let server = Server::start_with(Router::new().route("/page", get(async || "secret"))).await;
    let port = server.address.port();
    let cases = [
        ("host", format!("127.0.0.1:{port}"), 200),
        ("host", format!("localhost:{port}"), 200),
        ("host", format!("[::1]:{port}"), 200),
        ("host", "LOCALHOST".to_owned(), 200),
        ("host", "evil.example".to_owned(), 403),
        ("host", format!("localhost.evil.example:{port}"), 403),
        ("host", format!("127.0.0.1.evil.example:{port}"), 403),
        ("host", "localhost@evil.example".to_owned(), 403),
        ("host", "192.168.1.5".to_owned(), 403),
        ("host", "0.0.0.0".to_owned(), 403),
        ("x-forwarded-for", "127.0.0.1".to_owned(), 403),
        ("x-forwarded-host", "localhost".to_owned(), 403),
        ("forwarded", "for=127.0.0.1".to_owned(), 403),
        ("x-real-ip", "127.0.0.1".to_owned(), 403),
    ];
    for (header, value, expected) in cases {
        let answer = server.client.get(server.url("/page")).header(header, &value).send().await.unwrap();
        assert_eq!(answer.status(), expected, "{header}: {value}");
    }
    let foreign = server.client.get(server.url("/nowhere")).header("host", "evil.example").send().await.unwrap();
    assert_eq!(foreign.status(), 403, "what is not there is not told either");
}

#[tokio::test]
async fn the_front_door_health_and_metrics_are_reached_through_proxies() {
    let server = Server::start().await;
    let through = |request: reqwest::RequestBuilder| {
        request.header("host", "flyball.example").header("x-forwarded-for", "203.0.113.7")
    };
    assert_eq!(through(server.signed("ping", GUID, "{}")).send().await.unwrap().status(), 200);
    for path in ["/healthz", "/readyz", "/metrics"] {
        assert_eq!(through(server.client.get(server.url(path))).send().await.unwrap().status(), 200, "{path}");
    }
}

#[tokio::test]
async fn pages_without_a_callers_address_are_refused() {
    let server = Server::start().await;
    let state = flyball::web::AppState {
        store: server.store.clone(),
        door: server.door.clone(),
        metrics: flyball::web::Metrics::default(),
        now: std::sync::Arc::new(crate::support::received_at),
    };
    let router = flyball::web::router(state);
    let request = http::Request::get("/nowhere").header("host", "localhost").body(axum::body::Body::empty()).unwrap();
    let answer = tower::ServiceExt::oneshot(router, request).await.unwrap();
    assert_eq!(answer.status(), 403);
}
