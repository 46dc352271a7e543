//! The changed lines of one hot file, looked up by line.

use std::collections::{BTreeMap, BTreeSet};

use super::slot::Near;
use crate::domain::integration::collision::Kind;
use crate::domain::integration::footprint::Hunk;

/// Lines per drawer.
const DRAWER: u32 = 64;
/// Hunks over more drawers than this are kept apart, so that a rewrite of the file is not entered a hundred times.
const LONG: u32 = 8;

/// Which member changes which lines.
#[derive(Debug, Clone)]
pub(super) struct Regions<K> {
    drawers: BTreeMap<u32, Vec<(Hunk, K)>>,
    long: BTreeSet<(Hunk, K)>,
    whole: BTreeSet<K>,
}

impl<K> Default for Regions<K> {
    fn default() -> Self {
        Self { drawers: BTreeMap::new(), long: BTreeSet::new(), whole: BTreeSet::new() }
    }
}

fn drawers_of(hunk: &Hunk) -> std::ops::RangeInclusive<u32> {
    hunk.start / DRAWER..=hunk.end() / DRAWER
}

fn is_long(hunk: &Hunk) -> bool {
    hunk.removed / DRAWER >= LONG
}

impl<K: Copy + Ord> Regions<K> {
    /// Enters a member with its lines; none: it concerns the whole file.
    pub(super) fn insert(&mut self, unit: K, hunks: Option<&[Hunk]>) {
        let Some(hunks) = hunks else {
            self.whole.insert(unit);
            return;
        };
        for hunk in hunks {
            if is_long(hunk) {
                self.long.insert((*hunk, unit));
            } else {
                for drawer in drawers_of(hunk) {
                    self.drawers.entry(drawer).or_default().push((*hunk, unit));
                }
            }
        }
    }

    /// Takes a member out.
    pub(super) fn remove(&mut self, unit: K, hunks: Option<&[Hunk]>) {
        self.whole.remove(&unit);
        for hunk in hunks.unwrap_or_default() {
            self.long.remove(&(*hunk, unit));
            for drawer in drawers_of(hunk).take(LONG as usize + 2) {
                if let Some(entries) = self.drawers.get_mut(&drawer) {
                    entries.retain(|(_, member)| *member != unit);
                }
            }
        }
    }

    /// Whom a change of these lines clashes with; none: a change of the whole file, which clashes with everybody.
    ///
    /// A line where more than `limit` others clash is a crowd. Who changes the whole file is named with everybody: such changes are rare,
    /// and where they are not, all members are one crowd.
    pub(super) fn near(&self, hunks: Option<&[Hunk]>, limit: usize) -> Near<K> {
        let crowd = |others: usize| vec![(Kind::Textual, others)];
        if self.whole.len() > limit {
            return Near { members: Vec::new(), groups: crowd(self.members().len().saturating_sub(1)) };
        }
        let Some(hunks) = hunks else {
            return Near { members: self.members().into_iter().collect(), groups: Vec::new() };
        };
        let mut found = self.whole.clone();
        let mut most = 0;
        for hunk in hunks {
            // The limit, the unit itself, and one more: then it is a crowd.
            let here = self.at(hunk, limit.saturating_add(2));
            if here.len() > limit.saturating_add(1) {
                most = most.max(here.len() - 1);
            } else {
                found.extend(here);
            }
        }
        Near { members: found.into_iter().collect(), groups: if most > 0 { crowd(most) } else { Vec::new() } }
    }

    /// The members that clash with one hunk, at most so many.
    fn at(&self, hunk: &Hunk, most: usize) -> BTreeSet<K> {
        let short = self.drawers.range(drawers_of(hunk)).flat_map(|(_, entries)| entries);
        let mut found = BTreeSet::new();
        for (other, unit) in short.chain(&self.long) {
            if other.clashes_with(hunk) {
                found.insert(*unit);
            }
            if found.len() >= most {
                break;
            }
        }
        found
    }

    fn members(&self) -> BTreeSet<K> {
        self.all().map(|(_, unit)| *unit).chain(self.whole.iter().copied()).collect()
    }

    fn all(&self) -> impl Iterator<Item = &(Hunk, K)> {
        self.drawers.values().flatten().chain(&self.long)
    }

    /// The places where more than `least` members touch each other, one after the other through the file.
    pub(super) fn crowds(&self, least: usize) -> Vec<Vec<K>> {
        if self.whole.len() > least {
            return vec![self.members().into_iter().collect()];
        }
        let mut entries: Vec<(Hunk, K)> = self.all().copied().collect();
        entries.sort_unstable();
        let mut crowds: Vec<(u32, BTreeSet<K>)> = Vec::new();
        for (hunk, unit) in entries {
            match crowds.last_mut() {
                Some((end, members)) if hunk.start <= *end => {
                    *end = (*end).max(hunk.end());
                    members.insert(unit);
                }
                _ => crowds.push((hunk.end(), BTreeSet::from([unit]))),
            }
        }
        let all = crowds.into_iter().map(|(_, members)| members.union(&self.whole).copied().collect::<Vec<K>>());
        all.filter(|members| members.len() > least).collect()
    }
}
