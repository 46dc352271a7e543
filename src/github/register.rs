//! The last step of an App's registration from a manifest: the code that GitHub gave to the browser becomes id, key and secrets.
//!
//! Contract: <https://docs.github.com/en/rest/apps/apps#create-a-github-app-from-a-manifest>

use std::fmt;
use std::time::Duration;

use http::Method;
use serde::Deserialize;
use tokio::time::Instant;

use super::path::segment;
use super::settings::nobody;
use super::wire::{Asked, Signed, send};
use super::{GitHubError, shapes};

/// A freshly registered App. `Debug` shows no secret.
#[derive(Clone, PartialEq, Eq, Deserialize)]
pub struct Registered {
    /// The App's numeric id.
    pub id: u64,
    /// Its name in addresses; its bot is `slug[bot]`.
    pub slug: String,
    /// Its page on GitHub; `/installations/new` below it installs it.
    pub html_url: String,
    /// The client id, for the login of people.
    pub client_id: String,
    /// The client secret that goes with it.
    pub client_secret: String,
    /// What deliveries are signed with; never empty.
    #[serde(deserialize_with = "shapes::or_default")]
    pub webhook_secret: String,
    /// The private key, PEM.
    pub pem: String,
}

impl fmt::Debug for Registered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Registered").field("id", &self.id).field("slug", &self.slug).finish_non_exhaustive()
    }
}

/// Exchanges a code, once: GitHub takes each only one time, and within an hour.
///
/// # Errors
/// `Refused` with 404 or 422: the code is unknown, used or too old; begin anew. `Limited`, `Unreachable` with `sent` false: ask again
/// later. `Unreachable` otherwise, `Unreadable`: GitHub may have given the answer away, and it is lost.
pub async fn register(api_url: &str, timeout: Duration, code: &str) -> Result<Registered, GitHubError> {
    let client = nobody(api_url, timeout)?;
    let path = format!("/app-manifests/{}/conversions", segment(code));
    let asked = Asked { method: Method::POST, ..Asked::get(path) };
    let reply = send(&client, asked, Signed::Nobody, Instant::now() + timeout).await?;
    if !reply.status.is_success() {
        return Err(reply.refusal());
    }
    // The parser's own words could quote a secret.
    let registered: Registered =
        reply.read().map_err(|_| GitHubError::Unreadable("it is no registered App".to_owned()))?;
    let whole = registered.id > 0 && !registered.webhook_secret.is_empty() && !registered.pem.is_empty();
    whole.then_some(registered).ok_or_else(|| GitHubError::Unreadable("it lacks the key or the secret".to_owned()))
}
