//! The merge queue by GraphQL: what is asked is valid, and every refusal has one meaning.

use serde_json::{Value, json};
use wiremock::matchers::path;
use wiremock::{Mock, ResponseTemplate};

use super::{HEAD, at, client, lines, ok, server, sha};
use crate::domain::govern::{ActionCall, Answer, Call, Fact, Fault, Need, QueueSeen, Written};
use crate::domain::ids::PrNumber;
use crate::github::GitHub;
use crate::github::graphql::auto_merge::{DISABLE_AUTO_MERGE, ENABLE_AUTO_MERGE};
use crate::github::graphql::queue::{DEQUEUE, ENQUEUE, MERGE_QUEUE};

#[test]
fn the_queries_are_valid_against_githubs_schema() {
    let Some(schema) = super::snapshot::schema() else { return };
    for text in [MERGE_QUEUE, ENQUEUE, DEQUEUE, ENABLE_AUTO_MERGE, DISABLE_AUTO_MERGE] {
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
        (dequeue(), said("UNPROCESSABLE", "Pull request is not in the merge queue"), done),
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
        json!({ "data": null, "errors": [{ "message": "Something went wrong" }] }),
        json!([1]),
    ];
    for body in rows {
        assert!(matches!(queue(body).await, Fact::Unknown(_)));
    }
}
