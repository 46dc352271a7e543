//! What was read for the judgment of a unit: the people who spoke on it, and the policy file that its head carries.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::domain::govern::Right;
use crate::domain::ids::{CommitSha, Timestamp};

/// The policy file that a head carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyRead {
    /// The head.
    pub sha: CommitSha,
    /// What keeps it from coming into force, with line and column.
    pub fault: Option<String>,
    /// What it would change for other open units, a line each, as of when it was read.
    #[serde(default)]
    pub changes: Vec<String>,
}

/// What was read of somebody in a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// When.
    pub at: Timestamp,
    /// Whether they are an active member; absent where it could not be read.
    pub member: Option<bool>,
}

/// What was read of somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// When.
    pub at: Timestamp,
    /// Their right here, if it was asked.
    #[serde(default)]
    pub right: Option<Right>,
    /// Membership by team.
    #[serde(default)]
    pub teams: BTreeMap<String, Membership>,
    /// Why something of them could not be read.
    #[serde(default)]
    pub unread: Option<String>,
}

impl Person {
    /// Somebody of whom nothing was read yet.
    #[must_use]
    pub const fn unknown(at: Timestamp) -> Self {
        Self { at, right: None, teams: BTreeMap::new(), unread: None }
    }
}
