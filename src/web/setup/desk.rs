//! The set-up's work: who may, what goes to GitHub, and what comes back.

use std::path::{Path, PathBuf};
use std::time::Duration;

use http::{HeaderMap, StatusCode};
use tokio::sync::{Mutex, mpsc, oneshot};
use url::Url;

use super::address;
use super::states::{States, Taken, same};
use crate::credentials::{Credentials, CredentialsError, reserve};
use crate::github::{GitHubError, manifest, register};
use crate::webhook::Now;

/// What GitHub names an organisation or a user: at most this long.
const LONGEST_LOGIN: usize = 39;
/// No code is longer.
const LONGEST_CODE: usize = 200;
/// How long the server may take to take its credentials in before the page says so.
const TAKING_IN: Duration = Duration::from_secs(12);

/// How the set-up is run.
#[derive(Clone)]
pub struct SetupSettings {
    /// The base of the REST API.
    pub api_url: String,
    /// GitHub's pages, without a slash at the end.
    pub web_url: String,
    /// Where the server is reached from outside, if that is known.
    pub public_url: Option<String>,
    /// Where credentials are stored.
    pub credentials: PathBuf,
    /// Who knows it may set the server up.
    pub token: String,
    /// How long the exchange with GitHub may take.
    pub timeout: Duration,
    /// Where the time comes from.
    pub now: Now,
}

/// Credentials that were stored, for the server to take in.
#[derive(Debug)]
pub struct Handover {
    /// The App's.
    pub credentials: Credentials,
    /// Say here whether it governs now, or why not.
    pub taken: oneshot::Sender<Result<(), String>>,
}

/// The desk at which a server is set up.
pub struct Desk {
    settings: SetupSettings,
    states: States,
    /// One exchange at a time; and none after the first that succeeded.
    handover: Mutex<mpsc::Sender<Handover>>,
}

/// A registration that was begun: what the form sends to GitHub.
#[derive(Debug)]
pub(super) struct Begun {
    /// Where the form goes.
    pub(super) action: String,
    /// What it carries.
    pub(super) manifest: serde_json::Value,
    /// Whose App it will be; empty: the person's own.
    pub(super) organization: String,
}

/// A server that is set up: where its App is installed.
#[derive(Debug)]
pub(super) struct Installable {
    pub(super) slug: String,
    pub(super) install_url: String,
    /// Why the server does not govern yet, if it does not.
    pub(super) held_up: Option<String>,
}

/// Why a registration did not come to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum Trouble {
    #[error("Code and state are missing from the address.")]
    Incomplete,
    #[error("This registration was not begun here, was finished before, or is older than an hour.")]
    State,
    #[error(transparent)]
    Place(#[from] CredentialsError),
    #[error("GitHub registered the App, but its credentials could not be stored: {0}")]
    Lost(CredentialsError),
    #[error("GitHub does not take the code (any more): {0}")]
    Code(GitHubError),
    #[error("The code could not be exchanged: {0}")]
    Later(GitHubError),
    #[error("GitHub's answer cannot be used: {0}")]
    Garbage(GitHubError),
}

