//! Odd replies over a mock server: what GitHub may answer, and what becomes of it.

mod deliveries;
mod limits;
mod network;
mod queue;
mod reads;
mod rules;
mod snapshot;
mod tokens;
mod writes;

use std::time::Duration;

use serde_json::{Value, json};
use wiremock::matchers::{method, path, path_regex};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{OctocrabGitHub, RepoAddress, Settings};
use crate::domain::govern::{ActionCall, Call, Fact, MergeMethod, Unknown};
use crate::domain::ids::{CommitSha, InstallationId, PrNumber, RepoId};

pub(super) const HEAD: &str = "1111111111111111111111111111111111111111";
pub(super) const BASE: &str = "2222222222222222222222222222222222222222";
pub(super) const APP_ID: u64 = 4242;

pub(super) fn sha(text: &str) -> CommitSha {
    text.parse().unwrap()
}

pub(super) fn at() -> RepoAddress {
    RepoAddress { installation: Some(InstallationId(7)), id: RepoId(1), full_name: "acme/site".to_owned() }
}

pub(super) fn settings(api_url: String) -> Settings {
    Settings {
        app_id: APP_ID,
        private_key_pem: crate::sim::APP_PRIVATE_KEY.to_owned(),
        api_url,
        graphql_url: None,
        timeout: Duration::from_secs(5),
        retry_base: Duration::from_millis(1),
        pacing: None,
    }
}

pub(super) fn client(server: &MockServer) -> OctocrabGitHub {
    OctocrabGitHub::new(&settings(server.uri())).unwrap()
}

/// A server that mints tokens and knows nothing else.
pub(super) async fn server() -> MockServer {
    let server = MockServer::start().await;
    mint(ResponseTemplate::new(201).set_body_json(token("ghs_first"))).mount(&server).await;
    server
}

pub(super) fn token(value: &str) -> Value {
    json!({ "token": value, "expires_at": "2099-01-01T00:00:00Z" })
}

pub(super) fn mint(answer: ResponseTemplate) -> Mock {
    Mock::given(method("POST")).and(path_regex("^/app/installations/[0-9]+/access_tokens$")).respond_with(answer)
}

pub(super) fn get(place: &str, answer: ResponseTemplate) -> Mock {
    Mock::given(method("GET")).and(path(place)).respond_with(answer)
}

pub(super) fn ok(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

pub(super) fn refused(status: u16, message: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({ "message": message }))
}

/// What was asked, token mints left out.
pub(super) async fn asked(server: &MockServer) -> Vec<Request> {
    let all = server.received_requests().await.unwrap();
    all.into_iter().filter(|request| !request.url.path().ends_with("/access_tokens")).collect()
}

pub(super) async fn mints(server: &MockServer) -> usize {
    server.received_requests().await.unwrap().len() - asked(server).await.len()
}

pub(super) fn line(request: &Request) -> String {
    let query = request.url.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{} {}{query}", request.method, request.url.path())
}

pub(super) async fn lines(server: &MockServer) -> Vec<String> {
    asked(server).await.iter().map(line).collect()
}

pub(super) fn merge() -> Call {
    Call::Action(ActionCall::Merge { number: PrNumber(5), sha: sha(HEAD), method: MergeMethod::Squash, words: None })
}

#[track_caller]
pub(super) fn unknown(fact: Fact) -> Unknown {
    match fact {
        Fact::Unknown(unknown) => unknown,
        other => panic!("it is known: {other:?}"),
    }
}
