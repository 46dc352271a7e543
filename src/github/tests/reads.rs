//! Reads: whole lists or none, encoded names, and what may be kept.

use serde_json::{Value, json};
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{APP_ID, HEAD, asked, at, client, get, lines, ok, refused, server, sha, unknown};
use crate::domain::govern::{Actor, ActorKind, CheckStatus, Conclusion, Fact, Need, OpenPull, Permission, Right, Seen};
use crate::domain::ids::{CheckRunId, CommentId, PrNumber, UserId};
use crate::github::GitHub;

const FILES: &str = "/repos/acme/site/pulls/5/files";
const COMMENTS: &str = "/repos/acme/site/issues/5/comments";

fn files(changed_files: u32) -> Need {
    Need::Files { number: PrNumber(5), head: sha(HEAD), changed_files }
}

fn listed(from: usize, to: usize, head: &str) -> Value {
    let one = |n: usize| {
        json!({
            "filename": format!("src/{n:03}.rs"), "status": "modified", "additions": 1, "deletions": 0, "patch": "@@ -1 +1 @@",
            "sha": null, "contents_url": format!("https://api.github.com/repos/acme/site/contents/x?ref={head}"),
        })
    };
    Value::Array((from..to).map(one).collect())
}

async fn page(server: &MockServer, place: &str, number: u32, answer: ResponseTemplate) {
    let at = Mock::given(path(place)).and(query_param("page", number.to_string())).and(query_param("per_page", "100"));
    at.and(header("authorization", "Bearer ghs_first")).respond_with(answer).mount(server).await;
}

#[tokio::test]
async fn all_pages_are_read_by_number_with_the_token_whatever_host_the_link_names() {
    let server = server().await;
    let link = "<https://evil.test/x?page=2>; rel=\"next\", <https://evil.test/x?page=3>; rel=\"last\"";
    page(&server, FILES, 1, ok(listed(0, 100, HEAD)).insert_header("link", link)).await;
    page(&server, FILES, 2, ok(listed(100, 200, HEAD)).insert_header("link", link)).await;
    page(
        &server,
        FILES,
        3,
        ok(listed(200, 230, HEAD)).insert_header("link", "<https://evil.test/x?page=1>; rel=\"prev\""),
    )
    .await;
    let Fact::Files(files) = client(&server).read(&at(), &files(230)).await else { panic!("not read") };
    assert_eq!((files.len(), files[229].filename.as_str()), (230, "src/229.rs"));
    assert_eq!(lines(&server).await.len(), 3);
}

#[tokio::test]
async fn a_full_page_without_a_link_is_not_taken_for_the_last() {
    let server = server().await;
    page(&server, FILES, 1, ok(listed(0, 100, HEAD))).await;
    page(&server, FILES, 2, ok(listed(100, 101, HEAD))).await;
    let Fact::Files(files) = client(&server).read(&at(), &files(101)).await else { panic!("not read") };
    assert_eq!(files.len(), 101);
}

#[tokio::test]
async fn a_list_of_files_that_is_not_whole_is_not_known() {
    let server = server().await;
    page(&server, FILES, 1, ok(listed(0, 3, HEAD))).await;
    let github = client(&server);
    let short = unknown(github.read(&at(), &files(4)).await);
    assert_eq!((short.because.as_str(), short.retry_after), ("GitHub listed 3 of 4 changed files", Some(1)));
    let many = unknown(github.read(&at(), &files(3001)).await);
    assert_eq!(many.because, "it changes 3001 files, and GitHub lists 3000 at most");
    assert_eq!(lines(&server).await.len(), 1, "what cannot be whole is not asked for");
}

#[tokio::test]
async fn files_of_another_head_are_not_taken_for_these() {
    let server = server().await;
    page(&server, FILES, 1, ok(listed(0, 3, super::BASE))).await;
    let moved = unknown(client(&server).read(&at(), &files(3)).await);
    assert_eq!(moved.because, "the head moved to 2222222 while its files were read");
}

#[tokio::test]
async fn a_repeated_read_costs_a_304_and_a_permission_is_asked_in_full() {
    let server = server().await;
    let place = "/repos/acme/site/pulls";
    let pulls = json!([{ "number": 5, "head": { "sha": HEAD } }]);
    let conditional = Mock::given(path(place)).and(header("if-none-match", "\"e1\""));
    conditional.respond_with(ResponseTemplate::new(304)).mount(&server).await;
    get(place, ok(pulls).insert_header("etag", "\"e1\"")).mount(&server).await;
    let right = ok(json!({ "permission": "admin" })).insert_header("etag", "\"p1\"");
    get("/repos/acme/site/collaborators/carol/permission", right).mount(&server).await;
    let github = client(&server);
    for _ in 0..2 {
        assert_eq!(
            github.read(&at(), &Need::OpenPulls).await,
            Fact::OpenPulls(vec![OpenPull { number: PrNumber(5), head: sha(HEAD), updated_at: None }])
        );
        github.read(&at(), &Need::Permission("carol".to_owned())).await;
    }
    let conditional: Vec<String> =
        asked(&server).await.iter().filter(|r| r.headers.contains_key("if-none-match")).map(super::line).collect();
    assert_eq!(conditional, ["GET /repos/acme/site/pulls?state=open&sort=created&direction=asc&per_page=100&page=1"]);
}

