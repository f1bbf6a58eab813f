//! `POST /users/login` and `POST /users/logout` (API-20 to API-23).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jackfield::engine::Caller;
use jackfield::id::UserId;
use serde_json::{Map, Value};

use super::Answer;
use crate::app::App;
use crate::caller::{Body, Visitor};
use crate::errors::Failure;
use crate::passwords;
use crate::tables::accounts::{self, Account, Viewer};
use crate::tables::sessions::{self, Opened};

/// Opens a session.
pub(crate) async fn login(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Failure> {
    let fields: Map<String, Value> = body.json("login")?;
    let field = |name| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let account = verify(&app, field("login_id"), field("password").to_owned()).await?;
    let (opened, seconds) = begin(&app, account.id).await?;
    let mut response = Answer::ok(account.view(Viewer::Own)).into_response();
    put(response.headers_mut(), HeaderName::from_static("token"), &opened.token);
    if headers.get("x-requested-with").is_some_and(|value| value == "XMLHttpRequest") {
        add_cookies(response.headers_mut(), &opened, seconds, &headers, "");
    }
    Ok(response)
}

/// The account that has this name or address and this password.
pub(crate) async fn verify(app: &App, name: &str, password: String) -> Result<Account, Failure> {
    let name = name.to_lowercase();
    if password.is_empty() {
        let message = "The password is missing.";
        return Err(Failure::refused(StatusCode::BAD_REQUEST, "api.user.login.blank_pwd.app_error", message));
    }
    let account = app.store.read(|connection| {
        let by_name = accounts::named(connection, &name)?;
        Ok(if by_name.is_some() { by_name } else { accounts::with_email(connection, &name)? })
    })?;
    let hash = account.as_ref().filter(|account| !account.is_bot).map(|account| account.password.clone());
    let right = passwords::verify(password, hash).await?;
    let unauthorized = |id, message| Failure::refused(StatusCode::UNAUTHORIZED, id, message);
    let Some(account) = account else {
        return Err(unauthorized("api.user.login.invalid_credentials_email_username", WRONG));
    };
    if account.is_bot {
        return Err(unauthorized("api.user.login.bot_login_forbidden.app_error", "Bots do not log in."));
    }
    if !right {
        return Err(unauthorized("api.user.login.invalid_credentials_email_username", WRONG));
    }
    if account.delete_at != 0 {
        return Err(unauthorized("api.user.login.inactive.app_error", "The account is deactivated."));
    }
    Ok(account)
}

/// Opens a session for a browser.
pub(crate) async fn open(app: &App, user: UserId, headers: &HeaderMap, into: &mut HeaderMap) -> Result<(), Failure> {
    let (opened, seconds) = begin(app, user).await?;
    add_cookies(into, &opened, seconds, headers, "; SameSite=Lax");
    Ok(())
}

/// Ends a session, its websockets too.
pub(crate) async fn close(app: &App, caller: &Caller, into: &mut HeaderMap) -> Result<(), Failure> {
    let id = caller.session().id;
    app.hub.end_session(caller.user_id(), id);
    app.store.write(move |connection| Ok(sessions::close(connection, id)?)).await?;
    put(into, header::SET_COOKIE, "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly");
    Ok(())
}

/// Ends the session, if there is one.
pub(crate) async fn logout(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let mut response = Answer::done().into_response();
    match visitor.0 {
        Some(caller) => close(&app, &caller, response.headers_mut()).await?,
        None => put(response.headers_mut(), header::SET_COOKIE, "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly"),
    }
    Ok(response)
}

/// A new session and its length in seconds.
async fn begin(app: &App, user: UserId) -> Result<(Opened, i64), Failure> {
    let hours = app.settings.now().number("ServiceSettings", "SessionLengthWebInHours");
    let lifetime = hours.saturating_mul(3_600_000);
    let opened = app.store.write(move |connection| sessions::open(connection, user, lifetime)).await?;
    Ok((opened, hours.saturating_mul(3_600)))
}

fn add_cookies(into: &mut HeaderMap, opened: &Opened, seconds: i64, request: &HeaderMap, more: &str) {
    let secure = request.get("x-forwarded-proto").is_some_and(|value| value == "https");
    let secure = if secure { "; Secure" } else { "" };
    let session = &opened.session;
    let lines = [
        format!("MMAUTHTOKEN={}; Path=/; Max-Age={seconds}; HttpOnly{secure}{more}", opened.token),
        format!("MMUSERID={}; Path=/; Max-Age={seconds}{secure}{more}", session.user_id),
        format!("MMCSRF={}; Path=/; Max-Age={seconds}{secure}{more}", session.csrf),
    ];
    for line in lines {
        put(into, header::SET_COOKIE, &line);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}

const WRONG: &str = "The name or the password is wrong.";
