//! The App, its installations, tokens, hook and limits.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::domain::ids::Timestamp;
use crate::sim::hooks::Delivery;
use crate::sim::http::{Answer, Call, Caller, Reply, not_found, ok, unprocessable};
use crate::sim::json::time;
use crate::sim::state::State;
use crate::sim::state::people::Token;

pub(super) fn show(state: &mut State, _: &Call) -> Reply {
    let mut app = state.app_json(state.config.app.id);
    app["installations_count"] = state.installations.len().into();
    ok(app)
}

pub(super) fn installations(state: &mut State, call: &Call) -> Reply {
    let all = state.installations.values().map(|i| state.installation_json(i)).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn installation(state: &mut State, call: &Call) -> Reply {
    let id = call.number("installation_id")?;
    state.installations.get(&id).map(|i| Answer::json(200, state.installation_json(i))).ok_or_else(not_found)
}

pub(super) fn of_repo(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    state.installation_of(repo).map(|i| Answer::json(200, state.installation_json(i))).ok_or_else(not_found)
}

pub(super) fn of_org(state: &mut State, call: &Call) -> Reply {
    let found = state.installations.values().find(|i| i.account.eq_ignore_ascii_case(call.param("org")));
    found.map(|i| Answer::json(200, state.installation_json(i))).ok_or_else(not_found)
}

pub(super) fn create_token(state: &mut State, call: &Call) -> Reply {
    let id = call.number("installation_id")?;
    let installation = state.installations.get(&id).ok_or_else(not_found)?.clone();
    if installation.suspended.is_some() {
        return Err(Answer::error(403, "This installation has been suspended"));
    }
    let mut wanted: BTreeSet<u64> =
        call.body["repository_ids"].as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
    for name in call.texts("repositories") {
        let found = state.repo_named(&installation.account, &name).map(|repo| repo.id);
        wanted.insert(found.ok_or_else(|| unprocessable("", "Installation", "repositories", "invalid"))?);
    }
    if !wanted.is_subset(&installation.repos) {
        let text =
            "There is at least one repository that does not exist or is not accessible to the parent installation.";
        return Err(unprocessable(text, "Installation", "repositories", "invalid"));
    }
    let narrowed = call.body["permissions"]
        .as_object()
        .map(|map| map.iter().filter_map(|(name, level)| Some((name.clone(), level.as_str()?.to_owned()))).collect());
    let life = i64::try_from(state.config.token_life.as_secs()).unwrap_or(3600);
    let now = state.auth_now();
    let expires_at = now.checked_add(jiff::SignedDuration::from_secs(life)).unwrap_or(now);
    let token = format!("ghs_simulated{:08x}", state.next_id());
    let repos = (!wanted.is_empty()).then_some(wanted);
    let answer = json!({
        "token": token,
        "expires_at": time(expires_at),
        "permissions": narrowed.as_ref().unwrap_or(&installation.permissions),
        "repository_selection": "selected",
    });
    state.tokens.insert(token, Token { installation: id, expires_at, repos, permissions: narrowed });
    Ok(Answer::json(201, answer))
}

pub(super) fn revoke_token(state: &mut State, call: &Call) -> Reply {
    let header = call.headers.get(http::header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    if let Some((_, token)) = header.and_then(|value| value.split_once(' ')) {
        state.tokens.remove(token.trim());
    }
    Ok(Answer::empty(204))
}

pub(super) fn repositories(state: &mut State, call: &Call) -> Reply {
    let Caller::Installation(id) = call.caller else { return Err(not_found()) };
    let repos = state.installations.get(&id).map(|i| i.repos.clone()).unwrap_or_default();
    let all = repos.into_iter().map(|repo| state.repo_json(repo)).collect();
    Ok(call.page(state, all, Some("repositories")))
}

pub(super) fn hook_config(state: &mut State, _: &Call) -> Reply {
    ok(
        json!({"content_type": "json", "insecure_ssl": "0", "secret": "********", "url": state.hooks.url.clone().unwrap_or_default()}),
    )
}

pub(super) fn deliveries(state: &mut State, call: &Call) -> Reply {
    let size: usize = call.query("per_page").and_then(|text| text.parse().ok()).unwrap_or(30).clamp(1, 100);
    let below: u64 = call.query("cursor").and_then(|text| text.parse().ok()).unwrap_or(u64::MAX);
    let wanted = |delivery: &&Delivery| match call.query("status") {
        Some("success") => delivery.is_ok(),
        Some("failure") => !delivery.is_ok(),
        _ => true,
    };
    let oldest = log_reaches(state);
    let known = state.hooks.log.iter().filter(|d| d.id < below && d.at >= oldest);
    let mut sorted: Vec<&Delivery> = known.filter(wanted).collect();
    sorted.sort_by_key(|delivery| std::cmp::Reverse(delivery.id));
    let shown: Vec<&Delivery> = sorted.iter().copied().take(size).collect();
    let answer = Answer::json(200, shown.iter().map(|delivery| item_json(delivery)).collect());
    match shown.last().filter(|_| sorted.len() > size) {
        Some(last) => {
            let status = call.query("status").map(|status| format!("&status={status}")).unwrap_or_default();
            let link =
                format!("<{}/app/hook/deliveries?per_page={size}{status}&cursor={}>; rel=\"next\"", state.url, last.id);
            Ok(answer.header("Link", link))
        }
        None => Ok(answer),
    }
}

/// What is older can neither be listed nor asked for again (FACTS W8).
fn log_reaches(state: &State) -> Timestamp {
    state.now().saturating_sub(jiff::SignedDuration::from_hours(3 * 24)).unwrap_or(Timestamp::MIN)
}

fn item_json(delivery: &Delivery) -> Value {
    let status = delivery.status.unwrap_or(0);
    json!({
        "id": delivery.id,
        "guid": delivery.guid,
        "delivered_at": time(delivery.at),
        "redelivery": delivery.redelivery,
        "duration": delivery.duration,
        "status": if delivery.is_ok() { "OK".to_owned() } else if status == 0 { "failed to connect to host".into() } else { format!("Invalid HTTP Response: {status}") },
        "status_code": status,
        "event": delivery.event,
        "action": delivery.action,
        "installation_id": delivery.installation,
        "repository_id": delivery.repo,
        "throttled_at": null,
    })
}

pub(super) fn delivery(state: &mut State, call: &Call) -> Reply {
    let id = call.number("delivery_id")?;
    let found = state.hooks.log.iter().find(|delivery| delivery.id == id).ok_or_else(not_found)?;
    let mut value = item_json(found);
    value["url"] = state.hooks.url.clone().into();
    value["request"] =
        json!({"headers": {"X-GitHub-Event": found.event, "X-GitHub-Delivery": found.guid}, "payload": found.json()});
    value["response"] = json!({"headers": {}, "payload": ""});
    ok(value)
}

pub(super) fn redeliver(state: &mut State, call: &Call) -> Reply {
    let id = call.number("delivery_id")?;
    let (new_id, now, oldest) = (state.next_id(), state.now(), log_reaches(state));
    if !state.hooks.log.iter().any(|delivery| delivery.id == id && delivery.at >= oldest) {
        return Err(not_found());
    }
    if state.hooks.redeliver(id, new_id, now) { Ok(Answer::json(202, json!({}))) } else { Err(not_found()) }
}

pub(super) fn rate_limit(state: &mut State, call: &Call) -> Reply {
    state.refund(call.caller);
    let Caller::Installation(id) = call.caller else { return Err(not_found()) };
    let (reset, used) = state.window(id);
    let limit = state.config.rate_limit;
    let one = json!({"limit": limit, "used": used, "remaining": limit.saturating_sub(used), "reset": reset});
    ok(json!({"resources": {"core": one, "search": one, "graphql": one}, "rate": one}))
}

pub(super) fn meta(_: &mut State, _: &Call) -> Reply {
    ok(json!({"verifiable_password_authentication": false, "hooks": ["127.0.0.1/32"]}))
}