#[tokio::test]
async fn what_one_installation_may_see_is_not_kept_for_another() {
    let server = server().await;
    get("/repos/acme/site/pulls", ok(json!([])).insert_header("etag", "\"e1\"")).mount(&server).await;
    let github = client(&server);
    assert_eq!(github.read(&at(), &Need::OpenPulls).await, Fact::OpenPulls(Vec::new()));
    let other = crate::github::RepoAddress { installation: Some(crate::domain::ids::InstallationId(8)), ..at() };
    assert_eq!(github.read(&other, &Need::OpenPulls).await, Fact::OpenPulls(Vec::new()));
    assert!(asked(&server).await.iter().all(|request| !request.headers.contains_key("if-none-match")));
}

#[tokio::test]
async fn a_right_is_read_from_the_role_and_falls_to_nothing() {
    let cases = [
        (ok(json!({ "permission": "admin", "role_name": "admin" })), Right::Admin, "admin"),
        (ok(json!({ "permission": "write", "role_name": "maintain" })), Right::Maintain, "maintain"),
        (ok(json!({ "permission": "write", "role_name": "write" })), Right::Write, "write"),
        (ok(json!({ "permission": "read", "role_name": "triage" })), Right::Triage, "triage"),
        (ok(json!({ "permission": "read", "role_name": "read" })), Right::Read, "read"),
        (ok(json!({ "permission": "none", "role_name": "" })), Right::None, ""),
        (ok(json!({ "permission": "write", "role_name": "release engineer" })), Right::Write, "release engineer"),
        (ok(json!({ "permission": "emperor", "role_name": null })), Right::None, "emperor"),
        (refused(404, "Not Found"), Right::None, "none"),
    ];
    for (response, right, role) in cases {
        let server = server().await;
        get("/repos/acme/site/collaborators/dependabot%5Bbot%5D/permission", response).mount(&server).await;
        let fact = client(&server).read(&at(), &Need::Permission("dependabot[bot]".to_owned())).await;
        assert_eq!(fact, Fact::Permission(Permission { right, role: role.to_owned() }));
    }
}

#[tokio::test]
async fn a_right_is_lost_only_if_github_says_so_twice() {
    const CAROL: &str = "/repos/acme/site/collaborators/carol/permission";
    const MEMBER: &str = "/orgs/acme/teams/web/memberships/carol";
    let server = server().await;
    for place in [CAROL, MEMBER] {
        Mock::given(path(place)).respond_with(refused(404, "Not Found")).up_to_n_times(1).mount(&server).await;
    }
    get(CAROL, ok(json!({ "permission": "write", "role_name": "write" }))).mount(&server).await;
    get(MEMBER, ok(json!({ "state": "active" }))).mount(&server).await;
    let github = client(&server);
    let right = github.read(&at(), &Need::Permission("carol".to_owned())).await;
    assert_eq!(right, Fact::Permission(Permission { right: Right::Write, role: "write".to_owned() }));
    let member = Need::Member { team: "@acme/web".to_owned(), login: "carol".to_owned() };
    assert_eq!(github.read(&at(), &member).await, Fact::Member(true));
}

#[tokio::test]
async fn our_comment_is_gone_only_if_github_says_so_twice() {
    for (times, left) in [(1, 1), (2, 0)] {
        let place = "/repos/acme/site/issues/comments/9";
        let server = server().await;
        Mock::given(path(place)).respond_with(refused(404, "Not Found")).up_to_n_times(times).mount(&server).await;
        get(place, ok(comment(9, "flyball[bot]", Some(4242), "ours"))).mount(&server).await;
        let fact = client(&server).read(&at(), &Need::OurComment(CommentId(9))).await;
        let Fact::OurComments(found) = fact else { panic!("not read: {fact:?}") };
        assert_eq!(found.len(), left, "after {times}");
    }
}

fn comment(id: u64, login: &str, app: Option<u64>, body: &str) -> Value {
    let kind = if login.ends_with("[bot]") { "Bot" } else { "User" };
    json!({
        "id": id, "body": body, "user": { "id": id * 10, "login": login, "type": kind },
        "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-01T10:00:00Z",
        "performed_via_github_app": app.map(|id| json!({ "id": id })),
    })
}

