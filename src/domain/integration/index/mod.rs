//! The incremental index over the open units of one repository and base branch.
//!
//! A unit is entered under what it touches: paths, packages, numbers, components. Its neighbours are found by looking there only, so that
//! one update costs in proportion to what the unit touches and collides with, never to the number of open units. A path that many units
//! touch is **hot**: it is kept as one [`Group`] with its members, and text in it is looked up by line, so no list of pairs ever grows with
//! the square of the members.

mod keys;
mod regions;
mod slot;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::keys::keys_of;
use self::slot::{Slot, Units};
use super::collision::{Collision, Finding, Kind, between};
use super::footprint::Footprint;
use super::merged::{Stop, settle};

/// From how many members on a path, package or component is hot: pairs up to here, one group beyond.
pub const HOT: usize = 48;

/// What a unit is called in an index: its number, or a position in a list of heads.
pub trait UnitName: Copy + Ord + fmt::Debug {}

impl<T: Copy + Ord + fmt::Debug> UnitName for T {}

/// Many units that collide with one another in one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group<K> {
    /// The path, or the name of the package or component.
    pub path: String,
    /// By which kind they collide.
    pub kind: Kind,
    /// The members, ascending.
    pub members: Vec<K>,
}

/// What one unit collides with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours<K> {
    /// Pairs, by the other unit and then by severity.
    pub collisions: Vec<Collision<K>>,
    /// Hot places in which it collides with many: where, by which kind, with how many others at least.
    pub groups: Vec<GroupSeat>,
}

/// A unit's seat in a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct GroupSeat {
    /// The path, or the name of the package or component.
    pub path: String,
    /// By which kind the members collide.
    pub kind: Kind,
    /// How many others there are.
    pub others: usize,
}

/// All open footprints of one repository and base, in the coordinates of one base.
#[derive(Debug, Clone)]
pub struct Index<K> {
    units: BTreeMap<K, Arc<Footprint>>,
    // Looked up by key only, never walked: no order comes from it.
    slots: HashMap<Box<str>, Slot<K>>,
    hot: BTreeSet<Box<str>>,
    cooled: BTreeSet<K>,
    /// What git says of pairs, from either side.
    merged: BTreeMap<K, BTreeMap<K, Vec<Stop>>>,
    threshold: usize,
}

impl<K> Default for Index<K> {
    fn default() -> Self {
        Self {
            units: BTreeMap::new(),
            slots: HashMap::new(),
            hot: BTreeSet::new(),
            cooled: BTreeSet::new(),
            merged: BTreeMap::new(),
            threshold: HOT,
        }
    }
}

impl<K: UnitName> Index<K> {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty index that makes groups only beyond `threshold` members; `usize::MAX`: never.
    #[must_use]
    pub fn with_threshold(threshold: usize) -> Self {
        Self { threshold, ..Self::default() }
    }

    /// Enters a unit, in place of what it was before.
    pub fn insert(&mut self, unit: K, footprint: impl Into<Arc<Footprint>>) {
        self.remove(unit);
        let footprint = footprint.into();
        for key in keys_of(&footprint) {
            let slot = self.slots.entry(key.name.as_str().into()).or_insert_with(|| Slot::new(key.sort));
            slot.insert(unit, key.file, &key.name, &Units { known: &self.units, threshold: self.threshold });
            if slot.is_hot() {
                self.hot.insert(key.name.into());
            }
        }
        self.units.insert(unit, footprint);
    }

    /// Takes a unit out; nothing happens where it is not in.
    pub fn remove(&mut self, unit: K) -> Option<Arc<Footprint>> {
        let footprint = self.units.remove(&unit)?;
        for other in self.merged.remove(&unit).unwrap_or_default().into_keys() {
            if let Some(theirs) = self.merged.get_mut(&other) {
                theirs.remove(&unit);
            }
        }
        for key in keys_of(&footprint) {
            let Some(slot) = self.slots.get_mut(key.name.as_str()) else { continue };
            self.cooled.extend(slot.remove(unit, key.file, self.threshold).unwrap_or_default());
            if !slot.is_hot() {
                self.hot.remove(key.name.as_str());
            }
            if slot.is_empty() {
                self.slots.remove(key.name.as_str());
            }
        }
        Some(footprint)
    }

    /// Takes git's word about two units that are in: where the second of them would stop; nothing, and they merge. It stands until either
    /// is entered anew.
    pub fn settle(&mut self, a: K, b: K, stops: Vec<Stop>) {
        if a != b && self.units.contains_key(&a) && self.units.contains_key(&b) {
            self.merged.entry(a).or_default().insert(b, stops.clone());
            self.merged.entry(b).or_default().insert(a, stops);
        }
    }

    /// The units whose places were hot until now: whoever keeps pairs asks for theirs again. Each is named once.
    pub fn take_cooled(&mut self) -> BTreeSet<K> {
        std::mem::take(&mut self.cooled)
    }

    /// With whom a unit clashes in hot places, all of them by name: where, by which kind, who. Costs in proportion to the answer.
    #[must_use]
    pub fn crowds(&self, unit: K) -> Vec<Group<K>> {
        let Some(footprint) = self.units.get(&unit) else { return Vec::new() };
        let mut all = Vec::new();
        for key in keys_of(footprint) {
            let Some(slot) = self.slots.get(key.name.as_str()).filter(|slot| slot.is_hot()) else { continue };
            for (kind, mut members) in slot.crowd(key.file) {
                members.retain(|other| *other != unit);
                if !members.is_empty() {
                    all.push(Group { path: keys::shown(&key.name).to_owned(), kind, members });
                }
            }
        }
        all
    }

