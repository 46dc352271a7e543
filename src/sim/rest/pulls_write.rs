//! Opening and changing pull requests.

use super::pulls::find;
use super::refused;
use crate::sim::act::NewPull;
use crate::sim::http::{Answer, Call, Reply, ok, unprocessable};
use crate::sim::state::State;

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let title = call.needed("PullRequest", "title")?.to_owned();
    let (base, head) = (call.needed("PullRequest", "base")?, call.needed("PullRequest", "head")?);
    let (owner, branch) = head.split_once(':').unwrap_or(("", head));
    let head_repo = if owner.is_empty() || owner.eq_ignore_ascii_case(&state.repo(repo).owner) {
        repo
    } else {
        let fork = state.repo_named(owner, &state.repo(repo).name).map(|fork| fork.id);
        fork.ok_or_else(|| unprocessable("", "PullRequest", "head", "invalid"))?
    };
    let new = NewPull {
        author: call.actor(state),
        title,
        body: call.text("body").map(Into::into),
        base: base.into(),
        head: branch.into(),
        head_repo,
        draft: call.body["draft"].as_bool().unwrap_or(false),
    };
    let number = state.open_pull(repo, new).map_err(refused)?;
    let mergeable = state.read_mergeable(repo, number);
    Ok(Answer::json(201, state.full_pull_json(repo, &state.repo(repo).pulls[&number], mergeable)))
}

pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let (repo, pull) = find(state, call, "pull_number")?;
    let number = pull.number;
    let actor = call.actor(state);
    if let Some(base) = call.text("base") {
        if !state.repo(repo).branches.contains_key(base) {
            return Err(unprocessable("", "PullRequest", "base", "invalid"));
        }
        state.retarget(repo, number, base, &actor);
    }
    state.edit(repo, number, call.text("title"), call.text("body"), &actor);
    match call.text("state") {
        Some("closed") => state.close(repo, number, &actor),
        Some("open") => state.reopen(repo, number, &actor).map_err(refused)?,
        _ => {}
    }
    let mergeable = state.read_mergeable(repo, number);
    ok(state.full_pull_json(repo, &state.repo(repo).pulls[&number], mergeable))
}
