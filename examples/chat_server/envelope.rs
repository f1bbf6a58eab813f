//! What surrounds every answer of the host's own routes: the session, common headers, and errors as JSON.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jackfield::id::RequestId;
use jackfield::port::SessionKind;
use subtle::ConstantTimeEq;

use crate::ambient::random;
use crate::app::App;
use crate::caller::Visitor;
use crate::errors::Failure;
use crate::tables::sessions::{self, Session};

/// Wraps one request (API-9, API-32).
pub(crate) async fn wrap(State(app): State<App>, request: Request, next: Next) -> Response {
    let Ok(request_id) = random().map(RequestId::from_random) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let is_get = request.method() == Method::GET;
    let mut response = match admit(&app, request) {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        if let Failure::Broken(error) = failure.as_ref() {
            eprintln!("request {request_id} failed: {error}");
        }
        let cookie = response.headers_mut().remove(header::SET_COOKIE);
        response = failure.render(request_id);
        if let Some(cookie) = cookie {
            response.headers_mut().insert(header::SET_COOKIE, cookie);
        }
    }
    let headers = response.headers_mut();
    let mut tell = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    tell("x-request-id", request_id.as_str());
    tell("x-version-id", app.settings.now().version());
    tell("permissions-policy", "");
    tell("x-content-type-options", "nosniff");
    tell("referrer-policy", "no-referrer");
    if is_get {
        tell("expires", "0");
    }
    response
}

/// A refused cookie, to be removed.
struct Forged;

impl IntoResponse for Forged {
    fn into_response(self) -> Response {
        let mut response = Failure::session().into_response();
        let removal = HeaderValue::from_static("MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly");
        response.headers_mut().insert(header::SET_COOKIE, removal);
        response
    }
}

/// Looks at the address, the method and the session.
fn admit(app: &App, request: Request) -> Result<Request, Response> {
    let (mut parts, body) = request.into_parts();
    let settings = app.settings.now();
    let longest = usize::try_from(settings.number("ServiceSettings", "MaximumURLLength")).unwrap_or(usize::MAX);
    if parts.uri.path_and_query().is_some_and(|address| address.as_str().len() > longest) {
        let message = "The request's address is too long.";
        let id = "basic_security_check.url.too_long_error";
        return Err(Failure::refused(StatusCode::URI_TOO_LONG, id, message).into_response());
    }
    if parts.method == Method::HEAD {
        return Err(Failure::route().into_response()); // API-30; axum would serve it like GET
    }
    let session = authenticate(app, &parts)?;
    parts.extensions.insert(Arc::new(Visitor { session }));
    Ok(Request::from_parts(parts, body))
}

/// Finds the session of a request (API-18 to API-22).
fn authenticate(app: &App, parts: &Parts) -> Result<Option<Session>, Response> {
    let find = |token: Option<&str>| match token {
        Some(token) => {
            let token = cut(token);
            app.store.read(|connection| Ok(sessions::find(connection, token)?)).map_err(IntoResponse::into_response)
        }
        None => Ok(None),
    };
    let by_header = header_token(&parts.headers);
    if let Some(token) = cookie(&parts.headers, "MMAUTHTOKEN") {
        // Nothing that another site makes a browser send can set the header, so it counts where the two differ.
        let header_counts = parts.method != Method::GET && by_header.is_some_and(|other| cut(other) != cut(token));
        if !header_counts {
            let session = find(Some(token))?;
            let forged = session.as_ref().is_some_and(|session| !is_meant(app, parts, session));
            return if forged { Err(Forged.into_response()) } else { Ok(session) };
        }
    }
    if by_header.is_some() {
        return find(by_header);
    }
    let query = parts.uri.query().unwrap_or_default().as_bytes();
    let by_query = url::form_urlencoded::parse(query).find(|(key, _)| key == "access_token").map(|(_, value)| value);
    let session = find(by_query.as_deref())?;
    if session.as_ref().is_some_and(|session| session.kind != SessionKind::OAuth) {
        let message = "This token is not taken from the address.";
        return Err(
            Failure::refused(StatusCode::UNAUTHORIZED, "api.context.token_provided.app_error", message).into_response()
        );
    }
    Ok(session)
}

/// Whether a request by cookie is one that the site itself makes (API-22).
fn is_meant(app: &App, parts: &Parts, session: &Session) -> bool {
    if parts.method == Method::GET {
        return true;
    }
    let text = |name| parts.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if text("sec-fetch-site") == "cross-site" {
        return false;
    }
    let proven = !session.csrf.is_empty() && bool::from(text("x-csrf-token").as_bytes().ct_eq(session.csrf.as_bytes()));
    let strict = app.settings.now().flag("ServiceSettings", "ExperimentalStrictCSRFEnforcement");
    proven || (!strict && text("x-requested-with") == "XMLHttpRequest")
}

/// The token of `Authorization: Bearer …` or `Authorization: token …`.
fn header_token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    (scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token")).then_some(token)
}

/// The value of a cookie that came with the request.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
    let pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(key, value)| *key == name && !value.is_empty()).map(|(_, value)| value).next()
}

/// The first 50 bytes (API-18).
fn cut(token: &str) -> &str {
    let end = (0..=token.len().min(50)).rev().find(|end| token.is_char_boundary(*end)).unwrap_or_default();
    token.get(..end).unwrap_or_default()
}
