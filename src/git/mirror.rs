//! Bare mirrors of repositories on disk, fetched with the `git` command; bounded in size and age.
//!
//! A mirror holds the refs that somebody asked about and no others. It is never a source of truth: where it is not there, lags, or cannot
//! be fetched, the caller goes on with what GitHub says. History and content are whole, because merges in process cannot fetch what is
//! missing. The `git` command fetches: gix has neither a resumable nor a partial fetch over HTTP yet, and would bring a second HTTP stack.
//!
//! A token goes into git's configuration through its environment (`GIT_CONFIG_*`,
//! <https://git-scm.com/docs/git-config#ENVIRONMENT>), so that it stands in no argument, no address and no file.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::process::Command;

use super::error::GitError;
use super::history::Head;
use super::landed::Conflict;
use super::objects::{Git, Oid};
use super::unified::unified;
use super::verdicts::Verdicts;

/// When a mirror was used last, in seconds of Unix time.
const USED: &str = "flyball-used";
/// How much of what git said is kept.
const SAID: usize = 500;

/// How large and how old mirrors may get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of all mirrors together; those that were not used for longest go first.
    pub bytes: u64,
    /// A mirror that nobody asked for so long goes.
    pub idle: Duration,
    /// How long one fetch may take.
    pub fetch: Duration,
}

/// Where a repository is fetched from.
#[derive(Clone)]
pub struct Remote {
    /// Its address, without a secret in it.
    pub url: String,
    /// A header that proves who asks: `Authorization: …`.
    pub header: Option<String>,
}

impl std::fmt::Debug for Remote {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let header = self.header.as_ref().map(|_| "(secret)");
        f.debug_struct("Remote").field("url", &self.url).field("header", &header).finish()
    }
}

/// Why a mirror could not be brought up to date. The caller goes on without.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// It is being fetched already. Ask again later.
    #[error("the mirror is being fetched")]
    Busy,
    /// The fetch took too long and was stopped.
    #[error("the fetch took longer than {0:?}")]
    Slow(Duration),
    /// Git refused, in its own words.
    #[error("git: {0}")]
    Fetch(String),
    /// The folder cannot be written, or there is no `git` command.
    #[error("the mirror's folder or the `git` command cannot be used")]
    Io(#[from] std::io::Error),
}

/// All mirrors, in one folder.
#[derive(Debug)]
pub struct Mirrors {
    folder: PathBuf,
    limits: Limits,
    busy: Mutex<BTreeSet<u64>>,
}

/// Takes a repository's name off the list of those being fetched.
struct Turn {
    mirrors: Arc<Mirrors>,
    id: u64,
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.mirrors.busy.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.id);
    }
}

impl Mirrors {
    /// Keeps mirrors in `folder`, which is made where it is missing.
    #[must_use]
    pub fn new(folder: PathBuf, limits: Limits) -> Self {
        Self { folder, limits, busy: Mutex::default() }
    }

    /// Where the mirror of a repository is, or would be.
    #[must_use]
    pub fn path(&self, id: u64) -> PathBuf {
        self.folder.join(format!("{id}.git"))
    }

    /// Brings these refs of a repository up to date (`now` in seconds of Unix time), then takes away what is too much or too old.
    ///
    /// # Errors
    /// [`MirrorError`]; what was there before stays.
    pub async fn fetch(
        self: &Arc<Self>,
        id: u64,
        remote: &Remote,
        refs: &[String],
        now: i64,
    ) -> Result<(), MirrorError> {
        if !self.busy.lock().unwrap_or_else(PoisonError::into_inner).insert(id) {
            return Err(MirrorError::Busy);
        }
        let turn = Turn { mirrors: Arc::clone(self), id };
        let path = self.path(id);
        let fetched = tokio::time::timeout(self.limits.fetch, fetch(&path, remote, refs)).await;
        fetched.map_err(|_| MirrorError::Slow(self.limits.fetch))??;
        std::fs::write(path.join(USED), now.to_string())?;
        self.evict(id, now)?;
        drop(turn);
        Ok(())
    }

    /// Takes away what nobody used for long, and what is too much; never `keep`, nor what is being fetched.
    fn evict(&self, keep: u64, now: i64) -> Result<(), std::io::Error> {
        let mut kept = Vec::new();
        let mut bytes = size(&self.path(keep))?;
        let busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner).clone();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let id = path.file_name().and_then(|name| name.to_str()?.strip_suffix(".git")?.parse::<u64>().ok());
            let Some(id) = id.filter(|id| *id != keep && !busy.contains(id)) else { continue };
            let used = std::fs::read_to_string(path.join(USED)).ok().and_then(|text| text.parse().ok());
            kept.push((used.unwrap_or(i64::MIN), id, size(&path)?));
        }
        let idle = i64::try_from(self.limits.idle.as_secs()).unwrap_or(i64::MAX);
        kept.sort_unstable_by(|a, b| b.cmp(a));
        for (used, id, size) in kept {
            bytes = bytes.saturating_add(size);
            if bytes > self.limits.bytes || now.saturating_sub(used) > idle {
                std::fs::remove_dir_all(self.path(id))?;
                bytes = bytes.saturating_sub(size);
            }
        }
        Ok(())
    }
}

