//! Faults on demand, and the log of calls.

use std::time::Duration;

use flyball::sim::{Endpoint, Fault, SimConfig};
use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn faults_hit_the_call_they_are_meant_for_and_only_so_often() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let path = format!("issues/{}/comments", pr.number);
    let said = || world.github.comments(pr).len();
    let body = || json!({"body": "hello"});
    world.github.fails_times(Endpoint::CreateComment, Fault::Message(502, "Bad Gateway".into()), 2);
    assert_eq!(world.get("").await.status, 200, "another call");
    for _ in 0..2 {
        assert_eq!(world.call("POST", &path, body()).await.status, 502);
    }
    assert_eq!(said(), 0);
    world.github.fails_next(Endpoint::CreateComment, Fault::StatusAfter(502));
    assert_eq!((world.call("POST", &path, body()).await.status, said()), (502, 1), "done, but nobody knows");
    world.github.fails_next(Endpoint::CreateComment, Fault::Garbage);
    assert!(world.call("POST", &path, body()).await.body.is_string());
    world.github.fails_next(Endpoint::Route("GET", "/repos/{owner}/{repo}"), Fault::SecondaryLimit(7));
    assert_eq!(world.get("").await.headers["retry-after"].to_str().unwrap(), "7");
    let send =
        || world.send("POST", "/repos/acme/site/issues/1/comments", &world.token, Some(json!({"body": "x"})), &[]);
    world.github.fails_next(Endpoint::CreateComment, Fault::CutBefore);
    assert!(send().await.is_err());
    assert_eq!(said(), 1);
    world.github.fails_next(Endpoint::CreateComment, Fault::CutAfter);
    assert!(send().await.is_err());
    assert_eq!(said(), 2, "done before the line was cut");
    world.github.fails_next(Endpoint::CreateComment, Fault::Hang);
    assert!(tokio::time::timeout(Duration::from_millis(100), send()).await.is_err());
    world.github.fails_next(Endpoint::CreateComment, Fault::SlowBy(Duration::from_millis(20)));
    assert_eq!((send().await.unwrap().status, said()), (201, 3));
    world.github.fails_next(Endpoint::Any, Fault::Hang);
    world.github.heal();
    assert_eq!(world.get("").await.status, 200);
}

#[tokio::test]
async fn every_call_is_logged() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("traffic.jsonl");
    let world = World::with(SimConfig { traffic_log: Some(file.clone()), ..SimConfig::default() }).await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    drop(world.github.take_calls());
    let path = format!("issues/{}/comments", pr.number);
    world.call("POST", &path, json!({"body": "hello"})).await;
    world.get("pulls?state=open&per_page=5").await;
    world.get("/no/such/thing").await;
    let calls = world.github.calls();
    let kinds: Vec<_> = calls.iter().map(flyball::sim::CallRecord::kind).collect();
    assert_eq!(
        kinds,
        [
            "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
            "GET /repos/{owner}/{repo}/pulls",
            "GET /no/such/thing"
        ]
    );
    assert_eq!(
        (calls[0].status, &calls[0].body["body"], &calls[0].response["body"]),
        (201, &json!("hello"), &json!("hello"))
    );
    assert_eq!((calls[1].query.as_str(), calls[2].status), ("state=open&per_page=5", 404));
    assert_eq!(calls[0].installation, world.github.installation(world.repo).map(|id| id.0));
    assert_eq!(world.github.call_counts()["GET /repos/{owner}/{repo}/pulls"], 1);
    let lines = std::fs::read_to_string(file).unwrap();
    assert_eq!(lines.lines().count(), 4, "the token request as well");
}
