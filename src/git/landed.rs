//! What a merge answers: where git would stop, and what stands afterwards.

use std::collections::BTreeMap;
use std::ops::Bound;

use gix::bstr::{BStr, ByteSlice};

use super::error::GitError;
use super::objects::{Change, Entry, EntryKind, Git, Oid, Path, shown};

/// A tree with edits on top.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Landed {
    /// The tree below.
    pub tree: Oid,
    /// What stands at a path instead; none: nothing. For what is in `unmade` something stands here that will be another.
    pub(super) edits: BTreeMap<Path, Option<Entry>>,
    /// What merges by line without a stop, and is made when somebody asks.
    pub(super) unmade: BTreeMap<Path, ByLine>,
}

/// Three files to be merged by line, and what the result will be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ByLine {
    pub(super) kind: EntryKind,
    pub(super) base: Oid,
    pub(super) ours: Oid,
    pub(super) theirs: Oid,
}

/// Why git would stop, and where.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Conflict {
    /// The path.
    pub path: Path,
    /// What stands against each other.
    pub what: Clash,
}

/// What stands against each other at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clash {
    /// The same lines, or the same file as a whole where it cannot be merged by line.
    Content,
    /// One side deleted what the other changed or renamed.
    Deleted,
    /// Both brought the path into being, with different content.
    BothAdded,
    /// Both renamed the file, to different paths.
    RenamedApart,
    /// A file on one side, a folder on the other.
    FileAgainstFolder,
    /// A file was added to a folder that the other side renamed.
    FolderRenamed,
}

/// What came of a merge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Where git would stop, sorted; empty: it merges cleanly.
    pub conflicts: Vec<Conflict>,
    /// What stands afterwards, as far as it merged.
    pub landed: Landed,
}

impl Conflict {
    /// What happens there, in a sentence.
    #[must_use]
    pub fn sentence(&self) -> String {
        let path = shown(&self.path);
        match self.what {
            Clash::Content => format!("Both change {path} in the same place."),
            Clash::Deleted => format!("One deletes {path}, the other changes or renames it."),
            Clash::BothAdded => format!("Both add {path} with different content."),
            Clash::RenamedApart => format!("Both rename {path}, to different places."),
            Clash::FileAgainstFolder => format!("One makes {path} a file, the other a folder."),
            Clash::FolderRenamed => format!("One adds {path} to a folder that the other renames."),
        }
    }
}

impl Landed {
    /// A tree as it is.
    #[must_use]
    pub fn plain(tree: Oid) -> Self {
        Self { tree, edits: BTreeMap::new(), unmade: BTreeMap::new() }
    }

    /// Puts something at a path, or nothing.
    pub(super) fn set(&mut self, path: &Path, entry: Option<Entry>) {
        self.unmade.remove(path);
        self.edits.insert(path.clone(), entry);
    }

    /// Puts at a path what a merge by line will make.
    pub(super) fn set_unmade(&mut self, path: &Path, lines: ByLine) {
        self.edits.insert(path.clone(), Some(Entry { kind: lines.kind, id: lines.ours }));
        self.unmade.insert(path.clone(), lines);
    }

    pub(super) fn entry(&self, git: &Git, path: &[u8]) -> Result<Option<Entry>, GitError> {
        if let Some(lines) = self.unmade.get(path.as_bstr()) {
            return git.merge_lines(*lines);
        }
        match self.edits.get(path.as_bstr()) {
            Some(entry) => Ok(*entry),
            None => git.entry(self.tree, path),
        }
    }

    /// The changes between a tree and this.
    pub(super) fn changes_since(&self, git: &Git, ancestor: Oid) -> Result<Vec<Change>, GitError> {
        let below = git.diff(ancestor, self.tree)?;
        let mut changes: Vec<Change> =
            below.iter().filter(|change| !self.edits.contains_key(&change.path)).cloned().collect();
        for path in self.edits.keys() {
            let (old, new) = (git.entry(ancestor, path)?, self.entry(git, path)?);
            if old != new {
                changes.push(Change { path: path.clone(), old, new });
            }
        }
        changes.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(changes)
    }

    /// Whether any file stands under a folder.
    pub(super) fn has_folder(&self, git: &Git, folder: &[u8]) -> Result<bool, GitError> {
        let mut prefix = folder.to_vec();
        prefix.push(b'/');
        let under = self
            .edits
            .range::<BStr, _>((Bound::Included(prefix.as_bstr()), Bound::Unbounded))
            .take_while(|(path, _)| path.starts_with(&prefix));
        if under.clone().any(|(_, entry)| entry.is_some()) {
            return Ok(true);
        }
        if !git.has_folder(self.tree, folder)? {
            return Ok(false);
        }
        if under.count() == 0 {
            return Ok(true);
        }
        Ok(git.files_under(self.tree, folder)?.iter().any(|path| !self.edits.contains_key(path)))
    }
}
