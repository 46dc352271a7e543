//! The request of each call.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Method;
use serde_json::{Map, Value, json};

use crate::domain::govern::{
    ActionCall, CHECK_NAME, Call, CheckDoc, Conclusion, MergeMethod, Proposal, ProposalStep, Reaction,
};
use crate::domain::policy::PATH;
use crate::github::RepoAddress;
use crate::github::path::{repo, segment};
use crate::github::wire::Asked;

/// The most characters of a summary, a text or a comment (FACTS C3, K2).
const LONGEST_TEXT: usize = 65_535;

/// The request; or why there is none that may be sent.
pub(super) fn of(at: &RepoAddress, call: &Call) -> Result<Asked, String> {
    let place = |rest: String| repo(at, &rest);
    Ok(match call {
        Call::CreateCheck(doc) => {
            let mut body = check(doc)?;
            body.insert("head_sha".to_owned(), json!(doc.sha));
            Asked::with(Method::POST, place("/check-runs".to_owned()), Value::Object(body))
        }
        Call::UpdateCheck { run, doc } => {
            Asked::with(Method::PATCH, place(format!("/check-runs/{run}")), Value::Object(check(doc)?))
        }
        Call::CreateComment { number, body } | Call::Action(ActionCall::Reply { number, body }) => {
            Asked::with(Method::POST, place(format!("/issues/{number}/comments")), json!({ "body": cut(body) }))
        }
        Call::UpdateComment { id, body } => {
            Asked::with(Method::PATCH, place(format!("/issues/comments/{id}")), json!({ "body": cut(body) }))
        }
        Call::DeleteComment { id } => Asked::bare(Method::DELETE, place(format!("/issues/comments/{id}"))),
        Call::Action(ActionCall::Merge { number, sha, method, words }) => {
            let mut body = json!({ "sha": sha, "merge_method": method_name(*method) });
            if let (Some(words), Value::Object(keys)) = (words, &mut body) {
                keys.insert("commit_title".to_owned(), json!(words.title));
                keys.insert("commit_message".to_owned(), json!(words.body));
            }
            Asked::with(Method::PUT, place(format!("/pulls/{number}/merge")), body)
        }
        Call::Action(
            ActionCall::Enqueue { .. }
            | ActionCall::Dequeue { .. }
            | ActionCall::EnableAutoMerge { .. }
            | ActionCall::DisableAutoMerge { .. }
            | ActionCall::Revert { .. },
        ) => {
            return Err("GraphQL alone changes the merge queue and auto-merge, and opens reverts".to_owned());
        }
        Call::Action(ActionCall::UpdateBranch { number, expected_head }) => {
            let body = json!({ "expected_head_sha": expected_head });
            Asked::with(Method::PUT, place(format!("/pulls/{number}/update-branch")), body)
        }
        Call::Action(ActionCall::RequestReview { number, login }) => {
            Asked::with(Method::POST, place(format!("/pulls/{number}/requested_reviewers")), reviewer(login))
        }
        Call::Action(ActionCall::Label { number, name, on: true, .. }) => {
            Asked::with(Method::POST, place(format!("/issues/{number}/labels")), json!({ "labels": [name] }))
        }
        Call::Action(ActionCall::Label { number, name, on: false, .. }) => {
            Asked::bare(Method::DELETE, place(format!("/issues/{number}/labels/{}", segment(name))))
        }
        Call::Action(ActionCall::Propose(proposal)) => propose(at, proposal)?,
        Call::Action(ActionCall::React { comment, reaction }) => {
            let comment = segment(&comment.to_string());
            let body = json!({ "content": reaction_name(*reaction) });
            Asked::with(Method::POST, place(format!("/issues/comments/{comment}/reactions")), body)
        }
    })
}

