//! What a unit is: who opened it, the files and packages it touches.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Who opened a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuthorFacts {
    /// The login.
    pub login: String,
    /// The numeric id; 0 where it is not known. It outlives a change of the login.
    pub id: u64,
    /// What they are.
    pub kind: AuthorKind,
    /// An agent's name: `copilot`, `claude` ...
    pub name: Option<String>,
    /// The agent that a `Co-authored-by:` line names. Anybody can write such a line, so that it may only add care: what depends on it is
    /// unknown, which applies where something is required and not where something would be permitted.
    pub by_trailer: Option<String>,
}

/// What an author is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorKind {
    /// A person.
    #[default]
    Human,
    /// A coding agent, or a person whose commits an agent co-wrote.
    Agent,
    /// A bot that does one known thing, such as moving dependencies.
    Bot,
    /// Any other App.
    App,
}

impl AuthorKind {
    /// As written in a policy.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Agent => "agent",
            Self::Bot => "bot",
            Self::App => "app",
        }
    }

    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Human, Self::Agent, Self::Bot, Self::App];

    /// The kind of that word; a person where it is none.
    #[must_use]
    pub fn named(word: &str) -> Self {
        Self::ALL.into_iter().find(|kind| kind.word() == word).unwrap_or_default()
    }
}

/// A file that is touched: its path as text, or with more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum TouchedFile {
    /// A file that is changed in place.
    Path(String),
    /// A file with the way it is changed.
    Full {
        /// Its path now, or before where it is deleted.
        path: String,
        /// Its path before a rename.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        was: Option<String>,
        /// The way.
        #[serde(default)]
        change: Change,
    },
}

impl TouchedFile {
    /// Its path.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::Path(path) | Self::Full { path, .. } => path,
        }
    }

    /// Its path before a rename.
    #[must_use]
    pub fn was(&self) -> Option<&str> {
        if let Self::Full { was, .. } = self { was.as_deref() } else { None }
    }

    /// The way it is changed.
    #[must_use]
    pub fn change(&self) -> Change {
        if let Self::Full { change, .. } = self { *change } else { Change::Modified }
    }
}

/// The way a file is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// It is new.
    Added,
    /// Its content changes.
    #[default]
    Modified,
    /// It goes away.
    Deleted,
    /// It gets another path.
    Renamed,
}

impl Change {
    /// As written.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Modified => "modified",
            Self::Deleted => "deleted",
            Self::Renamed => "renamed",
        }
    }
}

/// A package that is moved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PackageTouched {
    /// Its name.
    pub name: String,
    /// The family: `cargo`, `npm` ...
    pub ecosystem: String,
    /// The requirement before; absent where it is new.
    pub old: Option<String>,
    /// The requirement after; absent where it is removed.
    pub new: Option<String>,
}
