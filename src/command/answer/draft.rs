//! The posts that an answer becomes (CMD-79 to CMD-86, CMD-94).

use serde_json::{Map, Value};
use thiserror::Error;

use super::translate::translate;
use super::{Answer, EPHEMERAL, IN_CHANNEL};
use crate::id::{ActionId, ChannelId, PostId};
use crate::port::{SessionKind, User};
use crate::post::sender::{is_known_type, mute_announcements, name_actions};
use crate::post::{self, Destination, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, Overrides, PostDraft};

/// All that is known when the posts are drafted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// Where the command was run.
    pub(crate) channel_id: ChannelId,
    /// Of [`Answer::other_channels`], those of which the user is a member.
    pub(crate) joined: &'a [ChannelId],
    pub(crate) overrides: Overrides,
    /// Those of [`Answer::people`] who exist.
    pub(crate) people: &'a [User],
    /// The thread in which the command was run.
    pub(crate) root_id: Option<PostId>,
    /// How the session came to be in which the command was run; none for a delayed answer.
    pub(crate) session: Option<SessionKind>,
    /// Of [`Answer::announced_in`], those where the user may not notify all.
    pub(crate) silent: &'a [ChannelId],
    pub(crate) source: Source<'a>,
    /// Who ran the command, and is the author.
    pub(crate) user: &'a User,
}

/// Whose answer it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Source<'a> {
    /// A service's, for a command that shows these.
    Custom { icon_url: &'a str, username: &'a str },
    /// A built-in's, or that of an extension of the host's: what it says of its posts is so.
    Own,
}

/// What becomes of an answer.
#[derive(Debug)]
pub(crate) struct Drafted {
    /// What who ran the command is told besides, and nobody else.
    pub(crate) notices: Vec<PostDraft>,
    /// What becomes of the answer itself, then of each of its extra responses.
    pub(crate) pieces: Vec<Piece>,
    /// The answer as its client is shown it.
    pub(crate) shown: Answer,
}

/// What becomes of one part of an answer.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Piece {
    /// It is shown to who ran the command, and not stored.
    Ephemeral(Box<PostDraft>),
    /// It cannot be posted; the others are all the same.
    Fails(NotPosted),
    /// It says nothing.
    Nothing,
    /// These are created, at least one.
    Posts(Vec<PostDraft>),
}

/// Why a part of an answer is not posted.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub(crate) enum NotPosted {
    /// The user is no member of the channel that it names (CMD-81).
    #[error("the user is no member of the channel")]
    Channel,
    /// `type` begins with `system_`.
    #[error("`type` must not begin with `system_`")]
    SystemType,
    /// The text, an attachment or the props are too large for a post.
    #[error("the answer is too large for a post")]
    TooLarge,
    /// `type` is none that a post can have.
    #[error("`type` is not a known one and does not begin with `custom_`")]
    UnknownType,
    /// A text has what cannot be kept.
    #[error("a text holds U+0000")]
    Unsound,
}

/// Drafts the posts. Ids for actions without one come from `mint`.
pub(crate) fn draft(mut answer: Answer, facts: &Facts<'_>, mint: &mut dyn FnMut() -> ActionId) -> Drafted {
    let mut drafted = Drafted { notices: Vec::new(), pieces: Vec::new(), shown: Answer::default() };
    drafted.add(&mut answer, facts, mint);
    for extra in answer.extra_responses.iter_mut().flatten() {
        drafted.add(extra, facts, mint);
    }
    drafted.shown = answer;
    drafted
}

impl Drafted {
    fn add(&mut self, part: &mut Answer, facts: &Facts<'_>, mint: &mut dyn FnMut() -> ActionId) {
        name_actions(&mut part.attachments, mint);
        let text = translate(part, facts.people);
        let piece = piece(part, text, facts).unwrap_or_else(Piece::Fails);
        if let Piece::Posts(posts) = &piece {
            let muted = posts.iter().find(|post| post.props.entries.contains_key("mentionHighlightDisabled"));
            self.notices.extend(muted.map(|post| notice(post, facts)));
        }
        self.pieces.push(piece);
    }
}

