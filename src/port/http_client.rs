//! Calls to the world outside.

use std::error::Error as StdError;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use thiserror::Error;

use crate::security::EgressPolicy;

/// Sends one request and reads its answer.
///
/// # Contract
///
/// - One deadline covers name look-up, connecting, TLS and the whole body.
/// - A body is limited while it is read: what exceeds the limit is cut, and [`HttpResponse::truncated`] says so.
/// - No redirect is followed, no cookie kept, no credential added.
/// - Only addresses that the policy allows are connected to: those that a name resolves to are judged one by one, and
///   the address that was judged is the one that is dialled. A connection that was made under another policy is not
///   used again.
/// - Every status is an answer. An error means that no answer came, and its text holds nothing of the request: no path,
///   no query, no credential.
#[async_trait]
pub trait HttpClient: Debug + Send + Sync + 'static {
    /// Sends `request` within `limits`.
    async fn send(&self, request: http::Request<Bytes>, limits: HttpLimits) -> Result<HttpResponse, HttpError>;
}

/// What one call may cost.
#[derive(Clone, Debug)]
pub struct HttpLimits {
    /// The longest answer that is read, in bytes, after decompression.
    pub body_bytes: usize,
    /// From the first look-up to the last byte.
    pub deadline: Duration,
    /// Which addresses may be connected to.
    pub egress: Arc<EgressPolicy>,
    /// Whether the policy admits the host by its name, so that no address of it is judged (OUT-217).
    pub host_admitted: bool,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The body, up to the limit.
    pub body: Bytes,
    /// Status and headers.
    pub head: http::response::Parts,
    /// Whether the body was longer than the limit.
    pub truncated: bool,
}

/// No answer came.
#[derive(Debug, Error)]
#[error("no answer: {source}")]
pub struct HttpError {
    kind: HttpErrorKind,
    sent: Sent,
    source: Box<dyn StdError + Send + Sync>,
}

impl HttpError {
    /// Says why, and whether the other side may have got the request.
    pub fn new(kind: HttpErrorKind, sent: Sent, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { kind, sent, source: source.into() }
    }

    /// Returns why.
    #[must_use]
    pub fn kind(&self) -> HttpErrorKind {
        self.kind
    }

    /// Returns whether anything was sent.
    #[must_use]
    pub fn sent(&self) -> Sent {
        self.sent
    }
}

/// Why no answer came.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HttpErrorKind {
    /// The address is one that the policy forbids.
    Blocked,
    /// No connection could be made.
    Connect,
    /// The name has no address.
    Dns,
    /// The answer broke the protocol.
    Protocol,
    /// No answer in time.
    Timeout,
    /// The secure channel could not be made.
    Tls,
    /// The address is none.
    Url,
}

/// Calls nobody: what a host has that gives the engine no client. Every call is refused as [`HttpErrorKind::Connect`].
#[derive(Clone, Copy, Debug, Default)]
pub struct NoHttpClient;

#[async_trait]
impl HttpClient for NoHttpClient {
    async fn send(&self, _request: http::Request<Bytes>, _limits: HttpLimits) -> Result<HttpResponse, HttpError> {
        Err(HttpError::new(HttpErrorKind::Connect, Sent::No, "the host has no client for HTTP"))
    }
}

/// Whether the other side may have got the request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sent {
    /// Something may have been sent.
    Maybe,
    /// Nothing was, so sending again cannot double anything.
    No,
}
