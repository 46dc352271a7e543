//! What changed between two commits of a branch, and whether a revert that was asked for was opened.

use serde::Deserialize;

use super::{Failed, Reader};
use crate::domain::govern::FileSeen;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::github::path::repo;
use crate::github::session::Keep;
use crate::github::shapes::File;

/// A comparison shows no more, and says nothing about it (FACTS P11).
const MOST_FILES: usize = 300;

#[derive(Deserialize)]
struct Compared {
    #[serde(default)]
    files: Option<Vec<File>>,
}

#[derive(Deserialize)]
struct Listed {
    number: u64,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    user: Option<By>,
}

#[derive(Deserialize)]
struct By {
    login: String,
}

impl Reader<'_> {
    /// All files that differ, or not known.
    pub(super) async fn change(&self, before: &CommitSha, after: &CommitSha) -> Result<Vec<FileSeen>, Failed> {
        let path = repo(self.at, &format!("/compare/{before}...{after}"));
        let compared: Compared = self.session.get(&path, Keep::No).await?.read()?;
        let files = compared.files.ok_or_else(|| Failed::partial("GitHub listed no files of a comparison", None))?;
        if files.len() >= MOST_FILES {
            return Err(Failed::partial(format!("GitHub compares {MOST_FILES} files at most"), None));
        }
        Ok(files.into_iter().map(File::seen).collect())
    }

    /// The newest open pull request of ours that says so.
    pub(super) async fn revert_of(&self, number: PrNumber) -> Result<Option<PrNumber>, Failed> {
        let path = repo(self.at, "/pulls?state=open&sort=created&direction=desc&per_page=100");
        let newest: Vec<Listed> = self.session.get(&path, Keep::No).await?.read()?;
        let words = [format!("Reverts {}#{number}", self.at.full_name), format!("Reverts #{number}")];
        let says = |listed: &Listed| {
            let body = listed.body.as_deref().unwrap_or_default();
            body.lines().any(|line| words.iter().any(|words| line.trim() == words))
        };
        let ours = |listed: &Listed| listed.user.as_ref().map(|user| &user.login) == self.bot_login.as_ref();
        Ok(newest.iter().find(|listed| ours(listed) && says(listed)).map(|listed| PrNumber(listed.number)))
    }
}
