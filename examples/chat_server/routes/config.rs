//! Settings, and what anybody may ask the server about itself (API-54, API-55, API-75).

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jackfield::api::Api;
use jackfield::port::Scope;
use serde_json::{Value, json};

use super::Answer;
use crate::app::App;
use crate::caller::{Body, Caller, Params, Visitor};
use crate::commands;
use crate::errors::Failure;
use crate::plug;
use crate::settings::Settings;
use crate::tables::{accounts, kept, sessions};

/// `GET /config`
pub(crate) async fn read(State(app): State<App>, caller: Caller) -> Result<Response, Failure> {
    caller.require("manage_system", Scope::System).await?;
    Ok(whole(&app))
}

/// `PUT /config/patch`
pub(crate) async fn patch(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    body: Body,
) -> Result<Response, Failure> {
    let patch: Value = body.json("config")?;
    caller.require("manage_system", Scope::System).await?;
    apply(&app, &api, &patch).await?;
    Ok(whole(&app))
}

/// Changes settings while the server runs.
pub(crate) async fn apply(app: &App, api: &Api, patch: &Value) -> Result<(), Failure> {
    let _one_at_a_time = app.settings.changing.lock().await;
    let old = app.settings.now();
    let settings = old.patched(patch)?;
    let changed = Value::Object(settings.changed().clone());
    app.store.write(move |connection| kept::put(connection, "settings", &changed)).await?;
    let keys = api.engine().settings().keys;
    api.engine().configure(plug::settings(&settings, keys)).map_err(Failure::broken)?;
    commands::register(app, api.engine(), &settings)?;
    let has_tokens = |settings: &Settings| settings.flag("ServiceSettings", "EnableUserAccessTokens");
    let ends_tokens = has_tokens(&old) && !has_tokens(&settings);
    app.settings.swap(settings);
    if ends_tokens { end_token_sockets(app) } else { Ok(()) }
}

/// Closes what people opened with access tokens, which are none any more (BOT-91). Bots keep theirs.
fn end_token_sockets(app: &App) -> Result<(), Failure> {
    for user in app.hub.listeners() {
        let account = app.store.read(|connection| Ok(accounts::find(connection, user)?))?;
        for session in app.hub.sessions_of(user) {
            let is_log_in = app.store.read(|connection| Ok(sessions::with_id(connection, session)?.is_some()))?;
            if !is_log_in && account.as_ref().is_some_and(|account| !account.is_bot) {
                app.hub.end_session(user, session);
            }
        }
    }
    Ok(())
}

/// `GET /config/client`
pub(crate) async fn for_clients(State(app): State<App>, visitor: Visitor) -> Answer {
    Answer::ok(Value::Object(app.settings.now().for_clients(visitor.0.is_some())))
}

/// `GET /license/client`
pub(crate) async fn license(params: Params) -> Result<Answer, Failure> {
    match params.text("format") {
        "" => {
            let message = "The parameter `format` is missing.";
            Err(Failure::refused(StatusCode::BAD_REQUEST, "api.license.client.old_format.app_error", message))
        }
        "old" => Ok(Answer::ok(json!({"IsLicensed": "false"}))),
        _ => Err(Failure::body("format")),
    }
}

/// `GET /system/ping`
pub(crate) async fn ping(params: Params) -> Response {
    let mut told = json!({
        "status": "OK", "ActiveSearchBackend": "database", "AndroidLatestVersion": "", "AndroidMinVersion": "",
        "IosLatestVersion": "", "IosMinVersion": "",
    });
    let asked = params.text("get_server_status") == "true";
    if let (true, Some(members)) = (asked, told.as_object_mut()) {
        members.extend(STATUS.map(|name| (name.to_owned(), json!("OK"))));
    }
    let mut response = Answer::ok(told).into_response();
    if asked {
        response.headers_mut().insert("status", HeaderValue::from_static("OK"));
        response
            .headers_mut()
            .extend(STATUS.map(|name| (header::HeaderName::from_static(name), HeaderValue::from_static("OK"))));
    }
    response
}

fn whole(app: &App) -> Response {
    let mut response = Answer::ok(Value::Object(app.settings.now().values().clone())).into_response();
    let fresh = HeaderValue::from_static("no-cache, no-store, must-revalidate");
    response.headers_mut().insert(header::CACHE_CONTROL, fresh);
    response
}

const STATUS: [&str; 2] = ["database_status", "filestore_status"];
