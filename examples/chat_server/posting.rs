//! Posts made by hand: what is refused (API-40, API-67) and what is added before they are stored.

use axum::http::StatusCode;
use jackfield::id::{PostId, TeamId, UserId};
use jackfield::port::{Ask, Permission, Scope};
use jackfield::post::{channel_names, hashtags, mentions_channel, stored_mention_texts, strip_reserved};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::ambient::{now, post_id};
use crate::app::App;
use crate::errors::Failure;
use crate::tables::channels::{self, Channel};
use crate::tables::posts::{self, Post};
use crate::tables::teams;

/// What somebody wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) message: String,
    pub(crate) post_type: String,
    pub(crate) props: Map<String, Value>,
    pub(crate) root_id: String,
}

/// Makes a post of what `author` wrote in a channel that they may post to.
pub(crate) fn compose(
    app: &App,
    connection: &Connection,
    author: UserId,
    channel: &Channel,
    written: Written,
) -> Result<Post, Failure> {
    if written.post_type.starts_with("system_") {
        return Err(refused("api.context.invalid_param.app_error", "This type is the server's own."));
    }
    if channel.delete_at != 0 {
        return Err(refused("api.post.create_post.can_not_post_to_deleted.error", "The channel is archived."));
    }
    let root_id = root(connection, channel, &written.root_id)?;
    check(&written)?;
    let now = now();
    let mut post = Post {
        channel_id: channel.id,
        create_at: now,
        delete_at: 0,
        edit_at: 0,
        hashtags: hashtags(&written.message),
        id: post_id(now)?,
        is_pinned: false,
        message: written.message,
        origin: None,
        post_type: written.post_type,
        priority: None,
        props: without_reserved(written.props),
        replies: 0,
        root_id,
        update_at: now,
        user_id: author,
    };
    add_mentions(app, connection, channel, &mut post)?;
    Ok(post)
}

/// Replaces the text and the props of a post.
pub(crate) fn rewrite(app: &App, connection: &Connection, post: &mut Post, written: Written) -> Result<(), Failure> {
    check(&written)?;
    let channel = channels::find(connection, post.channel_id)?.ok_or_else(|| Failure::permission("edit_post"))?;
    // What says who made the post stays as it was, whatever the caller sends.
    let mut props = without_reserved(written.props);
    let ours = KEPT.iter().filter_map(|name| post.props.get(*name).map(|value| ((*name).to_owned(), value.clone())));
    props.extend(ours.collect::<Vec<_>>());
    post.props = props;
    post.hashtags = hashtags(&written.message);
    post.message = written.message;
    post.update_at = now().max(post.update_at.saturating_add(1));
    post.edit_at = post.update_at;
    add_mentions(app, connection, &channel, post)
}

/// The limits of API-40.
fn check(written: &Written) -> Result<(), Failure> {
    if written.message.contains('\0') {
        return Err(Failure::body("post"));
    }
    if written.message.chars().count() > jackfield::post::MAX_MESSAGE_RUNES {
        return Err(refused("model.post.is_valid.message_length.app_error", "The message is too long."));
    }
    if serde_json::to_string(&written.props)?.chars().count() > MAX_PROPS {
        return Err(refused("model.post.is_valid.props.app_error", "The props are too long."));
    }
    let known = ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels"];
    if !known.contains(&written.post_type.as_str()) && !written.post_type.starts_with("custom_") {
        return Err(refused("model.post.is_valid.type.app_error", "There is no such type of post."));
    }
    Ok(())
}

/// The root that a post answers: a live post of the same channel that is no answer itself.
fn root(connection: &Connection, channel: &Channel, root_id: &str) -> Result<Option<PostId>, Failure> {
    if root_id.is_empty() {
        return Ok(None);
    }
    let wrong = || refused("api.post.create_post.root_id.app_error", "There is no such post to answer.");
    let id = PostId::parse(root_id).map_err(|_| wrong())?;
    let root = posts::find(connection, id)?.filter(|root| root.delete_at == 0 && root.root_id.is_none());
    if root.ok_or_else(wrong)?.channel_id != channel.id {
        return Err(refused("api.post.create_post.channel_root_id.app_error", "The post to answer is elsewhere."));
    }
    Ok(Some(id))
}

/// Adds the channels that the post names (INC-76) and says whether its `@channel` counts (INC-72).
fn add_mentions(app: &App, connection: &Connection, channel: &Channel, post: &mut Post) -> Result<(), Failure> {
    let team = post.props.remove("current_team_id");
    let team = channel.team_id.or_else(|| team.and_then(|id| TeamId::parse(id.as_str()?).ok()));
    let mut named = Map::new();
    if let Some(team) = team.map(|id| teams::find(connection, id)).transpose()?.flatten() {
        for name in stored_mention_texts(&post.message, &post.props).flat_map(channel_names).take(MAX_CHANNELS_NAMED) {
            let found = channels::named(connection, Some(team.id), name)?.filter(|found| found.delete_at == 0);
            if let Some(found) = found
                && app.roles.may_read(connection, post.user_id, &found)?
            {
                let mention = json!({"id": found.id, "display_name": found.display_name, "team_name": team.name});
                named.insert(name.to_owned(), mention);
            }
        }
    }
    if !named.is_empty() {
        post.props.insert("channel_mentions".to_owned(), Value::Object(named));
    }
    let ask = Ask::new(Permission::USE_CHANNEL_MENTIONS, Scope::Channel(channel.id));
    if mentions_channel(&post.message) && !app.roles.may(connection, post.user_id, &ask)? {
        post.props.insert("mentionHighlightDisabled".to_owned(), json!(true));
    }
    Ok(())
}

fn without_reserved(mut props: Map<String, Value>) -> Map<String, Value> {
    let attachments = props.remove("attachments");
    strip_reserved(&mut props, false);
    props.extend(attachments.map(|attachments| ("attachments".to_owned(), attachments)));
    props
}

fn refused(id: &'static str, message: &str) -> Failure {
    Failure::refused(StatusCode::BAD_REQUEST, id, message)
}

/// Props of an integration's post that an edit does not touch.
const KEPT: [&str; 6] = [
    "from_bot",
    "from_webhook",
    "override_icon_emoji",
    "override_icon_url",
    "override_username",
    "webhook_display_name",
];
const MAX_CHANNELS_NAMED: usize = 200;
/// In characters.
const MAX_PROPS: usize = 800_000;
