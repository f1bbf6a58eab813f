//! Who is in a team or a channel (API-63).

use axum::extract::{Path, State};
use jackfield::id::{ChannelId, TeamId, UserId};
use jackfield::port::{ChannelKind, Scope};
use serde::Deserialize;
use serde_json::{Map, json};

use super::Answer;
use super::channels::{find as find_channel, list, readable};
use crate::ambient::now;
use crate::app::App;
use crate::caller::{Body, Caller, Params, team_id};
use crate::errors::Failure;
use crate::membership;
use crate::tables::{accounts, channels, teams};

#[derive(Deserialize)]
struct NewInTeam {
    team_id: String,
    user_id: String,
}

/// `POST /teams/{id}/members`
pub(crate) async fn add_to_team(
    State(app): State<App>,
    caller: Caller,
    Path(team): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let team = team_id(&team)?;
    let new: NewInTeam = body.json("team_member")?;
    if TeamId::parse(&new.team_id) != Ok(team) {
        return Err(Failure::body("team_id"));
    }
    let user = UserId::parse(&new.user_id).map_err(|_| Failure::body("user_id"))?;
    caller.require("add_user_to_team", Scope::Team(team)).await?;
    Ok(Answer::created(teams::member_view(team, user, &join_team(&app, team, user).await?)))
}

/// Lets a user into a team and the channels that everybody in it is in. Returns their roles there, which stay what they
/// were if they are in it already.
pub(crate) async fn join_team(app: &App, team: TeamId, user: UserId) -> Result<String, Failure> {
    let roles = app.store.write(move |connection| {
        if teams::find(connection, team)?.is_none() {
            return Err(Failure::missing("app.team.get.find.app_error", "team"));
        }
        if accounts::find(connection, user)?.is_none() {
            return Err(Failure::missing("app.user.missing_account.const", "user"));
        }
        if let Some(roles) = teams::roles_of(connection, team, user)? {
            return Ok(roles);
        }
        teams::join(connection, team, user, "team_user")?;
        for (name, _) in channels::DEFAULT {
            if let Some(channel) = channels::named(connection, Some(team), name)? {
                channels::join(connection, channel.id, user, "channel_user")?;
            }
        }
        Ok("team_user".to_owned())
    });
    roles.await
}

/// `GET /teams/{id}/members`
pub(crate) async fn list_team(
    State(app): State<App>,
    caller: Caller,
    Path(team): Path<String>,
    params: Params,
) -> Result<Answer, Failure> {
    let team = team_id(&team)?;
    caller.require("view_team", Scope::Team(team)).await?;
    let (limit, offset) = params.page();
    let found = app.store.read(|connection| Ok(teams::members(connection, team, limit, offset)?))?;
    Ok(list(found.iter().map(|(user, roles)| teams::member_view(team, *user, roles)).collect()))
}

/// `GET /users/{id}/teams/members`
pub(crate) async fn teams_of_user(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    caller.require_for(user, "manage_system").await?;
    let found = app.store.read(|connection| Ok(teams::memberships(connection, user)?))?;
    Ok(list(found.iter().map(|(team, roles)| teams::member_view(*team, user, roles)).collect()))
}

