//! What GitHub says of a person's token, when it says something odd.

use std::time::Duration;

use flyball::github::{ClientKeys, GitHubError, PersonToken, SignIn, SignInSettings};
use serde_json::{Value, json};
use wiremock::matchers::{method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn sign_in(server: &MockServer) -> SignIn {
    SignIn::new(SignInSettings {
        app_id: 7,
        client: ClientKeys { id: "Iv1".to_owned(), secret: "hush".to_owned() },
        api_url: server.uri(),
        web_url: server.uri(),
        timeout: Duration::from_secs(10),
    })
    .unwrap()
}

async fn answers(server: &MockServer, at: &str, status: u16, body: Value) {
    let answer = ResponseTemplate::new(status).set_body_json(body);
    Mock::given(method("GET")).and(path(at)).respond_with(answer).mount(server).await;
}

fn installation(id: u64, app_id: u64, suspended: Option<&str>) -> Value {
    json!({"id": id, "app_id": app_id, "suspended_at": suspended})
}

#[tokio::test]
async fn a_token_of_another_app_sees_nothing_and_lists_are_read_to_their_end() {
    let token = PersonToken::read("ghu_a").unwrap();
    let other = MockServer::start().await;
    answers(&other, "/user", 200, json!({"id": 1, "login": "mallory"})).await;
    answers(&other, "/user/installations", 200, json!({"installations": [installation(1, 8, None)]})).await;
    let refused = sign_in(&other).see(&token).await.unwrap_err();
    assert!(matches!(refused, GitHubError::Refused { status: 401, .. }), "{refused}");

    let ours = MockServer::start().await;
    answers(&ours, "/user", 200, json!({"id": 1, "login": "carol"})).await;
    let all = json!({"installations": [installation(1, 7, None), installation(2, 7, Some("2026-01-01T00:00:00Z")), installation(3, 7, None)]});
    answers(&ours, "/user/installations", 200, all).await;
    let next = format!("<{}/user/installations/1/repositories?page=2>; rel=\"next\"", ours.uri());
    for (page, ids, link) in [("1", [10, 11], Some(next)), ("2", [12, 13], None)] {
        let mut answer =
            ResponseTemplate::new(200).set_body_json(json!({"repositories": ids.map(|id| json!({"id": id}))}));
        if let Some(link) = link {
            answer = answer.insert_header("link", link.as_str());
        }
        let asked = Mock::given(path("/user/installations/1/repositories")).and(query_param("page", page));
        asked.respond_with(answer).expect(1).mount(&ours).await;
    }
    answers(
        &ours,
        "/user/installations/3/repositories",
        403,
        json!({"message": "This installation has been suspended"}),
    )
    .await;
    let sight = sign_in(&ours).see(&token).await.unwrap();
    let mut ids: Vec<u64> = sight.repositories.iter().map(|id| id.0).collect();
    ids.sort_unstable();
    assert_eq!((sight.person.login.as_str(), ids), ("carol", vec![10, 11, 12, 13]));
}

#[tokio::test]
async fn an_odd_answer_to_the_code_is_an_error_that_tells_no_token() {
    let cases = [
        (200, json!({"error": "bad_verification_code", "error_description": "it holds ghu_abcdef"}), "refused"),
        (200, json!({"access_token": "gho_abcdef", "token_type": "bearer"}), "unreadable"),
        (200, json!(["ghu_abcdef"]), "unreadable"),
        (200, json!({}), "unreadable"),
        (500, json!({"access_token": "ghu_abcdef"}), "unreachable"),
        (429, json!({}), "unreachable"),
    ];
    for (status, body, expected) in cases {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(status).set_body_json(&body);
        Mock::given(method("POST")).and(path("/login/oauth/access_token")).respond_with(answer).mount(&server).await;
        let error = sign_in(&server).exchange("c", "v", "http://127.0.0.1/login/done").await.unwrap_err();
        let kind = match error {
            GitHubError::Refused { .. } => "refused",
            GitHubError::Unreadable(_) => "unreadable",
            GitHubError::Unreachable { .. } => "unreachable",
            _ => "something else",
        };
        assert_eq!(kind, expected, "{body}");
        assert!(!format!("{error} {error:?}").contains("abcdef"), "{error:?}");
    }
}

#[test]
fn secrets_of_people_do_not_show() {
    let token = PersonToken::read("ghu_abcdef").unwrap();
    let keys = ClientKeys { id: "Iv1".to_owned(), secret: "hush".to_owned() };
    assert!(!format!("{token:?} {keys:?}").contains("abcdef") && !format!("{keys:?}").contains("hush"));
    for other in ["", "ghu", "ghs_abc", "ghu_a b", "ghu_\u{e4}", &format!("ghu_{}", "a".repeat(300))] {
        assert!(PersonToken::read(other).is_none(), "{other}");
    }
}
