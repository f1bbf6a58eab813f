//! What each reader sees of a post: the stored post is the same for everybody, the copy that goes out is not (INC-79).

use std::collections::HashMap;

use jackfield::id::{ChannelId, UserId};
use jackfield::post::{Audience, Reader, mentioned_channels, props_for};
use rusqlite::Connection;
use serde_json::{Map, Value};

use crate::app::App;
use crate::errors::Failure;
use crate::tables::posts::{Beside, Post};
use crate::tables::reactions::{self, Reaction};
use crate::tables::{channels, files};

/// The post as an answer shows it to a reader.
pub(crate) fn post_for(app: &App, connection: &Connection, post: &Post, reader: UserId) -> Result<Value, Failure> {
    seen_by(app, connection, post, reader, Audience::Rest)
}

/// The post as a reader sees it, with its files and reactions.
pub(crate) fn seen_by(
    app: &App,
    connection: &Connection,
    post: &Post,
    reader: UserId,
    audience: Audience,
) -> Result<Value, Failure> {
    let props = props_seen_by(app, connection, post, reader, audience)?;
    let mut beside = Beside::default();
    for id in &post.file_ids {
        beside.files.extend(files::find(connection, id)?.map(|file| file.view()));
    }
    if post.has_reactions {
        beside.reactions = reactions::of_post(connection, post.id)?.iter().map(Reaction::view).collect();
    }
    Ok(post.view(&props, audience, beside))
}

/// The props of a post as a reader sees them.
pub(crate) fn props_seen_by(
    app: &App,
    connection: &Connection,
    post: &Post,
    reader: UserId,
    audience: Audience,
) -> Result<Map<String, Value>, Failure> {
    let mut names: HashMap<ChannelId, String> = HashMap::new();
    for id in mentioned_channels(&post.props) {
        if let Some(channel) = channels::find(connection, id)?
            && app.roles.may_read(connection, reader, &channel)?
        {
            names.insert(id, channel.display_name);
        }
    }
    let settings = app.settings.now();
    let reader = Reader {
        audience,
        channel: &|id| names.get(&id).cloned(),
        icon_override: settings.flag("ServiceSettings", "EnablePostIconOverride"),
        site_path: settings.site_path(),
    };
    Ok(props_for(&post.props, &reader))
}
