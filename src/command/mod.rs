//! Slash commands: somebody types `/deploy web`, a service hears of it, and what it answers, now or later, becomes posts.
//!
//! The rules are here, as functions without side effects; [`Engine`](crate::engine::Engine) asks the host what they need
//! to know, calls the services and hands on what they decide. Numbers such as CMD-31 name rows of the behavior that
//! clients rely on.
//!
//! ```text
//! line ──► catalog ──► extension's, custom or built-in command ──► request ──► answer ──► posts
//!              ▲                                                                 ▲
//!       index, registry                                              ticket ── later
//! ```

pub(crate) mod answer;
pub mod autocomplete;
pub(crate) mod builtin;
pub(crate) mod catalog;
mod error;
pub(crate) mod execute;
pub(crate) mod index;
mod line;
pub(crate) mod manage;
pub(crate) mod mentions;
mod model;
mod registry;
pub(crate) mod request;
pub(crate) mod secrets;
mod settings;
mod slack;
#[cfg(test)]
mod tests;
pub(crate) mod ticket;
mod trigger;
pub(crate) mod wire;

pub use answer::Answer;
pub use builtin::arguments;
pub use error::{DelayedError, ExecuteError};
pub use execute::ExecuteRequest;
pub use line::Line;
pub use manage::{ManageError, Member};
pub(crate) use model::{Claim, CommandTree, TeamGeneration};
pub use model::{Command, Method};
pub(crate) use registry::Registry;
pub use registry::{InvalidRegistration, Registered, Standing};
pub use settings::CommandSettings;
pub(crate) use trigger::lower;
pub use trigger::{InvalidTrigger, Trigger};
pub use wire::CommandRequest;
