//! Trees: what stands at a path, and what changed between two.

use std::cmp::Ordering;
use std::sync::Arc;

use bytes::Bytes;
use gix::bstr::BString;
use gix::object::Kind;
use gix::objs::TreeRefIter;
use gix::objs::tree::EntryKind as GixKind;

use super::error::GitError;
use super::objects::{Change, Entry, EntryKind, Git, Oid, Path, unreadable};

/// A tree's own entries.
#[derive(Debug, Default)]
pub(super) struct Tree {
    content: Bytes,
    /// By name as bytes, which is not the order that git keeps folders in.
    entries: Vec<Named>,
}

/// An entry, and where its name stands in the content.
#[derive(Debug, Clone, Copy)]
struct Named {
    from: usize,
    to: usize,
    node: Node,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    Tree(Oid),
    Leaf(Entry),
}

impl Tree {
    fn read(id: Oid, content: Bytes, hash: gix::hash::Kind) -> Result<Self, GitError> {
        let mut entries = Vec::new();
        let start = content.as_ptr().addr();
        for entry in TreeRefIter::from_bytes(&content, hash) {
            let entry = entry.map_err(|error| unreadable(id, error))?;
            let leaf = |kind| Node::Leaf(Entry { kind, id: entry.oid.to_owned() });
            let node = match entry.mode.kind() {
                GixKind::Tree => Node::Tree(entry.oid.to_owned()),
                GixKind::Blob => leaf(EntryKind::File),
                GixKind::BlobExecutable => leaf(EntryKind::Executable),
                GixKind::Link => leaf(EntryKind::Link),
                GixKind::Commit => leaf(EntryKind::Submodule),
            };
            let from = entry.filename.as_ptr().addr() - start;
            entries.push(Named { from, to: from + entry.filename.len(), node });
        }
        let name = |entry: &Named| &content[entry.from..entry.to];
        entries.sort_by(|a, b| name(a).cmp(name(b)));
        Ok(Self { content, entries })
    }

    fn name(&self, entry: &Named) -> &[u8] {
        &self.content[entry.from..entry.to]
    }

    fn get(&self, name: &[u8]) -> Option<Node> {
        let at = self.entries.binary_search_by(|entry| self.name(entry).cmp(name)).ok()?;
        Some(self.entries[at].node)
    }
}

impl Git {
    /// Decodes a tree.
    fn tree(&self, id: Oid) -> Result<Arc<Tree>, GitError> {
        if let Some(tree) = self.trees.get(&id) {
            return Ok(tree.clone());
        }
        let tree = if id.is_empty_tree() {
            Arc::default()
        } else {
            Arc::new(Tree::read(id, self.data(id, Kind::Tree)?, self.repo().object_hash())?)
        };
        self.trees.insert(id, tree.clone());
        Ok(tree)
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
        for name in path.split(|byte| *byte == b'/') {
            let Some(Node::Tree(id)) = at else { return Ok(None) };
            at = self.tree(id)?.get(name);
        }
        Ok(at)
    }

    /// The files directly or indirectly under a folder.
    pub(super) fn files_under(&self, tree: Oid, folder: &[u8]) -> Result<Vec<Path>, GitError> {
        let mut found = Vec::new();
        if let Some(Node::Tree(id)) = self.node(tree, folder)? {
            self.walk(folder, Some(id), None, &mut found)?;
        }
        Ok(found.into_iter().map(|change| change.path).collect())
    }

    /// The changed leaves between two trees, sorted by path.
    pub(super) fn diff(&self, old: Oid, new: Oid) -> Result<Arc<Vec<Change>>, GitError> {
        if let Some(known) = self.diffs.get(&(old, new)) {
            return Ok(known.clone());
        }
        let mut changes = Vec::new();
        self.walk(b"", Some(old), Some(new), &mut changes)?;
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        let changes = Arc::new(changes);
        self.diffs.insert((old, new), changes.clone());
        Ok(changes)
    }

    /// What changed at one path between two trees.
    pub(super) fn change_at(&self, old: Oid, new: Oid, path: &Path) -> Result<Option<Change>, GitError> {
        let (old, new) = (self.entry(old, path)?, self.entry(new, path)?);
        Ok((old != new).then(|| Change { path: path.clone(), old, new }))
    }

    /// Both trees entry by entry, in step.
    fn walk(&self, folder: &[u8], old: Option<Oid>, new: Option<Oid>, into: &mut Vec<Change>) -> Result<(), GitError> {
        if old == new {
            return Ok(());
        }
        let tree = |id: Option<Oid>| id.map_or_else(|| Ok(Arc::default()), |id| self.tree(id));
        let (old, new): (Arc<Tree>, Arc<Tree>) = (tree(old)?, tree(new)?);
        let (mut olds, mut news) = (old.entries.iter().peekable(), new.entries.iter().peekable());
        loop {
            let order = match (olds.peek(), news.peek()) {
                (Some(was), Some(is)) => old.name(was).cmp(new.name(is)),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => return Ok(()),
            };
            let was = if order.is_le() { olds.next() } else { None };
            let is = if order.is_ge() { news.next() } else { None };
            let nodes = [was, is].map(|entry| entry.map(|entry| entry.node));
            if nodes[0] != nodes[1] {
                let name = was.map(|entry| old.name(entry)).or(is.map(|entry| new.name(entry))).unwrap_or_default();
                self.compare(&join(folder, name), nodes, into)?;
            }
        }
    }

    fn compare(&self, path: &BString, nodes: [Option<Node>; 2], into: &mut Vec<Change>) -> Result<(), GitError> {
        let [(old_tree, old), (new_tree, new)] = nodes.map(|node| match node {
            Some(Node::Tree(id)) => (Some(id), None),
            Some(Node::Leaf(entry)) => (None, Some(entry)),
            None => (None, None),
        });
        if old != new {
            into.push(Change { path: path.clone(), old, new });
        }
        self.walk(path, old_tree, new_tree, into)
    }
}

fn join(folder: &[u8], name: &[u8]) -> BString {
    if folder.is_empty() {
        return name.into();
    }
    let mut path = Vec::with_capacity(folder.len() + 1 + name.len());
    path.extend_from_slice(folder);
    path.push(b'/');
    path.extend_from_slice(name);
    path.into()
}
