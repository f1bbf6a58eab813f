//! Websockets: who listens, and what they hear.

pub(crate) mod account_events;
pub(crate) mod events;
pub(crate) mod hub;
pub(crate) mod socket;
