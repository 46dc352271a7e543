//! What a unit needs to land first, and what is known of it.

use std::collections::BTreeSet;

use super::state::State;
use crate::domain::ids::PrNumber;
use crate::domain::unit::Unit;

/// One thing that a unit needs first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Dependency {
    /// `owner/repo#n`.
    pub unit: String,
    /// Its number, where it is in the same repository.
    pub number: Option<PrNumber>,
    /// How it came to be.
    pub why: &'static str,
}

/// What is known of a dependency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DependencyState {
    /// It landed.
    Landed,
    /// It is open.
    Open,
    /// It was closed without landing.
    Closed,
    /// It cannot be read: another repository, or a number we never saw.
    Unreadable,
    /// It is part of a cycle with this unit.
    Cycle,
}

impl DependencyState {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Landed => "landed",
            Self::Open => "open",
            Self::Closed => "closed",
            Self::Unreadable => "unreadable",
            Self::Cycle => "cycle",
        }
    }
}

/// What a unit needs first: declared in its body, stacked on another unit's branch, or named by `/after`.
pub(super) fn dependencies(state: &State, unit: &Unit) -> Vec<Dependency> {
    let mut found: Vec<Dependency> = Vec::new();
    for (repo, number) in declared(&unit.body) {
        let here = repo.as_deref().is_none_or(|repo| repo.eq_ignore_ascii_case(state.full_name()));
        let repo = repo.unwrap_or_else(|| state.full_name().to_owned());
        found.push(Dependency { unit: format!("{repo}#{number}"), number: here.then_some(number), why: "declared" });
    }
    let stacked = state.units().filter(|other| other.is_open() && other.number != unit.number);
    let stacked = stacked.filter(|other| other.head.branch == unit.base.branch && !other.is_fork(state.id()));
    for other in stacked {
        found.push(here(state, other.number, "stacked"));
    }
    found.extend(unit.after.iter().map(|number| here(state, *number, "/after")));
    let mut seen = BTreeSet::new();
    found.retain(|dependency| seen.insert(dependency.unit.clone()));
    found
}

fn here(state: &State, number: PrNumber, why: &'static str) -> Dependency {
    Dependency { unit: format!("{}#{number}", state.full_name()), number: Some(number), why }
}

/// What is known of a dependency of `unit`.
pub(super) fn state_of(state: &State, unit: &Unit, dependency: &Dependency) -> DependencyState {
    let Some(number) = dependency.number else { return DependencyState::Unreadable };
    if let Some(other) = state.unit(number) {
        return match other.state {
            super::PullState::Merged => DependencyState::Landed,
            super::PullState::Closed => DependencyState::Closed,
            super::PullState::Open if cycle(state, unit).is_some_and(|cycle| cycle.contains(&number)) => {
                DependencyState::Cycle
            }
            super::PullState::Open => DependencyState::Open,
        };
    }
    match state.repo.ended.get(&number) {
        Some(true) => DependencyState::Landed,
        Some(false) => DependencyState::Closed,
        None => DependencyState::Unreadable,
    }
}

/// The cycle that a unit is part of, in order, beginning with it.
pub(super) fn cycle(state: &State, unit: &Unit) -> Option<Vec<PrNumber>> {
    let mut path = vec![unit.number];
    let mut seen = BTreeSet::new();
    walk(state, unit, unit.number, &mut path, &mut seen).then_some(path)
}

fn walk(state: &State, at: &Unit, goal: PrNumber, path: &mut Vec<PrNumber>, seen: &mut BTreeSet<PrNumber>) -> bool {
    for number in dependencies(state, at).into_iter().filter_map(|dependency| dependency.number) {
        if number == goal {
            return true;
        }
        let Some(next) = state.unit(number).filter(|next| next.is_open() && seen.insert(number)) else { continue };
        path.push(number);
        if walk(state, next, goal, path, seen) {
            return true;
        }
        path.pop();
    }
    false
}

/// Open units that need this one first.
pub(super) fn dependents(state: &State, number: PrNumber) -> Vec<(PrNumber, &'static str)> {
    let others = state.units().filter(|other| other.is_open() && other.number != number);
    others
        .filter_map(|other| {
            let needs = dependencies(state, other).into_iter().find(|dependency| dependency.number == Some(number))?;
            Some((other.number, needs.why))
        })
        .collect()
}

/// `Depends-On:` lines: `#12`, `owner/repo#12`, a pull request's URL; several by commas or spaces.
fn declared(body: &str) -> Vec<(Option<String>, PrNumber)> {
    let lines = body.lines().filter_map(|line| {
        let (key, rest) = line.trim().split_once(':')?;
        key.eq_ignore_ascii_case("depends-on").then_some(rest)
    });
    lines.flat_map(|rest| rest.split([',', ' ']).filter_map(reference)).collect()
}

fn reference(word: &str) -> Option<(Option<String>, PrNumber)> {
    let word = word.trim().trim_end_matches('.');
    let number = |text: &str| text.parse().ok().filter(|n| *n > 0).map(PrNumber);
    if let Some((repo, digits)) = word.split_once('#').filter(|_| !word.contains("://")) {
        let repo = (!repo.is_empty()).then(|| repo.to_owned());
        return number(digits).map(|number| (repo, number));
    }
    let (left, digits) = word.rsplit_once("/pull/")?;
    let mut parts = left.rsplit('/');
    let (name, owner) = (parts.next()?, parts.next()?);
    number(digits.trim_end_matches('/')).map(|number| (Some(format!("{owner}/{name}")), number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_depends_on_is_read() {
        let body = "Intro\r\nDepends-On: #12, octo/other#7\ndepends-on: https://github.com/octo/shop/pull/3/\nDepends-On: nothing #0\n";
        let at = |repo: Option<&str>, n| (repo.map(str::to_owned), PrNumber(n));
        assert_eq!(declared(body), [at(None, 12), at(Some("octo/other"), 7), at(Some("octo/shop"), 3)]);
    }
}
