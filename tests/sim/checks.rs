//! Check runs and statuses.

use serde_json::{Value, json};

use crate::client::World;

#[tokio::test]
async fn check_runs_are_held_to_githubs_limits() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let sha = world.github.pull(pr).head_sha;
    let action = |label: &str| json!({"label": label, "description": "does it", "identifier": "confirm"});
    let long = "x".repeat(65_536);
    let cases: [(&str, Value, u16); 11] = [
        ("plain", json!({}), 201),
        ("completed without conclusion", json!({"status": "completed"}), 422),
        ("a conclusion alone completes", json!({"conclusion": "success"}), 201),
        ("stale is GitHub's own", json!({"conclusion": "stale"}), 422),
        ("title without summary", json!({"output": {"title": "t"}}), 422),
        ("summary too long", json!({"output": {"title": "t", "summary": long}}), 422),
        ("three buttons", json!({"actions": [action("a"), action("b"), action("c")]}), 201),
        ("four buttons", json!({"actions": [action("a"), action("b"), action("c"), action("d")]}), 422),
        ("label of 21", json!({"actions": [action("123456789012345678901")]}), 422),
        ("unknown status", json!({"status": "waiting"}), 422),
        ("unknown commit", json!({"head_sha": "0123456789012345678901234567890123456789"}), 422),
    ];
    for (case, extra, status) in cases {
        let mut body = json!({"name": "flyball", "head_sha": sha.as_str()});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let answered = world.call("POST", "check-runs", body).await;
        assert_eq!(answered.status, status, "{case}: {}", answered.body["message"]);
    }
}

#[tokio::test]
async fn a_completed_run_is_final_and_the_newest_counts() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let sha = world.github.pull(pr).head_sha;
    let done = json!({"name": "flyball", "head_sha": sha.as_str(), "conclusion": "success"});
    let id = world.call("POST", "check-runs", done).await.body["id"].as_u64().unwrap();
    let taken_back = world.call("PATCH", &format!("check-runs/{id}"), json!({"status": "in_progress"})).await;
    assert_eq!((taken_back.status, &taken_back.body["status"]), (200, &json!("completed")));
    assert_eq!(taken_back.body["conclusion"], "success");
    let newer = json!({"name": "flyball", "head_sha": sha.as_str(), "conclusion": "failure"});
    let newer = world.call("POST", "check-runs", newer).await.body["id"].as_u64().unwrap();
    let latest = world.get(&format!("commits/{sha}/check-runs?check_name=flyball")).await.body;
    assert_eq!((&latest["total_count"], &latest["check_runs"][0]["id"]), (&json!(1), &json!(newer)));
    let all = world.get(&format!("commits/{sha}/check-runs?filter=all&app_id=4242")).await.body;
    assert_eq!(all["total_count"], 2);
    let suites = world.get(&format!("commits/{sha}/check-suites")).await.body;
    assert_eq!((&suites["total_count"], &suites["check_suites"][0]["conclusion"]), (&json!(1), &json!("failure")));
    assert_eq!(world.github.latest_check(pr, "flyball").unwrap().conclusion.as_deref(), Some("failure"));
}

#[tokio::test]
async fn only_the_app_that_made_a_run_may_change_it() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let run = world.github.check(pr, "ci", "ci-app", None);
    let refused = world.call("PATCH", &format!("check-runs/{run}"), json!({"conclusion": "success"})).await;
    assert_eq!(refused.status, 403);
    assert!(refused.body["message"].as_str().unwrap().starts_with("Invalid app_id"));
}

#[tokio::test]
async fn statuses_combine() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let sha = world.github.pull(pr).head_sha;
    let state = async || world.get(&format!("commits/{sha}/status")).await.body["state"].clone();
    assert_eq!(state().await, "pending", "none at all");
    world.github.status(pr, "alice", "lint", "success");
    assert_eq!(state().await, "success");
    world.github.status(pr, "alice", "LINT", "error");
    assert_eq!(state().await, "failure", "contexts ignore case, the newest counts");
    assert_eq!(world.call("POST", &format!("statuses/{sha}"), json!({"state": "great"})).await.status, 422);
}
