//! The host's own part of the API (API-63): accounts, teams, channels, posts, settings.

pub(crate) mod account_care;
mod account_lists;
pub(crate) mod accounts;
mod channels;
pub(crate) mod config;
mod files;
pub(crate) mod members;
pub(crate) mod pictures;
mod post_edits;
pub(crate) mod posts;
mod preferences;
mod reactions;
mod rights;
mod roles;
mod session_care;
pub(crate) mod sessions;
mod statuses;
mod teams;

pub(crate) use channels::may_write_to;
pub(crate) use statuses::view as status_of;

use axum::Router;
use axum::body::Body;
use axum::extract::DefaultBodyLimit;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any_service, delete, get, post, put};
use serde_json::{Value, json};

use crate::app::Server;
use crate::envelope;
use crate::errors::Failure;
use crate::live::socket;

/// A JSON answer.
pub(crate) struct Answer(StatusCode, Value);

impl Answer {
    /// 200 and a value.
    pub(crate) fn ok(value: Value) -> Self {
        Self(StatusCode::OK, value)
    }

    /// 201 and what was made.
    pub(crate) fn created(value: Value) -> Self {
        Self(StatusCode::CREATED, value)
    }

    /// 200 and nothing to tell.
    pub(crate) fn done() -> Self {
        Self::ok(json!({"status": "OK"}))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.1.to_string()));
        *response.status_mut() = self.0;
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        response
    }
}

/// All routes of the host.
pub(crate) fn router(server: Server) -> Router {
    let routes = routes();
    let api = routes
        .into_iter()
        .fold(Router::new(), |router, (path, methods)| router.route(&format!("/api/v4{path}"), methods));
    // There is never a 405: the method of a path that exists is unknown like any other route (API-30).
    api.method_not_allowed_fallback(async || Failure::route())
        .layer(from_fn_with_state(server.clone(), envelope::wrap))
        .with_state(server.clone())
        // Looks like one of our accounts, but the access tokens are Jackfield's.
        .route("/api/v4/users/tokens", any_service(jackfield::adapter::axum::router(server.api)))
}

fn routes() -> Vec<(&'static str, MethodRouter<Server>)> {
    vec![
        ("/bots/{user}/icon", get(pictures::read).post(pictures::upload).delete(pictures::remove)),
        ("/channels", post(channels::create)),
        ("/channels/direct", post(channels::direct)),
        ("/channels/group", post(channels::group)),
        ("/channels/members/{user}/view", post(members::view)),
        ("/channels/{channel}", get(channels::read).delete(channels::archive)),
        ("/channels/{channel}/members", get(members::of_channel).post(members::add_to_channel)),
        ("/channels/{channel}/members/{user}", get(members::one_of_channel).delete(members::remove_from_channel)),
        ("/channels/{channel}/patch", put(channels::patch)),
        ("/channels/{channel}/posts", get(posts::list)),
        ("/channels/{channel}/privacy", put(channels::privacy)),
        ("/channels/{channel}/restore", post(channels::restore)),
        ("/channels/{channel}/stats", get(channels::stats)),
        ("/config", get(config::read)),
        ("/config/client", get(config::for_clients)),
        ("/config/patch", put(config::patch)),
        // An upload has a limit of its own.
        ("/files", post(files::upload).layer(DefaultBodyLimit::disable())),
        ("/files/{file}", get(files::read)),
        ("/files/{file}/info", get(files::info)),
        ("/files/{file}/link", get(files::link)),
        ("/license/client", get(config::license)),
        ("/posts", post(posts::create)),
        ("/posts/ephemeral", post(posts::ephemeral)),
        ("/posts/{post}", get(posts::read).put(post_edits::replace).delete(post_edits::delete)),
        ("/posts/{post}/patch", put(post_edits::patch)),
        ("/posts/{post}/pin", post(post_edits::pin)),
        ("/posts/{post}/reactions", get(reactions::of_post)),
        ("/posts/{post}/thread", get(posts::thread)),
        ("/posts/{post}/unpin", post(post_edits::unpin)),
        ("/reactions", post(reactions::add)),
        ("/roles/name/{name}", get(roles::named)),
        ("/roles/{role}", get(roles::read)),
        ("/roles/{role}/patch", put(roles::patch)),
        ("/system/ping", get(config::ping)),
        ("/teams", get(teams::list).post(teams::create)),
        ("/teams/name/{team}", get(teams::named)),
        ("/teams/name/{team}/channels/name/{channel}", get(channels::named_in_named_team)),
        ("/teams/{team}", get(teams::read)),
        ("/teams/{team}/channels", get(channels::of_team)),
        ("/teams/{team}/channels/name/{channel}", get(channels::named)),
        ("/teams/{team}/members", get(members::list_team).post(members::add_to_team)),
        ("/teams/{team}/members/{user}", get(members::of_team).delete(members::remove_from_team)),
        ("/teams/{team}/members/{user}/schemeRoles", put(members::scheme_roles)),
        ("/users", get(account_lists::list).post(accounts::create)),
        ("/users/autocomplete", get(account_lists::autocomplete)),
        ("/users/email/{email}", get(accounts::with_email)),
        ("/users/ids", post(account_lists::by_ids)),
        ("/users/login", post(sessions::login)),
        ("/users/logout", post(sessions::logout)),
        ("/users/search", post(account_lists::search)),
        ("/users/stats", get(account_lists::stats)),
        ("/users/stats/filtered", get(account_lists::filtered_stats)),
        ("/users/status/ids", post(statuses::by_ids)),
        ("/users/username/{name}", get(accounts::named)),
        ("/users/usernames", post(account_lists::by_names)),
        ("/users/{user}", get(accounts::read).put(accounts::put).delete(account_care::delete)),
        ("/users/{user}/active", put(account_care::active)),
        ("/users/{user}/channels", get(channels::of_user_everywhere)),
        ("/users/{user}/image", get(pictures::read).post(pictures::upload).delete(pictures::remove)),
        ("/users/{user}/image/default", get(pictures::read_default)),
        ("/users/{user}/password", put(account_care::password)),
        ("/users/{user}/patch", put(accounts::patch)),
        ("/users/{user}/preferences", get(preferences::list).put(preferences::put)),
        ("/users/{user}/preferences/delete", post(preferences::delete)),
        ("/users/{user}/preferences/{category}", get(preferences::of_category)),
        ("/users/{user}/preferences/{category}/name/{name}", get(preferences::named)),
        ("/users/{user}/posts/{post}/reactions/{emoji}", delete(reactions::remove)),
        ("/users/{user}/roles", put(account_care::roles)),
        ("/users/{user}/sessions", get(session_care::list)),
        ("/users/{user}/sessions/revoke", post(session_care::revoke)),
        ("/users/{user}/sessions/revoke/all", post(session_care::revoke_all)),
        ("/users/{user}/status", get(statuses::read).put(statuses::put)),
        ("/users/{user}/teams", get(teams::of_user)),
        ("/users/{user}/teams/members", get(members::teams_of_user)),
        ("/users/{user}/teams/{team}/channels", get(channels::of_user)),
        ("/users/{user}/teams/{team}/channels/members", get(members::channels_of_user)),
        ("/websocket", get(socket::upgrade)),
        ("/websocket/", get(socket::upgrade)),
    ]
}
