//! What is done with accounts as a whole: roles, passwords, switching off, deleting for good.

use axum::extract::{Path, State};
use jackfield::api::Api;
use jackfield::engine::Notice;
use jackfield::id::UserId;
use jackfield::port::Scope;
use serde::Deserialize;

use super::Answer;
use super::accounts::{change, missing};
use super::rights::{require_edit, require_self_or_edit};
use crate::account_effects;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Body, Caller, Params};
use crate::errors::Failure;
use crate::live::account_events;
use crate::tables::{accounts, sessions};
use crate::{passwords, profile};

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
    if active || user != caller.account.id {
        caller.require("manage_system", Scope::System).await?;
    }
    require_self_or_edit(&api, &caller, user).await?;
    set_active(&app, &api, user, active).await
}

/// `DELETE /users/{id}`: the account is switched off, or deleted for good where the settings allow that.
pub(crate) async fn delete(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    params: Params,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    caller.require_for(user, "manage_system").await?;
    require_self_or_edit(&api, &caller, user).await?;
    if !params.is_on("permanent") {
        return set_active(&app, &api, user, false).await;
    }
    caller.require("manage_system", Scope::System).await?;
    if !app.settings.now().flag("ServiceSettings", "EnableAPIUserDeletion") {
        return Err(Failure::permission("manage_system"));
    }
    set_active(&app, &api, user, false).await?;
    app.store.write(move |connection| Ok(accounts::erase(connection, user)?)).await?;
    api.engine().notice(Notice::UserDeleted(user)).await?;
    Ok(Answer::done())
}

#[derive(Deserialize)]
struct Password {
    #[serde(default)]
    current_password: String,
    new_password: String,
}

/// `PUT /users/{id}/password`: one's own by the old one, others' by right. Bots have none.
pub(crate) async fn password(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let asked: Password = body.json("new_password")?;
    require_edit(&api, &caller, user).await?;
    let account = app.store.read(|connection| Ok(accounts::find(connection, user)?))?.ok_or_else(missing)?;
    if account.is_bot {
        return Err(Failure::parameter("user_id"));
    }
    let own = user == caller.account.id;
    if own && !passwords::verify(asked.current_password, Some(account.password)).await? {
        return Err(Failure::body("current_password"));
    }
    profile::check_password(&asked.new_password)?;
    let hash = passwords::hash(asked.new_password).await?;
    let account = change(&app, user, move |account| {
        (account.password, account.password_at) = (hash, now());
        Ok(())
    });
    account_events::changed(&app, &account.await?);
    let ends = app.settings.now().flag("ServiceSettings", "TerminateSessionsOnPasswordChange");
    let kept = own.then(|| caller.engine.session().id);
    let job = app.store.write(move |connection| {
        accounts::forgive_logins(connection, user)?;
        if ends { Ok(sessions::close_all(connection, user, kept)?) } else { Ok(()) }
    });
    job.await?;
    if ends {
        app.hub.end_user(user, kept);
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
    let names: Vec<&str> = roles.split_whitespace().collect();
    if names.iter().any(|role| app.roles.named(role).is_none()) {
        return Err(Failure::body("roles"));
    }
    give_roles(&app, &api, user, names.join(" ")).await?;
    Ok(Answer::done())
}

/// Gives a user these roles and no other. Who calls has asked whether the caller may.
pub(crate) async fn give_roles(app: &App, api: &Api, user: UserId, roles: String) -> Result<(), Failure> {
    let account = change(app, user, move |account| {
        account.roles = roles;
        Ok(())
    });
    account_events::changed(app, &account.await?);
    Ok(api.engine().notice(Notice::UserRolesChanged(user)).await?)
}

async fn set_active(app: &App, api: &Api, user: UserId, active: bool) -> Result<Answer, Failure> {
    let changed = change(app, user, move |account| {
        account.delete_at = if active { 0 } else { now() };
        Ok(())
    });
    account_events::changed(app, &changed.await?);
    if !active {
        let ended = app.store.write(move |connection| {
            let mut ended = Vec::new();
            account_effects::end_all(connection, user, &mut ended)?;
            Ok(ended)
        });
        ended.await?.into_iter().for_each(|event| event.tell(app));
    }
    let notice = if active { Notice::UserActivated(user) } else { Notice::UserDeactivated(user) };
    api.engine().notice(notice).await?;
    Ok(Answer::done())
}
