//! What each kind of delivery is answered, with bad input first.

use std::sync::atomic::Ordering;

use flyball::webhook::{MAX_BODY, Outcome};

use crate::support::{GUID, Server, fixture, sign};

const OPENED: &str = "webhooks/pull_request/opened.json";

#[tokio::test]
async fn stored_is_202_and_stored_before_is_202() {
    let server = Server::start().await;
    assert_eq!(server.deliver("pull_request", GUID, fixture(OPENED)).await, 202);
    assert_eq!(server.deliver("pull_request", GUID, fixture(OPENED)).await, 202);
    assert_eq!(server.store.len(), 1);
    assert_eq!(
        (server.door.counters().count(Outcome::Accepted), server.door.counters().count(Outcome::Duplicate)),
        (1, 1)
    );
}

#[tokio::test]
async fn what_nobody_needs_is_200_and_not_stored() {
    let server = Server::start().await;
    let cases = [
        ("ping", fixture("webhooks/ping/app.json")),
        ("member", fixture("webhooks/member/added.json")),
        ("issues", fixture("webhooks/issues/opened.json")),
        ("an_event_of_tomorrow", "{}".to_owned()),
        ("pull_request", r#"{"action":"teleported","number":1,"pull_request":{}}"#.to_owned()),
        ("pull_request", "{}".to_owned()),
        ("check_suite", fixture("webhooks/check_suite/requested.json")),
        ("check_run", fixture("webhooks/check_run/completed.ours.json")),
        ("issue_comment", fixture("webhooks/issue_comment/created.by-our-app.json")),
        ("installation", fixture("webhooks/installation/suspend.json")),
    ];
    for (event, body) in cases {
        assert_eq!(server.deliver(event, GUID, body).await, 200, "{event}");
    }
    assert_eq!(server.store.len(), 0);
}

#[tokio::test]
async fn malformed_is_400() {
    let server = Server::start().await;
    for body in
        ["", "{", "null", "[]", "\"text\"", "7", "{} {}", "{\"a\":}", "{\"action\":\"opened\",\"action\":\"closed\"}"]
    {
        assert_eq!(server.deliver("pull_request", GUID, body).await, 400, "{body}");
    }
    assert_eq!(server.deliver("a_new_event", GUID, "{").await, 400, "also of unknown events");
    assert_eq!(server.deliver("ping", GUID, &b"{\"zen\":\"\xff\"}"[..]).await, 400, "not UTF-8");
    assert_eq!(server.deliver("", GUID, "{}").await, 400, "empty event");
    assert_eq!(server.deliver("ping", "", "{}").await, 400, "empty delivery id");
    assert_eq!(server.deliver("ping", &"x".repeat(200), "{}").await, 400, "endless delivery id");
    assert_eq!(server.deliver("ping", "a b", "{}").await, 400, "a delivery id with a gap");
    for missing in ["x-github-event", "x-github-delivery"] {
        let mut request = server.signed("ping", GUID, "{}").build().unwrap();
        request.headers_mut().remove(missing);
        assert_eq!(server.client.execute(request).await.unwrap().status(), 400, "{missing}");
    }
    assert_eq!(server.store.len(), 0);
}

#[tokio::test]
async fn forms_are_read_and_signed_as_sent() {
    let server = Server::start().await;
    let form = |body: String| {
        let signature = sign(body.as_bytes());
        let request = server.post(body).header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        request
            .header("x-github-event", "pull_request")
            .header("x-github-delivery", GUID)
            .header("x-hub-signature-256", signature)
            .send()
    };
    let encoded: String = url::form_urlencoded::byte_serialize(fixture(OPENED).as_bytes()).collect();
    assert_eq!(form(format!("other=1&payload={encoded}")).await.unwrap().status(), 202);
    assert_eq!(server.store.len(), 1);
    assert_eq!(form("other=1".to_owned()).await.unwrap().status(), 400, "without payload");
    assert_eq!(form("payload=".to_owned()).await.unwrap().status(), 400, "with an empty one");
    assert_eq!(form(fixture(OPENED)).await.unwrap().status(), 400, "JSON is no form");
}

#[tokio::test]
async fn other_content_types_are_415() {
    let server = Server::start().await;
    for kind in ["text/plain", "application/xml", "application/jsonp", "multipart/form-data; boundary=x", ""] {
        let mut request = server.signed("ping", GUID, "{}").build().unwrap();
        request.headers_mut().insert("content-type", kind.parse().unwrap());
        assert_eq!(server.client.execute(request).await.unwrap().status(), 415, "{kind}");
    }
    let mut request = server.signed("ping", GUID, "{}").build().unwrap();
    request.headers_mut().remove("content-type");
    assert_eq!(server.client.execute(request).await.unwrap().status(), 415, "missing");
    let mut request = server.signed("ping", GUID, "{}").build().unwrap();
    request.headers_mut().insert("content-type", "Application/JSON; charset=utf-8".parse().unwrap());
    assert_eq!(server.client.execute(request).await.unwrap().status(), 200);
}

/// A JSON object of exactly `size` bytes around a real pull request.
fn padded(size: usize) -> Vec<u8> {
    let mut body = fixture(OPENED).trim_end().to_owned().into_bytes();
    assert_eq!(body.pop(), Some(b'}'));
    body.extend_from_slice(b",\"padding\":\"");
    body.resize(size - 2, b'x');
    body.extend_from_slice(b"\"}");
    body
}

#[tokio::test]
async fn twenty_five_megabytes_pass_and_one_byte_more_does_not() {
    let server = Server::start().await;
    assert_eq!(MAX_BODY, 26_214_400);
    assert_eq!(server.deliver("pull_request", GUID, padded(MAX_BODY)).await, 202);
    assert_eq!(server.deliver("pull_request", "another", padded(MAX_BODY + 1)).await, 413);
    assert_eq!(server.store.len(), 1);

    let unannounced = padded(MAX_BODY + 1);
    let signature = sign(&unannounced);
    let pieces = futures::stream::iter(
        unannounced.chunks(1 << 20).map(|piece| Ok::<_, std::io::Error>(piece.to_vec())).collect::<Vec<_>>(),
    );
    let chunked = axum::body::Body::from_stream(pieces);
    let request = http::Request::post("/webhooks/github").header("content-type", "application/json");
    let request = request
        .header("x-hub-signature-256", signature)
        .header("x-github-event", "ping")
        .header("x-github-delivery", GUID);
    let answer =
        tower::ServiceExt::oneshot(flyball::webhook::routes(server.door.clone()), request.body(chunked).unwrap());
    assert_eq!(answer.await.unwrap().status(), 413, "without a Content-Length");
    let unsigned = server.post(padded(MAX_BODY + 1)).header("content-type", "application/json");
    assert_eq!(unsigned.send().await.unwrap().status(), 413, "too large comes first");
}

#[tokio::test]
async fn without_the_store_it_is_503_with_a_time_to_try_again_and_the_redelivery_is_taken() {
    let server = Server::start().await;
    server.store.down.store(true, Ordering::SeqCst);
    let answer = server.signed("pull_request", GUID, fixture(OPENED)).send().await.unwrap();
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));
    let text = answer.text().await.unwrap();
    assert!(!text.contains("told to be down"), "the fault's inner text stays inside: {text}");
    assert_eq!(server.deliver("ping", GUID, "{}").await, 200, "what is not stored needs no store");
    server.store.down.store(false, Ordering::SeqCst);
    assert_eq!(server.deliver("pull_request", GUID, fixture(OPENED)).await, 202);
    assert_eq!(server.store.len(), 1);
}

#[tokio::test]
async fn only_post_is_taken() {
    let server = Server::start().await;
    let answer = server.client.get(server.url("/webhooks/github")).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers()["allow"].to_str().unwrap()), (405, "POST"));
}
