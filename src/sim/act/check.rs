//! Check runs and statuses coming and changing.

use serde_json::{Value, json};

use crate::domain::ids::Timestamp;
use crate::sim::state::State;
use crate::sim::state::check::{CheckRun, Status, suite_outcome};

/// What a write says about a check run; `None` leaves it as it is.
#[derive(Debug, Clone, Default)]
pub(crate) struct RunChange {
    pub(crate) name: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) conclusion: Option<String>,
    pub(crate) external_id: Option<String>,
    pub(crate) details_url: Option<String>,
    pub(crate) started_at: Option<Timestamp>,
    pub(crate) completed_at: Option<Timestamp>,
    pub(crate) title: Option<String>,
    pub(crate) summary: Option<String>,
    pub(crate) text: Option<String>,
    pub(crate) annotations: Vec<Value>,
    pub(crate) actions: Option<Vec<Value>>,
}

impl State {
    /// Adds a check run of an App to a commit.
    pub(crate) fn create_run(&mut self, repo: u64, app: u64, sha: &str, name: &str, change: RunChange) -> u64 {
        let suite = self.ensure_suite(repo, app, sha, None);
        let (id, now) = (self.next_id(), self.now());
        let run = CheckRun {
            id,
            suite,
            app,
            name: name.into(),
            sha: sha.into(),
            external_id: String::new(),
            details_url: None,
            status: "queued".into(),
            conclusion: None,
            started_at: now,
            completed_at: None,
            title: None,
            summary: None,
            text: None,
            annotations: Vec::new(),
            actions: Vec::new(),
        };
        let held = self.repo_mut(repo);
        held.runs.insert(id, run);
        if let Some(suite) = held.suites.get_mut(&suite) {
            suite.runs.push(id);
            suite.updated_at = now;
        }
        let completed = self.apply(repo, id, change);
        self.emit_run(repo, id, "created");
        if completed {
            self.emit_completed(repo, id);
        }
        id
    }

    /// Changes a check run. A completed one keeps its conclusion whatever a change to another status says (FACTS C16).
    pub(crate) fn update_run(&mut self, repo: u64, id: u64, change: RunChange) {
        if self.apply(repo, id, change) {
            self.emit_completed(repo, id);
        }
    }

    /// Whether the run became completed by this change.
    fn apply(&mut self, repo: u64, id: u64, change: RunChange) -> bool {
        let now = self.now();
        let Some(run) = self.repo_mut(repo).runs.get_mut(&id) else { return false };
        let was_completed = run.is_completed();
        set(&mut run.name, change.name);
        set(&mut run.external_id, change.external_id);
        set(&mut run.started_at, change.started_at);
        run.details_url = change.details_url.or(run.details_url.take());
        run.title = change.title.or(run.title.take());
        run.summary = change.summary.or(run.summary.take());
        run.text = change.text.or(run.text.take());
        run.annotations.extend(change.annotations);
        set(&mut run.actions, change.actions);
        if let Some(conclusion) = change.conclusion {
            run.status = "completed".into();
            run.conclusion = Some(conclusion);
            run.completed_at = Some(change.completed_at.unwrap_or(now));
        } else if let Some(status) = change.status.filter(|_| !was_completed) {
            run.status = status;
        }
        let completes = run.is_completed() && !was_completed;
        let suite = run.suite;
        if let Some(suite) = self.repo_mut(repo).suites.get_mut(&suite) {
            suite.updated_at = now;
        }
        completes
    }

    fn emit_run(&mut self, repo: u64, id: u64, action: &str) {
        let run = &self.repo(repo).runs[&id];
        let sender = self.bot_of(run.app);
        let about = json!({"check_run": self.run_event_json(repo, run)});
        self.emit(repo, "check_run", Some(action), about, &sender);
    }

    fn emit_completed(&mut self, repo: u64, id: u64) {
        self.emit_run(repo, id, "completed");
        let held = self.repo(repo);
        let run = &held.runs[&id];
        let (app, sha, suite) = (run.app, run.sha.clone(), run.suite);
        let of_app: Vec<&CheckRun> = held.latest_runs_on(&sha).into_iter().filter(|r| r.app == app).collect();
        if suite_outcome(&of_app).0 == "completed" {
            let about = json!({"check_suite": self.suite_json(repo, &held.suites[&suite])});
            let sender = self.bot_of(app);
            self.emit(repo, "check_suite", Some("completed"), about, &sender);
        }
    }

    fn bot_of(&self, app: u64) -> String {
        self.apps.get(&app).map_or_else(|| "ghost".into(), |app| format!("{}[bot]", app.slug))
    }

    /// A person asks for a run again: only its own App is told, and the run itself is left as it was (FACTS C8).
    pub(crate) fn rerequest_run(&mut self, repo: u64, id: u64, by: &str) {
        let run = &self.repo(repo).runs[&id];
        if run.app == self.config.app.id {
            let about = json!({"check_run": self.run_event_json(repo, run)});
            self.emit(repo, "check_run", Some("rerequested"), about, by);
        }
    }

    /// A person presses a button of a run: only its own App is told.
    pub(crate) fn click(&mut self, repo: u64, id: u64, by: &str, identifier: &str) -> bool {
        let Some(run) = self.repo(repo).runs.get(&id) else { return false };
        let offered = run.is_completed() && run.actions.iter().any(|action| action["identifier"] == identifier);
        if !offered || run.app != self.config.app.id {
            return false;
        }
        let about =
            json!({"check_run": self.run_event_json(repo, run), "requested_action": {"identifier": identifier}});
        self.ensure_user(by);
        self.emit(repo, "check_run", Some("requested_action"), about, by);
        true
    }

    /// Reports a commit status.
    pub(crate) fn set_status(
        &mut self,
        repo: u64,
        sha: &str,
        by: &str,
        context: &str,
        state: &str,
        words: (Option<String>, Option<String>),
    ) -> u64 {
        let (id, at) = (self.next_id(), self.now());
        self.ensure_user(by);
        let (description, target_url) = words;
        let status = Status {
            id,
            context: context.into(),
            state: state.into(),
            description,
            target_url,
            creator: by.into(),
            at,
        };
        let mut about = self.status_json(repo, sha, &status);
        self.repo_mut(repo).statuses.entry(sha.into()).or_default().push(status);
        let commit = self.objects.get(sha).map(|commit| self.commit_json(repo, &commit));
        let branches = self.repo(repo).branches.iter().filter(|(_, at)| *at == sha);
        let api = self.repo_url(repo);
        let branches: Vec<Value> = branches
            .map(|(name, at)| json!({"name": name, "protected": false, "commit": {"sha": at, "url": format!("{api}/commits/{at}")}}))
            .collect();
        about["sha"] = sha.into();
        about["name"] = self.repo(repo).full_name().into();
        about["commit"] = commit.unwrap_or_default();
        about["branches"] = branches.into();
        if let Some(map) = about.as_object_mut() {
            map.remove("creator");
            map.remove("url");
            map.remove("node_id");
        }
        self.emit(repo, "status", None, about, by);
        id
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
