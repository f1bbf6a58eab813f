//! What a host can choose about the client.

use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use super::resolve::{Resolve, SystemResolver};

/// What a host can choose about a [`HyperClient`](super::HyperClient).
///
/// Where it may connect to is not chosen here: that is the policy that comes with each call.
#[derive(Clone, Debug)]
pub struct HyperOptions {
    pub(super) http2: bool,
    pub(super) idle: Duration,
    pub(super) idle_connections: usize,
    pub(super) idle_per_origin: usize,
    pub(super) ipv6: bool,
    pub(super) resolver: Arc<dyn Resolve>,
    pub(super) roots: Vec<Vec<u8>>,
}

impl Default for HyperOptions {
    /// The system's resolver, IPv6, HTTP/2 where TLS offers it, the roots that browsers trust, and no more than 1,024
    /// idle connections, 256 to one origin, for 4 seconds each.
    fn default() -> Self {
        Self {
            http2: true,
            idle: Self::LONGEST_IDLE,
            idle_connections: 1_024,
            idle_per_origin: 256,
            ipv6: true,
            resolver: Arc::new(SystemResolver::default()),
            roots: Vec::new(),
        }
    }
}

impl HyperOptions {
    /// How long a connection may be idle: receivers on Node close theirs after 5 seconds.
    pub const LONGEST_IDLE: Duration = Duration::from_secs(4);

    /// Whether HTTP/2 is spoken with receivers that offer it over TLS.
    #[must_use]
    pub fn with_http2(mut self, http2: bool) -> Self {
        self.http2 = http2;
        self
    }

    /// How long a connection may be idle, [`LONGEST_IDLE`](Self::LONGEST_IDLE) at most; how many may be in all, and how
    /// many to one origin.
    #[must_use]
    pub fn with_idle(mut self, idle: Duration, connections: usize, per_origin: usize) -> Self {
        self.idle = idle.min(Self::LONGEST_IDLE);
        self.idle_connections = connections;
        self.idle_per_origin = per_origin;
        self
    }

    /// Whether addresses of IPv6 are dialed at all.
    #[must_use]
    pub fn with_ipv6(mut self, ipv6: bool) -> Self {
        self.ipv6 = ipv6;
        self
    }

    /// What says which addresses a name has.
    #[must_use]
    pub fn with_resolver(mut self, resolver: Arc<dyn Resolve>) -> Self {
        self.resolver = resolver;
        self
    }

    /// One more certificate, in DER, whose holder may vouch for receivers.
    #[must_use]
    pub fn with_root(mut self, certificate: impl Into<Vec<u8>>) -> Self {
        self.roots.push(certificate.into());
        self
    }
}

/// Why there is no client with some options.
#[non_exhaustive]
#[derive(Clone, Debug, Error)]
pub enum InvalidHyperOptions {
    /// A root is no certificate in DER.
    #[error("root {position} is no certificate in DER")]
    Root {
        /// Which of the roots that were added, from 0.
        position: usize,
    },
    /// The cryptography is not to be had.
    #[error("no TLS: {0}")]
    Tls(String),
}
