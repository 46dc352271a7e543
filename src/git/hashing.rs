//! Hashing of keys that are made of object ids: those are hashes already.

use std::hash::{BuildHasherDefault, Hasher};

/// Maps by object ids.
pub(super) type ById = BuildHasherDefault<IdHasher>;

/// Spreads the first bytes of each part of a key; what follows them in an id says nothing new.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct IdHasher(u64);

/// Odd, its bits without a pattern: the golden ratio in 64 bits.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        let word = bytes.iter().take(8).fold(0, |word, byte| (word << 8) | u64::from(*byte));
        self.write_u64(bytes.first_chunk().map_or(word, |first| u64::from_le_bytes(*first)));
    }

    fn write_u32(&mut self, word: u32) {
        self.write_u64(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(29) ^ word).wrapping_mul(SPREAD);
    }

    fn finish(&self) -> u64 {
        self.0.rotate_left(31)
    }
}
