//! Git references.

use serde_json::Value;

use crate::sim::http::{Answer, Call, Reply, not_found, ok, unprocessable};
use crate::sim::state::State;

/// The branch that `heads/x` names.
fn branch(call: &Call) -> &str {
    let name = call.param("ref");
    name.strip_prefix("heads/").unwrap_or(name)
}

pub(super) fn get(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let sha = state.repo(repo).branches.get(branch(call)).ok_or_else(not_found)?;
    ok(state.ref_json(repo, branch(call), sha))
}

pub(super) fn matching(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let found = state.repo(repo).branches.iter().filter(|(name, _)| name.starts_with(branch(call)));
    ok(found.map(|(name, sha)| state.ref_json(repo, name, sha)).collect::<Value>())
}

pub(super) fn create(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let name = call.needed("Reference", "ref")?.to_owned();
    let sha = call.needed("Reference", "sha")?.to_owned();
    let Some(name) = name.strip_prefix("refs/heads/") else {
        return Err(Answer::error(422, "Reference name must start with 'refs/heads/' in this simulation."));
    };
    if state.repo(repo).branches.contains_key(name) {
        return Err(Answer::error(422, "Reference already exists"));
    }
    if state.objects.get(&sha).is_none() {
        return Err(Answer::error(422, "Object does not exist"));
    }
    let actor = call.actor(state);
    state.move_branch(repo, name, &sha, &actor);
    Ok(Answer::json(201, state.ref_json(repo, name, &sha)))
}

pub(super) fn update(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let sha = call.needed("Reference", "sha")?.to_owned();
    let name = branch(call).to_owned();
    let old =
        state.repo(repo).branches.get(&name).cloned().ok_or_else(|| Answer::error(422, "Reference does not exist"))?;
    if state.objects.get(&sha).is_none() {
        return Err(Answer::error(422, "Object does not exist"));
    }
    let forced = call.body["force"].as_bool().unwrap_or(false);
    if !forced && !state.objects.is_ancestor(&old, &sha) {
        return Err(unprocessable("Update is not a fast forward", "Reference", "sha", "custom"));
    }
    let actor = call.actor(state);
    state.move_branch(repo, &name, &sha, &actor);
    ok(state.ref_json(repo, &name, &sha))
}

pub(super) fn delete(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let actor = call.actor(state);
    if state.delete_branch(repo, branch(call), &actor) {
        Ok(Answer::empty(204))
    } else {
        Err(Answer::error(422, "Reference does not exist"))
    }
}
