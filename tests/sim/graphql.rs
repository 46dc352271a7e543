//! GraphQL queries and mutations.

use flyball::sim::Protection;
use serde_json::json;

use crate::client::World;

#[tokio::test]
async fn a_snapshot_of_a_unit_is_one_query() {
    let world = World::start().await;
    let github = &world.github;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    github.push(pr, [("b.txt", "b\n")]);
    github.check(pr, "ci", "ci-app", Some("success"));
    github.status(pr, "alice", "lint", "pending");
    github.label(pr, "carol", "urgent");
    github.review(pr, "carol", "APPROVED", "fine").unwrap();
    let query = "query Unit($owner: String!, $name: String!, $number: Int!) {
      repository(owner: $owner, name: $name) {
        pullRequest(number: $number) {
          head: headRefOid isDraft mergeable mergeStateStatus additions changedFiles
          author { __typename login }
          labels(first: 10) { nodes { name } }
          commits(last: 1) { totalCount nodes { commit { oid ...Checks } } }
          reviews(first: 10) { nodes { author { login } state commit { oid } } }
          files(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { path changeType } }
        }
      }
    }
    fragment Checks on Commit {
      checkSuites(first: 10) { nodes { app { slug } createdAt checkRuns(first: 10) { nodes { name conclusion databaseId } } } }
      statusCheckRollup { state contexts(first: 10) { nodes { __typename ... on CheckRun { name } ... on StatusContext { context state } } } }
    }";
    let variables = json!({"owner": "acme", "name": "site", "number": pr.number.0});
    let answered = world.graphql(query, variables).await;
    assert!(answered.get("errors").is_none(), "{answered}");
    let pull = &answered["data"]["repository"]["pullRequest"];
    let head = github.pull(pr).head_sha;
    assert_eq!(
        (&pull["head"], &pull["mergeable"], &pull["mergeStateStatus"]),
        (&json!(head.as_str()), &json!("MERGEABLE"), &json!("UNSTABLE"))
    );
    assert_eq!(pull["author"], json!({"__typename": "User", "login": "alice"}));
    assert_eq!(pull["commits"]["totalCount"], 2);
    let commit = &pull["commits"]["nodes"][0]["commit"];
    assert_eq!(commit["oid"], head.as_str());
    let suites = commit["checkSuites"]["nodes"].as_array().unwrap();
    assert_eq!(suites[1]["checkRuns"]["nodes"][0]["conclusion"], "SUCCESS");
    assert_eq!(
        commit["statusCheckRollup"]["contexts"]["nodes"][1],
        json!({"__typename": "StatusContext", "context": "lint", "state": "PENDING"})
    );
    assert_eq!(pull["reviews"]["nodes"][0]["state"], "APPROVED");
    assert_eq!(pull["files"]["pageInfo"], json!({"hasNextPage": true, "endCursor": "sim:0"}));
}

#[tokio::test]
async fn errors_come_with_status_200() {
    let world = World::start().await;
    let missing = world
        .call("POST", "/graphql", json!({"query": "{ repository(owner: \"acme\", name: \"none\") { id } }"}))
        .await;
    assert_eq!((missing.status, &missing.body["errors"][0]["type"]), (200, &json!("NOT_FOUND")));
    let invalid = world.graphql("{ repository(owner: \"acme\", name: \"site\") { made_up } }", json!({})).await;
    assert!(invalid["errors"].to_string().contains("made_up") && invalid.get("data").is_none(), "{invalid}");
    let unpaged = world
        .graphql("{ repository(owner: \"acme\", name: \"site\") { pullRequests { totalCount } } }", json!({}))
        .await;
    assert!(unpaged["errors"][0]["message"].as_str().unwrap().starts_with("You must provide a `first` or `last`"));
}

#[tokio::test]
async fn auto_merge_waits_for_protection() {
    let world = World::start().await;
    let github = &world.github;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let id = world.get(&format!("pulls/{}", pr.number)).await.body["node_id"].clone();
    let mutation = "mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id, mergeMethod: SQUASH}) { pullRequest { number } } }";
    let clean = world.graphql(mutation, json!({"id": id})).await;
    assert_eq!(clean["errors"][0]["message"], "Pull request Pull request is in clean status");
    github.protect(world.repo, "main", Protection::checks(&["ci"]));
    let on = world.graphql(mutation, json!({"id": id})).await;
    assert_eq!(on["data"]["enablePullRequestAutoMerge"]["pullRequest"]["number"], pr.number.0);
    assert!(github.pull(pr).auto_merge);
    let off =
        "mutation($id: ID!) { disablePullRequestAutoMerge(input: {pullRequestId: $id}) { pullRequest { number } } }";
    world.graphql(off, json!({"id": id})).await;
    assert!(!github.pull(pr).auto_merge);
    world.graphql(mutation, json!({"id": id})).await;
    github.check(pr, "ci", "ci-app", Some("success"));
    assert!(github.is_merged(pr));
}

#[tokio::test]
async fn a_merged_change_can_be_reverted() {
    let world = World::start().await;
    let github = &world.github;
    let pr = world.opens("Add a", [("a.txt", "a\n")]);
    github.press_merge(pr, "carol").unwrap();
    github.commit(world.repo, "main", "carol", [("later.txt", "l\n")]);
    let id = world.get(&format!("pulls/{}", pr.number)).await.body["node_id"].clone();
    let mutation = "mutation($id: ID!) { revertPullRequest(input: {pullRequestId: $id}) { revertPullRequest { number title author { login } } } }";
    let made = world.graphql(mutation, json!({"id": id})).await;
    let revert = &made["data"]["revertPullRequest"]["revertPullRequest"];
    assert_eq!((&revert["title"], &revert["author"]["login"]), (&json!("Revert \"Add a\""), &json!("flyball")));
    let revert = github.pulls(world.repo)[1];
    github.press_merge(revert, "carol").unwrap();
    assert_eq!(github.file(world.repo, "main", "a.txt"), None);
    assert_eq!(github.file(world.repo, "main", "later.txt").as_deref(), Some("l\n"));
    assert!(world.graphql(mutation, json!({"id": id})).await["errors"].is_array(), "not idempotent");
}

#[tokio::test]
async fn a_comment_can_be_hidden() {
    let world = World::start().await;
    let pr = world.opens("Title", [("a.txt", "a\n")]);
    let comment =
        world.call("POST", &format!("issues/{}/comments", pr.number), json!({"body": "old"})).await.body["node_id"]
            .clone();
    let mutation = "mutation($id: ID!) { minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized minimizedReason } } }";
    let hidden = world.graphql(mutation, json!({"id": comment})).await;
    assert_eq!(
        hidden["data"]["minimizeComment"]["minimizedComment"],
        json!({"isMinimized": true, "minimizedReason": "outdated"})
    );
    assert_eq!(world.github.comments(pr)[0].minimized.as_deref(), Some("outdated"));
}
