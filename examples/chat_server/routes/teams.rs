//! Teams (API-63).

use axum::extract::{Path, State};
use jackfield::id::TeamId;
use jackfield::port::{ChannelKind, Scope};
use serde::Deserialize;
use serde_json::Value;

use super::Answer;
use crate::ambient::{now, random, secret};
use crate::app::App;
use crate::caller::{Body, Caller, team_id};
use crate::errors::Failure;
use crate::tables::channels::{self, Channel};
use crate::tables::teams::{self, Team};

#[derive(Deserialize)]
struct New {
    name: String,
    display_name: String,
    #[serde(rename = "type", default = "open")]
    team_type: String,
    #[serde(default)]
    description: String,
}

/// `POST /teams`: who makes a team administers it. It has two channels that everybody is in.
pub(crate) async fn create(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let new: New = body.json("team")?;
    caller.require("create_team", Scope::System).await?;
    let name = new.name.to_lowercase();
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !plain || !(2..=64).contains(&name.len()) {
        return Err(Failure::body("name"));
    }
    if new.display_name.is_empty() || !["O", "I"].contains(&new.team_type.as_str()) {
        return Err(Failure::body("team"));
    }
    let now = now();
    let team = Team {
        create_at: now,
        delete_at: 0,
        description: new.description,
        display_name: new.display_name,
        email: caller.account.email.clone(),
        id: TeamId::from_random(random()?),
        invite_id: secret()?,
        name,
        team_type: new.team_type,
        update_at: now,
    };
    let user = caller.account.id;
    let view = app.store.write(move |connection| {
        if teams::named(connection, &team.name)?.is_some() {
            return Err(Failure::body("name"));
        }
        teams::insert(connection, &team)?;
        teams::join(connection, team.id, user, "team_user team_admin")?;
        for (name, display_name) in channels::DEFAULT {
            let mut channel = Channel::new(ChannelKind::Public, Some(team.id), name, user)?;
            display_name.clone_into(&mut channel.display_name);
            channels::save(connection, &channel)?;
            channels::join(connection, channel.id, user, "channel_user channel_admin")?;
        }
        Ok(team.view(true, true))
    });
    Ok(Answer::created(view.await?))
}

/// `GET /teams`
pub(crate) async fn list(State(app): State<App>, caller: Caller) -> Result<Answer, Failure> {
    let own = (!caller.may("manage_system", Scope::System).await?).then_some(caller.account.id);
    let found = app.store.read(|connection| Ok(teams::list(connection, own)?))?;
    several(&caller, &found).await
}

/// `GET /users/{id}/teams`
pub(crate) async fn of_user(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    caller.require_for(user, "manage_system").await?;
    let found = app.store.read(|connection| Ok(teams::list(connection, Some(user))?))?;
    several(&caller, &found).await
}

/// `GET /teams/{id}`
pub(crate) async fn read(State(app): State<App>, caller: Caller, Path(team): Path<String>) -> Result<Answer, Failure> {
    let id = team_id(&team)?;
    let team = app.store.read(|connection| Ok(teams::find(connection, id)?))?;
    let team = team.ok_or_else(|| Failure::missing("app.team.get.find.app_error", "team"))?;
    caller.require("view_team", Scope::Team(id)).await?;
    Ok(Answer::ok(seen(&caller, &team).await?))
}

/// `GET /teams/name/{name}`
pub(crate) async fn named(State(app): State<App>, caller: Caller, Path(name): Path<String>) -> Result<Answer, Failure> {
    let team = app.store.read(|connection| Ok(teams::named(connection, &name.to_lowercase())?))?;
    let team = team.ok_or_else(|| Failure::missing("app.team.get_by_name.missing.app_error", "team"))?;
    caller.require("view_team", Scope::Team(team.id)).await?;
    Ok(Answer::ok(seen(&caller, &team).await?))
}

async fn several(caller: &Caller, teams: &[Team]) -> Result<Answer, Failure> {
    let mut views = Vec::new();
    for team in teams {
        views.push(seen(caller, team).await?);
    }
    Ok(Answer::ok(Value::Array(views)))
}

async fn seen(caller: &Caller, team: &Team) -> Result<Value, Failure> {
    let within = Scope::Team(team.id);
    Ok(team.view(caller.may("manage_team", within).await?, caller.may("invite_user", within).await?))
}

fn open() -> String {
    "O".to_owned()
}
