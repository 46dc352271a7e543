//! Who may call: JWTs, tokens, permissions, the user agent.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use flyball::sim::SimConfig;
use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn a_jwt_is_judged_by_githubs_clock() {
    let world = World::start().await;
    let now = world.now();
    let cases = [
        ("as octocrab makes it", now - 60, now + 540, 0, 200),
        ("the longest that is taken", now, now + 590, 0, 200),
        ("eleven minutes ahead", now, now + 660, 0, 401),
        ("over", now - 600, now - 10, 0, 401),
        ("the App's clock 90 s fast", now - 60, now + 540, -90, 401),
        ("the App's clock 50 s fast", now - 60, now + 540, -50, 200),
        ("the App's clock 90 s slow", now - 60, now + 540, 90, 200),
    ];
    for (case, iat, exp, skew, status) in cases {
        world.github.set_jwt_skew(skew);
        let jwt = world.jwt(iat, exp);
        let answered = world.send("GET", "/app", &jwt, None, &[]).await.unwrap();
        assert_eq!(answered.status, status, "{case}: {}", answered.body);
    }
    world.github.set_jwt_skew(-90);
    let jwt = world.jwt(now - 60, now + 540);
    let fast = world.send("GET", "/app", &jwt, None, &[]).await.unwrap();
    assert!(fast.body["message"].as_str().unwrap().starts_with("'Issued at' claim"), "{}", fast.body);
    let garbled = world.send("GET", "/app", "no.jwt.atall", None, &[]).await.unwrap();
    assert_eq!(garbled.status, 401);
}

#[tokio::test]
async fn tokens_expire_and_nothing_works_without_one() {
    let seconds = Arc::new(AtomicI64::new(0));
    let ticking = seconds.clone();
    let start = jiff::Timestamp::from_second(std::time::UNIX_EPOCH.elapsed().unwrap().as_secs().cast_signed()).unwrap();
    let clock = move || start + jiff::SignedDuration::from_secs(ticking.load(Ordering::SeqCst));
    let world = World::with({
        let clock: flyball::sim::ClockFn = Arc::new(clock);
        SimConfig { clock: Arc::clone(&clock), auth_clock: clock, ..SimConfig::default() }
    })
    .await;
    assert_eq!(world.get("").await.status, 200);
    seconds.store(3599, Ordering::SeqCst);
    assert_eq!(world.get("").await.status, 200);
    seconds.store(3600, Ordering::SeqCst);
    let expired = world.get("").await;
    assert_eq!((expired.status, expired.body["message"].as_str()), (401, Some("Bad credentials")));
    assert_eq!(world.send("GET", "/repos/acme/site", "", None, &[]).await.unwrap().status, 401);
    assert_eq!(world.send("GET", "/repos/acme/site", "ghs_made_up", None, &[]).await.unwrap().status, 401);
}

#[tokio::test]
async fn a_request_without_user_agent_is_forbidden() {
    let world = World::start().await;
    let bare = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().unwrap();
    let url = format!("{}/repos/acme/site", world.github.url());
    let answered = bare.get(url).bearer_auth(&world.token).send().await.unwrap();
    assert_eq!(answered.status().as_u16(), 403);
}

#[tokio::test]
async fn permissions_of_the_installation_are_respected() {
    let world = World::start().await;
    let installation = world.github.installation(world.repo).unwrap();
    world.github.grant(installation, &[("checks", "read"), ("metadata", "read"), ("pull_requests", "write")]);
    let pr = world.opens("A change", [("b.txt", "b\n")]);
    let sha = world.github.pull(pr).head_sha;
    let run = json!({"name": "flyball", "head_sha": sha.as_str()});
    let refused = world.call("POST", "check-runs", run).await;
    assert_eq!(refused.status, 403);
    assert_eq!(refused.body["message"], "Resource not accessible by integration");
    assert_eq!(refused.headers["x-accepted-github-permissions"], "checks=write");
    assert_eq!(world.get(&format!("commits/{sha}/check-runs")).await.status, 200);
    let comments = format!("issues/{}/comments", pr.number);
    assert_eq!(world.call("POST", &comments, json!({"body": "hello"})).await.status, 201);
}

#[tokio::test]
async fn a_token_can_be_narrowed_and_suspended_and_revoked() {
    let world = World::start().await;
    let other = world.github.create_private_repo("acme/other", [("a", "a\n")]);
    let installation = world.github.installation(other).unwrap();
    assert_eq!(world.github.installation(world.repo), Some(installation));
    let (now, path) = (world.now(), format!("/app/installations/{installation}/access_tokens"));
    let jwt = world.jwt(now - 60, now + 540);
    let narrow = world.send("POST", &path, &jwt, Some(json!({"repositories": ["site"]})), &[]).await.unwrap();
    let token = narrow.body["token"].as_str().unwrap();
    assert_eq!(world.send("GET", "/repos/acme/site", token, None, &[]).await.unwrap().status, 200);
    assert_eq!(world.send("GET", "/repos/acme/other", token, None, &[]).await.unwrap().status, 404);
    assert_eq!(world.get("/repos/acme/other").await.status, 200, "the token in use covers both");
    world.github.suspend(installation, true);
    assert_eq!(world.get("").await.status, 403);
    world.github.suspend(installation, false);
    assert_eq!(world.call("DELETE", "/installation/token", json!(null)).await.status, 204);
    assert_eq!(world.get("").await.status, 401);
}

#[tokio::test]
async fn the_app_finds_its_installations() {
    let world = World::start().await;
    let id = world.github.installation(world.repo).unwrap().0;
    assert_eq!(world.as_app("GET", "/app").await.body["slug"], "flyball");
    assert_eq!(world.as_app("GET", "/app/installations").await.body[0]["id"], id);
    assert_eq!(world.as_app("GET", "/repos/acme/site/installation").await.body["id"], id);
    assert_eq!(world.get("/installation/repositories").await.body["repositories"][0]["full_name"], "acme/site");
    assert_eq!(world.as_app("GET", "/repos/acme/none/installation").await.status, 404);
}
