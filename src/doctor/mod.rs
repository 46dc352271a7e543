//! Finds what keeps a server or a repository from being governed, and says the next step in a sentence.
//!
//! ```text
//! examine: asks GitHub and the store ─> judge/*: pure functions from what was seen to checks ─> Report
//! kept: one examination at a time, its report good for a minute
//! ```
//!
//! The command `flyball doctor` and the page `/doctor` show the same [`Report`]. Whatever cannot be read is a check of its own that
//! *could not be checked*, with the reason: silence never looks like health.

mod examine;
mod judge;
mod kept;

use std::fmt;

use serde::Serialize;

use crate::domain::ids::Timestamp;

pub use examine::{Examiner, KeptWhere, Scope};
pub use kept::{Kept, Latest};

/// How a check came out, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it has to be.
    Ok,
    /// It works, and something could be better or may break.
    Warning,
    /// Nobody knows: what was asked did not answer.
    Unknown,
    /// Something does not work.
    Broken,
}

impl Verdict {
    /// In words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Unknown => "could not be checked",
            Self::Broken => "broken",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Its stable name, as in `webhook.secret`.
    pub name: &'static str,
    /// The installation or the repository that it is about; absent: the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// How it came out.
    pub verdict: Verdict,
    /// What was seen.
    pub seen: String,
    /// What to do, in one sentence; absent where nothing is to be done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl Check {
    fn new(name: &'static str, verdict: Verdict, seen: impl Into<String>) -> Self {
        Self { name, about: None, verdict, seen: seen.into(), next: None }
    }

    fn ok(name: &'static str, seen: impl Into<String>) -> Self {
        Self::new(name, Verdict::Ok, seen)
    }

    fn warning(name: &'static str, seen: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(name, Verdict::Warning, seen).then(next)
    }

    fn broken(name: &'static str, seen: impl Into<String>, next: impl Into<String>) -> Self {
        Self::new(name, Verdict::Broken, seen).then(next)
    }

    fn unknown(name: &'static str, because: impl Into<String>) -> Self {
        Self::new(name, Verdict::Unknown, because)
    }

    fn then(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    fn about(self, what: &str) -> Self {
        Self { about: Some(what.to_owned()), ..self }
    }
}

/// Everything that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// When the examination ended.
    pub at: Timestamp,
    /// Whether GitHub could be asked at all.
    pub reached: bool,
    /// Every check: those of the server, then by installation, then by repository.
    pub checks: Vec<Check>,
}

impl Report {
    /// How many checks came out so.
    #[must_use]
    pub fn count(&self, verdict: Verdict) -> usize {
        self.checks.iter().filter(|check| check.verdict == verdict).count()
    }

    /// Whether anything is broken.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.count(Verdict::Broken) > 0
    }

    /// The counts in a sentence.
    #[must_use]
    pub fn summary(&self) -> String {
        let counted = [Verdict::Broken, Verdict::Warning, Verdict::Unknown, Verdict::Ok]
            .map(|verdict| (self.count(verdict), verdict.words()))
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, words)| format!("{count} {words}"));
        counted.collect::<Vec<_>>().join(", ")
    }
}
