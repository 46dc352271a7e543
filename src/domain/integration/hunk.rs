//! Replaced base lines, and digests by which equal edits are known.

use serde::{Deserialize, Serialize};

/// The base lines that a change replaces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Lines {
    /// All of them, ascending and apart from each other by at least one base line.
    Known(Vec<Hunk>),
    /// Which lines is not known, because: the patch was left out or cut off.
    Unknown(String),
}

impl Default for Lines {
    fn default() -> Self {
        Self::Known(Vec::new())
    }
}

impl Lines {
    /// Whether no line changes, for certain.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Known(hunks) if hunks.is_empty())
    }

    /// The hunks, as far as known.
    #[must_use]
    pub fn hunks(&self) -> &[Hunk] {
        match self {
            Self::Known(hunks) => hunks,
            Self::Unknown(_) => &[],
        }
    }
}

/// One replaced range of base lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "(u32, u32, u32, u64)", into = "(u32, u32, u32, u64)")]
pub struct Hunk {
    /// The first replaced base line, counted from 0; where nothing is replaced, the line before which lines are inserted.
    pub start: u32,
    /// How many base lines are replaced; 0 for an insertion.
    pub removed: u32,
    /// How many lines stand there instead.
    pub added: u32,
    /// A digest of those lines: two equal hunks in one base are the same edit.
    pub digest: u64,
}

impl Hunk {
    /// The base line after the last replaced one.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.start.saturating_add(self.removed)
    }

    /// How many lines would have to be written again.
    #[must_use]
    pub fn weight(&self) -> u32 {
        self.removed.saturating_add(self.added)
    }

    /// Whether git could not apply both: they overlap or touch, and are not the same edit.
    #[must_use]
    pub fn clashes_with(&self, other: &Self) -> bool {
        self.touches(other) && self != other
    }

    /// Whether they overlap or are adjacent. Git merges two edits only where a base line between them is left alone.
    #[must_use]
    pub fn touches(&self, other: &Self) -> bool {
        self.start <= other.end() && other.start <= self.end()
    }
}

impl From<(u32, u32, u32, u64)> for Hunk {
    fn from((start, removed, added, digest): (u32, u32, u32, u64)) -> Self {
        Self { start, removed, added, digest }
    }
}

impl From<Hunk> for (u32, u32, u32, u64) {
    fn from(hunk: Hunk) -> Self {
        (hunk.start, hunk.removed, hunk.added, hunk.digest)
    }
}

/// A digest that is the same on every machine and in every version: 64-bit FNV-1a.
#[derive(Debug, Clone, Copy)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Digest {
    /// Takes in more bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }

    /// The digest of all bytes taken in.
    #[must_use]
    pub fn finish(self) -> u64 {
        self.0
    }

    /// The digest of these bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> u64 {
        let mut digest = Self::default();
        digest.update(bytes);
        digest.finish()
    }
}
