//! GitHub with a mirror beside it: what GitHub leaves open is answered from git where the mirror knows it.
//!
//! Two answers gain by it: whether a pull request merges, which GitHub works out late ("unknown"), and the patches of files that GitHub
//! leaves out of its list because they are large. Everything else, and everything while the mirror lags, is as GitHub says: such lines
//! stay unknown, and collisions on them stay *possible*.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::clock::Clock;
use crate::domain::govern::{Answer, Call, CallClass, Fact, FileSeen, Mergeable, Need, PullState, Snapshot};
use crate::domain::ids::{PrNumber, RepoId};
use crate::git::{GitError, Mirrored, Mirrors};
use crate::github::{GitHub, Remotes, RepoAddress};

/// How many bases of pull requests are remembered.
const REMEMBERED: u64 = 10_000;

/// GitHub, helped out by mirrors.
pub struct MirroredGitHub {
    github: Arc<dyn GitHub>,
    remotes: Arc<dyn Remotes>,
    mirrors: Arc<Mirrors>,
    clock: Arc<dyn Clock>,
    /// How long an answer waits for a fetch; the fetch itself goes on, and serves the next question.
    patience: Duration,
    bases: moka::sync::Cache<(RepoId, PrNumber), String>,
}

impl MirroredGitHub {
    /// Puts mirrors beside GitHub.
    #[must_use]
    pub fn new(
        github: Arc<dyn GitHub>,
        remotes: Arc<dyn Remotes>,
        mirrors: Arc<Mirrors>,
        clock: Arc<dyn Clock>,
        patience: Duration,
    ) -> Self {
        Self { github, remotes, mirrors, clock, patience, bases: moka::sync::Cache::new(REMEMBERED) }
    }

    async fn help_with_snapshot(&self, at: &RepoAddress, mut snapshot: Box<Snapshot>) -> Box<Snapshot> {
        self.bases.insert((at.id, snapshot.number), snapshot.base_ref.clone());
        if snapshot.state != PullState::Open || snapshot.mergeable != Mergeable::Unknown {
            return snapshot;
        }
        let (number, head) = (snapshot.number, snapshot.head_sha.to_string());
        let merges = self.ask(at, number, &snapshot.base_ref, head, |pull| pull.merges()).await;
        if let Some(merges) = merges {
            snapshot.mergeable = if merges { Mergeable::Clean } else { Mergeable::Conflicting };
        }
        snapshot
    }

    async fn help_with_files(
        &self,
        at: &RepoAddress,
        number: PrNumber,
        head: String,
        files: Vec<FileSeen>,
    ) -> Vec<FileSeen> {
        let Some(base) = self.bases.get(&(at.id, number)).filter(|_| files.iter().any(lacks_patch)) else {
            return files;
        };
        let lacking = files.clone();
        let filled = self.ask(at, number, &base, head, move |pull| fill(pull, lacking)).await;
        filled.unwrap_or(files)
    }

    /// Asks the mirror; none where it lags or cannot say.
    async fn ask<T: Send + 'static>(
        &self,
        at: &RepoAddress,
        number: PrNumber,
        base: &str,
        head: String,
        question: impl FnOnce(&Mirrored) -> Result<T, GitError> + Send + 'static,
    ) -> Option<T> {
        let base = format!("refs/heads/{base}");
        let remote = self.remotes.remote(at).await.ok()?;
        let refs = [base.clone(), format!("refs/pull/{number}/head")];
        let (mirrors, id, now) = (Arc::clone(&self.mirrors), at.id.0, self.clock.now().as_second());
        let fetching = tokio::spawn(async move { mirrors.fetch(id, &remote, &refs, now).await });
        match tokio::time::timeout(self.patience, fetching).await {
            Ok(Ok(Ok(()))) => {}
            Ok(Ok(Err(error))) => {
                tracing::warn!(repo.id = %at.id, unit.number = %number, %error, "the mirror could not be fetched; going on with what GitHub says");
                return None;
            }
            Ok(Err(_)) | Err(_) => {
                tracing::info!(repo.id = %at.id, unit.number = %number, "the mirror lags; going on with what GitHub says");
                return None;
            }
        }
        let path = self.mirrors.path(id);
        let asked =
            tokio::task::spawn_blocking(move || Mirrored::open(&path, &base, &head).and_then(|pull| question(&pull)));
        match asked.await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(error)) => {
                tracing::info!(repo.id = %at.id, unit.number = %number, %error, "the mirror cannot say; going on with what GitHub says");
                None
            }
            Err(_) => None,
        }
    }
}

/// GitHub left the patch out though lines changed.
fn lacks_patch(file: &FileSeen) -> bool {
    file.patch.is_none() && file.additions + file.deletions > 0 && file.status != "removed"
}

fn fill(pull: &Mirrored, mut files: Vec<FileSeen>) -> Result<Vec<FileSeen>, GitError> {
    for file in files.iter_mut().filter(|file| lacks_patch(file)) {
        file.patch = pull.patch(&file.filename, file.previous_filename.as_deref())?;
    }
    Ok(files)
}

#[async_trait]
impl GitHub for MirroredGitHub {
    async fn read(&self, at: &RepoAddress, need: &Need) -> Fact {
        let fact = self.github.read(at, need).await;
        match (need, fact) {
            (Need::Snapshot(_), Fact::Snapshot(snapshot)) => {
                Fact::Snapshot(Box::pin(self.help_with_snapshot(at, snapshot)).await)
            }
            (Need::Files { number, head, .. }, Fact::Files(files)) => {
                Fact::Files(Box::pin(self.help_with_files(at, *number, head.to_string(), files)).await)
            }
            (_, fact) => fact,
        }
    }

    async fn write(&self, at: &RepoAddress, call: &Call) -> Answer {
        self.github.write(at, call).await
    }

    fn wait(&self, at: &RepoAddress, class: CallClass) -> Duration {
        self.github.wait(at, class)
    }
}
