//! Tests from outside: through the public API, and of the sources themselves.

#![cfg(test)]

mod architecture;
mod authentication;
mod bots;
mod commands;
mod crash;
mod crash_deliveries;
mod faults;
mod guard;
mod hook_posts;
mod host;
mod hostile;
mod idempotency;
mod incoming_lifecycle;
mod incoming_manage;
mod incoming_receive;
mod kit;
mod outbound;
mod outgoing;
mod properties;
mod senders;
mod settings;
mod tokens;
