//! What clients keep for their users (API-34, API-63).

use axum::extract::{Path, State};
use jackfield::api::Api;
use jackfield::id::UserId;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::Answer;
use super::rights::{require_look, require_self_or_edit};
use crate::app::App;
use crate::caller::{Body, Caller};
use crate::errors::Failure;
use crate::live::account_events;
use crate::tables::preferences::{self, Preference};

/// `GET /users/{id}/preferences`: `null` for a user without any.
pub(crate) async fn list(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_look(&api, &caller, user).await?;
    let found = app.store.read(|connection| Ok(preferences::list(connection, user, "")?))?;
    Ok(Answer::ok(if found.is_empty() { Value::Null } else { json!(found) }))
}

/// `GET /users/{id}/preferences/{category}`
pub(crate) async fn of_category(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path((user, category)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_look(&api, &caller, user).await?;
    let found = app.store.read(|connection| Ok(preferences::list(connection, user, &category)?))?;
    if found.is_empty() { Err(missing()) } else { Ok(Answer::ok(json!(found))) }
}

/// `GET /users/{id}/preferences/{category}/name/{name}`
pub(crate) async fn named(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path((user, category, name)): Path<(String, String, String)>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    require_look(&api, &caller, user).await?;
    let found = app.store.read(|connection| Ok(preferences::list(connection, user, &category)?))?;
    let found = found.into_iter().find(|preference| preference.name == name);
    Ok(Answer::ok(json!(found.ok_or_else(missing)?)))
}

/// `PUT /users/{id}/preferences`
pub(crate) async fn put(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    change(&app, &api, &caller, &user, &body, "preferences_changed", |connection, user, given| {
        for preference in given {
            preferences::put(connection, user, preference)?;
        }
        // A client that went wild is stopped here; what it wrote in this request is taken back.
        if preferences::count(connection, user)? > MOST { Err(Failure::body("preferences")) } else { Ok(()) }
    })
    .await
}

/// `POST /users/{id}/preferences/delete`
pub(crate) async fn delete(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    change(&app, &api, &caller, &user, &body, "preferences_deleted", |connection, user, given| {
        for preference in given {
            preferences::remove(connection, user, preference)?;
        }
        Ok(())
    })
    .await
}

async fn change(
    app: &App,
    api: &Api,
    caller: &Caller,
    user: &str,
    body: &Body,
    event: &str,
    apply: impl FnOnce(&Connection, UserId, &[Preference]) -> Result<(), Failure> + Send + 'static,
) -> Result<Answer, Failure> {
    let user = caller.user(user)?;
    let given: Vec<Preference> = body.json("preferences")?;
    require_self_or_edit(api, caller, user).await?;
    let fits = |one: &Preference| {
        let sizes = [(&one.category, 32), (&one.name, 32), (&one.value, 20_000)];
        !one.category.is_empty() && sizes.iter().all(|(text, most)| text.chars().count() <= *most)
    };
    if given.is_empty() || given.len() > 100 || !given.iter().all(fits) {
        return Err(Failure::body("preferences"));
    }
    if given.iter().any(|one| one.user_id != user.as_str()) {
        return Err(Failure::permission("edit_other_users"));
    }
    let told = json!(given);
    app.store.write(move |connection| apply(connection, user, &given)).await?;
    account_events::preferences(app, user, event, &told);
    Ok(Answer::done())
}

fn missing() -> Failure {
    Failure::missing("chat.preference.missing", "preference")
}

/// How many preferences a user may have.
const MOST: i64 = 5_000;
