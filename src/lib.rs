//! Jackfield: integrations for any chat server.

pub mod adapter;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod id;
pub mod port;
pub mod post;
