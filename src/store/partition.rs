//! Partitions: the unit of ownership, of ordering and of atomic commits.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::ids::RepoId;

/// One of 256 partitions. A repository belongs to one for ever: the number is a fixed hash of its numeric id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Partition(u8);

impl Partition {
    /// How many there are. Stored data depends on it.
    pub const COUNT: usize = 256;

    /// The partition of a repository. Fibonacci hashing: neighbouring ids spread evenly.
    #[must_use]
    pub const fn of(repo: RepoId) -> Self {
        let [top, ..] = repo.0.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        Self(top)
    }

    /// The partition with this number.
    #[must_use]
    pub const fn numbered(number: u8) -> Self {
        Self(number)
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    /// All of them, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..=u8::MAX).map(Self)
    }
}

/// As in keys and logs: `p` and two hex digits.
impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p{:02x}", self.0)
    }
}
