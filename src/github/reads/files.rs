//! The files that a pull request changes.

use super::{Failed, Reader};
use crate::domain::govern::FileSeen;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::github::path::repo;
use crate::github::session::Keep;
use crate::github::shapes::File;

/// GitHub lists no more, and says nothing about it (FACTS P10).
const MOST_FILES: u32 = 3_000;

impl Reader<'_> {
    /// All of them, or not known: a short list would hide collisions.
    pub(super) async fn files(
        &self,
        number: PrNumber,
        head: &CommitSha,
        changed_files: u32,
    ) -> Result<Vec<FileSeen>, Failed> {
        if changed_files > MOST_FILES {
            let because = format!("it changes {changed_files} files, and GitHub lists {MOST_FILES} at most");
            return Err(Failed::partial(because, None));
        }
        let path = repo(self.at, &format!("/pulls/{number}/files"));
        let files: Vec<File> = self.session.pages(&path, Keep::ByEtag).await?;
        if let Some(other) = files.iter().find_map(|file| file.head().filter(|listed| listed != head)) {
            let because = format!("the head moved to {} while its files were read", other.short());
            return Err(Failed::partial(because, Some(1)));
        }
        let listed = u32::try_from(files.len()).unwrap_or(u32::MAX);
        if listed < changed_files {
            let because = format!("GitHub listed {listed} of {changed_files} changed files");
            return Err(Failed::partial(because, Some(1)));
        }
        if listed >= MOST_FILES && changed_files == 0 {
            return Err(Failed::partial(format!("GitHub lists {MOST_FILES} files at most"), None));
        }
        Ok(files.into_iter().map(File::seen).collect())
    }
}

impl File {
    /// The commit that its link names: the head as it was when the list was made.
    fn head(&self) -> Option<CommitSha> {
        if self.status == "removed" {
            return None;
        }
        let (_, reference) = self.contents_url.as_deref()?.rsplit_once("?ref=")?;
        reference.parse().ok()
    }

    pub(super) fn seen(self) -> FileSeen {
        FileSeen {
            filename: self.filename,
            previous_filename: self.previous_filename,
            status: self.status,
            patch: self.patch,
            blob: self.sha,
            additions: self.additions,
            deletions: self.deletions,
        }
    }
}
