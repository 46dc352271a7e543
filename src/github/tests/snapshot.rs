//! The snapshot: one query where GraphQL serves it, else REST; never a short list.

use serde_json::{Value, json};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{APP_ID, BASE, HEAD, asked, at, client, get, lines, ok, refused, server, settings, sha, unknown};
use crate::domain::govern::{
    Actor, ActorKind, AutoMergeSeen, CheckStatus, Conclusion, Fact, MergeMethod, Mergeable, Need, PullState,
    ReviewState, Seen, Snapshot,
};
use crate::domain::ids::{PrNumber, RepoId, ReviewId, UserId};
use crate::github::graphql::UNIT_SNAPSHOT;
use crate::github::{GitHub, OctocrabGitHub, Settings};

const SCHEMA: &str = "github/graphql-subset.graphql";

/// What the shared cut of that schema leaves out (GitHub Docs, "GraphQL API reference", objects `PullRequest` and `ReopenedEvent`).
const REOPENINGS: &str = "
extend type PullRequest {
  timelineItems(
    after: String before: String first: Int itemTypes: [PullRequestTimelineItemsItemType!] last: Int since: DateTime skip: Int
  ): PullRequestTimelineItemsConnection!
}
enum PullRequestTimelineItemsItemType { REOPENED_EVENT }
type PullRequestTimelineItemsConnection { nodes: [PullRequestTimelineItems] }
union PullRequestTimelineItems = ReopenedEvent
type ReopenedEvent { createdAt: DateTime! }
";

/// GitHub's published schema, where the shared folder is there.
#[expect(clippy::disallowed_methods, reason = "the shared folder is the test machine's, not a setting of the program")]
#[expect(clippy::print_stderr, reason = "a check that is left out must be seen in the test's output")]
pub(super) fn schema() -> Option<apollo_compiler::validation::Valid<apollo_compiler::Schema>> {
    let given = std::env::var("FLYBALL_SHARED").map(std::path::PathBuf::from).ok();
    let beside = ["../shared", "../../shared"].map(|way| std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(way));
    let found = given.into_iter().chain(beside).map(|folder| folder.join(SCHEMA)).find(|file| file.is_file());
    let Some(file) = found else {
        eprintln!("NOT CHECKED: GitHub's GraphQL schema is missing, set FLYBALL_SHARED to the shared folder");
        return None;
    };
    let text = std::fs::read_to_string(file).unwrap() + REOPENINGS;
    Some(apollo_compiler::Schema::parse_and_validate(text, "schema.graphql").expect("GitHub's schema is valid"))
}

#[test]
fn the_query_is_valid_against_githubs_schema() {
    let Some(schema) = schema() else { return };
    let query = apollo_compiler::ExecutableDocument::parse_and_validate(&schema, UNIT_SNAPSHOT, "query.graphql");
    let query = query.unwrap_or_else(|invalid| panic!("{}", invalid.errors));
    assert!(query.operations.named.contains_key("UnitSnapshot"));
}

fn user(login: &str, id: u64) -> Value {
    json!({ "__typename": "User", "login": login, "databaseId": id })
}

fn whole(nodes: Value) -> Value {
    let mut connection = json!({ "pageInfo": { "hasNextPage": false } });
    connection["nodes"] = nodes;
    connection
}

fn suite(app: u64, created: &str, runs: Value) -> Value {
    json!({ "createdAt": created, "app": { "databaseId": app }, "checkRuns": whole(runs) })
}

fn run(id: u64, name: &str, conclusion: Option<&str>) -> Value {
    let status = if conclusion.is_some() { "COMPLETED" } else { "IN_PROGRESS" };
    json!({
        "databaseId": id, "name": name, "status": status, "conclusion": conclusion, "startedAt": "2024-05-01T09:05:00Z",
        "completedAt": conclusion.map(|_| "2024-05-01T09:10:00Z"), "url": format!("https://github.com/runs/{id}"), "detailsUrl": null,
    })
}

