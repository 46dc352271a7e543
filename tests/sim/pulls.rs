//! Pull requests: lists, files, mergeability, life.

use flyball::sim::{Files, SimConfig};
use serde_json::json;

use crate::client::{BASE, World};

#[tokio::test]
async fn a_pull_request_shows_its_files() {
    let world = World::start().await;
    let files = Files::new()
        .with("src/a.txt", &BASE.replace("two", "2"))
        .rename("README.md", "docs/README.md")
        .with("bin.dat", "a\0b");
    let pr = world.opens("Many kinds", files);
    let listed = world.get(&format!("pulls/{}/files", pr.number)).await.body;
    let kinds: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["filename"].as_str().unwrap(), f["status"].as_str().unwrap()))
        .collect();
    assert_eq!(kinds, [("bin.dat", "added"), ("docs/README.md", "renamed"), ("src/a.txt", "modified")]);
    assert_eq!(listed[1]["previous_filename"], "README.md");
    assert!(listed[0].get("patch").is_none() && listed[1].get("patch").is_none());
    assert_eq!(listed[2]["patch"], "@@ -1,5 +1,5 @@\n one\n-two\n+2\n three\n four\n five");
    let shown = world.get(&format!("pulls/{}", pr.number)).await.body;
    assert_eq!((&shown["changed_files"], &shown["additions"], &shown["deletions"]), (&json!(3), &json!(1), &json!(1)));
    assert_eq!((&shown["mergeable"], &shown["mergeable_state"]), (&json!(true), &json!("clean")));
}

#[tokio::test]
async fn files_come_in_pages_and_end_at_three_thousand() {
    let world = World::start().await;
    let files = (0..3050).fold(Files::new(), |files, n| files.with(&format!("gen/{n:04}.txt"), "x\n"));
    let pr = world.opens("Huge", files);
    let path = format!("pulls/{}/files", pr.number);
    let first = world.get(&path).await;
    assert_eq!(first.body.as_array().unwrap().len(), 30);
    assert!(first.headers["link"].to_str().unwrap().contains("rel=\"next\""));
    let last = world.get(&format!("{path}?per_page=100&page=30")).await;
    assert_eq!(last.body.as_array().unwrap().len(), 100);
    assert!(!last.headers["link"].to_str().unwrap().contains("rel=\"next\""));
    assert_eq!(world.get(&format!("{path}?per_page=100&page=31")).await.body, json!([]));
    assert_eq!(world.get(&format!("pulls/{}", pr.number)).await.body["changed_files"], 3050);
}

#[tokio::test]
async fn mergeable_is_unknown_on_the_first_read_after_a_move() {
    let world = World::with(SimConfig { mergeable_null_first: true, ..SimConfig::default() }).await;
    let pr = world.opens("Say 2", [("src/a.txt", BASE.replace("two", "2").as_str())]);
    let read = async || world.get(&format!("pulls/{}", pr.number)).await.body["mergeable"].clone();
    assert_eq!([read().await, read().await], [json!(null), json!(true)]);
    world.github.push(pr, [("more.txt", "m\n")]);
    assert_eq!([read().await, read().await], [json!(null), json!(true)]);
    world.github.commit(world.repo, "main", "carol", [("src/a.txt", BASE.replace("two", "zwei").as_str())]);
    assert_eq!([read().await, read().await], [json!(null), json!(false)]);
}

#[tokio::test]
async fn a_pull_request_lives() {
    let world = World::start().await;
    let github = &world.github;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let first = github.pull(pr).head_sha;
    let second = github.push(pr, [("a.txt", "aa\n")]);
    let commits = world.get(&format!("pulls/{}/commits", pr.number)).await.body;
    let shas: Vec<_> = commits.as_array().unwrap().iter().map(|c| c["sha"].as_str().unwrap()).collect();
    assert_eq!(shas, [first.as_str(), second.as_str()]);
    let third = github.force_push(pr, [("a.txt", "b\n")]);
    let compared = world.get(&format!("compare/{second}...{third}")).await.body;
    assert_eq!(
        (&compared["status"], &compared["ahead_by"], &compared["behind_by"]),
        (&json!("diverged"), &json!(1), &json!(2))
    );
    github.commit(world.repo, "release", "carol", [("r.txt", "r\n")]);
    github.retarget(pr, "alice", "release");
    github.label(pr, "carol", "urgent");
    github.close(pr, "alice");
    assert_eq!(world.get("pulls").await.body, json!([]));
    assert_eq!(world.get("pulls?state=closed&base=release").await.body[0]["labels"][0]["name"], "urgent");
    github.reopen(pr, "alice").unwrap();
    assert_eq!(world.get("pulls?base=release").await.body[0]["head"]["sha"], third.as_str());
    assert_eq!(world.get(&format!("commits/{third}/pulls")).await.body[0]["number"], pr.number.0);
}

#[tokio::test]
async fn forks_keep_their_own_branches() {
    let world = World::start().await;
    let pr = world.github.open_pull_from_fork(world.repo, "mallory", "From outside", [("m.txt", "m\n")]);
    let shown = world.get(&format!("pulls/{}", pr.number)).await.body;
    assert_eq!(
        (&shown["head"]["repo"]["full_name"], &shown["base"]["repo"]["full_name"]),
        (&json!("mallory/site"), &json!("acme/site"))
    );
    assert_eq!(shown["head"]["repo"]["fork"], true);
    world.github.check(pr, "ci", "ci-app", Some("success"));
    let runs = world.get(&format!("commits/{}/check-runs", shown["head"]["sha"].as_str().unwrap())).await.body;
    assert_eq!(runs["check_runs"][0]["pull_requests"], json!([]), "checks do not name pull requests from forks");
}

#[tokio::test]
async fn reviews_are_asked_for_with_care() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let path = format!("pulls/{}/requested_reviewers", pr.number);
    assert_eq!(world.call("POST", &path, json!({"reviewers": ["alice"]})).await.status, 422, "the author");
    assert_eq!(
        world.call("POST", &path, json!({"reviewers": ["carol", "stranger"]})).await.status,
        422,
        "no collaborator"
    );
    assert_eq!(world.github.pull(pr).requested_reviewers.len(), 0, "one bad name fails the whole call");
    assert_eq!(world.call("POST", &path, json!({"reviewers": ["carol"]})).await.status, 201);
    assert_eq!(world.get(&path).await.body["users"][0]["login"], "carol");
    let id = world.github.review(pr, "carol", "CHANGES_REQUESTED", "no").unwrap();
    assert_eq!(world.get(&path).await.body["users"], json!([]));
    let dismissal = format!("pulls/{}/reviews/{id}/dismissals", pr.number);
    assert_eq!(world.call("PUT", &dismissal, json!({"message": "done"})).await.body["state"], "DISMISSED");
}
