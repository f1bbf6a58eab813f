//! The failure of a host's code.

use std::error::Error as StdError;

use thiserror::Error;

/// A port could not answer. Opaque: the engine answers 500 and tells the [`Observer`](super::Observer) the source.
#[derive(Debug, Error)]
#[error("a port failed: {source}")]
pub struct PortError {
    source: Box<dyn StdError + Send + Sync>,
}

impl PortError {
    /// Wraps what went wrong.
    pub fn new(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { source: source.into() }
    }
}
