//! The merge queue.

use flyball::sim::{Protection, SimConfig};
use serde_json::{Value, json};

use crate::client::{Inbox, World};

#[tokio::test]
async fn a_queue_asks_for_checks_on_its_group_and_lands_it() {
    let (url, inbox) = Inbox::listen().await;
    let world = World::with(SimConfig { webhook_url: Some(url), ..SimConfig::default() }).await;
    let github = &world.github;
    github.protect(world.repo, "main", Protection::checks(&["ci"]).merge_queue());
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    github.check(pr, "ci", "ci-app", Some("success"));
    assert_eq!(github.press_merge(pr, "carol").unwrap_err().message, "Changes must be made through the merge queue");
    github.deliveries_idle().await;
    inbox.take();
    github.press_enqueue(pr, "carol").unwrap();
    github.deliveries_idle().await;
    let taken = inbox.take();
    let group: Value = serde_json::from_slice(&taken[1].1).unwrap();
    assert_eq!(taken[1].0["x-github-event"], "merge_group");
    let group = &group["merge_group"];
    assert_eq!(
        (&group["base_ref"], &group["base_sha"]),
        (&json!("refs/heads/main"), &json!(github.branch_head(world.repo, "main").unwrap().as_str()))
    );
    let head = group["head_sha"].as_str().unwrap().parse().unwrap();
    assert!(!github.is_merged(pr));
    github.check_on(world.repo, &head, "ci", "ci-app", Some("success"));
    assert!(github.is_merged(pr));
    assert_eq!(github.branch_head(world.repo, "main"), Some(head));
    github.deliveries_idle().await;
    let events = inbox.events();
    for event in ["pull_request.dequeued", "merge_group.destroyed", "pull_request.closed", "push"] {
        assert!(events.iter().any(|seen| seen == event), "{event} in {events:?}");
    }
}

#[tokio::test]
async fn a_failing_group_leaves_the_queue_and_the_next_one_starts() {
    let world = World::start().await;
    let github = &world.github;
    github.protect(world.repo, "main", Protection::checks(&["ci"]).merge_queue());
    let (first, second) = (world.opens("First", [("a.txt", "a\n")]), world.opens("Second", [("b.txt", "b\n")]));
    for pr in [first, second] {
        github.check(pr, "ci", "ci-app", Some("success"));
        github.press_enqueue(pr, "carol").unwrap();
    }
    let query = "{ repository(owner: \"acme\", name: \"site\") { mergeQueue(branch: \"main\") { entries(first: 9) { nodes { state headCommit { oid } pullRequest { number } } } } } }";
    let entries =
        async || world.graphql(query, json!({})).await["data"]["repository"]["mergeQueue"]["entries"]["nodes"].clone();
    let before = entries().await;
    assert_eq!((&before[0]["state"], &before[1]["state"]), (&json!("AWAITING_CHECKS"), &json!("QUEUED")));
    let head = before[0]["headCommit"]["oid"].as_str().unwrap().parse().unwrap();
    github.check_on(world.repo, &head, "ci", "ci-app", Some("failure"));
    let after = entries().await;
    assert_eq!(
        (&after[0]["pullRequest"]["number"], &after[0]["state"]),
        (&json!(second.number.0), &json!("AWAITING_CHECKS"))
    );
    assert!(github.pull(first).open && !github.is_merged(first));
}
