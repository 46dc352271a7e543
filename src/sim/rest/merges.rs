//! Merging and updating branches.

use serde_json::json;

use super::pulls::find;
use super::refused;
use crate::sim::act::Method;
use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::state::State;

pub(super) fn is_merged(state: &mut State, call: &Call) -> Reply {
    let (_, pull) = find(state, call, "pull_number")?;
    if pull.merged.is_some() { Ok(Answer::empty(204)) } else { Err(not_found()) }
}

pub(super) fn merge(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let method = Method::from_word(call.text("merge_method").unwrap_or("merge"));
    let method = method.ok_or_else(|| unprocessable("", "PullRequest", "merge_method", "invalid"))?;
    if pull.open && call.text("sha").is_some_and(|sha| sha != pull.head_sha) {
        return Err(Answer::error(409, "Head branch was modified. Review and try the merge again."));
    }
    let words = (call.text("commit_title").map(Into::into), call.text("commit_message").map(Into::into));
    let actor = call.actor(state);
    if let Some(path) = state.workflow_denied(repo, number) {
        let text = format!(
            "refusing to allow a GitHub App to create or update workflow `{path}` without `workflows` permission"
        );
        return Err(Answer::error(403, &text));
    }
    let sha = state.merge_pull(repo, number, method, words, &actor).map_err(refused)?;
    ok(json!({"sha": sha, "merged": true, "message": "Pull Request successfully merged"}))
}

pub(super) fn update_branch(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let url = format!("{}/pulls/{number}", state.repo_url(repo));
    let actor = call.actor(state);
    state.update_head(repo, number, call.text("expected_head_sha"), &actor).map_err(refused)?;
    Ok(Answer::json(202, json!({"message": "Updating pull request branch.", "url": url})))
}