/// Bytes of the files under a folder.
fn size(folder: &Path) -> Result<u64, std::io::Error> {
    let mut sum = 0_u64;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        sum = sum.saturating_add(if kind.is_dir() { size(&entry.path())? } else { entry.metadata()?.len() });
    }
    Ok(sum)
}

async fn fetch(path: &Path, remote: &Remote, refs: &[String]) -> Result<(), MirrorError> {
    if !path.join("HEAD").is_file() {
        std::fs::create_dir_all(path)?;
        git(path, ["init", "--quiet", "--bare", "--template=", "."].map(OsString::from), None).await?;
    }
    let mut args: Vec<OsString> =
        ["fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--", &remote.url].map(OsString::from).into();
    args.extend(refs.iter().map(|name| OsString::from(format!("+{name}:{name}"))));
    git(path, args, remote.header.as_deref()).await
}

async fn git(path: &Path, args: impl IntoIterator<Item = OsString>, header: Option<&str>) -> Result<(), MirrorError> {
    let mut command = Command::new("git");
    // Nothing of this process's environment reaches git but where programs are.
    command.env_clear().envs(std::env::vars_os().filter(|(name, _)| name == "PATH"));
    command.env("HOME", path).env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0").env("LC_ALL", "C");
    if let Some(header) = header {
        command.env("GIT_CONFIG_COUNT", "1").env("GIT_CONFIG_KEY_0", "http.extraHeader");
        command.env("GIT_CONFIG_VALUE_0", header);
    }
    command.current_dir(path).args(args).stdin(Stdio::null()).kill_on_drop(true);
    let output = command.output().await?;
    if output.status.success() {
        return Ok(());
    }
    Err(MirrorError::Fetch(String::from_utf8_lossy(&output.stderr).trim().chars().take(SAID).collect()))
}

/// A pull request in a mirror.
#[derive(Debug)]
pub struct Mirrored {
    git: Git,
    base: Oid,
    head: Head,
}

impl Mirrored {
    /// Looks at `head` from `base`, both names or commits.
    ///
    /// # Errors
    /// [`GitError::NoSuchRevision`]: the mirror lags, or there is none. Others as [`Git::head`].
    pub fn open(path: &Path, base: &str, head: &str) -> Result<Self, GitError> {
        let git = Git::open(path)?;
        let (base, commit) = (git.commit(base)?, git.commit(head)?);
        let head = git.head(head, commit, base)?;
        Ok(Self { git, base, head })
    }

    /// Whether it merges into the base as the mirror has it.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn merges(&self) -> Result<bool, GitError> {
        let outcome = self.git.merge_onto(self.head.ancestor, &self.git.base(self.base)?, self.head.tree)?;
        Ok(outcome.conflicts.is_empty())
    }

    /// The trees that decide how it merges with another pull request: those of the base, its own head, and the other's head.
    ///
    /// # Errors
    /// [`GitError::NoSuchRevision`]: the mirror does not have the other head.
    pub fn trees_with(&self, other: &str) -> Result<[Oid; 3], GitError> {
        Ok([self.git.tree_of(self.base)?, self.head.tree, self.git.tree_of(self.git.commit(other)?)?])
    }

    /// Where the second of the two would stop after the first landed on the base, in either order. Nothing where one of them does not
    /// land by itself: that is said elsewhere.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn stops_with(&self, other: &str) -> Result<Vec<Conflict>, GitError> {
        let other = self.git.head(other, self.git.commit(other)?, self.base)?;
        Verdicts::new(&self.git, &self.git.base(self.base)?, vec![self.head.clone(), other])?.between(0, 1)
    }

    /// Whether its head holds another's.
    ///
    /// # Errors
    /// [`GitError::NoSuchRevision`]: the mirror does not have the other head.
    pub fn is_built_on(&self, other: &str) -> Result<bool, GitError> {
        let other = self.git.head(other, self.git.commit(other)?, self.base)?;
        Ok(Git::is_stacked(&other, &self.head))
    }

    /// What it does to one file, as a patch since it parted from the base; none for what is no text.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn patch(&self, path: &str, previous: Option<&str>) -> Result<Option<String>, GitError> {
        let before = self.git.file(self.head.ancestor, previous.unwrap_or(path))?;
        let after = self.git.file(self.head.tree, path)?;
        let (before, after) = (before.unwrap_or_default(), after.unwrap_or_default());
        Ok(unified(&before, &after))
    }
}
