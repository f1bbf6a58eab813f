//! Personal access tokens: credentials that act as a user, human or bot, until they are taken back.
//!
//! A token is a [secret](crate::id::TokenSecret) that its maker sees once; what is remembered is a digest of it. It may
//! have an end, and limits: permissions and channels beyond which it allows nothing, whatever its user may.

mod error;
mod limits;
pub(crate) mod manage;
mod model;
mod permissions;
mod settings;
mod standing;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

pub use error::TokenError;
pub use limits::TokenLimits;
pub use model::AccessToken;
pub(crate) use model::TokenUse;
pub use settings::TokenSettings;
pub(crate) use standing::{Cause, Standing, check_account};
pub use wire::{TokenRequest, TokenRotation};
