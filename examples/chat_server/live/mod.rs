//! Websockets: who listens, and what they hear.

pub(crate) mod account_events;
mod asked;
pub(crate) mod events;
pub(crate) mod hub;
mod outbox;
pub(crate) mod socket;
