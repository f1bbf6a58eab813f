//! What listeners hear (API-58, API-62, API-74). Events go out after what they tell of is stored.

use std::collections::BTreeSet;

use jackfield::id::{ChannelId, TeamId, UserId};
use jackfield::port::{Ask, ChannelKind, Permission, Scope};
use jackfield::post::{self, Audience};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::hub::Frame;
use crate::app::App;
use crate::errors::Failure;
use crate::tables::channels::{self, Channel};
use crate::tables::posts::Post;
use crate::tables::reactions::Reaction;
use crate::tables::{accounts, files};
use crate::view::seen_by;

/// To whom an event goes, as its frame says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Broadcast {
    pub(crate) channel: Option<ChannelId>,
    pub(crate) omit: Option<UserId>,
    pub(crate) team: Option<TeamId>,
    pub(crate) user: Option<UserId>,
}

/// Writes an event, all but its `seq` and the last brace.
pub(crate) fn frame(event: &str, data: &Value, to: &Broadcast, flags: &[&str]) -> Frame {
    let mut broadcast = json!({
        "omit_users": to.omit.map(|user| json!({user.as_str(): true})),
        "user_id": to.user.as_ref().map_or("", UserId::as_str),
        "channel_id": to.channel.as_ref().map_or("", ChannelId::as_str),
        "team_id": to.team.as_ref().map_or("", TeamId::as_str),
        "connection_id": "", "omit_connection_id": "",
    });
    if let Some(members) = broadcast.as_object_mut() {
        members.extend(flags.iter().map(|flag| ((*flag).to_owned(), Value::Bool(true))));
    }
    let mut text = json!({"event": event, "data": data, "broadcast": broadcast}).to_string();
    text.pop();
    text.into()
}

/// Tells one user.
pub(crate) fn to_user(app: &App, user: UserId, event: &str, data: &Value) {
    app.hub.send(user, &frame(event, data, &Broadcast { user: Some(user), ..Broadcast::default() }, &[]));
}

/// Tells one member of a channel.
pub(crate) fn to_member(app: &App, channel: ChannelId, user: UserId, event: &str, data: &Value) {
    let broadcast = Broadcast { channel: Some(channel), user: Some(user), ..Broadcast::default() };
    app.hub.send(user, &frame(event, data, &broadcast, &[]));
}

/// Tells the members of a channel, but for one of them.
pub(crate) fn to_channel(app: &App, channel: ChannelId, event: &str, data: &Value, omit: Option<UserId>) {
    let frame = frame(event, data, &Broadcast { channel: Some(channel), omit, ..Broadcast::default() }, &[]);
    each_listener(app, channel, |_, user| {
        if omit != Some(user) {
            app.hub.send(user, &frame);
        }
        Ok(())
    });
}

/// Tells the members of a channel that a post was made.
pub(crate) fn posted(app: &App, post: &Post, set_online: bool) {
    let mut telling = None;
    each_listener(app, post.channel_id, |connection, user| {
        if telling.is_none() {
            telling = Telling::new(app, connection, post, set_online)?;
        }
        if let Some(telling) = &telling {
            app.hub.send(user, &telling.frame_for(app, connection, user)?);
        }
        Ok(())
    });
}

/// Tells the members of a channel that a post was changed.
pub(crate) fn edited(app: &App, post: &Post) {
    each_listener(app, post.channel_id, |connection, user| {
        let seen = seen_by(app, connection, post, user, Audience::Event)?.to_string();
        let broadcast = Broadcast { channel: Some(post.channel_id), ..Broadcast::default() };
        app.hub.send(user, &frame("post_edited", &json!({"post": seen}), &broadcast, &[]));
        Ok(())
    });
}

/// Tells the members of a channel that a post was deleted; `post` is as it was before.
pub(crate) fn deleted(app: &App, post: &Post, by: Option<UserId>) {
    each_listener(app, post.channel_id, |connection, user| {
        let mut seen = seen_by(app, connection, post, user, Audience::Event)?;
        if let Some(members) = seen.as_object_mut() {
            members.remove("metadata");
        }
        let mut data = json!({"post": seen.to_string()});
        let administrator = accounts::find(connection, user)?.is_some_and(|account| account.is_administrator());
        if let (true, Some(members)) = (administrator, data.as_object_mut()) {
            members.insert("delete_by".to_owned(), json!(by));
        }
        let broadcast = Broadcast { channel: Some(post.channel_id), ..Broadcast::default() };
        let flag = if administrator { "contains_sensitive_data" } else { "contains_sanitized_data" };
        app.hub.send(user, &frame("post_deleted", &data, &broadcast, &[flag]));
        Ok(())
    });
}

/// Shows a post that is not stored to one user.
pub(crate) fn ephemeral(app: &App, to: UserId, post: &Post) -> Result<Value, Failure> {
    let mut seen = app.store.read(|connection| seen_by(app, connection, post, to, Audience::Event))?;
    if let Some(members) = seen.as_object_mut() {
        members.remove("remote_id");
        members.insert("file_ids".to_owned(), Value::Null);
        members.insert("update_at".to_owned(), json!(0));
    }
    let broadcast = Broadcast { channel: Some(post.channel_id), user: Some(to), ..Broadcast::default() };
    app.hub.send(to, &frame("ephemeral_message", &json!({"post": seen.to_string()}), &broadcast, &[]));
    Ok(seen)
}

/// Tells the members of a channel that somebody reacted to a post, or took it back.
pub(crate) fn reacted(app: &App, event: &str, reaction: &Reaction) {
    to_channel(app, reaction.channel_id, event, &json!({"reaction": reaction.view().to_string()}), None);
}

