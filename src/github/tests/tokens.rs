//! Signing as the App, tokens, installations, and what a wrong clock looks like.

use std::time::{Duration, SystemTime};

use serde_json::json;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, ResponseTemplate};

use super::{at, client, get, lines, merge, mint, mints, ok, refused, server, settings, token, unknown};
use crate::domain::govern::{Answer, AppIdentity, Fact, Fault, Need, Permission, Right};
use crate::domain::ids::{InstallationId, RepoId};
use crate::github::{AppDirectory, GitHub, GitHubError, OctocrabGitHub, RepoAddress, Settings};

const CAROL: &str = "/repos/acme/site/collaborators/carol/permission";

fn carol() -> Need {
    Need::Permission("carol".to_owned())
}

fn write_right() -> Fact {
    Fact::Permission(Permission { right: Right::Write, role: "write".to_owned() })
}

fn writer() -> ResponseTemplate {
    ok(json!({ "permission": "write", "role_name": "write", "user": null }))
}

#[tokio::test]
async fn five_first_calls_mint_one_token() {
    let server = wiremock::MockServer::start().await;
    let slow = ResponseTemplate::new(201).set_body_json(token("ghs_one")).set_delay(Duration::from_millis(50));
    mint(slow).mount(&server).await;
    holding("ghs_one", writer()).mount(&server).await;
    let github = client(&server);
    let (place, need) = (at(), carol());
    let facts = futures::future::join_all((0..5).map(|_| github.read(&place, &need))).await;
    assert_eq!(facts, vec![write_right(); 5]);
    assert_eq!(mints(&server).await, 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_once_for_all_who_held_it() {
    let server = wiremock::MockServer::start().await;
    mint(ResponseTemplate::new(201).set_body_json(token("ghs_old"))).up_to_n_times(1).mount(&server).await;
    mint(ResponseTemplate::new(201).set_body_json(token("ghs_new"))).mount(&server).await;
    holding("ghs_old", refused(401, "Bad credentials")).mount(&server).await;
    holding("ghs_new", writer()).mount(&server).await;
    let github = client(&server);
    let (place, need) = (at(), carol());
    let facts = futures::future::join_all((0..4).map(|_| github.read(&place, &need))).await;
    assert_eq!(facts, vec![write_right(); 4]);
    assert_eq!(mints(&server).await, 2);
}

#[tokio::test]
async fn credentials_that_never_work_are_tried_anew_once() {
    let server = server().await;
    Mock::given(method("PUT")).respond_with(refused(401, "Bad credentials")).mount(&server).await;
    let answer = client(&server).write(&at(), &merge()).await;
    let message = "Bad credentials".to_owned();
    assert_eq!(answer, Answer::Refused { fault: Fault::Unauthorised, message });
    assert_eq!(lines(&server).await.len(), 2);
}

#[tokio::test]
async fn a_clock_that_is_wrong_is_named_and_by_how_much() {
    for (offset, words) in [(600_i64, "behind GitHub's"), (-300, "ahead of GitHub's")] {
        let server = wiremock::MockServer::start().await;
        let answer = refused(401, "'Expiration time' claim ('exp') is too far in the future");
        let date = httpdate::fmt_http_date(shifted(offset));
        Mock::given(wiremock::matchers::any())
            .respond_with(answer.insert_header("date", date.as_str()))
            .mount(&server)
            .await;
        let github = client(&server);
        let read = unknown(github.read(&at(), &carol()).await).because;
        let Answer::Refused { fault: Fault::Unauthorised, message } = github.write(&at(), &merge()).await else {
            panic!("the write was not refused");
        };
        for text in [read, message, github.identity().await.unwrap_err().to_string()] {
            assert!(text.contains("this machine's clock is") && text.contains(words), "{text}");
            let seconds: i64 = text.split("clock is ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
            assert!((seconds - offset.abs()).abs() <= 3, "{text}");
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the reply's date stands against this machine's clock")]
fn shifted(seconds: i64) -> SystemTime {
    let now = SystemTime::now();
    let by = Duration::from_secs(seconds.unsigned_abs());
    if seconds < 0 { now - by } else { now + by }
}

#[tokio::test]
async fn a_wrong_signature_under_a_right_clock_is_not_blamed_on_the_clock() {
    let server = wiremock::MockServer::start().await;
    let date = httpdate::fmt_http_date(shifted(0));
    let answer = refused(401, "A JSON web token could not be decoded").insert_header("date", date.as_str());
    get("/app", answer).mount(&server).await;
    let error = client(&server).identity().await.unwrap_err();
    let message = "A JSON web token could not be decoded".to_owned();
    assert_eq!(error, GitHubError::Refused { status: 401, message });
}

#[tokio::test]
async fn a_repository_without_an_installation_is_looked_up_once() {
    let server = server().await;
    get("/repos/acme/site/installation", ok(json!({ "id": 7 })).set_delay(Duration::from_millis(30)))
        .mount(&server)
        .await;
    get(CAROL, writer()).mount(&server).await;
    let github = client(&server);
    let place = RepoAddress { installation: None, ..at() };
    let need = carol();
    let facts = futures::future::join_all((0..3).map(|_| github.read(&place, &need))).await;
    assert_eq!(facts, vec![write_right(); 3]);
    let lookups = lines(&server).await.into_iter().filter(|line| line.ends_with("/installation")).count();
    assert_eq!(lookups, 1);
}

#[tokio::test]
async fn an_installation_that_is_gone_is_looked_up_again() {
    let server = wiremock::MockServer::start().await;
    get("/repos/acme/site/installation", ok(json!({ "id": 7 }))).up_to_n_times(1).mount(&server).await;
    get("/repos/acme/site/installation", ok(json!({ "id": 8 }))).mount(&server).await;
    let gone = Mock::given(path("/app/installations/7/access_tokens")).respond_with(refused(404, "Not Found"));
    gone.mount(&server).await;
    mint(ResponseTemplate::new(201).set_body_json(token("ghs_two"))).mount(&server).await;
    get(CAROL, writer()).mount(&server).await;
    let github = client(&server);
    let place = RepoAddress { installation: None, ..at() };
    assert!(unknown(github.read(&place, &carol()).await).missing);
    assert_eq!(github.read(&place, &carol()).await, write_right());
}

#[tokio::test]
async fn a_write_whose_token_never_came_was_not_sent() {
    let server = wiremock::MockServer::start().await;
    mint(refused(502, "Bad Gateway")).mount(&server).await;
    let answer = client(&server).write(&at(), &merge()).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::Transient, .. }), "{answer:?}");
    assert_eq!(lines(&server).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_app_knows_itself_and_where_it_is_installed() {
    let server = server().await;
    get("/app", ok(json!({ "id": 4242, "slug": "flyball-dev", "name": "Flyball" }))).mount(&server).await;
    let page = |n: u32| wiremock::matchers::query_param("page", n.to_string());
    let installations: Vec<_> = (1..=100).map(|id| json!({ "id": id, "account": { "login": "acme" } })).collect();
    Mock::given(path("/app/installations")).and(page(1)).respond_with(ok(json!(installations))).mount(&server).await;
    let last = json!([{ "id": 101, "account": { "slug": "big" }, "suspended_at": "2024-01-01T00:00:00Z" }]);
    Mock::given(path("/app/installations")).and(page(2)).respond_with(ok(last)).mount(&server).await;
    let repositories = json!({ "total_count": 1, "repositories": [{ "id": 1, "full_name": "acme/site", "default_branch": "main", "private": true }] });
    get("/installation/repositories", ok(repositories)).mount(&server).await;
    let github = client(&server);
    let ours = AppIdentity { app_id: 4242, bot_login: "flyball-dev[bot]".to_owned() };
    assert_eq!(github.identity().await.unwrap(), ours);
    assert_eq!(github.identity().await.unwrap(), ours, "asked once");
    let listed = github.list_installations().await.unwrap();
    assert_eq!((listed.len(), listed[100].account.as_deref()), (101, Some("big")));
    assert!(listed[100].suspended_at.is_some() && listed[0].suspended_at.is_none());
    let repositories = github.list_repositories(InstallationId(7)).await.unwrap();
    assert_eq!((repositories[0].id, repositories[0].private, repositories[0].archived), (RepoId(1), Some(true), false));
    assert_eq!(lines(&server).await.iter().filter(|line| line.as_str() == "GET /app").count(), 1);
}

#[tokio::test]
async fn settings_that_cannot_work_say_what_to_do_and_keep_the_key_to_themselves() {
    let good = settings("https://api.github.com".to_owned());
    let secret = "-----BEGIN RSA PRIVATE KEY-----\nc2VjcmV0IGtleQ==\n-----END RSA PRIVATE KEY-----";
    let cases = [
        (Settings { app_id: 0, ..good.clone() }, "FLYBALL_GITHUB_APP_ID"),
        (Settings { private_key_pem: "nonsense".to_owned(), ..good.clone() }, "FLYBALL_GITHUB_PRIVATE_KEY"),
        (Settings { private_key_pem: secret.to_owned(), ..good.clone() }, "-----BEGIN"),
        (Settings { api_url: "api.github.com".to_owned(), ..good.clone() }, "FLYBALL_GITHUB_API_URL"),
        (Settings { api_url: "ftp://x.test".to_owned(), ..good.clone() }, "https://"),
        (Settings { graphql_url: Some("://".to_owned()), ..good.clone() }, "FLYBALL_GITHUB_GRAPHQL_URL"),
    ];
    for (settings, names) in cases {
        let text = OctocrabGitHub::new(&settings).unwrap_err().to_string();
        assert!(text.contains(names) && !text.contains("c2VjcmV0"), "{text}");
    }
    let debug = format!("{good:?} {:?}", OctocrabGitHub::new(&good).unwrap());
    assert!(!debug.contains("BEGIN") && debug.contains("4242"), "{debug}");
}

fn holding(token: &str, answer: ResponseTemplate) -> Mock {
    let bearer = format!("Bearer {token}");
    Mock::given(method("GET")).and(path(CAROL)).and(header("authorization", bearer.as_str())).respond_with(answer)
}