#[tokio::test]
async fn our_comments_are_those_by_us_with_the_marker() {
    let server = server().await;
    get("/app", ok(json!({ "id": APP_ID, "slug": "flyball" }))).mount(&server).await;
    let all = json!([
        comment(1, "flyball[bot]", Some(APP_ID), "<!-- flyball:unit -->\nmine"),
        comment(2, "mallory", None, "<!-- flyball:unit -->\npasted"),
        comment(3, "flyball[bot]", Some(APP_ID), "no marker"),
        comment(4, "flyball[bot]", None, "reply <!-- flyball:a1 -->"),
        comment(5, "other[bot]", Some(1), "<!-- flyball:unit -->"),
    ]);
    get(COMMENTS, ok(all)).mount(&server).await;
    let Fact::OurComments(ours) = client(&server).read(&at(), &Need::OurComments(PrNumber(5))).await else {
        panic!("not read")
    };
    assert_eq!(ours.iter().map(|one| one.id).collect::<Vec<_>>(), [CommentId(1), CommentId(4)]);
    assert_eq!(ours[0].body, "<!-- flyball:unit -->\nmine");
}

#[tokio::test]
async fn a_comment_that_was_deleted_is_none_and_one_that_cannot_be_read_is_unknown() {
    let server = server().await;
    let place = |id: u64| format!("/repos/acme/site/issues/comments/{id}");
    get(&place(1), ok(comment(1, "flyball[bot]", Some(APP_ID), "mine"))).mount(&server).await;
    get(&place(2), refused(404, "Not Found")).mount(&server).await;
    get(&place(3), refused(403, "Forbidden")).mount(&server).await;
    let github = client(&server);
    let read = async |id| github.read(&at(), &Need::OurComment(CommentId(id))).await;
    assert!(matches!(read(1).await, Fact::OurComments(ours) if ours[0].body == "mine"));
    assert!(matches!(read(2).await, Fact::OurComments(ours) if ours.is_empty()));
    assert!(matches!(read(3).await, Fact::Unknown(_)));
}

#[tokio::test]
async fn other_peoples_comments_keep_what_may_be_a_command() {
    let server = server().await;
    get("/app", ok(json!({ "id": APP_ID, "slug": "flyball" }))).mount(&server).await;
    let mut edited = comment(3, "carol", None, "/confirm");
    edited["updated_at"] = json!("2024-05-01T10:05:00Z");
    let mut ghost = comment(4, "x", None, "/confirm");
    ghost["user"] = Value::Null;
    let mut empty = comment(6, "dave", None, "");
    empty["body"] = Value::Null;
    let all = json!([
        comment(1, "flyball[bot]", Some(APP_ID), "/help"),
        comment(2, "bob", None, "nice\r\n/why\r\n"),
        edited,
        ghost,
        comment(5, "eve", None, "hello"),
        empty
    ]);
    get(COMMENTS, ok(all)).mount(&server).await;
    let since = "2024-05-01T09:00:00Z".parse().unwrap();
    let Fact::Comments(seen) = client(&server).read(&at(), &Need::Comments { number: PrNumber(5), since }).await else {
        panic!("not read")
    };
    let told: Vec<_> =
        seen.iter().map(|one| (one.id.0, one.author.login.as_str(), one.body.as_str(), one.edited)).collect();
    assert_eq!(
        told,
        [
            (2, "bob", "nice\r\n/why\r\n", false),
            (3, "carol", "/confirm", true),
            (5, "eve", "", false),
            (6, "dave", "", false)
        ]
    );
    assert_eq!(seen[0].author, Actor { id: UserId(20), login: "bob".to_owned(), kind: ActorKind::Human });
    assert!(lines(&server).await.iter().any(|line| line.contains("since=2024-05-01T09%3A00%3A00Z")));
}

#[tokio::test]
async fn our_checks_are_ours_and_newest_first() {
    let server = server().await;
    let run = |id: u64, app: u64, status: &str, conclusion: Option<&str>| {
        json!({
            "id": id, "name": "flyball", "status": status, "conclusion": conclusion, "external_id": "1:x",
            "output": { "title": "T", "summary": null }, "app": { "id": app },
        })
    };
    let runs = json!({ "total_count": 3, "check_runs": [run(3, APP_ID, "completed", Some("success")), run(4, 1, "completed", Some("success")), run(9, APP_ID, "in_progress", None)] });
    get(&format!("/repos/acme/site/commits/{HEAD}/check-runs"), ok(runs)).mount(&server).await;
    let Fact::OurChecks(ours) = client(&server).read(&at(), &Need::OurChecks(sha(HEAD))).await else {
        panic!("not read")
    };
    let told: Vec<_> = ours.iter().map(|one| (one.id, one.status, one.conclusion, one.title.as_str())).collect();
    let success = Some(Conclusion::Success);
    assert_eq!(
        told,
        [(CheckRunId(9), CheckStatus::InProgress, None, "T"), (CheckRunId(3), CheckStatus::Completed, success, "T")]
    );
    assert!(lines(&server).await[0].contains("check_name=flyball&app_id=4242&filter=all"));
}