impl Trouble {
    /// The status of the page that says it.
    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Incomplete => StatusCode::BAD_REQUEST,
            Self::State => StatusCode::FORBIDDEN,
            Self::Place(CredentialsError::Exists(_)) => StatusCode::CONFLICT,
            Self::Place(_) | Self::Lost(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Code(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Later(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Garbage(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// What to do about it.
    pub(super) fn next(&self) -> &'static str {
        match self {
            Self::Incomplete | Self::State => "Begin again at /setup.",
            Self::Place(CredentialsError::Exists(_)) => "Restart the server: it then uses what is there.",
            Self::Place(_) => "Put that right, then load this page again: the code from GitHub was not used yet.",
            Self::Lost(_) | Self::Garbage(_) => {
                "Delete the App on GitHub (Settings, Developer settings, GitHub Apps), then begin again at /setup."
            }
            Self::Code(_) => "Delete the App on GitHub if it made one, then begin again at /setup.",
            Self::Later(_) => "Load this page again in a while: the code lives for an hour.",
        }
    }
}

impl Desk {
    /// A desk, and where the credentials come out: once.
    #[must_use]
    pub fn new(settings: SetupSettings) -> (Self, mpsc::Receiver<Handover>) {
        let (handover, handed) = mpsc::channel(1);
        let web_url = settings.web_url.trim_end_matches('/').to_owned();
        let settings = SetupSettings { web_url, ..settings };
        (Self { settings, states: States::default(), handover: Mutex::new(handover) }, handed)
    }

    /// Whether this is the token.
    pub(super) fn admits(&self, token: &str) -> bool {
        !self.settings.token.is_empty() && same(&self.settings.token, token)
    }

    /// Where forms may go beside ourselves.
    pub(super) fn github_origin(&self) -> String {
        Url::parse(&self.settings.web_url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    pub(super) fn public_url(&self) -> Option<&str> {
        self.settings.public_url.as_deref()
    }

    /// Whether GitHub may reach this address, as far as the address itself says.
    pub(super) fn is_reachable(&self, address: &str) -> bool {
        address::public(address, &self.settings.web_url).is_ok()
    }

    /// Begins a registration.
    ///
    /// # Errors
    /// What to change, in a sentence.
    pub(super) async fn begin(&self, headers: &HeaderMap, organization: &str, address: &str) -> Result<Begun, String> {
        let public = address::public(address, &self.settings.web_url)?;
        let browser =
            address::of_browser(headers, Some(&public)).ok_or("The request does not say under which host.")?;
        let login = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        if organization.len() > LONGEST_LOGIN || !organization.chars().all(login) {
            return Err("An organisation is named as in its address on GitHub: letters, digits and hyphens.".to_owned());
        }
        // Whatever would keep the credentials from being stored has to show before GitHub makes any.
        drop(reserved(&self.settings.credentials).await.map_err(|error| format!("{error}."))?);
        let state = self.states.issue((self.settings.now)());
        let place = if organization.is_empty() { String::new() } else { format!("/organizations/{organization}") };
        Ok(Begun {
            action: format!("{}{place}/settings/apps/new?state={state}", self.settings.web_url),
            manifest: manifest::of(&public, &browser),
            organization: organization.to_owned(),
        })
    }

    /// Finishes a registration: exchanges the code, stores the credentials, has the server take them in.
    pub(super) async fn finish(&self, code: &str, state: &str) -> Result<Installable, Trouble> {
        if code.is_empty() || code.len() > LONGEST_CODE || state.is_empty() {
            return Err(Trouble::Incomplete);
        }
        let handover = self.handover.lock().await;
        let taken = self.states.take(state, (self.settings.now)()).ok_or(Trouble::State)?;
        let place = match reserved(&self.settings.credentials).await {
            Ok(place) => place,
            Err(error) => {
                self.states.give_back(taken);
                return Err(error.into());
            }
        };
        let credentials = self.exchange(code, taken).await?;
        let stored = credentials.clone();
        on_disk(move || place.keep(&stored)).await.map_err(Trouble::Lost)?;
        tracing::info!(app.id = credentials.app_id, file = %self.settings.credentials.display(), "the App is registered, its credentials are stored");
        let (slug, html_url) = (credentials.slug.clone(), credentials.html_url.clone());
        let held_up = take_in(&handover, credentials).await.err();
        Ok(Installable { slug, install_url: format!("{html_url}/installations/new"), held_up })
    }

    async fn exchange(&self, code: &str, taken: Taken) -> Result<Credentials, Trouble> {
        match register(&self.settings.api_url, self.settings.timeout, code).await {
            Ok(registered) => Ok(registered.into()),
            Err(error @ (GitHubError::Limited { .. } | GitHubError::Unreachable { .. } | GitHubError::Settings(_))) => {
                // Perhaps it was not used. If it was, GitHub says so next time.
                self.states.give_back(taken);
                Err(Trouble::Later(error))
            }
            Err(error @ GitHubError::Refused { .. }) => Err(Trouble::Code(error)),
            Err(error) => Err(Trouble::Garbage(error)),
        }
    }
}

/// Hands the credentials to the server and waits until it governs.
async fn take_in(handover: &mpsc::Sender<Handover>, credentials: Credentials) -> Result<(), String> {
    let (taken, answer) = oneshot::channel();
    let gone = "the server is stopping";
    handover.send(Handover { credentials, taken }).await.map_err(|_| gone.to_owned())?;
    match tokio::time::timeout(TAKING_IN, answer).await {
        Ok(answer) => answer.unwrap_or_else(|_| Err(gone.to_owned())),
        Err(_) => Err("it takes longer than usual".to_owned()),
    }
}

async fn reserved(path: &Path) -> Result<crate::credentials::Reserved, CredentialsError> {
    let path = path.to_owned();
    on_disk(move || reserve(&path)).await
}

async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CredentialsError> + Send + 'static,
) -> Result<T, CredentialsError> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(CredentialsError::Unreadable { path: PathBuf::new(), why: error.to_string() }))
}
