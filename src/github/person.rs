//! GitHub as a person sees it: the code of a login becomes their token, and the token says who they are and what they may read.
//!
//! Contract: <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-user-access-token-for-a-github-app>
//! with PKCE (RFC 7636, S256), and the REST pages "users", "installations" and "OAuth authorizations" of GitHub Apps.

use std::collections::HashSet;
use std::fmt;
use std::time::Duration;

use http::{Method, StatusCode, header};
use octocrab::Octocrab;
use octocrab::secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::time::Instant;
use url::Url;

use super::path::segment;
use super::settings::{nobody, web_url};
use super::wire::{Asked, Signed, redacted, send};
use super::{GitHubError, shapes};
use crate::domain::govern::{Actor, ActorKind};
use crate::domain::ids::{RepoId, UserId};

/// Pages of a hundred that one look may take, over all installations: what lies beyond is not seen.
const MOST_PAGES: usize = 100;
/// What user tokens of GitHub Apps begin with: nothing else is worth a question to GitHub.
const PREFIX: &str = "ghu_";
/// GitHub's tokens are far shorter.
const LONGEST_TOKEN: usize = 255;

/// The App's client id and secret. `Debug` shows no secret.
#[derive(Clone)]
pub struct ClientKeys {
    /// The client id.
    pub id: String,
    /// The client secret.
    pub secret: String,
}

impl fmt::Debug for ClientKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientKeys").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Where people sign in.
#[derive(Debug, Clone)]
pub struct SignInSettings {
    /// The App's numeric id: tokens of other Apps are no good here.
    pub app_id: u64,
    /// The App's client.
    pub client: ClientKeys,
    /// The base of the REST API.
    pub api_url: String,
    /// GitHub's pages, where people agree.
    pub web_url: String,
    /// How long one request may take.
    pub timeout: Duration,
}

/// A person's token for this App. It never shows.
#[derive(Clone)]
pub struct PersonToken(SecretString);

impl PersonToken {
    /// A text that may be one; `None` for what is plainly something else.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let fits =
            text.starts_with(PREFIX) && text.len() <= LONGEST_TOKEN && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| Self(SecretString::from(text.to_owned())))
    }

    /// The token itself, to seal it or to send it.
    pub(crate) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for PersonToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonToken(***)")
    }
}

/// What the code of a login became.
#[derive(Debug, Clone)]
pub struct Given {
    /// The token.
    pub token: PersonToken,
    /// How many seconds GitHub takes it for; absent where the App's tokens do not expire.
    pub seconds: Option<i64>,
}

/// A person as GitHub names them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Person {
    /// The numeric id: it stays when the login changes.
    pub id: UserId,
    /// The login.
    pub login: String,
}

impl Person {
    /// Them, as somebody who decides.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { id: self.id, login: self.login.clone(), kind: ActorKind::Human }
    }
}

/// Who somebody is, and what they may read of what the App is installed on.
#[derive(Debug, Clone)]
pub struct Sight {
    /// Who.
    pub person: Person,
    /// The repositories, by numeric id.
    pub repositories: HashSet<RepoId>,
}

/// Signs people in, and looks with their eyes.
pub struct SignIn {
    settings: SignInSettings,
    authorize: Url,
    exchange: Url,
    api: Octocrab,
    api_url: Url,
    http: reqwest::Client,
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignIn").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// GitHub answers errors of an exchange with 200, too.
#[derive(Deserialize)]
struct Exchanged {
    access_token: Option<String>,
    expires_in: Option<i64>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Deserialize)]
struct Installations {
    #[serde(default, deserialize_with = "shapes::or_default")]
    installations: Vec<InstallationShape>,
}

#[derive(Deserialize)]
struct InstallationShape {
    id: u64,
    app_id: u64,
    suspended_at: Option<String>,
}

#[derive(Deserialize)]
struct Repositories {
    #[serde(default, deserialize_with = "shapes::or_default")]
    repositories: Vec<RepositoryShape>,
}

#[derive(Deserialize)]
struct RepositoryShape {
    id: RepoId,
}

impl SignIn {
    /// A way to sign in.
    ///
    /// # Errors
    /// `Settings`: an address that cannot work, or no client.
    pub fn new(settings: SignInSettings) -> Result<Self, GitHubError> {
        let mut base = web_url("FLYBALL_GITHUB_WEB_URL", &settings.web_url)?;
        base.set_path(&format!("{}/", base.path().trim_end_matches('/')));
        let below = |path: &str| base.join(path).map_err(|error| GitHubError::Settings(error.to_string()));
        let (authorize, exchange) = (below("login/oauth/authorize")?, below("login/oauth/access_token")?);
        let mut api_url = web_url("FLYBALL_GITHUB_API_URL", &settings.api_url)?;
        api_url.set_path(&format!("{}/", api_url.path().trim_end_matches('/')));
        let mut http = reqwest::Client::builder()
            .timeout(settings.timeout)
            .user_agent("flyball")
            // The secret goes to the configured host and no further.
            .redirect(reqwest::redirect::Policy::none());
        if base.scheme() == "http" {
            // A GitHub without TLS stands on this machine or beside it: no proxy is the way there.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| GitHubError::Settings(format!("no client can be made: {error}")))?;
        let api = nobody(&settings.api_url, settings.timeout)?;
        Ok(Self { settings, authorize, exchange, api, api_url, http })
    }

    /// Where GitHub asks the person; `challenge` is the SHA-256 of the verifier in base64url.
    #[must_use]
    pub fn address(&self, back: &str, state: &str, challenge: &str) -> Url {
        let mut url = self.authorize.clone();
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client.id)
            .append_pair("redirect_uri", back)
            .append_pair("state", state)
            .append_pair("code_challenge", challenge)
            .append_pair("code_challenge_method", "S256");
        url
    }

