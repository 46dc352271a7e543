//! Moving branches, and what follows from it.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Value, json};

use crate::sim::git::{Sha, Tree, ZERO_SHA};
use crate::sim::state::State;
use crate::sim::state::check::CheckSuite;
use crate::sim::state::pull::Merged;

impl State {
    /// Commits a tree on top of a branch and moves the branch there.
    pub(crate) fn commit_on(&mut self, repo: u64, branch: &str, tree: Tree, message: &str, by: &str) -> Sha {
        let parents: Vec<Sha> = self.repo(repo).branches.get(branch).cloned().into_iter().collect();
        let now = self.now();
        let sha = self.objects.commit(&parents, Arc::new(tree), message, by, now);
        self.move_branch(repo, branch, &sha, by);
        sha
    }

    /// Points a branch at a commit, making the branch if needed, and tells everybody.
    pub(crate) fn move_branch(&mut self, repo: u64, branch: &str, to: &str, by: &str) {
        let before = self.repo_mut(repo).branches.insert(branch.into(), to.into());
        if before.as_deref() == Some(to) {
            return;
        }
        self.emit_push(repo, branch, before.as_deref(), to, by);
        if before.is_none() {
            self.emit(
                repo,
                "create",
                None,
                json!({
                    "ref": branch, "ref_type": "branch", "full_ref": format!("refs/heads/{branch}"),
                    "master_branch": self.repo(repo).default_branch, "description": null, "pusher_type": "user",
                }),
                by,
            );
        }
        self.make_suite(repo, branch, to, by);
        self.move_heads(repo, branch, to, by);
        self.land_contained(repo, branch, before.as_deref().unwrap_or(ZERO_SHA), to, by);
    }

    /// Deletes a branch: pull requests from it close, those into it are retargeted if it was merged (FACTS P7).
    pub(crate) fn delete_branch(&mut self, repo: u64, branch: &str, by: &str) -> bool {
        let Some(before) = self.repo_mut(repo).branches.remove(branch) else { return false };
        self.emit_push(repo, branch, Some(&before), ZERO_SHA, by);
        self.emit(repo, "delete", None, json!({"ref": branch, "ref_type": "branch", "full_ref": format!("refs/heads/{branch}"), "pusher_type": "user"}), by);
        let landed_into = self
            .repo(repo)
            .pulls
            .values()
            .rev()
            .find(|p| p.head == branch && p.merged.is_some())
            .map(|p| p.base.clone());
        for number in self.repo(repo).open_into(branch) {
            match &landed_into {
                Some(base) => self.retarget(repo, number, base, by),
                None => self.close(repo, number, by),
            }
        }
        let from: Vec<(u64, u64)> = self.pulls_from(repo, branch);
        for (base_repo, number) in from {
            self.close(base_repo, number, by);
        }
        true
    }

    /// Open pull requests of any repository whose head is this branch.
    fn pulls_from(&self, repo: u64, branch: &str) -> Vec<(u64, u64)> {
        let all = self.repos.values().flat_map(|r| r.open_pulls().map(move |p| (r.id, p)));
        all.filter(|(_, p)| p.head_repo == repo && p.head == branch).map(|(id, p)| (id, p.number)).collect()
    }

    fn emit_push(&mut self, repo: u64, branch: &str, before: Option<&str>, after: &str, by: &str) {
        let old = before.unwrap_or(ZERO_SHA);
        let commits = if after == ZERO_SHA { Vec::new() } else { self.objects.between(old, after) };
        let from = commits.len().saturating_sub(20);
        let shown: Vec<Value> = commits[from..].iter().map(|commit| self.pushed_commit_json(repo, commit)).collect();
        let head = self.objects.get(after).map(|commit| self.pushed_commit_json(repo, &commit));
        let forced = before.is_some() && after != ZERO_SHA && !self.objects.is_ancestor(old, after);
        let about = json!({
            "ref": format!("refs/heads/{branch}"),
            "before": old,
            "after": after,
            "created": before.is_none(),
            "deleted": after == ZERO_SHA,
            "forced": forced,
            "base_ref": null,
            "compare": format!("{}/compare/{old}...{after}", self.repo_page(repo)),
            "commits": shown,
            "head_commit": head,
            "pusher": {"name": by, "email": format!("{}@users.noreply.simulated", by.replace(['[', ']'], ""))},
        });
        self.emit(repo, "push", None, about, by);
    }

