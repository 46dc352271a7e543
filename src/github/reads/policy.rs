//! The policy file, CODEOWNERS and team membership.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde::Deserialize;

use super::{Failed, Reader};
use crate::domain::govern::PolicySeen;
use crate::domain::ids::CommitSha;
use crate::domain::policy::{PATH, file};
use crate::github::path::{repo, segment};
use crate::github::session::Keep;
use crate::github::{GitHubError, RepoAddress};

/// Where CODEOWNERS may lie; the first that is there counts (GitHub Docs, "About code owners").
const OWNERS: [&str; 3] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"];

#[derive(Deserialize)]
struct Content {
    sha: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    encoding: String,
}

#[derive(Deserialize)]
struct Branch {
    commit: Tip,
}

#[derive(Deserialize)]
struct Tip {
    sha: CommitSha,
}

#[derive(Deserialize)]
struct Membership {
    state: String,
}

impl Reader<'_> {
    /// The policy on a branch (without a name: the default branch), with the file it extends, and CODEOWNERS where it asks for owners.
    pub(super) async fn policy(&self, branch: Option<&str>) -> Result<PolicySeen, Failed> {
        let Some((blob, text)) = self.text_at(self.at, PATH, branch).await? else { return Ok(PolicySeen::default()) };
        let parsed = file::parse(&text).file;
        let extended = match parsed.extends {
            Some(repository) => {
                let there = RepoAddress { full_name: repository.to_string(), ..self.at.clone() };
                let found = self.text_at(&there, PATH, None).await?;
                Some((there.full_name, found.map(|(_, text)| text).unwrap_or_default()))
            }
            None => None,
        };
        let mut owners = None;
        let asks = |text: &str| text.contains("codeowners") || text.contains("code_owners");
        if asks(&text) || extended.as_ref().is_some_and(|(_, text)| asks(text)) {
            for path in OWNERS {
                if let Some((_, text)) = self.text_at(self.at, path, branch).await? {
                    owners = Some((path.to_owned(), text));
                    break;
                }
            }
        }
        Ok(PolicySeen { file: Some((blob, text)), extended, owners })
    }

    /// The commit at the head of a branch.
    pub(super) async fn branch_head(&self, branch: &str) -> Result<CommitSha, Failed> {
        let path = repo(self.at, &format!("/branches/{}", segment(branch)));
        Ok(self.session.get(&path, Keep::No).await?.read::<Branch>()?.commit.sha)
    }

    /// The commit at the head of the default branch: what installs the App does not name it.
    pub(super) async fn default_head(&self) -> Result<CommitSha, Failed> {
        Ok(self.session.get(&repo(self.at, "/commits/HEAD"), Keep::No).await?.read::<Tip>()?.sha)
    }

    /// The policy file as a commit has it.
    pub(super) async fn policy_at(&self, sha: &CommitSha) -> Result<Option<String>, Failed> {
        Ok(self.text_at(self.at, PATH, Some(sha.as_str())).await?.map(|(_, text)| text))
    }

    /// Blob and text of a file on the default branch, or at a branch or commit; `None` where there is no such file.
    async fn text_at(
        &self,
        at: &RepoAddress,
        path: &str,
        at_ref: Option<&str>,
    ) -> Result<Option<(String, String)>, Failed> {
        let query = at_ref.map_or_else(String::new, |name| format!("?ref={}", segment(name)));
        let asked = repo(at, &format!("/contents/{path}{query}"));
        let Some(reply) = self.there(&asked, Keep::ByEtag).await? else { return Ok(None) };
        let content: Content = reply.read()?;
        if content.encoding != "base64" {
            return Err(Failed::partial(format!("`{path}` is too large to be read"), None));
        }
        let bytes = STANDARD.decode(content.content.split_whitespace().collect::<String>());
        let text = bytes.ok().and_then(|bytes| String::from_utf8(bytes).ok());
        match text {
            Some(text) => Ok(Some((content.sha, text))),
            None => Err(Failed::partial(format!("`{path}` is no text in UTF-8"), None)),
        }
    }

    /// Whether somebody is an active member of `organisation/team`, child teams included.
    pub(super) async fn member(&self, team: &str, login: &str) -> Result<bool, Failed> {
        let Some((organisation, slug)) = team.trim_start_matches('@').split_once('/') else {
            return Err(Failed::partial(format!("`{team}` names no team"), None));
        };
        let path = format!(
            "/orgs/{}/teams/{}/memberships/{}",
            segment(organisation),
            segment(slug),
            segment(login.trim_start_matches('@'))
        );
        if let Some(reply) = self.there(&path, Keep::No).await? {
            return Ok(reply.read::<Membership>()?.state == "active");
        }
        // No member, or no such team: only the team itself tells them apart.
        let path = format!("/orgs/{}/teams/{}/members?per_page=1", segment(organisation), segment(slug));
        match self.session.get(&path, Keep::ByEtag).await {
            Ok(_) => Ok(false),
            Err(GitHubError::Refused { status, .. }) if status == StatusCode::NOT_FOUND => {
                Err(Failed::partial(format!("there is no team `{team}` that the App can see"), None))
            }
            Err(error) => Err(error.into()),
        }
    }
}
