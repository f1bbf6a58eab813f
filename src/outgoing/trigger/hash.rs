//! Hashes that whoever chooses the words cannot foresee, and that grow with a word byte by byte.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use crate::id::ID_BYTES;

/// What the hashes of one index start from.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed {
    factor: u64,
    start: u64,
    twist: u64,
}

impl Seed {
    /// A seed that nobody knows.
    pub(super) fn random() -> Self {
        let chance = RandomState::new();
        let [factor, start, twist] = [1_u8, 2, 3].map(|number| chance.hash_one(number));
        Self { factor, start, twist }
    }

    /// A seed under which all words have one hash.
    #[cfg(test)]
    pub(super) fn hopeless() -> Self {
        Self { factor: 0, start: 0, twist: 0 }
    }

    /// The hash of the empty word.
    pub(super) fn empty(&self) -> Rolling {
        Rolling(self.start)
    }

    /// The hash of a word that is one byte longer.
    pub(super) fn longer(&self, word: Rolling, byte: u8) -> Rolling {
        Rolling(fold(word.0 ^ u64::from(byte), self.factor))
    }

    /// The hash of a word that grew.
    pub(super) fn grown(&self, word: &str) -> Rolling {
        word.bytes().fold(self.empty(), |hash, byte| self.longer(hash, byte))
    }

    /// The hash of a word as a whole, which is quicker and has nothing to do with the other.
    pub(super) fn whole(&self, word: &str) -> Rolling {
        let mut hasher = self.build_hasher();
        hasher.write_usize(word.len());
        hasher.write(word.as_bytes());
        Rolling(hasher.finish())
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
        IdHasher { seed: *self, state: self.start }
    }
}

/// Hashes ids: a few words of eight bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct IdHasher {
    seed: Seed,
    state: u64,
}

impl IdHasher {
    /// Takes the bytes of an id, in two products that need not wait for each other.
    #[inline]
    fn id(&mut self, id: &[u8; ID_BYTES]) {
        let [[a, b, c], [.., last]] = [0, ID_BYTES - 24].map(|from| {
            std::array::from_fn(|number| {
                let eight = id.get(from + 8 * number..).and_then(|rest| rest.first_chunk());
                u64::from_le_bytes(eight.copied().unwrap_or_default())
            })
        });
        let Seed { factor, start, twist } = self.seed;
        self.state = fold(a ^ self.state, b ^ factor) ^ fold(c ^ twist, last ^ start);
    }
}

impl Hasher for IdHasher {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if let Ok(id) = bytes.try_into() {
            return self.id(id);
        }
        let (eights, rest) = bytes.as_chunks::<8>();
        for eight in eights {
            self.write_u64(u64::from_le_bytes(*eight));
        }
        if !rest.is_empty() {
            let mut last = [0; 8];
            last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
            self.write_u64(u64::from_le_bytes(last));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.state = fold(self.state ^ number, self.seed.factor);
    }

    /// Lengths and variants: mixed in by what follows.
    fn write_usize(&mut self, number: usize) {
        self.state = self.state.wrapping_add(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_usize(number.cast_unsigned());
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

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::id::{ChannelId, OutgoingHookId, TeamId};

    /// Whether hashes are all different, and use both ends of their bits as a table does.
    fn spread(hashes: &[u64]) {
        let different = |part: fn(u64) -> u64| hashes.iter().map(|hash| part(*hash)).collect::<HashSet<_>>().len();
        assert_eq!(different(|hash| hash), hashes.len());
        let buckets = different(|hash| hash & 0xFFF);
        assert!(buckets > 2_000, "{buckets} of 4,096 buckets for {} hashes", hashes.len());
        assert_eq!(different(|hash| hash >> 57), 128);
    }

    #[test]
    fn words_purposes_and_places_have_hashes_of_their_own() {
        let seed = Seed::random();
        let words = (b'!'..=b'~').flat_map(|one| (b'!'..=b'~').map(move |other| [one, other]));
        let words: Vec<_> = words.map(|word| String::from_utf8(word.to_vec()).unwrap()).collect();
        for hash in [Seed::grown, Seed::whole] {
            spread(&words.iter().map(|word| seed.place(hash(&seed, word), 7, 0)).collect::<Vec<_>>());
        }
        let words: Vec<_> = words.iter().map(|word| seed.whole(word)).collect();
        spread(&(0..5_000).map(|salt| seed.place(words[0], salt, 0)).collect::<Vec<_>>());
        let purposes: HashSet<_> = (0..3).map(|purpose| seed.place(words[0], 7, purpose)).collect();
        assert_eq!(purposes.len(), 3);
    }

    #[test]
    fn the_hash_of_a_word_grows_byte_by_byte() {
        let seed = Seed::random();
        let grown = "ship".bytes().fold(seed.empty(), |hash, byte| seed.longer(hash, byte));
        assert_eq!(grown.0, seed.grown("ship").0);
        assert_ne!(grown.0, seed.grown("shi").0);
        assert_eq!(seed.empty().0, seed.grown("").0);
        assert_ne!(seed.whole("a\0").0, seed.whole("a").0);
    }

    #[test]
    fn no_two_seeds_are_the_same() {
        let hashes: HashSet<_> = (0..100).map(|_| Seed::random().whole("ship").0).collect();
        assert_eq!(hashes.len(), 100);
    }

    #[test]
    fn ids_have_hashes_of_their_own() {
        let seed = Seed::random();
        let id = |number: u16| OutgoingHookId::from_random([number.to_be_bytes(); 8].concat().try_into().unwrap());
        spread(&(0..5_000).map(|number| seed.hash_one(id(number))).collect::<Vec<_>>());
        let changed = |place: usize, letter: u8| {
            let mut text = *b"ybndrfg8ejkmcpqxot1uwisza3";
            text[place] = letter;
            OutgoingHookId::parse(std::str::from_utf8(&text).unwrap()).unwrap()
        };
        let ids = (0..ID_BYTES).flat_map(|place| (b'A'..=b'Z').map(move |letter| changed(place, letter)));
        let hashes: HashSet<_> = ids.map(|id| seed.hash_one(id)).collect();
        assert_eq!(hashes.len(), ID_BYTES * 26, "each letter counts");
        spread(&(0..5_000_u64).map(|number| seed.hash_one(number)).collect::<Vec<_>>());
        assert_ne!(seed.hash_one(0_usize), seed.hash_one(1_usize));
        assert_ne!(seed.hash_one(0_isize), seed.hash_one(1_isize));
        let team = TeamId::from_random([1; 16]);
        let places = [None, Some(ChannelId::from_random([1; 16])), Some(ChannelId::from_random([2; 16]))];
        let places: HashSet<_> = places.iter().map(|channel| seed.hash_one((channel, team))).collect();
        assert_eq!(places.len(), 3);
        let ends = [b"12345678ab", b"12345678ac", b"12345678ba", b"12345678ca"];
        let ends: HashSet<_> = ends.iter().map(|bytes| seed.hash_one(*bytes)).collect();
        assert_eq!(ends.len(), 4);
    }

    #[test]
    fn a_hash_passes_as_it_is() {
        let mut hasher = AsItIs::default();
        hasher.write_u64(7);
        assert_eq!(hasher.finish(), 7);
        let bytes = |bytes: &[u8]| {
            let mut hasher = AsItIs::default();
            hasher.write(bytes);
            hasher.finish()
        };
        assert_eq!((bytes(b""), bytes(b"\x01\x02"), bytes(b"\x02")), (0, 0x0102, 2));
        assert_eq!(bytes(&[0xFF; 9]), 0xFFFF_FFFF_FFFF_FF00);
    }
}
