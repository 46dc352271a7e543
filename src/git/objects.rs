//! Trees and blobs of one repository, each decoded once.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use dashmap::DashMap;
use gix::bstr::{BString, ByteSlice};
use gix::object::Kind;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind as GixKind;
use sha1::Digest as _;
use thread_local::ThreadLocal;

use super::contents::Contents;
use super::error::GitError;
use super::similarity::Pieces;

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

/// A tree's own entries by name.
#[derive(Debug, Default)]
pub(super) struct Tree(BTreeMap<BString, Node>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Tree(Oid),
    Leaf(Entry),
}

/// One changed path between two trees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) path: Path,
    pub(super) old: Option<Entry>,
    pub(super) new: Option<Entry>,
}

/// Changes between two trees, by their ids.
type Diffs = DashMap<(Oid, Oid), Arc<Vec<Change>>>;

/// A repository, read only; what was read is kept, for all threads that ask.
pub struct Git {
    repo: gix::ThreadSafeRepository,
    handles: ThreadLocal<gix::Repository>,
    /// What merges of ancestors made: in no object database.
    made: DashMap<Oid, (Kind, Vec<u8>)>,
    trees: DashMap<Oid, Arc<Tree>>,
    blobs: DashMap<Oid, Bytes>,
    pieces: DashMap<Oid, Arc<Pieces>>,
    diffs: Diffs,
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
            made: DashMap::new(),
            trees: DashMap::new(),
            blobs: DashMap::new(),
            pieces: DashMap::new(),
            diffs: DashMap::new(),
            contents: Contents::default(),
        })
    }

    /// The repository, for this thread.
    pub(super) fn repo(&self) -> &gix::Repository {
        self.handles.get_or(|| self.repo.to_thread_local().with_object_memory())
    }

    /// Takes over what a merge left in this thread's memory, for all threads.
    pub(super) fn keep_made(&self) {
        let mut made = self.repo().objects.reset_object_memory().unwrap_or_default();
        for (id, object) in made.drain() {
            self.made.insert(id, object);
        }
    }

    /// Decodes a tree.
    pub(super) fn tree(&self, id: Oid) -> Result<Arc<Tree>, GitError> {
        if let Some(tree) = self.trees.get(&id) {
            return Ok(tree.clone());
        }
        let tree = if id.is_empty_tree() { Arc::default() } else { Arc::new(self.read_tree(id)?) };
        self.trees.insert(id, tree.clone());
        Ok(tree)
    }

    fn read_tree(&self, id: Oid) -> Result<Tree, GitError> {
        let data = self.data(id, Kind::Tree)?;
        let mut entries = BTreeMap::new();
        for entry in TreeRefIter::from_bytes(&data, self.repo().object_hash()) {
            let entry = entry.map_err(|error| unreadable(id, error))?;
            let leaf = |kind| Node::Leaf(Entry { kind, id: entry.oid.to_owned() });
            let node = match entry.mode.kind() {
                GixKind::Tree => Node::Tree(entry.oid.to_owned()),
                GixKind::Blob => leaf(EntryKind::File),
                GixKind::BlobExecutable => leaf(EntryKind::Executable),
                GixKind::Link => leaf(EntryKind::Link),
                GixKind::Commit => leaf(EntryKind::Submodule),
            };
            entries.insert(entry.filename.to_owned(), node);
        }
        Ok(Tree(entries))
    }

    /// The bytes of an object that should be of a kind.
    fn data(&self, id: Oid, kind: Kind) -> Result<Vec<u8>, GitError> {
        let (found, data) = match self.made.get(&id) {
            Some(made) => made.clone(),
            None => {
                let object = self.repo().find_object(id).map_err(|error| unreadable(id, error))?.detach();
                (object.kind, object.data)
            }
        };
        if found == kind { Ok(data) } else { Err(unreadable(id, format!("it is a {found} and should be a {kind}"))) }
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
        let blob: Bytes = self.data(id, Kind::Blob)?.into();
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

    /// What stands at a path of a tree; a folder is nothing.
    pub(super) fn entry(&self, tree: Oid, path: &[u8]) -> Result<Option<Entry>, GitError> {
        Ok(match self.node(tree, path)? {
            Some(Node::Leaf(entry)) => Some(entry),
            Some(Node::Tree(_)) | None => None,
        })
    }

    /// Whether a tree has a folder at a path.
    pub(super) fn has_folder(&self, tree: Oid, path: &[u8]) -> Result<bool, GitError> {
        Ok(path.is_empty() || matches!(self.node(tree, path)?, Some(Node::Tree(_))))
    }

    fn node(&self, tree: Oid, path: &[u8]) -> Result<Option<Node>, GitError> {
        let mut at = Some(Node::Tree(tree));
        for name in path.split_str(b"/") {
            let Some(Node::Tree(id)) = at else { return Ok(None) };
            at = self.tree(id)?.0.get(name.as_bstr()).copied();
        }
        Ok(at)
    }

    /// The files directly or indirectly under a folder.
    pub(super) fn files_under(&self, tree: Oid, folder: &[u8]) -> Result<Vec<Path>, GitError> {
        let mut found = Vec::new();
        if let Some(Node::Tree(id)) = self.node(tree, folder)? {
            self.walk(&folder.to_vec().into(), Some(id), None, &mut found)?;
        }
        Ok(found.into_iter().map(|change| change.path).collect())
    }

    /// The changed leaves between two trees, sorted by path.
    pub(super) fn diff(&self, old: Oid, new: Oid) -> Result<Arc<Vec<Change>>, GitError> {
        if let Some(known) = self.diffs.get(&(old, new)) {
            return Ok(known.clone());
        }
        let mut changes = Vec::new();
        self.walk(&BString::default(), Some(old), Some(new), &mut changes)?;
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        let changes = Arc::new(changes);
        self.diffs.insert((old, new), changes.clone());
        Ok(changes)
    }

    fn walk(
        &self,
        folder: &BString,
        old: Option<Oid>,
        new: Option<Oid>,
        into: &mut Vec<Change>,
    ) -> Result<(), GitError> {
        if old == new {
            return Ok(());
        }
        let tree = |id: Option<Oid>| id.map_or_else(|| Ok(Arc::default()), |id| self.tree(id));
        let (old, new): (Arc<Tree>, Arc<Tree>) = (tree(old)?, tree(new)?);
        for (name, was) in &old.0 {
            self.compare(&join(folder, name), Some(*was), new.0.get(name).copied(), into)?;
        }
        for (name, is) in new.0.iter().filter(|(name, _)| !old.0.contains_key(*name)) {
            self.compare(&join(folder, name), None, Some(*is), into)?;
        }
        Ok(())
    }

    fn compare(
        &self,
        path: &BString,
        was: Option<Node>,
        is: Option<Node>,
        into: &mut Vec<Change>,
    ) -> Result<(), GitError> {
        if was == is {
            return Ok(());
        }
        let split = |node: Option<Node>| match node {
            Some(Node::Tree(id)) => (Some(id), None),
            Some(Node::Leaf(entry)) => (None, Some(entry)),
            None => (None, None),
        };
        let ((old_tree, old), (new_tree, new)) = (split(was), split(is));
        if old != new {
            into.push(Change { path: path.clone(), old, new });
        }
        self.walk(path, old_tree, new_tree, into)
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

fn join(folder: &BString, name: &BString) -> BString {
    if folder.is_empty() {
        return name.clone();
    }
    let mut path = folder.clone();
    path.push(b'/');
    path.extend_from_slice(name);
    path
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
