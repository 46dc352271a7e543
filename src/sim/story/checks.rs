//! Checks and statuses: what CI says, what the App said, and buttons.

use super::views::CheckRunView;
use super::{GitHub, parts};
use crate::domain::ids::{CheckRunId, CommitSha, RepoId, UnitKey};
use crate::sim::act::RunChange;

impl GitHub {
    /// Reports a check run on a pull request's head by the App of this slug; no conclusion leaves it in progress.
    pub fn check(&self, pr: UnitKey, name: &str, app: &str, conclusion: Option<&str>) -> CheckRunId {
        let sha = self.pull(pr).head_sha;
        self.check_on(pr.repo, &sha, name, app, conclusion)
    }

    /// Reports a check run on a commit.
    pub fn check_on(
        &self,
        repo: RepoId,
        sha: &CommitSha,
        name: &str,
        app: &str,
        conclusion: Option<&str>,
    ) -> CheckRunId {
        let change = RunChange {
            status: Some("in_progress".into()),
            conclusion: conclusion.map(Into::into),
            ..RunChange::default()
        };
        CheckRunId(self.act(|state| {
            let app = state.ensure_app(app);
            state.create_run(repo.0, app, sha.as_str(), name, change)
        }))
    }

    /// Completes a run that was in progress.
    pub fn finish_check(&self, repo: RepoId, run: CheckRunId, conclusion: &str) {
        let change = RunChange { conclusion: Some(conclusion.into()), ..RunChange::default() };
        self.act(|state| state.update_run(repo.0, run.0, change));
    }

    /// Reports a commit status on a pull request's head.
    pub fn status(&self, pr: UnitKey, by: &str, context: &str, state: &str) {
        let sha = self.pull(pr).head_sha;
        self.act(|world| world.set_status(pr.repo.0, sha.as_str(), by, context, state, (None, None)));
    }

    /// Presses a button of the App's check run; `false` if the run shows no such button.
    pub fn click(&self, repo: RepoId, run: CheckRunId, by: &str, identifier: &str) -> bool {
        self.act(|state| state.click(repo.0, run.0, by, identifier))
    }

    /// Asks for a check run again.
    pub fn rerequest(&self, repo: RepoId, run: CheckRunId, by: &str) {
        self.act(|state| state.rerequest_run(repo.0, run.0, by));
    }

    /// All check runs on a commit, oldest first.
    #[must_use]
    pub fn check_runs(&self, repo: RepoId, sha: &CommitSha) -> Vec<CheckRunView> {
        let state = self.lock();
        state.repo(repo.0).runs_on(sha.as_str()).into_iter().map(|run| CheckRunView::of(&state, run)).collect()
    }

    /// The newest check run of a name on a pull request's head.
    #[must_use]
    pub fn latest_check(&self, pr: UnitKey, name: &str) -> Option<CheckRunView> {
        let (repo, number) = parts(pr);
        let state = self.lock();
        let sha = &state.repo(repo).pulls[&number].head_sha;
        state.repo(repo).runs_on(sha).into_iter().rfind(|run| run.name == name).map(|run| CheckRunView::of(&state, run))
    }
}
