//! Outgoing webhooks: posts that call out.

pub(crate) mod payload;
mod settings;
pub(crate) mod trigger;

pub use self::settings::OutgoingSettings;