#[tokio::test]
async fn checks_of_a_commit_rest_on_their_suites_and_first_reports() {
    let server = server().await;
    let commit = format!("/repos/acme/site/commits/{HEAD}");
    let run = |id: u64, name: &str, app: u64, suite: u64, status: &str, conclusion: Option<&str>| json!({ "id": id, "name": name, "status": status, "conclusion": conclusion, "app": { "id": app }, "check_suite": { "id": suite }, "completed_at": null });
    let runs = json!({ "total_count": 5, "check_runs": [
        run(1, "test", 2, 10, "completed", Some("failure")), run(5, "test", 2, 11, "completed", Some("success")),
        run(3, "lint", 2, 11, "in_progress", None), run(4, "odd", 2, 11, "dreaming", None), run(9, "flyball", APP_ID, 12, "completed", Some("success")),
    ]});
    get(&format!("{commit}/check-runs"), ok(runs)).mount(&server).await;
    let suites = json!({ "total_count": 2, "check_suites": [{ "id": 10, "created_at": "2024-05-01T08:00:00Z" }, { "id": 11, "created_at": "2024-05-01T09:00:00Z" }] });
    get(&format!("{commit}/check-suites"), ok(suites)).mount(&server).await;
    let status = |state: &str, context: &str, at: &str| json!({ "state": state, "context": context, "created_at": at, "updated_at": at, "target_url": null });
    let statuses = json!([
        status("success", "Jenkins", "2024-05-01T10:00:00Z"),
        status("pending", "jenkins", "2024-05-01T09:30:00Z"),
        status("error", "other", "2024-05-01T09:00:00Z")
    ]);
    get(&format!("{commit}/statuses"), ok(statuses)).mount(&server).await;
    let Fact::Checks(checks) = client(&server).read(&at(), &Need::Checks(sha(HEAD))).await else { panic!("not read") };
    let told: Vec<_> =
        checks.iter().map(|c| (c.name.as_str(), c.app, c.state, c.based_at.map(|at| at.to_string()))).collect();
    let nine = Some("2024-05-01T09:00:00Z".to_owned());
    let expected = [
        ("lint", Some(2), Seen::Pending, nine.clone()),
        ("odd", Some(2), Seen::Failing, nine.clone()),
        ("test", Some(2), Seen::Passing, nine.clone()),
        ("Jenkins", None, Seen::Passing, Some("2024-05-01T09:30:00Z".to_owned())),
        ("other", None, Seen::Failing, nine),
    ];
    assert_eq!(told, expected);
}

#[tokio::test]
async fn fewer_entries_than_github_counts_are_not_a_list() {
    let server = server().await;
    let runs = json!({ "total_count": 1001, "check_runs": [] });
    Mock::given(method("GET")).respond_with(ok(runs)).mount(&server).await;
    let fact = unknown(client(&server).read(&at(), &Need::Checks(sha(HEAD))).await);
    assert_eq!(fact.because, "GitHub's answer could not be read: 0 of 1001 entries were listed");
}

#[tokio::test]
async fn a_policy_is_gone_only_if_github_says_so_twice() {
    const POLICY: &str = "/repos/acme/site/contents/.github/flyball.yml";
    let there = json!({ "sha": "b10b", "encoding": "base64", "content": "dmVyc2lvbjogMQo=\n" });
    let server = server().await;
    let hidden = Mock::given(path(POLICY)).respond_with(refused(404, "Not Found")).up_to_n_times(1);
    hidden.mount(&server).await;
    Mock::given(path(POLICY)).respond_with(ok(there)).mount(&server).await;
    let Fact::Policy(seen) = client(&server).read(&at(), &Need::Policy).await else { panic!("not read") };
    assert_eq!(seen.file, Some(("b10b".to_owned(), "version: 1\n".to_owned())));

    let server = super::server().await;
    Mock::given(path(POLICY)).respond_with(refused(404, "Not Found")).mount(&server).await;
    let Fact::Policy(seen) = client(&server).read(&at(), &Need::Policy).await else { panic!("not read") };
    assert_eq!((seen.file, lines(&server).await.len()), (None, 2));
}
