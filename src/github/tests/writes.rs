//! Every call is one request, and every answer has one meaning.

use serde_json::{Value, json};
use wiremock::matchers::{any, path};
use wiremock::{Mock, ResponseTemplate};

use super::{APP_ID, HEAD, asked, at, client, line, merge, refused, server, sha};
use crate::domain::govern::{
    ActionCall, Answer, Call, CheckActionDoc, CheckDoc, CheckStatus, Conclusion, Fault, MergeMethod, MergeWords,
    Reaction, Written,
};
use crate::domain::ids::{CheckRunId, CommentId, PrNumber};
use crate::domain::unit::Standing;
use crate::github::GitHub;

fn doc(conclusion: Option<Conclusion>) -> CheckDoc {
    CheckDoc {
        sha: sha(HEAD),
        external_id: format!("1:{HEAD}"),
        conclusion,
        title: "Awaiting judgment".to_owned(),
        summary: "Why".to_owned(),
        text: "7:abc".to_owned(),
        details_url: Some("https://flyball.test/u/5".to_owned()),
        actions: vec![CheckActionDoc {
            label: "Confirm".to_owned(),
            description: "Merge it".to_owned(),
            identifier: "confirm".to_owned(),
        }],
    }
}

fn reply() -> Call {
    Call::Action(ActionCall::Reply { number: PrNumber(5), body: "text".to_owned() })
}

fn worded() -> Call {
    let (number, words) = (PrNumber(5), Some(MergeWords { title: "Say two (#5)".to_owned(), body: "Why.".to_owned() }));
    Call::Action(ActionCall::Merge { number, sha: sha(HEAD), method: MergeMethod::Squash, words })
}

fn label(on: bool) -> Call {
    let (number, name) = (PrNumber(5), "flyball: your move/2".to_owned());
    Call::Action(ActionCall::Label { number, name, on, standing: Standing::AwaitingJudgment })
}

fn update_branch() -> Call {
    Call::Action(ActionCall::UpdateBranch { number: PrNumber(5), expected_head: sha(HEAD) })
}

fn review() -> Call {
    Call::Action(ActionCall::RequestReview { number: PrNumber(5), login: "carol".to_owned() })
}

fn react() -> Call {
    Call::Action(ActionCall::React { comment: CommentId(9), reaction: Reaction::Rocket })
}

/// The answer to a call that meets this reply; exactly one request may have gone out.
async fn answer(call: &Call, response: ResponseTemplate) -> (Answer, String, Value) {
    let server = server().await;
    Mock::given(any()).respond_with(response).mount(&server).await;
    let answer = client(&server).write(&at(), call).await;
    let requests = asked(&server).await;
    assert_eq!(requests.len(), 1, "{call:?} is one request: {requests:?}");
    let body = serde_json::from_slice(&requests[0].body).unwrap_or(Value::Null);
    (answer, line(&requests[0]), body)
}

fn created(body: Value) -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(body)
}

#[tokio::test]
async fn a_check_run_is_written_as_github_wants_it_and_its_answer_is_read() {
    let kept = json!({ "id": 31, "name": "flyball", "status": "completed", "conclusion": "action_required", "app": { "id": APP_ID } });
    let (answer, line, body) = answer(&Call::CreateCheck(doc(Some(Conclusion::ActionRequired))), created(kept)).await;
    assert_eq!(line, "POST /repos/acme/site/check-runs");
    let expected = json!({
        "name": "flyball", "head_sha": HEAD, "external_id": format!("1:{HEAD}"), "status": "completed",
        "conclusion": "action_required", "details_url": "https://flyball.test/u/5",
        "output": { "title": "Awaiting judgment", "summary": "Why", "text": "7:abc" },
        "actions": [{ "label": "Confirm", "description": "Merge it", "identifier": "confirm" }],
    });
    assert_eq!(body, expected);
    let (run, status) = (CheckRunId(31), CheckStatus::Completed);
    let conclusion = Some(Conclusion::ActionRequired);
    assert_eq!(answer, Answer::Done { written: Written::Check { run, status, conclusion } });
}

#[tokio::test]
async fn an_update_says_what_github_kept_not_what_was_sent() {
    let kept = json!({ "id": 31, "name": "flyball", "status": "completed", "conclusion": "stale" });
    let call = Call::UpdateCheck { run: CheckRunId(31), doc: doc(None) };
    let (answer, line, body) = answer(&call, ResponseTemplate::new(200).set_body_json(kept)).await;
    assert_eq!(line, "PATCH /repos/acme/site/check-runs/31");
    assert_eq!((&body["status"], body.get("conclusion"), body.get("head_sha")), (&json!("in_progress"), None, None));
    let written =
        Written::Check { run: CheckRunId(31), status: CheckStatus::Completed, conclusion: Some(Conclusion::Other) };
    assert_eq!(answer, Answer::Done { written });
}

