//! What a policy is evaluated on: everything known about one unit and the people who spoke on it, as plain data.
//!
//! Each fact is known or unknown with a reason; unknown never counts as met. The same form is written in example units and recorded ones.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::codeowners::OwnerGroup;
use crate::domain::govern::Right;
use crate::domain::ids::Timestamp;

/// Something that was read, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Known<T> {
    /// It is not known.
    Unknown {
        /// Why, in a sentence without a full stop.
        unknown: String,
    },
    /// It is this.
    Known(T),
}

impl<T: Default> Default for Known<T> {
    fn default() -> Self {
        Self::Known(T::default())
    }
}

impl<T> Known<T> {
    /// It is not known, because.
    pub fn unknown(because: impl Into<String>) -> Self {
        Self::Unknown { unknown: because.into() }
    }

    /// The value, or why there is none.
    ///
    /// # Errors
    /// Why it is not known.
    pub fn get(&self) -> Result<&T, &str> {
        match self {
            Self::Known(value) => Ok(value),
            Self::Unknown { unknown } => Err(unknown),
        }
    }
}

/// Everything about a unit that policy may ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct UnitFacts {
    /// Its number.
    pub number: u64,
    /// Its title: hostile text.
    pub title: String,
    /// The base branch.
    pub base: String,
    /// Whether it is a draft.
    pub draft: bool,
    /// Whether its head lies in another repository.
    pub from_fork: bool,
    /// Who opened it.
    pub author: AuthorFacts,
    /// Logins of co-authors that commits name.
    pub co_authors: Vec<String>,
    /// Label names.
    pub labels: Vec<String>,
    /// Lines added.
    pub additions: u64,
    /// Lines deleted.
    pub deletions: u64,
    /// What it touches.
    pub files: Known<Vec<TouchedFile>>,
    /// The packages it moves.
    pub packages: Known<Vec<PackageTouched>>,
    /// What protection of the base branch requires, other than our own check.
    pub protection: Known<Vec<RequiredName>>,
    /// Results on the head.
    pub evidence: Known<Vec<EvidenceFact>>,
    /// Each reviewer's newest review that counts.
    pub reviews: Known<Vec<ReviewFact>>,
    /// Confirms that are in force for this head.
    pub confirms: Vec<ConfirmFact>,
    /// What is known of the people who spoke, by login in lower case.
    pub people: BTreeMap<String, PersonFacts>,
    /// The owners of the touched paths, as `CODEOWNERS` on the base names them; one entry for each set of owners.
    pub owners: Known<Vec<OwnerGroup>>,
    /// The time of the judgment; where a rule has a window and this is absent, it cannot tell.
    pub now: Option<Timestamp>,
}

impl Default for UnitFacts {
    fn default() -> Self {
        Self {
            number: 0,
            title: String::new(),
            base: "main".to_owned(),
            draft: false,
            from_fork: false,
            author: AuthorFacts::default(),
            co_authors: Vec::new(),
            labels: Vec::new(),
            additions: 0,
            deletions: 0,
            files: Known::default(),
            packages: Known::default(),
            protection: Known::default(),
            evidence: Known::default(),
            reviews: Known::default(),
            confirms: Vec::new(),
            people: BTreeMap::new(),
            owners: Known::default(),
            now: None,
        }
    }
}

/// Who opened a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
}

/// A file that is touched: its path as text, or with more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

/// A check that protection requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum RequiredName {
    /// By name, from anyone.
    Name(String),
    /// By name and App.
    Full {
        /// The name.
        name: String,
        /// The App's id.
        app: Option<u64>,
    },
}

/// A result on the head.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvidenceFact {
    /// Its name.
    pub name: String,
    /// The App that reported it.
    pub app: Option<u64>,
    /// What it says.
    pub state: ResultState,
    /// What landed since and is related, as `#12`, if anything.
    pub related_landed: Option<String>,
    /// What landed on the base since, as `#12`, if anything.
    pub landed: Option<String>,
}

/// What a result says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResultState {
    /// It passes.
    #[default]
    Passing,
    /// It is not there yet.
    Pending,
    /// It fails.
    Failing,
}

/// Somebody's newest review that counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReviewFact {
    /// By login.
    pub by: String,
    /// What it says.
    pub state: Opinion,
    /// Whether it was made on an older head.
    pub outdated: bool,
}

/// What a review says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Opinion {
    /// It approves.
    #[default]
    Approved,
    /// It asks for changes.
    ChangesRequested,
    /// It was dismissed.
    Dismissed,
}

/// A confirm: by login, or with how it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ConfirmFact {
    /// By `/confirm` or the button.
    By(String),
    /// With how it was given.
    Full {
        /// By login.
        by: String,
        /// Whether it is an approving review.
        #[serde(default)]
        review: bool,
    },
}

impl ConfirmFact {
    /// Who.
    #[must_use]
    pub fn by(&self) -> &str {
        match self {
            Self::By(by) | Self::Full { by, .. } => by,
        }
    }

    /// Whether it is an approving review.
    #[must_use]
    pub fn is_review(&self) -> bool {
        matches!(self, Self::Full { review: true, .. })
    }
}

/// What is known of a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PersonFacts {
    /// The numeric id; 0 where it is not known.
    pub id: u64,
    /// Whether it is an account of a bot or an App.
    pub bot: bool,
    /// Their right here; absent where it was not asked.
    pub right: Option<Known<Right>>,
    /// Active membership in teams (`organisation/team` in lower case), child teams included; absent where it was not asked.
    pub teams: BTreeMap<String, Known<bool>>,
}

impl UnitFacts {
    /// Lines added and deleted.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.additions.saturating_add(self.deletions)
    }

    /// What is known of somebody.
    #[must_use]
    pub fn person(&self, login: &str) -> Option<&PersonFacts> {
        self.people.get(&login.to_ascii_lowercase())
    }

    /// Whether somebody opened it or wrote a part of it. An account that was renamed is known by its id.
    #[must_use]
    pub fn is_author(&self, login: &str) -> bool {
        let id = self.person(login).map_or(0, |person| person.id);
        self.author.login.eq_ignore_ascii_case(login)
            || id != 0 && id == self.author.id
            || self.co_authors.iter().any(|other| other.eq_ignore_ascii_case(login))
    }
}

/// Whether a text fits a pattern in which `*` stands for any text. Case does not count.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.to_ascii_lowercase(), text.to_ascii_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}
