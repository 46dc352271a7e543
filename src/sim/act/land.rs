//! Merging for real, updating a head branch from its base, and taking a merge back.

use std::sync::Arc;

use serde_json::json;

use super::{Method, NewPull, Refused};
use crate::sim::git::Sha;
use crate::sim::state::State;
use crate::sim::state::pull::{Merged, Pull};

impl State {
    /// Merges, if protection lets it; returns the commit that the base moved to.
    pub(crate) fn merge_pull(
        &mut self,
        repo: u64,
        number: u64,
        method: Method,
        words: (Option<String>, Option<String>),
        by: &str,
    ) -> Result<Sha, Refused> {
        let pull = self.repo(repo).pulls[&number].clone();
        self.may_merge(repo, &pull, method, by)?;
        let conflict = || (405, "Pull Request is not mergeable".to_owned());
        let base = self.repo(repo).branches.get(&pull.base).cloned().ok_or_else(conflict)?;
        let (title, message) = words;
        let sha = match method {
            Method::Merge => {
                let from = format!("{}/{}", self.repo(pull.head_repo).owner, pull.head);
                let text = message_of(
                    title.unwrap_or_else(|| format!("Merge pull request #{number} from {from}")),
                    message.as_deref().unwrap_or(&pull.title),
                );
                self.merge_commit(&pull, &base, &[base.clone(), pull.head_sha.clone()], &text, by)
            }
            Method::Squash => {
                let text = message_of(
                    title.unwrap_or_else(|| format!("{} (#{number})", pull.title)),
                    message.as_deref().unwrap_or_default(),
                );
                self.merge_commit(&pull, &base, std::slice::from_ref(&base), &text, &pull.author)
            }
            Method::Rebase => self.replay(&base, &pull.head_sha, by),
        };
        let sha = sha.ok_or_else(conflict)?;
        self.land(repo, number, &base, &sha, by);
        Ok(sha)
    }

    /// Moves the base to `sha` and closes the pull request as merged.
    pub(crate) fn land(&mut self, repo: u64, number: u64, onto: &str, sha: &str, by: &str) {
        let base = self.repo(repo).pulls[&number].base.clone();
        let merged = Merged { at: self.now(), by: by.into(), sha: sha.into(), onto: onto.into() };
        self.pull_mut(repo, number).base_sha = onto.into();
        // Closed before the branch moves, so that the push does not find it open and close it a second time.
        self.close_as_merged(repo, number, merged, by);
        self.move_branch(repo, &base, sha, by);
    }

    fn merge_commit(&mut self, pull: &Pull, base: &str, parents: &[Sha], text: &str, author: &str) -> Option<Sha> {
        let tree = self.objects.merge(base, &pull.head_sha)?;
        let now = self.now();
        Some(self.objects.commit(parents, tree, text, author, now))
    }

    fn replay(&mut self, base: &str, head: &str, by: &str) -> Option<Sha> {
        let mut at: Sha = base.into();
        for commit in self.objects.between(base, head) {
            if commit.parents.len() > 1 {
                continue;
            }
            let from = commit.parents.first().map(|parent| self.objects.tree(parent)).unwrap_or_default();
            let tree = self.objects.transplant(&from, &commit.tree, &self.objects.tree(&at))?;
            let now = self.now();
            let author = if commit.author.is_empty() { by } else { &commit.author };
            at = self.objects.commit(&[at], Arc::new(tree), &commit.message, author, now);
        }
        Some(at)
    }

    /// Merges the base into the head branch (FACTS G5).
    pub(crate) fn update_head(
        &mut self,
        repo: u64,
        number: u64,
        expected: Option<&str>,
        by: &str,
    ) -> Result<Sha, Refused> {
        let pull = self.repo(repo).pulls[&number].clone();
        if expected.is_some_and(|expected| expected != pull.head_sha) {
            return Err((422, "expected head sha didn’t match current head ref.".into()));
        }
        if !pull.open {
            return Err((422, "Pull request is closed".into()));
        }
        if !self.is_behind(repo, &pull) {
            return Err((422, "There are no new commits on the base branch.".into()));
        }
        let base = self.repo(repo).branches.get(&pull.base).cloned().unwrap_or_default();
        let tree = self
            .objects
            .merge(&pull.head_sha, &base)
            .ok_or((422, "merge conflict between base and head".to_owned()))?;
        let text = format!("Merge branch '{}' into {}", pull.base, pull.head);
        let now = self.now();
        let sha = self.objects.commit(&[pull.head_sha, base], tree, &text, by, now);
        self.move_branch(pull.head_repo, &pull.head, &sha, by);
        Ok(sha)
    }

    /// Opens the pull request that reverts a merged one.
    pub(crate) fn revert_pull(
        &mut self,
        repo: u64,
        number: u64,
        title: Option<String>,
        body: Option<String>,
        draft: bool,
        by: &str,
    ) -> Result<u64, Refused> {
        let pull = self.repo(repo).pulls[&number].clone();
        let merged = pull.merged.ok_or((422, "Pull request is not merged".to_owned()))?;
        let base = self.repo(repo).branches.get(&pull.base).cloned().unwrap_or_default();
        let (after, before) = (self.objects.tree(&merged.sha), self.objects.tree(&merged.onto));
        let tree = self.objects.transplant(&after, &before, &self.objects.tree(&base));
        let tree = tree.ok_or((422, "The pull request could not be reverted because of a conflict".to_owned()))?;
        let branch = format!("revert-{number}-{}", pull.head);
        if self.repo(repo).branches.contains_key(&branch) {
            return Err((422, format!("A branch named {branch} already exists")));
        }
        let title = title.unwrap_or_else(|| format!("Revert \"{}\"", pull.title));
        let now = self.now();
        let sha = self.objects.commit(&[base], Arc::new(tree), &title, by, now);
        self.move_branch(repo, &branch, &sha, by);
        let body = body.unwrap_or_else(|| format!("Reverts {}#{number}", self.repo(repo).full_name()));
        let new = NewPull {
            author: by.into(),
            title,
            body: Some(body),
            base: pull.base,
            head: branch,
            head_repo: repo,
            draft,
        };
        self.open_pull(repo, new)
    }

    /// Tells that an installation lost or gained repositories, or that it came.
    pub(crate) fn emit_repositories(&mut self, installation: u64, event: &str, action: &str, repos: &[u64], by: &str) {
        let list: Vec<_> = repos.iter().map(|id| self.brief_repo_json(*id)).collect();
        let about = match (event, action) {
            ("installation", _) => json!({"repositories": list, "requester": null}),
            (_, "added") => {
                json!({"repositories_added": list, "repositories_removed": [], "repository_selection": "selected", "requester": null})
            }
            _ => {
                json!({"repositories_added": [], "repositories_removed": list, "repository_selection": "selected", "requester": null})
            }
        };
        self.emit_installation(installation, event, action, about, by);
    }
}

fn message_of(title: String, body: &str) -> String {
    if body.is_empty() { title } else { format!("{title}\n\n{body}") }
}
