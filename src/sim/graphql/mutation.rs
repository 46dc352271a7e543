//! What GraphQL alone can do: auto-merge, the merge queue, reverts, drafts, hiding comments (FACTS Q4).

use serde_json::Value;

use super::kind::{Field, Got, Kind, got};
use super::root::covers;
use crate::sim::act::{Method, Refused, Removal};
use crate::sim::http::Caller;
use crate::sim::state::State;

/// Runs one mutation; its refusals become errors with GitHub's words.
pub(super) fn run(state: &mut State, caller: Caller, name: &str, input: &Value) -> Field {
    let actor = state.bot();
    if name == "minimizeComment" || name == "unminimizeComment" {
        return minimize(state, caller, name, input);
    }
    let id = input["pullRequestId"].as_str().or_else(|| input["id"].as_str()).unwrap_or_default();
    let (repo, number) = match Kind::from_node_id(state, id) {
        Some(Kind::Pull(repo, number) | Kind::QueueEntry(repo, _, number)) if covers(state, caller, repo) => {
            (repo, number)
        }
        Some(_) => return Err("Resource not accessible by integration".into()),
        None => return Err(format!("Could not resolve to a node with the global id of '{id}'.")),
    };
    if state.repo(repo).archived {
        return Err("Repository was archived so is read-only.".into());
    }
    let text = |name: &str| input[name].as_str().map(str::to_owned);
    let head = state.repo(repo).pulls[&number].head_sha.clone();
    if text("expectedHeadOid").is_some_and(|expected| expected != head) {
        return Err("Head sha didn't match expected head oid".into());
    }
    let mut fields = vec![("clientMutationId", Got::leaf(text("clientMutationId")))];
    let pull = Got::one(Kind::Pull(repo, number));
    let payload = match name {
        "enablePullRequestAutoMerge" => {
            let method = text("mergeMethod").and_then(|word| Method::from_word(&word)).unwrap_or(Method::Merge);
            let words = (text("commitHeadline"), text("commitBody"));
            state.enable_auto_merge(repo, number, method, words, &actor).map_err(words_of)?;
            fields.extend([("actor", Got::one(Kind::actor(state, &actor))), ("pullRequest", pull)]);
            "EnablePullRequestAutoMergePayload"
        }
        "disablePullRequestAutoMerge" => {
            if !state.disable_auto_merge(repo, number, &actor, "disabled by user") {
                return Err("Can't disable auto-merge for this pull request.".into());
            }
            fields.extend([("actor", Got::one(Kind::actor(state, &actor))), ("pullRequest", pull)]);
            "DisablePullRequestAutoMergePayload"
        }
        "enqueuePullRequest" => {
            state.enqueue(repo, number, input["jump"].as_bool().unwrap_or(false), &actor).map_err(words_of)?;
            let base = state.repo(repo).pulls[&number].base.clone();
            fields.push(("mergeQueueEntry", Got::one(Kind::QueueEntry(repo, base, number))));
            "EnqueuePullRequestPayload"
        }
        "dequeuePullRequest" => {
            if !state.leave_queue(repo, number, Removal::Manual, &actor) {
                return Err("Pull request is not in the merge queue".into());
            }
            fields.push(("mergeQueueEntry", Got::Leaf(Value::Null)));
            "DequeuePullRequestPayload"
        }
        "revertPullRequest" => {
            let draft = input["draft"].as_bool().unwrap_or(false);
            let reverted =
                state.revert_pull(repo, number, text("title"), text("body"), draft, &actor).map_err(words_of)?;
            fields.extend([("pullRequest", pull), ("revertPullRequest", Got::one(Kind::Pull(repo, reverted)))]);
            "RevertPullRequestPayload"
        }
        "convertPullRequestToDraft" => {
            state.set_draft(repo, number, true, &actor);
            fields.push(("pullRequest", pull));
            "ConvertPullRequestToDraftPayload"
        }
        "markPullRequestReadyForReview" => {
            state.set_draft(repo, number, false, &actor);
            fields.push(("pullRequest", pull));
            "MarkPullRequestReadyForReviewPayload"
        }
        _ => return Ok(None),
    };
    got(Got::one(Kind::Plain(payload, fields)))
}

fn words_of((_, words): Refused) -> String {
    words
}

fn minimize(state: &mut State, caller: Caller, name: &str, input: &Value) -> Field {
    let id = input["subjectId"].as_str().unwrap_or_default();
    let Some(Kind::Comment(repo, comment)) = Kind::from_node_id(state, id).filter(|kind| match kind {
        Kind::Comment(repo, _) => covers(state, caller, *repo),
        _ => false,
    }) else {
        return Err(format!("Could not resolve to a node with the global id of '{id}'."));
    };
    let hides = name == "minimizeComment";
    let reason = input["classifier"].as_str().unwrap_or_default().to_lowercase().replace('_', "-");
    if let Some(found) = state.repo_mut(repo).comments.get_mut(&comment) {
        found.minimized = hides.then_some(reason);
    }
    let (payload, field) = if hides {
        ("MinimizeCommentPayload", "minimizedComment")
    } else {
        ("UnminimizeCommentPayload", "unminimizedComment")
    };
    let fields = vec![
        ("clientMutationId", Got::leaf(input["clientMutationId"].as_str().map(str::to_owned))),
        (field, Got::one(Kind::Comment(repo, comment))),
    ];
    got(Got::one(Kind::Plain(payload, fields)))
}