/// `GET /teams/{id}/members/{user}`
pub(crate) async fn of_team(
    State(app): State<App>,
    caller: Caller,
    Path((team, user)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let (team, user) = (team_id(&team)?, caller.user(&user)?);
    caller.require("view_team", Scope::Team(team)).await?;
    let roles = app.store.read(|connection| Ok(teams::roles_of(connection, team, user)?))?;
    let roles = roles.ok_or_else(|| Failure::missing("chat.member.missing", "member"))?;
    Ok(Answer::ok(teams::member_view(team, user, &roles)))
}

/// `DELETE /teams/{id}/members/{user}`
pub(crate) async fn remove_from_team(
    State(app): State<App>,
    caller: Caller,
    Path((team, user)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let (team, user) = (team_id(&team)?, caller.user(&user)?);
    if user != caller.account.id || caller.engine.is_restricted() {
        caller.require("remove_user_from_team", Scope::Team(team)).await?;
    }
    let left = app.store.write(move |connection| Ok(teams::leave(connection, team, user)?)).await?;
    if left { Ok(Answer::done()) } else { Err(Failure::missing("chat.member.missing", "member")) }
}

#[derive(Deserialize)]
struct SchemeRoles {
    scheme_admin: bool,
    scheme_user: bool,
}

/// `PUT /teams/{id}/members/{user}/schemeRoles`
pub(crate) async fn scheme_roles(
    State(app): State<App>,
    caller: Caller,
    Path((team, user)): Path<(String, String)>,
    body: Body,
) -> Result<Answer, Failure> {
    let (team, user) = (team_id(&team)?, caller.user(&user)?);
    let asked: SchemeRoles = body.json("scheme_roles")?;
    caller.require("manage_team_roles", Scope::Team(team)).await?;
    app.store
        .write(move |connection| {
            let now = teams::roles_of(connection, team, user)?;
            let now = now.ok_or_else(|| Failure::missing("chat.member.missing", "member"))?;
            let explicit = teams::explicit(&now, "team_");
            let given = [(asked.scheme_user, "team_user"), (asked.scheme_admin, "team_admin")];
            let mut roles: Vec<&str> = given.iter().filter(|(given, _)| *given).map(|(_, role)| *role).collect();
            roles.extend(explicit.split_whitespace());
            Ok(teams::join(connection, team, user, &roles.join(" "))?)
        })
        .await?;
    Ok(Answer::done())
}

/// `GET /channels/{id}/members`
pub(crate) async fn of_channel(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    params: Params,
) -> Result<Answer, Failure> {
    let channel = readable(&app, &caller, &channel).await?;
    let (limit, offset) = params.page();
    let found = app.store.read(|connection| Ok(channels::page_of_members(connection, channel.id, limit, offset)?))?;
    Ok(list(found.iter().map(channels::member_view).collect()))
}

/// `GET /channels/{id}/members/{user}`
pub(crate) async fn one_of_channel(
    State(app): State<App>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let channel = readable(&app, &caller, &channel).await?;
    let found = app.store.read(|connection| Ok(channels::member(connection, channel.id, user)?))?;
    let found = found.ok_or_else(|| Failure::missing("chat.member.missing", "member"))?;
    Ok(Answer::ok(channels::member_view(&found)))
}

/// `GET /users/{id}/teams/{id}/channels/members`
pub(crate) async fn channels_of_user(
    State(app): State<App>,
    caller: Caller,
    Path((user, team)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let (user, team) = (caller.user(&user)?, team_id(&team)?);
    caller.require_for(user, "manage_system").await?;
    caller.require("view_team", Scope::Team(team)).await?;
    let found = app.store.read(|connection| Ok(channels::memberships(connection, user, team)?))?;
    Ok(list(found.iter().map(channels::member_view).collect()))
}

#[derive(Deserialize)]
struct View {
    channel_id: Option<String>,
    prev_channel_id: Option<String>,
}

/// `POST /channels/members/{user}/view`: the user looks at a channel now, and left another one.
pub(crate) async fn view(
    State(app): State<App>,
    caller: Caller,
    Path(user): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let user = caller.user(&user)?;
    let viewed: View = body.json("channel_view")?;
    caller.require_for(user, "edit_other_users").await?;
    let mut ids = Vec::new();
    for id in [viewed.channel_id, viewed.prev_channel_id].into_iter().flatten().filter(|id| !id.is_empty()) {
        ids.push(ChannelId::parse(&id).map_err(|_| Failure::body("channel_id"))?);
    }
    let job = app.store.write(move |connection| {
        let (now, mut times) = (now(), Map::new());
        for id in ids {
            if channels::view(connection, id, user, now)? {
                times.insert(id.into(), json!(now));
            }
        }
        Ok(times)
    });
    Ok(Answer::ok(json!({"status": "OK", "last_viewed_at_times": job.await?})))
}

#[derive(Deserialize)]
struct NewInChannel {
    #[serde(default)]
    user_id: String,
    #[serde(default)]
    user_ids: Vec<String>,
}

/// `POST /channels/{id}/members`: one by `user_id`, or several by `user_ids`.
pub(crate) async fn add_to_channel(
    State(app): State<App>,
    caller: Caller,
    Path(channel): Path<String>,
    body: Body,
) -> Result<Answer, Failure> {
    let new: NewInChannel = body.json("member")?;
    let channel = find_channel(&app, &channel)?;
    let team = channel.team_id.filter(|_| channel.delete_at == 0).ok_or_else(|| Failure::body("channel_id"))?;
    let names = if new.user_id.is_empty() { new.user_ids.as_slice() } else { std::slice::from_ref(&new.user_id) };
    let users = names.iter().map(|id| UserId::parse(id)).collect::<Result<Vec<_>, _>>();
    let users = users.ok().filter(|users| !users.is_empty()).ok_or_else(|| Failure::body("user_id"))?;
    let joins = users == [caller.account.id] && channel.kind == ChannelKind::Public;
    if joins && caller.may("join_public_channels", Scope::Team(team)).await? {
        // Whoever may look into public channels may join them.
    } else {
        caller.require(membership::permission(channel.kind), Scope::Channel(channel.id)).await?;
    }
    let joined = membership::add(&app, &channel, users).await?;
    let mut views = joined.iter().map(|(member, is_new)| {
        let viewed_at = if *is_new { -1 } else { member.viewed_at };
        channels::member_view(&channels::Member { viewed_at, ..member.clone() })
    });
    if new.user_id.is_empty() {
        return Ok(Answer::created(views.collect()));
    }
    Ok(Answer::created(views.next().unwrap_or_default()))
}

/// `DELETE /channels/{id}/members/{user}`
pub(crate) async fn remove_from_channel(
    State(app): State<App>,
    caller: Caller,
    Path((channel, user)): Path<(String, String)>,
) -> Result<Answer, Failure> {
    let (channel, user) = (find_channel(&app, &channel)?, caller.user(&user)?);
    if user != caller.account.id || caller.engine.is_restricted() {
        caller.require(membership::permission(channel.kind), Scope::Channel(channel.id)).await?;
    }
    if !membership::remove(&app, channel.id, user, caller.account.id).await? {
        return Err(Failure::missing("chat.member.missing", "member"));
    }
    Ok(Answer::done())
}
