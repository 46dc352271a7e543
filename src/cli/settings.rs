//! Settings of the server: flags and environment (DESIGN, section 12: stable names).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::traces::TraceArgs;
use anyhow::{Context, bail};
use clap::Args;
use flyball::credentials::{self, Credentials};
use flyball::github::{ClientKeys, GitHubError, OctocrabGitHub, Pacing};
use flyball::runtime::clock::{Clock, SystemClock};
use flyball::store::Store;
use flyball::web::setup::unguessable;

/// Where everything is kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArgs {
    /// Redis: redis://, rediss:// or redis+unix://; several, comma-separated, with --redis-cluster. Absent: an embedded store.
    #[arg(long, env = "FLYBALL_REDIS_URL", hide_env_values = true, value_delimiter = ',')]
    pub redis_url: Vec<String>,
    /// The URLs are nodes of a Redis Cluster.
    #[arg(long, env = "FLYBALL_REDIS_CLUSTER")]
    pub redis_cluster: bool,
    /// Directory of the embedded store.
    #[arg(long, env = "FLYBALL_DATA_DIR", default_value = "data")]
    pub data_dir: PathBuf,
    /// How long delivery ids are remembered, to find duplicates.
    #[arg(long, env = "FLYBALL_DEDUP_WINDOW", default_value = "3d", value_parser = humantime::parse_duration)]
    pub dedup_window: Duration,
}

impl StoreArgs {
    /// Opens it.
    pub(crate) async fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        let settings = if self.redis_url.is_empty() {
            flyball::store::Settings::Embedded { directory: self.data_dir.clone(), window: self.dedup_window }
        } else {
            flyball::store::Settings::Redis {
                urls: self.redis_url.clone(),
                cluster: self.redis_cluster,
                window: self.dedup_window,
            }
        };
        flyball::store::open(settings).await.context("the store cannot be opened")
    }
}

/// Mirrors of repositories.
#[derive(Debug, Clone, Args)]
pub(crate) struct MirrorArgs {
    /// Keeps bare mirrors of repositories here, merges pull requests in them for real, and answers from them what GitHub leaves open:
    /// whether a pull request merges, and the lines of large files. Needs the `git` command. Absent: no mirrors.
    #[arg(long = "mirror", env = "FLYBALL_MIRROR", value_name = "DIR")]
    pub folder: Option<PathBuf>,
    /// Bytes of all mirrors together.
    #[arg(long = "mirror-bytes", env = "FLYBALL_MIRROR_BYTES", default_value_t = 20 << 30)]
    pub bytes: u64,
    /// A mirror that nothing was asked of for so long goes.
    #[arg(long = "mirror-idle", env = "FLYBALL_MIRROR_IDLE", default_value = "14d", value_parser = humantime::parse_duration)]
    pub idle: Duration,
}

/// Who we are on GitHub. Flags and environment count first, else the file that the set-up wrote.
#[derive(Debug, Clone, Args)]
pub(crate) struct AppArgs {
    /// The App's numeric id. Absent, with key and secret too: from the credentials file, and without one from the set-up at /setup.
    #[arg(long, env = "FLYBALL_GITHUB_APP_ID")]
    pub github_app_id: Option<u64>,
    /// The App's private key in PEM form.
    #[arg(long, env = "FLYBALL_GITHUB_PRIVATE_KEY", hide_env_values = true)]
    pub github_private_key: Option<String>,
    /// A file that holds the App's private key.
    #[arg(long, env = "FLYBALL_GITHUB_PRIVATE_KEY_FILE")]
    pub github_private_key_file: Option<PathBuf>,
    /// The webhook secret; two, comma-separated, while one replaces the other.
    #[arg(long, env = "FLYBALL_WEBHOOK_SECRET", hide_env_values = true)]
    pub webhook_secret: Option<String>,
    /// A file that holds the webhook secret or secrets.
    #[arg(long, env = "FLYBALL_WEBHOOK_SECRET_FILE")]
    pub webhook_secret_file: Option<PathBuf>,
    /// The App's client id: with it and its secret people sign in with GitHub. Absent: from the credentials file.
    #[arg(long, env = "FLYBALL_CLIENT_ID")]
    pub client_id: Option<String>,
    /// The App's client secret.
    #[arg(long, env = "FLYBALL_CLIENT_SECRET", hide_env_values = true)]
    pub client_secret: Option<String>,
    /// A file that holds the App's client secret.
    #[arg(long, env = "FLYBALL_CLIENT_SECRET_FILE")]
    pub client_secret_file: Option<PathBuf>,
    /// What the cookies of the pages are sealed with, at least 32 characters; the same on all replicas. Absent: the client secret.
    #[arg(long, env = "FLYBALL_COOKIE_SECRET", hide_env_values = true)]
    pub cookie_secret: Option<String>,
    /// A file that holds it.
    #[arg(long, env = "FLYBALL_COOKIE_SECRET_FILE")]
    pub cookie_secret_file: Option<PathBuf>,
    /// The file that the set-up writes. Absent: `credentials/app.json` in the data directory.
    #[arg(long, env = "FLYBALL_CREDENTIALS", value_name = "FILE")]
    pub credentials: Option<PathBuf>,
}

