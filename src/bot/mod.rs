//! Bot accounts: users that programs are, each with an owner; `/api/v4/bots`.
//!
//! What is remembered here stands beside an account of the host's, which bears the names and logs nobody in (BOT-10).
//! The rules are here, as functions without side effects; [`Engine`](crate::engine::Engine) asks the host what they need
//! to know, and has the account and the record change together. Numbers such as BOT-16 name rows of the behaviour that
//! clients rely on.

mod error;
pub(crate) mod manage;
mod model;
pub(crate) mod notice;
pub(crate) mod rights;
mod settings;
#[cfg(test)]
mod tests;
pub(crate) mod wire;

pub use error::BotError;
pub(crate) use error::UNNAMED;
pub use model::Bot;
pub(crate) use model::{BotRecord, Deed, Ensured, Pending, Step};
pub use settings::BotSettings;
pub use wire::BotRequest;
pub(crate) use wire::user_patch;
