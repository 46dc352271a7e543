//! What is needed to talk to GitHub as an App.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use octocrab::models::AppId;
use octocrab::service::middleware::retry::RetryConfig;
use octocrab::{Octocrab, jsonwebtoken::EncodingKey};
use url::Url;

use super::GitHubError;
use super::carrier::{self, Carrier};
use super::pace::Pacing;

/// The version of GitHub's REST API that this program is written for (FACTS A10).
pub(super) const API_VERSION: &str = "2022-11-28";

/// Who we are on GitHub and where GitHub is. `Debug` never shows the key.
#[derive(Clone)]
pub struct Settings {
    /// The App's numeric id.
    pub app_id: u64,
    /// The App's private key: PEM, PKCS#1 or PKCS#8.
    pub private_key_pem: String,
    /// The base of the REST API, `https://api.github.com` or `https://HOST/api/v3`.
    pub api_url: String,
    /// The GraphQL endpoint; absent: derived from `api_url`.
    pub graphql_url: Option<String>,
    /// How long one request may take, and one write in all. GitHub itself cuts at 10 s.
    pub timeout: Duration,
    /// The wait before a failed read is asked again; it doubles. Writes are never repeated.
    pub retry_base: Duration,
    /// How writes are paced; as fast as they can without.
    pub pacing: Option<Pacing>,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app_id", &self.app_id)
            .field("api_url", &self.api_url)
            .field("graphql_url", &self.graphql_url)
            .field("timeout", &self.timeout)
            .field("retry_base", &self.retry_base)
            .field("pacing", &self.pacing)
            .finish_non_exhaustive()
    }
}

impl Settings {
    /// An octocrab that signs as the App and never repeats a request.
    pub(super) fn app_client(&self) -> Result<Octocrab, GitHubError> {
        if self.app_id == 0 {
            return Err(GitHubError::Settings(
                "the App id is 0: set FLYBALL_GITHUB_APP_ID to the number on the App's settings page".to_owned(),
            ));
        }
        let key = self.key()?;
        let base = web_url("FLYBALL_GITHUB_API_URL", &self.api_url)?;
        client(&base, self.timeout, |builder| builder.app(AppId(self.app_id), key))
    }

    /// The key that the App signs with.
    fn key(&self) -> Result<EncodingKey, GitHubError> {
        EncodingKey::from_rsa_pem(self.private_key_pem.trim().as_bytes()).map_err(|_| {
            // The inner error could quote the key; what to do is all that helps.
            GitHubError::Settings(
                "the App's private key cannot be read: FLYBALL_GITHUB_PRIVATE_KEY (or the file named by \
                 FLYBALL_GITHUB_PRIVATE_KEY_FILE) must hold the whole RSA key in PEM form, from `-----BEGIN` to `-----END`, with its \
                 line breaks; generate one on the App's settings page"
                    .to_owned(),
            )
        })
    }

    /// The same two clients over a carrier in place of the network, and the path of GraphQL.
    pub(super) fn carried(&self, carrier: &Arc<dyn Carrier>) -> Result<(Octocrab, Octocrab, String), GitHubError> {
        let (origin, path) = self.graphql()?;
        let app = carrier::client(carrier, &self.api_url, Some((self.app_id, self.key()?)))?;
        Ok((app, carrier::client(carrier, origin.as_str(), None)?, path))
    }

    /// An octocrab for the host of the GraphQL endpoint, and the path there. GHES serves it beside the REST base, which octocrab
    /// cannot leave (it prefixes the base's path), hence a client of its own.
    pub(super) fn graphql_client(&self) -> Result<(Octocrab, String), GitHubError> {
        let (origin, path) = self.graphql()?;
        Ok((client(&origin, self.timeout, |builder| builder)?, path))
    }

    /// Where GraphQL is: its host, and the path there.
    fn graphql(&self) -> Result<(Url, String), GitHubError> {
        let url = match &self.graphql_url {
            Some(url) => web_url("FLYBALL_GITHUB_GRAPHQL_URL", url)?,
            None => derived_graphql(&web_url("FLYBALL_GITHUB_API_URL", &self.api_url)?),
        };
        let path = url[url::Position::BeforePath..url::Position::AfterQuery].to_owned();
        let mut origin = url;
        origin.set_path("/");
        origin.set_query(None);
        Ok((origin, path))
    }
}

/// An octocrab that signs nothing: for the one call that a server makes before it is an App.
pub(super) fn nobody(api_url: &str, timeout: Duration) -> Result<Octocrab, GitHubError> {
    client(&web_url("FLYBALL_GITHUB_API_URL", api_url)?, timeout, |builder| builder)
}

fn client(
    base: &Url,
    timeout: Duration,
    authenticate: impl FnOnce(Builder) -> Builder,
) -> Result<Octocrab, GitHubError> {
    let built = Octocrab::builder()
        .base_uri(base.as_str())
        .map(|builder| {
            builder
                .add_retry_config(RetryConfig::None)
                .set_connect_timeout(Some(timeout))
                .set_read_timeout(Some(timeout))
                .set_write_timeout(Some(timeout))
                .add_header(http::header::ACCEPT, "application/vnd.github+json".to_owned())
                .add_header(http::HeaderName::from_static("x-github-api-version"), API_VERSION.to_owned())
        })
        .and_then(|builder| authenticate(builder).build());
    built.map_err(|error| GitHubError::Settings(format!("no client for {base} can be made: {error}")))
}

type Builder = octocrab::OctocrabBuilder<
    octocrab::NoSvc,
    octocrab::DefaultOctocrabBuilderConfig,
    octocrab::NoAuth,
    octocrab::NotLayerReady,
>;

pub(super) fn web_url(setting: &str, text: &str) -> Result<Url, GitHubError> {
    let url = Url::parse(text.trim())
        .map_err(|error| GitHubError::Settings(format!("{setting} `{text}` is not a URL: {error}")))?;
    let usable = matches!(url.scheme(), "http" | "https") && url.has_host();
    let plain = url.username().is_empty() && url.password().is_none();
    match (usable, plain) {
        (true, true) => Ok(url),
        (true, false) => Err(GitHubError::Settings(format!("{setting} must not hold a user name or password"))),
        (false, _) => Err(GitHubError::Settings(format!("{setting} `{text}` must begin with https:// or http://"))),
    }
}

/// `https://HOST/api/v3` → `https://HOST/api/graphql` (FACTS R12), anything else + `/graphql`.
fn derived_graphql(api: &Url) -> Url {
    let base = api.path().trim_end_matches('/');
    let path =
        base.strip_suffix("/api/v3").map_or_else(|| format!("{base}/graphql"), |front| format!("{front}/api/graphql"));
    let mut url = api.clone();
    url.set_query(None);
    url.set_path(&path);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_graphql_url_follows_from_the_api_url() {
        let cases = [
            ("https://api.github.com", "https://api.github.com/graphql"),
            ("https://api.github.com/", "https://api.github.com/graphql"),
            ("https://git.acme.test/api/v3", "https://git.acme.test/api/graphql"),
            ("https://git.acme.test/api/v3/", "https://git.acme.test/api/graphql"),
            ("https://acme.test/git/api/v3", "https://acme.test/git/api/graphql"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000/graphql"),
        ];
        for (api, expected) in cases {
            assert_eq!(derived_graphql(&Url::parse(api).unwrap()).as_str(), expected, "{api}");
        }
    }
}
