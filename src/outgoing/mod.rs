//! Outgoing webhooks: posts that call out, and may be answered.
//!
//! The rules are here, as functions without side effects; [`Engine`](crate::engine::Engine) asks the host what they need
//! to know and hands on what they decide. Numbers such as OUT-24 name rows of the behaviour that clients rely on.

mod error;
pub(crate) mod fire;
pub(crate) mod manage;
mod model;
pub(crate) mod payload;
pub(crate) mod reply;
pub(crate) mod secrets;
mod settings;
#[cfg(test)]
mod tests;
pub(crate) mod trigger;
pub(crate) mod wire;

pub use self::error::{During, ManageError, Member};
pub use self::model::OutgoingWebhook;
pub(crate) use self::model::TeamGeneration;
pub use self::reply::{Answer, UnusableAnswer};
pub use self::settings::OutgoingSettings;
pub use self::wire::HookRequest;