fn review(id: Value, author: Value, state: &str, at: Option<&str>) -> Value {
    let mut review = json!({ "state": state, "commit": { "oid": HEAD }, "body": "ok", "submittedAt": at });
    review["fullDatabaseId"] = id;
    review["author"] = author;
    review
}

fn answer() -> Value {
    let commit = json!({
        "oid": HEAD,
        "checkSuites": whole(json!([
            suite(2, "2024-05-01T09:00:00Z", json!([run(1, "test", Some("FAILURE")), run(2, "lint", None)])),
            suite(2, "2024-05-01T09:30:00Z", json!([run(3, "test", Some("SUCCESS"))])),
            suite(APP_ID, "2024-05-01T09:00:00Z", json!([run(9, "flyball", Some("SUCCESS"))])),
        ])),
        "status": { "contexts": [{ "context": "ci/x", "state": "PENDING", "createdAt": "2024-05-01T09:20:00Z", "targetUrl": null }] },
    });
    let reviews = json!([
        review(json!("41"), user("carol", 3), "APPROVED", Some("2024-05-01T10:00:00Z")),
        review(
            json!(42),
            json!({ "__typename": "Bot", "login": "copilot", "databaseId": 77 }),
            "COMMENTED",
            Some("2024-05-01T11:00:00Z")
        ),
        review(json!("43"), Value::Null, "CHANGES_REQUESTED", Some("2024-05-01T12:00:00Z")),
        review(json!("44"), user("dave", 4), "PENDING", None),
    ]);
    let requests = json!([
        { "requestedReviewer": { "__typename": "User", "login": "erin" } },
        { "requestedReviewer": { "__typename": "Team", "slug": "dba" } },
        { "requestedReviewer": { "__typename": "Bot", "login": "copilot" } },
        { "requestedReviewer": null },
    ]);
    json!({ "data": { "repository": {
        "squashMergeAllowed": true, "mergeCommitAllowed": false, "rebaseMergeAllowed": true,
        "pullRequest": {
            "id": "PR_x", "number": 5, "state": "OPEN", "isDraft": false, "title": "Say two", "body": "Why",
            "author": { "__typename": "Bot", "login": "renovate", "databaseId": 29 },
            "headRefOid": HEAD, "headRefName": "two", "headRepository": { "databaseId": 8 }, "isCrossRepository": true,
            "baseRefName": "main", "baseRefOid": BASE, "mergeable": "CONFLICTING", "labels": whole(json!([{ "name": "hotfix" }])),
            "changedFiles": 2, "additions": 10, "deletions": 3, "mergeCommit": null, "mergedBy": null,
            "createdAt": "2024-05-01T08:00:00Z", "closedAt": null, "mergedAt": null, "isInMergeQueue": false,
            "isMergeQueueEnabled": true, "autoMergeRequest": { "enabledBy": { "__typename": "Bot", "login": "flyball", "databaseId": 30 } },
            "reviewRequests": whole(requests), "reviews": whole(reviews), "commits": { "nodes": [{ "commit": commit }] },
        },
    } } })
}

async fn graphql(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(method("POST")).and(path("/graphql")).respond_with(answer).mount(server).await;
}

async fn snapshot(github: &OctocrabGitHub) -> Snapshot {
    match github.read(&at(), &Need::Snapshot(PrNumber(5))).await {
        Fact::Snapshot(snapshot) => *snapshot,
        other => panic!("no snapshot: {other:?}"),
    }
}