/// One step of a change of the policy file.
fn propose(at: &RepoAddress, proposal: &Proposal) -> Result<Asked, String> {
    let branch = &proposal.branch;
    Ok(match &proposal.step {
        ProposalStep::Edit => return Err("the change was not worked out yet".to_owned()),
        ProposalStep::Branch { from, .. } => {
            let body = json!({ "ref": format!("refs/heads/{branch}"), "sha": from });
            Asked::with(Method::POST, repo(at, "/git/refs"), body)
        }
        ProposalStep::File { file } => {
            let mut body = json!({
                "message": proposal.title, "branch": branch, "content": STANDARD.encode(&file.text),
            });
            if let (Some(blob), Value::Object(keys)) = (&file.blob, &mut body) {
                keys.insert("sha".to_owned(), json!(blob));
            }
            Asked::with(Method::PUT, repo(at, &format!("/contents/{PATH}")), body)
        }
        ProposalStep::Pull { base } => {
            let body = json!({ "title": proposal.title, "head": branch, "base": base, "body": cut(&proposal.body) });
            Asked::with(Method::POST, repo(at, "/pulls"), body)
        }
    })
}

/// What a check run shall say, without the commit: it is set once, when the run is made.
fn check(doc: &CheckDoc) -> Result<Map<String, Value>, String> {
    let mut body = Map::new();
    body.insert("name".to_owned(), json!(CHECK_NAME));
    body.insert("external_id".to_owned(), json!(doc.external_id));
    match doc.conclusion {
        None => body.insert("status".to_owned(), json!("in_progress")),
        Some(conclusion) => {
            body.insert("status".to_owned(), json!("completed"));
            body.insert("conclusion".to_owned(), json!(conclusion_name(conclusion)?))
        }
    };
    let mut output = Map::new();
    output.insert("title".to_owned(), json!(doc.title));
    output.insert("summary".to_owned(), json!(cut(&doc.summary)));
    if !doc.text.is_empty() {
        output.insert("text".to_owned(), json!(cut(&doc.text)));
    }
    body.insert("output".to_owned(), Value::Object(output));
    body.insert("actions".to_owned(), json!(doc.actions));
    if let Some(url) = &doc.details_url {
        body.insert("details_url".to_owned(), json!(url));
    }
    Ok(body)
}

fn conclusion_name(conclusion: Conclusion) -> Result<&'static str, String> {
    Ok(match conclusion {
        Conclusion::Success => "success",
        Conclusion::Neutral => "neutral",
        Conclusion::ActionRequired => "action_required",
        Conclusion::Failure => "failure",
        Conclusion::Cancelled => "cancelled",
        Conclusion::Other => return Err("`other` is no conclusion that can be written".to_owned()),
    })
}

pub(super) fn method_name(method: MergeMethod) -> &'static str {
    match method {
        MergeMethod::Squash => "squash",
        MergeMethod::Merge => "merge",
        MergeMethod::Rebase => "rebase",
    }
}

fn reaction_name(reaction: Reaction) -> &'static str {
    match reaction {
        Reaction::Eyes => "eyes",
        Reaction::Rocket => "rocket",
        Reaction::Confused => "confused",
    }
}

/// A person by login, a team by `@org/slug`: one name a call, since a bad one fails the whole call (FACTS P14).
fn reviewer(name: &str) -> Value {
    let name = name.trim_start_matches('@');
    match name.split_once('/') {
        Some((_, team)) => json!({ "team_reviewers": [team] }),
        None => json!({ "reviewers": [name] }),
    }
}

/// A guard: texts are made within the limit.
fn cut(text: &str) -> &str {
    text.char_indices().nth(LONGEST_TEXT).map_or(text, |(end, _)| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_characters_and_never_within_one() {
        let long = "ä".repeat(LONGEST_TEXT + 3);
        assert_eq!(cut(&long).chars().count(), LONGEST_TEXT);
        assert_eq!(cut("short ✓"), "short ✓");
    }

    #[test]
    fn a_reviewer_is_a_person_or_a_team() {
        assert_eq!(reviewer("carol"), json!({ "reviewers": ["carol"] }));
        assert_eq!(reviewer("@acme/dba"), json!({ "team_reviewers": ["dba"] }));
    }
}