#[tokio::test]
async fn each_other_call_has_its_request_and_its_success() {
    let comment =
        json!({ "id": 77, "body": "text", "created_at": "2024-05-01T10:00:00Z", "updated_at": "2024-05-01T11:00:00Z" });
    let at = |text: &str| Written::Comment { id: CommentId(77), at: text.parse().unwrap() };
    let merged = json!({ "sha": HEAD, "merged": true, "message": "Pull Request successfully merged" });
    let text = json!({ "body": "text" });
    let cases = [
        (
            Call::CreateComment { number: PrNumber(5), body: "text".to_owned() },
            created(comment.clone()),
            ("POST /repos/acme/site/issues/5/comments", text.clone()),
            at("2024-05-01T10:00:00Z"),
        ),
        (
            reply(),
            created(comment.clone()),
            ("POST /repos/acme/site/issues/5/comments", text.clone()),
            at("2024-05-01T10:00:00Z"),
        ),
        (
            Call::UpdateComment { id: CommentId(77), body: "text".to_owned() },
            ResponseTemplate::new(200).set_body_json(comment),
            ("PATCH /repos/acme/site/issues/comments/77", text),
            at("2024-05-01T11:00:00Z"),
        ),
        (
            merge(),
            ResponseTemplate::new(200).set_body_json(merged.clone()),
            ("PUT /repos/acme/site/pulls/5/merge", json!({ "sha": HEAD, "merge_method": "squash" })),
            Written::Merged { sha: Some(sha(HEAD)) },
        ),
        (
            worded(),
            ResponseTemplate::new(200).set_body_json(merged),
            (
                "PUT /repos/acme/site/pulls/5/merge",
                json!({ "sha": HEAD, "merge_method": "squash", "commit_title": "Say two (#5)", "commit_message": "Why." }),
            ),
            Written::Merged { sha: Some(sha(HEAD)) },
        ),
        (
            label(true),
            ResponseTemplate::new(200).set_body_json(json!([])),
            ("POST /repos/acme/site/issues/5/labels", json!({ "labels": ["flyball: your move/2"] })),
            Written::Done,
        ),
        (
            label(false),
            ResponseTemplate::new(200).set_body_json(json!([])),
            ("DELETE /repos/acme/site/issues/5/labels/flyball%3A%20your%20move%2F2", Value::Null),
            Written::Done,
        ),
        (
            label(false),
            refused(404, "Label does not exist"),
            ("DELETE /repos/acme/site/issues/5/labels/flyball%3A%20your%20move%2F2", Value::Null),
            Written::Done,
        ),
        (
            update_branch(),
            ResponseTemplate::new(202).set_body_json(json!({ "message": "Updating pull request branch." })),
            ("PUT /repos/acme/site/pulls/5/update-branch", json!({ "expected_head_sha": HEAD })),
            Written::Done,
        ),
        (
            review(),
            created(json!({ "id": 1 })),
            ("POST /repos/acme/site/pulls/5/requested_reviewers", json!({ "reviewers": ["carol"] })),
            Written::Done,
        ),
        (
            react(),
            ResponseTemplate::new(200).set_body_json(json!({ "id": 1 })),
            ("POST /repos/acme/site/issues/comments/9/reactions", json!({ "content": "rocket" })),
            Written::Done,
        ),
    ];
    for (call, response, (line, body), written) in cases {
        assert_eq!(answer(&call, response).await, (Answer::Done { written }, line.to_owned(), body), "{call:?}");
    }
}