#[tokio::test]
async fn one_query_gives_everything() {
    let server = server().await;
    graphql(&server, ok(answer())).await;
    let seen = snapshot(&client(&server)).await;
    let requests = asked(&server).await;
    assert_eq!(requests.len(), 1);
    let body: Value = serde_json::from_slice(&requests[0].body).unwrap();
    assert_eq!(
        (&body["operationName"], &body["variables"]),
        (&json!("UnitSnapshot"), &json!({ "owner": "acme", "name": "site", "number": 5 }))
    );
    let headers = &requests[0].headers;
    assert_eq!(
        (headers["authorization"].as_bytes(), headers["x-github-api-version"].as_bytes()),
        (&b"Bearer ghs_first"[..], &b"2022-11-28"[..])
    );
    assert_eq!(headers["accept"].as_bytes(), b"application/vnd.github+json");
    assert!(headers.contains_key("user-agent"));

    let bot = Actor { id: UserId(29), login: "renovate[bot]".to_owned(), kind: ActorKind::Bot };
    assert_eq!((seen.state, seen.author, seen.mergeable), (PullState::Open, Some(bot), Mergeable::Conflicting));
    assert_eq!((seen.head_sha, seen.base_sha, seen.head_repo), (sha(HEAD), sha(BASE), Some(RepoId(8))));
    assert_eq!(
        (seen.labels, seen.changed_files, seen.additions, seen.deletions),
        (vec!["hotfix".to_owned()], 2, 10, 3)
    );
    assert_eq!(seen.methods, [MergeMethod::Squash, MergeMethod::Rebase]);
    assert_eq!(seen.auto_merge, Some(AutoMergeSeen { by: Some("flyball[bot]".to_owned()) }));
    assert!(seen.queue && seen.cross_repository && !seen.draft);
    assert_eq!(seen.review_requests, ["erin", "dba", "copilot[bot]"]);
    let checks: Vec<_> =
        seen.checks.unwrap().into_iter().map(|c| (c.name, c.app, c.state, c.based_at.unwrap().to_string())).collect();
    let expected = [
        ("lint".to_owned(), Some(2), Seen::Pending, "2024-05-01T09:00:00Z".to_owned()),
        ("test".to_owned(), Some(2), Seen::Passing, "2024-05-01T09:30:00Z".to_owned()),
        ("ci/x".to_owned(), None, Seen::Pending, "2024-05-01T09:20:00Z".to_owned()),
    ];
    let ours: Vec<_> = seen.ours.unwrap().into_iter().map(|run| (run.id.0, run.status, run.conclusion)).collect();
    assert_eq!(ours, [(9, CheckStatus::Completed, Some(Conclusion::Success))]);
    assert_eq!(checks, expected, "ours is left out, the newest of a name counts");
    let reviews: Vec<_> =
        seen.reviews.unwrap().into_iter().map(|r| (r.id, r.author.map(|a| a.login), r.state)).collect();
    let expected = [
        (ReviewId(41), Some("carol".to_owned()), ReviewState::Approved),
        (ReviewId(42), Some("copilot[bot]".to_owned()), ReviewState::Commented),
        (ReviewId(43), None, ReviewState::ChangesRequested),
    ];
    assert_eq!(reviews, expected);
}

/// The same pull request over REST.
async fn rest(server: &MockServer) {
    let pull = json!({
        "number": 5, "node_id": "PR_x", "state": "closed", "draft": false, "merged": true, "title": "Say two", "body": null,
        "user": { "id": 29, "login": "renovate[bot]", "type": "Bot" }, "head": { "ref": "two", "sha": HEAD, "repo": null },
        "base": { "ref": "main", "sha": BASE, "repo": { "id": 1 } }, "mergeable": null, "mergeable_state": "unknown",
        "labels": [{ "name": "hotfix" }], "requested_reviewers": [{ "id": 1, "login": "erin", "type": "User" }],
        "requested_teams": [{ "slug": "dba" }], "changed_files": 2, "additions": 10, "deletions": 3, "merge_commit_sha": BASE,
        "merged_by": { "id": 3, "login": "carol", "type": "User" }, "created_at": "2024-05-01T08:00:00Z",
        "merged_at": "2024-05-02T08:00:00Z", "closed_at": "2024-05-02T08:00:00Z", "auto_merge": null,
    });
    let commit = format!("/repos/acme/site/commits/{HEAD}");
    let ours = json!({ "id": 9, "name": "flyball", "status": "in_progress", "conclusion": null, "app": { "id": APP_ID }, "external_id": "1:x" });
    let runs = json!({ "total_count": 2, "check_runs": [ours, { "id": 3, "name": "test", "status": "completed", "conclusion": "skipped", "app": { "id": 2 }, "check_suite": { "id": 10 } }] });
    let suites = json!({ "total_count": 1, "check_suites": [{ "id": 10, "created_at": "2024-05-01T09:00:00Z" }] });
    let reviews = json!([{ "id": 41, "user": { "id": 3, "login": "carol", "type": "User" }, "body": "", "state": "APPROVED", "commit_id": HEAD, "submitted_at": "2024-05-01T10:00:00Z" }]);
    let home = json!({ "id": 1, "full_name": "acme/site", "allow_squash_merge": false, "allow_merge_commit": true, "allow_rebase_merge": true });
    let places = [
        ("/repos/acme/site/pulls/5".to_owned(), pull),
        (format!("{commit}/check-runs"), runs),
        (format!("{commit}/check-suites"), suites),
        (format!("{commit}/statuses"), json!([])),
        ("/repos/acme/site/pulls/5/reviews".to_owned(), reviews),
        ("/repos/acme/site".to_owned(), home),
        ("/repos/acme/site/rules/branches/main".to_owned(), json!([{ "type": "merge_queue", "parameters": {} }])),
    ];
    for (place, body) in places {
        get(&place, ok(body)).mount(server).await;
    }
}

