//! What administrators do with accounts: roles, passwords, switching off.

use axum::extract::{Path, State};
use jackfield::api::Api;
use jackfield::engine::Notice;
use jackfield::id::UserId;
use jackfield::port::Scope;
use serde::Deserialize;

use super::Answer;
use super::accounts::change;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Body, Caller};
use crate::errors::Failure;
use crate::passwords;
use crate::tables::sessions;

#[derive(Deserialize)]
struct Active {
    active: bool,
}

/// `PUT /users/{id}/active`
pub(crate) async fn active(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let Active { active } = body.json("active")?;
    caller.require("manage_system", Scope::System).await?;
    set_active(&app, &api, user, active).await
}

/// `DELETE /users/{id}`: the account is switched off.
pub(crate) async fn deactivate(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    if user != caller.account.id {
        caller.require("manage_system", Scope::System).await?;
    }
    set_active(&app, &api, user, false).await
}

#[derive(Deserialize)]
struct Password {
    #[serde(default)]
    current_password: String,
    new_password: String,
}

/// `PUT /users/{id}/password`
pub(crate) async fn password(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let asked: Password = body.json("new_password")?;
    let own = user == caller.account.id;
    if !own {
        caller.require("manage_system", Scope::System).await?;
    } else if !passwords::verify(asked.current_password, Some(caller.account.password)).await? {
        return Err(Failure::body("current_password"));
    }
    if !passwords::is_long_enough(&asked.new_password) {
        return Err(Failure::body("new_password"));
    }
    let hash = passwords::hash(asked.new_password).await?;
    change(&app, user, move |account| (account.password, account.password_at) = (hash, now())).await?;
    if app.settings.now().flag("ServiceSettings", "TerminateSessionsOnPasswordChange") {
        app.store.write(move |connection| Ok(sessions::close_all(connection, user)?)).await?;
        app.hub.end_user(user);
    }
    Ok(Answer::done())
}

#[derive(Deserialize)]
struct Roles {
    roles: String,
}

/// `PUT /users/{id}/roles`
pub(crate) async fn roles(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let Roles { roles } = body.json("roles")?;
    caller.require("manage_system", Scope::System).await?;
    if roles.split_whitespace().any(|role| app.roles.named(role).is_none()) {
        return Err(Failure::body("roles"));
    }
    change(&app, user, move |account| account.roles = roles).await?;
    api.engine().notice(Notice::UserRolesChanged(user)).await?;
    Ok(Answer::done())
}

async fn set_active(app: &App, api: &Api, user: UserId, active: bool) -> Result<Answer, Failure> {
    change(app, user, move |account| account.delete_at = if active { 0 } else { now() }).await?;
    if !active {
        app.store.write(move |connection| Ok(sessions::close_all(connection, user)?)).await?;
        app.hub.end_user(user);
    }
    let notice = if active { Notice::UserActivated(user) } else { Notice::UserDeactivated(user) };
    api.engine().notice(notice).await?;
    Ok(Answer::done())
}
