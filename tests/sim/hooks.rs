//! Webhooks: what is sent, how it is signed, and how it goes wrong.

use flyball::sim::{Disorder, SimConfig};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};

use crate::client::{Inbox, World};

async fn listening() -> (World, Inbox) {
    let (url, inbox) = Inbox::listen().await;
    let world = World::with(SimConfig { webhook_url: Some(url), ..SimConfig::default() }).await;
    world.github.deliveries_idle().await;
    (world, inbox)
}

#[tokio::test]
async fn deliveries_are_signed_and_shaped_as_githubs() {
    let (world, inbox) = listening().await;
    assert_eq!(inbox.events(), ["installation.created"]);
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    world.github.deliveries_idle().await;
    let taken = inbox.take();
    let (headers, body) = taken.last().unwrap();
    assert_eq!(headers["x-github-event"], "pull_request");
    assert_eq!(headers["x-github-hook-installation-target-type"], "integration");
    assert_eq!(headers["x-github-hook-installation-target-id"], "4242");
    assert!(headers["user-agent"].to_str().unwrap().starts_with("GitHub-Hookshot/"));
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"simulated-secret").unwrap();
    mac.update(body);
    let expected = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
    assert_eq!(headers["x-hub-signature-256"], expected.as_str());
    let body: Value = serde_json::from_slice(body).unwrap();
    assert_eq!((&body["action"], &body["number"]), (&json!("opened"), &json!(pr.number.0)));
    assert_eq!(body["installation"]["id"], world.github.installation(world.repo).unwrap().0);
    assert_eq!((&body["sender"]["login"], &body["repository"]["full_name"]), (&json!("alice"), &json!("acme/site")));
}

#[tokio::test]
async fn every_change_is_told() {
    let (world, inbox) = listening().await;
    let github = &world.github;
    inbox.take();
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let told = async || {
        github.deliveries_idle().await;
        inbox.events()
    };
    assert_eq!(told().await, ["push", "create", "check_suite.requested", "pull_request.opened"]);
    github.push(pr, [("a.txt", "b\n")]);
    assert_eq!(told().await, ["push", "check_suite.requested", "pull_request.synchronize"]);
    github.comment(pr, "carol", "/why");
    github.label(pr, "carol", "urgent");
    github.draft(pr);
    github.ready(pr);
    let expected = [
        "issue_comment.created",
        "pull_request.labeled",
        "pull_request.converted_to_draft",
        "pull_request.ready_for_review",
    ];
    assert_eq!(told().await, expected);
    github.check(pr, "ci", "ci-app", Some("success"));
    github.status(pr, "alice", "lint", "success");
    assert_eq!(told().await, ["check_run.created", "check_run.completed", "check_suite.completed", "status"]);
    let sha = github.pull(pr).head_sha;
    let action = json!([{"label": "Confirm", "description": "Confirm it", "identifier": "confirm"}]);
    let run = json!({"name": "flyball", "head_sha": sha.as_str(), "conclusion": "action_required", "actions": action});
    world.call("POST", "check-runs", run).await;
    let run = github.latest_check(pr, "flyball").unwrap().id;
    assert!(github.click(world.repo, run, "carol", "confirm"));
    assert!(!github.click(world.repo, run, "carol", "refuse"), "no such button");
    github.rerequest(world.repo, run, "carol");
    let expected = [
        "check_run.created",
        "check_run.completed",
        "check_suite.completed",
        "check_run.requested_action",
        "check_run.rerequested",
    ];
    assert_eq!(told().await, expected);
    github.review(pr, "carol", "APPROVED", "fine").unwrap();
    github.press_merge(pr, "carol").unwrap();
    assert_eq!(told().await, ["pull_request_review.submitted", "pull_request.closed", "push", "check_suite.requested"]);
    github.ping();
    assert_eq!(told().await, ["ping"]);
}

