//! Master keys, and what is derived from them.
//!
//! Each purpose has a key of its own, made of a master key by HKDF-SHA-256 (RFC 5869). Sealing is XChaCha20-Poly1305
//! with the place of the sealed value as associated data, so that a value cannot be moved to another record.

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use thiserror::Error;

/// A key of 32 bytes from which all others are derived.
#[derive(Debug)]
pub struct MasterKey(SecretBox<[u8; 32]>);

impl MasterKey {
    /// Takes 32 bytes from a source fit for secrets.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(SecretBox::new(Box::new(bytes)))
    }
}

impl Clone for MasterKey {
    fn clone(&self) -> Self {
        Self::new(*self.0.expose_secret())
    }
}

/// What was given is not 32 bytes.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a master key has 32 bytes")]
pub struct InvalidMasterKey;

impl TryFrom<&[u8]> for MasterKey {
    type Error = InvalidMasterKey;

    fn try_from(bytes: &[u8]) -> Result<Self, InvalidMasterKey> {
        bytes.try_into().map(Self::new).map_err(|_| InvalidMasterKey)
    }
}

/// How many random bytes sealing takes.
pub(crate) const NONCE_BYTES: usize = 24;

/// A sealed value that none of the keys opens.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a sealed value opens with none of the master keys")]
pub(crate) struct Unsealable;

/// The derived keys of all master keys. The first seals, all open.
#[derive(Debug)]
pub(crate) struct Keyring {
    first: KeySet,
    older: Vec<KeySet>,
}

impl Keyring {
    /// Derives what is needed; none without a master key.
    pub(crate) fn new(keys: &[MasterKey]) -> Option<Self> {
        let (first, older) = keys.split_first()?;
        Some(Self { first: KeySet::new(first), older: older.iter().map(KeySet::new).collect() })
    }

    /// Returns the keys that new things are made with.
    pub(crate) fn first(&self) -> &KeySet {
        &self.first
    }

    /// Returns the keys that were there from the start, for what must come out the same after a new key.
    pub(crate) fn oldest(&self) -> &KeySet {
        self.older.last().unwrap_or(&self.first)
    }

    /// Returns all keys, the first one first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &KeySet> {
        std::iter::once(&self.first).chain(&self.older)
    }

    /// Opens what any of the keys sealed at this place.
    pub(crate) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
        self.all().find_map(|keys| keys.open(place, sealed)).ok_or(Unsealable)
    }
}

/// The keys derived from one master key.
pub(crate) struct KeySet {
    effect: Hmac<Sha256>,
    hook: Hmac<Sha256>,
    origin: Hmac<Sha256>,
    seal: XChaCha20Poly1305,
    trigger: Hmac<Sha256>,
}

impl KeySet {
    fn new(master: &MasterKey) -> Self {
        let source = Hkdf::<Sha256>::new(None, master.0.expose_secret());
        let derive = |purpose: &str| {
            let mut key = [0_u8; 32];
            // INVARIANT: 32 bytes are within what HKDF-SHA-256 gives, which is 8,160.
            let done = source.expand(purpose.as_bytes(), &mut key);
            debug_assert!(done.is_ok(), "HKDF gives 32 bytes");
            Key::from(key)
        };
        let mac = |purpose: &str| <Hmac<Sha256> as KeyInit>::new(&block(&derive(purpose)));
        Self {
            effect: mac("jackfield effect key v1"),
            hook: mac("jackfield incoming webhook id v1"),
            origin: mac("jackfield post origin v1"),
            seal: XChaCha20Poly1305::new(&derive("jackfield sealing v1")),
            trigger: mac("jackfield trigger id v1"),
        }
    }

    /// The record key of an incoming webhook: tells nothing about its id.
    pub(crate) fn hook(&self, id: &str) -> [u8; 32] {
        digest(&self.hook, &[id.as_bytes()])
    }

    /// What posts of an integration carry as their origin.
    pub(crate) fn origin(&self, record: &[u8]) -> [u8; 16] {
        half(digest(&self.origin, &[record]))
    }

    /// The key of an effect, from the parts of its cause.
    pub(crate) fn effect(&self, cause: &[&[u8]]) -> [u8; 16] {
        half(digest(&self.effect, cause))
    }

