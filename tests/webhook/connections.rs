//! Connections that mean no good, and requests that are in hand when the server ends.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use flyball::web::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::support::{GUID, Server, sign};

fn short() -> Limits {
    Limits { headers_within: Duration::from_millis(200), ..Limits::default() }
}

/// Sends this and gives all that comes until the server closes the connection.
async fn until_closed(server: &Server, sent: &str) -> String {
    let mut stream = TcpStream::connect(server.address).await.unwrap();
    stream.write_all(sent.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let reading = stream.read_to_end(&mut answer);
    let ended = tokio::time::timeout(Duration::from_secs(20), reading).await.expect("the server closes it");
    // A reset is as good an end as any.
    ended.map_or_else(|error| error.to_string(), |_| String::from_utf8(answer).unwrap())
}

#[tokio::test]
async fn headers_that_never_end_and_connections_that_never_ask_are_closed() {
    let server = Server::held_to(short(), Router::new(), std::future::pending()).await;
    for sent in ["", "GET /healthz HT", "GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-slow: "] {
        let answer = until_closed(&server, sent).await;
        assert!(!answer.contains("200 OK"), "{sent:?}: {answer}");
    }
    let answer = until_closed(&server, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(answer.contains("200 OK"), "a kept connection is closed after its last answer: {answer}");
}

#[tokio::test]
async fn too_large_headers_and_too_many_are_431() {
    let server = Server::start().await;
    let large = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-large: {}\r\n\r\n", "x".repeat(64 * 1024));
    let many = format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{}\r\n", "x-one: 1\r\n".repeat(200));
    for (case, sent) in [("large", large), ("many", many)] {
        let answer = until_closed(&server, &sent).await;
        assert!(answer.contains(" 431 ") || answer.contains("reset"), "{case}: {answer}");
    }
    assert_eq!(server.deliver("ping", GUID, "{}").await, 200, "others are served on");
}

#[tokio::test]
async fn a_body_that_never_comes_is_408() {
    let server = Server::start().await;
    let head = format!(
        "POST /webhooks/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-github-event: ping\r\n\
         x-github-delivery: {GUID}\r\nx-hub-signature-256: {}\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{",
        sign(b"{}")
    );
    let answer = until_closed(&server, &head).await;
    assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
}

#[tokio::test]
async fn what_is_in_hand_when_the_server_stops_is_answered() {
    let (begun, has_begun) = oneshot::channel();
    let (go, may_go) = oneshot::channel::<()>();
    let once = Arc::new(Mutex::new(Some((begun, may_go))));
    let slow = get(move || {
        let (begun, may_go) = once.lock().unwrap().take().unwrap();
        async {
            begun.send(()).unwrap();
            may_go.await.unwrap();
            "in hand"
        }
    });
    let (stop, stopped) = oneshot::channel::<()>();
    let server = Server::held_to(Limits::default(), Router::new().route("/slow", slow), async {
        stopped.await.unwrap();
    })
    .await;
    let asking = tokio::spawn(server.client.get(server.url("/slow")).send());
    has_begun.await.unwrap();
    stop.send(()).unwrap();
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    go.send(()).unwrap();
    assert_eq!(asking.await.unwrap().unwrap().text().await.unwrap(), "in hand");
}
