//! The merge queue by GraphQL: what is asked is valid, and every refusal has one meaning.

use serde_json::{Value, json};
use wiremock::matchers::{body_partial_json, path};
use wiremock::{Mock, ResponseTemplate};

use super::{HEAD, asked, at, client, lines, ok, server, sha};
use crate::domain::govern::{ActionCall, Answer, Call, Fact, Fault, MergeMethod, MergeWords, Need, QueueSeen, Written};
use crate::domain::ids::PrNumber;
use crate::github::GitHub;
use crate::github::graphql::auto_merge::{DISABLE_AUTO_MERGE, ENABLE_AUTO_MERGE};
use crate::github::graphql::queue::{DEQUEUE, ENQUEUE, MERGE_QUEUE};
use crate::github::graphql::revert::REVERT;

#[test]
fn the_queries_are_valid_against_githubs_schema() {
    let Some(schema) = super::snapshot::schema() else { return };
    for text in [MERGE_QUEUE, ENQUEUE, DEQUEUE, ENABLE_AUTO_MERGE, DISABLE_AUTO_MERGE, REVERT] {
        let query = apollo_compiler::ExecutableDocument::parse_and_validate(&schema, text, "query.graphql");
        query.unwrap_or_else(|invalid| panic!("{}", invalid.errors));
    }
}

fn enqueue() -> Call {
    Call::Action(ActionCall::Enqueue { number: PrNumber(5), node: "PR_5".to_owned(), sha: sha(HEAD) })
}

fn dequeue() -> Call {
    Call::Action(ActionCall::Dequeue { number: PrNumber(5), node: "PR_5".to_owned() })
}

fn auto(on: bool) -> Call {
    let (number, node) = (PrNumber(5), "PR_5".to_owned());
    let words = Some(MergeWords { title: "Say two (#5)".to_owned(), body: String::new() });
    Call::Action(if on {
        ActionCall::EnableAutoMerge { number, node, sha: sha(HEAD), method: MergeMethod::Rebase, words }
    } else {
        ActionCall::DisableAutoMerge { number, node }
    })
}

#[tokio::test]
async fn auto_merge_is_asked_for_with_its_guard_and_its_words() {
    let server = server().await;
    Mock::given(path("/graphql")).respond_with(ok(json!({ "data": {} }))).mount(&server).await;
    client(&server).write(&at(), &auto(true)).await;
    let body: Value = serde_json::from_slice(&asked(&server).await[0].body).unwrap();
    let expected = json!({ "id": "PR_5", "head": HEAD, "method": "REBASE", "title": "Say two (#5)", "body": "" });
    assert_eq!((&body["operationName"], &body["variables"]), (&json!("EnableAutoMerge"), &expected));
}

async fn answers(call: &Call, reply: ResponseTemplate) -> Answer {
    let server = server().await;
    Mock::given(path("/graphql")).respond_with(reply).mount(&server).await;
    let answer = client(&server).write(&at(), call).await;
    assert_eq!(lines(&server).await, ["POST /graphql"], "once, whatever came back");
    answer
}

