//! Reading check runs and suites.

use serde_json::{Value, json};

use super::contents::resolve;
use crate::sim::http::{Answer, Call, Reply, not_found, ok};
use crate::sim::state::State;
use crate::sim::state::check::CheckRun;

/// Runs that the query asks for: newest of each name, or all.
fn select<'s>(call: &Call, all: Vec<&'s CheckRun>, latest: Vec<&'s CheckRun>) -> Vec<&'s CheckRun> {
    let runs = if call.query("filter") == Some("all") { all } else { latest };
    let app: Option<u64> = call.query("app_id").and_then(|text| text.parse().ok());
    let shown = runs.into_iter().filter(|run| {
        call.query("check_name").is_none_or(|name| run.name == name)
            && call.query("status").is_none_or(|status| run.status == status)
            && app.is_none_or(|app| run.app == app)
    });
    let mut shown: Vec<_> = shown.collect();
    shown.sort_by_key(|run| std::cmp::Reverse(run.id));
    shown
}

pub(super) fn runs_of_commit(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let name = call.param("ref");
    let sha =
        resolve(state, repo, name).ok_or_else(|| Answer::error(422, format!("No commit found for SHA: {name}")))?;
    let held = state.repo(repo);
    let runs = select(call, held.runs_on(&sha), held.latest_runs_on(&sha));
    let all = runs.into_iter().map(|run| state.run_json(repo, run)).collect();
    Ok(call.page(state, all, Some("check_runs")))
}

pub(super) fn suites_of_commit(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo_id(state)?;
    let name = call.param("ref");
    let sha =
        resolve(state, repo, name).ok_or_else(|| Answer::error(422, format!("No commit found for SHA: {name}")))?;
    let held = state.repo(repo);
    let app: Option<u64> = call.query("app_id").and_then(|text| text.parse().ok());
    let suites = held.suites_by_sha.get(&sha).into_iter().flatten().filter_map(|id| held.suites.get(id));
    let shown = suites.filter(|suite| app.is_none_or(|app| suite.app == app)).filter(|suite| {
        let named = |id: &u64| held.runs.get(id).is_some_and(|run| Some(run.name.as_str()) == call.query("check_name"));
        call.query("check_name").is_none() || suite.runs.iter().any(named)
    });
    let all = shown.map(|suite| state.suite_json(repo, suite)).collect();
    Ok(call.page(state, all, Some("check_suites")))
}

pub(super) fn run(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let run = repo.runs.get(&call.number("check_run_id")?).ok_or_else(not_found)?;
    ok(state.run_json(repo.id, run))
}

pub(super) fn annotations(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let run = repo.runs.get(&call.number("check_run_id")?).ok_or_else(not_found)?;
    let whole = |given: &Value| {
        let mut value = json!({
            "blob_href": format!("{}/git/blobs/{}", state.repo_url(repo.id), run.sha),
            "start_column": null,
            "end_column": null,
            "title": null,
            "raw_details": null,
        });
        if let (Some(value), Some(given)) = (value.as_object_mut(), given.as_object()) {
            value.extend(given.clone());
        }
        value
    };
    let all = run.annotations.iter().map(whole).collect();
    Ok(call.page(state, all, None))
}

pub(super) fn suite(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let suite = repo.suites.get(&call.number("check_suite_id")?).ok_or_else(not_found)?;
    ok(state.suite_json(repo.id, suite))
}

pub(super) fn runs_of_suite(state: &mut State, call: &Call) -> Reply {
    let repo = call.repo(state)?;
    let suite = repo.suites.get(&call.number("check_suite_id")?).ok_or_else(not_found)?;
    let of_suite = |runs: Vec<&CheckRun>| {
        runs.into_iter().filter(|run| run.suite == suite.id).map(|run| run.id).collect::<Vec<_>>()
    };
    let (all, latest) = (of_suite(repo.runs_on(&suite.sha)), of_suite(repo.latest_runs_on(&suite.sha)));
    let held = |ids: Vec<u64>| ids.into_iter().map(|id| &repo.runs[&id]).collect::<Vec<_>>();
    let runs = select(call, held(all), held(latest));
    let all = runs.into_iter().map(|run| state.run_json(repo.id, run)).collect();
    Ok(call.page(state, all, Some("check_runs")))
}