    /// Exchanges the code of a login, once.
    ///
    /// # Errors
    /// `Refused`: the code is unknown, used, too old, or the verifier is another one; begin anew. `Unreachable`, `Unreadable`: try anew
    /// later.
    pub async fn exchange(&self, code: &str, verifier: &str, back: &str) -> Result<Given, GitHubError> {
        let ClientKeys { id, secret } = &self.settings.client;
        let form = [
            ("client_id", id.as_str()),
            ("client_secret", secret),
            ("code", code),
            ("redirect_uri", back),
            ("code_verifier", verifier),
        ];
        let request = self.http.post(self.exchange.clone()).header(header::ACCEPT, "application/json").form(&form);
        let answer = request.send().await.map_err(|error| unreachable(&error))?;
        let status = answer.status();
        let body = answer.bytes().await.map_err(|error| unreachable(&error))?;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
            return Err(GitHubError::Unreachable {
                because: format!("GitHub answered {}", status.as_u16()),
                sent: true,
            });
        }
        // The parser's own words could quote the token.
        let read: Exchanged = serde_json::from_slice(&body).map_err(|_| {
            GitHubError::Unreadable("the answer to the code of a login is not what GitHub documents".to_owned())
        })?;
        if let Some(error) = read.error {
            let message = redacted(&read.error_description.unwrap_or(error));
            return Err(GitHubError::Refused { status: 400, message });
        }
        let token = read.access_token.as_deref().and_then(PersonToken::read);
        let token =
            token.ok_or_else(|| GitHubError::Unreadable("it holds no user token of a GitHub App".to_owned()))?;
        Ok(Given { token, seconds: read.expires_in })
    }

    /// Who the token speaks for, and what they may read.
    ///
    /// # Errors
    /// `Refused` with 401 or 403: the token is no good (any more). `Limited`, `Unreachable`, `Unreadable`: not now.
    pub async fn see(&self, token: &PersonToken) -> Result<Sight, GitHubError> {
        let person: Person = self.get(token, "/user".to_owned()).await?.0;
        let (mut repositories, mut pages) = (HashSet::new(), 0);
        for installation in self.installations(token, &mut pages).await? {
            let below = format!("/user/installations/{installation}/repositories");
            for page in 1.. {
                if !one_more(&mut pages, &person) {
                    break;
                }
                let read = self.get::<Repositories>(token, format!("{below}?per_page=100&page={page}")).await;
                let (read, more) = match read {
                    // Gone or suspended since it was listed: nothing of it is to be seen.
                    Err(GitHubError::Refused { status: 403 | 404, .. }) => break,
                    other => other?,
                };
                repositories.extend(read.repositories.iter().map(|repository| repository.id));
                if !more {
                    break;
                }
            }
        }
        Ok(Sight { person, repositories })
    }

    /// Those of this App; a token of another App is refused.
    async fn installations(&self, token: &PersonToken, pages: &mut usize) -> Result<Vec<u64>, GitHubError> {
        let mut ours = Vec::new();
        for page in 1.. {
            *pages += 1;
            let (read, more): (Installations, bool) =
                self.get(token, format!("/user/installations?per_page=100&page={page}")).await?;
            if read.installations.iter().any(|one| one.app_id != self.settings.app_id) {
                return Err(GitHubError::Refused { status: 401, message: "it is the token of another App".to_owned() });
            }
            let awake = read.installations.iter().filter(|one| one.suspended_at.is_none());
            ours.extend(awake.map(|one| one.id));
            if !more || *pages >= MOST_PAGES {
                break;
            }
        }
        Ok(ours)
    }

    /// Takes a token back: nobody can use it any more.
    ///
    /// # Errors
    /// Any: GitHub did not say that it is done. A token that GitHub does not know is taken back already.
    pub async fn withdraw(&self, token: &PersonToken) -> Result<(), GitHubError> {
        let ClientKeys { id, secret } = &self.settings.client;
        let path = format!("applications/{}/token", segment(id));
        let url = self.api_url.join(&path).map_err(|error| GitHubError::Settings(error.to_string()))?;
        let request = self.http.delete(url).basic_auth(id, Some(secret));
        let request = request.header(header::ACCEPT, "application/vnd.github+json");
        let answer = request.json(&json!({ "access_token": token.expose() })).send().await;
        let status = answer.map_err(|error| unreachable(&error))?.status();
        match status.as_u16() {
            200..=299 | 404 | 422 => Ok(()),
            status => Err(GitHubError::Refused { status, message: "the token was not taken back".to_owned() }),
        }
    }

    /// A page of what the person may read, and whether there is another.
    async fn get<T: DeserializeOwned>(&self, token: &PersonToken, path: String) -> Result<(T, bool), GitHubError> {
        let asked = Asked { method: Method::GET, ..Asked::get(path) };
        let reply = send(&self.api, asked, Signed::Token(&token.0), Instant::now() + self.settings.timeout).await?;
        if !reply.status.is_success() {
            return Err(reply.refusal());
        }
        Ok((reply.read()?, reply.has_next() == Some(true)))
    }
}

fn one_more(pages: &mut usize, person: &Person) -> bool {
    *pages += 1;
    if *pages > MOST_PAGES {
        tracing::warn!(
            person.id = person.id.0,
            pages = MOST_PAGES,
            "somebody may read more repositories than are looked at"
        );
    }
    *pages <= MOST_PAGES
}

fn unreachable(error: &reqwest::Error) -> GitHubError {
    let because = if error.is_timeout() { "GitHub did not answer in time" } else { "GitHub could not be reached" };
    GitHubError::Unreachable { because: because.to_owned(), sent: !error.is_connect() }
}