/// What is needed to speak as the App.
pub(crate) struct AppKeys {
    pub app_id: u64,
    pub private_key: String,
    pub secrets: Vec<String>,
    /// How people sign in; absent: they do not.
    pub client: Option<ClientKeys>,
}

impl From<Credentials> for AppKeys {
    fn from(credentials: Credentials) -> Self {
        Self {
            app_id: credentials.app_id,
            private_key: credentials.private_key,
            secrets: vec![credentials.webhook_secret],
            client: Some(ClientKeys { id: credentials.client_id, secret: credentials.client_secret }),
        }
    }
}

impl AppArgs {
    /// The file that the set-up writes.
    pub(crate) fn file(&self, data_dir: &Path) -> PathBuf {
        self.credentials.clone().unwrap_or_else(|| data_dir.join("credentials").join("app.json"))
    }

    /// The keys; `None` where nothing is set and no file is there.
    pub(crate) fn keys(&self, data_dir: &Path) -> anyhow::Result<Option<AppKeys>> {
        let client = self.client()?;
        let keys = self.keys_of_app(data_dir)?;
        Ok(keys.map(|keys| AppKeys { client: client.or(keys.client), ..keys }))
    }

    /// What flags and environment say of the login.
    pub(crate) fn client(&self) -> anyhow::Result<Option<ClientKeys>> {
        let secret = one_of("FLYBALL_CLIENT_SECRET", self.client_secret.as_ref(), self.client_secret_file.as_ref())?;
        let trimmed = |text: &String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        match (self.client_id.as_ref().and_then(trimmed), secret.as_ref().and_then(trimmed)) {
            (Some(id), Some(secret)) => Ok(Some(ClientKeys { id, secret })),
            (None, None) => Ok(None),
            (Some(_), None) => bail!(
                "set FLYBALL_CLIENT_SECRET (or FLYBALL_CLIENT_SECRET_FILE) beside FLYBALL_CLIENT_ID: the App's settings page makes one"
            ),
            (None, Some(_)) => {
                bail!("set FLYBALL_CLIENT_ID beside FLYBALL_CLIENT_SECRET: the App's settings page shows it")
            }
        }
    }

    /// What cookies are sealed with, where it is set.
    pub(crate) fn sealing(&self) -> anyhow::Result<Option<String>> {
        let secret = one_of("FLYBALL_COOKIE_SECRET", self.cookie_secret.as_ref(), self.cookie_secret_file.as_ref())?;
        let Some(secret) = secret.map(|secret| secret.trim().to_owned()) else { return Ok(None) };
        if secret.chars().count() < SHORTEST_SEAL {
            bail!(
                "FLYBALL_COOKIE_SECRET is too short: give it at least {SHORTEST_SEAL} random characters, or leave it out"
            );
        }
        Ok(Some(secret))
    }

    fn keys_of_app(&self, data_dir: &Path) -> anyhow::Result<Option<AppKeys>> {
        let key = one_of(
            "FLYBALL_GITHUB_PRIVATE_KEY",
            self.github_private_key.as_ref(),
            self.github_private_key_file.as_ref(),
        )?;
        let secrets = self.secrets()?;
        match (self.github_app_id, key) {
            (Some(app_id), Some(private_key)) => {
                let secrets = secrets.context("set FLYBALL_WEBHOOK_SECRET or FLYBALL_WEBHOOK_SECRET_FILE")?;
                Ok(Some(AppKeys { app_id, private_key, secrets, client: None }))
            }
            (Some(_), None) => bail!("set FLYBALL_GITHUB_PRIVATE_KEY or FLYBALL_GITHUB_PRIVATE_KEY_FILE"),
            (None, Some(_)) => bail!("set FLYBALL_GITHUB_APP_ID to the number on the App's settings page"),
            (None, None) => {
                let stored = credentials::read(&self.file(data_dir))?.map(AppKeys::from);
                match (stored, secrets) {
                    // A secret beside the file replaces the file's: so it is rotated.
                    (Some(keys), Some(secrets)) => Ok(Some(AppKeys { secrets, ..keys })),
                    (None, Some(_)) => bail!(
                        "a webhook secret is set, but neither FLYBALL_GITHUB_APP_ID nor a key: set all three, or none to set the server up at /setup"
                    ),
                    (stored, None) => Ok(stored),
                }
            }
        }
    }

