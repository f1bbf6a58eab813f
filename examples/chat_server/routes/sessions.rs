//! `POST /users/login` and `POST /users/logout` (API-20 to API-23).

use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret;
use serde_json::{Map, Value};

use super::Answer;
use crate::app::App;
use crate::caller::{Body, Visitor};
use crate::errors::Failure;
use crate::passwords;
use crate::tables::accounts::{self, Viewer};
use crate::tables::sessions::{self, Opened};

/// Opens a session.
pub(crate) async fn login(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Failure> {
    let fields: Map<String, Value> = body.json("login")?;
    let field = |name| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let (name, password) = (field("login_id").to_lowercase(), field("password").to_owned());
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
    let hours = app.settings.now().number("ServiceSettings", "SessionLengthWebInHours");
    let user = account.id;
    let opened =
        app.store.write(move |connection| sessions::open(connection, user, hours.saturating_mul(3_600_000))).await?;
    let mut response = Answer::ok(account.view(Viewer::Own)).into_response();
    put(response.headers_mut(), HeaderName::from_static("token"), &opened.token);
    if headers.get("x-requested-with").is_some_and(|value| value == "XMLHttpRequest") {
        let secure = headers.get("x-forwarded-proto").is_some_and(|value| value == "https");
        add_cookies(response.headers_mut(), &opened, hours.saturating_mul(3_600), secure);
    }
    Ok(response)
}

/// Ends the session, if there is one.
pub(crate) async fn logout(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    if let Some(caller) = visitor.0 {
        let csrf = caller.session().csrf.as_ref().map(|csrf| csrf.expose_secret().to_owned()).unwrap_or_default();
        app.hub.end_session(caller.user_id(), &csrf);
        app.store.write(move |connection| Ok(sessions::close(connection, &csrf)?)).await?;
    }
    let mut response = Answer::done().into_response();
    put(response.headers_mut(), header::SET_COOKIE, "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly");
    Ok(response)
}

fn add_cookies(headers: &mut HeaderMap, opened: &Opened, seconds: i64, secure: bool) {
    let secure = if secure { "; Secure" } else { "" };
    let session = &opened.session;
    let lines = [
        format!("MMAUTHTOKEN={}; Path=/; Max-Age={seconds}; HttpOnly{secure}", opened.token),
        format!("MMUSERID={}; Path=/; Max-Age={seconds}{secure}", session.user_id),
        format!("MMCSRF={}; Path=/; Max-Age={seconds}{secure}", session.csrf),
    ];
    for line in lines {
        put(headers, header::SET_COOKIE, &line);
    }
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}

const WRONG: &str = "The name or the password is wrong.";
