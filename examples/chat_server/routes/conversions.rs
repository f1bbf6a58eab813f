//! `POST /bots/{id}/convert_to_user` is Jackfield's, but its answer shows a whole user, whom only this server knows.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::middleware::map_response_with_state;
use axum::response::Response;
use axum::routing::any_service;
use jackfield::id::UserId;
use serde_json::Value;

use crate::app::{App, Server};
use crate::plug;
use crate::tables::account_views::Viewer;
use crate::tables::accounts;

/// The route.
pub(super) fn router(server: &Server) -> Router {
    let service = any_service(plug::router(server.api.clone()));
    let whole = map_response_with_state(server.app.clone(), whole);
    Router::new().route("/api/v4/bots/{bot}/convert_to_user", service.layer(whole))
}

/// Shows the whole user in place of what Jackfield knows of them. Only administrators convert.
async fn whole(State(app): State<App>, response: Response) -> Response {
    if response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, LONGEST).await else { return Response::from_parts(parts, Body::empty()) };
    let told: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = told.get("id").and_then(Value::as_str).and_then(|id| UserId::parse(id).ok());
    let account = id.map(|id| app.store.read(|connection| Ok(accounts::find(connection, id)?)));
    let Some(Ok(Some(account))) = account else { return Response::from_parts(parts, Body::from(body)) };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(account.view(Viewer::Administrator).to_string()))
}

/// What Jackfield answers is short. In bytes.
const LONGEST: usize = 65_536;
