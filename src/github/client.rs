//! The App: its client, its installations, and where each repository belongs.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use octocrab::Octocrab;
use serde::Deserialize;
use tokio::sync::OnceCell;

use super::carrier::Carrier;
use super::path::repo;
use super::reads::Reader;
use super::session::{Keep, Session};
use super::shared::Wire;
use super::{AppDirectory, GitHub, GitHubError, RepoAddress, Settings, shapes, writes};
use crate::domain::govern::{Answer, AppIdentity, Call, CallClass, Fact, Need};
use crate::domain::ids::{InstallationId, RepoId, Timestamp};

/// GitHub, spoken to as one App over octocrab.
pub struct OctocrabGitHub {
    pub(super) wire: Arc<Wire>,
    /// One session per installation, so that token, limits and turn are shared.
    sessions: Mutex<HashMap<InstallationId, Arc<Session>>>,
    /// Where repositories belong whose events did not say.
    homes: Mutex<HashMap<RepoId, Arc<OnceCell<InstallationId>>>>,
    identity: OnceCell<AppIdentity>,
}

impl fmt::Debug for OctocrabGitHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OctocrabGitHub").field("app_id", &self.wire.app_id).finish_non_exhaustive()
    }
}

/// An installation of the App on an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Its id.
    pub id: InstallationId,
    /// The login of the account, where GitHub names one.
    pub account: Option<String>,
    /// Since when it is suspended: then no token works.
    pub suspended_at: Option<Timestamp>,
    /// What its owner granted: name to `read`, `write` or `admin`.
    pub permissions: BTreeMap<String, String>,
    /// The events that come from it.
    pub events: Vec<String>,
}

/// A repository that an installation gives access to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// Its numeric id.
    pub id: RepoId,
    /// `owner/name` now.
    pub full_name: String,
    /// Its default branch.
    pub default_branch: Option<String>,
    /// Whether it is private.
    pub private: Option<bool>,
    /// Whether it is archived: then nothing can be written.
    pub archived: bool,
}

impl OctocrabGitHub {
    /// A client; asks GitHub nothing yet. Must be called within a tokio runtime: octocrab starts its worker there.
    ///
    /// # Errors
    /// `Settings` where the App id, the key or a URL cannot work, with what to do about it.
    pub fn new(settings: &Settings) -> Result<Self, GitHubError> {
        let app = settings.app_client()?;
        let (graphql, graphql_path) = settings.graphql_client()?;
        Ok(Self::with(settings, app, graphql, graphql_path))
    }

    /// The same, with requests that go through `carrier` in place of the network.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn over(settings: &Settings, carrier: &Arc<dyn Carrier>) -> Result<Self, GitHubError> {
        let (app, graphql, graphql_path) = settings.carried(carrier)?;
        Ok(Self::with(settings, app, graphql, graphql_path))
    }

    fn with(settings: &Settings, app: Octocrab, graphql: Octocrab, graphql_path: String) -> Self {
        let wire = Wire {
            app_id: settings.app_id,
            app,
            graphql,
            graphql_path,
            timeout: settings.timeout,
            retry_base: settings.retry_base,
            pacing: settings.pacing.clone(),
            app_gate: super::gate::Gate::default(),
            etags: super::etags::Etags::default(),
            graphql_rests_until: Mutex::default(),
        };
        Self { wire: Arc::new(wire), sessions: Mutex::default(), homes: Mutex::default(), identity: OnceCell::new() }
    }

    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    fn session(&self, id: InstallationId) -> Arc<Session> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        let session = sessions.entry(id).or_insert_with(|| Arc::new(Session::new(Arc::clone(&self.wire), id)));
        Arc::clone(session)
    }

    /// The session for a repository; its installation is looked up once where the address does not say, and again after GitHub said
    /// that it is gone.
    pub(super) async fn session_at(&self, at: &RepoAddress) -> Result<Arc<Session>, GitHubError> {
        if let Some(id) = at.installation {
            return Ok(self.session(id));
        }
        let home = self.home(at.id);
        let session = self.session(*home.get_or_try_init(|| self.find_home(at)).await?);
        if !session.is_gone() {
            return Ok(session);
        }
        self.homes.lock().unwrap_or_else(PoisonError::into_inner).remove(&at.id);
        let home = self.home(at.id);
        Ok(self.session(*home.get_or_try_init(|| self.find_home(at)).await?))
    }

    /// The user and password that git fetches with.
    pub(super) async fn git_user(&self, at: &RepoAddress) -> Result<String, GitHubError> {
        self.session_at(at).await?.git_user().await
    }

    fn home(&self, repository: RepoId) -> Arc<OnceCell<InstallationId>> {
        let mut homes = self.homes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(homes.entry(repository).or_default())
    }

    async fn find_home(&self, at: &RepoAddress) -> Result<InstallationId, GitHubError> {
        let found: shapes::Id =
            self.wire.as_app(&repo(at, "/installation")).await.map_err(GitHubError::of_installation)?.read()?;
        Ok(InstallationId(found.id))
    }

    async fn known_identity(&self) -> Result<&AppIdentity, GitHubError> {
        self.identity
            .get_or_try_init(|| async {
                let app: App = self.wire.as_app("/app").await?.read()?;
                Ok(AppIdentity { app_id: app.id, bot_login: format!("{}[bot]", app.slug) })
            })
            .await
    }

    /// Our bot's login, where this need has to tell our comments from others' and GitHub says it.
    async fn bot_login(&self, need: &Need) -> Option<String> {
        match need {
            Need::OurComments(_) | Need::Comments { .. } => {
                self.known_identity().await.ok().map(|identity| identity.bot_login.clone())
            }
            _ => None,
        }
    }
}

