//! What a person's token for the App sees.

use serde_json::json;

use super::people::profile;
use crate::sim::http::{Answer, Call, Caller, Reply, not_found};
use crate::sim::state::State;
use crate::sim::state::people::{Installation, User};

fn caller(state: &State, call: &Call) -> Result<User, Answer> {
    let Caller::User(id) = call.caller else { return Err(not_found()) };
    state.user_by_id(id).cloned().ok_or_else(not_found)
}

/// The repositories of an installation in which somebody has a role of their own.
fn readable(state: &State, installation: &Installation, user: &User) -> Vec<u64> {
    installation.repos.iter().copied().filter(|repo| state.has_role(*repo, user)).collect()
}

pub(super) fn user(state: &mut State, call: &Call) -> Reply {
    let user = caller(state, call)?;
    profile(state, &user.login)
}

pub(super) fn installations(state: &mut State, call: &Call) -> Reply {
    let user = caller(state, call)?;
    let theirs = state.installations.values().filter(|one| !readable(state, one, &user).is_empty());
    let all = theirs.map(|one| state.installation_json(one)).collect();
    Ok(call.page(state, all, Some("installations")))
}

pub(super) fn repositories(state: &mut State, call: &Call) -> Reply {
    let (user, id) = (caller(state, call)?, call.number("installation_id")?);
    let installation = state.installations.get(&id).ok_or_else(not_found)?;
    if installation.suspended.is_some() {
        return Err(Answer::error(403, "This installation has been suspended"));
    }
    let repos = readable(state, installation, &user);
    if repos.is_empty() {
        return Err(not_found());
    }
    let all = repos.into_iter().map(|repo| state.repo_json(repo)).collect();
    Ok(call.page(state, all, Some("repositories")))
}

pub(super) fn withdraw(state: &mut State, call: &Call) -> Reply {
    if call.param("client_id") != state.config.app.client_id {
        return Err(not_found());
    }
    let token = call.needed("OauthAccess", "access_token")?.to_owned();
    let known = state.user_tokens.remove(&token);
    // What was revoked is not there to be revoked again.
    known.map(|_| Answer::empty(204)).ok_or_else(|| {
        Answer::json(404, json!({"message": "Not Found", "documentation_url": "https://docs.github.com/rest"}))
    })
}
