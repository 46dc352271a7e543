//! Real merges of open units: asked where a mirror can tell, kept with the unit that asked, and put in place of what the lines say.

use std::collections::{BTreeMap, BTreeSet};

use super::footprint_of_files;
use crate::domain::govern::context::Context;
use crate::domain::govern::seen::facts::{FileSeen, MergeSeen, Need};
use crate::domain::govern::settle::Work;
use crate::domain::govern::state::State;
use crate::domain::govern::state::relations::Relations;
use crate::domain::ids::{CommitSha, PrNumber};
use crate::domain::integration::footprint::Footprint;
use crate::domain::unit::{MergedWith, Unit};

/// With how many others one unit is merged at most; those that were opened last count.
const MOST: usize = 64;

/// The merges that are worth making once the files of a unit are known.
pub(in crate::domain::govern) fn need(
    state: &State,
    number: PrNumber,
    base: &str,
    (head, files): (&CommitSha, &[FileSeen]),
    context: &Context,
) -> Option<Need> {
    if !context.mirrors {
        return None;
    }
    let footprint = footprint_of_files(files, None);
    let near = state.relations.near(base, footprint).into_iter().rev().filter(|other| *other != number);
    let open = near.filter_map(|other| state.unit(other)).filter(|other| other.is_open() && other.base.branch == base);
    let others: Vec<(PrNumber, CommitSha)> =
        open.take(MOST).map(|other| (other.number, other.head.sha.clone())).collect();
    (!others.is_empty()).then(|| Need::Merges { number, head: head.clone(), base: base.to_owned(), others })
}

/// Whether a unit's head holds another's, as far as that still is its head.
pub(in crate::domain::govern) fn is_built_on(state: &State, unit: &Unit, other: PrNumber) -> bool {
    let merged = unit.merges.get(&other).filter(|merged| merged.of == unit.head.sha && merged.built_on);
    merged.is_some_and(|merged| state.unit(other).is_none_or(|other| !other.is_open() || other.head.sha == merged.sha))
}

impl Work<'_> {
    /// Takes in what git said. Heads that moved meanwhile are left out.
    pub(super) fn take_merged(&mut self, number: PrNumber, head: &CommitSha, seen: &[MergeSeen]) {
        let Some(unit) = self.state.units.get_mut(&number).filter(|unit| unit.is_open() && unit.head.sha == *head)
        else {
            return;
        };
        let with = |seen: &MergeSeen| {
            let merged = MergedWith {
                of: head.clone(),
                sha: seen.sha.clone(),
                stops: seen.stops.clone(),
                built_on: seen.built_on,
            };
            (seen.other, merged)
        };
        unit.merges = seen.iter().map(with).collect();
        self.state.relations.put(unit);
        self.changes.units.insert(number);
        self.touch(number);
    }

    /// Something landed: what git said of units that share a path with it was said of another base.
    pub(super) fn doubt_merges(&mut self, base: &str, landed: &Footprint) {
        for number in self.state.relations.sharing(base, landed) {
            for pair in self.state.relations.forget_merges(number) {
                let Some(unit) = self.state.units.get_mut(&pair.0) else { continue };
                if unit.merges.remove(&pair.1).is_some() {
                    self.changes.units.insert(pair.0);
                }
            }
            if let Some(unit) = self.state.units.get(&number).filter(|unit| unit.is_open()) {
                self.state.relations.put(unit);
            }
        }
    }
}

impl Relations {
    /// Takes over what a unit knows of merges; whether that is anything new.
    pub(in crate::domain::govern) fn take_merges(&mut self, unit: &Unit) -> bool {
        let valid = unit.merges.iter().filter(|(_, merged)| merged.of == unit.head.sha);
        let valid: BTreeMap<PrNumber, MergedWith> = valid.map(|(other, merged)| (*other, merged.clone())).collect();
        if self.merges.get(&unit.number).map_or(valid.is_empty(), |known| *known == valid) {
            return false;
        }
        for other in self.merges.remove(&unit.number).unwrap_or_default().into_keys() {
            self.merged_by.entry(other).or_default().remove(&unit.number);
        }
        for other in valid.keys() {
            self.merged_by.entry(*other).or_default().insert(unit.number);
        }
        if !valid.is_empty() {
            self.merges.insert(unit.number, valid);
        }
        true
    }

    /// Whether a unit's head moved from under what others asked about it.
    pub(in crate::domain::govern) fn is_doubted(&self, unit: &Unit) -> bool {
        self.merged_by.contains_key(&unit.number) && self.sha_of(unit.number) != Some(&unit.head.sha)
    }

    /// Forgets every merge that a unit was part of: (who asked, about whom).
    pub(in crate::domain::govern) fn forget_merges(&mut self, number: PrNumber) -> Vec<(PrNumber, PrNumber)> {
        let mut forgotten = Vec::new();
        for other in self.merges.remove(&number).unwrap_or_default().into_keys() {
            self.merged_by.entry(other).or_default().remove(&number);
            forgotten.push((number, other));
        }
        for other in self.merged_by.remove(&number).unwrap_or_default() {
            if let Some(theirs) = self.merges.get_mut(&other) {
                theirs.remove(&number);
            }
            forgotten.push((other, number));
        }
        forgotten
    }

    /// Puts what git said of a unit and others into the index, where both heads still are what they were.
    pub(in crate::domain::govern) fn settle(&mut self, base: &str, number: PrNumber) {
        let mut pairs: BTreeSet<(PrNumber, PrNumber)> = BTreeSet::new();
        pairs.extend(self.merges.get(&number).into_iter().flatten().map(|(other, _)| (number, *other)));
        pairs.extend(self.merged_by.get(&number).into_iter().flatten().map(|other| (*other, number)));
        for (asked, about) in pairs {
            let Some(merged) = self.merges.get(&asked).and_then(|merges| merges.get(&about)) else { continue };
            let stands = self.sha_of(asked) == Some(&merged.of) && self.sha_of(about) == Some(&merged.sha);
            if let Some(index) = self.by_base.get_mut(base).filter(|_| stands) {
                index.settle(asked, about, merged.stops.clone());
            }
        }
    }
}