    /// The App's own suite for a pushed commit (FACTS C7).
    fn make_suite(&mut self, repo: u64, branch: &str, sha: &str, by: &str) {
        let app = self.config.app.id;
        if !self.config.auto_suites || self.installation_of(repo).is_none() {
            return;
        }
        let known = self.repo(repo).suites.len();
        let id = self.ensure_suite(repo, app, sha, Some(branch));
        if self.repo(repo).suites.len() > known {
            let suite = self.suite_json(repo, &self.repo(repo).suites[&id]);
            self.emit(repo, "check_suite", Some("requested"), json!({"check_suite": suite}), by);
        }
    }

    /// The suite of this App on this commit, made on first use.
    pub(crate) fn ensure_suite(&mut self, repo: u64, app: u64, sha: &str, branch: Option<&str>) -> u64 {
        let held = self.repo(repo);
        let suites = held.suites_by_sha.get(sha).map(Vec::as_slice).unwrap_or_default();
        if let Some(id) = suites.iter().find(|id| held.suites[*id].app == app) {
            return *id;
        }
        let found = || held.branches.iter().find(|(_, at)| *at == sha).map(|(name, _)| name.clone());
        let head_branch = branch.map(Into::into).or_else(found);
        let (id, now) = (self.next_id(), self.now());
        let suite =
            CheckSuite { id, app, sha: sha.into(), head_branch, created_at: now, updated_at: now, runs: Vec::new() };
        let repo = self.repo_mut(repo);
        repo.suites.insert(id, suite);
        repo.suites_by_sha.entry(sha.into()).or_default().push(id);
        id
    }

    /// Brings open pull requests whose head branch moved to its new commit.
    fn move_heads(&mut self, repo: u64, branch: &str, to: &str, by: &str) {
        for (base_repo, number) in self.pulls_from(repo, branch) {
            let now = self.now();
            let base_sha = self.base_head(base_repo, number);
            let may_write = self.may_write(base_repo, by);
            let dismisses = self
                .rules(base_repo, &self.repo(base_repo).pulls[&number].base)
                .is_some_and(|r| r.dismiss_stale_reviews);
            self.leave_queue(base_repo, number, super::Removal::Manual, by);
            let pull = self.pull_mut(base_repo, number);
            let before = std::mem::replace(&mut pull.head_sha, to.into());
            pull.updated_at = now;
            pull.base_sha = base_sha;
            let about = json!({"before": before, "after": to});
            self.emit_pull(base_repo, number, "synchronize", about, by);
            if !may_write {
                self.disable_auto_merge(base_repo, number, by, "head pushed by someone without write access");
            }
            if dismisses {
                self.dismiss_approvals(base_repo, number, by);
            }
        }
    }

    /// Open pull requests whose head the base now contains were merged by git (FACTS P5).
    fn land_contained(&mut self, repo: u64, branch: &str, before: &str, to: &str, by: &str) {
        let news: HashSet<Sha> = self.objects.between(before, to).iter().map(|commit| commit.sha.clone()).collect();
        for number in self.repo(repo).open_into(branch) {
            if !news.contains(&self.repo(repo).pulls[&number].head_sha) {
                continue;
            }
            let merged = Merged { at: self.now(), by: by.into(), sha: to.into(), onto: before.into() };
            self.close_as_merged(repo, number, merged, by);
        }
    }

    fn base_head(&self, repo: u64, number: u64) -> Sha {
        let held = self.repo(repo);
        let pull = &held.pulls[&number];
        held.branches.get(&pull.base).cloned().unwrap_or_else(|| pull.base_sha.clone())
    }
}
