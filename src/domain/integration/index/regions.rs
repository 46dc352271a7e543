//! The changed lines of one hot file, looked up by line.

use std::collections::{BTreeMap, BTreeSet};

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

    /// The members that clash with these lines, at most `limit` of them; with the whole file where none are given.
    pub(super) fn near(&self, hunks: Option<&[Hunk]>, limit: usize) -> BTreeSet<K> {
        let mut found: BTreeSet<K> = self.whole.iter().copied().take(limit).collect();
        let Some(hunks) = hunks else {
            found.extend(self.all().map(|(_, unit)| *unit).take(limit));
            return found;
        };
        for hunk in hunks {
            let short = self.drawers.range(drawers_of(hunk)).flat_map(|(_, entries)| entries);
            for (other, unit) in short.chain(&self.long) {
                if found.len() >= limit {
                    return found;
                }
                if other.clashes_with(hunk) {
                    found.insert(*unit);
                }
            }
        }
        found
    }

    fn all(&self) -> impl Iterator<Item = &(Hunk, K)> {
        self.drawers.values().flatten().chain(&self.long)
    }

    /// The places where more than `least` members touch each other, one after the other through the file.
    pub(super) fn crowds(&self, least: usize) -> Vec<Vec<K>> {
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