#[tokio::test]
async fn a_host_without_graphql_is_read_by_rest_and_remembered() {
    for status in [404, 501] {
        let server = server().await;
        graphql(&server, refused(status, "Not here")).await;
        rest(&server).await;
        let github = client(&server);
        let seen = snapshot(&github).await;
        assert_eq!((seen.state, seen.mergeable, seen.head_repo), (PullState::Merged, Mergeable::Unknown, None));
        assert_eq!((seen.merge_commit, seen.cross_repository, seen.queue), (Some(sha(BASE)), true, true));
        assert_eq!(seen.merged_by.map(|actor| actor.login).as_deref(), Some("carol"));
        assert_eq!(seen.review_requests, ["erin", "dba"]);
        assert_eq!(seen.methods, [MergeMethod::Merge, MergeMethod::Rebase]);
        let checks = seen.checks.unwrap();
        assert_eq!((checks.len(), checks[0].state), (1, Seen::Passing));
        assert_eq!(seen.reviews.unwrap().len(), 1);
        snapshot(&github).await;
        let queries = lines(&server).await.into_iter().filter(|line| line == "POST /graphql").count();
        // A 501 is a server error, so it is asked again at once before it is believed.
        assert_eq!(queries, if status == 404 { 1 } else { 3 }, "{status}");
    }
}

#[tokio::test]
async fn a_schema_without_our_fields_is_read_by_rest_and_remembered() {
    let server = server().await;
    let errors = json!({ "errors": [{ "message": "Field 'isInMergeQueue' doesn't exist on type 'PullRequest'", "path": ["query UnitSnapshot", "repository", "pullRequest", "isInMergeQueue"], "extensions": { "code": "undefinedField" } }] });
    graphql(&server, ok(errors)).await;
    rest(&server).await;
    let github = client(&server);
    assert_eq!(snapshot(&github).await.state, PullState::Merged);
    assert_eq!(snapshot(&github).await.state, PullState::Merged);
    let queries = lines(&server).await.into_iter().filter(|line| line == "POST /graphql").count();
    assert_eq!(queries, 1);
}

#[tokio::test]
async fn an_answer_that_is_not_graphql_is_read_by_rest() {
    for odd in [
        ResponseTemplate::new(200).set_body_raw("<html>", "text/html"),
        ok(json!({ "data": null })),
        ok(json!({ "errors": [{ "message": "Something went wrong" }] })),
    ] {
        let server = server().await;
        graphql(&server, odd).await;
        rest(&server).await;
        assert_eq!(snapshot(&client(&server)).await.state, PullState::Merged);
    }
}

