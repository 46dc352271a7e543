//! The App's delivery log, the gate of what the App asks as itself, and the pace of writes.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{any, method, path};
use wiremock::{Mock, ResponseTemplate};

use super::{asked, at, client, get, lines, merge, ok, refused, server, settings};
use crate::domain::govern::{Answer, Call, CallClass, Fault, Need};
use crate::domain::ids::{PrNumber, Timestamp};
use crate::github::{Attempts, DeliveryLog, GitHub, GitHubError, OctocrabGitHub, Pacing, Settings};

const LOG: &str = "/app/hook/deliveries";

fn item(id: u64, status: &str) -> Value {
    json!({
        "id": id, "guid": format!("guid-{id}"), "delivered_at": "2026-03-02T08:00:00.123Z", "redelivery": id > 100,
        "duration": 0.2, "status": status, "status_code": 0, "event": "check_run", "action": "requested_action",
        "installation_id": 7, "repository_id": null, "throttled_at": null,
    })
}

#[tokio::test]
async fn the_log_is_read_page_by_page_on_our_own_host() {
    let server = server().await;
    let elsewhere = "<https://elsewhere.test/app/hook/deliveries?per_page=100&cursor=v1_4%202>; rel=\"next\"";
    let mut first = vec![item(190, "Invalid HTTP Response: 503"), item(80, "OK"), item(70, "timed out")];
    first[2]["action"] = Value::Null;
    get(LOG, ok(json!(first)).insert_header("link", elsewhere)).up_to_n_times(1).mount(&server).await;
    get(LOG, ok(json!([item(60, "OK")]))).mount(&server).await;
    let github = client(&server);
    let page = github.page(Attempts::Failed, None).await.unwrap();
    let seen: Vec<_> = page.attempts.iter().map(|one| (one.id, one.again, one.taken, one.action.as_deref())).collect();
    assert_eq!(seen, [(190, true, false, Some("requested_action")), (70, false, false, None)], "a host may not filter");
    assert_eq!(page.next.as_deref(), Some("v1_4 2"));
    let last = github.page(Attempts::Taken, page.next.as_deref()).await.unwrap();
    assert_eq!((last.attempts[0].guid.as_str(), last.attempts[0].taken, last.next), ("guid-60", true, None));
    assert_eq!(
        lines(&server).await,
        [
            "GET /app/hook/deliveries?per_page=100&status=failure",
            "GET /app/hook/deliveries?per_page=100&status=success&cursor=v1_4%202"
        ]
    );
}

#[tokio::test]
async fn asking_again_is_one_request_and_its_refusal_is_told() {
    let server = server().await;
    let again = |id: u64, answer: ResponseTemplate| {
        Mock::given(method("POST")).and(path(format!("{LOG}/{id}/attempts"))).respond_with(answer)
    };
    again(1, ResponseTemplate::new(202).set_body_json(json!({}))).mount(&server).await;
    again(2, refused(404, "Not Found")).mount(&server).await;
    again(3, refused(502, "Bad Gateway")).mount(&server).await;
    let github = client(&server);
    assert_eq!(github.ask_again(1).await, Ok(()));
    assert!(matches!(github.ask_again(2).await, Err(GitHubError::Refused { status: 404, .. })));
    assert!(matches!(github.ask_again(3).await, Err(GitHubError::Unreachable { sent: true, .. })));
    assert_eq!(asked(&server).await.len(), 3, "none is repeated");
}

#[tokio::test]
async fn a_limit_of_the_app_itself_holds_all_that_it_asks_as_itself() {
    let server = server().await;
    let limit = refused(403, "You have exceeded a secondary rate limit.");
    get(LOG, limit).mount(&server).await;
    let github = client(&server);
    assert_eq!(github.page(Attempts::Failed, None).await, Err(GitHubError::Limited { seconds: 60 }));
    assert!(matches!(github.ask_again(1).await, Err(GitHubError::Limited { seconds: 59..=60 })));
    assert_eq!(asked(&server).await.len(), 1, "only the first went out");
}

#[tokio::test]
async fn every_request_names_one_user_agent() {
    let server = server().await;
    Mock::given(any()).respond_with(ok(json!([]))).mount(&server).await;
    let github = client(&server);
    github.page(Attempts::Failed, None).await.unwrap();
    github.read(&at(), &Need::OpenPulls).await;
    github.read(&at(), &Need::Snapshot(PrNumber(5))).await;
    let requests = server.received_requests().await.unwrap();
    assert!(requests.len() >= 4, "the log, a token, a list, a query");
    for request in requests {
        let agents: Vec<_> = request.headers.get_all("user-agent").iter().collect();
        // octocrab's own: GitHub refuses requests without one, and one that is added comes second to it.
        assert_eq!(agents, ["octocrab"], "{}", request.url);
    }
}

#[tokio::test]
async fn a_write_before_its_time_is_not_sent_and_says_how_long() {
    let server = server().await;
    Mock::given(any()).respond_with(refused(405, "not now")).mount(&server).await;
    let pacing = Pacing {
        burst: 1,
        gap: Duration::from_secs(10),
        patience: Duration::ZERO,
        ..Pacing::github(Arc::new(|| Timestamp::UNIX_EPOCH))
    };
    let github = OctocrabGitHub::new(&Settings { pacing: Some(pacing), ..settings(server.uri()) }).unwrap();
    assert_eq!(github.wait(&at(), CallClass::Grant), Duration::ZERO);
    assert!(matches!(github.write(&at(), &merge()).await, Answer::Refused { fault: Fault::NotAllowed, .. }));
    assert_eq!(github.wait(&at(), CallClass::Comment), Duration::from_secs(10));
    let comment = Call::CreateComment { number: PrNumber(5), body: "hello".into() };
    for call in [comment, merge()] {
        let answer = github.write(&at(), &call).await;
        assert!(matches!(answer, Answer::Refused { fault: Fault::Limited { seconds: 10 }, .. }), "{answer:?}");
    }
    assert_eq!(asked(&server).await.len(), 1);
}