/// Tells both that a direct channel was opened.
pub(crate) fn direct_opened(app: &App, channel: ChannelId, by: UserId, other: UserId) {
    to_channel(app, channel, "direct_added", &json!({"creator_id": by, "teammate_id": other}), None);
}

/// Tells everybody in it that a group channel was opened.
pub(crate) fn group_opened(app: &App, channel: ChannelId) {
    let members = app.store.read(|connection| Ok(channels::members(connection, channel)?)).unwrap_or_default();
    let ids: Vec<UserId> = members.into_iter().map(|(user, _)| user).collect();
    to_channel(app, channel, "group_added", &json!({"teammate_ids": json!(ids).to_string()}), None);
}

/// What all who hear of one new post are told alike.
struct Telling<'a> {
    data: Map<String, Value>,
    mentioned: BTreeSet<UserId>,
    post: &'a Post,
}

impl<'a> Telling<'a> {
    /// None if the channel or the author is gone meanwhile.
    fn new(app: &App, connection: &Connection, post: &'a Post, set_online: bool) -> Result<Option<Self>, Failure> {
        let (channel, author) =
            (channels::find(connection, post.channel_id)?, accounts::find(connection, post.user_id)?);
        let (Some(channel), Some(author)) = (channel, author) else { return Ok(None) };
        let name = format!("@{}", author.username);
        let direct = channel.kind == ChannelKind::Direct;
        let mut data = Map::new();
        let mut tell = |key: &str, value: Value| data.insert(key.to_owned(), value);
        tell("channel_display_name", if direct { json!(name) } else { json!(channel.display_name) });
        tell("channel_name", json!(channel.name));
        tell("channel_type", json!(channel.letter()));
        for flag in kinds_of_files(connection, post)? {
            tell(flag, json!("true"));
        }
        tell("set_online", json!(set_online));
        tell("team_id", json!(channel.team_id.as_ref().map_or("", TeamId::as_str)));
        let shown = post.props.get("override_username").and_then(Value::as_str).filter(|shown| !shown.is_empty());
        let overrides = !direct && app.settings.now().username_override();
        tell("sender_name", json!(shown.filter(|_| overrides).unwrap_or(&name)));
        Ok(Some(Self { data, mentioned: mentioned(app, connection, post, &channel)?, post }))
    }

    fn frame_for(&self, app: &App, connection: &Connection, user: UserId) -> Result<Frame, Failure> {
        let mut data = self.data.clone();
        data.insert("post".to_owned(), json!(seen_by(app, connection, self.post, user, Audience::Event)?.to_string()));
        if self.mentioned.contains(&user) {
            data.insert("mentions".to_owned(), json!(json!([user]).to_string()));
        }
        let broadcast = Broadcast { channel: Some(self.post.channel_id), ..Broadcast::default() };
        Ok(frame("posted", &Value::Object(data), &broadcast, &[]))
    }
}

/// Says of a post whether it has files, and whether pictures are among them.
fn kinds_of_files(connection: &Connection, post: &Post) -> Result<BTreeSet<&'static str>, Failure> {
    let mut kinds = BTreeSet::new();
    for id in &post.file_ids {
        if let Some(file) = files::find(connection, id)? {
            kinds.insert("otherFile");
            kinds.extend(file.mime_type.starts_with("image/").then_some("image"));
        }
    }
    Ok(kinds)
}

/// Who is mentioned in a post (INC-73, INC-78).
fn mentioned(app: &App, connection: &Connection, post: &Post, channel: &Channel) -> Result<BTreeSet<UserId>, Failure> {
    let hook = post.props.get("from_webhook").and_then(Value::as_str) == Some("true");
    let mentions = post::mentions(post::stored_mention_texts(&post.message, &post.props));
    let mut found = BTreeSet::new();
    if channel.kind == ChannelKind::Direct {
        found.extend(channels::members(connection, channel.id)?.into_iter().map(|(user, _)| user));
    }
    if !mentions.is_empty() {
        let members = members_named(connection, channel.id, &mentions.names())?;
        found.extend(
            mentions.users(|name| members.iter().find(|(username, _)| username == name).map(|(_, user)| *user)),
        );
    }
    if mentions.everyone() || mentions.here() {
        let ask = Ask::new(Permission::USE_CHANNEL_MENTIONS, Scope::Channel(channel.id));
        if app.roles.may(connection, post.user_id, &ask)? {
            let members = channels::members(connection, channel.id)?.into_iter().map(|(user, _)| user);
            found.extend(members.filter(|user| mentions.everyone() || app.hub.is_there(*user)));
        }
    }
    if !hook {
        found.remove(&post.user_id);
    }
    Ok(found)
}

/// The members of a channel who have one of these names.
pub(crate) fn members_named(
    connection: &Connection,
    channel: ChannelId,
    names: &[&str],
) -> Result<Vec<(String, UserId)>, Failure> {
    let mut found = Vec::new();
    for name in names {
        if let Some(account) = accounts::named(connection, name)?
            && channels::roles_of(connection, channel, account.id)?.is_some()
        {
            found.push((account.username, account.id));
        }
    }
    Ok(found)
}

/// Calls `tell` for every member of a channel who listens now. What fails is logged: it concerns no caller.
fn each_listener(app: &App, channel: ChannelId, mut tell: impl FnMut(&Connection, UserId) -> Result<(), Failure>) {
    let listeners = app.hub.listeners();
    if listeners.is_empty() {
        return;
    }
    let told = app.store.read(|connection| {
        for user in listeners {
            if channels::roles_of(connection, channel, user)?.is_some() {
                tell(connection, user)?;
            }
        }
        Ok(())
    });
    if let Err(failure) = told {
        eprintln!("an event was lost: {failure}");
    }
}
