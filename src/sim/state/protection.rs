//! Branch protection and rulesets: what is asked for before a branch moves.

use serde::Serialize;

use super::State;

/// A required check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequiredCheck {
    /// The check run's name or the status's context.
    pub context: String,
    /// The App that must have made it; `None` takes any source.
    pub app_id: Option<u64>,
}

/// Classic protection of one branch.
#[derive(Debug, Clone, Default)]
#[expect(clippy::struct_excessive_bools, reason = "they are GitHub's switches, each by its own name")]
pub struct Protection {
    /// Checks that must pass.
    pub checks: Vec<RequiredCheck>,
    /// Heads must contain the newest base.
    pub strict: bool,
    /// Approvals needed from people who may write.
    pub approvals: u64,
    /// A push dismisses approvals.
    pub dismiss_stale_reviews: bool,
    /// No merge commits.
    pub linear_history: bool,
    /// Administrators are bound as well.
    pub enforce_admins: bool,
    /// Merges go through the merge queue only.
    pub merge_queue: bool,
}

impl Protection {
    /// Protection that asks for these checks from anybody.
    #[must_use]
    pub fn checks(names: &[&str]) -> Self {
        let checks = names.iter().map(|name| RequiredCheck { context: (*name).into(), app_id: None }).collect();
        Self { checks, ..Self::default() }
    }

    /// Also asks for this check from this App only.
    #[must_use]
    pub fn check_from(mut self, name: &str, app_id: u64) -> Self {
        self.checks.push(RequiredCheck { context: name.into(), app_id: Some(app_id) });
        self
    }

    /// Also asks for heads that are up to date.
    #[must_use]
    pub fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// Also asks for approvals.
    #[must_use]
    pub fn approvals(mut self, count: u64) -> Self {
        self.approvals = count;
        self
    }

    /// Sends every merge through the merge queue.
    #[must_use]
    pub fn merge_queue(mut self) -> Self {
        self.merge_queue = true;
        self
    }
}

/// A ruleset on one branch; the same switches, shown by another part of the API.
#[derive(Debug, Clone)]
pub(crate) struct Ruleset {
    pub(crate) id: u64,
    pub(crate) name: String,
    pub(crate) branch: String,
    pub(crate) rules: Protection,
}

impl State {
    /// Everything that holds for a branch, classic and rulesets together: the strictest wins (FACTS G8).
    pub(crate) fn rules(&self, repo: u64, branch: &str) -> Option<Protection> {
        let repo = self.repo(repo);
        let classic = repo.protections.get(branch);
        let rulesets = repo.rulesets.iter().filter(|set| set.branch == branch).map(|set| &set.rules);
        classic.into_iter().chain(rulesets).cloned().reduce(|mut all, next| {
            all.checks.extend(next.checks.into_iter().filter(|c| !all.checks.contains(c)).collect::<Vec<_>>());
            all.strict |= next.strict;
            all.approvals = all.approvals.max(next.approvals);
            all.dismiss_stale_reviews |= next.dismiss_stale_reviews;
            all.linear_history |= next.linear_history;
            all.enforce_admins |= next.enforce_admins;
            all.merge_queue |= next.merge_queue;
            all
        })
    }
}
