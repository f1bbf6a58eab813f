//! Incoming webhooks: a sender posts JSON, a form or parts to `POST /hooks/{id}`, and a message appears in a channel.
//!
//! The rules are here, as functions without side effects; [`Engine`](crate::engine::Engine) asks the host what they need
//! to know and hands on what they decide. Numbers such as INC-31 name rows of the behaviour that clients rely on.

mod content_type;
mod decode;
pub(crate) mod draft;
pub(crate) mod edit;
mod error;
mod form;
pub(crate) mod manage;
mod model;
mod multipart;
pub(crate) mod named;
mod parts;
mod payload;
pub(crate) mod receive;
mod settings;
#[cfg(test)]
mod tests;
mod upsert;
pub(crate) mod wire;

pub use decode::decode;
pub use error::ReceiveError;
pub use manage::{ManageError, Member};
pub use model::IncomingWebhook;
pub use payload::Payload;
pub use settings::IncomingSettings;
pub(crate) use upsert::Upserted;
pub use upsert::{InvalidUpsertKey, UpsertBy, UpsertKey};
pub use wire::HookRequest;

pub use crate::post::read::{Leniency, PriorityAsked};
pub use crate::security::Rate;
