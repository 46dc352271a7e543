//! What would a change collide with, before it is written: a question only a system that holds all open work can answer.

mod diff;
mod rules;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::govern::context::Context;
use crate::domain::govern::state::State;
use crate::domain::ids::PrNumber;
use crate::domain::integration::collision::Kind;
use crate::domain::integration::files::{FileEntry, footprint};
use crate::domain::integration::footprint::Footprint;
use crate::domain::integration::index::GroupSeat;

/// A path within a repository, as the description of the API says it: no part is empty, `.` or `..`.
const PATH: &str = r"^([^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+)(/([^/.][^/]*|\.[^/.][^/]*|\.\.[^/]+))*$";

/// A change that somebody thinks of making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("oneOf" = [
    { "required": ["diff"], "properties": { "diff": { "type": "string" } } },
    { "required": ["paths"], "properties": { "paths": { "type": "array" } } },
]))]
pub struct Preflight {
    /// The base branch.
    #[schemars(regex(pattern = r"\S"))]
    pub base: String,
    /// A unified diff against it; either this or `paths`.
    #[serde(default)]
    #[schemars(regex(pattern = r"(^|\n)(diff --git |\+\+\+ )"))]
    pub diff: Option<String>,
    /// Paths that it would change, relative to the root of the repository; either these or `diff`.
    #[serde(default)]
    #[schemars(length(min = 1), inner(regex(pattern = PATH)))]
    pub paths: Option<Vec<String>>,
}

/// A question that cannot be answered, and what to ask instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PreflightError {
    /// No base.
    #[error("`base` is empty: name the branch that the change is for, as in `main`")]
    NoBase,
    /// Both ways to say what changes, or none.
    #[error("send either `diff` (a unified diff) or `paths` (a list), not both")]
    NotOne,
    /// Nothing that changes.
    #[error("`paths` is empty: name at least one path, relative to the root of the repository")]
    NoPaths,
    /// A path that is none within a repository.
    #[error(
        "a path is empty or not relative to the root of the repository: write `src/lib.rs`, not `/src/lib.rs` or `./src/lib.rs`"
    )]
    Outside,
    /// No diff.
    #[error("`diff` names no file: send a unified diff as `git diff` writes it, with `---` and `+++` lines")]
    NoDiff,
}

impl Preflight {
    /// Whether it can be answered.
    ///
    /// # Errors
    /// What is wrong with it, and what to send instead.
    pub fn check(&self) -> Result<(), PreflightError> {
        if self.base.trim().is_empty() {
            return Err(PreflightError::NoBase);
        }
        let outside = |path: &String| path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        match (&self.diff, &self.paths) {
            (Some(_), Some(_)) | (None, None) => Err(PreflightError::NotOne),
            (None, Some(paths)) if paths.is_empty() => Err(PreflightError::NoPaths),
            (None, Some(paths)) if paths.iter().any(outside) => Err(PreflightError::Outside),
            (Some(diff), None)
                if !diff.lines().any(|line| line.starts_with("diff --git ") || line.starts_with("+++ ")) =>
            {
                Err(PreflightError::NoDiff)
            }
            (None, Some(_)) | (Some(_), None) => Ok(()),
        }
    }
}

/// What it would collide with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Foreseen {
    /// Collisions with open units, strongest first; with `paths` alone, files in common are all that can be said.
    pub collisions: Vec<ForeseenCollision>,
    /// Hot places in which it would collide with many at once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<ForeseenGroup>,
    /// Names of the rules that would apply, or may: what only the pull request itself will tell (author, labels, ...) is taken to fit.
    pub rules: Vec<String>,
}

/// A collision with an open unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForeseenCollision {
    /// The unit.
    pub with: PrNumber,
    /// The kind.
    pub kind: String,
    /// Where.
    pub paths: Vec<String>,
    /// Why, in one sentence.
    pub why: String,
}

/// A hot place that the change touches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ForeseenGroup {
    /// The path, or the name of the package or component.
    pub path: String,
    /// The kind.
    pub kind: String,
    /// Why, in one sentence.
    pub why: String,
}

/// What a change would collide with among the open units on its base, and which rules would apply to it.
#[must_use]
pub fn preflight(state: &State, context: &Context, ask: &Preflight) -> Foreseen {
    let tries = match (&ask.diff, &ask.paths) {
        (Some(diff), _) => vec![diff::footprint_of(diff)],
        // Whether a path is there already is not said, so both are asked: a file that others change, and one that others bring too.
        (None, Some(paths)) => vec![of_paths(paths, "modified"), of_paths(paths, "added")],
        (None, None) => Vec::new(),
    };
    let mut found: BTreeMap<(Kind, PrNumber), ForeseenCollision> = BTreeMap::new();
    let mut groups: Vec<ForeseenGroup> = Vec::new();
    for footprint in &tries {
        let (pairs, seats) = state.relations.preflight(&ask.base, footprint.clone());
        for (with, finding) in pairs {
            let collision =
                ForeseenCollision { with, kind: finding.kind.to_string(), paths: finding.paths, why: finding.why };
            found.entry((finding.kind, with)).or_insert(collision);
        }
        for group in seats.into_iter().map(group) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
    }
    let named: BTreeSet<PrNumber> = found.keys().map(|(_, with)| *with).collect();
    for (with, paths) in in_common(state, &ask.base, &tries) {
        if !named.contains(&with) {
            let why = format!("It touches {} too; which lines is not said.", paths.join(", "));
            let collision = ForeseenCollision { with, kind: Kind::Overlap.to_string(), paths, why };
            found.insert((Kind::Overlap, with), collision);
        }
    }
    Foreseen { collisions: found.into_values().collect(), groups, rules: rules::that_would_apply(state, context, ask) }
}

fn group(seat: GroupSeat) -> ForeseenGroup {
    let why = format!("At least {} open units collide with it in {}.", seat.others + 1, seat.path);
    ForeseenGroup { path: seat.path, kind: seat.kind.to_string(), why }
}

/// Open units that touch one of these paths, with the paths.
fn in_common(state: &State, base: &str, tries: &[Footprint]) -> BTreeMap<PrNumber, Vec<String>> {
    let mut common: BTreeMap<PrNumber, BTreeSet<String>> = BTreeMap::new();
    for footprint in tries {
        for file in &footprint.files {
            let alone = Footprint::known(vec![file.clone()]);
            for with in state.relations.sharing(base, &alone) {
                common.entry(with).or_default().insert(file.path.clone());
            }
        }
    }
    common.into_iter().map(|(with, paths)| (with, paths.into_iter().collect())).collect()
}

/// Paths alone: which lines they would change is not known.
fn of_paths(paths: &[String], status: &'static str) -> Footprint {
    let entry = |path| FileEntry { filename: path, status, additions: 1, deletions: 1, ..FileEntry::default() };
    footprint(paths.iter().map(|path| entry(path.as_str())), None)
}
