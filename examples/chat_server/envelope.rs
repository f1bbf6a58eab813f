//! What surrounds every answer of the host's own routes: the session, common headers, and errors as JSON.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jackfield::engine::{AuthError, Failed, PeerAddress};

use crate::activity::{self, Act};
use crate::app::Server;
use crate::caller::Visitor;
use crate::errors::Failure;
use crate::routes::sessions::remove_cookie;

/// Wraps one request (API-9, API-32).
pub(crate) async fn wrap(State(server): State<Server>, request: Request, next: Next) -> Response {
    let Ok(request_id) = server.api.engine().request_id() else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let method = request.method().clone();
    let mut seen = Seen::default();
    // Who showed something that opens no session is told to forget it (BOT-85).
    let shown = request.headers().contains_key(header::AUTHORIZATION) || activity::cookie(request.headers()).is_some();
    let mut response = match admit(&server, request, &mut seen).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if let Some(act) = seen.act.filter(|_| response.status().is_success())
        && let Err(failure) = act.remember(&server.app, response.headers_mut()).await
    {
        eprintln!("request {request_id} was answered, but its session not renewed: {failure}");
    }
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        if let Failure::Broken(error) = failure.as_ref() {
            eprintln!("request {request_id} failed: {error}");
        }
        response = failure.render(request_id);
        seen.forgets |= shown && response.status() == StatusCode::UNAUTHORIZED && failure.is_session();
    }
    if seen.forgets {
        remove_cookie(response.headers_mut());
    }
    if let Some(seconds) = seen.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    server.api.common_headers(response.headers_mut(), request_id, &method);
    response
}

/// What the answer to a request depends on besides what its handler says.
#[derive(Debug, Default)]
struct Seen {
    act: Option<Act>,
    /// Whether the browser is told to forget its session.
    forgets: bool,
    /// In how many seconds to come again.
    retry_after: Option<u32>,
}

/// Looks at the address, the method and the session.
async fn admit(server: &Server, request: Request, seen: &mut Seen) -> Result<Request, Failure> {
    let (mut parts, body) = request.into_parts();
    let settings = server.app.settings.now();
    let longest = usize::try_from(settings.number("ServiceSettings", "MaximumURLLength")).unwrap_or(usize::MAX);
    if parts.uri.path_and_query().is_some_and(|address| address.as_str().len() > longest) {
        let id = "basic_security_check.url.too_long_error";
        return Err(Failure::refused(StatusCode::URI_TOO_LONG, id, "The request's address is too long."));
    }
    if parts.method == Method::HEAD {
        return Err(Failure::route()); // API-30; axum would serve it like GET
    }
    if let Some(ConnectInfo(peer)) = parts.extensions.get::<ConnectInfo<SocketAddr>>().copied() {
        parts.extensions.insert(PeerAddress(peer.ip()));
    }
    let caller = server.api.engine().authenticate(&parts).await.map_err(|failed| match failed {
        Failed::Fault(fault) => Failure::from(fault),
        Failed::Refused(refused) => {
            seen.forgets = refused == AuthError::ForeignPage;
            seen.retry_after = refused.retry_after();
            Failure::refused(refused.status(), refused.id(), refused.to_string())
        }
    })?;
    seen.act = caller.as_ref().and_then(|caller| Act::new(caller.session(), &parts));
    parts.extensions.insert(Arc::new(Visitor(caller)));
    Ok(Request::from_parts(parts, body))
}