#[derive(Deserialize)]
struct App {
    id: u64,
    slug: String,
}

#[derive(Deserialize)]
struct ListedInstallation {
    id: u64,
    #[serde(default)]
    account: Option<Account>,
    #[serde(default)]
    suspended_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "shapes::or_default")]
    permissions: BTreeMap<String, String>,
    #[serde(default, deserialize_with = "shapes::or_default")]
    events: Vec<String>,
}

/// A user, an organisation, or an enterprise, which has a slug instead of a login.
#[derive(Deserialize)]
struct Account {
    #[serde(default)]
    login: Option<String>,
    #[serde(default)]
    slug: Option<String>,
}

#[async_trait]
impl GitHub for OctocrabGitHub {
    async fn read(&self, at: &RepoAddress, need: &Need) -> Fact {
        let session = match self.session_at(at).await {
            Ok(session) => session,
            Err(error) => return Fact::Unknown(error.into_unknown()),
        };
        let bot_login = self.bot_login(need).await;
        let reader = Reader { session: &session, at, app_id: self.wire.app_id, bot_login };
        Box::pin(reader.read(need)).await
    }

    async fn write(&self, at: &RepoAddress, call: &Call) -> Answer {
        match self.session_at(at).await {
            Ok(session) => writes::write(&session, at, call).await,
            // Only the installation was asked for: the call never went out.
            Err(error) => writes::not_carried_out(error.unsent()),
        }
    }

    fn wait(&self, at: &RepoAddress, class: CallClass) -> Duration {
        at.installation.map_or(Duration::ZERO, |id| self.session(id).wait(writes::weight_of(class)))
    }
}

#[async_trait]
impl AppDirectory for OctocrabGitHub {
    async fn identity(&self) -> Result<AppIdentity, GitHubError> {
        self.known_identity().await.cloned()
    }

    async fn list_installations(&self) -> Result<Vec<Installation>, GitHubError> {
        let listed: Vec<ListedInstallation> = self.wire.pages_as_app("/app/installations").await?;
        let named = |account: Account| account.login.or(account.slug);
        Ok(listed
            .into_iter()
            .map(|one| Installation {
                id: InstallationId(one.id),
                account: one.account.and_then(named),
                suspended_at: one.suspended_at,
                permissions: one.permissions,
                events: one.events,
            })
            .collect())
    }

    async fn list_repositories(&self, installation: InstallationId) -> Result<Vec<Repository>, GitHubError> {
        let session = self.session(installation);
        let listed: Vec<shapes::Repo> = session.wrapped_pages("/installation/repositories", Keep::No).await?;
        Ok(listed
            .into_iter()
            .map(|one| Repository {
                id: RepoId(one.id),
                full_name: one.full_name,
                default_branch: one.default_branch,
                private: one.private,
                archived: one.archived == Some(true),
            })
            .collect())
    }
}
