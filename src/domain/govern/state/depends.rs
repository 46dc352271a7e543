//! What a unit needs to land first, and what is known of it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::govern::observe::elsewhere;
use crate::domain::govern::observe::merges::is_built_on;
use crate::domain::govern::seen::PullState;
use crate::domain::govern::state::State;
use crate::domain::ids::PrNumber;
use crate::domain::integration::dependency::{Cycle, Fate, Reference, Source, cycles};
use crate::domain::unit::Unit;

/// More units than this are not followed in search of a cycle.
const FOLLOWED: usize = 1_000;

/// One thing that a unit needs first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::domain::govern) struct Dependency {
    /// `owner/repo#n`.
    pub unit: String,
    /// Its number, where it is in the same repository.
    pub number: Option<PrNumber>,
    /// As it was named; without a repository where that is this one.
    pub reference: Reference,
    /// How it came to be.
    pub source: Source,
}

impl Dependency {
    fn new(state: &State, reference: Reference, source: Source) -> Self {
        let reference = reference.within(state.full_name());
        let here = reference.repo.is_none().then_some(reference.number);
        let repo = reference.repo.as_deref().unwrap_or(state.full_name());
        Self { unit: format!("{repo}#{}", reference.number), number: here, reference, source }
    }

    /// How it came to be, in a word.
    pub(in crate::domain::govern) const fn why(&self) -> &'static str {
        match self.source {
            Source::Body | Source::Trailer => "declared",
            Source::Stacked => "stacked",
            Source::Command => "/after",
            Source::Lesson => "lesson",
        }
    }
}

/// What a unit needs first: declared in its body or commits, stacked on another unit's branch, or named by `/after`; each once.
pub(in crate::domain::govern) fn dependencies(state: &State, unit: &Unit) -> Vec<Dependency> {
    let stacked = below(state, unit).map(|number| (Reference { repo: None, number }, Source::Stacked));
    let named = state.relations.needs(unit.number).iter().filter(|(reference, source)| {
        // What it was built on may have been pushed to since.
        *source != Source::Stacked || is_built_on(state, unit, reference.number)
    });
    let named = named.cloned();
    let mut seen = BTreeSet::new();
    named
        .chain(stacked)
        .map(|(reference, source)| Dependency::new(state, reference, source))
        .filter(|dependency| !is_waived(unit, dependency) && seen.insert(dependency.unit.to_lowercase()))
        .collect()
}

/// The units whose head is this one's base.
fn below<'a>(state: &'a State, unit: &'a Unit) -> impl Iterator<Item = PrNumber> + 'a {
    let others = state.relations.from_branch(&unit.base.branch).filter(|number| *number != unit.number);
    others.filter(|number| state.unit(*number).is_some_and(|other| other.is_open() && !other.is_fork(state.id())))
}

/// `/not-after`: somebody said that it can land without. What it is built on cannot be waived.
fn is_waived(unit: &Unit, dependency: &Dependency) -> bool {
    dependency.source != Source::Stacked && dependency.number.is_some_and(|number| unit.not_after.contains(&number))
}

/// What became of a dependency of `unit`.
pub(in crate::domain::govern) fn fate_of(state: &State, unit: &Unit, dependency: &Dependency) -> Fate {
    let Some(number) = dependency.number else {
        return dependency
            .reference
            .repo
            .as_deref()
            .map_or(Fate::Unreadable, |repo| elsewhere::fate(state, repo, dependency.reference.number));
    };
    if number == unit.number {
        return Fate::Itself;
    }
    if let Some(other) = state.unit(number) {
        return match other.state {
            PullState::Merged => Fate::Landed,
            PullState::Closed => Fate::Closed,
            PullState::Open if is_elsewhere(other, unit) => Fate::Moved { base: other.base.branch.clone() },
            PullState::Open => Fate::Open,
        };
    }
    match state.repo.ended.get(&number) {
        Some(true) => Fate::Landed,
        Some(false) => Fate::Closed,
        None => Fate::Missing,
    }
}

/// Whether what is needed wants to land where it would not help.
fn is_elsewhere(other: &Unit, unit: &Unit) -> bool {
    other.base.branch != unit.base.branch && other.head.branch != unit.base.branch
}

/// The word for it, as pages and the API show it.
pub(in crate::domain::govern) const fn word(fate: &Fate) -> &'static str {
    match fate {
        Fate::Itself => "cycle",
        Fate::Open | Fate::Moved { .. } => "open",
        Fate::Landed => "landed",
        Fate::Closed => "closed",
        Fate::Missing => "missing",
        Fate::Unreadable => "unreadable",
    }
}

/// The cycle that a unit is part of, beginning with it where the way around leads through it.
pub(in crate::domain::govern) fn cycle(state: &State, unit: &Unit) -> Option<Cycle<PrNumber>> {
    let mut needs: BTreeMap<PrNumber, Vec<PrNumber>> = BTreeMap::new();
    let mut open = vec![unit.number];
    while let Some(number) = open.pop().filter(|_| needs.len() < FOLLOWED) {
        let Some(at) = state.unit(number).filter(|at| at.is_open() && !needs.contains_key(&number)) else { continue };
        let next: Vec<PrNumber> = dependencies(state, at).into_iter().filter_map(|needed| needed.number).collect();
        open.extend(&next);
        needs.insert(number, next);
    }
    if needs.get(&unit.number).is_none_or(Vec::is_empty) {
        return None;
    }
    let pairs: Vec<(PrNumber, PrNumber)> =
        needs.iter().flat_map(|(unit, needs)| needs.iter().map(move |needed| (*unit, *needed))).collect();
    let mut cycle = cycles(&pairs).into_iter().find(|cycle| cycle.members.contains(&unit.number))?;
    if let Some(at) = cycle.around.iter().position(|number| *number == unit.number) {
        cycle.around.rotate_left(at);
    }
    Some(cycle)
}

/// Open units that need this one first.
pub(in crate::domain::govern) fn dependents(state: &State, number: PrNumber) -> Vec<(PrNumber, &'static str)> {
    let mut others: BTreeSet<PrNumber> = state.relations.naming(number).collect();
    if let Some(unit) = state.unit(number) {
        others.extend(state.relations.on_base(&unit.head.branch));
    }
    others.remove(&number);
    others
        .into_iter()
        .filter_map(|other| {
            let unit = state.unit(other).filter(|unit| unit.is_open())?;
            let needs = dependencies(state, unit).into_iter().find(|dependency| dependency.number == Some(number))?;
            Some((other, needs.why()))
        })
        .collect()
}

/// The open units that a unit needs or that need it.
pub(in crate::domain::govern) fn neighbours(state: &State, number: PrNumber) -> Vec<PrNumber> {
    let Some(unit) = state.unit(number) else { return Vec::new() };
    let needed = dependencies(state, unit).into_iter().filter_map(|dependency| dependency.number);
    needed.chain(dependents(state, number).into_iter().map(|(other, _)| other)).collect()
}