    /// The footprint of a unit.
    #[must_use]
    pub fn get(&self, unit: K) -> Option<&Footprint> {
        self.units.get(&unit).map(AsRef::as_ref)
    }

    /// How many units are in.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether no unit is in.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// The units, ascending, with their footprints.
    pub fn iter(&self) -> impl Iterator<Item = (K, &Footprint)> {
        self.units.iter().map(|(unit, footprint)| (*unit, footprint.as_ref()))
    }

    /// What a unit collides with; nothing for one that is not in.
    #[must_use]
    pub fn neighbours(&self, unit: K) -> Neighbours<K> {
        match self.units.get(&unit) {
            Some(footprint) => self.search(footprint, Some(unit), |other| (unit, other)),
            None => Neighbours { collisions: Vec::new(), groups: Vec::new() },
        }
    }

    /// What a change that is not in would collide with (preflight): the other unit and the finding, whose side `a` is the change.
    #[must_use]
    pub fn preflight(&self, footprint: &Footprint) -> (Vec<(K, Finding)>, Vec<GroupSeat>) {
        let found = self.search(footprint, None, |other| (other, other));
        (found.collisions.into_iter().map(|collision| (collision.b, collision.finding)).collect(), found.groups)
    }

    /// The units that share anything at all with this footprint and are no mere members of a hot place: those a pair verdict is worth
    /// asking for. Ascending.
    #[must_use]
    pub fn candidates(&self, footprint: &Footprint, except: Option<K>) -> Vec<K> {
        self.near(footprint, except).0.into_iter().collect()
    }

    /// The units that change, bring into being or take away a path that this footprint does. Ascending; hot places count too.
    #[must_use]
    pub fn sharing(&self, footprint: &Footprint) -> BTreeSet<K> {
        let names = footprint.files.iter().flat_map(|file| file.base_path().into_iter().chain(file.new_path()));
        let slots = names.filter_map(|path| self.slots.get(keys::path_name(path).as_str()));
        slots.flat_map(Slot::members).collect()
    }

    /// Every group, by path and kind.
    #[must_use]
    pub fn groups(&self) -> Vec<Group<K>> {
        let hot = self.hot.iter().filter_map(|name| Some((name, self.slots.get(name)?)));
        hot.flat_map(|(name, slot)| slot.groups(keys::shown(name), self.threshold)).collect()
    }

    /// The members of one group that a unit has a seat in, with it.
    #[must_use]
    pub fn members(&self, seat: &GroupSeat, unit: K) -> Vec<K> {
        let groups = keys::names_of_seat(seat).into_iter().filter_map(|name| self.slots.get(name.as_str()));
        let all = groups.flat_map(|slot| slot.groups(&seat.path, self.threshold));
        all.filter(|group| group.kind == seat.kind)
            .map(|group| group.members)
            .find(|members| members.contains(&unit))
            .unwrap_or_default()
    }

    fn search(&self, footprint: &Footprint, except: Option<K>, name: impl Fn(K) -> (K, K)) -> Neighbours<K> {
        let (mut candidates, groups) = self.near(footprint, except);
        let merged = except.and_then(|unit| self.merged.get(&unit));
        candidates.extend(merged.into_iter().flat_map(BTreeMap::keys));
        let mut collisions = Vec::new();
        for other in candidates {
            let Some(theirs) = self.units.get(&other) else { continue };
            let (a, b) = name(other);
            let (first, second) = if a <= b { (footprint, theirs.as_ref()) } else { (theirs.as_ref(), footprint) };
            let findings = match merged.and_then(|merged| merged.get(&other)) {
                Some(stops) => settle(between(first, second), stops, first, second),
                None => between(first, second),
            };
            let kept = findings.into_iter().filter(|finding| !self.told_by_group(finding, &groups));
            collisions.extend(kept.map(|finding| Collision { a: a.min(b), b: a.max(b), finding }));
        }
        Neighbours { collisions, groups }
    }

    /// Whether the groups say it already.
    fn told_by_group(&self, finding: &Finding, groups: &[GroupSeat]) -> bool {
        let grouped = |path: &String| groups.iter().any(|seat| seat.kind == finding.kind && seat.path == *path);
        match finding.kind {
            Kind::Overlap => finding.paths.iter().all(|path| self.hot.contains(keys::path_name(path).as_str())),
            Kind::Lockfile => finding.paths.iter().all(grouped),
            Kind::Textual | Kind::Package | Kind::Sequence | Kind::Symbol | Kind::Component => false,
        }
    }

    fn near(&self, footprint: &Footprint, except: Option<K>) -> (BTreeSet<K>, Vec<GroupSeat>) {
        let mut candidates = BTreeSet::new();
        let mut groups = BTreeSet::new();
        for key in keys_of(footprint) {
            for asked in key.asks() {
                let Some(slot) = self.slots.get(asked) else { continue };
                let near = slot.near(key.file, self.threshold);
                candidates.extend(near.members);
                let seat = |(kind, others)| GroupSeat { path: keys::shown(asked).to_owned(), kind, others };
                groups.extend(near.groups.into_iter().map(seat));
            }
        }
        if let Some(unit) = except {
            candidates.remove(&unit);
        }
        (candidates, groups.into_iter().collect())
    }
}
