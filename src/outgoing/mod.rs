//! Outgoing webhooks: posts that call out.

mod settings;

pub use self::settings::OutgoingSettings;
