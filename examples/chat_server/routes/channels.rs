//! Channels (API-63, API-70).

use std::collections::BTreeSet;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use jackfield::api::Api;
use jackfield::engine::Notice;
use jackfield::id::{TeamId, UserId};
use jackfield::port::{ChannelKind, Scope};
use serde::Deserialize;
use serde_json::{Value, json};

use super::Answer;
use crate::ambient::now;
use crate::app::{App, Server};
use crate::caller::{Body, Caller, Params, channel_id, team_id};
use crate::direct;
use crate::errors::Failure;
use crate::live::events;
use crate::properties;
use crate::tables::channels::{self, Channel};
use crate::tables::{accounts, files, posts, teams};

#[derive(Deserialize)]
struct New {
    team_id: String,
    name: String,
    display_name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    header: String,
    #[serde(default)]
    purpose: String,
}

/// `POST /channels`: who makes a channel administers it.
pub(crate) async fn create(State(app): State<App>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let new: New = body.json("channel")?;
    let team = TeamId::parse(&new.team_id).map_err(|_| Failure::body("team_id"))?;
    let (kind, permission) = match new.kind.as_str() {
        "O" => (ChannelKind::Public, "create_public_channel"),
        "P" => (ChannelKind::Private, "create_private_channel"),
        _ => return Err(Failure::body("type")),
    };
    caller.require(permission, Scope::Team(team)).await?;
    let name = checked_name(&new.name)?;
    if new.display_name.is_empty() {
        return Err(Failure::body("display_name"));
    }
    let mut channel = Channel::new(kind, Some(team), &name, caller.account.id)?;
    (channel.display_name, channel.header, channel.purpose) = (new.display_name, new.header, new.purpose);
    let user = caller.account.id;
    let made = channel.clone();
    app.store
        .write(move |connection| {
            if teams::find(connection, team)?.is_none() {
                return Err(Failure::missing("app.team.get.find.app_error", "team"));
            }
            if channels::named(connection, Some(team), &channel.name)?.is_some() {
                return Err(Failure::body("name"));
            }
            channels::save(connection, &channel)?;
            Ok(channels::join(connection, channel.id, user, "channel_user channel_admin")?)
        })
        .await?;
    events::to_user(&app, user, "channel_created", &json!({"channel_id": made.id, "team_id": team}));
    Ok(Answer::created(made.view()))
}

/// `POST /channels/direct`: opens the channel if it is not there (API-70).
pub(crate) async fn direct(State(server): State<Server>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let app = &server.app;
    let ids = ids_of(&body)?;
    let user = caller.account.id;
    let (one, other) = match *ids.as_slice() {
        [one] => (one, user),
        [one, other] => (one, other),
        _ => return Err(Failure::body("user_ids")),
    };
    if one != user && other != user {
        caller.require("manage_system", Scope::System).await?;
    }
    let (by, other) = if one == user { (one, other) } else { (other, one) };
    caller.require("create_direct_channel", Scope::System).await?;
    let missing = || Failure::missing("app.user.missing_account.const", "user");
    let two = app.store.read(|connection| {
        let find = |id| accounts::find(connection, id)?.ok_or_else(missing);
        Ok([find(by)?, find(other)?])
    })?;
    let everywhere = caller.may("manage_system", Scope::System).await?;
    if !everywhere && !direct::allows_opening(&server, user, &two).await? {
        let id = "api.channel.create_channel.direct_channel.team_restricted_error";
        return Err(Failure::refused(
            StatusCode::FORBIDDEN,
            id,
            "Direct messages are limited to members of a common team.",
        ));
    }
    Ok(Answer::created(direct::open(app, by, other).await?.view()))
}

/// `POST /channels/group`: three to eight people, the caller among them, named or not.
pub(crate) async fn group(State(server): State<Server>, caller: Caller, body: Body) -> Result<Answer, Failure> {
    let mut members: BTreeSet<UserId> = ids_of(&body)?.into_iter().collect();
    members.insert(caller.account.id);
    if !(3..=8).contains(&members.len()) {
        return Err(Failure::body("user_ids"));
    }
    caller.require("create_group_channel", Scope::System).await?;
    Ok(Answer::created(direct::open_group(&server.app, caller.account.id, members).await?.view()))
}

/// The users that a body names.
fn ids_of(body: &Body) -> Result<Vec<UserId>, Failure> {
    let names: Vec<String> = body.array()?;
    names.iter().map(|id| UserId::parse(id).map_err(|_| Failure::body("user_ids"))).collect()
}

