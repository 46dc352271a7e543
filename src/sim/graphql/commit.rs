//! Commits, statuses, and the rollup of everything reported on a commit.

use serde_json::Value;

use super::connection;
use super::kind::{Field, Got, Kind, got};
use crate::sim::json::check::combined_state;
use crate::sim::json::{node_id, time};
use crate::sim::state::State;

pub(super) fn field(state: &State, repo: u64, sha: &str, name: &str, args: &Value) -> Field {
    let Some(commit) = state.objects.get(sha) else { return Ok(None) };
    let (headline, body) = commit.message.split_once('\n').unwrap_or((&commit.message, ""));
    got(match name {
        "id" => Got::leaf(node_id("C", format!("{repo}:{sha}"))),
        "oid" => Got::leaf(sha),
        "message" => Got::leaf(commit.message.clone()),
        "messageHeadline" => Got::leaf(headline),
        "messageBody" => Got::leaf(body.trim_start()),
        "authoredDate" | "committedDate" => Got::leaf(time(commit.at)),
        "repository" => Got::one(Kind::Repo(repo)),
        "url" => Got::leaf(format!("{}/commit/{sha}", state.repo_page(repo))),
        "parents" => {
            let nodes = commit.parents.iter().map(|parent| Kind::Commit(repo, parent.clone())).collect();
            return connection::of("CommitConnection", nodes, args);
        }
        "status" => {
            let any = !state.repo(repo).latest_statuses_on(sha).is_empty();
            Got::maybe(any.then(|| Kind::Status(repo, sha.into())))
        }
        "statusCheckRollup" => rollup_of(state, repo, sha),
        "checkSuites" => {
            let filter = &args["filterBy"];
            let held = state.repo(repo);
            let suites = held.suites_by_sha.get(sha).into_iter().flatten().filter_map(|id| held.suites.get(id));
            let shown =
                suites.filter(|suite| filter["appId"].as_u64().is_none_or(|app| suite.app == app)).filter(|suite| {
                    let named =
                        |name: &str| suite.runs.iter().any(|id| held.runs.get(id).is_some_and(|run| run.name == name));
                    filter["checkName"].as_str().is_none_or(named)
                });
            return connection::of(
                "CheckSuiteConnection",
                shown.map(|suite| Kind::Suite(repo, suite.id)).collect(),
                args,
            );
        }
        _ => return Ok(None),
    })
}

/// The rollup of a commit; null where nothing was reported.
pub(super) fn rollup_of(state: &State, repo: u64, sha: &str) -> Got {
    let held = state.repo(repo);
    let any = !held.latest_runs_on(sha).is_empty() || !held.latest_statuses_on(sha).is_empty();
    Got::maybe(any.then(|| Kind::Rollup(repo, sha.into())))
}

pub(super) fn rollup(state: &State, repo: u64, sha: &str, name: &str, args: &Value) -> Field {
    let held = state.repo(repo);
    let (runs, statuses) = (held.latest_runs_on(sha), held.latest_statuses_on(sha));
    got(match name {
        "id" => Got::leaf(node_id("SCR", format!("{repo}:{sha}"))),
        "commit" => Got::one(Kind::Commit(repo, sha.into())),
        "state" => {
            let failing = runs.iter().any(|run| run.is_completed() && !run.passes());
            let pending =
                runs.iter().any(|run| !run.is_completed()) || statuses.iter().any(|status| status.state == "pending");
            let bad = statuses.iter().any(|status| matches!(status.state.as_str(), "failure" | "error"));
            Got::leaf(match () {
                () if failing || bad => "FAILURE",
                () if pending => "PENDING",
                () => "SUCCESS",
            })
        }
        "contexts" => {
            let of_runs = runs.iter().map(|run| Kind::Run(repo, run.id));
            let of_statuses = statuses.iter().map(|status| Kind::StatusContext(repo, sha.into(), status.id));
            let nodes: Vec<Kind> = of_runs.chain(of_statuses).collect();
            let more = vec![
                ("checkRunCount", Got::leaf(runs.len())),
                ("statusContextCount", Got::leaf(statuses.len())),
                ("checkRunCountsByState", Got::Many(Vec::new())),
                ("statusContextCountsByState", Got::Many(Vec::new())),
            ];
            return connection::with("StatusCheckRollupContextConnection", &nodes, args, more);
        }
        _ => return Ok(None),
    })
}

pub(super) fn status(state: &State, repo: u64, sha: &str, name: &str, args: &Value) -> Field {
    let statuses = state.repo(repo).latest_statuses_on(sha);
    let kind = |status: &&crate::sim::state::check::Status| Kind::StatusContext(repo, sha.into(), status.id);
    got(match name {
        "id" => Got::leaf(node_id("ST", format!("{repo}:{sha}"))),
        "commit" => Got::one(Kind::Commit(repo, sha.into())),
        "state" => Got::word(combined_state(&statuses)),
        "contexts" => Got::Many(statuses.iter().map(kind).collect()),
        "context" => Got::maybe(statuses.iter().find(|status| args["name"] == *status.context).map(kind)),
        _ => return Ok(None),
    })
}

pub(super) fn context(state: &State, repo: u64, sha: &str, id: u64, name: &str, args: &Value) -> Field {
    let all = state.repo(repo).statuses.get(sha);
    let Some(status) = all.into_iter().flatten().find(|status| status.id == id) else { return Ok(None) };
    got(match name {
        "id" => Got::leaf(node_id("SC", format!("{repo}:{id}"))),
        "commit" => Got::one(Kind::Commit(repo, sha.into())),
        "context" => Got::leaf(status.context.clone()),
        "createdAt" => Got::leaf(time(status.at)),
        "creator" => Got::one(Kind::actor(state, &status.creator)),
        "description" => Got::leaf(status.description.clone()),
        "state" => Got::word(&status.state),
        "targetUrl" => Got::leaf(status.target_url.clone()),
        "isRequired" => Got::leaf(super::checks::is_required(state, repo, args, &status.context, None)),
        _ => return Ok(None),
    })
}
