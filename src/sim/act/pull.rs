//! Pull requests: opening, editing, closing, reopening, labels, drafts.

use serde_json::{Value, json};

use super::Refused;
use crate::sim::state::State;
use crate::sim::state::pull::{Merged, Pull};

/// What a new pull request is made from.
#[derive(Debug, Clone)]
pub(crate) struct NewPull {
    pub(crate) author: String,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    pub(crate) base: String,
    pub(crate) head: String,
    pub(crate) head_repo: u64,
    pub(crate) draft: bool,
}

impl State {
    /// The pull request of this number, to change.
    pub(crate) fn pull_mut(&mut self, repo: u64, number: u64) -> &mut Pull {
        self.repo_mut(repo).pulls.get_mut(&number).expect("pull requests are never removed, and numbers come from here")
    }

    /// Opens a pull request.
    pub(crate) fn open_pull(&mut self, repo: u64, new: NewPull) -> Result<u64, Refused> {
        let held = self.repo(repo);
        let base_sha = held.branches.get(&new.base).cloned().ok_or((422, "base invalid".to_owned()))?;
        let head_sha =
            self.repo(new.head_repo).branches.get(&new.head).cloned().ok_or((422, "head invalid".to_owned()))?;
        let same = held.open_pulls().any(|p| p.head_repo == new.head_repo && p.head == new.head && p.base == new.base);
        if same {
            return Err((
                422,
                format!("A pull request already exists for {}:{}.", self.repo(new.head_repo).owner, new.head),
            ));
        }
        if self.objects.is_ancestor(&head_sha, &base_sha) {
            return Err((422, format!("No commits between {} and {}", new.base, new.head)));
        }
        let (id, now) = (self.next_id(), self.now());
        self.ensure_user(&new.author);
        let held = self.repo_mut(repo);
        held.last_number += 1;
        let number = held.last_number;
        let author = new.author.clone();
        let pull = Pull {
            id,
            number,
            title: new.title,
            body: new.body,
            author: new.author,
            base: new.base,
            base_sha,
            head: new.head,
            head_repo: new.head_repo,
            head_sha: head_sha.clone(),
            draft: new.draft,
            open: true,
            locked: false,
            labels: Vec::new(),
            created_at: now,
            updated_at: now,
            closed_at: None,
            reopened_at: None,
            merged: None,
            auto_merge: None,
            reviews: Vec::new(),
            requested_reviewers: Vec::new(),
            requested_teams: Vec::new(),
            comments: Vec::new(),
            mergeable_known: None,
        };
        held.pulls.insert(number, pull);
        held.open.insert(number);
        self.emit_pull(repo, number, "opened", json!({}), &author);
        Ok(number)
    }

    /// Queues a `pull_request` event.
    pub(crate) fn emit_pull(&mut self, repo: u64, number: u64, action: &str, extra: Value, by: &str) {
        if self.installation_of(repo).is_none() {
            return;
        }
        let pull = &self.repo(repo).pulls[&number];
        let mut about = json!({"number": number, "pull_request": self.full_pull_json(repo, pull, None)});
        if let (Some(about), Value::Object(extra)) = (about.as_object_mut(), extra) {
            about.extend(extra);
        }
        self.emit(repo, "pull_request", Some(action), about, by);
    }

    /// Notes that a pull request changed now.
    pub(crate) fn touch(&mut self, repo: u64, number: u64) {
        let now = self.now();
        self.pull_mut(repo, number).updated_at = now;
    }

    /// Closes without merging.
    pub(crate) fn close(&mut self, repo: u64, number: u64, by: &str) {
        if !self.repo(repo).pulls[&number].open {
            return;
        }
        self.leave_queue(repo, number, super::Removal::Manual, by);
        self.disable_auto_merge(repo, number, by, "pull request closed");
        let now = self.now();
        self.repo_mut(repo).open.remove(&number);
        let pull = self.pull_mut(repo, number);
        pull.open = false;
        pull.closed_at = Some(now);
        pull.updated_at = now;
        self.emit_pull(repo, number, "closed", json!({}), by);
    }

