//! What surrounds every answer of the host's own routes: the session, common headers, and errors as JSON.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jackfield::engine::{AuthError, Failed};

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
    let (mut forged, mut act) = (false, None);
    // Who showed something that opens no session is told to forget it (BOT-85).
    let shown = request.headers().contains_key(header::AUTHORIZATION) || activity::cookie(request.headers()).is_some();
    let mut response = match admit(&server, request, &mut forged, &mut act).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    };
    if let Some(act) = act.filter(|_| response.status().is_success())
        && let Err(failure) = act.remember(&server.app, response.headers_mut()).await
    {
        eprintln!("request {request_id} was answered, but its session not renewed: {failure}");
    }
    if let Some(failure) = response.extensions_mut().remove::<Arc<Failure>>() {
        if let Failure::Broken(error) = failure.as_ref() {
            eprintln!("request {request_id} failed: {error}");
        }
        response = failure.render(request_id);
        forged |= shown && response.status() == StatusCode::UNAUTHORIZED && failure.is_session();
    }
    if forged {
        remove_cookie(response.headers_mut());
    }
    server.api.common_headers(response.headers_mut(), request_id, &method);
    response
}

/// Looks at the address, the method and the session. Says in `forged` whether a cookie is to be removed.
async fn admit(
    server: &Server,
    request: Request,
    forged: &mut bool,
    act: &mut Option<Act>,
) -> Result<Request, Failure> {
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
    let caller = server.api.engine().authenticate(&parts).await.map_err(|failed| match failed {
        Failed::Fault(fault) => Failure::from(fault),
        Failed::Refused(refused) => {
            *forged = refused == AuthError::ForeignPage;
            Failure::refused(refused.status(), refused.id(), refused.to_string())
        }
    })?;
    *act = Act::new(caller.as_ref(), &parts);
    parts.extensions.insert(Arc::new(Visitor(caller)));
    Ok(Request::from_parts(parts, body))
}
