//! Whether users are there (API-63, API-73).

use axum::extract::{Path, State};
use jackfield::api::Api;
use jackfield::id::UserId;
use rusqlite::Connection;
use serde::Deserialize;
use serde_json::{Value, json};

use super::Answer;
use super::rights::require_self_or_edit;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Body, Caller};
use crate::errors::Failure;
use crate::presence;
use crate::tables::{accounts, sessions, statuses};

/// `GET /users/{id}/status`
pub(crate) async fn read(State(app): State<App>, caller: Caller, Path(user): Path<String>) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let view = app.store.read(|connection| view(&app, connection, user))?;
    Ok(Answer::ok(view.ok_or_else(|| Failure::missing("app.user.missing_account.const", "user"))?))
}

/// `POST /users/status/ids`
pub(crate) async fn by_ids(State(app): State<App>, _: Caller, body: Body) -> Result<Answer, Failure> {
    let ids: Vec<String> = body.array()?;
    if ids.is_empty() {
        return Err(Failure::body("user_ids"));
    }
    app.store.read(|connection| {
        let mut views = Vec::new();
        for id in ids {
            let id = UserId::parse(&id).map_err(|_| Failure::body("user_ids"))?;
            views.extend(view(&app, connection, id)?);
        }
        Ok(Answer::ok(Value::Array(views)))
    })
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    dnd_end_time: i64,
}

/// `PUT /users/{id}/status`
pub(crate) async fn put(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let Wanted { user_id, status, dnd_end_time } = body.json("status")?;
    if UserId::parse(&user_id) != Ok(user) {
        return Err(Failure::body("user_id"));
    }
    if !["online", "away", "dnd", "offline"].contains(&status.as_str()) {
        return Err(Failure::body("status"));
    }
    require_self_or_edit(&api, &caller, user).await?;
    presence::say(&app, user, &status, dnd_end_time).await?;
    let view = app.store.read(|connection| view(&app, connection, user))?;
    Ok(Answer::ok(view.unwrap_or_default()))
}

/// The status of a user: what they said, as long as that holds, else whether they listen.
pub(crate) fn view(app: &App, connection: &Connection, user: UserId) -> Result<Option<Value>, Failure> {
    if accounts::roles_of(connection, user)?.is_none() {
        return Ok(None);
    }
    let now = now();
    let said = statuses::find(connection, user)?;
    let said = said.filter(|said| said.dnd_end_time == 0 || said.dnd_end_time > now / 1_000);
    let used = sessions::list(connection, user)?.iter().map(|session| session.last_activity_at).max();
    let last_activity_at = used.max(said.as_ref().map(|said| said.set_at)).unwrap_or_default();
    let (status, manual, dnd_end_time) = match &said {
        Some(said) => (said.status.as_str(), true, said.dnd_end_time),
        None if app.hub.is_there(user) => ("online", false, 0),
        None => ("offline", false, 0),
    };
    Ok(Some(json!({
        "user_id": user, "status": status, "manual": manual, "last_activity_at": last_activity_at,
        "dnd_end_time": dnd_end_time,
    })))
}
