//! Posts made by hand: what is refused (API-40, API-67) and what is added before they are stored.

use axum::http::StatusCode;
use jackfield::engine;
use jackfield::id::{PostId, TeamId, UserId};
use jackfield::port::{Ask, Permission, Scope, SessionKind};
use jackfield::post::{channel_names, hashtags, mentions_channel, stored_mention_texts, strip_reserved};
use rusqlite::Connection;
use serde_json::{Map, Value, json};

use crate::ambient::{now, post_id};
use crate::app::App;
use crate::attachments;
use crate::errors::Failure;
use crate::tables::channels::{self, Channel};
use crate::tables::posts::{self, Post};
use crate::tables::{accounts, teams};

/// What somebody wrote.
#[derive(Clone, Debug, Default)]
pub(crate) struct Written {
    pub(crate) file_ids: Vec<String>,
    /// Whether it names an id, which a new post must not.
    pub(crate) has_id: bool,
    pub(crate) message: String,
    pub(crate) post_type: String,
    pub(crate) props: Map<String, Value>,
    pub(crate) root_id: String,
}

/// Who writes, as far as it shows on what they write.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Author {
    is_bot: bool,
    kind: SessionKind,
    pub(crate) user: UserId,
}

impl Author {
    /// Whose request it is.
    pub(crate) fn of(connection: &Connection, caller: &engine::Caller) -> Result<Self, Failure> {
        let account = accounts::find(connection, caller.user_id())?.ok_or_else(Failure::session)?;
        Ok(Self { is_bot: account.is_bot, kind: caller.session().kind, user: account.id })
    }

    /// A user, in a session that came to be so.
    pub(crate) fn new(user: UserId, is_bot: bool, kind: SessionKind) -> Self {
        Self { is_bot, kind, user }
    }

    /// How the session came to be.
    pub(crate) fn session(&self) -> SessionKind {
        self.kind
    }

    /// Whether a program writes, which may pose as somebody else (BOT-59).
    fn is_integration(&self) -> bool {
        self.is_bot || self.kind != SessionKind::Login
    }
}

/// Makes a post of what `author` wrote in a channel that they may post to. `allowed` says what the restriction of direct
/// messages says.
pub(crate) fn compose(
    app: &App,
    connection: &Connection,
    author: Author,
    channel: &Channel,
    allowed: bool,
    written: Written,
) -> Result<Post, Failure> {
    refuse_posing(app, author, &written.props, &Map::new())?;
    if written.post_type.starts_with("system_") {
        return Err(refused("api.context.invalid_param.app_error", "This type is the server's own."));
    }
    if channel.delete_at != 0 {
        return Err(refused("api.post.create_post.can_not_post_to_deleted.error", "The channel is archived."));
    }
    if !allowed {
        return Err(restricted());
    }
    let root_id = root(connection, channel, &written.root_id)?;
    if written.has_id {
        return Err(refused("app.post.save.existing.app_error", "A new post has no id."));
    }
    check(&written)?;
    let now = now();
    let mut post = Post {
        channel_id: channel.id,
        create_at: now,
        delete_at: 0,
        edit_at: 0,
        file_ids: written.file_ids,
        has_reactions: false,
        hashtags: hashtags(&written.message),
        id: post_id(now)?,
        is_pinned: false,
        message: written.message,
        origin: None,
        post_type: written.post_type,
        priority: None,
        props: own_props(author, written.props, &Map::new()),
        replies: 0,
        root_id,
        update_at: now,
        user_id: author.user,
    };
    mark(&mut post, author.is_bot);
    if author.kind == SessionKind::OAuth {
        post.props.insert("from_oauth_app".to_owned(), json!("true"));
    }
    add_mentions(app, connection, channel, &mut post)?;
    Ok(post)
}

/// Replaces the text and the props of a post.
pub(crate) fn rewrite(
    app: &App,
    connection: &Connection,
    editor: Author,
    post: &mut Post,
    written: Written,
) -> Result<(), Failure> {
    refuse_posing(app, editor, &written.props, &post.props)?;
    check(&written)?;
    let channel = channels::find(connection, post.channel_id)?.ok_or_else(|| Failure::permission("edit_post"))?;
    post.props = own_props(editor, written.props, &post.props);
    mark(post, accounts::find(connection, post.user_id)?.is_some_and(|author| author.is_bot));
    post.hashtags = hashtags(&written.message);
    post.message = written.message;
    post.update_at = now().max(post.update_at.saturating_add(1));
    post.edit_at = post.update_at;
    add_mentions(app, connection, &channel, post)
}

