//! What goes wrong, and the JSON object that tells a client (API-26).

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use jackfield::engine::Fault;
use jackfield::id::RequestId;
use jackfield::port::{PortError, RefusedKind, StorageError};
use serde_json::json;

/// Why a request got nothing.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The server broke; the client learns only that.
    Broken(Box<dyn StdError + Send + Sync>),
    /// An effect that cannot be applied.
    Effect(RefusedKind),
    /// The client's mistake.
    Refused(Refusal),
}

/// A refusal that a client can act on.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// What programs match on.
    pub(crate) id: &'static str,
    /// What people read.
    pub(crate) message: String,
    /// The HTTP status.
    pub(crate) status: StatusCode,
}

impl Failure {
    /// A failure of the server's own.
    pub(crate) fn broken(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Broken(error.into())
    }

    /// A refusal for any reason.
    pub(crate) fn refused(status: StatusCode, id: &'static str, message: impl Into<String>) -> Self {
        Self::Refused(Refusal { id, message: message.into(), status })
    }

    /// The body, or a member of it, is missing or wrong.
    pub(crate) fn body(name: &str) -> Self {
        let message = format!("`{name}` is missing or invalid in the request's body.");
        Self::refused(StatusCode::BAD_REQUEST, "api.context.invalid_body_param.app_error", message)
    }

    /// What the caller sent breaks a rule that has an id of its own.
    pub(crate) fn invalid(id: &'static str, message: impl Into<String>) -> Self {
        Self::refused(StatusCode::BAD_REQUEST, id, message)
    }

    /// A parameter of the path or the query is wrong.
    pub(crate) fn parameter(name: &str) -> Self {
        let message = format!("`{name}` is missing or invalid in the request's address.");
        Self::refused(StatusCode::BAD_REQUEST, "api.context.invalid_url_param.app_error", message)
    }

    /// The caller may not do that.
    pub(crate) fn permission(permission: &str) -> Self {
        let message = format!("This needs the permission `{permission}`.");
        Self::refused(StatusCode::FORBIDDEN, "api.context.permissions.app_error", message)
    }

    /// There is no such thing.
    pub(crate) fn missing(id: &'static str, what: &str) -> Self {
        Self::refused(StatusCode::NOT_FOUND, id, format!("There is no such {what}."))
    }

    /// No session, or one that does not count here.
    pub(crate) fn session() -> Self {
        let message = "The session is missing or over; please log in.";
        Self::refused(StatusCode::UNAUTHORIZED, "api.context.session_expired.app_error", message)
    }

    /// Whether it is for want of a session.
    pub(crate) fn is_session(&self) -> bool {
        matches!(self, Self::Refused(refusal) if refusal.id == "api.context.session_expired.app_error")
    }

    /// The route is nobody's.
    pub(crate) fn route() -> Self {
        Self::refused(StatusCode::NOT_FOUND, "api.context.404.app_error", "There is nothing at this address.")
    }

    /// Writes the error object.
    pub(crate) fn render(&self, request_id: RequestId) -> Response {
        let (status, id, message) = match self {
            Self::Broken(_) | Self::Effect(_) => {
                (StatusCode::INTERNAL_SERVER_ERROR, "chat.failed", "The server failed.")
            }
            Self::Refused(refusal) => (refusal.status, refusal.id, refusal.message.as_str()),
        };
        let object = json!({
            "id": id, "message": message, "detailed_error": "", "request_id": request_id, "status_code": status.as_u16(),
        });
        let mut response = Response::new(Body::from(object.to_string()));
        *response.status_mut() = status;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(error) => error.fmt(f),
            Self::Effect(kind) => write!(f, "an effect is {kind:?}"),
            Self::Refused(refusal) => f.write_str(&refusal.message),
        }
    }
}

impl StdError for Failure {}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl From<RefusedKind> for Failure {
    fn from(kind: RefusedKind) -> Self {
        Self::Effect(kind)
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Broken(Box::new(fault))
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Broken(Box::new(error))
    }
}

impl From<Failure> for PortError {
    fn from(failure: Failure) -> Self {
        Self::new(failure)
    }
}

/// Only the envelope knows the request's id, so it writes the error; see `envelope.rs`.
impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}
