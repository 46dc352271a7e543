//! What the App is, how it is installed and what it meets: read for `doctor`, which judges it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::client::OctocrabGitHub;
use super::path::{repo, segment};
use super::session::Keep;
use super::{GitHubError, RepoAddress, shapes};
use crate::domain::govern::ActorKind;
use crate::domain::ids::{CommitSha, Timestamp};

/// The App as GitHub has it registered (`GET /app`).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AppShown {
    /// Its numeric id.
    pub id: u64,
    /// Its name in addresses.
    pub slug: String,
    /// Its page.
    #[serde(default)]
    pub html_url: Option<String>,
    /// What it asks for: name to `read`, `write` or `admin`.
    #[serde(default, deserialize_with = "shapes::or_default")]
    pub permissions: BTreeMap<String, String>,
    /// The events it subscribed to.
    #[serde(default, deserialize_with = "shapes::or_default")]
    pub events: Vec<String>,
    /// How many seconds this machine's clock is ahead of GitHub's, by the answer's `Date`; absent without one.
    #[serde(skip)]
    pub clock_ahead_seconds: Option<i64>,
}

/// The App's webhook (`GET /app/hook/config`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HookShown {
    /// Where deliveries go.
    pub url: Option<String>,
    /// `json` or `form`.
    pub content_type: Option<String>,
    /// Whether GitHub looks at the certificate.
    pub verifies_tls: bool,
    /// Whether there is a secret; GitHub never shows which.
    pub has_secret: bool,
}

#[derive(Deserialize)]
struct HookConfig {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    content_type: Option<String>,
    /// `"0"`, `"1"` or a number (FACTS W15).
    #[serde(default)]
    insecure_ssl: Value,
    #[serde(default)]
    secret: Option<String>,
}

impl From<HookConfig> for HookShown {
    fn from(config: HookConfig) -> Self {
        let insecure = config.insecure_ssl.as_str() == Some("1") || config.insecure_ssl.as_i64() == Some(1);
        let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
        Self {
            url: filled(config.url),
            content_type: filled(config.content_type),
            verifies_tls: !insecure,
            has_secret: filled(config.secret).is_some(),
        }
    }
}

/// One attempt at a delivery, from the App's log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct DeliveryShown {
    /// The same for all attempts at one delivery.
    pub guid: String,
    /// When it was made.
    pub delivered_at: Timestamp,
    /// What our server answered; 0 without an answer.
    #[serde(default)]
    pub status_code: u16,
    /// `OK`, or what went wrong.
    #[serde(default)]
    pub status: String,
}

/// A repository's switches, as far as they are shown to us.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct RepoShown {
    /// `owner/name` now.
    pub full_name: String,
    /// Its default branch.
    pub default_branch: String,
    /// Whether it is archived: then nothing can be written.
    #[serde(default)]
    pub archived: bool,
    /// Whether auto-merge may be switched on; absent where GitHub does not show it.
    #[serde(default)]
    pub allow_auto_merge: Option<bool>,
}

#[derive(Deserialize)]
struct Suite {
    #[serde(default)]
    app: Option<SuiteApp>,
}

#[derive(Deserialize)]
struct SuiteApp {
    #[serde(default)]
    slug: Option<String>,
}

impl OctocrabGitHub {
    /// The App as it is registered now, never from memory.
    ///
    /// # Errors
    /// `Refused` with 401 or 404, `ClockWrong`: key, id or clock must be put right. Others: try again later.
    pub async fn app_shown(&self) -> Result<AppShown, GitHubError> {
        let reply = self.wire.as_app("/app").await?;
        Ok(AppShown { clock_ahead_seconds: reply.clock_ahead(), ..reply.read()? })
    }

    /// How the App's webhook is configured.
    ///
    /// # Errors
    /// As [`Self::app_shown`].
    pub async fn hook_shown(&self) -> Result<HookShown, GitHubError> {
        Ok(self.wire.as_app("/app/hook/config").await?.read::<HookConfig>()?.into())
    }

    /// The newest hundred attempts at deliveries, newest first.
    ///
    /// # Errors
    /// As [`Self::app_shown`].
    pub async fn newest_deliveries(&self) -> Result<Vec<DeliveryShown>, GitHubError> {
        self.wire.as_app("/app/hook/deliveries?per_page=100").await?.read()
    }

    /// A repository's switches.
    ///
    /// # Errors
    /// As a read of the repository.
    pub async fn repo_shown(&self, at: &RepoAddress) -> Result<RepoShown, GitHubError> {
        self.session_at(at).await?.get(&repo(at, ""), Keep::ByEtag).await?.read()
    }

    /// The names in a folder at the top of the default branch; none where there is no such folder.
    ///
    /// # Errors
    /// As a read of the repository.
    pub async fn folder_shown(&self, at: &RepoAddress, folder: &str) -> Result<Vec<String>, GitHubError> {
        let path = repo(at, &format!("/contents/{}", segment(folder)));
        match self.session_at(at).await?.get(&path, Keep::ByEtag).await {
            // A file of that name comes as one object: then it is no folder.
            Ok(reply) => {
                Ok(reply.read::<Vec<shapes::Named>>().unwrap_or_default().into_iter().map(|named| named.name).collect())
            }
            Err(GitHubError::Refused { status: 404, .. }) => Ok(Vec::new()),
            Err(error) => Err(error),
        }
    }

    /// Whether there is a file of this name at the top of the default branch.
    ///
    /// # Errors
    /// As a read of the repository.
    pub async fn has_file(&self, at: &RepoAddress, name: &str) -> Result<bool, GitHubError> {
        let path = repo(at, &format!("/contents/{}", segment(name)));
        match self.session_at(at).await?.get(&path, Keep::ByEtag).await {
            Ok(_) => Ok(true),
            Err(GitHubError::Refused { status: 404, .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Logins of people with write access; those that fit on one page.
    ///
    /// # Errors
    /// As a read of the repository.
    pub async fn writers(&self, at: &RepoAddress) -> Result<Vec<String>, GitHubError> {
        let path = repo(at, "/collaborators?permission=push&per_page=100");
        let listed: Vec<shapes::User> = self.session_at(at).await?.get(&path, Keep::ByEtag).await?.read()?;
        let people = listed.into_iter().map(shapes::User::actor).filter(|actor| actor.kind == ActorKind::Human);
        Ok(people.map(|actor| actor.login).collect())
    }

    /// The slugs of the Apps that have a check suite on a commit: each App that reads checks gets one with every push (FACTS C7).
    ///
    /// # Errors
    /// As a read of the repository.
    pub async fn suite_apps(&self, at: &RepoAddress, sha: &CommitSha) -> Result<Vec<String>, GitHubError> {
        let path = repo(at, &format!("/commits/{sha}/check-suites"));
        let suites: Vec<Suite> = self.session_at(at).await?.wrapped_pages(&path, Keep::ByEtag).await?;
        Ok(suites.into_iter().filter_map(|suite| suite.app?.slug).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hooks_switches_come_in_several_spellings() {
        let cases = [
            (r#"{"insecure_ssl":"0","secret":"********"}"#, (true, true)),
            (r#"{"insecure_ssl":"1","secret":null}"#, (false, false)),
            (r#"{"insecure_ssl":1,"secret":""}"#, (false, false)),
            (r#"{"insecure_ssl":0}"#, (true, false)),
            ("{}", (true, false)),
        ];
        for (text, expected) in cases {
            let hook: HookShown = serde_json::from_str::<HookConfig>(text).unwrap().into();
            assert_eq!((hook.verifies_tls, hook.has_secret), expected, "{text}");
        }
    }
}
