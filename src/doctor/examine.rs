//! Asks GitHub and the store. Every read may fail: then the check says so.

use std::path::PathBuf;
use std::sync::Arc;

use futures::stream::{self, StreamExt};

use super::judge::repository::{BOT_APPS, BOT_FILES, BOT_FILES_IN_GITHUB, PolicyShown, RepoSeen, Reported};
use super::judge::{app, grants, hook, repository, store};
use super::{Check, Report};
use crate::credentials::is_open_to_others;
use crate::domain::govern::{Fact, Need, PolicySeen};
use crate::domain::ids::CommitSha;
use crate::domain::policy::file::Mode;
use crate::domain::policy::{self, Around};
use crate::github::manifest::asked;
use crate::github::{AppDirectory, AppShown, GitHub, GitHubError, Installation, OctocrabGitHub, RepoAddress};
use crate::store::{Store, StoreShown};
use crate::webhook::Now;

/// Repositories that are looked at side by side.
const AT_ONCE: usize = 4;
/// Open pull requests of a repository whose checks are looked at.
const PULLS: usize = 3;

/// Where everything is kept, as far as it may be looked at from here.
#[derive(Clone)]
pub enum KeptWhere {
    /// It is open.
    Open(Arc<dyn Store>),
    /// It cannot be opened, and that is a fault: why.
    Closed(String),
    /// It cannot be looked at from here, and that is no fault: why.
    Elsewhere(String),
}

/// How far an examination goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Only this repository, `owner/name`.
    pub only: Option<String>,
    /// At most so many repositories; each costs about twenty requests.
    pub repositories: usize,
}

impl Default for Scope {
    fn default() -> Self {
        Self { only: None, repositories: 10 }
    }
}

/// Everything that an examination needs.
#[derive(Clone)]
pub struct Examiner {
    /// Who speaks to GitHub; or why nobody can.
    pub client: Result<Arc<OctocrabGitHub>, String>,
    /// The App's id, as it is set.
    pub app_id: u64,
    /// The file that the credentials come from, where they do.
    pub credentials: Option<PathBuf>,
    /// Where everything is kept.
    pub store: KeptWhere,
    /// Where the time comes from.
    pub now: Now,
}

impl Examiner {
    /// Looks at everything.
    pub async fn examine(&self, scope: &Scope) -> Report {
        let kept = self.kept().await;
        let client = match &self.client {
            Ok(client) => client,
            Err(why) => {
                let checks = [vec![app::none(why)], kept].concat();
                return Report { at: (self.now)(), reached: true, checks };
            }
        };
        let (shown, hook, log, installed) = futures::join!(
            client.app_shown(),
            client.hook_shown(),
            client.newest_deliveries(),
            client.list_installations()
        );
        let mut checks = vec![app::credentials(self.app_id, &shown)];
        checks.extend(app::file(self.file()));
        checks.push(app::clock(&shown));
        if let Ok(shown) = &shown {
            checks.extend(grants::grants(grants::Holder::App, &shown.permissions, &shown.events, asked()));
        }
        checks.extend(hook::config(&hook));
        checks.push(hook::deliveries(&log));
        checks.extend(kept);
        checks.extend(app::installed(&installed, shown.as_ref().ok()));
        let reached = !matches!(&shown, Err(GitHubError::Unreachable { .. } | GitHubError::Unreadable(_)));
        if let Ok(installed) = &installed {
            checks.extend(self.installations(client, installed, &shown, scope).await);
        }
        Report { at: (self.now)(), reached, checks }
    }

    fn file(&self) -> app::File {
        match self.credentials.as_deref().and_then(is_open_to_others) {
            None => app::File::NotUsed,
            Some(true) => app::File::OpenToOthers,
            Some(false) => app::File::Private,
        }
    }

    async fn kept(&self) -> Vec<Check> {
        let open = match &self.store {
            KeptWhere::Open(open) => open,
            KeptWhere::Closed(why) => {
                return vec![Check::broken(
                    "store",
                    why.clone(),
                    "Put the store's settings right, or bring the store back.",
                )];
            }
            KeptWhere::Elsewhere(why) => return vec![Check::unknown("store", why.clone())],
        };
        let taken = open.ping().await;
        let shown = if taken.is_ok() { open.shown().await } else { Ok(StoreShown::Local) };
        store::store(&taken, &shown)
    }

    /// What each installation granted, and its repositories.
    async fn installations(
        &self,
        client: &OctocrabGitHub,
        installed: &[Installation],
        shown: &Result<AppShown, GitHubError>,
        scope: &Scope,
    ) -> Vec<Check> {
        let mut checks = Vec::new();
        let mut places = Vec::new();
        for one in installed.iter().filter(|one| one.suspended_at.is_none()) {
            let name = app::name(one);
            if shown.is_ok() {
                let holder = grants::Holder::Installation(&name);
                checks.extend(grants::grants(holder, &one.permissions, &one.events, asked()));
            }
            let owner = scope.only.as_deref().and_then(|only| only.split_once('/')).map(|(owner, _)| owner);
            if places.len() >= scope.repositories || owner.is_some_and(|owner| !owner.eq_ignore_ascii_case(&name)) {
                continue;
            }
            match client.list_repositories(one.id).await {
                Ok(listed) => places.extend(
                    listed.into_iter().filter(|repo| is_wanted(scope, &repo.full_name)).map(|repo| RepoAddress {
                        installation: Some(one.id),
                        id: repo.id,
                        full_name: repo.full_name,
                    }),
                ),
                Err(error) => checks.push(Check::unknown("repository", error.to_string()).about(&name)),
            }
        }
        if let (Some(only), true) = (&scope.only, places.is_empty()) {
            let next = "Install the App on it, or name it as owner/name.";
            checks.push(Check::broken("repository", "the App is not installed on it", next).about(only));
        }
        places.truncate(scope.repositories);
        let looked = stream::iter(places).map(|at| async move { self.repository(client, &at).await });
        checks.extend(looked.buffered(AT_ONCE).collect::<Vec<_>>().await.concat());
        checks
    }

