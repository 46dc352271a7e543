//! What would a change collide with, before it is written: a question only a system that holds all open work can answer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::state::State;
use crate::domain::ids::PrNumber;
use crate::domain::integration::collision::Kind;
use crate::domain::integration::files::{FileEntry, footprint};
use crate::domain::integration::footprint::Footprint;
use crate::domain::integration::index::GroupSeat;

/// A change that somebody thinks of making.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Preflight {
    /// The base branch.
    pub base: String,
    /// A unified diff against it.
    #[serde(default)]
    pub diff: Option<String>,
    /// Paths that it would change.
    #[serde(default)]
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
    #[error("a path is empty or not relative to the root of the repository: write `src/lib.rs`, not `/src/lib.rs` or `./src/lib.rs`")]
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
            (Some(diff), None) if !diff.lines().any(|line| line.starts_with("diff --git ") || line.starts_with("+++ ")) => {
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
    /// Rules that would apply.
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

/// What a change would collide with among the open units on its base.
#[must_use]
pub fn preflight(state: &State, ask: &Preflight) -> Foreseen {
    let ours = match (&ask.diff, &ask.paths) {
        (Some(diff), _) => of_diff(diff),
        (None, Some(paths)) => of_paths(paths),
        (None, None) => Footprint::default(),
    };
    let (pairs, groups) = state.relations.preflight(&ask.base, ours);
    let mut found: Vec<(Kind, ForeseenCollision)> = Vec::new();
    for (with, finding) in pairs {
        let kind = finding.kind.to_string();
        found.push((finding.kind, ForeseenCollision { with, kind, paths: finding.paths, why: finding.why }));
    }
    found.sort_by_key(|(kind, collision)| (*kind, collision.with));
    let group = |seat: GroupSeat| {
        let why = format!("At least {} open units collide with it in {}.", seat.others + 1, seat.path);
        ForeseenGroup { path: seat.path, kind: seat.kind.to_string(), why }
    };
    Foreseen {
        collisions: found.into_iter().map(|(_, collision)| collision).collect(),
        groups: groups.into_iter().map(group).collect(),
        rules: Vec::new(),
    }
}

/// Paths alone: which lines they would change is not known.
fn of_paths(paths: &[String]) -> Footprint {
    let entry =
        |path| FileEntry { filename: path, status: "modified", additions: 1, deletions: 1, ..FileEntry::default() };
    footprint(paths.iter().map(|path| entry(path.as_str())), None)
}

/// One file's part of a unified diff.
#[derive(Default)]
struct Part<'a> {
    before: Option<&'a str>,
    after: Option<&'a str>,
    patch: String,
    additions: u32,
    deletions: u32,
}

/// A unified diff as `git diff` writes it.
fn of_diff(diff: &str) -> Footprint {
    let mut parts: Vec<Part<'_>> = Vec::new();
    let mut in_hunk = false;
    for line in diff.lines() {
        if line.starts_with("diff --git ")
            || (!in_hunk && line.starts_with("--- ") && parts.last().is_none_or(|part| part.before.is_some()))
        {
            parts.push(Part::default());
            in_hunk = false;
        }
        let Some(part) = parts.last_mut() else { continue };
        if line.starts_with("@@") {
            in_hunk = true;
        } else if !in_hunk {
            if let Some(path) = line.strip_prefix("--- ") {
                part.before = Some(path);
            } else if let Some(path) = line.strip_prefix("+++ ") {
                part.after = Some(path);
            }
            continue;
        }
        part.additions += u32::from(line.starts_with('+'));
        part.deletions += u32::from(line.starts_with('-'));
        part.patch.push_str(line);
        part.patch.push('\n');
    }
    let named: Vec<(&Part<'_>, &str, &str)> =
        parts.iter().filter_map(|part| name(part).map(|(path, status)| (part, path, status))).collect();
    let entries = named.iter().map(|(part, filename, status)| FileEntry {
        filename,
        status,
        patch: Some(part.patch.as_str()),
        additions: part.additions,
        deletions: part.deletions,
        ..FileEntry::default()
    });
    footprint(entries, None)
}

/// The path and what happens to it, without git's `a/` and `b/`.
fn name<'a>(part: &Part<'a>) -> Option<(&'a str, &'static str)> {
    let path = |text: &'a str| {
        let text = text.split('\t').next().unwrap_or(text);
        text.strip_prefix("a/").or_else(|| text.strip_prefix("b/")).unwrap_or(text)
    };
    match (part.before.map(path), part.after.map(path)) {
        (Some("/dev/null"), Some(after)) => Some((after, "added")),
        (Some(before), Some("/dev/null")) => Some((before, "removed")),
        (_, Some(after)) => Some((after, "modified")),
        (Some(_) | None, None) => None,
    }
}