    fn secrets(&self) -> anyhow::Result<Option<Vec<String>>> {
        let text = one_of("FLYBALL_WEBHOOK_SECRET", self.webhook_secret.as_ref(), self.webhook_secret_file.as_ref())?;
        let Some(text) = text else { return Ok(None) };
        let secrets: Vec<String> =
            text.trim().split(',').map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect();
        if secrets.is_empty() {
            bail!("FLYBALL_WEBHOOK_SECRET is empty: set the secret that the App's settings page has under \"Webhook\"");
        }
        Ok(Some(secrets))
    }
}

/// Where GitHub is.
#[derive(Debug, Clone, Args)]
pub(crate) struct GitHubArgs {
    /// Base of GitHub's REST API; `https://HOST/api/v3` on Enterprise Server.
    #[arg(long, env = "FLYBALL_GITHUB_API_URL", default_value = "https://api.github.com")]
    pub github_api_url: String,
    /// GitHub's GraphQL endpoint; absent: derived from the API's base.
    #[arg(long, env = "FLYBALL_GITHUB_GRAPHQL_URL")]
    pub github_graphql_url: Option<String>,
    /// GitHub's pages.
    #[arg(long, env = "FLYBALL_GITHUB_WEB_URL", default_value = "https://github.com")]
    pub github_web_url: String,
    /// How long one call to GitHub may take; GitHub itself cuts at 10 s.
    #[arg(long, env = "FLYBALL_GITHUB_TIMEOUT", default_value = "10s", value_parser = humantime::parse_duration)]
    pub github_timeout: Duration,
    /// The first wait before a failed call is tried again; it doubles.
    #[arg(long, env = "FLYBALL_RETRY_BASE", default_value = "1s", value_parser = humantime::parse_duration)]
    pub retry_base: Duration,
}

impl GitHubArgs {
    /// A client that speaks as the App.
    pub(crate) fn client(&self, app_id: u64, private_key: &str) -> Result<OctocrabGitHub, GitHubError> {
        OctocrabGitHub::new(&flyball::github::Settings {
            app_id,
            private_key_pem: private_key.to_owned(),
            api_url: self.github_api_url.clone(),
            graphql_url: self.github_graphql_url.clone(),
            timeout: self.github_timeout,
            retry_base: self.retry_base,
            pacing: Some(Pacing::github(Arc::new(|| SystemClock.now()))),
        })
    }
}

/// Settings of `flyball serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on.
    #[arg(long, env = "FLYBALL_LISTEN", default_value = "127.0.0.1:3000")]
    pub listen: SocketAddr,
    #[command(flatten)]
    pub app: AppArgs,
    #[command(flatten)]
    pub github: GitHubArgs,
    /// Who knows it may set up a server that has no credentials yet; at least 16 characters. Absent: one is made and printed at start.
    #[arg(long, env = "FLYBALL_SETUP_TOKEN", hide_env_values = true)]
    pub setup_token: Option<String>,
    /// Where Flyball's own pages are reached; comments and checks link there. Absent: no links.
    #[arg(long, env = "FLYBALL_PAGES_URL")]
    pub pages_url: Option<String>,
    #[command(flatten)]
    pub store: StoreArgs,
    #[command(flatten)]
    pub traces: TraceArgs,
    #[command(flatten)]
    pub mirror: MirrorArgs,
    /// How often open pull requests are compared with the store.
    #[arg(long, env = "FLYBALL_RECONCILE_INTERVAL", default_value = "15m", value_parser = humantime::parse_duration)]
    pub reconcile_interval: Duration,
    /// What is logged, as in `info` or `flyball=debug,warn`.
    #[arg(long, env = "FLYBALL_LOG", default_value = "info")]
    pub log: String,
    /// Log as JSON lines.
    #[arg(long, env = "FLYBALL_LOG_JSON")]
    pub log_json: bool,
}

impl ServeArgs {
    /// Who knows this may set the server up.
    pub(crate) fn setup_token(&self) -> anyhow::Result<String> {
        match self.setup_token.as_deref().map(str::trim) {
            None => Ok(unguessable()),
            Some(token) if token.chars().count() >= SHORTEST_TOKEN => Ok(token.to_owned()),
            Some(_) => bail!("FLYBALL_SETUP_TOKEN is too short: give it at least {SHORTEST_TOKEN} characters, or none"),
        }
    }
}

/// Shorter ones can be guessed.
const SHORTEST_TOKEN: usize = 16;
/// Shorter ones can be guessed by whoever has a cookie.
const SHORTEST_SEAL: usize = 32;

fn one_of(name: &str, value: Option<&String>, file: Option<&PathBuf>) -> anyhow::Result<Option<String>> {
    match (value, file) {
        (Some(value), None) => Ok(Some(value.clone())),
        (None, Some(file)) => {
            let read = std::fs::read_to_string(file);
            read.map(Some).with_context(|| format!("{name}_FILE: cannot read {}", file.display()))
        }
        (None, None) => Ok(None),
        (Some(_), Some(_)) => bail!("set {name} or {name}_FILE, not both"),
    }
}