#[tokio::test]
async fn each_answer_to_a_mutation_has_one_meaning() {
    let said =
        |kind: &str, message: &str| ok(json!({ "data": null, "errors": [{ "type": kind, "message": message }] }));
    let refused = |fault, message: &str| Answer::Refused { fault, message: message.to_owned() };
    let done = Answer::Done { written: Written::Done };
    let rows = [
        (
            enqueue(),
            ok(json!({ "data": { "enqueuePullRequest": { "mergeQueueEntry": { "position": 1 } } } })),
            done.clone(),
        ),
        (enqueue(), said("UNPROCESSABLE", "Pull request is already in the queue"), done.clone()),
        (dequeue(), said("UNPROCESSABLE", "Pull request is not in the merge queue"), done.clone()),
        (
            auto(true),
            ok(json!({ "data": { "enablePullRequestAutoMerge": { "pullRequest": { "number": 5 } } } })),
            done.clone(),
        ),
        (auto(false), said("UNPROCESSABLE", "Can't disable auto-merge for this pull request."), done),
        (
            auto(true),
            said("UNPROCESSABLE", "Pull request Pull request is in clean status"),
            refused(Fault::NothingToWaitFor, "Pull request Pull request is in clean status"),
        ),
        (
            auto(true),
            said("UNPROCESSABLE", "Pull request Pull request is in unstable status"),
            refused(Fault::NothingToWaitFor, "Pull request Pull request is in unstable status"),
        ),
        (
            auto(true),
            said("UNPROCESSABLE", "Pull request Pull request is in dirty status"),
            refused(Fault::NotAllowed, "Pull request Pull request is in dirty status"),
        ),
        (
            auto(true),
            said("UNPROCESSABLE", "Auto merge is not allowed for this repository"),
            refused(Fault::NotAllowed, "Auto merge is not allowed for this repository"),
        ),
        (
            auto(true),
            said("UNPROCESSABLE", "Head sha didn't match expected head oid"),
            refused(Fault::HeadMoved, "Head sha didn't match expected head oid"),
        ),
        (
            enqueue(),
            said("UNPROCESSABLE", "Head sha didn't match expected head oid"),
            refused(Fault::HeadMoved, "Head sha didn't match expected head oid"),
        ),
        (
            enqueue(),
            said("FORBIDDEN", "Resource not accessible by integration"),
            refused(Fault::Forbidden, "Resource not accessible by integration"),
        ),
        (enqueue(), said("NOT_FOUND", "Could not resolve"), refused(Fault::Gone, "Could not resolve")),
        (
            enqueue(),
            said("UNPROCESSABLE", "The base branch has no merge queue"),
            refused(Fault::NotAllowed, "The base branch has no merge queue"),
        ),
    ];
    for (call, reply, expected) in rows {
        assert_eq!(answers(&call, reply).await, expected);
    }
    for reply in [ResponseTemplate::new(502), ResponseTemplate::new(200).set_body_string("<html>")] {
        assert!(matches!(answers(&enqueue(), reply).await, Answer::Unknown { .. }));
    }
}

async fn queue(body: Value) -> Fact {
    let server = server().await;
    Mock::given(path("/graphql")).respond_with(ok(body)).mount(&server).await;
    client(&server).read(&at(), &Need::Queue("main".to_owned())).await
}

#[tokio::test]
async fn the_queue_is_read_whole_or_not_at_all() {
    let entry = json!({ "headCommit": { "oid": HEAD }, "pullRequest": { "number": 5, "headRefOid": HEAD } });
    let waiting = json!({ "headCommit": null, "pullRequest": { "number": 6, "headRefOid": HEAD } });
    let answer = |nodes: Value, more: bool| json!({ "data": { "repository": { "mergeQueue": { "entries": { "nodes": nodes, "pageInfo": { "hasNextPage": more } } } } } });
    let seen = |number, group| QueueSeen { number: PrNumber(number), head: sha(HEAD), group };
    let whole = queue(answer(json!([entry, waiting]), false)).await;
    assert_eq!(whole, Fact::Queue(vec![seen(5, Some(sha(HEAD))), seen(6, None)]));
    assert_eq!(queue(json!({ "data": { "repository": { "mergeQueue": null } } })).await, Fact::Queue(vec![]));
    let rows = [
        answer(json!([entry]), true),
        answer(json!([entry, null]), false),
        json!({ "data": null, "errors": [{ "message": "Something went wrong" }] }),
        json!([1]),
    ];
    for body in rows {
        assert!(matches!(queue(body).await, Fact::Unknown(_)));
    }
}

#[tokio::test]
async fn a_long_queue_is_read_page_by_page() {
    let server = server().await;
    let page = |numbers: std::ops::Range<u64>, next: Option<&str>| {
        let nodes: Vec<Value> = numbers
            .map(|number| json!({ "headCommit": null, "pullRequest": { "number": number, "headRefOid": HEAD } }))
            .collect();
        let info = json!({ "hasNextPage": next.is_some(), "endCursor": next });
        ok(json!({ "data": { "repository": { "mergeQueue": { "entries": { "nodes": nodes, "pageInfo": info } } } } }))
    };
    let asks = |after: Value| body_partial_json(json!({ "variables": { "after": after } }));
    Mock::given(asks(Value::Null)).respond_with(page(1..101, Some("c"))).mount(&server).await;
    // One entry left the queue in between: the next page begins one earlier.
    Mock::given(asks(json!("c"))).respond_with(page(100..131, None)).mount(&server).await;
    let Fact::Queue(queue) = client(&server).read(&at(), &Need::Queue("main".to_owned())).await else {
        panic!("not read")
    };
    assert_eq!(queue.iter().map(|entry| entry.number.0).collect::<Vec<_>>(), (1..131).collect::<Vec<_>>());
}
