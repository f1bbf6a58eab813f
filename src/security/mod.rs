//! Keys, sealing, and the credentials of a request. Pure: random bytes come in as arguments.

mod bucket;
pub(crate) mod callback_url;
pub(crate) mod cors;
pub(crate) mod credential;
mod digest;
mod egress;
mod keys;
pub(crate) mod redirect;
pub(crate) mod signing;
mod signing_keys;
pub(crate) mod traffic;
pub(crate) mod trigger_id;

pub use bucket::Rate;
pub(crate) use bucket::{Buckets, Standing, TooOften};
pub use cors::CorsSettings;
pub(crate) use digest::SecretDigest;
pub use egress::{EgressPolicy, EgressSettings, Forbidden, ForbiddenPort, InertEntry};
pub use keys::{InvalidMasterKey, MasterKey};
pub(crate) use keys::{Keyring, NONCE_BYTES, Unsealable};
pub use signing::{InvalidSigningSecret, SignatureError, SigningSecret};
pub(crate) use signing_keys::SigningKeys;
pub use traffic::RateLimitSettings;
pub use trigger_id::InvalidTriggerId;
