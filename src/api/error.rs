//! The error object (API-26).

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::JSON;
use super::answer::to_json;
use crate::engine::{Failed, Fault};
use crate::id::RequestId;
use crate::incoming::{IncomingSettings, ManageError, ReceiveError};

/// An answer to a request that went wrong.
#[derive(Debug)]
pub(super) struct ApiError {
    /// What helps to find the mistake; shown, so without anything secret.
    pub(super) detail: String,
    /// What broke, if it was not the caller.
    pub(super) fault: Option<Box<Fault>>,
    /// A further header.
    header: Option<Box<(header::HeaderName, HeaderValue)>>,
    id: Cow<'static, str>,
    /// The id that names the cause, where the wire shows another.
    pub(super) inner_id: Cow<'static, str>,
    message: String,
    pub(super) status: StatusCode,
}

#[derive(Serialize)]
struct Shown<'a> {
    id: &'a str,
    message: &'a str,
    detailed_error: &'a str,
    request_id: RequestId,
    status_code: u16,
}

impl ApiError {
    pub(super) fn new(status: StatusCode, id: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        let (id, message) = (id.into(), message.into());
        Self { detail: String::new(), fault: None, header: None, inner_id: id.clone(), id, message, status }
    }

    /// Something broke; the observer is told what.
    pub(super) fn fault(id: &'static str, fault: Fault) -> Self {
        let message = "the server could not do this; trying again may help";
        Self { fault: Some(Box::new(fault)), ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, id, message) }
    }

    pub(super) fn no_session() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "api.context.session_expired.app_error", "log in to do this")
    }

    pub(super) fn not_encoded() -> Self {
        let message = "the answer could not be written";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "api.marshal_error", message)
    }

    pub(super) fn unknown_route(allow: Option<&'static str>) -> Self {
        let error = Self::new(StatusCode::NOT_FOUND, "api.context.404.app_error", "there is no such route");
        error.allowing(allow)
    }

    pub(super) fn method_not_allowed(allow: &'static str) -> Self {
        let message = "this address does not take this method";
        let error = Self::new(StatusCode::METHOD_NOT_ALLOWED, "jackfield.hooks.method_not_allowed", message);
        error.allowing(Some(allow))
    }

    pub(super) fn url_too_long() -> Self {
        let message = "the address is too long";
        Self::new(StatusCode::URI_TOO_LONG, "basic_security_check.url.too_long_error", message)
    }

    pub(super) fn too_many_requests() -> Self {
        let message = "too many requests; `Retry-After` says when to come back";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "jackfield.rate_limit.exceeded", message)
    }

    fn allowing(mut self, allow: Option<&'static str>) -> Self {
        self.header = allow.map(|allow| Box::new((header::ALLOW, HeaderValue::from_static(allow))));
        self
    }

    /// Removes the session cookie (API-22).
    pub(super) fn removing_cookie(mut self, site_path: &str) -> Self {
        let path = if site_path.is_empty() { "/" } else { site_path };
        let cookie = format!("MMAUTHTOKEN=; Path={path}; Max-Age=0; HttpOnly");
        self.header = HeaderValue::try_from(cookie).ok().map(|cookie| Box::new((header::SET_COOKIE, cookie)));
        self
    }

    /// Says how many seconds to wait.
    pub(super) fn retrying_after(mut self, seconds: u32) -> Self {
        self.header = Some(Box::new((header::RETRY_AFTER, seconds.into())));
        self
    }

    /// A failed call of an incoming webhook.
    pub(super) fn receiving(failed: Failed<ReceiveError>, settings: &IncomingSettings) -> Self {
        match failed {
            Failed::Fault(fault) => Self::fault(ReceiveError::GENERAL, fault),
            Failed::Refused(refused) => {
                let mut error = Self::new(refused.status(settings), refused.visible_id(), refused.to_string());
                error.inner_id = refused.id().into();
                refused.detail().clone_into(&mut error.detail);
                if let ReceiveError::RateLimited { retry_after } = refused {
                    error = error.retrying_after(retry_after);
                }
                error
            }
        }
    }

    /// A failed request to the management API; `id` names what storage failed to do.
    pub(super) fn managing(id: &'static str) -> impl Fn(Failed<ManageError>) -> Self {
        move |failed| match failed {
            Failed::Fault(fault) => Self::fault(id, fault),
            Failed::Refused(refused) => refused.into(),
        }
    }

    /// Shows the error. In hardened mode nothing is told of what went wrong on our side (INC-93).
    pub(super) fn into_response(self, request_id: RequestId, hardened: bool, show_inner: bool) -> Response<Bytes> {
        let is_hidden = hardened && self.status.is_server_error();
        let status = if is_hidden { StatusCode::INTERNAL_SERVER_ERROR } else { self.status };
        let (id, message) = if is_hidden { ("", "an error occurred") } else { (&*self.id, self.message.as_str()) };
        let detail = match self.detail.as_str() {
            _ if is_hidden => String::new(),
            detail if show_inner && self.inner_id != self.id => format!("{} {detail}", self.inner_id),
            detail => detail.to_owned(),
        };
        let shown = Shown { id, message, detailed_error: detail.trim_end(), request_id, status_code: status.as_u16() };
        // INVARIANT: texts and numbers always serialize.
        let mut response = Response::new(Bytes::from(to_json(&shown).unwrap_or_default()));
        *response.status_mut() = status;
        response.headers_mut().insert(header::CONTENT_TYPE, JSON);
        response.headers_mut().extend(self.header.map(|header| *header));
        response
    }
}

impl From<ManageError> for ApiError {
    fn from(refused: ManageError) -> Self {
        let error = Self::new(refused.status(), refused.id(), refused.to_string());
        Self { detail: refused.detail(), ..error }
    }
}
