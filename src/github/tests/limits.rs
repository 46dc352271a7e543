//! Limits: told apart from permissions, obeyed before anything is sent, learned from every reply.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::json;
use wiremock::matchers::{any, method};
use wiremock::{Mock, MockServer, Request, Respond, ResponseTemplate};

use super::{asked, at, client, get, merge, ok, refused, server, unknown};
use crate::domain::govern::{Answer, Fault, Need};
use crate::domain::ids::{InstallationId, PrNumber};
use crate::github::{GitHub, RepoAddress};

fn carol() -> Need {
    Need::Permission("carol".to_owned())
}

/// GitHub's time in these replies, and a reset 90 s later.
const DATE: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const RESET: &str = "1700000090";

async fn limited(response: ResponseTemplate) -> (MockServer, Answer) {
    let server = server().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    let answer = client(&server).write(&at(), &merge()).await;
    (server, answer)
}

fn seconds(answer: &Answer) -> Option<u32> {
    match answer {
        Answer::Refused { fault: Fault::Limited { seconds }, .. } => Some(*seconds),
        _ => None,
    }
}

#[tokio::test]
async fn a_limit_is_known_by_its_signs_and_names_its_wait() {
    let secondary = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
    let cases = [
        ("retry-after", refused(403, secondary).insert_header("retry-after", "30"), Some(30)),
        ("429 with retry-after", refused(429, "Too Many Requests").insert_header("retry-after", "7"), Some(7)),
        (
            "the hour's quota",
            refused(403, "API rate limit exceeded for installation ID 7.")
                .insert_header("x-ratelimit-remaining", "0")
                .insert_header("x-ratelimit-reset", RESET)
                .insert_header("date", DATE),
            Some(90),
        ),
        ("secondary without a time", refused(403, secondary), Some(60)),
        ("429 without a word", ResponseTemplate::new(429), Some(60)),
        (
            "a permission, with quota left",
            refused(403, "Resource not accessible by integration").insert_header("x-ratelimit-remaining", "4999"),
            None,
        ),
    ];
    for (case, response, expected) in cases {
        let (_, answer) = limited(response).await;
        assert_eq!(seconds(&answer), expected, "{case}: {answer:?}");
    }
}

#[tokio::test]
async fn after_a_limit_nothing_is_sent_for_that_installation_and_others_go_on() {
    let server = server().await;
    Mock::given(method("PUT"))
        .respond_with(refused(403, "secondary rate limit").insert_header("retry-after", "30"))
        .mount(&server)
        .await;
    let writer = ok(json!({ "permission": "write" }));
    get("/repos/acme/site/collaborators/carol/permission", writer).mount(&server).await;
    let github = client(&server);
    assert_eq!(seconds(&github.write(&at(), &merge()).await), Some(30));
    assert!(matches!(seconds(&github.write(&at(), &merge()).await), Some(29..=30)));
    for need in [carol(), Need::Snapshot(PrNumber(5)), Need::OpenPulls] {
        let unknown = unknown(github.read(&at(), &need).await);
        assert!(matches!(unknown.retry_after, Some(29..=30)), "{unknown:?}");
    }
    assert_eq!(asked(&server).await.len(), 1, "only the first write went out");
    let elsewhere = RepoAddress { installation: Some(InstallationId(8)), ..at() };
    assert!(matches!(github.read(&elsewhere, &carol()).await, crate::domain::govern::Fact::Permission(_)));
}

#[tokio::test]
async fn the_last_request_of_the_hour_closes_the_gate_before_the_next_is_refused() {
    let server = server().await;
    let last = ok(json!({ "permission": "write" }))
        .insert_header("x-ratelimit-remaining", "0")
        .insert_header("x-ratelimit-reset", RESET)
        .insert_header("date", DATE);
    get("/repos/acme/site/collaborators/carol/permission", last).mount(&server).await;
    let github = client(&server);
    assert!(matches!(github.read(&at(), &carol()).await, crate::domain::govern::Fact::Permission(_)));
    assert!(matches!(unknown(github.read(&at(), &carol()).await).retry_after, Some(89..=90)));
    assert_eq!(asked(&server).await.len(), 1);
}

#[tokio::test]
async fn a_used_up_graphql_quota_leaves_rest_open() {
    let server = server().await;
    let answer = ok(json!({ "errors": [{ "type": "RATE_LIMITED", "message": "API rate limit exceeded" }] }))
        .insert_header("x-ratelimit-remaining", "0")
        .insert_header("x-ratelimit-reset", RESET)
        .insert_header("date", DATE);
    Mock::given(method("POST")).and(wiremock::matchers::path("/graphql")).respond_with(answer).mount(&server).await;
    get("/repos/acme/site/collaborators/carol/permission", ok(json!({ "permission": "write" }))).mount(&server).await;
    let github = client(&server);
    assert!(matches!(unknown(github.read(&at(), &Need::Snapshot(PrNumber(5))).await).retry_after, Some(89..=90)));
    assert!(matches!(unknown(github.read(&at(), &Need::Snapshot(PrNumber(5))).await).retry_after, Some(89..=90)));
    assert!(matches!(github.read(&at(), &carol()).await, crate::domain::govern::Fact::Permission(_)));
    assert_eq!(asked(&server).await.len(), 2, "one query, one permission");
}

/// Notes when each request came, and answers late.
#[derive(Default)]
struct Late {
    came: std::sync::Arc<Mutex<Vec<Instant>>>,
}

impl Respond for Late {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        self.came.lock().unwrap().push(Instant::now());
        refused(405, "not now").set_delay(Duration::from_millis(80))
    }
}

#[tokio::test]
async fn writes_of_one_installation_go_one_at_a_time() {
    let server = server().await;
    let late = Late::default();
    let came = std::sync::Arc::clone(&late.came);
    Mock::given(method("PUT")).respond_with(late).mount(&server).await;
    let github = client(&server);
    let (place, call) = (at(), merge());
    futures::future::join_all((0..3).map(|_| github.write(&place, &call))).await;
    let came = came.lock().unwrap();
    assert_eq!(came.len(), 3);
    for pair in came.windows(2) {
        assert!(pair[1] - pair[0] >= Duration::from_millis(75), "the second came before the first was answered");
    }
}
