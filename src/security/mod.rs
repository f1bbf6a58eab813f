//! Keys, sealing, and the credentials of a request. Pure: random bytes come in as arguments.

mod bucket;
pub(crate) mod credential;
mod digest;
mod keys;

pub use bucket::Rate;
pub(crate) use bucket::{Buckets, TooOften};
pub(crate) use digest::SecretDigest;
pub use keys::{InvalidMasterKey, MasterKey};
pub(crate) use keys::{Keyring, NONCE_BYTES, Unsealable};
