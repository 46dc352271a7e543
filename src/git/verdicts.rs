//! Verdicts about many heads of one base: which conflict with it, which with each other.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::error::GitError;
use super::history::Head;
use super::landed::{Conflict, Landed};
use super::merge::folders_of;
use super::objects::{Git, Path};

/// What happens when a head lands on the base by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alone {
    /// Where git would stop; empty: it merges cleanly.
    pub conflicts: Vec<Conflict>,
    /// The base with the head landed, where it merges cleanly.
    pub landed: Option<Landed>,
}

/// Heads of one base with what is known about each.
#[derive(Debug)]
pub struct Verdicts<'a> {
    git: &'a Git,
    heads: Vec<Head>,
    alone: Vec<Alone>,
}

impl<'a> Verdicts<'a> {
    /// Lands each head on the base by itself.
    ///
    /// # Errors
    /// [`GitError`] where the repository does not hold what is needed.
    pub fn new(git: &'a Git, base: &Landed, heads: Vec<Head>) -> Result<Self, GitError> {
        let land = |head: &Head| {
            let outcome = git.merge_onto(head.ancestor, base, head.tree)?;
            let landed = outcome.conflicts.is_empty().then_some(outcome.landed);
            Ok(Alone { conflicts: outcome.conflicts, landed })
        };
        let alone = heads.par_iter().with_max_len(1).map(land).collect::<Result<_, GitError>>()?;
        Ok(Self { git, heads, alone })
    }

    /// The heads, in the order given.
    #[must_use]
    pub fn heads(&self) -> &[Head] {
        &self.heads
    }

    /// What each does by itself, in the order of the heads.
    #[must_use]
    pub fn alone(&self) -> &[Alone] {
        &self.alone
    }

    /// The pairs that can collide at all: their changes meet in a path, or in a folder that one of them takes away.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn possible(&self) -> Result<BTreeSet<(usize, usize)>, GitError> {
        let mut places: BTreeMap<Path, Touch> = BTreeMap::new();
        for (at, head) in self.heads.iter().enumerate() {
            self.enter(at, head, &mut places)?;
        }
        let mut pairs = BTreeSet::new();
        for touch in places.values() {
            pairs.extend(touch.pairs());
        }
        Ok(pairs)
    }

    fn enter(&self, at: usize, head: &Head, places: &mut BTreeMap<Path, Touch>) -> Result<(), GitError> {
        for change in self.git.diff(head.ancestor, head.tree)?.iter() {
            places.entry(change.path.clone()).or_default().by.insert(at);
            for folder in folders_of(&change.path).map(ToOwned::to_owned) {
                if change.old.is_none() {
                    places.entry(folder).or_default().adds_under.insert(at);
                } else if change.new.is_none() && !self.git.has_folder(head.tree, &folder)? {
                    places.entry(folder).or_default().takes_away.insert(at);
                }
            }
        }
        let edits = self.alone[at].landed.iter().flat_map(|landed| landed.edits.keys());
        for path in edits {
            places.entry(path.clone()).or_default().by.insert(at);
        }
        Ok(())
    }

    /// Where two heads collide that each land cleanly: the second stops after the first, in either order. Empty: they do not, or one of
    /// them does not land by itself.
    ///
    /// # Errors
    /// [`GitError`].
    pub fn between(&self, a: usize, b: usize) -> Result<Vec<Conflict>, GitError> {
        let mut found = self.after(a, b)?;
        found.append(&mut self.after(b, a)?);
        Ok(found.into_iter().collect())
    }

    fn after(&self, first: usize, second: usize) -> Result<BTreeSet<Conflict>, GitError> {
        let (Some(landed), Some(_)) = (&self.alone[first].landed, &self.alone[second].landed) else {
            return Ok(BTreeSet::new());
        };
        let ancestor = self.git.ancestor_after(&self.heads[first], &self.heads[second])?;
        self.git.stops_onto(ancestor, landed, self.heads[second].tree)
    }
}

/// Who does what at a path.
#[derive(Debug, Default)]
struct Touch {
    by: BTreeSet<usize>,
    adds_under: BTreeSet<usize>,
    takes_away: BTreeSet<usize>,
}

impl Touch {
    fn pairs(&self) -> BTreeSet<(usize, usize)> {
        let ordered = |a: usize, b: usize| (a.min(b), a.max(b));
        let same = self.by.iter().flat_map(|a| self.by.range(a + 1..).map(move |b| (*a, *b)));
        let folders =
            self.adds_under.iter().flat_map(|a| self.takes_away.iter().chain(&self.by).map(move |b| ordered(*a, *b)));
        same.chain(folders.filter(|(a, b)| a != b)).collect()
    }
}
