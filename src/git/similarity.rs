//! How alike two files are, on git's scale, so that renames are the ones git sees.
//!
//! Git cuts both contents into lines (of at most 64 bytes), weighs each distinct piece by its bytes, and calls the share that both have the
//! similarity, of 60,000. Contract: `git help diff`, `--find-renames`, and the behaviour of git 2.47.

use std::collections::HashMap;

use gix::bstr::ByteSlice;

use super::hashing::ById;

/// The whole scale.
pub(super) const MAX_SCORE: u64 = 60_000;
/// From here on a rename is a rename: half alike.
pub(super) const MIN_SCORE: u64 = MAX_SCORE / 2;
/// What files of one name need, where there is only one of that name on either side.
pub(super) const MIN_BASENAME_SCORE: u64 = MAX_SCORE * 3 / 4;

/// Pieces are told apart by a hash of this many values, as git does; it may take two for one, and so do we.
const HASHES: u32 = 107_927;
const PIECE: usize = 64;

/// The bytes of each distinct piece.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    bytes: HashMap<u32, u64, ById>,
    size: u64,
}

impl Pieces {
    pub(super) fn of(content: &[u8]) -> Self {
        let text = !is_binary(content);
        let mut pieces = Self { bytes: HashMap::default(), size: content.len() as u64 };
        let (mut high, mut low, mut length) = (0_u32, 0_u32, 0_usize);
        for (at, byte) in content.iter().enumerate() {
            if text && *byte == b'\r' && content.get(at + 1) == Some(&b'\n') {
                continue;
            }
            let old = high;
            high = (high << 7) ^ (low >> 25);
            low = (low << 7) ^ (old >> 25);
            high = high.wrapping_add(u32::from(*byte));
            length += 1;
            if length >= PIECE || *byte == b'\n' {
                pieces.add(high, low, length);
                (high, low, length) = (0, 0, 0);
            }
        }
        if length > 0 {
            pieces.add(high, low, length);
        }
        pieces
    }

    fn add(&mut self, high: u32, low: u32, length: usize) {
        let hash = high.wrapping_add(low.wrapping_mul(0x61)) % HASHES;
        *self.bytes.entry(hash).or_default() += length as u64;
    }

    /// The similarity of two contents; 0 where sizes alone rule it out.
    pub(super) fn score(&self, other: &Self) -> u64 {
        if !may_be_alike(self.size, other.size) {
            return 0;
        }
        // A sum does not depend on the order in which the pieces come.
        #[expect(clippy::iter_over_hash_type, reason = "a sum over all entries has no order")]
        let common = {
            let mut common = 0;
            for (hash, bytes) in &self.bytes {
                common += other.bytes.get(hash).map_or(0, |theirs| (*theirs).min(*bytes));
            }
            common
        };
        common * MAX_SCORE / self.size.max(other.size)
    }
}

/// Whether sizes alone leave it open that two contents are half alike.
pub(super) fn may_be_alike(one: u64, other: u64) -> bool {
    let (small, large) = (one.min(other), one.max(other));
    large > 0 && large * (MAX_SCORE - MIN_SCORE) >= (large - small) * MAX_SCORE
}

/// Git's rule: a NUL among the first 8,000 bytes.
pub(super) fn is_binary(content: &[u8]) -> bool {
    content[..content.len().min(8000)].find_byte(0).is_some()
}
