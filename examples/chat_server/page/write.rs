//! What people do in channels: write, join, begin a direct message.

use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use jackfield::id::PostId;
use jackfield::port::{ChannelKind, Scope};

use super::channel::channel_path;
use super::visit::Sent;
use super::{run, seen};
use crate::errors::Failure;
use crate::posting::Written;
use crate::routes::{may_write_to, posts};
use crate::tables::accounts;
use crate::{direct as direct_channels, membership};

/// `POST /t/{team}/c/{channel}/posts`
pub(crate) async fn send(Path((team, channel)): Path<(String, String)>, sent: Sent) -> Result<Response, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let channel = seen::channel(visit, &team, &channel)?;
    let written =
        Written { message: sent.lines("message"), root_id: sent.text("root").to_owned(), ..Written::default() };
    let root = PostId::parse(&written.root_id).ok();
    let back = match root {
        Some(root) => format!("/t/{}/posts/{}", team.name, root.as_str()),
        None => channel_path(&team, &channel),
    };
    // The script runs commands itself, and sends such a line only if it is to be a message.
    if written.message.starts_with('/') && !sent.is_from_script {
        return run::run(visit, &team, &channel, written.message, root, &back).await;
    }
    if !written.message.trim().is_empty() {
        posts::publish(&visit.server, &visit.caller, channel.id.as_str(), written).await?;
    }
    if sent.is_from_script {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    Ok(Redirect::to(&back).into_response())
}

/// `POST /t/{team}/c/{channel}/join`
pub(crate) async fn join(Path((team, channel)): Path<(String, String)>, sent: Sent) -> Result<Redirect, Failure> {
    let visit = &sent.visit;
    let team = seen::team(visit, &team)?;
    let channel = seen::channel(visit, &team, &channel)?;
    let user = visit.user();
    let is_open = channel.team_id == Some(team.id) && channel.kind == ChannelKind::Public;
    if !is_open {
        return Err(seen::missing("channel"));
    }
    visit.server.app.require(user, "join_public_channels", Scope::Team(team.id))?;
    membership::add(&visit.server.app, &channel, vec![user]).await?;
    Ok(Redirect::to(&channel_path(&team, &channel)))
}

/// `POST /t/{team}/direct/{user}`: opens the direct channel with somebody of the team.
pub(crate) async fn direct(Path((team, other)): Path<(String, String)>, sent: Sent) -> Result<Redirect, Failure> {
    let visit = &sent.visit;
    let app = &visit.server.app;
    let team = seen::team(visit, &team)?;
    app.require(visit.user(), "create_direct_channel", Scope::System)?;
    let other = app.store.read(|connection| Ok(accounts::named(connection, &other)?))?;
    let other = other.ok_or_else(|| seen::missing("user"))?.id;
    let user = visit.user();
    if !may_write_to(app, user, other)? {
        return Err(Failure::permission("create_direct_channel"));
    }
    let channel = direct_channels::open(app, user, other).await?;
    Ok(Redirect::to(&channel_path(&team, &channel)))
}
