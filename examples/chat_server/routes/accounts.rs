//! Accounts: making, reading and changing one (API-35, API-63, BOT-49).

use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jackfield::api::Api;
use jackfield::engine::Notice;
use jackfield::id::UserId;
use jackfield::port::{Scope, SessionKind};
use serde::Deserialize;

use super::Answer;
use super::rights::require_edit;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{self, Body, Caller, Visitor};
use crate::errors::Failure;
use crate::live::account_events;
use crate::passwords;
use crate::profile::{self, Changes};
use crate::tables::account_views::Viewer;
use crate::tables::accounts::{self, Account};

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
    let mut account = Account::new(&new.username, &new.email, String::new(), "system_user")?;
    (account.nickname, account.first_name, account.last_name) = (new.nickname, new.first_name, new.last_name);
    profile::check(&account)?;
    profile::check_username(&account.username)?;
    profile::check_password(&new.password)?;
    account.password = passwords::hash(new.password).await?;
    let view = app.store.write(move |connection| {
        if fresh {
            // Another first account may have come in meanwhile; then this one has nobody's leave.
            if accounts::any(connection)? {
                return Err(Failure::session());
            }
            account.roles.push_str(" system_admin");
        }
        accounts::store(connection, &account)?;
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
    let user = caller.user(&user)?;
    let account = app.store.read(|connection| Ok(accounts::find(connection, user)?))?.ok_or_else(missing)?;
    let viewer = viewer(&app, &caller, &account).await?;
    let (names, emails) = viewer.shows();
    let tag = format!("11.6.0.{}.{}..0.{names}.{emails}.0", account.id, account.update_at);
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == tag.as_bytes());
    let mut response =
        if known { StatusCode::NOT_MODIFIED.into_response() } else { Answer::ok(account.view(viewer)).into_response() };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    Ok(response)
}

/// `GET /users/username/{name}`
pub(crate) async fn named(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Result<Answer, Failure> {
    let account = app.store.read(|connection| Ok(accounts::named(connection, &name.to_lowercase())?))?;
    let account = account.ok_or_else(|| Failure::missing("app.user.get_by_username.app_error", "user"))?;
    Ok(Answer::ok(account.view(viewer(&app, &caller, &account).await?)))
}

/// `GET /users/email/{email}`: looks like there is none where the address would not be shown.
pub(crate) async fn with_email(
    State(app): State<App>,
    caller: Caller,
    Path(email): Path<String>,
) -> Result<Answer, Failure> {
    let account = app.store.read(|connection| Ok(accounts::with_email(connection, &email.to_lowercase())?))?;
    let account = account.ok_or_else(missing)?;
    let viewer = viewer(&app, &caller, &account).await?;
    if viewer.shows().1 { Ok(Answer::ok(account.view(viewer))) } else { Err(missing()) }
}

/// `PUT /users/{id}/patch`
pub(crate) async fn patch(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    edit(&app, &api, &caller, user, body.json("user")?).await
}

#[derive(Deserialize)]
struct Whole {
    id: Option<String>,
    #[serde(flatten)]
    changes: Changes,
}

/// `PUT /users/{id}`
pub(crate) async fn put(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let whole: Whole = body.json("user")?;
    if whole.id.is_none_or(|id| UserId::parse(&id) != Ok(user)) {
        return Err(Failure::parameter("user_id"));
    }
    edit(&app, &api, &caller, user, whole.changes).await
}

async fn edit(app: &App, api: &Api, caller: &Caller, user: UserId, changes: Changes) -> Result<Answer, Failure> {
    require_edit(api, caller, user).await?;
    let by_app = caller.engine.session().kind == SessionKind::OAuth;
    let email = changes.email.clone();
    let account = change(app, user, move |account| {
        if by_app && email.is_some_and(|email| email.to_lowercase() != account.email) {
            return Err(Failure::permission("edit_other_users"));
        }
        changes.apply(account)
    });
    let account = account.await?;
    account_events::changed(app, &account);
    api.engine().notice(Notice::UserChanged(user)).await?;
    Ok(Answer::ok(account.view(viewer(app, caller, &account).await?)))
}

/// Changes an account and stores it.
pub(crate) async fn change(
    app: &App,
    id: UserId,
    edit: impl FnOnce(&mut Account) -> Result<(), Failure> + Send + 'static,
) -> Result<Account, Failure> {
    let job = app.store.write(move |connection| {
        let mut account = accounts::find(connection, id)?.ok_or_else(missing)?;
        edit(&mut account)?;
        account.update_at = now().max(account.update_at.saturating_add(1));
        accounts::store(connection, &account)?;
        Ok(account)
    });
    job.await
}

/// What the caller may see of an account; refuses who may see nothing.
pub(super) async fn viewer(app: &App, caller: &Caller, account: &Account) -> Result<Viewer, Failure> {
    if account.id == caller.account.id { Ok(Viewer::Own) } else { viewer_of_others(app, caller).await }
}

/// What the caller may see of others; refuses who may see nothing.
pub(super) async fn viewer_of_others(app: &App, caller: &Caller) -> Result<Viewer, Failure> {
    if caller.may("manage_system", Scope::System).await? {
        return Ok(Viewer::Administrator);
    }
    caller.require("view_members", Scope::System).await?;
    Ok(Viewer::member(&app.settings.now()))
}

pub(super) fn missing() -> Failure {
    Failure::missing("app.user.missing_account.const", "user")
}
