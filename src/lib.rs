#![doc = include_str!("../README.md")]

pub mod adapter;
pub mod api;
pub mod bot;
pub mod command;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod delivery;
pub mod engine;
pub mod id;
pub mod incoming;
pub mod json;
pub mod outgoing;
pub mod port;
pub mod post;
mod record;
pub mod security;
pub mod token;
