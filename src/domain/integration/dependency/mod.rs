//! Dependencies: this unit needs another to land first.
//!
//! [`declared`] reads them from texts; stacked bases, commands and lessons give them as [`Source`]. What became of the other unit is a
//! [`Fate`], read by the shell; [`bearing`] says what that means. [`cycles()`] names dependencies that can never be met.

mod cycles;
mod text;

use serde::{Deserialize, Serialize};

pub use self::cycles::{Cycle, cycles};
pub use self::text::{Declared, declared};
use crate::domain::ids::PrNumber;

/// A pull request as people refer to it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reference {
    /// `owner/repo` as written; none: the repository of the unit itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repo: Option<String>,
    /// Its number.
    pub number: PrNumber,
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.repo.as_deref().unwrap_or(""), self.number)
    }
}

impl Reference {
    /// Whether it means this unit; GitHub's names do not tell cases apart.
    #[must_use]
    pub fn is(&self, full_name: &str, number: PrNumber) -> bool {
        self.number == number && self.repo.as_deref().is_none_or(|repo| repo.eq_ignore_ascii_case(full_name))
    }

    /// The same reference without a repository that is `full_name` itself.
    #[must_use]
    pub fn within(mut self, full_name: &str) -> Self {
        if self.repo.as_deref().is_some_and(|repo| repo.eq_ignore_ascii_case(full_name)) {
            self.repo = None;
        }
        self
    }
}

/// Where a dependency comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A `Depends-On:` line of the body.
    Body,
    /// A `Depends-On:` trailer of a commit.
    Trailer,
    /// Its base branch is the other's head branch, or its head is built on the other's.
    Stacked,
    /// `/after`.
    Command,
    /// A lesson of the policy.
    Lesson,
}

impl Source {
    /// Why, as a sentence.
    #[must_use]
    pub fn why(self) -> &'static str {
        match self {
            Self::Body => "Its description says so (Depends-On).",
            Self::Trailer => "A commit says so (Depends-On).",
            Self::Stacked => "It is built on the other's branch.",
            Self::Command => "Somebody said so (/after).",
            Self::Lesson => "A lesson of the policy says so.",
        }
    }
}

/// What became of the unit that is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum Fate {
    /// It is the unit itself.
    Itself,
    /// It is open, on the base that was expected.
    Open,
    /// It is open, but wants to land on another base now.
    Moved {
        /// The base that it wants to land on.
        base: String,
    },
    /// It landed.
    Landed,
    /// It was closed without landing.
    Closed,
    /// There is no such pull request.
    Missing,
    /// Its repository cannot be read.
    Unreadable,
}

/// What a dependency means for the unit now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bearing {
    /// Whether it stands in the way.
    pub unmet: bool,
    /// The reason code, where it does.
    pub code: Option<&'static str>,
    /// In one sentence.
    pub why: String,
}

/// What a dependency on `reference` means, given what became of it.
#[must_use]
pub fn bearing(reference: &Reference, fate: &Fate) -> Bearing {
    let unmet = |code, why| Bearing { unmet: true, code: Some(code), why };
    match fate {
        Fate::Landed => Bearing { unmet: false, code: None, why: format!("{reference} has landed.") },
        Fate::Open => unmet("waits.dependency", format!("{reference} has to land first.")),
        Fate::Moved { base } => {
            unmet("waits.dependency", format!("{reference} has to land first, and it wants to land on {base} now."))
        }
        Fate::Itself => {
            unmet("blocked.dependency.cycle", format!("It names itself ({reference}) as what it depends on."))
        }
        Fate::Closed => unmet("blocked.dependency.closed", format!("{reference} was closed without landing.")),
        Fate::Missing => unmet("blocked.dependency.unreadable", format!("There is no pull request {reference}.")),
        Fate::Unreadable => {
            unmet("blocked.dependency.unreadable", format!("{reference} is in a repository that Flyball cannot read."))
        }
    }
}
