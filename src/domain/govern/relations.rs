//! Which open units stand in each other's way: collisions by base branch, dependencies by what units declare.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::ids::PrNumber;
use crate::domain::integration::collision::{Certainty, Collision, between};
use crate::domain::integration::footprint::Footprint;
use crate::domain::unit::Unit;

/// The open units of a repository by base branch and path.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    bases: BTreeMap<PrNumber, String>,
    footprints: BTreeMap<PrNumber, Footprint>,
    by_path: BTreeMap<(String, String), BTreeSet<PrNumber>>,
}

impl Relations {
    /// Takes a unit in, or its new footprint or base.
    pub fn put(&mut self, unit: &Unit) {
        self.remove(unit.number);
        for path in paths(&unit.footprint) {
            self.by_path.entry((unit.base.branch.clone(), path.to_owned())).or_default().insert(unit.number);
        }
        self.bases.insert(unit.number, unit.base.branch.clone());
        self.footprints.insert(unit.number, unit.footprint.clone());
    }

    /// Takes a unit out.
    pub fn remove(&mut self, number: PrNumber) {
        let (Some(base), Some(footprint)) = (self.bases.remove(&number), self.footprints.remove(&number)) else {
            return;
        };
        for path in paths(&footprint) {
            let key = (base.clone(), path.to_owned());
            if let Some(units) = self.by_path.get_mut(&key) {
                units.remove(&number);
                if units.is_empty() {
                    self.by_path.remove(&key);
                }
            }
        }
    }

    /// Units on the same base that touch a path in common.
    #[must_use]
    pub fn near(&self, number: PrNumber) -> BTreeSet<PrNumber> {
        let (Some(base), Some(footprint)) = (self.bases.get(&number), self.footprints.get(&number)) else {
            return BTreeSet::new();
        };
        let mut near = BTreeSet::new();
        for path in paths(footprint) {
            near.extend(self.by_path.get(&(base.clone(), path.to_owned())).into_iter().flatten().copied());
        }
        near.remove(&number);
        near
    }

    /// Everything that stands between a unit and the others on its base, strongest first.
    #[must_use]
    pub fn of(&self, number: PrNumber) -> Vec<Collision<PrNumber>> {
        let Some(ours) = self.footprints.get(&number) else { return Vec::new() };
        let mut all: Vec<Collision<PrNumber>> = self
            .near(number)
            .into_iter()
            .filter_map(|other| Some((other, self.footprints.get(&other)?)))
            .flat_map(|(other, theirs)| {
                let (a, b, findings) = if number < other {
                    (number, other, between(ours, theirs))
                } else {
                    (other, number, between(theirs, ours))
                };
                findings.into_iter().map(move |finding| Collision { a, b, finding })
            })
            .collect();
        all.sort_by_key(|x| (x.finding.kind, x.a, x.b));
        all
    }

    /// The units that an enforced kind of collision keeps apart from this one.
    #[must_use]
    pub fn enforced(&self, number: PrNumber, kinds: &[String]) -> BTreeSet<PrNumber> {
        let certain = |collision: &&Collision<PrNumber>| collision.finding.certainty == Certainty::Certain;
        let named = |collision: &&Collision<PrNumber>| kinds.iter().any(|kind| kind == collision.finding.kind.as_str());
        self.of(number).iter().filter(certain).filter(named).map(|collision| collision.other(number)).collect()
    }
}

fn paths(footprint: &Footprint) -> impl Iterator<Item = &str> {
    footprint.files.iter().flat_map(|file| std::iter::once(file.path.as_str()).chain(file.previous.as_deref()))
}
