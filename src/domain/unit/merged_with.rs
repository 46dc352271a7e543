//! What a real merge with another open unit said.

use serde::{Deserialize, Serialize};

use crate::domain::ids::CommitSha;
use crate::domain::integration::merged::Stop;

/// What a real merge with another open unit said. It counts while both heads are what they were.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedWith {
    /// The head of the unit that asked.
    pub of: CommitSha,
    /// The other's head.
    pub sha: CommitSha,
    /// Where the second of the two would stop; nothing: they merge.
    #[serde(default)]
    pub stops: Vec<Stop>,
    /// Whether the first head holds the second.
    #[serde(default)]
    pub built_on: bool,
}
