//! What only GraphQL does, the merge queue, auto-merge and reverts: mutations, whose refusals come with status 200 (FACTS Q1, Q4).

use serde::Deserialize;
use serde_json::{Value, json};

use super::answer;
use super::request::method_name;
use crate::domain::govern::{ActionCall, Answer, Call, Fault, Written};
use crate::github::graphql::auto_merge::{DISABLE_AUTO_MERGE, ENABLE_AUTO_MERGE};
use crate::github::graphql::queue::{DEQUEUE, ENQUEUE, mutation};
use crate::github::graphql::revert::{REVERT, opened};
use crate::github::session::Session;
use crate::github::wire::{Reply, redacted};

/// The mutation of a call; `None` for a call that REST carries out.
pub(super) fn body(call: &Call) -> Option<Value> {
    match call {
        Call::Action(ActionCall::Enqueue { node, sha, .. }) => {
            Some(mutation("Enqueue", ENQUEUE, &json!({ "id": node, "head": sha })))
        }
        Call::Action(ActionCall::Dequeue { node, .. }) => Some(mutation("Dequeue", DEQUEUE, &json!({ "id": node }))),
        Call::Action(ActionCall::EnableAutoMerge { node, sha, method, words, .. }) => {
            let (title, body) = words.as_ref().map(|words| (&words.title, &words.body)).unzip();
            let method = method_name(*method).to_ascii_uppercase();
            let variables = json!({ "id": node, "head": sha, "method": method, "title": title, "body": body });
            Some(mutation("EnableAutoMerge", ENABLE_AUTO_MERGE, &variables))
        }
        Call::Action(ActionCall::DisableAutoMerge { node, .. }) => {
            Some(mutation("DisableAutoMerge", DISABLE_AUTO_MERGE, &json!({ "id": node })))
        }
        Call::Action(ActionCall::Revert { node, title, body, .. }) => {
            let variables = json!({ "id": node, "title": title, "body": body });
            Some(mutation("Revert", REVERT, &variables))
        }
        Call::CreateCheck(_)
        | Call::UpdateCheck { .. }
        | Call::CreateComment { .. }
        | Call::UpdateComment { .. }
        | Call::DeleteComment { .. }
        | Call::Action(
            ActionCall::Merge { .. }
            | ActionCall::UpdateBranch { .. }
            | ActionCall::RequestReview { .. }
            | ActionCall::Propose(_)
            | ActionCall::React { .. }
            | ActionCall::Reply { .. }
            | ActionCall::Label { .. },
        ) => None,
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    errors: Vec<Said>,
}

#[derive(Deserialize)]
struct Said {
    #[serde(rename = "type", default)]
    kind: Option<String>,
    #[serde(default)]
    message: String,
}

/// What a reply to a mutation says.
pub(super) fn answer(session: &Session, call: &Call, reply: &Reply) -> Answer {
    if !reply.status.is_success() {
        return answer::of(call, reply, session.limit_of(reply));
    }
    let Ok(Envelope { errors }) = reply.read::<Envelope>() else {
        return Answer::Unknown { because: "GitHub's answer to a mutation could not be read".to_owned() };
    };
    let Some(error) = errors.first() else {
        if !matches!(call, Call::Action(ActionCall::Revert { .. })) {
            return Answer::Done { written: Written::Done };
        }
        return match opened(reply) {
            Some(number) => Answer::Done { written: Written::Opened { number } },
            None => Answer::Unknown { because: "GitHub's answer does not name the revert".to_owned() },
        };
    };
    let message = redacted(&error.message);
    let text = message.to_ascii_lowercase();
    let limited = || match session.graphql_limited(reply) {
        crate::github::GitHubError::Limited { seconds } => Fault::Limited { seconds },
        _ => Fault::Transient,
    };
    let fault = match error.kind.as_deref() {
        // What was wanted is so already.
        _ if text.contains("already in the queue") || text.contains("already queued") => {
            return Answer::Done { written: Written::Done };
        }
        _ if text.contains("not in the merge queue") || text.contains("can't disable auto-merge") => {
            return Answer::Done { written: Written::Done };
        }
        // Mergeable as it is: there is nothing that auto-merge could wait for.
        _ if ["clean status", "unstable status", "has_hooks status"].iter().any(|words| text.contains(words)) => {
            Fault::NothingToWaitFor
        }
        Some("RATE_LIMITED" | "RATE_LIMIT") => limited(),
        Some("NOT_FOUND") => Fault::Gone,
        Some("FORBIDDEN") => Fault::Forbidden,
        _ if text.contains("not accessible") => Fault::Forbidden,
        _ if text.contains("expected head oid") => Fault::HeadMoved,
        _ => Fault::NotAllowed,
    };
    Answer::Refused { fault, message }
}
