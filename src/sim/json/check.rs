//! Check runs, check suites and statuses.

use serde_json::{Value, json};

use super::{node_id, time};
use crate::sim::git::ZERO_SHA;
use crate::sim::state::State;
use crate::sim::state::check::{CheckRun, CheckSuite, Status, suite_outcome};

impl State {
    /// A `check-run`.
    pub(crate) fn run_json(&self, repo: u64, run: &CheckRun) -> Value {
        let own = format!("{}/check-runs/{}", self.repo_url(repo), run.id);
        let page = format!("{}/runs/{}", self.repo_page(repo), run.id);
        json!({
            "id": run.id,
            "name": run.name,
            "node_id": node_id("CR", format!("{repo}:{}", run.id)),
            "head_sha": run.sha,
            "external_id": run.external_id,
            "url": own,
            "html_url": page,
            "details_url": run.details_url.clone().unwrap_or_else(|| page.clone()),
            "status": run.status,
            "conclusion": run.conclusion,
            "started_at": time(run.started_at),
            "completed_at": run.completed_at.map(time),
            "output": {
                "title": run.title,
                "summary": run.summary,
                "text": run.text,
                "annotations_count": run.annotations.len(),
                "annotations_url": format!("{own}/annotations"),
            },
            "check_suite": {"id": run.suite},
            "app": self.app_json(run.app),
            "pull_requests": self.pulls_at_json(repo, &run.sha),
        })
    }

    /// A check run as webhooks carry it: with a whole suite inside.
    pub(crate) fn run_event_json(&self, repo: u64, run: &CheckRun) -> Value {
        let mut value = self.run_json(repo, run);
        if let Some(suite) = self.repo(repo).suites.get(&run.suite) {
            let mut short = self.suite_json(repo, suite);
            if let Some(map) = short.as_object_mut() {
                for key in ["head_commit", "repository", "latest_check_runs_count", "check_runs_url", "rerequestable"] {
                    map.remove(key);
                }
            }
            value["check_suite"] = short;
        }
        value
    }

    /// A `check-suite`.
    pub(crate) fn suite_json(&self, repo: u64, suite: &CheckSuite) -> Value {
        let own = format!("{}/check-suites/{}", self.repo_url(repo), suite.id);
        let latest: Vec<&CheckRun> =
            self.repo(repo).latest_runs_on(&suite.sha).into_iter().filter(|r| r.app == suite.app).collect();
        let (status, conclusion) = suite_outcome(&latest);
        let commit = self.objects.get(&suite.sha);
        let before = commit.as_ref().and_then(|c| c.parents.first().cloned()).unwrap_or_else(|| ZERO_SHA.into());
        json!({
            "id": suite.id,
            "node_id": node_id("CS", format!("{repo}:{}", suite.id)),
            "head_branch": suite.head_branch,
            "head_sha": suite.sha,
            "status": status,
            "conclusion": conclusion,
            "url": own,
            "before": before,
            "after": suite.sha,
            "pull_requests": self.pulls_at_json(repo, &suite.sha),
            "app": self.app_json(suite.app),
            "created_at": time(suite.created_at),
            "updated_at": time(suite.updated_at),
            "rerequestable": true,
            "runs_rerequestable": true,
            "latest_check_runs_count": latest.len(),
            "check_runs_url": format!("{own}/check-runs"),
            "head_commit": commit.map(|c| self.simple_commit_json(&c)),
            "repository": self.repo_json(repo),
        })
    }

    /// Open pull requests with this head, as checks list them: none that come from forks (FACTS C10).
    fn pulls_at_json(&self, repo: u64, sha: &str) -> Vec<Value> {
        let held = self.repo(repo);
        let pulls = held.open_at(sha).into_iter().filter_map(|number| held.pulls.get(&number));
        pulls.filter(|pull| pull.head_repo == repo).map(|pull| self.minimal_pull_json(repo, pull)).collect()
    }

    /// A `status`.
    pub(crate) fn status_json(&self, repo: u64, sha: &str, status: &Status) -> Value {
        json!({
            "url": format!("{}/statuses/{sha}", self.repo_url(repo)),
            "avatar_url": format!("{}/avatars/1", self.url),
            "id": status.id,
            "node_id": node_id("SC", format!("{repo}:{}", status.id)),
            "state": status.state,
            "description": status.description,
            "target_url": status.target_url,
            "context": status.context,
            "created_at": time(status.at),
            "updated_at": time(status.at),
            "creator": self.user_json(&status.creator),
        })
    }
}

/// The state of all statuses together (FACTS C15).
pub(crate) fn combined_state(statuses: &[&Status]) -> &'static str {
    let has = |state: &str| statuses.iter().any(|status| status.state == state);
    if has("error") || has("failure") {
        "failure"
    } else if statuses.is_empty() || has("pending") {
        "pending"
    } else {
        "success"
    }
}
