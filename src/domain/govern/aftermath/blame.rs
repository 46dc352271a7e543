//! Which of the units that landed broke the base: those that landed since the check was last green, ranked by what they touch.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::trunk::{LandedUnit, Trunk, TrunkCommit};
use crate::domain::govern::seen::Seen;
use crate::domain::ids::{CommitSha, PrNumber};

/// A check that fails on the base, and what may have broken it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The first commit on which it fails.
    pub red: CommitSha,
    /// The last one before on which it passed.
    pub green: CommitSha,
    /// The units that landed in between, the likeliest first. Empty where only pushes past pull requests came in between.
    pub suspects: Vec<Suspect>,
}

/// A unit that landed since the check was last green.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suspect {
    /// Which.
    pub number: PrNumber,
    /// Why it has this place, in one sentence.
    pub why: String,
    /// Whether it may be taken back: a revert is never reverted.
    pub revertible: bool,
}

/// Words of check names that name no place in a repository.
const COMMON: [&str; 22] = [
    "build",
    "test",
    "tests",
    "check",
    "checks",
    "lint",
    "unit",
    "integration",
    "ci",
    "main",
    "master",
    "push",
    "pull",
    "request",
    "linux",
    "ubuntu",
    "windows",
    "macos",
    "latest",
    "stable",
    "release",
    "all",
];

impl Trunk {
    /// Why a check fails on this branch; nothing where it passes, was never seen to pass, or failed once on a commit whose parent was
    /// not tested: that may be the test itself.
    #[must_use]
    pub fn failure(&self, name: &str, app: Option<u64>) -> Option<Failure> {
        let state = |commit: &TrunkCommit| commit.result(name, app).map(|tested| tested.state);
        let last_red = self.commits.iter().rposition(|commit| state(commit) == Some(Seen::Failing))?;
        if self.commits[last_red..].iter().any(|commit| state(commit) == Some(Seen::Passing)) {
            return None;
        }
        let green = self.commits[..last_red].iter().rposition(|commit| state(commit) == Some(Seen::Passing))?;
        let since = &self.commits[green + 1..=last_red];
        let first = since.iter().position(|commit| state(commit) == Some(Seen::Failing))?;
        let failures: u32 =
            since.iter().filter_map(|commit| commit.result(name, app)).map(|tested| tested.failures).sum();
        let green_parent = first == 0;
        if !green_parent && failures < 2 {
            return None;
        }
        let landed: Vec<&LandedUnit> = since[..=first].iter().flat_map(|commit| &commit.landed).collect();
        let (red, green) = (since[first].sha.clone(), self.commits[green].sha.clone());
        let suspects = ranked(name, &landed, &green);
        Some(Failure { red, green, suspects })
    }
}

/// The likeliest first: what the check's name speaks of, then what was not tested together, then what changes most, then the latest.
fn ranked(check: &str, landed: &[&LandedUnit], green: &CommitSha) -> Vec<Suspect> {
    let mut all: Vec<(usize, &LandedUnit)> = landed.iter().copied().enumerate().collect();
    all.sort_by_key(|(at, unit)| {
        let named = spoken_of(check, unit).is_some();
        (Reverse(named), Reverse(untested(unit, landed).count()), Reverse(unit.lines), Reverse(*at))
    });
    let suspect = |(_, unit): (usize, &LandedUnit)| Suspect {
        number: unit.number,
        why: why(check, unit, landed, green),
        revertible: !unit.reverts,
    };
    all.into_iter().map(suspect).collect()
}

fn why(check: &str, unit: &LandedUnit, landed: &[&LandedUnit], green: &CommitSha) -> String {
    if landed.len() == 1 {
        return format!("Nothing else landed since `{check}` passed on {}.", green.short());
    }
    if let Some(place) = spoken_of(check, unit) {
        return format!("`{check}` speaks of `{place}`, which it changes.");
    }
    if let Some(other) = untested(unit, landed).next() {
        let shared = unit.paths.iter().find(|path| other.paths.contains(path));
        let both = shared.map_or_else(String::new, |path| format!(", and both change `{path}`"));
        return format!("It was tested without #{}{both}.", other.number);
    }
    format!("It is one of {} that landed since `{check}` passed on {}.", landed.len(), green.short())
}

/// The folder or file that a check's name and the unit have in common.
fn spoken_of(check: &str, unit: &LandedUnit) -> Option<String> {
    let words: BTreeSet<String> = check
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .map(str::to_lowercase)
        .filter(|word| word.len() >= 3 && !COMMON.contains(&word.as_str()))
        .collect();
    unit.paths
        .iter()
        .flat_map(|path| path.split(['/', '.', '-']))
        .find(|part| words.contains(&part.to_lowercase()))
        .map(str::to_owned)
}

/// Those of the others that landed after this one was tested.
fn untested<'a>(unit: &'a LandedUnit, landed: &'a [&'a LandedUnit]) -> impl Iterator<Item = &'a LandedUnit> {
    landed.iter().copied().filter(|other| unit.untested_with.contains(&other.number))
}
