//! Where heads parted from the base.

use std::collections::BTreeSet;

use gix::bstr::ByteSlice;
use gix::prelude::ObjectIdExt;

use super::error::GitError;
use super::landed::Landed;
use super::objects::{Git, Oid, unreadable};

/// A commit that wants to land on a base.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// What people call it.
    pub name: String,
    /// The commit.
    pub commit: Oid,
    /// Its tree.
    pub tree: Oid,
    /// The tree at which it parted from the base; a made one where it parted more than once.
    pub ancestor: Oid,
    /// Its best common ancestors with the base.
    pub(super) bases: Vec<Oid>,
    /// Its commits that the base does not have.
    pub(super) own: BTreeSet<Oid>,
}

impl Head {
    /// Whether the base holds all of it already.
    #[must_use]
    pub fn is_landed(&self) -> bool {
        self.own.is_empty()
    }
}

impl Git {
    /// The commit that a revision names.
    ///
    /// # Errors
    /// [`GitError::NoSuchRevision`].
    pub fn commit(&self, revision: &str) -> Result<Oid, GitError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| GitError::NoSuchRevision {
            name: revision.to_owned(),
            source,
        };
        // An id in full is what it is; to look for references and other ids that are spelled so takes longer than to read the commit.
        let id = match Oid::from_hex(revision.as_bytes()) {
            Ok(id) if id.kind() == self.repo().object_hash() => id.attach(self.repo()),
            _ => self.repo().rev_parse_single(revision.as_bytes().as_bstr()).map_err(|error| failed(error.into()))?,
        };
        let object = id.object().map_err(|error| failed(error.into()))?;
        Ok(object.peel_to_kind(gix::object::Kind::Commit).map_err(|error| failed(error.into()))?.id)
    }

    /// The tree of a commit.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn tree_of(&self, commit: Oid) -> Result<Oid, GitError> {
        let object = self.repo().find_object(commit).map_err(|error| unreadable(commit, error))?;
        let commit_object = object.try_into_commit().map_err(|error| unreadable(commit, error))?;
        Ok(commit_object.tree_id().map_err(|error| unreadable(commit, error))?.detach())
    }

    /// Looks at a head from a base.
    ///
    /// # Errors
    /// [`GitError::Unrelated`] and [`GitError::Shallow`] without a common ancestor, [`GitError::Object`] for damage.
    pub fn head(&self, name: &str, commit: Oid, base: Oid) -> Result<Head, GitError> {
        let bases = self.best_ancestors(base, commit)?;
        let ancestor = self.ancestor_tree(&bases)?;
        let walk =
            self.repo().rev_walk([commit]).with_hidden([base]).all().map_err(|error| unreadable(commit, error))?;
        let mut own = BTreeSet::new();
        for step in walk {
            own.insert(step.map_err(|error| unreadable(commit, error))?.id);
        }
        Ok(Head { name: name.to_owned(), commit, tree: self.tree_of(commit)?, ancestor, bases, own })
    }

    fn best_ancestors(&self, one: Oid, two: Oid) -> Result<Vec<Oid>, GitError> {
        let found = self.repo().merge_bases_many(one, &[two]).map_err(|error| unreadable(two, error))?;
        if !found.is_empty() {
            return Ok(found.into_iter().map(gix::Id::detach).collect());
        }
        let (one, two) = (one.to_string(), two.to_string());
        Err(if self.repo().is_shallow().unwrap_or(false) {
            GitError::Shallow { one, two }
        } else {
            GitError::Unrelated { one, two }
        })
    }

    /// The tree to merge from: the ancestor's, or the merge of several.
    fn ancestor_tree(&self, bases: &[Oid]) -> Result<Oid, GitError> {
        match bases {
            [only] => self.tree_of(*only),
            several => {
                let failed = |error: gix::Error| {
                    unreadable(several.first().copied().unwrap_or_else(|| Oid::null(self.repo().object_hash())), error)
                };
                let options = self.repo().tree_merge_options().map_err(failed)?;
                // `git` merges the newest two first; the order of the list is that of the search, newest first.
                let merged = self.repo().virtual_merge_base(several.iter().rev().copied(), options).map_err(failed)?;
                let tree = merged.tree_id.detach();
                self.keep_made();
                Ok(tree)
            }
        }
    }

    /// The ancestor tree for landing `second` on the base after `first` landed there.
    ///
    /// # Errors
    /// As [`Git::head`].
    pub(super) fn ancestor_after(&self, first: &Head, second: &Head) -> Result<Oid, GitError> {
        if first.own.is_disjoint(&second.own) {
            return Ok(second.ancestor);
        }
        let mut all: BTreeSet<Oid> = self.best_ancestors(first.commit, second.commit)?.into_iter().collect();
        all.extend(&second.bases);
        let mut best = Vec::new();
        for candidate in &all {
            let mut covered = false;
            for other in all.iter().filter(|other| *other != candidate) {
                covered |= self.is_ancestor(*candidate, *other)?;
            }
            if !covered {
                best.push(*candidate);
            }
        }
        self.ancestor_tree(&best)
    }

    fn is_ancestor(&self, old: Oid, new: Oid) -> Result<bool, GitError> {
        let bases = self.repo().merge_bases_many(old, &[new]).map_err(|error| unreadable(old, error))?;
        Ok(bases.iter().any(|base| base.detach() == old))
    }

    /// Whether one head is built on the other: the first's commit is among the second's.
    #[must_use]
    pub fn is_stacked(first: &Head, second: &Head) -> bool {
        first.commit != second.commit && second.own.contains(&first.commit)
    }

    /// The base tree, as something to land on.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn base(&self, base: Oid) -> Result<Landed, GitError> {
        Ok(Landed::plain(self.tree_of(base)?))
    }

    /// The messages of the commits that a head has and the base has not.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn messages(&self, head: &Head) -> Result<Vec<String>, GitError> {
        let read = |id: &Oid| {
            let commit = self.repo().find_commit(*id).map_err(|error| unreadable(*id, error))?;
            Ok(commit.message_raw().map_err(|error| unreadable(*id, error))?.to_str_lossy().into_owned())
        };
        head.own.iter().map(read).collect()
    }

    /// The content of a file of a tree, where there is one.
    ///
    /// # Errors
    /// [`GitError::Object`].
    pub fn file(&self, tree: Oid, path: &str) -> Result<Option<bytes::Bytes>, GitError> {
        let entry = self.entry(tree, path.as_bytes())?.filter(|entry| entry.kind.is_file());
        entry.map(|entry| self.blob(entry.id)).transpose()
    }

    /// Local and remote branches as (name, full reference), sorted.
    ///
    /// # Errors
    /// [`GitError::Open`] where references cannot be read.
    pub fn branches(&self) -> Result<Vec<(String, String)>, GitError> {
        let mut all = self.references("refs/heads/", |rest| Some(rest.to_owned()))?;
        all.extend(self.references("refs/remotes/", |rest| (!rest.ends_with("/HEAD")).then(|| rest.to_owned()))?);
        Ok(all)
    }

    /// Pull requests as (number, full reference), by number.
    ///
    /// # Errors
    /// [`GitError::Open`] where references cannot be read.
    pub fn pull_requests(&self) -> Result<Vec<(u64, String)>, GitError> {
        let mut all = self.references("refs/pull/", |rest| rest.strip_suffix("/head")?.parse().ok())?;
        all.sort();
        Ok(all)
    }

    fn references<T>(&self, prefix: &str, name: impl Fn(&str) -> Option<T>) -> Result<Vec<(T, String)>, GitError> {
        let failed = |source: Box<dyn std::error::Error + Send + Sync>| GitError::Open {
            path: self.repo().git_dir().display().to_string(),
            source,
        };
        let platform = self.repo().references().map_err(|error| failed(error.into()))?;
        let mut all = Vec::new();
        for reference in platform.prefixed(prefix).map_err(|error| failed(error.into()))? {
            let full = reference.map_err(|error| failed(error.into()))?.name().as_bstr().to_str_lossy().into_owned();
            if let Some(name) = full.strip_prefix(prefix).and_then(&name) {
                all.push((name, full));
            }
        }
        Ok(all)
    }
}