#[tokio::test]
async fn what_graphql_refuses_is_not_asked_elsewhere() {
    let refusal = |kind: &str| json!({ "data": { "repository": null }, "errors": [{ "type": kind, "message": "Could not resolve", "path": ["repository"] }] });
    let nothing = json!({ "data": { "repository": { "squashMergeAllowed": true, "mergeCommitAllowed": true, "rebaseMergeAllowed": true, "pullRequest": null } } });
    let cases = [(refusal("NOT_FOUND"), true), (refusal("FORBIDDEN"), false), (nothing, true)];
    for (body, missing) in cases {
        let server = server().await;
        graphql(&server, ok(body.clone())).await;
        let fact = unknown(client(&server).read(&at(), &Need::Snapshot(PrNumber(5))).await);
        assert_eq!((fact.missing, fact.retry_after), (missing, None), "{body}");
        assert_eq!(lines(&server).await.len(), 1);
    }
}

#[tokio::test]
async fn what_a_page_did_not_hold_is_read_elsewhere_or_left_unknown() {
    let mut cut = answer();
    let pull = &mut cut["data"]["repository"]["pullRequest"];
    pull["reviews"]["pageInfo"]["hasNextPage"] = json!(true);
    pull["commits"]["nodes"][0]["commit"]["checkSuites"]["nodes"][0]["checkRuns"]["pageInfo"]["hasNextPage"] =
        json!(true);
    let server = server().await;
    graphql(&server, ok(cut.clone())).await;
    rest(&server).await;
    let seen = snapshot(&client(&server)).await;
    assert_eq!((seen.checks.unwrap().len(), seen.reviews.unwrap().len()), (1, 1), "REST's, not the cut ones");
    assert_eq!(seen.labels, ["hotfix"]);

    let bare = super::server().await;
    graphql(&bare, ok(cut)).await;
    let seen = snapshot(&client(&bare)).await;
    assert_eq!((seen.checks, seen.reviews), (None, None));
}

#[tokio::test]
async fn a_part_that_graphql_may_not_show_does_not_look_empty() {
    let mut partial = answer();
    partial["data"]["repository"]["pullRequest"]["commits"]["nodes"][0]["commit"]["status"] = Value::Null;
    partial["errors"] = json!([{ "type": "FORBIDDEN", "message": "Resource not accessible by integration", "path": ["repository", "pullRequest", "commits", "nodes", 0, "commit", "status"] }]);
    let server = server().await;
    graphql(&server, ok(partial)).await;
    get("/repos/acme/site/pulls/5", refused(404, "Not Found")).mount(&server).await;
    let fact = unknown(client(&server).read(&at(), &Need::Snapshot(PrNumber(5))).await);
    assert!(fact.missing, "{fact:?}");
}

#[tokio::test]
async fn checks_of_another_commit_are_not_the_heads() {
    let mut raced = answer();
    raced["data"]["repository"]["pullRequest"]["commits"]["nodes"][0]["commit"]["oid"] = json!(BASE);
    let server = server().await;
    graphql(&server, ok(raced)).await;
    assert_eq!(snapshot(&client(&server)).await.checks, None);
}

#[tokio::test]
async fn enterprise_server_serves_graphql_beside_the_rest_base() {
    let server = server().await;
    Mock::given(path("/api/v3/app/installations/7/access_tokens"))
        .respond_with(ResponseTemplate::new(201).set_body_json(super::token("ghs_first")))
        .mount(&server)
        .await;
    Mock::given(path("/api/graphql")).respond_with(ok(answer())).mount(&server).await;
    let github = OctocrabGitHub::new(&settings(format!("{}/api/v3", server.uri()))).unwrap();
    assert_eq!(snapshot(&github).await.title, "Say two");

    let named = Settings {
        graphql_url: Some(format!("{}/elsewhere/gql", server.uri())),
        ..settings(format!("{}/api/v3/", server.uri()))
    };
    Mock::given(path("/elsewhere/gql")).respond_with(ok(answer())).mount(&server).await;
    assert_eq!(snapshot(&OctocrabGitHub::new(&named).unwrap()).await.title, "Say two");
    assert_eq!(lines(&server).await, ["POST /api/graphql", "POST /elsewhere/gql"]);
}