#[tokio::test]
async fn every_refusal_has_its_fault() {
    let cases = [
        ("a rule forbids it", merge(), 405, "Pull Request is not mergeable", Fault::NotAllowed),
        (
            "our own check is not seen yet",
            merge(),
            405,
            "Required status check \"flyball\" is expected.",
            Fault::NotAllowed,
        ),
        ("a queue guards it", merge(), 405, "Changes must be made through the merge queue", Fault::NotAllowed),
        ("the base moved", merge(), 405, "Base branch was modified. Review and try the merge again.", Fault::Transient),
        ("the head moved", merge(), 409, "Head branch was modified. Review and try the merge again.", Fault::HeadMoved),
        ("a bad method", merge(), 422, "Validation Failed", Fault::Invalid),
        ("no permission", merge(), 403, "Resource not accessible by integration", Fault::Forbidden),
        ("no such pull request", merge(), 404, "Not Found", Fault::Gone),
        ("the head moved", update_branch(), 422, "expected_head_sha was not the head.", Fault::HeadMoved),
        ("the head moved", update_branch(), 422, "expected head sha didn’t match current head ref.", Fault::HeadMoved),
        ("nothing to do", update_branch(), 422, "There are no new commits on the base branch.", Fault::Invalid),
        ("not for Apps", update_branch(), 403, "Resource not accessible by integration", Fault::Forbidden),
        ("a stranger", review(), 422, "Reviews may only be requested from collaborators.", Fault::Invalid),
        ("a racing write", Call::CreateCheck(doc(None)), 409, "Conflict", Fault::Transient),
        (
            "another App's run",
            Call::UpdateCheck { run: CheckRunId(1), doc: doc(None) },
            403,
            "Invalid app_id `1`",
            Fault::Forbidden,
        ),
        ("too long", reply(), 422, "Body is too long (maximum is 65536 characters)", Fault::Invalid),
        ("deleted", Call::UpdateComment { id: CommentId(1), body: String::new() }, 404, "Not Found", Fault::Gone),
        ("locked", reply(), 403, "Unable to create comment because issue is locked.", Fault::Forbidden),
        ("gone", react(), 410, "Gone", Fault::Gone),
    ];
    for (case, call, status, message, expected) in cases {
        let (answer, ..) = answer(&call, refused(status, message)).await;
        assert_eq!(answer, Answer::Refused { fault: expected, message: message.to_owned() }, "{case}");
    }
}

#[tokio::test]
async fn a_merge_that_did_not_merge_is_a_refusal() {
    let body = json!({ "sha": null, "merged": false, "message": "Pull Request is not mergeable" });
    let (answer, ..) = answer(&merge(), ResponseTemplate::new(200).set_body_json(body)).await;
    let expected = Answer::Refused { fault: Fault::NotAllowed, message: "Pull Request is not mergeable".to_owned() };
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn nobody_knows_after_a_server_error_or_an_answer_that_cannot_be_read() {
    let cases = [
        ("500", refused(500, "Server Error")),
        ("502 in HTML", ResponseTemplate::new(502).set_body_raw("<html>Unicorn!</html>", "text/html")),
        ("503", ResponseTemplate::new(503)),
        ("garbage", ResponseTemplate::new(201).set_body_string("{\"id\":")),
        ("nothing", ResponseTemplate::new(201)),
        ("something else", created(json!([1, 2]))),
        ("a redirect to nowhere", ResponseTemplate::new(307)),
    ];
    for (case, response) in cases {
        let (answer, ..) = answer(&reply(), response).await;
        assert!(matches!(answer, Answer::Unknown { .. }), "{case}: {answer:?}");
    }
}

#[tokio::test]
async fn a_refusal_tells_which_field_was_wrong_and_never_a_token() {
    let body = json!({
        "message": "Validation Failed",
        "errors": [{ "resource": "X", "field": "head", "code": "invalid" }, "as text", { "message": "ghs_secret.part-2 leaked" }],
    });
    let (answer, ..) = answer(&review(), ResponseTemplate::new(422).set_body_json(body)).await;
    let message = "Validation Failed: head invalid; as text; *** leaked".to_owned();
    assert_eq!(answer, Answer::Refused { fault: Fault::Invalid, message });
}

#[tokio::test]
async fn a_conclusion_that_we_only_read_is_never_written() {
    let server = server().await;
    let answer = client(&server).write(&at(), &Call::CreateCheck(doc(Some(Conclusion::Other)))).await;
    assert!(matches!(answer, Answer::Refused { fault: Fault::Invalid, .. }), "{answer:?}");
    assert_eq!(server.received_requests().await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_write_follows_a_renamed_repository_on_its_own_host_only() {
    let server = server().await;
    let elsewhere = "https://evil.test/repositories/1/pulls/5/merge";
    let moved = ResponseTemplate::new(307).insert_header("location", elsewhere);
    Mock::given(path("/repos/acme/site/pulls/5/merge")).respond_with(moved).mount(&server).await;
    let merged = ResponseTemplate::new(200).set_body_json(json!({ "sha": HEAD, "merged": true }));
    Mock::given(path("/repositories/1/pulls/5/merge")).respond_with(merged).mount(&server).await;
    let answer = client(&server).write(&at(), &merge()).await;
    assert_eq!(answer, Answer::Done { written: Written::Merged { sha: Some(sha(HEAD)) } });
    let bodies: Vec<_> = asked(&server).await.into_iter().map(|request| request.body).collect();
    assert_eq!(bodies.len(), 2);
    assert_eq!(bodies[0], bodies[1], "method and body are kept");
}
