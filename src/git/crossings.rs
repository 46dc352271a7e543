//! Where heads of one base can meet each other, or what happened on the base: only there it matters which lines they change.

use std::collections::{BTreeMap, BTreeSet};

use super::error::GitError;
use super::history::Head;
use super::merge::folders_of;
use super::objects::{Change, Git, Oid, Path};

/// Paths at which more than one of some heads and their base change something.
#[derive(Debug, Clone, Default)]
pub struct Crossings {
    /// By path whether anything else changes it too.
    paths: BTreeMap<Path, bool>,
    /// The folders of all of them.
    folders: BTreeSet<Path>,
}

impl Git {
    /// Finds where these heads can meet each other, or what happened on a base with this tree.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn crossings(&self, heads: &[&Head], base_tree: Oid) -> Result<Crossings, GitError> {
        self.find_crossings(heads, base_tree, &|_| true)
    }

    /// Finds where these heads can meet each other on a base with this tree.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn crossings_of_heads(&self, heads: &[&Head], base_tree: Oid) -> Result<Crossings, GitError> {
        // Where the base moved a file, heads may know it by different names.
        self.find_crossings(heads, base_tree, &|below| below.old.is_none() || below.new.is_none())
    }

    fn find_crossings(
        &self,
        heads: &[&Head],
        base_tree: Oid,
        counts: &dyn Fn(&Change) -> bool,
    ) -> Result<Crossings, GitError> {
        let mut found = Crossings::default();
        for head in heads {
            for change in self.diff(head.ancestor, head.tree)?.iter() {
                found.paths.entry(change.path.clone()).and_modify(|shared| *shared = true).or_insert(false);
                for folder in folders_of(&change.path) {
                    // The folders further out are known with this one.
                    if found.folders.contains(folder) {
                        break;
                    }
                    found.folders.insert(folder.to_owned());
                }
            }
        }
        // A path that moved on the base has two names, so what happened below any head counts for all.
        let ancestors: BTreeSet<Oid> = heads.iter().map(|head| head.ancestor).collect();
        for (path, shared) in found.paths.iter_mut().filter(|(_, shared)| !**shared) {
            for ancestor in &ancestors {
                *shared |= self.change_at(*ancestor, base_tree, path)?.is_some_and(|change| counts(&change));
            }
        }
        Ok(found)
    }
}

impl Crossings {
    /// Whether anything else changes this path, what is under it, or a folder around it.
    pub(super) fn meets(&self, change: &Change) -> bool {
        self.paths.get(&change.path).copied().unwrap_or(true)
            || self.folders.contains(&change.path)
            || folders_of(&change.path).any(|folder| self.paths.contains_key(folder))
    }
}
