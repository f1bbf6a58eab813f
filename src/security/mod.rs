//! Keys, sealing, and the credentials of a request. Pure: random bytes come in as arguments.

pub(crate) mod credential;
mod keys;

pub use keys::{InvalidMasterKey, MasterKey};
pub(crate) use keys::{KeySet, Keyring, NONCE_BYTES, Unsealable};
