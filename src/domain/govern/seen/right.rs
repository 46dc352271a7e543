//! What somebody may do in a repository, as GitHub answers it.

use serde::{Deserialize, Serialize};

/// What somebody may do in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// Nothing.
    None,
    /// Read.
    Read,
    /// Triage.
    Triage,
    /// Write.
    Write,
    /// Maintain.
    Maintain,
    /// Admin.
    Admin,
}

/// Somebody's right, as GitHub answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// The highest right from all sources; custom roles count as the right they are built on.
    pub right: Right,
    /// GitHub's name of the role.
    pub role: String,
}
