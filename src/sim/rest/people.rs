//! Users, their permission, and teams.

use serde_json::{Value, json};

use crate::sim::http::{Call, Reply, not_found, ok};
use crate::sim::state::State;
use crate::sim::state::people::{AccountKind, Role};

pub(super) fn user(state: &mut State, call: &Call) -> Reply {
    let login = state.user(call.param("username")).ok_or_else(not_found)?.login.clone();
    profile(state, &login)
}

/// An account as everybody sees it.
pub(super) fn profile(state: &State, login: &str) -> Reply {
    let user = state.user(login).ok_or_else(not_found)?;
    let mut value = state.user_json(&user.login);
    let more = json!({
        "name": null, "company": null, "blog": "", "location": null, "email": null, "hireable": null, "bio": null, "twitter_username": null,
        "public_repos": 0, "public_gists": 0, "followers": 0, "following": 0, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2020-01-01T00:00:00Z",
    });
    if let (Some(value), serde_json::Value::Object(more)) = (value.as_object_mut(), more) {
        value.extend(more);
    }
    ok(value)
}

/// A `collaborator`: an account with its role.
fn collaborator(state: &State, login: &str, role: Role) -> Value {
    let mut shown = state.user_json(login);
    shown["permissions"] = json!({
        "pull": role >= Role::Read,
        "triage": role >= Role::Triage,
        "push": role >= Role::Write,
        "maintain": role >= Role::Maintain,
        "admin": role == Role::Admin,
    });
    shown["role_name"] = role.name().into();
    shown
}

/// Who has a role of their own, those whom a public repository only lets read left out.
pub(super) fn collaborators(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let least = if call.query("permission") == Some("push") { Role::Write } else { Role::Read };
    let held = state.repo(repo);
    let people = state.users.values().filter(|user| user.kind == AccountKind::User);
    let with_role = people.filter(|user| {
        held.owner.eq_ignore_ascii_case(&user.login) || held.roles.contains_key(&user.login.to_lowercase())
    });
    let roles = with_role.map(|user| (user.login.clone(), state.role(repo, &user.login)));
    let all = roles.filter(|(_, role)| *role >= least).map(|(login, role)| collaborator(state, &login, role)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn permission(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let user = state.user(call.param("username")).ok_or_else(not_found)?;
    let role = if user.kind == AccountKind::User { state.role(repo, &user.login) } else { Role::None };
    let shown = collaborator(state, &user.login, role);
    ok(json!({"permission": role.permission(), "role_name": role.name(), "user": shown}))
}

pub(super) fn membership(state: &mut State, call: &Call) -> Reply {
    let (org, slug, login) = (call.param("org"), call.param("team_slug"), call.param("username"));
    let team = state.teams.get(&(org.to_lowercase(), slug.to_lowercase())).ok_or_else(not_found)?;
    let active = team.get(&login.to_lowercase()).ok_or_else(not_found)?;
    ok(json!({
        "url": format!("{}/orgs/{org}/teams/{slug}/memberships/{login}", state.url),
        "role": "member",
        "state": if *active { "active" } else { "pending" },
    }))
}

pub(super) fn members(state: &mut State, call: &Call) -> Reply {
    let key = (call.param("org").to_lowercase(), call.param("team_slug").to_lowercase());
    let team = state.teams.get(&key).ok_or_else(not_found)?;
    let all = team.iter().filter(|(_, active)| **active).map(|(login, _)| state.user_json(login)).collect();
    Ok(call.page(state, all, None))
}