/// Whether the setting `RestrictDirectMessage` lets one user write to another.
pub(crate) fn may_write_to(app: &App, by: UserId, other: UserId) -> Result<bool, Failure> {
    let free = by == other || app.settings.now().text("TeamSettings", "RestrictDirectMessage") != "team";
    Ok(free || app.store.read(|connection| Ok(teams::shared(connection, by, other)?))?)
}

/// `GET /channels/{id}`
pub(crate) async fn read(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    Ok(Answer::ok(readable(&app, &caller, &id).await?.view()))
}

/// `GET /channels/{id}/stats`
pub(crate) async fn stats(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let channel = readable(&app, &caller, &id).await?;
    app.store.read(|connection| {
        Ok(Answer::ok(json!({
            "channel_id": channel.id, "member_count": channels::members(connection, channel.id)?.len(),
            "guest_count": 0, "pinnedpost_count": posts::pinned(connection, channel.id)?,
            "files_count": files::count(connection, channel.id)?,
        })))
    })
}

#[derive(Deserialize)]
struct Patch {
    display_name: Option<String>,
    header: Option<String>,
    name: Option<String>,
    purpose: Option<String>,
}

/// `PUT /channels/{id}/patch`
pub(crate) async fn patch(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let patch: Patch = body.json("channel")?;
    let channel = find(&app, &id)?;
    caller.require(properties::permission(channel.kind), Scope::Channel(channel.id)).await?;
    if channel.delete_at != 0 || (channel.team_id.is_none() && (patch.name.is_some() || patch.display_name.is_some())) {
        return Err(Failure::body("channel"));
    }
    if patch.display_name.as_ref().is_some_and(String::is_empty) {
        return Err(Failure::body("display_name"));
    }
    let name = patch.name.as_deref().map(checked_name).transpose()?.filter(|name| *name != channel.name);
    if let (Some(name), Some(team)) = (&name, channel.team_id) {
        let is_default = channels::DEFAULT.iter().any(|(name, _)| *name == channel.name);
        let taken = app.store.read(|connection| Ok(channels::named(connection, Some(team), name)?.is_some()))?;
        if is_default || taken {
            return Err(Failure::body("name"));
        }
    }
    let edit = move |channel: &mut Channel| {
        channel.name = name.unwrap_or_else(|| channel.name.clone());
        channel.display_name = patch.display_name.unwrap_or_else(|| channel.display_name.clone());
        channel.header = patch.header.unwrap_or_else(|| channel.header.clone());
        channel.purpose = patch.purpose.unwrap_or_else(|| channel.purpose.clone());
    };
    Ok(Answer::ok(properties::edit(&app, channel, edit).await?.view()))
}

/// A name as a channel of a team may have it.
fn checked_name(name: &str) -> Result<String, Failure> {
    let name = name.to_lowercase();
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte));
    // Two ids joined by `__` are the name of a direct channel.
    let fits = plain && (1..=64).contains(&name.len()) && !name.contains("__");
    if fits { Ok(name) } else { Err(Failure::body("name")) }
}