/// The refusal of what the restriction of direct messages does not allow.
pub(crate) fn restricted() -> Failure {
    let message = "Direct messages are limited to members of a common team.";
    refused("api.post.create_post.can_not_post_in_restricted_dm.error", message)
}

/// In hardened mode people may not give themselves another name; what `before` has already may stay (BOT-59).
fn refuse_posing(
    app: &App,
    author: Author,
    props: &Map<String, Value>,
    before: &Map<String, Value>,
) -> Result<(), Failure> {
    let hardened = app.settings.now().flag("ServiceSettings", "ExperimentalEnableHardenedMode");
    let poses = POSING.iter().any(|name| props.contains_key(*name) && props.get(*name) != before.get(*name));
    if hardened && poses && !author.is_integration() { Err(Failure::body("props")) } else { Ok(()) }
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
    if serde_json::to_string(&written.file_ids)?.chars().count() > MAX_FILE_IDS {
        return Err(refused("model.post.is_valid.file_ids.app_error", "There are too many files."));
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

/// The props as a caller may set them. What only the server says stays as it was `before`, and so does another name of
/// the author's, unless an integration says it.
fn own_props(author: Author, mut given: Map<String, Value>, before: &Map<String, Value>) -> Map<String, Value> {
    let posing: &[&str] = if author.is_integration() { &POSING } else { &[] };
    let kept = given.clone();
    strip_reserved(&mut given, false);
    let from = |name: &str| if posing.contains(&name) { kept.get(name) } else { before.get(name) };
    for name in POSING.iter().chain(&SERVERS) {
        if let Some(value) = from(name) {
            given.insert((*name).to_owned(), value.clone());
        }
    }
    if let Some(sent) = kept.get("attachments") {
        given.insert("attachments".to_owned(), attachments::whole(sent));
    }
    given
}

/// Says whether a bot made the post, whatever anybody else says (BOT-57).
fn mark(post: &mut Post, is_bot: bool) {
    post.props.remove("from_bot");
    if is_bot {
        post.props.insert("from_bot".to_owned(), json!("true"));
    }
}

fn refused(id: &'static str, message: &str) -> Failure {
    Failure::refused(StatusCode::BAD_REQUEST, id, message)
}

/// Props that show a post under another name than its author's.
const POSING: [&str; 5] =
    ["from_webhook", "override_icon_emoji", "override_icon_url", "override_username", "webhook_display_name"];
/// Props that say who made a post, beside `from_bot`.
const SERVERS: [&str; 2] = ["from_oauth_app", "from_plugin"];
const MAX_CHANNELS_NAMED: usize = 200;
/// In characters, as JSON.
const MAX_FILE_IDS: usize = 300;
/// In characters.
const MAX_PROPS: usize = 800_000;

#[cfg(test)]
mod tests {
    use super::*;

    fn map(value: Value) -> Map<String, Value> {
        value.as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn only_programs_give_their_posts_another_name() {
        let person = Author { is_bot: false, kind: SessionKind::Login, user: UserId::from_random([1; 16]) };
        let bot = Author { is_bot: true, ..person };
        let with_token = Author { kind: SessionKind::PersonalAccessToken, ..person };
        let given = json!({"override_username": "ceo", "from_webhook": "true", "from_plugin": "true", "mood": 1});
        let posing = json!({"override_username": "ceo", "from_webhook": "true", "mood": 1});
        let cases = [
            ("a person's new post", person, json!({}), json!({"mood": 1})),
            ("a bot's new post", bot, json!({}), posing.clone()),
            ("a new post by a token", with_token, json!({}), posing),
            (
                "a person edits what a webhook posted",
                person,
                json!({"override_username": "ci", "from_webhook": "true", "from_oauth_app": "true"}),
                json!({"override_username": "ci", "from_webhook": "true", "from_oauth_app": "true", "mood": 1}),
            ),
        ];
        for (what, author, before, want) in cases {
            assert_eq!(own_props(author, map(given.clone()), &map(before)), map(want), "{what}");
        }
    }
}
