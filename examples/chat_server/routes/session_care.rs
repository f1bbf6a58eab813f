//! The sessions of a user: which there are, and ending them.

use axum::extract::{Path, State};
use jackfield::api::Api;
use jackfield::id::SessionId;
use serde::Deserialize;

use super::Answer;
use super::rights::{require_look, require_self_or_edit};
use crate::app::App;
use crate::caller::{Body, Caller};
use crate::errors::Failure;
use crate::tables::{accounts, sessions};

/// `GET /users/{id}/sessions`
pub(crate) async fn list(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_look(&api, &caller, user).await?;
    app.store.read(|connection| {
        let roles = accounts::roles_of(connection, user)?.unwrap_or_default();
        Ok(Answer::ok(sessions::list(connection, user)?.iter().map(|session| session.view(&roles)).collect()))
    })
}

#[derive(Deserialize)]
struct Which {
    #[serde(default)]
    session_id: String,
}

/// `POST /users/{id}/sessions/revoke`
pub(crate) async fn revoke(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let Which { session_id } = body.json("session_id")?;
    require_self_or_edit(&api, &caller, user).await?;
    let id = SessionId::parse(&session_id).map_err(|_| Failure::body("session_id"))?;
    let found = app.store.read(|connection| Ok(sessions::with_id(connection, id)?))?;
    if found.is_none_or(|session| session.user_id != user) {
        return Err(Failure::body("session_id"));
    }
    app.store.write(move |connection| Ok(sessions::close(connection, id)?)).await?;
    app.hub.end_session(user, id);
    Ok(Answer::done())
}

/// `POST /users/{id}/sessions/revoke/all`
pub(crate) async fn revoke_all(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_self_or_edit(&api, &caller, user).await?;
    app.store.write(move |connection| Ok(sessions::close_all(connection, user, None)?)).await?;
    app.hub.end_user(user, None);
    Ok(Answer::done())
}