/// `GET /teams/{id}/channels/name/{name}`
pub(crate) async fn named(
    State(app): State<App>,
    caller: Caller,
    Path((team, name)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    visible(&app, &caller, Some(team_id(&team)?), &name).await
}

/// `GET /teams/name/{team}/channels/name/{name}`
pub(crate) async fn named_in_named_team(
    State(app): State<App>,
    caller: Caller,
    Path((team, name)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let team = app.store.read(|connection| Ok(teams::named(connection, &team.to_lowercase())?))?;
    visible(&app, &caller, team.map(|team| team.id), &name).await
}

/// A channel by name; one that the caller may not see looks like one that is not there.
async fn visible(app: &App, caller: &Caller, team: Option<TeamId>, name: &str) -> Result<Answer, Failure> {
    let channel = match team {
        Some(_) => app.store.read(|connection| Ok(channels::named(connection, team, &name.to_lowercase())?))?,
        None => None,
    };
    match channel {
        Some(channel) if caller.may_read(&channel).await? => Ok(Answer::ok(channel.view())),
        _ => Err(Failure::missing("app.channel.get_by_name.missing.app_error", "channel")),
    }
}

/// `GET /teams/{id}/channels`: the public ones.
pub(crate) async fn of_team(
    State(app): State<App>,
    caller: Caller,
    Path(team): Path<String>,
    params: Params,
) -> Result<Answer, Failure> {
    let team = team_id(&team)?;
    caller.require("list_team_channels", Scope::Team(team)).await?;
    let (limit, offset) = params.page();
    let found = app.store.read(|connection| Ok(channels::public(connection, team, limit, offset)?))?;
    Ok(Answer::ok(found.iter().map(Channel::view).collect()))
}

/// `GET /users/{id}/teams/{id}/channels`
pub(crate) async fn of_user(
    State(app): State<App>,
    caller: Caller,
    Path((user, team)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let (user, team) = (caller.user(&user)?, team_id(&team)?);
    caller.require_for(user, "manage_system").await?;
    caller.require("view_team", Scope::Team(team)).await?;
    let found = app.store.read(|connection| Ok(channels::of_user(connection, user, Some(team))?))?;
    Ok(Answer::ok(found.iter().map(Channel::view).collect()))
}

/// `GET /users/{id}/channels`: those of all teams, and direct and group channels.
pub(crate) async fn of_user_everywhere(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    caller.require_for(user, "manage_system").await?;
    let found = app.store.read(|connection| Ok(channels::of_user(connection, user, None)?))?;
    Ok(Answer::ok(found.iter().map(Channel::view).collect()))
}

/// `DELETE /channels/{id}`: archives it.
pub(crate) async fn archive(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
) -> Result<Answer, Failure> {
    let channel = find(&app, &id)?;
    let permission = match channel.kind {
        ChannelKind::Public => "delete_public_channel",
        ChannelKind::Private => "delete_private_channel",
        ChannelKind::Direct | ChannelKind::Group => return Err(Failure::body("channel_id")),
    };
    caller.require(permission, Scope::Channel(channel.id)).await?;
    if channels::DEFAULT.iter().any(|(name, _)| *name == channel.name) {
        return Err(Failure::body("channel_id"));
    }
    let channel = properties::change(&app, channel, |channel| channel.delete_at = now()).await?;
    api.engine().notice(Notice::ChannelArchived(channel.id)).await?;
    let data = json!({"channel_id": channel.id, "delete_at": channel.delete_at});
    events::to_channel(&app, channel.id, "channel_deleted", &data, None);
    Ok(Answer::done())
}

/// `POST /channels/{id}/restore`
pub(crate) async fn restore(State(app): State<App>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Failure> {
    let channel = find(&app, &id)?;
    let team = channel.team_id.ok_or_else(|| Failure::body("channel_id"))?;
    caller.require("manage_team", Scope::Team(team)).await?;
    let channel = properties::change(&app, channel, |channel| channel.delete_at = 0).await?;
    Ok(Answer::ok(channel.view()))
}

#[derive(Deserialize)]
struct Privacy {
    privacy: String,
}

/// `PUT /channels/{id}/privacy`: makes a channel public or private.
pub(crate) async fn privacy(
    State(app): State<App>,
    State(api): State<Api>,
    caller: Caller,
    Path(id): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let Privacy { privacy } = body.json("privacy")?;
    let channel = find(&app, &id)?;
    let team = channel.team_id.ok_or_else(|| Failure::body("channel_id"))?;
    let (kind, permission) = match privacy.as_str() {
        "O" => (ChannelKind::Public, "convert_private_channel_to_public"),
        "P" => (ChannelKind::Private, "convert_public_channel_to_private"),
        _ => return Err(Failure::body("privacy")),
    };
    caller.require(permission, Scope::Team(team)).await?;
    let channel = properties::edit(&app, channel, move |channel| channel.kind = kind).await?;
    api.engine().notice(Notice::ChannelConverted(channel.id)).await?;
    Ok(Answer::ok(channel.view()))
}

/// The channel that a path names.
pub(crate) fn find(app: &App, id: &str) -> Result<Channel, Failure> {
    let id = channel_id(id)?;
    let channel = app.store.read(|connection| Ok(channels::find(connection, id)?))?;
    channel.ok_or_else(|| Failure::missing("app.channel.get.existing.app_error", "channel"))
}

/// The channel that a path names, if the caller may read it.
pub(super) async fn readable(app: &App, caller: &Caller, id: &str) -> Result<Channel, Failure> {
    let channel = find(app, id)?;
    if caller.may_read(&channel).await? { Ok(channel) } else { Err(Failure::permission("read_channel")) }
}

/// A list of views as one value.
pub(crate) fn list(views: Vec<Value>) -> Answer {
    Answer::ok(Value::Array(views))
}
