//! Hashes that whoever chooses the words cannot foresee, and that grow with a word byte by byte.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// What the hashes of one index start from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed {
    factor: u64,
    start: u64,
}

impl Seed {
    /// A seed that nobody knows.
    pub(super) fn random() -> Self {
        let chance = RandomState::new();
        Self { factor: chance.hash_one(1_u8) | 1, start: chance.hash_one(2_u8) }
    }

    /// A seed under which all words have one hash.
    #[cfg(test)]
    pub(super) fn hopeless() -> Self {
        Self { factor: 0, start: 0 }
    }

    /// The hash of the empty word.
    pub(super) fn empty(&self) -> Rolling {
        Rolling(self.start)
    }

    /// The hash of a word that is one byte longer.
    pub(super) fn longer(&self, word: Rolling, byte: u8) -> Rolling {
        Rolling(fold(word.0 ^ u64::from(byte), self.factor))
    }

    /// The hash of a whole word.
    pub(super) fn word(&self, word: &str) -> Rolling {
        word.bytes().fold(self.empty(), |hash, byte| self.longer(hash, byte))
    }

    /// The hash of a word for a purpose in a place that is known by its salt.
    pub(super) fn place(&self, word: Rolling, salt: u64, purpose: u8) -> u64 {
        fold(word.0 ^ salt, self.factor.wrapping_add(u64::from(purpose) << 1))
    }
}

/// The hash of what was read of a word.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rolling(u64);

impl BuildHasher for Seed {
    type Hasher = IdHasher;

    fn build_hasher(&self) -> IdHasher {
        IdHasher { factor: self.factor, state: self.start }
    }
}

/// Hashes ids: a few words of eight bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdHasher {
    factor: u64,
    state: u64,
}

impl Hasher for IdHasher {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.write_u64(u64::from_le_bytes(*eight));
        }
        if !rest.is_empty() {
            self.write_u64(rest.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)));
        }
    }

    fn write_u8(&mut self, number: u8) {
        self.write_u64(number.into());
    }

    fn write_u64(&mut self, number: u64) {
        self.state = fold(self.state ^ number, self.factor);
    }

    fn write_usize(&mut self, number: usize) {
        self.state = self.state.wrapping_add(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.state = self.state.wrapping_add(number as u64);
    }

    fn finish(&self) -> u64 {
        self.state
    }
}

/// Takes a hash for itself.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct AsItIs(u64);

impl Hasher for AsItIs {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// Multiplies, and lays one half of the product on the other.
fn fold(one: u64, other: u64) -> u64 {
    let product = u128::from(one) * u128::from(other);
    (product ^ product >> 64) as u64
}
