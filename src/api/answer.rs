//! Answers, and the headers on all of them (API-14, API-30 to API-32).

use bytes::Bytes;
use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use serde::Serialize;

use super::error::ApiError;
use super::{JSON, OK};
use crate::id::RequestId;

/// An answer to a request that went well.
#[derive(Debug)]
pub(super) struct Answer {
    body: Bytes,
    content_type: Option<HeaderValue>,
    status: StatusCode,
    /// The entity tag (API-33).
    tag: Option<HeaderValue>,
}

impl Answer {
    /// `ok`, as senders of webhooks expect it: `text/plain`, without a charset (INC-8).
    pub(super) fn plain_ok() -> Self {
        let content_type = Some(HeaderValue::from_static("text/plain"));
        Self { body: Bytes::from_static(b"ok"), content_type, status: OK, tag: None }
    }

    /// `{"status":"OK"}`, exactly (API-31).
    pub(super) fn status_ok() -> Self {
        Self { body: Bytes::from_static(br#"{"status":"OK"}"#), content_type: Some(JSON), status: OK, tag: None }
    }

    /// An object or a list, and a line feed.
    pub(super) fn json(status: StatusCode, shown: &impl Serialize) -> Result<Self, ApiError> {
        let mut body = to_json(shown).map_err(|_| ApiError::not_encoded())?;
        body.push(b'\n');
        Ok(Self { body: body.into(), content_type: Some(JSON), status, tag: None })
    }

    /// An object or a list under its entity tag, or nothing but the tag where the client has just that: it is compared as
    /// it stands, and an empty one is none (API-33).
    pub(super) fn tagged(headers: &HeaderMap, tag: &str, shown: &impl Serialize) -> Result<Self, ApiError> {
        let tag = HeaderValue::try_from(tag).map_err(|_| ApiError::not_encoded())?;
        if headers.get(header::IF_NONE_MATCH) == Some(&tag) {
            return Ok(Self {
                body: Bytes::new(),
                content_type: None,
                status: StatusCode::NOT_MODIFIED,
                tag: Some(tag),
            });
        }
        Ok(Self { tag: Some(tag), ..Self::json(OK, shown)? })
    }

    /// The same path without double slashes (INC-3).
    pub(super) fn moved(location: HeaderValue) -> Response<Bytes> {
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::MOVED_PERMANENTLY;
        response.headers_mut().insert(header::LOCATION, location);
        response
    }

    /// `headers` is an empty map, with what room it has.
    pub(super) fn into_response(self, headers: HeaderMap) -> Response<Bytes> {
        let mut response = Response::new(self.body);
        *response.status_mut() = self.status;
        *response.headers_mut() = headers;
        let headers = response.headers_mut();
        headers.reserve(2 + COMMON_HEADERS);
        headers.extend(self.content_type.map(|value| (header::CONTENT_TYPE, value)));
        headers.extend(self.tag.map(|value| (header::ETAG, value)));
        response
    }
}

/// What is neither ours nor below `/api/`.
pub(super) fn plain_not_found() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(b"404 page not found\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}

/// No random bytes are to be had, so not even a request id.
pub(super) fn without_chance() -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(br#"{"id":"jackfield.random.failed","status_code":500}"#));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(header::CONTENT_TYPE, JSON);
    response
}

/// How many headers [`common_headers`] sets at most.
const COMMON_HEADERS: usize = 7;

/// Sets the headers that every routed answer has (API-32).
pub(super) fn common_headers(
    headers: &mut HeaderMap,
    id: RequestId,
    method: &Method,
    version: HeaderValue,
    transport: Option<HeaderValue>,
) {
    const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
    const VERSION_ID: HeaderName = HeaderName::from_static("x-version-id");
    const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
    headers.reserve(COMMON_HEADERS);
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(REQUEST_ID, id);
    }
    headers.insert(VERSION_ID, version);
    headers.insert(PERMISSIONS_POLICY, HeaderValue::from_static(""));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if method == Method::GET {
        headers.insert(header::EXPIRES, HeaderValue::from_static("0"));
    }
    if let Some(transport) = transport {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, transport);
    }
}

/// Writes JSON that is safe inside HTML: `<`, `>`, `&`, U+2028 and U+2029 as `\uXXXX` (API-14).
pub(super) fn to_json(shown: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let text = serde_json::to_string(shown)?;
    let is_special = |c: char| matches!(c, '<' | '>' | '&' | '\u{2028}' | '\u{2029}');
    if !text.contains(is_special) {
        return Ok(text.into_bytes());
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if is_special(c) {
            out.push_str(&format!("\\u{:04x}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    Ok(out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_safe_inside_html() {
        let shown = to_json(&"a <b> & \u{2028}\u{2029} é").unwrap();
        assert_eq!(shown, "\"a \\u003cb\\u003e \\u0026 \\u2028\\u2029 é\"".as_bytes());
    }
}
