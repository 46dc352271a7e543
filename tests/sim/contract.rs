//! Everything that is served is what GitHub's `OpenAPI` description says, in requests and responses.

use flyball::sim::{Files, Protection};
use serde_json::{Value, json};

use crate::client::{BASE, World};
use crate::openapi::Contract;

#[tokio::test]
async fn served_traffic_keeps_to_githubs_openapi_description() {
    let Some(contract) = Contract::load() else { return };
    let world = World::start().await;
    tour(&world).await;
    let calls = world.github.take_calls();
    assert!(calls.len() > 60, "the tour visits the whole API: {}", calls.len());
    let mut wrong = Vec::new();
    for call in calls {
        let template = call.template.clone().unwrap_or_else(|| call.path.clone());
        if template == "/graphql" {
            continue;
        }
        let query = serde_urlencoded::from_str(&call.query).unwrap();
        wrong.extend(contract.check_request(&call.method, &template, &query, &call.body));
        wrong.extend(contract.check_response(&call.method, &template, call.status, &call.response));
    }
    assert!(wrong.is_empty(), "{} violations:\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn the_contract_notices_what_github_would_refuse() {
    let Some(contract) = Contract::load() else { return };
    let none = std::collections::BTreeMap::new();
    let runs = "/repos/{owner}/{repo}/check-runs";
    assert!(contract.has("POST", runs));
    assert!(contract.check_request("POST", runs, &none, &json!({"name": "x", "head_sha": "y"})).is_empty());
    assert!(!contract.check_request("POST", runs, &none, &json!({"name": 1, "head_sha": "y"})).is_empty());
    assert!(!contract.check_request("POST", "/repos/{owner}/{repo}/made-up", &none, &Value::Null).is_empty());
    let asked = [("made_up".to_owned(), "1".to_owned())].into();
    assert!(!contract.check_request("GET", "/repos/{owner}/{repo}/pulls", &asked, &Value::Null).is_empty());
    assert!(!contract.check_response("GET", "/repos/{owner}/{repo}", 200, &json!({"id": "text"})).is_empty());
}

/// Visits every operation that is served, the good way.
async fn tour(world: &World) {
    let github = &world.github;
    github.organization("acme");
    github.team("acme", "core", &["alice"]);
    github.protect(world.repo, "main", Protection::checks(&["ci"]).approvals(1).strict());
    github.ruleset(world.repo, "main rules", "main", Protection::checks(&["ci"]).merge_queue());
    let pr =
        world.opens("First", Files::new().with("src/a.txt", &BASE.replace("two", "2")).rename("README.md", "docs.md"));
    let n = pr.number;
    let sha = github.pull(pr).head_sha;
    github.comment(pr, "carol", "/why");
    let status = json!({"state": "success", "context": "lint", "description": "fine"});
    world.call("POST", &format!("statuses/{sha}"), status).await;
    let output = json!({"title": "t", "summary": "s", "annotations": [
        {"path": "src/a.txt", "start_line": 1, "end_line": 1, "annotation_level": "notice", "message": "m"}]});
    let actions = json!([{"label": "Confirm", "description": "Confirm this", "identifier": "confirm"}]);
    let run = json!({"name": "flyball", "head_sha": sha.as_str(), "status": "in_progress", "external_id": "x", "output": output, "actions": actions});
    let run = world.call("POST", "check-runs", run).await.body["id"].as_u64().unwrap();
    world.call("PATCH", &format!("check-runs/{run}"), json!({"status": "completed", "conclusion": "success"})).await;
    let comment = world.call("POST", &format!("issues/{n}/comments"), json!({"body": "hello"})).await.body["id"]
        .as_u64()
        .unwrap();
    world.call("PATCH", &format!("issues/comments/{comment}"), json!({"body": "changed"})).await;
    world.call("POST", &format!("issues/comments/{comment}/reactions"), json!({"content": "eyes"})).await;
    let review = json!({"event": "COMMENT", "body": "looking"});
    let review = world.call("POST", &format!("pulls/{n}/reviews"), review).await.body["id"].as_u64().unwrap();
    world
        .call(
            "POST",
            &format!("pulls/{n}/requested_reviewers"),
            json!({"reviewers": ["carol"], "team_reviewers": ["core"]}),
        )
        .await;
    world.call("POST", &format!("issues/{n}/labels"), json!({"labels": ["urgent"]})).await;
    let suite = world.get(&format!("commits/{sha}/check-suites")).await.body["check_suites"][0]["id"].as_u64().unwrap();
    read_repository(world).await;
    for path in [
        format!("commits/{sha}/pulls"),
        format!("commits/{sha}/check-runs?filter=latest&check_name=flyball"),
        format!("commits/{sha}/status"),
        format!("commits/{sha}/statuses"),
        format!("compare/main...{sha}"),
        format!("check-runs/{run}"),
        format!("check-runs/{run}/annotations"),
        format!("check-suites/{suite}"),
        format!("check-suites/{suite}/check-runs"),
        format!("issues/{n}"),
        format!("issues/{n}/labels"),
        format!("issues/{n}/comments?since=2020-01-01T00:00:00Z"),
        format!("issues/comments/{comment}"),
        format!("issues/comments/{comment}/reactions"),
        format!("pulls/{n}"),
        format!("pulls/{n}/files?per_page=100"),
        format!("pulls/{n}/commits"),
        format!("pulls/{n}/comments"),
        format!("pulls/{n}/merge"),
        format!("pulls/{n}/reviews"),
        format!("pulls/{n}/reviews/{review}"),
        format!("pulls/{n}/requested_reviewers"),
    ] {
        assert!(world.get(&path).await.status < 500, "{path}");
    }
    writes(world, &sha.to_string()).await;
    outside(world).await;
}

async fn read_repository(world: &World) {
    for path in [
        "",
        "branches",
        "branches/main",
        "branches/main/protection",
        "branches/main/protection/required_status_checks",
        "rules/branches/main",
        "rulesets",
        "collaborators/alice/permission",
        "contents/src/a.txt",
        "contents/src",
        "git/ref/heads/main",
        "git/matching-refs/heads/",
        "commits/main",
        "compare/main...alice-none",
        "pulls?state=all&per_page=5",
    ] {
        world.get(path).await;
    }
}

async fn writes(world: &World, sha: &str) {
    world.call("POST", "git/refs", json!({"ref": "refs/heads/lesson", "sha": sha})).await;
    let content = json!({"message": "Add a rule", "content": "b25lCg==", "branch": "lesson"});
    world.call("PUT", "contents/.github/flyball.yml", content).await;
    let pull = json!({"title": "Remember", "head": "lesson", "base": "main", "body": "why"});
    let number = world.call("POST", "pulls", pull).await.body["number"].as_u64().unwrap();
    world.call("PATCH", &format!("pulls/{number}"), json!({"title": "Remember this"})).await;
    world.call("PUT", &format!("pulls/{number}/merge"), json!({"merge_method": "squash"})).await;
    world.call("PUT", &format!("pulls/{number}/update-branch"), json!({})).await;
    world.github.unprotect(world.repo, "main");
    world.github.ruleset(world.repo, "none", "other", Protection::default());
    world.call("PUT", &format!("pulls/{number}/merge"), json!({"merge_method": "squash", "sha": sha})).await;
    world.call("DELETE", "git/refs/heads/lesson", Value::Null).await;
}

async fn outside(world: &World) {
    for path in [
        "/rate_limit",
        "/users/alice",
        "/orgs/acme/teams/core/memberships/alice",
        "/orgs/acme/teams/core/members",
        "/installation/repositories",
    ] {
        world.get(path).await;
    }
    for path in
        ["/app", "/app/installations", "/app/hook/config", "/app/hook/deliveries", "/repos/acme/site/installation"]
    {
        world.as_app("GET", path).await;
    }
}
