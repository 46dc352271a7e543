//! Repositories, people, protection and branches.

use super::{Files, GitHub};
use crate::domain::ids::{CommitSha, InstallationId, RepoId};
use crate::sim::git::{Sha, Tree};
use crate::sim::state::people::{AccountKind, Role};
use crate::sim::state::protection::{Protection, Ruleset};
use crate::sim::state::repo::RepoSettings;

impl GitHub {
    /// Makes a public repository `owner/name` with the App installed on it.
    ///
    /// # Panics
    /// If the name has no slash.
    pub fn create_repo(&self, full_name: &str, files: impl Into<Files>) -> RepoId {
        let repo = self.create_repo_without_app(full_name, false, files);
        self.install(repo);
        repo
    }

    /// Makes a private repository with the App installed on it.
    ///
    /// # Panics
    /// If the name has no slash.
    pub fn create_private_repo(&self, full_name: &str, files: impl Into<Files>) -> RepoId {
        let repo = self.create_repo_without_app(full_name, true, files);
        self.install(repo);
        repo
    }

    /// Makes a repository that the App knows nothing of.
    ///
    /// # Panics
    /// If the name has no slash.
    pub fn create_repo_without_app(&self, full_name: &str, private: bool, files: impl Into<Files>) -> RepoId {
        let (owner, name) = full_name.split_once('/').expect("a repository is named owner/name");
        let tree = files.into().onto(&Tree::new());
        RepoId(self.act(|state| state.create_repo(owner, name, private, tree)))
    }

    /// Installs the App; the first repository of an account makes the installation.
    pub fn install(&self, repo: RepoId) -> InstallationId {
        InstallationId(self.act(|state| state.install(repo.0)))
    }

    /// Takes the App off a repository.
    pub fn uninstall(&self, repo: RepoId) {
        self.act(|state| state.uninstall(repo.0));
    }

    /// Suspends an installation, or lets it work again.
    pub fn suspend(&self, installation: InstallationId, suspended: bool) {
        self.act(|state| state.suspend(installation.0, suspended));
    }

    /// The installation that covers a repository.
    #[must_use]
    pub fn installation(&self, repo: RepoId) -> Option<InstallationId> {
        self.lock().installation_of(repo.0).map(|found| InstallationId(found.id))
    }

    /// Sets what installations of the App may do: GitHub calls this accepting new permissions.
    pub fn grant(&self, installation: InstallationId, permissions: &[(&str, &str)]) {
        let mut state = self.lock();
        if let Some(found) = state.installations.get_mut(&installation.0) {
            found.permissions = permissions.iter().map(|(name, level)| ((*name).into(), (*level).into())).collect();
        }
        state.emit_repositories(installation.0, "installation", "new_permissions_accepted", &[], "ghost");
    }

    /// Makes an account an organisation; before its first repository.
    pub fn organization(&self, login: &str) {
        self.lock().ensure_account(login, AccountKind::Organization);
    }

    /// Makes a team of active members.
    pub fn team(&self, organization: &str, slug: &str, members: &[&str]) {
        let mut state = self.lock();
        for login in members {
            state.ensure_user(login);
        }
        let members = members.iter().map(|login| (login.to_lowercase(), true)).collect();
        state.teams.insert((organization.to_lowercase(), slug.to_lowercase()), members);
    }

    /// Gives a person a role in a repository, making the person if needed.
    pub fn user(&self, repo: RepoId, login: &str, role: Role) {
        let mut state = self.lock();
        state.ensure_user(login);
        state.repo_mut(repo.0).roles.insert(login.to_lowercase(), role);
    }

    /// Sets a repository's switches.
    pub fn settings(&self, repo: RepoId, settings: RepoSettings) {
        self.lock().repo_mut(repo.0).settings = settings;
    }

    /// Protects a branch in the classic way.
    pub fn protect(&self, repo: RepoId, branch: &str, protection: Protection) {
        self.act(|state| state.repo_mut(repo.0).protections.insert(branch.into(), protection));
    }

    /// Takes a branch's classic protection away.
    pub fn unprotect(&self, repo: RepoId, branch: &str) {
        self.act(|state| state.repo_mut(repo.0).protections.remove(branch));
    }

    /// Adds a ruleset for a branch.
    pub fn ruleset(&self, repo: RepoId, name: &str, branch: &str, rules: Protection) {
        self.act(|state| {
            let id = state.next_id();
            state.repo_mut(repo.0).rulesets.push(Ruleset { id, name: name.into(), branch: branch.into(), rules });
        });
    }

    /// Commits to a branch as a person, protection or not; a branch that is not there starts at the default branch.
    pub fn commit(&self, repo: RepoId, branch: &str, by: &str, files: impl Into<Files>) -> CommitSha {
        let files = files.into();
        let sha = self.act(|state| {
            state.ensure_user(by);
            let held = state.repo(repo.0);
            let start = held.branches.get(branch).or_else(|| held.branches.get(&held.default_branch)).cloned();
            let start: Sha = start.unwrap_or_default();
            let tree = files.onto(&state.objects.tree(&start));
            let parents: Vec<Sha> = if start.is_empty() { Vec::new() } else { vec![start] };
            let now = state.now();
            let sha = state.objects.commit(&parents, tree.into(), &files.words(), by, now);
            state.move_branch(repo.0, branch, &sha, by);
            sha
        });
        sha_of(&sha)
    }

    /// Deletes a branch; `false` if there is none.
    pub fn delete_branch(&self, repo: RepoId, branch: &str, by: &str) -> bool {
        self.act(|state| state.delete_branch(repo.0, branch, by))
    }

    /// Renames a repository; its old name leads on to the new one.
    pub fn rename_repo(&self, repo: RepoId, by: &str, name: &str) {
        self.act(|state| state.rename_repo(repo.0, name, by));
    }

    /// Transfers a repository to another account, where the App is installed.
    pub fn transfer_repo(&self, repo: RepoId, by: &str, owner: &str) {
        self.act(|state| state.transfer_repo(repo.0, owner, by));
    }

    /// Archives a repository, or takes it out of the archive.
    pub fn archive_repo(&self, repo: RepoId, by: &str, archived: bool) {
        self.act(|state| state.archive_repo(repo.0, archived, by));
    }

    /// Makes a repository private, or public.
    pub fn hide_repo(&self, repo: RepoId, by: &str, private: bool) {
        self.act(|state| state.hide_repo(repo.0, private, by));
    }

    /// Renames a branch.
    pub fn rename_branch(&self, repo: RepoId, by: &str, from: &str, to: &str) {
        self.act(|state| state.rename_branch(repo.0, from, to, by));
    }

    /// `owner/name`.
    #[must_use]
    pub fn full_name(&self, repo: RepoId) -> String {
        self.lock().repo(repo.0).full_name()
    }

    /// The newest commit of a branch.
    #[must_use]
    pub fn branch_head(&self, repo: RepoId, branch: &str) -> Option<CommitSha> {
        self.lock().repo(repo.0).branches.get(branch).map(|sha| sha_of(sha))
    }

    /// A file's text on a branch.
    #[must_use]
    pub fn file(&self, repo: RepoId, branch: &str, path: &str) -> Option<String> {
        let state = self.lock();
        let head = state.repo(repo.0).branches.get(branch)?;
        state.objects.tree(head).get(path).map(ToString::to_string)
    }
}

/// The simulation's own id as the crate's type.
pub(super) fn sha_of(sha: &str) -> CommitSha {
    sha.parse().expect("the simulation makes 40 hex digits")
}
