//! What owners do with a whole repository, and what follows from it (FACTS R8, W21).

use serde_json::{Value, json};

use crate::sim::state::State;

impl State {
    /// Gives it another name; the old one leads here from now on.
    pub(crate) fn rename_repo(&mut self, repo: u64, name: &str, by: &str) {
        let old = self.repo(repo).name.clone();
        let owner = self.repo(repo).owner.clone();
        self.move_repo(repo, &owner, name);
        let changes = json!({"repository": {"name": {"from": old}}});
        self.emit(repo, "repository", Some("renamed"), json!({"changes": changes}), by);
    }

    /// Gives it to another account, where the App gets installed: the installation of the old account loses it. (That the App is told of
    /// both is inferred; GitHub documents the `repository` event.)
    pub(crate) fn transfer_repo(&mut self, repo: u64, owner: &str, by: &str) {
        let (old, name) = (self.repo(repo).owner.clone(), self.repo(repo).name.clone());
        let from = self.user_json(&old);
        self.uninstall(repo);
        self.ensure_user(owner);
        self.move_repo(repo, owner, &name);
        self.install(repo);
        let changes = json!({"owner": {"from": {"user": from}}});
        self.emit(repo, "repository", Some("transferred"), json!({"changes": changes}), by);
    }

    fn move_repo(&mut self, repo: u64, owner: &str, name: &str) {
        let old = self.repo(repo).full_name().to_lowercase();
        let held = self.repo_mut(repo);
        (held.owner, held.name) = (owner.into(), name.into());
        let new = held.full_name().to_lowercase();
        self.names.remove(&old);
        self.moved.remove(&new);
        self.moved.insert(old, repo);
        self.names.insert(new, repo);
    }

    /// Makes it read-only, or lets it be written again.
    pub(crate) fn archive_repo(&mut self, repo: u64, archived: bool, by: &str) {
        self.repo_mut(repo).archived = archived;
        self.emit(repo, "repository", Some(if archived { "archived" } else { "unarchived" }), Value::Null, by);
    }

    /// Hides it from the public, or shows it.
    pub(crate) fn hide_repo(&mut self, repo: u64, private: bool, by: &str) {
        self.repo_mut(repo).private = private;
        self.emit(repo, "repository", Some(if private { "privatized" } else { "publicized" }), Value::Null, by);
    }

    /// Renames a branch: protection and pull requests follow, and the default branch stays the default. (The `edited` of each pull request
    /// is inferred from a retarget's.)
    pub(crate) fn rename_branch(&mut self, repo: u64, from: &str, to: &str, by: &str) {
        let held = self.repo_mut(repo);
        let Some(sha) = held.branches.remove(from) else { return };
        held.branches.insert(to.into(), sha);
        if let Some(protection) = held.protections.remove(from) {
            held.protections.insert(to.into(), protection);
        }
        let is_default = held.default_branch == from;
        if is_default {
            held.default_branch = to.into();
        }
        for number in self.repo(repo).open_into(from) {
            self.retarget(repo, number, to, by);
        }
        for pull in self.repo_mut(repo).pulls.values_mut().filter(|pull| pull.head == from) {
            pull.head = to.into();
        }
        if is_default {
            let changes = json!({"default_branch": {"from": from}});
            self.emit(repo, "repository", Some("edited"), json!({"changes": changes}), by);
        }
    }

    /// Locks a conversation: only who may write speaks in it (FACTS K9).
    pub(crate) fn lock(&mut self, repo: u64, number: u64, by: &str) {
        self.pull_mut(repo, number).locked = true;
        self.emit_pull(repo, number, "locked", json!({}), by);
    }
}
