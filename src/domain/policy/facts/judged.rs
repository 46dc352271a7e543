//! What was said about a unit: results, reviews, confirms, and what is known of the people.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Known;
use crate::domain::govern::Right;

/// A check that protection requires.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
