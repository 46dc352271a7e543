//! A repository and the plain things in it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::check::{CheckRun, CheckSuite, Status};
use super::people::Role;
use super::protection::{Protection, Ruleset};
use super::pull::{Comment, Pull};
use crate::domain::ids::Timestamp;
use crate::sim::git::Sha;

/// One repository.
#[derive(Debug)]
pub(crate) struct Repo {
    pub(crate) id: u64,
    pub(crate) owner: String,
    pub(crate) name: String,
    pub(crate) private: bool,
    /// Read-only.
    pub(crate) archived: bool,
    pub(crate) default_branch: String,
    pub(crate) created_at: Timestamp,
    pub(crate) fork_of: Option<u64>,
    pub(crate) settings: RepoSettings,
    pub(crate) branches: BTreeMap<String, Sha>,
    /// Login in lower case to role.
    pub(crate) roles: BTreeMap<String, Role>,
    pub(crate) protections: BTreeMap<String, Protection>,
    pub(crate) rulesets: Vec<Ruleset>,
    pub(crate) last_number: u64,
    pub(crate) pulls: BTreeMap<u64, Pull>,
    /// Numbers of the open ones: most questions are about these, and closed ones pile up.
    pub(crate) open: BTreeSet<u64>,
    pub(crate) comments: BTreeMap<u64, Comment>,
    pub(crate) runs: BTreeMap<u64, CheckRun>,
    pub(crate) suites: BTreeMap<u64, CheckSuite>,
    /// Suites by commit, since checks are always asked for by commit.
    pub(crate) suites_by_sha: HashMap<Sha, Vec<u64>>,
    pub(crate) statuses: HashMap<Sha, Vec<Status>>,
    /// Issues that are no pull requests are only known by number and title.
    pub(crate) labels: BTreeMap<String, u64>,
    /// Merge queue of each branch, first in line first.
    pub(crate) queues: BTreeMap<String, Vec<QueueEntry>>,
}

/// A repository's switches.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are GitHub's switches, each by its own name")]
pub struct RepoSettings {
    /// Merge commits are allowed.
    pub allow_merge_commit: bool,
    /// Squash merges are allowed.
    pub allow_squash_merge: bool,
    /// Rebase merges are allowed.
    pub allow_rebase_merge: bool,
    /// Auto-merge may be switched on.
    pub allow_auto_merge: bool,
    /// Head branches go when their pull request is merged.
    pub delete_branch_on_merge: bool,
    /// Update-branch is offered even where protection does not ask for it.
    pub allow_update_branch: bool,
}

impl Default for RepoSettings {
    fn default() -> Self {
        Self {
            allow_merge_commit: true,
            allow_squash_merge: true,
            allow_rebase_merge: true,
            allow_auto_merge: true,
            delete_branch_on_merge: false,
            allow_update_branch: true,
        }
    }
}

/// A pull request in a merge queue.
#[derive(Debug, Clone)]
pub(crate) struct QueueEntry {
    pub(crate) number: u64,
    pub(crate) by: String,
    pub(crate) at: Timestamp,
    /// The commit that checks are asked for on, and the base it was built on.
    pub(crate) group: Option<(Sha, Sha)>,
}

impl Repo {
    /// `owner/name`.
    pub(crate) fn full_name(&self) -> String {
        format!("{}/{}", self.owner, self.name)
    }

    /// Open pull requests by number.
    pub(crate) fn open_pulls(&self) -> impl Iterator<Item = &Pull> {
        self.open.iter().filter_map(|number| self.pulls.get(number))
    }

    /// Open pull requests into `branch`.
    pub(crate) fn open_into(&self, branch: &str) -> Vec<u64> {
        self.open_pulls().filter(|p| p.base == branch).map(|p| p.number).collect()
    }

    /// Open pull requests whose head is this commit.
    pub(crate) fn open_at(&self, sha: &str) -> Vec<u64> {
        self.open_pulls().filter(|p| p.head_sha == sha).map(|p| p.number).collect()
    }

    /// All runs on a commit, oldest first.
    pub(crate) fn runs_on(&self, sha: &str) -> Vec<&CheckRun> {
        let suites = self.suites_by_sha.get(sha).map(Vec::as_slice).unwrap_or_default();
        let ids: BTreeSet<u64> =
            suites.iter().filter_map(|s| self.suites.get(s)).flat_map(|s| s.runs.iter().copied()).collect();
        ids.iter().filter_map(|id| self.runs.get(id)).collect()
    }

    /// The newest run of each name and App on a commit, which is what counts (FACTS C6).
    pub(crate) fn latest_runs_on(&self, sha: &str) -> Vec<&CheckRun> {
        let mut latest: BTreeMap<(u64, &str), &CheckRun> = BTreeMap::new();
        for run in self.runs_on(sha) {
            latest.insert((run.app, &run.name), run);
        }
        let mut runs: Vec<_> = latest.into_values().collect();
        runs.sort_by_key(|run| run.id);
        runs
    }

    /// The newest status of each context on a commit.
    pub(crate) fn latest_statuses_on(&self, sha: &str) -> Vec<&Status> {
        let mut latest: BTreeMap<String, &Status> = BTreeMap::new();
        for status in self.statuses.get(sha).into_iter().flatten() {
            latest.insert(status.context.to_lowercase(), status);
        }
        latest.into_values().collect()
    }
}
