//! Accounts (API-35, API-63).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jackfield::id::UserId;
use jackfield::port::Scope;
use serde::Deserialize;
use serde_json::Value;

use super::Answer;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{self, Body, Caller, Params, Visitor};
use crate::errors::Failure;
use crate::passwords;
use crate::tables::accounts::{self, Account, Viewer};

#[derive(Deserialize)]
struct New {
    username: String,
    email: String,
    password: String,
    #[serde(default)]
    nickname: String,
    #[serde(default)]
    first_name: String,
    #[serde(default)]
    last_name: String,
}

/// `POST /users`: the first account of a server becomes its administrator and makes the others.
pub(crate) async fn create(State(app): State<App>, visitor: Visitor, body: Body) -> Result<Answer, Failure> {
    let new: New = body.json("user")?;
    let fresh = !app.store.read(|connection| Ok(accounts::any(connection)?))?;
    if !fresh {
        let caller = visitor.0.ok_or_else(Failure::session)?;
        caller::require(&caller, "manage_system", Scope::System).await?;
    }
    check(&new)?;
    let hash = passwords::hash(new.password).await?;
    let mut account = Account::new(&new.username, &new.email, hash, "system_user")?;
    (account.nickname, account.first_name, account.last_name) = (new.nickname, new.first_name, new.last_name);
    let view = app.store.write(move |connection| {
        if fresh {
            // Another first account may have come in meanwhile; then this one has nobody's leave.
            if accounts::any(connection)? {
                return Err(Failure::session());
            }
            account.roles.push_str(" system_admin");
        }
        accounts::insert(connection, &account)?;
        Ok(account.view(Viewer::Own))
    });
    Ok(Answer::created(view.await?))
}

/// `GET /users/{id}`
pub(crate) async fn read(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let account = find(&app, caller.user(&user)?)?;
    let tag = format!("11.6.0.{}.{}..0.true.true.0", account.id, account.update_at);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        Answer::ok(seen(&caller, &account)).into_response()
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// `GET /users/username/{name}`
pub(crate) async fn named(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Result<Answer, Failure> {
    let account = app.store.read(|connection| Ok(accounts::named(connection, &name.to_lowercase())?))?;
    let account = account.ok_or_else(|| Failure::missing("app.user.get_by_username.app_error", "user"))?;
    Ok(Answer::ok(seen(&caller, &account)))
}

/// `GET /users`
pub(crate) async fn list(State(app): State<App>, caller: Caller, params: Params) -> Result<Answer, Failure> {
    let (limit, offset) = params.page();
    let found = app.store.read(|connection| Ok(accounts::page(connection, params.text("in_team"), limit, offset)?))?;
    Ok(Answer::ok(found.iter().map(|account| seen(&caller, account)).collect()))
}

/// `POST /users/ids`
pub(crate) async fn by_ids(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let ids: Vec<String> = some(body.array()?, "user_ids")?;
    let ids = ids.iter().filter_map(|id| UserId::parse(id).ok());
    several(&app, &caller, ids, accounts::find)
}

/// `POST /users/usernames`
pub(crate) async fn by_names(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let names: Vec<String> = some(body.array()?, "usernames")?;
    several(&app, &caller, names.into_iter(), |connection, name| accounts::named(connection, &name.to_lowercase()))
}

#[derive(Deserialize)]
struct Patch {
    first_name: Option<String>,
    last_name: Option<String>,
    locale: Option<String>,
    nickname: Option<String>,
    position: Option<String>,
}

/// `PUT /users/{id}/patch`
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let patch: Patch = body.json("user")?;
    if user != caller.account.id {
        caller.require("manage_system", Scope::System).await?;
    }
    let account = change(&app, user, move |account| {
        let fields = [
            (&mut account.first_name, patch.first_name),
            (&mut account.last_name, patch.last_name),
            (&mut account.locale, patch.locale),
            (&mut account.nickname, patch.nickname),
            (&mut account.position, patch.position),
        ];
        fields.into_iter().for_each(|(field, new)| *field = new.unwrap_or_else(|| field.clone()));
    });
    Ok(Answer::ok(seen(&caller, &account.await?)))
}

/// Changes an account and stores it.
pub(super) async fn change(
    app: &App,
    id: UserId,
    edit: impl FnOnce(&mut Account) + Send + 'static,
) -> Result<Account, Failure> {
    let job = app.store.write(move |connection| {
        let mut account = accounts::find(connection, id)?.ok_or_else(missing)?;
        edit(&mut account);
        account.update_at = now();
        accounts::save(connection, &account)?;
        Ok(account)
    });
    job.await
}

fn find(app: &App, id: UserId) -> Result<Account, Failure> {
    app.store.read(|connection| Ok(accounts::find(connection, id)?))?.ok_or_else(missing)
}

fn several<K>(
    app: &App,
    caller: &Caller,
    keys: impl Iterator<Item = K>,
    find: impl Fn(&rusqlite::Connection, K) -> rusqlite::Result<Option<Account>>,
) -> Result<Answer, Failure> {
    app.store.read(|connection| {
        let mut found = Vec::new();
        for key in keys {
            found.extend(find(connection, key)?.map(|account| seen(caller, &account)));
        }
        Ok(Answer::ok(Value::Array(found)))
    })
}

fn seen(caller: &Caller, account: &Account) -> Value {
    account.view(match () {
        () if account.id == caller.account.id => Viewer::Own,
        () if caller.account.is_administrator() => Viewer::Administrator,
        () => Viewer::Member,
    })
}

fn some<T>(list: Vec<T>, name: &str) -> Result<Vec<T>, Failure> {
    if list.is_empty() { Err(Failure::body(name)) } else { Ok(list) }
}

fn check(new: &New) -> Result<(), Failure> {
    let name = new.username.to_lowercase();
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte));
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    if !plain || !begins || name.len() > 64 || ["all", "channel", "here", "system"].contains(&name.as_str()) {
        return Err(Failure::body("username"));
    }
    if !new.email.contains('@') || new.email.len() > 128 {
        return Err(Failure::body("email"));
    }
    if !passwords::is_long_enough(&new.password) {
        return Err(Failure::body("password"));
    }
    Ok(())
}

fn missing() -> Failure {
    Failure::missing("app.user.missing_account.const", "user")
}
