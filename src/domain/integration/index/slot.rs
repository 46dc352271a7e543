//! One place of the index: the units entered under one name.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::keys::{Sort, keys_of};
use super::regions::Regions;
use super::{Group, UnitName};
use crate::domain::integration::collision::Kind;
use crate::domain::integration::footprint::{FileChange, Footprint, Hunk, Lines, Status};

/// The units under one name, ascending.
#[derive(Debug, Clone)]
pub(super) struct Slot<K> {
    sort: Sort,
    members: Vec<K>,
    hot: Option<Box<Hot<K>>>,
}

/// What a hot place keeps besides its members.
#[derive(Debug, Clone)]
struct Hot<K> {
    regions: Regions<K>,
    regenerated: Vec<K>,
}

/// Whom a look-up finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Near<K> {
    /// These, one by one.
    pub(super) members: Vec<K>,
    /// Too many: groups, by their kinds, with this many others at least.
    pub(super) groups: Vec<(Kind, usize)>,
}

impl<K> Near<K> {
    fn one_by_one(members: Vec<K>) -> Self {
        Self { members, groups: Vec::new() }
    }

    fn group(kind: Kind, others: usize) -> Self {
        Self { members: Vec::new(), groups: vec![(kind, others)] }
    }
}

impl<K: UnitName> Slot<K> {
    pub(super) fn new(sort: Sort) -> Self {
        Self { sort, members: Vec::new(), hot: None }
    }

    pub(super) fn members(&self) -> impl Iterator<Item = K> {
        self.members.iter().copied()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn is_hot(&self) -> bool {
        self.hot.is_some()
    }

    /// Enters a unit; `units` are those entered before, for the moment at which the place becomes hot.
    pub(super) fn insert(&mut self, unit: K, file: Option<&FileChange>, name: &str, units: &Units<'_, K>) {
        if let Err(at) = self.members.binary_search(&unit) {
            self.members.insert(at, unit);
        }
        match &mut self.hot {
            Some(hot) => hot.insert(unit, file),
            None if self.members.len() > units.threshold => {
                let mut hot = Hot { regions: Regions::default(), regenerated: Vec::new() };
                for member in &self.members {
                    let Some(footprint) = units.known.get(member) else { continue };
                    keys_of(footprint)
                        .iter()
                        .filter(|key| key.name == name)
                        .for_each(|key| hot.insert(*member, key.file));
                }
                hot.insert(unit, file);
                self.hot = Some(Box::new(hot));
            }
            None => {}
        }
    }

    /// Takes a unit out. Where the place is hot no longer, its members: nobody may have paired them while it was.
    ///
    /// It cools only well below the point at which it became hot, so that one unit coming and going does not turn it over each time.
    pub(super) fn remove(&mut self, unit: K, file: Option<&FileChange>, threshold: usize) -> Option<Vec<K>> {
        if let Ok(at) = self.members.binary_search(&unit) {
            self.members.remove(at);
        }
        if let Some(hot) = &mut self.hot {
            hot.remove(unit, file);
        }
        (self.hot.is_some() && self.members.len() <= threshold / 2).then(|| {
            self.hot = None;
            self.members.clone()
        })
    }

    /// The members with whom a change clashes by what makes this place hot, however many: by which kind, and who. Nothing where it is not hot.
    pub(super) fn crowd(&self, file: Option<&FileChange>) -> Vec<(Kind, Vec<K>)> {
        let Some(hot) = &self.hot else { return Vec::new() };
        let all = |kind| vec![(kind, self.members.clone())];
        match self.sort {
            Sort::Package => all(Kind::Package),
            Sort::Series => all(Kind::Sequence),
            Sort::Component => all(Kind::Component),
            Sort::Folder => Vec::new(),
            Sort::Path => hot.crowd(file),
        }
    }

    pub(super) fn near(&self, file: Option<&FileChange>, limit: usize) -> Near<K> {
        let Some(hot) = &self.hot else { return Near::one_by_one(self.members.clone()) };
        let others = self.members.len().saturating_sub(1);
        if others < limit && self.sort != Sort::Path {
            return Near::one_by_one(self.members.clone());
        }
        match self.sort {
            Sort::Package => Near::group(Kind::Package, others),
            Sort::Series => Near::group(Kind::Sequence, others),
            Sort::Component => Near::group(Kind::Component, others),
            Sort::Folder => Near::one_by_one(self.members.iter().copied().take(limit).collect()),
            Sort::Path => hot.near(file, limit),
        }
    }

    /// The groups in this place, which people call `shown`.
    pub(super) fn groups(&self, shown: &str, threshold: usize) -> Vec<Group<K>> {
        let Some(hot) = &self.hot else { return Vec::new() };
        let group = |kind, members| Group { path: shown.to_owned(), kind, members };
        if self.members.len() <= threshold {
            return Vec::new();
        }
        match self.sort {
            Sort::Package => vec![group(Kind::Package, self.members.clone())],
            Sort::Series => vec![group(Kind::Sequence, self.members.clone())],
            Sort::Component => vec![group(Kind::Component, self.members.clone())],
            Sort::Folder => Vec::new(),
            Sort::Path => {
                let textual = hot.regions.crowds(threshold).into_iter().map(|members| group(Kind::Textual, members));
                let regenerated =
                    (hot.regenerated.len() > threshold).then(|| group(Kind::Lockfile, hot.regenerated.clone()));
                textual.chain(regenerated).collect()
            }
        }
    }
}

/// What a slot is told about the rest of the index.
pub(super) struct Units<'a, K> {
    pub(super) known: &'a BTreeMap<K, Arc<Footprint>>,
    pub(super) threshold: usize,
}

impl<K: UnitName> Hot<K> {
    fn insert(&mut self, unit: K, file: Option<&FileChange>) {
        let Some(file) = file else { return };
        if file.is_regenerated()
            && let Err(at) = self.regenerated.binary_search(&unit)
        {
            self.regenerated.insert(at, unit);
        }
        self.regions.insert(unit, lines_in_play(file));
    }

    fn remove(&mut self, unit: K, file: Option<&FileChange>) {
        if let Ok(at) = self.regenerated.binary_search(&unit) {
            self.regenerated.remove(at);
        }
        self.regions.remove(unit, file.and_then(lines_in_play));
    }

    fn crowd(&self, file: Option<&FileChange>) -> Vec<(Kind, Vec<K>)> {
        let Some(file) = file else { return Vec::new() };
        let textual = self.regions.near(lines_in_play(file), usize::MAX).members;
        let regenerated = file.is_regenerated().then(|| (Kind::Lockfile, self.regenerated.clone()));
        std::iter::once((Kind::Textual, textual)).chain(regenerated).collect()
    }

    fn near(&self, file: Option<&FileChange>, limit: usize) -> Near<K> {
        let Some(file) = file else { return Near::one_by_one(Vec::new()) };
        let mut near = self.regions.near(lines_in_play(file), limit);
        if file.is_regenerated() && self.regenerated.len() > limit {
            near.groups.push((Kind::Lockfile, self.regenerated.len() - 1));
        } else if file.is_regenerated() {
            near.members.extend(&self.regenerated);
        }
        near
    }
}

/// The lines by which a change can clash; none where the whole file is at stake.
fn lines_in_play(file: &FileChange) -> Option<&[Hunk]> {
    let by_line =
        matches!(file.status, Status::Modified) && !file.marks.binary && !file.marks.submodule && !file.marks.symlink;
    match &file.lines {
        Lines::Known(hunks) if by_line => Some(hunks),
        Lines::Known(_) | Lines::Unknown(_) => None,
    }
}
