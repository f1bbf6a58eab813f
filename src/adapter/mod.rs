//! Implementations of the ports that ship with the crate; what is foreign to it sits behind one feature each.

#[cfg(feature = "axum")]
pub mod axum;
mod changes;
#[cfg(feature = "hyper")]
pub mod hyper;
pub mod memory;
#[cfg(feature = "sqlite")]
pub mod sqlite;
