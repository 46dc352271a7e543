//! A unit's trace as people read it: what happened, in sentences, and what was believed at any moment of it.
//!
//! The trace holds facts, decisions and judgments, not whole briefs: of a moment it says what its entries up to then say.

mod belief;
mod told;

use serde::Deserialize;
use serde_json::Value;

pub use belief::{Belief, Difference, differences};
pub use told::told;

use crate::domain::ids::Timestamp;

/// One entry of a trace, read back.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: u64,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// What kind of entry.
    pub kind: String,
    /// What there is to know: hostile text in part.
    pub data: Value,
    /// The policy it was judged under.
    pub policy: String,
    /// Its link in the chain.
    pub hash: String,
}

/// The entries of a trace; a line that is none is passed over.
#[must_use]
pub fn entries(lines: &[String]) -> Vec<Entry> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

/// A text in an entry's data, or nothing.
fn text<'a>(data: &'a Value, key: &str) -> &'a str {
    data[key].as_str().unwrap_or("")
}

/// A commit as people name it.
fn short(sha: &str) -> &str {
    sha.get(..7).unwrap_or(sha)
}

/// A code as words.
fn words(code: &str) -> String {
    code.replace('_', " ")
}

#[cfg(test)]
mod tests;