    /// Closes because the change landed.
    pub(crate) fn close_as_merged(&mut self, repo: u64, number: u64, merged: Merged, by: &str) {
        let now = self.now();
        self.leave_queue(repo, number, super::Removal::Merge, by);
        self.waiting.remove(&(repo, number));
        self.repo_mut(repo).open.remove(&number);
        let pull = self.pull_mut(repo, number);
        pull.open = false;
        pull.closed_at = Some(now);
        pull.updated_at = now;
        pull.merged = Some(merged);
        let (head_repo, head) = (pull.head_repo, pull.head.clone());
        self.emit_pull(repo, number, "closed", json!({}), by);
        if self.repo(repo).settings.delete_branch_on_merge && head_repo == repo {
            self.delete_branch(repo, &head, by);
        }
    }

    /// Reopens; refused where it was merged, or its head branch is gone.
    pub(crate) fn reopen(&mut self, repo: u64, number: u64, by: &str) -> Result<(), Refused> {
        let pull = &self.repo(repo).pulls[&number];
        let head = self.repo(pull.head_repo).branches.get(&pull.head).cloned();
        let (false, Some(head)) = (pull.merged.is_some(), head) else {
            return Err((422, "state cannot be changed. The pull request cannot be reopened.".into()));
        };
        if pull.open {
            return Ok(());
        }
        let now = self.now();
        self.repo_mut(repo).open.insert(number);
        let pull = self.pull_mut(repo, number);
        pull.open = true;
        pull.closed_at = None;
        pull.reopened_at = Some(now);
        pull.updated_at = now;
        pull.head_sha = head;
        self.emit_pull(repo, number, "reopened", json!({}), by);
        Ok(())
    }

    /// Changes title or body.
    pub(crate) fn edit(&mut self, repo: u64, number: u64, title: Option<&str>, body: Option<&str>, by: &str) {
        self.touch(repo, number);
        let pull = self.pull_mut(repo, number);
        let mut changes = json!({});
        if let Some(title) = title.filter(|title| *title != pull.title) {
            changes["title"] = json!({"from": std::mem::replace(&mut pull.title, title.into())});
        }
        if let Some(body) = body.filter(|body| Some(*body) != pull.body.as_deref()) {
            changes["body"] = json!({"from": pull.body.replace(body.into())});
        }
        if changes.as_object().is_some_and(|changes| !changes.is_empty()) {
            self.emit_pull(repo, number, "edited", json!({"changes": changes}), by);
        }
    }

    /// Points at another base branch.
    pub(crate) fn retarget(&mut self, repo: u64, number: u64, base: &str, by: &str) {
        let Some(new_sha) = self.repo(repo).branches.get(base).cloned() else { return };
        if self.repo(repo).pulls[&number].base == base {
            return;
        }
        self.touch(repo, number);
        let pull = self.pull_mut(repo, number);
        let old = std::mem::replace(&mut pull.base, base.into());
        let old_sha = std::mem::replace(&mut pull.base_sha, new_sha);
        let changes = json!({"base": {"ref": {"from": old}, "sha": {"from": old_sha}}});
        self.emit_pull(repo, number, "edited", json!({"changes": changes}), by);
        self.disable_auto_merge(repo, number, by, "base branch changed");
    }

    /// Turns into a draft, or out of one.
    pub(crate) fn set_draft(&mut self, repo: u64, number: u64, draft: bool, by: &str) {
        if self.repo(repo).pulls[&number].draft == draft {
            return;
        }
        self.touch(repo, number);
        self.pull_mut(repo, number).draft = draft;
        let action = if draft { "converted_to_draft" } else { "ready_for_review" };
        self.emit_pull(repo, number, action, json!({}), by);
    }

    /// Puts a label on.
    pub(crate) fn label(&mut self, repo: u64, number: u64, name: &str, by: &str) {
        if self.repo(repo).pulls[&number].labels.iter().any(|label| label == name) {
            return;
        }
        let id = self.next_id();
        self.repo_mut(repo).labels.entry(name.into()).or_insert(id);
        self.touch(repo, number);
        self.pull_mut(repo, number).labels.push(name.into());
        let label = self.label_json(repo, name);
        self.emit_pull(repo, number, "labeled", json!({"label": label}), by);
    }

    /// Takes a label off.
    pub(crate) fn unlabel(&mut self, repo: u64, number: u64, name: &str, by: &str) -> bool {
        let labels = &mut self.pull_mut(repo, number).labels;
        let Some(at) = labels.iter().position(|label| label == name) else { return false };
        labels.remove(at);
        self.touch(repo, number);
        let label = self.label_json(repo, name);
        self.emit_pull(repo, number, "unlabeled", json!({"label": label}), by);
        true
    }
}
