//! Outgoing webhooks: posts that call out.

pub(crate) mod reply;
mod settings;

pub use self::reply::{Answer, UnusableAnswer};
pub use self::settings::OutgoingSettings;
