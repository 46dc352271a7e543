//! Where git fetches from: GitHub's pages, with the installation's token.
//!
//! Contract: <https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/authenticating-as-a-github-app-installation>,
//! "HTTP-based Git access": the user `x-access-token`, the token as its password.

use std::sync::Arc;

use async_trait::async_trait;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::client::OctocrabGitHub;
use super::{GitHubError, Remotes, RepoAddress};
use crate::git::Remote;

/// Remotes of one GitHub.
#[derive(Debug)]
pub struct GitRemotes {
    client: Arc<OctocrabGitHub>,
    web_url: String,
}

impl GitRemotes {
    /// Repositories under `web_url`, with the tokens of `client`.
    #[must_use]
    pub fn new(client: Arc<OctocrabGitHub>, web_url: &str) -> Self {
        Self { client, web_url: web_url.trim_end_matches('/').to_owned() }
    }
}

#[async_trait]
impl Remotes for GitRemotes {
    async fn remote(&self, at: &RepoAddress) -> Result<Remote, GitHubError> {
        let user = self.client.git_user(at).await?;
        Ok(Remote {
            url: format!("{}/{}.git", self.web_url, at.full_name),
            header: Some(format!("Authorization: Basic {}", STANDARD.encode(user))),
        })
    }
}
