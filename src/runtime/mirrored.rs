//! GitHub with a mirror beside it: what GitHub leaves open is answered from git where the mirror knows it.
//!
//! Three answers gain by it: whether a pull request merges, which GitHub works out late ("unknown"); the patches of files that GitHub leaves
//! out of its list because they are large; and what comes of a real merge of two pull requests, which GitHub never says. Everything else,
//! and everything while the mirror lags, is as GitHub says: then lines decide, and what is not known of them stays *possible*.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::clock::Clock;
use crate::domain::govern::{
    Answer, Call, CallClass, Fact, FileSeen, MergeSeen, Mergeable, Need, PullState, Snapshot, Unknown,
};
use crate::domain::ids::{CommitSha, PrNumber, RepoId};
use crate::domain::integration::merged::Stop;
use crate::git::{Conflict, GitError, Mirrored, Mirrors, Oid, shown};
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
    /// By the trees of the base and both heads, the lesser first: the order makes no difference.
    stops: Stops,
}

/// Where git stops between two heads on a base, by their trees.
type Stops = moka::sync::Cache<[Oid; 3], Arc<[Stop]>>;

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
        Self {
            github,
            remotes,
            mirrors,
            clock,
            patience,
            bases: moka::sync::Cache::new(REMEMBERED),
            stops: Stops::new(REMEMBERED),
        }
    }

    async fn help_with_snapshot(&self, at: &RepoAddress, mut snapshot: Box<Snapshot>) -> Box<Snapshot> {
        self.bases.insert((at.id, snapshot.number), snapshot.base_ref.clone());
        if snapshot.state != PullState::Open || snapshot.mergeable != Mergeable::Unknown {
            return snapshot;
        }
        let (number, head) = (snapshot.number, snapshot.head_sha.to_string());
        let merges = self.ask(at, number, &[], &snapshot.base_ref, head, |pull| pull.merges()).await;
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
        let filled = self.ask(at, number, &[], &base, head, move |pull| fill(pull, lacking)).await;
        filled.unwrap_or(files)
    }

    async fn merges(&self, at: &RepoAddress, (number, head): (PrNumber, String), base: &str, others: &[Other]) -> Fact {
        let (stops, asked) = (self.stops.clone(), others.to_vec());
        let numbers: Vec<PrNumber> = others.iter().map(|(number, _)| *number).collect();
        let question = move |pull: &Mirrored| Ok(asked.iter().filter_map(|other| merge(pull, other, &stops)).collect());
        match self.ask(at, number, &numbers, base, head, question).await {
            Some(seen) => Fact::Merges(seen),
            None => {
                Fact::Unknown(Unknown { because: "the mirror cannot say".into(), missing: false, retry_after: None })
            }
        }
    }

    /// Asks the mirror; none where it lags or cannot say.
    async fn ask<T: Send + 'static>(
        &self,
        at: &RepoAddress,
        number: PrNumber,
        others: &[PrNumber],
        base: &str,
        head: String,
        question: impl FnOnce(&Mirrored) -> Result<T, GitError> + Send + 'static,
    ) -> Option<T> {
        let base = format!("refs/heads/{base}");
        let remote = self.remotes.remote(at).await.ok()?;
        let pulls = std::iter::once(&number).chain(others).map(|number| format!("refs/pull/{number}/head"));
        let refs: Vec<String> = std::iter::once(base.clone()).chain(pulls).collect();
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

/// Another pull request and its head.
type Other = (PrNumber, CommitSha);

/// What comes of a merge with another; none where the mirror has not got the other head, or cannot read it.
fn merge(pull: &Mirrored, (other, sha): &Other, known: &Stops) -> Option<MergeSeen> {
    let head = sha.to_string();
    let found = || -> Result<MergeSeen, GitError> {
        let [base, mine, theirs] = pull.trees_with(&head)?;
        let key = [base, mine.min(theirs), mine.max(theirs)];
        let stops = match known.get(&key) {
            Some(stops) => stops,
            None => {
                let stop = |conflict: Conflict| Stop { path: shown(&conflict.path), why: conflict.sentence() };
                let stops: Arc<[Stop]> = pull.stops_with(&head)?.into_iter().map(stop).collect();
                known.insert(key, Arc::clone(&stops));
                stops
            }
        };
        let built_on = pull.is_built_on(&head)?;
        Ok(MergeSeen { other: *other, sha: sha.clone(), stops: stops.to_vec(), built_on })
    };
    match found() {
        Ok(seen) => Some(seen),
        Err(error) => {
            tracing::debug!(unit.number = %other, %error, "the mirror cannot say how it merges with another");
            None
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
        if let Need::Merges { number, head, base, others } = need {
            return Box::pin(self.merges(at, (*number, head.to_string()), base, others)).await;
        }
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
