//! Users, Apps, installations and tokens.

use std::collections::{BTreeMap, BTreeSet};

use super::State;
use crate::domain::ids::Timestamp;

/// What a person may do in a repository, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// Nothing; on a public repository reading remains.
    None,
    /// May read.
    Read,
    /// May label and assign.
    Triage,
    /// May push and merge.
    Write,
    /// May also manage settings that are not dangerous.
    Maintain,
    /// May do everything.
    Admin,
}

impl Role {
    /// The `permission` of the API: five roles shown as four words (FACTS K5).
    pub(crate) fn permission(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read | Self::Triage => "read",
            Self::Write | Self::Maintain => "write",
            Self::Admin => "admin",
        }
    }

    /// The `role_name` of the API.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Triage => "triage",
            Self::Write => "write",
            Self::Maintain => "maintain",
            Self::Admin => "admin",
        }
    }
}

/// What kind of account it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AccountKind {
    User,
    Bot,
    Organization,
}

impl AccountKind {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Bot => "Bot",
            Self::Organization => "Organization",
        }
    }
}

/// A person, an organisation or an App's bot.
#[derive(Debug, Clone)]
pub(crate) struct User {
    pub(crate) id: u64,
    pub(crate) login: String,
    pub(crate) kind: AccountKind,
}

/// A GitHub App.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) id: u64,
    pub(crate) slug: String,
    pub(crate) created_at: Timestamp,
}

/// The App under test, installed on an account.
#[derive(Debug, Clone)]
pub(crate) struct Installation {
    pub(crate) id: u64,
    pub(crate) account: String,
    pub(crate) repos: BTreeSet<u64>,
    pub(crate) permissions: BTreeMap<String, String>,
    pub(crate) created_at: Timestamp,
    pub(crate) suspended: Option<Timestamp>,
}

/// An installation access token.
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) installation: u64,
    pub(crate) expires_at: Timestamp,
    /// `None`: every repository of the installation.
    pub(crate) repos: Option<BTreeSet<u64>>,
    /// Narrowed permissions; `None`: those of the installation.
    pub(crate) permissions: Option<BTreeMap<String, String>>,
}

/// A person's token for the App.
#[derive(Debug, Clone)]
pub(crate) struct UserToken {
    pub(crate) user: u64,
    pub(crate) expires_at: Timestamp,
}

/// A login that somebody agreed to.
#[derive(Debug, Clone)]
pub(crate) struct LoginCode {
    pub(crate) user: u64,
    /// The SHA-256 of the verifier in base64url, where the request named one.
    pub(crate) challenge: String,
    pub(crate) redirect_uri: String,
    pub(crate) expires_at: Timestamp,
}

impl State {
    /// People, who may sign in: no bots, no organisations, none that only own an App.
    pub(crate) fn people(&self) -> impl Iterator<Item = &User> {
        let makers: Vec<String> = self.apps.values().map(|app| owner_of(&app.slug)).collect();
        self.users.values().filter(move |user| user.kind == AccountKind::User && !makers.contains(&user.login))
    }

    /// The user of this id, if there is one.
    pub(crate) fn user_by_id(&self, id: u64) -> Option<&User> {
        self.users.values().find(|user| user.id == id)
    }

    /// Whether somebody was given a right in a repository, beyond what a public one gives everybody.
    pub(crate) fn has_role(&self, repo: u64, user: &User) -> bool {
        let repo = self.repo(repo);
        let role = repo.roles.get(&user.login.to_lowercase()).copied().unwrap_or(Role::None);
        repo.owner.eq_ignore_ascii_case(&user.login) || role >= Role::Read
    }

    /// The user of this login, made on first mention; `[bot]` at the end makes a bot.
    pub(crate) fn ensure_user(&mut self, login: &str) -> User {
        let kind = if login.ends_with("[bot]") { AccountKind::Bot } else { AccountKind::User };
        self.ensure_account(login, kind)
    }

    /// The account of this login, made on first mention.
    pub(crate) fn ensure_account(&mut self, login: &str, kind: AccountKind) -> User {
        if let Some(user) = self.users.get(&login.to_lowercase()) {
            return user.clone();
        }
        let user = User { id: self.next_id(), login: login.into(), kind };
        self.users.insert(login.to_lowercase(), user.clone());
        user
    }

    /// The user of this login, if there is one.
    pub(crate) fn user(&self, login: &str) -> Option<&User> {
        self.users.get(&login.to_lowercase())
    }

    /// Makes an App and its bot.
    pub(crate) fn add_app(&mut self, id: u64, slug: &str) {
        let created_at = self.now();
        self.apps.insert(id, App { id, slug: slug.into(), created_at });
        self.ensure_user(&format!("{slug}[bot]"));
        self.ensure_user(&owner_of(slug));
    }

    /// The App of this slug, made on first mention.
    pub(crate) fn ensure_app(&mut self, slug: &str) -> u64 {
        if let Some(app) = self.apps.values().find(|app| app.slug == slug) {
            return app.id;
        }
        let id = self.next_id();
        self.add_app(id, slug);
        id
    }

    /// The login of the App under test's bot.
    pub(crate) fn bot(&self) -> String {
        format!("{}[bot]", self.config.app.slug)
    }

    /// The role of a user in a repository: bots have none, on a public repository anybody reads.
    pub(crate) fn role(&self, repo: u64, login: &str) -> Role {
        let repo = self.repo(repo);
        let given = repo.roles.get(&login.to_lowercase()).copied().unwrap_or(Role::None);
        if repo.owner.eq_ignore_ascii_case(login) {
            return Role::Admin;
        }
        let open = !repo.private && self.user(login).is_some_and(|u| u.kind == AccountKind::User);
        given.max(if open { Role::Read } else { Role::None })
    }

    /// Whether this account may push, Apps by their installation and people by their role.
    pub(crate) fn may_write(&self, repo: u64, login: &str) -> bool {
        login == self.bot() || self.role(repo, login) >= Role::Write
    }

    /// The installation that covers a repository and is not suspended.
    pub(crate) fn installation_of(&self, repo: u64) -> Option<&Installation> {
        self.installations.values().find(|i| i.repos.contains(&repo))
    }
}

/// The account that made an App: every App belongs to a person or an organisation, never to its own bot.
pub(crate) fn owner_of(slug: &str) -> String {
    format!("{slug}-makers")
}