    /// The signature of what a trigger id says in clear.
    pub(crate) fn trigger(&self, payload: &[u8]) -> [u8; 32] {
        self.trigger.clone().chain_update(payload).finalize().into_bytes().into()
    }

    /// Seals a value for a place. The nonce is random and never used twice.
    pub(crate) fn seal(&self, nonce: [u8; NONCE_BYTES], place: &[u8], value: &[u8]) -> Vec<u8> {
        // INVARIANT: sealing fails for values beyond 256 GiB alone.
        let payload = Payload { msg: value, aad: place };
        let sealed = self.seal.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        [&nonce[..], &sealed].concat()
    }

    fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE_BYTES>()?;
        self.seal.decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: place }).ok()
    }
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeySet(…)")
    }
}

/// A key as HMAC-SHA-256 takes it: padded with zeros to the block of 64 bytes (RFC 2104).
fn block(key: &[u8]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    block
}

/// Each part is preceded by its length, so that no two lists of parts look alike.
fn digest(keyed: &Hmac<Sha256>, parts: &[&[u8]]) -> [u8; 32] {
    let mut mac = keyed.clone();
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}

fn half(whole: [u8; 32]) -> [u8; 16] {
    whole.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ring(keys: &[u8]) -> Keyring {
        let keys: Vec<_> = keys.iter().map(|byte| MasterKey::new([*byte; 32])).collect();
        Keyring::new(&keys).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_with_any_of_the_keys() {
        let sealed = ring(&[1]).first().seal([9; NONCE_BYTES], b"here", b"secret");
        assert_eq!(ring(&[1]).open(b"here", &sealed), Ok(b"secret".to_vec()));
        assert_eq!(ring(&[2, 1]).open(b"here", &sealed), Ok(b"secret".to_vec()));
        assert_eq!(ring(&[1]).open(b"there", &sealed), Err(Unsealable));
        assert_eq!(ring(&[2]).open(b"here", &sealed), Err(Unsealable));
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let sealed = ring(&[1]).first().seal([9; NONCE_BYTES], b"here", b"secret");
        for end in 0..sealed.len() {
            assert_eq!(ring(&[1]).open(b"here", &sealed[..end]), Err(Unsealable), "cut at {end}");
        }
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert_eq!(ring(&[1]).open(b"here", &changed), Err(Unsealable), "changed at {place}");
        }
    }

    #[test]
    fn purposes_and_causes_do_not_collide() {
        let ring = ring(&[1]);
        let keys = ring.first();
        assert_ne!(keys.effect(&[b"a", b"bc"]), keys.effect(&[b"ab", b"c"]));
        assert_ne!(keys.hook("a")[..16], keys.origin(b"a"));
        assert_ne!(keys.origin(b"a"), keys.effect(&[b"a"]));
    }

    /// What is stored is found under them: they stay as they are from release to release.
    #[test]
    fn keys_follow_from_the_master_key_and_never_change() {
        let ring = ring(&[1]);
        let keys = ring.first();
        assert_eq!(keys.hook("a")[..4], [0x4C, 0xF7, 0x7D, 0x4C]);
        assert_eq!(keys.origin(b"a")[..4], [0x9C, 0xD0, 0x86, 0xDC]);
        assert_eq!(keys.effect(&[b"a"])[..4], [0x78, 0x3F, 0xCE, 0x52]);
        assert_eq!(keys.trigger(b"a")[..4], [0xFB, 0xB7, 0x9E, 0x41]);
    }

    #[test]
    fn debug_does_not_leak() {
        assert_eq!(format!("{:?}", ring(&[0xAB]).first()), "KeySet(…)");
        let shown = format!("{:?} {:?}", MasterKey::new([0xAB; 32]), ring(&[0xAB]));
        assert!(!shown.contains("171") && !shown.to_lowercase().contains("abab"), "{shown}");
    }

    #[test]
    fn a_master_key_has_32_bytes() {
        assert!(MasterKey::try_from(&[0_u8; 32][..]).is_ok());
        assert!(MasterKey::try_from(&[0_u8; 31][..]).is_err());
    }
}
