//! Whether a pull request may merge now, and if not, in GitHub's words.

use super::Refused;
use crate::sim::state::State;
use crate::sim::state::protection::{Protection, RequiredCheck};
use crate::sim::state::pull::Pull;

/// How a change is put onto the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    Merge,
    Squash,
    Rebase,
}

impl Method {
    /// By the API's word, in any case.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "merge" => Some(Self::Merge),
            "squash" => Some(Self::Squash),
            "rebase" => Some(Self::Rebase),
            _ => None,
        }
    }

    /// The API's word.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Squash => "squash",
            Self::Rebase => "rebase",
        }
    }
}

impl State {
    /// Whether head and base merge without a conflict.
    pub(crate) fn is_mergeable(&self, repo: u64, pull: &Pull) -> bool {
        match self.repo(repo).branches.get(&pull.base) {
            Some(base) => self.objects.merge(base, &pull.head_sha).is_some(),
            None => false,
        }
    }

    /// `mergeable` as one read of the pull request sees it; null at first where that is configured.
    pub(crate) fn read_mergeable(&mut self, repo: u64, number: u64) -> Option<bool> {
        let pull = &self.repo(repo).pulls[&number];
        if !pull.open {
            return None;
        }
        let base = self.repo(repo).branches.get(&pull.base).cloned().unwrap_or_default();
        let now = (base, pull.head_sha.clone());
        let known = pull.mergeable_known.as_ref() == Some(&now);
        if !known {
            self.pull_mut(repo, number).mergeable_known = Some(now);
            if self.config.mergeable_null_first {
                return None;
            }
        }
        Some(self.is_mergeable(repo, &self.repo(repo).pulls[&number]))
    }

