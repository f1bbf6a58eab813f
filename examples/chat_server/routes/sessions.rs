//! `POST /users/login` and `POST /users/logout` (API-20 to API-23, BOT-54).

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
use crate::tables::account_views::Viewer;
use crate::tables::accounts::{self, Account};
use crate::tables::sessions::{self, Opened};

/// Opens a session.
pub(crate) async fn login(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Failure> {
    let fields: Map<String, Value> = body.json("login")?;
    let field = |name| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let password = field("password").to_owned();
    let account = match UserId::parse(field("id")) {
        Ok(id) if field("login_id").is_empty() => verify_by_id(&app, id, password).await?,
        _ => verify(&app, field("login_id"), password).await?,
    };
    let (opened, seconds) = begin(&app, account.id, field("device_id")).await?;
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
    let account = app.store.read(|connection| {
        let by_name = accounts::named(connection, &name)?;
        Ok(if by_name.is_some() { by_name } else { accounts::with_email(connection, &name)? })
    })?;
    admit(app, account, password).await
}

async fn verify_by_id(app: &App, id: UserId, password: String) -> Result<Account, Failure> {
    let account = app.store.read(|connection| Ok(accounts::find(connection, id)?))?;
    admit(app, account, password).await
}

/// Lets an account in by its password. Whatever is wrong takes as long to find out.
async fn admit(app: &App, account: Option<Account>, password: String) -> Result<Account, Failure> {
    if password.is_empty() {
        return Err(Failure::invalid("api.user.login.blank_pwd.app_error", "The password is missing."));
    }
    let most = app.settings.now().number("ServiceSettings", "MaximumLoginAttempts").max(1);
    // Nobody's account is looked for as long as somebody's.
    let id = account.as_ref().filter(|account| account.delete_at == 0 && !account.is_bot).map(|account| account.id);
    let tried = id.unwrap_or(UserId::from_random([0; 16]));
    let may_try = app.store.write(move |connection| Ok(accounts::begin_login(connection, tried, most)?)).await?;
    let hash = account.as_ref().filter(|_| may_try).map(|account| account.password.clone());
    let right = passwords::verify(password, hash).await?;
    let refused = |id, message| Err(Failure::refused(StatusCode::UNAUTHORIZED, id, message));
    match account {
        None => refused(WRONG_ID, WRONG),
        Some(account) if account.delete_at != 0 => {
            refused("api.user.login.inactive.app_error", "The account is deactivated.")
        }
        Some(account) if account.is_bot => {
            refused("api.user.login.bot_login_forbidden.app_error", "Bots do not log in.")
        }
        Some(_) if !may_try => refused(
            "api.user.check_user_login_attempts.too_many.app_error",
            "Too many log-ins failed; an administrator can set a new password.",
        ),
        Some(_) if !right => refused(WRONG_ID, WRONG),
        Some(mut account) => {
            let id = account.id;
            app.store.write(move |connection| Ok(accounts::forgive_logins(connection, id)?)).await?;
            account.failed_logins = 0;
            Ok(account)
        }
    }
}

/// Opens a session for a browser.
pub(crate) async fn open(app: &App, user: UserId, headers: &HeaderMap, into: &mut HeaderMap) -> Result<(), Failure> {
    let (opened, seconds) = begin(app, user, "").await?;
    add_cookies(into, &opened, seconds, headers, "; SameSite=Lax");
    Ok(())
}

/// Ends a session, its websockets too. That of a personal access token is nobody's to end: only its websockets close.
pub(crate) async fn close(app: &App, caller: &Caller, into: &mut HeaderMap) -> Result<(), Failure> {
    let id = caller.session().id;
    app.store.write(move |connection| Ok(sessions::close(connection, id)?)).await?;
    app.hub.end_session(caller.user_id(), id);
    remove_cookie(into);
    Ok(())
}

/// Ends the session, if there is one.
pub(crate) async fn logout(State(app): State<App>, visitor: Visitor) -> Result<Response, Failure> {
    let mut response = Answer::done().into_response();
    match visitor.0 {
        Some(caller) => close(&app, &caller, response.headers_mut()).await?,
        None => remove_cookie(response.headers_mut()),
    }
    Ok(response)
}

/// Tells a browser to forget its session.
pub(crate) fn remove_cookie(from: &mut HeaderMap) {
    put(from, header::SET_COOKIE, "MMAUTHTOKEN=; Path=/; Max-Age=0; HttpOnly");
}

/// Adds the cookies of a session.
pub(crate) fn add_cookies(into: &mut HeaderMap, opened: &Opened, seconds: i64, request: &HeaderMap, more: &str) {
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

/// A new session and its length in seconds.
async fn begin(app: &App, user: UserId, device: &str) -> Result<(Opened, i64), Failure> {
    let device: String = device.chars().take(LONGEST_DEVICE).collect();
    let lifetime = app.settings.now().session_length(!device.is_empty());
    let opened = app.store.write(move |connection| sessions::open(connection, user, &device, lifetime)).await?;
    Ok((opened, lifetime / 1_000))
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.append(name, value);
    }
}

const LONGEST_DEVICE: usize = 512;
const WRONG: &str = "The name or the password is wrong.";
const WRONG_ID: &str = "api.user.login.invalid_credentials_email_username";