#[tokio::test]
async fn a_failed_delivery_stays_failed_until_it_is_asked_for() {
    let (world, inbox) = listening().await;
    inbox.answers(503);
    inbox.take();
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    world.github.deliveries_idle().await;
    assert_eq!(inbox.events().len(), 4);
    inbox.answers(202);
    world.github.comment(pr, "carol", "/why");
    world.github.deliveries_idle().await;
    assert_eq!(inbox.events(), ["issue_comment.created"], "nothing is sent again by itself");
    let failed = world.as_app("GET", "/app/hook/deliveries?status=failure&per_page=2").await;
    assert_eq!(failed.body.as_array().unwrap().len(), 2);
    assert!(failed.headers["link"].to_str().unwrap().contains("cursor="));
    assert_eq!((&failed.body[0]["event"], &failed.body[0]["status_code"]), (&json!("pull_request"), &json!(503)));
    let (id, guid) = (&failed.body[0]["id"], &failed.body[0]["guid"]);
    let again = world.as_app("POST", &format!("/app/hook/deliveries/{id}/attempts")).await;
    assert_eq!(again.status, 202);
    world.github.deliveries_idle().await;
    let taken = inbox.take();
    assert_eq!(taken[0].0["x-github-delivery"], guid.as_str().unwrap(), "under its own GUID");
    assert!(world.github.deliveries().last().unwrap().redelivery);
}

#[tokio::test]
async fn deliveries_can_be_held_disordered_doubled_and_lost() {
    let (world, inbox) = listening().await;
    let github = &world.github;
    inbox.take();
    github.hold_deliveries();
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    github.deliveries_idle().await;
    assert_eq!(inbox.events().len(), 0);
    github.release_deliveries_as(|held| held.into_iter().rev().collect());
    github.deliveries_idle().await;
    assert_eq!(inbox.events(), ["pull_request.opened", "check_suite.requested", "create", "push"]);
    github.disturb(Disorder { duplicate_percent: 100, ..Disorder::default() });
    github.comment(pr, "carol", "twice");
    github.deliveries_idle().await;
    let taken = inbox.take();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].0["x-github-delivery"], taken[1].0["x-github-delivery"]);
    github.disturb(Disorder { lose_next: Some(("issue_comment".into(), 1)), ..Disorder::default() });
    github.comment(pr, "carol", "lost");
    github.comment(pr, "carol", "heard");
    github.deliveries_idle().await;
    assert_eq!(inbox.take().len(), 1);
    assert_eq!(github.deliveries().iter().filter(|d| !d.is_ok()).count(), 1, "the log knows the lost one");
    github.disturb(Disorder { reorder_within: 8, seed: 1, ..Disorder::default() });
    github.hold_deliveries();
    for n in 0..8 {
        github.comment(pr, "carol", &n.to_string());
    }
    github.release_deliveries();
    github.deliveries_idle().await;
    let text = |(_, body): (http::HeaderMap, Vec<u8>)| {
        serde_json::from_slice::<Value>(&body).unwrap()["comment"]["body"].as_str().unwrap().to_owned()
    };
    let order: Vec<String> = inbox.take().into_iter().map(text).collect();
    assert_eq!(order.len(), 8);
    assert!(!order.is_sorted(), "{order:?}");
}

#[tokio::test]
async fn the_app_hears_of_what_it_does_itself_and_of_its_installations() {
    let (world, inbox) = listening().await;
    inbox.take();
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    world.github.deliveries_idle().await;
    inbox.take();
    world.call("POST", &format!("issues/{}/comments", pr.number), json!({"body": "own"})).await;
    world.github.deliveries_idle().await;
    let taken = inbox.take();
    let body: Value = serde_json::from_slice(&taken[0].1).unwrap();
    assert_eq!((&body["sender"]["type"], &body["sender"]["login"]), (&json!("Bot"), &json!("flyball[bot]")));
    let other = world.github.create_repo("acme/other", [("a", "a\n")]);
    world.github.uninstall(other);
    world.github.uninstall(world.repo);
    world.github.deliveries_idle().await;
    assert_eq!(
        inbox.events(),
        ["installation_repositories.added", "installation_repositories.removed", "installation.deleted"]
    );
    world.opens("Unheard", [("b.txt", "b\n")]);
    world.github.deliveries_idle().await;
    assert_eq!(inbox.events().len(), 0);
}
