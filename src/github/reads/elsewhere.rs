//! A pull request of another repository, with the rights that we have here.

use http::StatusCode;
use serde::Deserialize;

use super::{Failed, Reader};
use crate::domain::govern::{Elsewhere, PullState};
use crate::domain::ids::{PrNumber, RepoId};
use crate::github::GitHubError;
use crate::github::path::segment;
use crate::github::session::Keep;

#[derive(Deserialize)]
struct Pull {
    state: String,
    #[serde(default)]
    merged: bool,
    base: Base,
}

#[derive(Deserialize)]
struct Base {
    #[serde(rename = "ref")]
    branch: String,
    repo: Repo,
}

#[derive(Deserialize)]
struct Repo {
    id: RepoId,
}

impl Reader<'_> {
    /// GitHub answers 404 both for a number that is not there and for a repository that we may not see: only the repository itself tells.
    pub(super) async fn elsewhere(&self, full_name: &str, number: PrNumber) -> Result<Elsewhere, Failed> {
        let Some((owner, name)) = full_name.split_once('/') else { return Ok(Elsewhere::Unreadable) };
        let repo = format!("/repos/{}/{}", segment(owner), segment(name));
        match self.session.get(&format!("{repo}/pulls/{number}"), Keep::ByEtag).await {
            Ok(reply) => Ok(reply.read::<Pull>()?.seen()),
            Err(error) if is_hidden(&error) => match self.session.get(&repo, Keep::ByEtag).await {
                Ok(_) => Ok(Elsewhere::Missing),
                Err(error) if is_hidden(&error) => Ok(Elsewhere::Unreadable),
                Err(error) => Err(error.into()),
            },
            Err(error) => Err(error.into()),
        }
    }
}

fn is_hidden(error: &GitHubError) -> bool {
    let hides = [StatusCode::NOT_FOUND, StatusCode::FORBIDDEN, StatusCode::GONE];
    matches!(error, GitHubError::Refused { status, .. } if hides.iter().any(|hidden| hidden == status))
}

impl Pull {
    fn seen(self) -> Elsewhere {
        let state = match (self.state.as_str(), self.merged) {
            (_, true) => PullState::Merged,
            ("open", false) => PullState::Open,
            _ => PullState::Closed,
        };
        Elsewhere::Pull { repo: self.base.repo.id, state, base: self.base.branch }
    }
}
