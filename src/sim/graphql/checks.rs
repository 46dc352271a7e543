//! Check suites and check runs.

use serde_json::Value;

use super::connection;
use super::kind::{Field, Got, Kind, got};
use crate::sim::json::{node_id, time};
use crate::sim::state::State;
use crate::sim::state::check::{CheckRun, suite_outcome};

pub(super) fn suite(state: &State, repo: u64, id: u64, name: &str, args: &Value) -> Field {
    let held = state.repo(repo);
    let Some(suite) = held.suites.get(&id) else { return Ok(None) };
    let latest: Vec<&CheckRun> =
        held.latest_runs_on(&suite.sha).into_iter().filter(|run| run.app == suite.app).collect();
    let (status, conclusion) = suite_outcome(&latest);
    got(match name {
        "id" => Got::leaf(node_id("CS", format!("{repo}:{id}"))),
        "databaseId" => Got::leaf(id),
        "app" => Got::one(Kind::App(suite.app)),
        "commit" => Got::one(Kind::Commit(repo, suite.sha.clone())),
        "conclusion" => conclusion.map_or(Got::Leaf(Value::Null), |word| Got::word(&word)),
        "status" => Got::word(status),
        "createdAt" => Got::leaf(time(suite.created_at)),
        "updatedAt" => Got::leaf(time(suite.updated_at)),
        "url" => Got::leaf(format!("{}/suites/{id}", state.repo_page(repo))),
        "checkRuns" => {
            let filter = &args["filterBy"];
            let all = || held.runs_on(&suite.sha).into_iter().filter(|run| run.suite == id).collect::<Vec<_>>();
            let runs = if filter["checkType"] == "ALL" { all() } else { latest };
            let shown = runs.into_iter().filter(|run| selected(run, filter));
            return connection::of("CheckRunConnection", shown.map(|run| Kind::Run(repo, run.id)).collect(), args);
        }
        _ => return Ok(None),
    })
}

fn selected(run: &CheckRun, filter: &Value) -> bool {
    let conclusion = run.conclusion.as_deref().unwrap_or_default().to_uppercase();
    let status = run.status.to_uppercase();
    filter["appId"].as_u64().is_none_or(|app| run.app == app)
        && filter["checkName"].as_str().is_none_or(|name| run.name == name)
        && filter["status"].as_str().is_none_or(|wanted| wanted == status)
        && filter["statuses"].as_array().is_none_or(|list| list.iter().any(|wanted| *wanted == *status))
        && filter["conclusions"].as_array().is_none_or(|list| list.iter().any(|wanted| *wanted == *conclusion))
}

pub(super) fn run(state: &State, repo: u64, id: u64, name: &str, args: &Value) -> Field {
    let Some(run) = state.repo(repo).runs.get(&id) else { return Ok(None) };
    let page = || format!("{}/runs/{id}", state.repo_page(repo));
    got(match name {
        "id" => Got::leaf(node_id("CR", format!("{repo}:{id}"))),
        "databaseId" => Got::leaf(id),
        "name" => Got::leaf(run.name.clone()),
        "checkSuite" => Got::one(Kind::Suite(repo, run.suite)),
        "status" => Got::word(&run.status),
        "conclusion" => run.conclusion.as_deref().map_or(Got::Leaf(Value::Null), Got::word),
        "startedAt" => Got::leaf(time(run.started_at)),
        "completedAt" => Got::leaf(run.completed_at.map(time)),
        "detailsUrl" => Got::leaf(run.details_url.clone().unwrap_or_else(page)),
        "externalId" => Got::leaf(run.external_id.clone()),
        "title" => Got::leaf(run.title.clone()),
        "summary" => Got::leaf(run.summary.clone()),
        "text" => Got::leaf(run.text.clone()),
        "url" => Got::leaf(page()),
        "isRequired" => Got::leaf(is_required(state, repo, args, &run.name, Some(run.app))),
        _ => return Ok(None),
    })
}

/// Whether a check of this name (and App) is required to merge the pull request that the arguments name.
pub(super) fn is_required(state: &State, repo: u64, args: &Value, name: &str, app: Option<u64>) -> bool {
    let by_id = || match Kind::from_node_id(state, args["pullRequestId"].as_str()?)? {
        Kind::Pull(_, number) => Some(number),
        _ => None,
    };
    let Some(number) = args["pullRequestNumber"].as_u64().or_else(by_id) else { return false };
    let Some(pull) = state.repo(repo).pulls.get(&number) else { return false };
    let rules = state.rules(repo, &pull.base).unwrap_or_default();
    rules.checks.iter().any(|check| check.context == name && (check.app_id.is_none() || check.app_id == app))
}
