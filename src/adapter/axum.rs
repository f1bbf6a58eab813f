//! The API as an [`axum::Router`].

use axum::Router;
use axum::body::{Body as AxumBody, HttpBody};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::{StatusCode, header};
use http_body_util::BodyExt;

use crate::api::{Api, Body, Guard};

/// Returns a router that hands every request to the API.
///
/// A host makes it the fallback of its own: what is not the host's is Jackfield's, which answers what it does not know
/// with the 404 that clients expect.
///
/// Bodies are read to [`Api::body_limit`] and not further; one that announces more is not read at all. How long a body
/// may take is not limited here, for a router has no timer, and neither is the time and size of a head or the number of
/// connections: that is for the server under the router. `axum::serve` limits none of these. The example
/// `chat_server/serve` does, over hyper, for a server that strangers can reach; a proxy in front may as well.
///
/// For limits by address, a layer of the host's sets [`PeerAddress`](crate::api::PeerAddress): only the host
/// knows which proxies to believe.
///
/// ```no_run
/// # fn host(api: jackfield::api::Api) {
/// let own = axum::Router::<()>::new().route("/", axum::routing::get(|| async { "hello" }));
/// let app = own.fallback_service(jackfield::adapter::axum::router(api));
/// # drop(app);
/// # }
/// ```
pub fn router(api: Api) -> Router {
    Router::new().fallback(handle).with_state(api)
}

/// Stands in front of a whole server: a layer for the host's router and ours together, outside of everything but what
/// sets [`PeerAddress`](crate::api::PeerAddress) (see [`Api::guard`]).
///
/// ```no_run
/// # fn host(api: jackfield::api::Api) {
/// use axum::middleware::from_fn_with_state;
/// use jackfield::adapter::axum::{guard, router};
///
/// let app = axum::Router::<()>::new().fallback_service(router(api.clone())).layer(from_fn_with_state(api, guard));
/// # drop(app);
/// # }
/// ```
pub async fn guard(State(api): State<Api>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match api.guard(&parts).await {
        Guard::Answer(answer) => answer.map(AxumBody::from),
        Guard::Pass(added) => {
            let mut response = next.run(Request::from_parts(parts, body)).await;
            Guard::mark(added, response.headers_mut());
            response
        }
    }
}

async fn handle(State(api): State<Api>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let announced = parts.headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    let limit = api.body_limit();
    let body = match announced {
        Some(announced) if announced > limit => Body::TooLarge,
        Some(0) => Body::Whole(Bytes::new()),
        _ => match read(body, limit).await {
            Ok(body) => body,
            // The sender broke off, so nobody reads this.
            Err(_) => return StatusCode::BAD_REQUEST.into_response(),
        },
    };
    api.handle(parts, body).await.map(AxumBody::from)
}

/// Reads a body into one piece: one that comes in a hundred thousand pieces must not cost more than its bytes.
async fn read(mut body: AxumBody, limit: usize) -> Result<Body, axum::Error> {
    let mut whole = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(piece) = frame?.into_data() else { continue };
        if piece.len() > limit.saturating_sub(whole.len()) {
            return Ok(Body::TooLarge);
        }
        if whole.is_empty() && body.is_end_stream() {
            return Ok(Body::Whole(piece));
        }
        whole.extend_from_slice(&piece);
    }
    Ok(Body::Whole(whole.into()))
}
