//! Repositories coming into being, and the App being installed on them.

use std::collections::{BTreeMap, BTreeSet};

use crate::sim::git::Tree;
use crate::sim::state::State;
use crate::sim::state::people::Installation;
use crate::sim::state::repo::{Repo, RepoSettings};

impl State {
    /// Makes a repository with one commit on its default branch; nobody hears of it before the App is installed.
    pub(crate) fn create_repo(&mut self, owner: &str, name: &str, private: bool, tree: Tree) -> u64 {
        let id = self.next_id();
        self.ensure_user(owner);
        let repo = Repo {
            id,
            owner: owner.into(),
            name: name.into(),
            private,
            archived: false,
            default_branch: "main".into(),
            created_at: self.now(),
            fork_of: None,
            settings: RepoSettings::default(),
            branches: BTreeMap::new(),
            roles: BTreeMap::new(),
            protections: BTreeMap::new(),
            rulesets: Vec::new(),
            last_number: 0,
            pulls: BTreeMap::new(),
            open: BTreeSet::new(),
            comments: BTreeMap::new(),
            runs: BTreeMap::new(),
            suites: BTreeMap::new(),
            suites_by_sha: std::collections::HashMap::new(),
            statuses: std::collections::HashMap::new(),
            labels: BTreeMap::new(),
            queues: BTreeMap::new(),
        };
        self.names.insert(repo.full_name().to_lowercase(), id);
        self.repos.insert(id, repo);
        self.commit_on(id, "main", tree, "Initial commit", owner);
        id
    }

    /// Copies a repository to another owner, without installing the App there.
    pub(crate) fn fork(&mut self, of: u64, owner: &str) -> u64 {
        let name = self.repo(of).name.clone();
        if let Some(known) = self.repo_named(owner, &name) {
            return known.id;
        }
        let (private, branches) = (self.repo(of).private, self.repo(of).branches.clone());
        let id = self.create_repo(owner, &name, private, Tree::new());
        let fork = self.repo_mut(id);
        fork.fork_of = Some(of);
        fork.branches = branches;
        id
    }

    /// Installs the App on a repository: a new installation for a new account, else one more repository.
    pub(crate) fn install(&mut self, repo: u64) -> u64 {
        let owner = self.repo(repo).owner.clone();
        if let Some(known) = self.installations.values_mut().find(|i| i.account == owner) {
            let id = known.id;
            if known.repos.insert(repo) {
                self.emit_repositories(id, "installation_repositories", "added", &[repo], &owner);
            }
            return id;
        }
        let (id, created_at) = (self.next_id(), self.now());
        let permissions = self.config.app.permissions.clone();
        let repos = BTreeSet::from([repo]);
        self.installations
            .insert(id, Installation { id, account: owner.clone(), repos, permissions, created_at, suspended: None });
        self.emit_repositories(id, "installation", "created", &[repo], &owner);
        id
    }

    /// Takes the App off a repository, or with its last one off the account.
    pub(crate) fn uninstall(&mut self, repo: u64) {
        let Some(found) = self.installation_of(repo) else { return };
        let (id, owner, is_last) = (found.id, found.account.clone(), found.repos.len() == 1);
        if is_last {
            self.emit_repositories(id, "installation", "deleted", &[repo], &owner);
            self.installations.remove(&id);
            self.tokens.retain(|_, token| token.installation != id);
        } else {
            self.emit_repositories(id, "installation_repositories", "removed", &[repo], &owner);
            if let Some(installation) = self.installations.get_mut(&id) {
                installation.repos.remove(&repo);
            }
        }
    }

    /// Suspends an installation, or lets it work again.
    pub(crate) fn suspend(&mut self, id: u64, suspended: bool) {
        let now = self.now();
        let Some(installation) = self.installations.get_mut(&id) else { return };
        installation.suspended = suspended.then_some(now);
        let owner = installation.account.clone();
        let action = if suspended { "suspend" } else { "unsuspend" };
        self.emit_repositories(id, "installation", action, &[], &owner);
    }
}
