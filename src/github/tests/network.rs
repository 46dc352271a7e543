//! Hanging, breaking and refusing servers: reads are asked again in time, writes never.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use wiremock::matchers::any;
use wiremock::{Mock, ResponseTemplate};

use super::{asked, at, client, get, merge, ok, refused, server, settings, token, unknown};
use crate::domain::govern::{Answer, Fact, Fault, Need};
use crate::github::{GitHub, OctocrabGitHub, Settings};

const CAROL: &str = "/repos/acme/site/collaborators/carol/permission";

fn carol() -> Need {
    Need::Permission("carol".to_owned())
}

#[tokio::test]
async fn a_call_that_hangs_is_unknown_after_the_time_out_and_not_repeated() {
    let server = server().await;
    let hang = ok(json!({})).set_delay(Duration::from_secs(30));
    Mock::given(any()).respond_with(hang).mount(&server).await;
    let patience = Settings { timeout: Duration::from_millis(300), ..settings(server.uri()) };
    let github = OctocrabGitHub::new(&patience).unwrap();
    let start = Instant::now();
    let answer = github.write(&at(), &merge()).await;
    assert_eq!(answer, Answer::Unknown { because: "GitHub did not answer in time".to_owned() });
    let fact = unknown(github.read(&at(), &carol()).await);
    assert_eq!((fact.because.as_str(), fact.retry_after), ("GitHub did not answer in time", Some(1)));
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(asked(&server).await.len(), 2);
}

#[tokio::test]
async fn a_write_that_waits_too_long_for_its_turn_is_not_sent() {
    let server = server().await;
    Mock::given(any()).respond_with(refused(405, "slow").set_delay(Duration::from_millis(1_300))).mount(&server).await;
    let patience = Settings { timeout: Duration::from_secs(2), ..settings(server.uri()) };
    let github = OctocrabGitHub::new(&patience).unwrap();
    let (place, call) = (at(), merge());
    let (first, second) = futures::join!(github.write(&place, &call), github.write(&place, &call));
    assert!(matches!(first, Answer::Refused { fault: Fault::NotAllowed, .. }), "{first:?}");
    assert!(matches!(second, Answer::Refused { fault: Fault::Transient, .. }), "{second:?}");
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn a_read_that_fails_in_passing_is_asked_again() {
    let server = server().await;
    get(CAROL, refused(502, "Bad Gateway")).up_to_n_times(2).mount(&server).await;
    get(CAROL, ok(json!({ "permission": "read" }))).mount(&server).await;
    assert!(matches!(client(&server).read(&at(), &carol()).await, Fact::Permission(_)));
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn a_read_that_keeps_failing_is_unknown_with_the_reason() {
    let server = server().await;
    get(CAROL, refused(500, "Server Error")).mount(&server).await;
    let fact = unknown(client(&server).read(&at(), &carol()).await);
    assert_eq!(fact.because, "GitHub answered 500: Server Error");
    assert_eq!((fact.missing, fact.retry_after), (false, Some(1)));
    assert_eq!(asked(&server).await.len(), 3);
}

#[tokio::test]
async fn a_refused_read_is_not_asked_again() {
    let cases = [
        (
            refused(403, "Resource not accessible by integration"),
            "GitHub answered 403: Resource not accessible by integration",
        ),
        (refused(422, "Validation Failed"), "GitHub answered 422: Validation Failed"),
    ];
    for (response, because) in cases {
        let server = server().await;
        get(CAROL, response).mount(&server).await;
        let fact = unknown(client(&server).read(&at(), &carol()).await);
        assert_eq!((fact.because.as_str(), fact.missing, fact.retry_after), (because, false, None));
        assert_eq!(asked(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_json_is_unknown() {
    let server = server().await;
    get(CAROL, ResponseTemplate::new(200).set_body_raw("<html>Sign in</html>", "text/html")).mount(&server).await;
    let fact = unknown(client(&server).read(&at(), &carol()).await);
    assert!(fact.because.starts_with("GitHub's answer could not be read"), "{fact:?}");
}

/// Mints tokens, and hangs up on everything else after reading it.
async fn hangs_up() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let cut = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&cut);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut buffer = vec![0; 64 * 1024];
            let read = stream.read(&mut buffer).await.unwrap_or(0);
            if !String::from_utf8_lossy(&buffer[..read]).contains("/access_tokens ") {
                counted.fetch_add(1, Ordering::SeqCst);
                continue;
            }
            let body = token("ghs_one").to_string();
            let head = format!(
                "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        }
    });
    (url, cut)
}

#[tokio::test]
async fn a_connection_that_breaks_leaves_a_write_unknown_and_sends_it_once() {
    let (url, cut) = hangs_up().await;
    let github = OctocrabGitHub::new(&settings(url)).unwrap();
    let answer = github.write(&at(), &merge()).await;
    assert!(matches!(answer, Answer::Unknown { .. }), "{answer:?}");
    assert_eq!(cut.load(Ordering::SeqCst), 1);
    assert!(unknown(github.read(&at(), &carol()).await).because.starts_with("GitHub could not be reached"));
    assert_eq!(cut.load(Ordering::SeqCst), 4, "a read is tried three times");
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let answer = OctocrabGitHub::new(&settings(url)).unwrap().write(&at(), &merge()).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::Transient, .. }), "{answer:?}");
}