    /// `mergeable_state` (FACTS P2).
    pub(crate) fn mergeable_state(&self, repo: u64, pull: &Pull) -> &'static str {
        let rules = self.rules(repo, &pull.base);
        if !pull.open {
            return "unknown";
        }
        if !self.is_mergeable(repo, pull) {
            return "dirty";
        }
        if pull.draft {
            return "draft";
        }
        if let Some(rules) = &rules {
            if rules.strict && self.is_behind(repo, pull) {
                return "behind";
            }
            if self.unmet(repo, pull, rules).is_some() || rules.merge_queue {
                return "blocked";
            }
        }
        let held = self.repo(repo);
        let runs = held.latest_runs_on(&pull.head_sha);
        let statuses = held.latest_statuses_on(&pull.head_sha);
        let unsteady = runs.iter().any(|run| !run.passes()) || statuses.iter().any(|status| status.state != "success");
        if unsteady { "unstable" } else { "clean" }
    }

    /// Whether the base has commits that the head has not.
    pub(crate) fn is_behind(&self, repo: u64, pull: &Pull) -> bool {
        let base = self.repo(repo).branches.get(&pull.base);
        base.is_some_and(|base| !self.objects.is_ancestor(base, &pull.head_sha))
    }

    /// Whether `by` may merge now, in the order in which GitHub looks.
    pub(crate) fn may_merge(&self, repo: u64, pull: &Pull, method: Method, by: &str) -> Result<(), Refused> {
        let settings = self.repo(repo).settings;
        let refused = |text: &str| Err((405, text.to_owned()));
        if !self.may_write(repo, by) {
            return Err((403, "Resource not accessible by integration".into()));
        }
        if !pull.open {
            return refused("Pull Request is not mergeable");
        }
        if pull.draft {
            return refused("Pull Request is still a draft");
        }
        match method {
            Method::Merge if !settings.allow_merge_commit => {
                return refused("Merge commits are not allowed on this repository.");
            }
            Method::Squash if !settings.allow_squash_merge => {
                return refused("Squash merges are not allowed on this repository.");
            }
            Method::Rebase if !settings.allow_rebase_merge => {
                return refused("Rebase merges are not allowed on this repository.");
            }
            Method::Merge | Method::Squash | Method::Rebase => {}
        }
        if !self.is_mergeable(repo, pull) {
            return refused("Pull Request is not mergeable");
        }
        let Some(rules) = self.rules(repo, &pull.base) else { return Ok(()) };
        if rules.merge_queue {
            return refused("Changes must be made through the merge queue");
        }
        if method == Method::Merge && rules.linear_history {
            return refused("Merge commits are not allowed on this branch.");
        }
        if rules.strict && !rules.checks.is_empty() && self.is_behind(repo, pull) {
            return refused("Head branch is out of date with the base branch. Review and try the merge again.");
        }
        self.unmet(repo, pull, &rules).map_or(Ok(()), |text| Err((405, text)))
    }

    /// The workflow file that a pull request changes, where the App may not (FACTS G2).
    pub(crate) fn workflow_denied(&self, repo: u64, number: u64) -> Option<String> {
        let permissions = &self.installation_of(repo)?.permissions;
        if permissions.is_empty() || permissions.get("workflows").is_some_and(|level| level == "write") {
            return None;
        }
        let pull = &self.repo(repo).pulls[&number];
        let diff = self.objects.pull_diff(&pull.base_sha, &pull.head_sha);
        let path = diff.files.iter().map(|file| &file.path).find(|path| path.starts_with(".github/workflows/"));
        path.map(ToString::to_string)
    }

    /// The first required check or review that is missing, in GitHub's words.
    pub(crate) fn unmet(&self, repo: u64, pull: &Pull, rules: &Protection) -> Option<String> {
        let opinions = pull.opinions();
        let by_writer = |word: &str| {
            let of = opinions.values().filter(|review| review.state == word);
            of.filter(|review| self.may_write(repo, &review.user)).count() as u64
        };
        if rules.approvals > 0 && by_writer("CHANGES_REQUESTED") > 0 {
            return Some("Changes requested by a reviewer with write access.".into());
        }
        let approvals = by_writer("APPROVED");
        if approvals < rules.approvals {
            let left = rules.approvals;
            return Some(format!(
                "At least {left} approving review{} required by reviewers with write access.",
                if left == 1 { " is" } else { "s are" }
            ));
        }
        let missing: Vec<String> =
            rules.checks.iter().filter_map(|check| self.unmet_check(repo, &pull.head_sha, check)).collect();
        match missing.as_slice() {
            [] => None,
            [one] => Some(one.clone()),
            many => Some(format!(
                "{} of {} required status checks have not succeeded: {}",
                many.len(),
                rules.checks.len(),
                many.join(" ")
            )),
        }
    }

    /// Why a required check does not pass on a commit. A run and a status of one name must both pass (FACTS C14).
    pub(crate) fn unmet_check(&self, repo: u64, sha: &str, check: &RequiredCheck) -> Option<String> {
        let held = self.repo(repo);
        let of_app = |app: u64| check.app_id.is_none_or(|wanted| wanted == app);
        let runs: Vec<_> =
            held.latest_runs_on(sha).into_iter().filter(|run| run.name == check.context && of_app(run.app)).collect();
        let statuses = held.latest_statuses_on(sha).into_iter().filter(|status| {
            status.context.eq_ignore_ascii_case(&check.context)
                && check.app_id.is_none_or(|app| {
                    self.apps.get(&app).is_some_and(|app| status.creator == format!("{}[bot]", app.slug))
                })
        });
        let statuses: Vec<_> = statuses.collect();
        let name = &check.context;
        if runs.is_empty() && statuses.is_empty() {
            return Some(format!("Required status check \"{name}\" is expected."));
        }
        if runs.iter().any(|run| !run.is_completed()) || statuses.iter().any(|status| status.state == "pending") {
            return Some(format!("Required status check \"{name}\" is pending."));
        }
        let failing = runs.iter().any(|run| !run.passes()) || statuses.iter().any(|status| status.state != "success");
        failing.then(|| format!("Required status check \"{name}\" is failing."))
    }
}