fn piece(part: &Answer, text: String, facts: &Facts<'_>) -> Result<Piece, NotPosted> {
    let place = part.place(facts.channel_id).ok_or(NotPosted::Channel)?;
    if place != facts.channel_id && !facts.joined.contains(&place) {
        return Err(NotPosted::Channel);
    }
    if part.post_type.starts_with("system_") {
        return Err(NotPosted::SystemType);
    }
    let says_nothing = text.is_empty() && part.attachments.is_empty();
    let in_channel = match part.response_type.as_str() {
        IN_CHANNEL => true,
        "" | EPHEMERAL if !says_nothing => false,
        _ => return Ok(Piece::Nothing),
    };
    if part.unsound || text.contains('\0') {
        return Err(NotPosted::Unsound);
    }
    let mut post = PostDraft::new(Destination::Channel(place), facts.user.id, text);
    // A thread does not reach into another channel (section 18 row 14).
    post.root_id = facts.root_id.filter(|_| place == facts.channel_id);
    post.props.entries = props(part, facts);
    post.props.attachments.clone_from(&part.attachments);
    if !in_channel {
        cut(&mut post.message);
        return Ok(Piece::Ephemeral(Box::new(post)));
    }
    post.post_type.clone_from(&part.post_type);
    if post.post_type.is_empty() && !post.props.attachments.is_empty() {
        "slack_attachment".clone_into(&mut post.post_type);
    }
    if !is_known_type(&post.post_type) {
        return Err(NotPosted::UnknownType);
    }
    let mut mark = |name: &str| drop(post.props.entries.insert(name.to_owned(), Value::String("true".to_owned())));
    if facts.user.is_bot {
        mark("from_bot");
    }
    if facts.session == Some(SessionKind::OAuth) {
        mark("from_oauth_app");
    }
    (post.set_online, post.triggers) = (true, true);
    let mut posts = post::split(post, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES).map_err(|_| NotPosted::TooLarge)?;
    if facts.source == Source::Own && posts.len() > 1 {
        return Err(NotPosted::TooLarge);
    }
    if facts.silent.contains(&place) {
        mute_announcements(&mut posts);
    }
    Ok(Piece::Posts(posts))
}

/// CMD-79, CMD-80, CMD-82.
fn props(part: &Answer, facts: &Facts<'_>) -> Map<String, Value> {
    let mut props = part.props.clone().unwrap_or_default();
    // Those of attachments stand beside the others.
    props.remove("attachments");
    let (icon_urls, usernames) = match facts.source {
        Source::Custom { icon_url, username } => {
            post::strip_reserved(&mut props, false);
            RESERVED.iter().for_each(|name| drop(props.remove(*name)));
            ([icon_url, &part.icon_url], [username, &part.username])
        }
        Source::Own => (["", &*part.icon_url], ["", &*part.username]),
    };
    let first = |texts: [&str; 2]| texts.into_iter().find(|text| !text.is_empty()).unwrap_or_default().to_owned();
    let mut marked = facts.source != Source::Own;
    if facts.overrides.username {
        let username = first(usernames);
        if !username.is_empty() {
            marked = true;
            props.insert("override_username".to_owned(), Value::String(username));
        }
    }
    if facts.overrides.icon {
        let icon = first(icon_urls);
        marked |= !icon.is_empty();
        props.insert("override_icon_url".to_owned(), Value::String(icon));
    }
    if marked {
        props.insert("from_webhook".to_owned(), Value::String("true".to_owned()));
    }
    props
}

/// What one user alone is shown is as long as a post at most (section 18 row 15).
fn cut(text: &mut String) {
    if let Some((place, _)) = text.char_indices().nth(MAX_MESSAGE_RUNES) {
        text.truncate(place);
    }
}

fn notice(post: &PostDraft, facts: &Facts<'_>) -> PostDraft {
    let text = "Your command notified nobody: you may not use @channel, @all and @here there.";
    let mut notice = PostDraft::new(post.destination, facts.user.id, text);
    notice.root_id = post.root_id;
    notice
}

/// What no service may set, beside what nobody may (section 18 row 12).
const RESERVED: [&str; 2] = ["card", "silent_notification"];
