//! Reverts: only GraphQL opens them (FACTS Q4).

use serde::Deserialize;

use crate::domain::ids::PrNumber;
use crate::github::wire::Reply;

/// Opens a pull request that takes a merged one back.
pub(in crate::github) const REVERT: &str = "mutation Revert($id: ID!, $title: String!, $body: String!) { revertPullRequest(input: {pullRequestId: $id, title: $title, body: $body}) { revertPullRequest { number } } }";

#[derive(Deserialize)]
struct Envelope {
    data: Data,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    revert_pull_request: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    revert_pull_request: Opened,
}

#[derive(Deserialize)]
struct Opened {
    number: u64,
}

/// The pull request that was opened, where the answer names it.
pub(in crate::github) fn opened(reply: &Reply) -> Option<PrNumber> {
    let Envelope { data } = reply.read().ok()?;
    Some(PrNumber(data.revert_pull_request.revert_pull_request.number))
}
