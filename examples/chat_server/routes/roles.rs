//! Roles: what they allow, and how administrators change that.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use jackfield::port::Scope;
use rusqlite::params;
use serde::Deserialize;
use serde_json::json;

use super::Answer;
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Body, Caller};
use crate::errors::Failure;
use crate::permissions::Role;

/// `GET /roles/{id}`
pub(crate) async fn read(State(app): State<App>, _: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    Ok(Answer::ok(app.roles.find(&id).ok_or_else(missing)?.view()))
}

/// `GET /roles/name/{name}`
pub(crate) async fn named(State(app): State<App>, _: Caller, Path(name): Path<String>) -> Result<Answer, Failure> {
    Ok(Answer::ok(app.roles.named(&name).ok_or_else(missing)?.view()))
}

#[derive(Deserialize)]
struct Patch {
    permissions: Option<Vec<String>>,
}

/// `PUT /roles/{id}/patch`
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let patch: Patch = body.json("role")?;
    caller.require("manage_system", Scope::System).await?;
    let role = app.roles.find(&id).ok_or_else(missing)?;
    let permissions = patch.permissions.unwrap_or_else(|| role.permissions.clone());
    let role = Role { permissions, update_at: now(), ..Role::clone(&role) };
    let (text, update_at) = (json!(role.permissions).to_string(), role.update_at);
    let change = "UPDATE roles SET permissions = ?, update_at = ? WHERE id = ?";
    app.store.write(move |connection| Ok(connection.execute(change, params![text, update_at, id])?)).await?;
    app.roles.put(role.clone());
    drop(app.store.known().change()); // answers of the role as it was
    Ok(Answer::ok(role.view()))
}

fn missing() -> Failure {
    Failure::refused(StatusCode::NOT_FOUND, "chat.role.missing", "There is no such role.")
}
