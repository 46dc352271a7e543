//! What GitHub did not tell yet, and when it is asked again.

use serde::{Deserialize, Serialize};

use crate::domain::ids::Timestamp;

/// Something that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Why, in a sentence.
    pub because: String,
    /// How often in a row.
    pub tries: u32,
    /// When to ask again.
    pub again_at: Timestamp,
}

/// Words of somebody of whom GitHub did not say yet whether they may.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// Their right.
    #[serde(flatten)]
    pub unread: Unread,
    /// Whether one of them wants it stopped: then nothing lands until it is known.
    #[serde(default = "yes")]
    pub stops: bool,
}

/// Only stops were kept before.
const fn yes() -> bool {
    true
}

/// A question to GitHub that it is still working out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recheck {
    /// How often it was asked.
    pub tries: u32,
    /// When to ask again.
    pub again_at: Timestamp,
}
