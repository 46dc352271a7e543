//! What a policy is evaluated on: everything known about one unit and the people who spoke on it, as plain data.
//!
//! Each fact is known or unknown with a reason; unknown never counts as met. The same form is written in example units and recorded ones.

mod judged;
mod touched;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::judged::{ConfirmFact, EvidenceFact, Opinion, PersonFacts, RequiredName, ResultState, ReviewFact};
pub use self::touched::{AuthorFacts, AuthorKind, Change, PackageTouched, TouchedFile};
use super::codeowners::OwnerGroup;
use crate::domain::ids::Timestamp;

/// Something that was read, or could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
