//! Digests of secrets that are shown once.

use std::fmt;
use std::hash::{Hash, Hasher};

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// SHA-256 of a secret with 122 random bits: what is remembered instead of it. Compared in constant time.
#[derive(Clone, Copy, Eq)]
pub(crate) struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// Digests a secret.
    pub(crate) fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Takes back what [`as_bytes`](Self::as_bytes) gave.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().map(Self).ok()
    }
}

impl PartialEq for SecretDigest {
    /// Every byte is looked at, eight at a time.
    fn eq(&self, other: &Self) -> bool {
        let (ours, _) = self.0.as_chunks();
        let (theirs, _) = other.0.as_chunks();
        let differ = |(one, other): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*one) ^ u64::from_ne_bytes(*other);
        let different = ours.iter().zip(theirs).map(differ).fold(0, |all, bits| all | bits);
        different.ct_eq(&0).into()
    }
}

impl Hash for SecretDigest {
    /// Eight of the bytes: all of them are as good as random, and nobody can choose them.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(u64::from_le_bytes(self.0.first_chunk().copied().unwrap_or_default()));
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

    use super::*;

    #[test]
    fn is_sha_256_and_equal_to_itself_alone() {
        let digest = SecretDigest::of("abc");
        assert_eq!(digest.as_bytes()[..4], [0xBA, 0x78, 0x16, 0xBF]);
        assert!(digest == SecretDigest::of("abc") && digest != SecretDigest::of("abd"));
        for place in 0..32 {
            let mut other = *digest.as_bytes();
            other[place] ^= 0x10;
            assert!(SecretDigest::from_bytes(&other) != Some(digest), "byte {place}");
        }
        assert!(SecretDigest::from_bytes(digest.as_bytes()) == Some(digest));
        assert!(SecretDigest::from_bytes(&digest.as_bytes()[1..]).is_none());
        assert_eq!(format!("{digest:?}"), "SecretDigest(…)");
    }

    #[test]
    fn hashes_of_other_secrets_differ() {
        let hash = |secret| BuildHasherDefault::<DefaultHasher>::default().hash_one(SecretDigest::of(secret));
        assert_eq!(hash("abc"), hash("abc"));
        assert_ne!(hash("abc"), hash("abd"));
    }
}