    async fn repository(&self, client: &OctocrabGitHub, at: &RepoAddress) -> Vec<Check> {
        let repo = match client.repo_shown(at).await {
            Ok(repo) => repo,
            Err(error) => return vec![Check::unknown("repository", error.to_string()).about(&at.full_name)],
        };
        let head = match client.read(at, &Need::BranchHead(repo.default_branch.clone())).await {
            Fact::Head(sha) => Ok(sha),
            other => Err(unread(other)),
        };
        let rules = Need::Rules(repo.default_branch.clone());
        let (rules, reported, bots, policy, writers) = futures::join!(
            client.read(at, &rules),
            reported(client, at, &head),
            bots(client, at, &head),
            client.read(at, &Need::Policy),
            client.writers(at),
        );
        let rules = match rules {
            Fact::Rules(rules) => Ok(rules),
            other => Err(unread(other)),
        };
        let policy = match policy {
            Fact::Policy(seen) => Ok(policy_shown(&seen, &repo.default_branch)),
            other => Err(unread(other)),
        };
        let writers = writers.map_err(|error| error.to_string());
        repository::repository(self.app_id, &RepoSeen { repo, rules, reported, bots, writers, policy })
    }
}

/// What the policy file says for the default branch.
fn policy_shown(seen: &PolicySeen, branch: &str) -> PolicyShown {
    let Some((blob, text)) = &seen.file else { return PolicyShown::default() };
    let extended = seen.extended.as_ref().map(|(repo, text)| (repo.as_str(), text.as_str()));
    let loaded = policy::load(text, Around { source: policy::PATH, blob: Some(blob), extended, files: None });
    let settings = loaded.standard.map(|standard| standard.settings(branch));
    PolicyShown {
        findings: Some(loaded.findings),
        observes: settings.as_ref().is_some_and(|settings| settings.mode == Mode::Observe),
        author_confirms: settings.is_some_and(|settings| settings.confirm.author),
    }
}

fn is_wanted(scope: &Scope, full_name: &str) -> bool {
    scope.only.as_deref().is_none_or(|only| only.eq_ignore_ascii_case(full_name))
}

/// Why a read gave no fact.
fn unread(fact: Fact) -> String {
    match fact {
        Fact::Unknown(unknown) => unknown.because,
        _ => "GitHub answered something else".to_owned(),
    }
}

/// Names of the checks on the default branch and on the newest pull requests.
async fn reported(
    client: &OctocrabGitHub,
    at: &RepoAddress,
    head: &Result<CommitSha, String>,
) -> Result<Reported, String> {
    let pulls = match client.read(at, &Need::OpenPulls).await {
        Fact::OpenPulls(pulls) => pulls,
        other => return Err(unread(other)),
    };
    let newest: Vec<CommitSha> = pulls.into_iter().rev().take(PULLS).map(|pull| pull.head).collect();
    let mut seen = Reported { pulls: newest.len(), ..Reported::default() };
    for sha in newest.into_iter().chain([head.clone()?]) {
        match client.read(at, &Need::Checks(sha)).await {
            Fact::Checks(checks) => seen.names.extend(checks.into_iter().map(|check| check.name)),
            other => return Err(unread(other)),
        }
    }
    Ok(seen)
}

/// Other programs that merge: by their files, and by their part in the checks of the default branch.
async fn bots(
    client: &OctocrabGitHub,
    at: &RepoAddress,
    head: &Result<CommitSha, String>,
) -> Result<Vec<String>, String> {
    let told = |error: GitHubError| error.to_string();
    let mut found: Vec<String> = Vec::new();
    for (file, bot) in BOT_FILES {
        if client.has_file(at, file).await.map_err(told)? {
            found.push(format!("{bot} (`{file}`)"));
        }
    }
    let folder = client.folder_shown(at, ".github").await.map_err(told)?;
    let files = BOT_FILES_IN_GITHUB.iter().filter(|(file, _)| folder.iter().any(|name| name == file));
    found.extend(files.map(|(file, bot)| format!("{bot} (`.github/{file}`)")));
    let apps = client.suite_apps(at, head.as_ref().map_err(String::clone)?).await.map_err(told)?;
    let installed = BOT_APPS.iter().filter(|(slug, _)| apps.iter().any(|app| app == slug));
    found.extend(installed.map(|(_, bot)| format!("{bot} (installed)")));
    Ok(found)
}
