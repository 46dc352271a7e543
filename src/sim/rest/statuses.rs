//! Commit statuses.

use serde_json::{Value, json};

use super::contents::resolve;
use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::json::check::combined_state;
use crate::sim::state::State;

/// Most statuses of one context on a commit (FACTS C15).
const MOST_OF_CONTEXT: usize = 1000;

pub(super) fn combined(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let sha = resolve(state, repo, call.param("ref")).ok_or_else(not_found)?;
    let latest = state.repo(repo).latest_statuses_on(&sha);
    let api = state.repo_url(repo);
    ok(json!({
        "state": combined_state(&latest),
        "statuses": latest.iter().map(|status| {
            let mut value = state.status_json(repo, &sha, status);
            if let Some(map) = value.as_object_mut() {
                map.remove("creator");
            }
            value
        }).collect::<Value>(),
        "sha": sha,
        "total_count": latest.len(),
        "repository": state.repo_json(repo),
        "commit_url": format!("{api}/commits/{sha}"),
        "url": format!("{api}/commits/{sha}/status"),
    }))
}

pub(super) fn list(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let sha = resolve(state, repo, call.param("ref")).ok_or_else(not_found)?;
    let statuses = state.repo(repo).statuses.get(&sha).map(Vec::as_slice).unwrap_or_default();
    let all = statuses.iter().rev().map(|status| state.status_json(repo, &sha, status)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let sha = call.param("sha").to_owned();
    if state.objects.get(&sha).is_none() {
        return Err(Answer::error(422, format!("No commit found for SHA: {sha}")));
    }
    let word = call.needed("Status", "state")?;
    if !["error", "failure", "pending", "success"].contains(&word) {
        return Err(unprocessable("", "Status", "state", "invalid"));
    }
    let context = call.text("context").unwrap_or("default");
    let of_context = |statuses: &Vec<_>| {
        statuses.iter().filter(|s: &&crate::sim::state::check::Status| s.context.eq_ignore_ascii_case(context)).count()
    };
    if state.repo(repo).statuses.get(&sha).map_or(0, of_context) >= MOST_OF_CONTEXT {
        return Err(unprocessable(
            "This SHA and context has reached the maximum number of statuses.",
            "Status",
            "context",
            "custom",
        ));
    }
    let words = (call.text("description").map(Into::into), call.text("target_url").map(Into::into));
    let actor = call.actor(state);
    let id = state.set_status(repo, &sha, &actor, context, word, words);
    let status = state.repo(repo).statuses[&sha].iter().find(|status| status.id == id).ok_or_else(not_found)?;
    Ok(Answer::json(201, state.status_json(repo, &sha, status)))
}
