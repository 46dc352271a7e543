//! Where a unit stands: as last judged, with the permission to land, as its label shows it, and how it ended.

use serde::{Deserialize, Serialize};

use super::reason::Standing;
use crate::domain::ids::{CommitSha, Timestamp};

/// A standing with its reasons, as of the last judgment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stands {
    /// The standing.
    pub standing: Standing,
    /// Reason codes.
    pub codes: Vec<String>,
    /// Since when.
    pub since: Timestamp,
}

/// The permission to land: success on a head SHA.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The head it was given for.
    pub sha: CommitSha,
    /// Since when.
    pub since: Timestamp,
}

/// The label that we set last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labelled {
    /// For which standing.
    pub standing: Standing,
    /// Which; none where that standing has none, or it is still to come.
    pub name: Option<String>,
    /// GitHub refused: no more labels here until `/retry`.
    pub given_up: bool,
}

/// GitHub's auto-merge is on: GitHub lands the unit as soon as protection lets it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutoMerge {
    /// Who turned it on, by login, where GitHub says.
    pub by: Option<String>,
    /// Whether that was us: only then it is ours to turn off.
    pub ours: bool,
    /// Since when we know.
    pub since: Timestamp,
}

/// How a unit ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ending {
    /// When.
    pub at: Timestamp,
    /// Who ended it, by login.
    pub by: Option<String>,
    /// The commit it landed as.
    pub commit: Option<CommitSha>,
}
