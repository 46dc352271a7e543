//! Objects of one repository, each read once.

use std::fmt;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use dashmap::DashMap;
use gix::bstr::{BString, ByteSlice};
use gix::object::Kind;
use sha1::Digest as _;
use thread_local::ThreadLocal;

use super::contents::Contents;
use super::error::GitError;
use super::hashing::ById;
use super::packs::Packs;
use super::similarity::Pieces;
use super::trees::Tree;
use crate::domain::integration::packages::{Manifest, Reading};

/// An object's id.
pub type Oid = gix::ObjectId;

/// A path as git has it: bytes, not always UTF-8.
pub type Path = BString;

/// What a tree entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EntryKind {
    /// A file.
    File,
    /// A file that may be executed.
    Executable,
    /// A symbolic link.
    Link,
    /// A submodule's commit.
    Submodule,
}

impl EntryKind {
    /// Whether it is a file, executable or not.
    #[must_use]
    pub fn is_file(self) -> bool {
        matches!(self, Self::File | Self::Executable)
    }

    /// Files of either mode are one sort.
    pub(super) fn sort(self) -> Self {
        if self.is_file() { Self::File } else { self }
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Its content.
    pub id: Oid,
}

/// One changed path between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: Path,
    pub(super) old: Option<Entry>,
    pub(super) new: Option<Entry>,
}

/// Changes between two trees, by their ids.
type Diffs = DashMap<(Oid, Oid), Arc<Vec<Change>>, ById>;

/// What manifests say, by content and kind.
type Manifests = DashMap<(Oid, Manifest), Arc<Reading>, ById>;

/// How many bytes of commits each thread keeps decoded.
const COMMITS_KEPT: usize = 8 << 20;

/// A repository, read only; what was read is kept, for all threads that ask.
pub struct Git {
    repo: gix::ThreadSafeRepository,
    handles: ThreadLocal<gix::Repository>,
    /// What merges of ancestors made: in no object database.
    made: DashMap<Oid, (Kind, Vec<u8>), ById>,
    packs: OnceLock<Option<Packs>>,
    pub(super) trees: DashMap<Oid, Arc<Tree>, ById>,
    blobs: DashMap<Oid, Bytes, ById>,
    pieces: DashMap<Oid, Arc<Pieces>, ById>,
    pub(super) diffs: Diffs,
    pub(super) manifests: Manifests,
    pub(super) contents: Contents,
}

impl fmt::Debug for Git {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Git").field("repo", &self.repo.git_dir()).finish_non_exhaustive()
    }
}

impl Git {
    /// Opens a repository, bare or not.
    ///
    /// # Errors
    /// [`GitError::Open`] where there is none, or it cannot be read.
    pub fn open(path: &std::path::Path) -> Result<Self, GitError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| GitError::Open {
            path: path.display().to_string(),
            source,
        };
        // Only the repository's own configuration: the answer must not depend on who asks.
        let repo = gix::open_opts(path, gix::open::Options::isolated()).map_err(|error| failed(Box::new(error)))?;
        Ok(Self {
            repo: repo.into_sync(),
            handles: ThreadLocal::new(),
            made: DashMap::default(),
            packs: OnceLock::new(),
            trees: DashMap::default(),
            blobs: DashMap::default(),
            pieces: DashMap::default(),
            diffs: DashMap::default(),
            manifests: DashMap::default(),
            contents: Contents::default(),
        })
    }

    /// The repository, for this thread.
    pub(super) fn repo(&self) -> &gix::Repository {
        self.handles.get_or(|| {
            let mut repo = self.repo.to_thread_local().with_object_memory();
            // What gix reads itself are commits, each head's those of the base again.
            repo.object_cache_size(COMMITS_KEPT);
            repo
        })
    }

    /// Takes over what a merge left in this thread's memory, for all threads.
    pub(super) fn keep_made(&self) {
        let mut made = self.repo().objects.reset_object_memory().unwrap_or_default();
        for (id, object) in made.drain() {
            self.made.insert(id, object);
        }
    }

    /// The bytes of an object that should be of a kind.
    pub(super) fn data(&self, id: Oid, kind: Kind) -> Result<Bytes, GitError> {
        let (found, data) = if let Some(made) = self.made.get(&id) {
            (made.0, Bytes::copy_from_slice(&made.1))
        } else if let Some(packed) = self.packs().and_then(|packs| packs.find(&id)) {
            packed
        } else {
            let object = self.repo().find_object(id).map_err(|error| unreadable(id, error))?.detach();
            (object.kind, object.data.into())
        };
        if found == kind { Ok(data) } else { Err(unreadable(id, format!("it is a {found} and should be a {kind}"))) }
    }

    /// The packs, where objects are what they are called: none where the repository replaces some.
    fn packs(&self) -> Option<&Packs> {
        let open = || {
            let store = self.repo().objects.store_ref();
            store.replacements().next().is_none().then(|| Packs::of(store.path(), store.object_hash()))
        };
        self.packs.get_or_init(open).as_ref()
    }

    /// The blob without content.
    pub(super) fn empty_blob(&self) -> Oid {
        Oid::empty_blob(self.repo().object_hash())
    }

    /// The content of a blob.
    pub(super) fn blob(&self, id: Oid) -> Result<Bytes, GitError> {
        if let Some(blob) = self.blobs.get(&id) {
            return Ok(blob.clone());
        }
        if id.is_empty_blob() {
            return Ok(Bytes::new());
        }
        let blob = self.data(id, Kind::Blob)?;
        self.blobs.insert(id, blob.clone());
        Ok(blob)
    }

    /// The pieces of a blob, for comparing it with others.
    pub(super) fn pieces(&self, id: Oid) -> Result<Arc<Pieces>, GitError> {
        if let Some(pieces) = self.pieces.get(&id) {
            return Ok(pieces.clone());
        }
        let pieces = Arc::new(Pieces::of(&self.blob(id)?));
        self.pieces.insert(id, pieces.clone());
        Ok(pieces)
    }

    /// Keeps content that a merge made, in memory.
    pub(super) fn keep_blob(&self, content: Vec<u8>) -> Result<Oid, GitError> {
        let id = blob_id(self.repo().object_hash(), &content)?;
        self.blobs.insert(id, content.into());
        Ok(id)
    }
}

/// What git calls a blob with this content. What merges make is never written, so it need not be guarded against forged collisions as
/// gix guards what it reads and writes, at several times the cost.
fn blob_id(hash: gix::hash::Kind, content: &[u8]) -> Result<Oid, GitError> {
    let header = format!("blob {}\0", content.len());
    if hash == gix::hash::Kind::Sha1 {
        let digest = sha1::Sha1::new_with_prefix(&header).chain_update(content).finalize();
        return Ok(Oid::from_bytes_or_panic(&digest));
    }
    gix::objs::compute_hash(hash, Kind::Blob, content).map_err(|error| unreadable(Oid::null(hash), error))
}

pub(super) fn unreadable(id: Oid, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> GitError {
    GitError::Object { id: id.to_string(), source: source.into() }
}

/// A path for people and JSON: as it is where it is UTF-8, else quoted the way git quotes it.
#[must_use]
pub fn shown(path: &[u8]) -> String {
    match path.to_str() {
        Ok(text) => text.to_owned(),
        Err(_) => {
            let quoted: String = path
                .iter()
                .map(|byte| match byte {
                    b'"' => "\\\"".to_owned(),
                    b'\\' => "\\\\".to_owned(),
                    0x20..=0x7e => char::from(*byte).to_string(),
                    _ => format!("\\{byte:03o}"),
                })
                .collect();
            format!("\"{quoted}\"")
        }
    }
}
