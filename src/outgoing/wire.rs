//! The hook object of `/api/v4/hooks/outgoing` (OUT-1), and what clients write (OUT-5).

use std::fmt;

use serde::Serialize;

use super::model::OutgoingWebhook;
use crate::delivery::{Attempt, BreakerFigure, Delivery, FailureClass, LaneFigures, Mode, State};
use crate::id::{ChannelId, HookToken, Millis, OutgoingHookId, PostId};
use crate::json::{self, Mistake, Options, Reader};

/// An outgoing webhook as the API shows it: every member, in this order.
#[derive(Serialize)]
pub(crate) struct HookObject<'a> {
    id: &'a str,
    token: &'a str,
    create_at: Millis,
    update_at: Millis,
    delete_at: Millis,
    creator_id: &'a str,
    channel_id: &'a str,
    team_id: &'a str,
    /// Always an array: the page that edits a hook needs one (OUT-121).
    trigger_words: &'a [String],
    trigger_when: i64,
    callback_urls: &'a [String],
    display_name: &'a str,
    description: &'a str,
    content_type: &'a str,
    username: &'a str,
    icon_url: &'a str,
}

impl<'a> HookObject<'a> {
    /// Shows a hook. This hands out its token (OUT-4).
    pub(crate) fn new(hook: &'a OutgoingWebhook, token: &'a HookToken) -> Self {
        Self {
            id: hook.id.as_str(),
            token: token.expose(),
            create_at: hook.create_at,
            update_at: hook.update_at,
            delete_at: Millis(0),
            creator_id: hook.creator_id.as_str(),
            channel_id: hook.channel_id.as_ref().map_or("", ChannelId::as_str),
            team_id: hook.team_id.as_str(),
            trigger_words: &hook.trigger_words,
            trigger_when: hook.trigger_when,
            callback_urls: &hook.callback_urls,
            display_name: &hook.display_name,
            description: &hook.description,
            content_type: &hook.content_type,
            username: &hook.username,
            icon_url: &hook.icon_url,
        }
    }
}

/// An outgoing webhook as a client writes it, to create or to replace one. What a client may not say is not here.
///
/// `Debug` shows none of its texts: token and callback addresses are secrets, or may hold some.
#[non_exhaustive]
#[derive(Clone, Default, Eq, PartialEq)]
pub struct HookRequest {
    /// Where it calls: 1 or more addresses of `http` or `https`, of at most 1,024 bytes together (OUT-22).
    pub callback_urls: Vec<String>,
    /// Whose posts it hears; empty for every public channel of the team.
    pub channel_id: String,
    /// How it calls, at most 128 bytes; only `application/json` changes anything.
    pub content_type: String,
    /// Who its answers are by; empty for the caller. Not read when it is replaced.
    pub creator_id: String,
    /// A note, at most 500 bytes.
    pub description: String,
    /// A title, at most 64 bytes.
    pub display_name: String,
    /// The picture of its answers, at most 1,024 bytes.
    pub icon_url: String,
    /// Empty when it is created.
    pub id: String,
    /// Its team. When it is replaced: that team, or empty.
    pub team_id: String,
    /// 26 bytes, or empty: a new hook gets one, a replaced one keeps its own (OUT-106).
    pub token: String,
    /// 0 or 1; see [`OutgoingWebhook::trigger_when`].
    pub trigger_when: i64,
    /// The trigger words, of at most 1,024 bytes together (OUT-22), none of them empty.
    pub trigger_words: Vec<String>,
    /// The sender name of its answers, at most 64 bytes.
    pub username: String,
}

impl fmt::Debug for HookRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookRequest(…)")
    }
}

impl HookRequest {
    /// Reads the first JSON value; `null` is an empty object (OUT-5).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut it = Self::default();
            if reader.null()? {
                return Ok(it);
            }
            reader.object(|reader, name| match name {
                "id" => reader.text(&mut it.id),
                "token" => reader.text(&mut it.token),
                "creator_id" => reader.text(&mut it.creator_id),
                "channel_id" => reader.text(&mut it.channel_id),
                "team_id" => reader.text(&mut it.team_id),
                "trigger_words" => texts(reader, &mut it.trigger_words),
                "trigger_when" => {
                    if let Some(when) = reader.optional(Reader::integer)? {
                        it.trigger_when = when;
                    }
                    Ok(())
                }
                "callback_urls" => texts(reader, &mut it.callback_urls),
                "display_name" => reader.text(&mut it.display_name),
                "description" => reader.text(&mut it.description),
                "content_type" => reader.text(&mut it.content_type),
                "username" => reader.text(&mut it.username),
                "icon_url" => reader.text(&mut it.icon_url),
                // Not used, but what has a wrong type refuses the body.
                "create_at" | "update_at" | "delete_at" => reader.optional(Reader::integer).map(drop),
                _ => reader.skip(),
            })?;
            Ok(it)
        })
    }
}

/// Reads an array of texts in place of what is there; `null` is an empty one, and within one the empty text.
fn texts(reader: &mut Reader<'_>, into: &mut Vec<String>) -> Result<(), Mistake> {
    into.clear();
    if reader.null()? {
        return Ok(());
    }
    reader.array(|reader, _| {
        let mut text = String::new();
        reader.text(&mut text)?;
        into.push(text);
        Ok(())
    })
}

/// A delivery as the API shows it: every member, in this order.
#[derive(Serialize)]
pub(crate) struct DeliveryObject<'a> {
    id: &'a str,
    hook_id: OutgoingHookId,
    post_id: PostId,
    /// Which of the hook's addresses it was when the post was made, from 0.
    position: u32,
    url: &'a str,
    state: State,
    reason: &'a str,
    create_at: Millis,
    next_attempt_at: Millis,
    reply_post_id: &'a str,
    attempts: Vec<AttemptObject>,
}

/// One try.
#[derive(Serialize)]
struct AttemptObject {
    start_at: Millis,
    /// In milliseconds.
    duration: u64,
    failure: Option<FailureClass>,
    status: Option<u16>,
}

impl<'a> DeliveryObject<'a> {
    /// Shows a delivery of a hook. Nothing of it is secret.
    pub(crate) fn new(hook_id: OutgoingHookId, delivery: &'a Delivery) -> Self {
        let shown = |attempt: &Attempt| AttemptObject {
            start_at: attempt.start,
            duration: attempt.duration,
            failure: attempt.failure,
            status: attempt.status,
        };
        let (_, position) = delivery.id.as_str().rsplit_once('_').unwrap_or_default();
        Self {
            id: delivery.id.as_str(),
            hook_id,
            post_id: delivery.cause,
            position: position.parse().unwrap_or_default(),
            url: &delivery.target,
            state: delivery.state,
            reason: &delivery.reason,
            create_at: delivery.create_at,
            next_attempt_at: delivery.due.unwrap_or_default(),
            reply_post_id: delivery.reply.as_ref().map_or("", PostId::as_str),
            attempts: delivery.attempts.iter().map(shown).collect(),
        }
    }
}

/// Reads the name of a state, as lists are asked for those that stand so.
pub(crate) fn state_named(name: &str) -> Option<State> {
    Some(match name {
        "dead" => State::Dead,
        "delivered" => State::Delivered,
        "dropped" => State::Dropped,
        "failed" => State::Failed,
        "pending" => State::Pending,
        _ => return None,
    })
}

/// How what goes to one destination of a hook is doing.
#[derive(Serialize)]
pub(crate) struct LaneObject<'a> {
    origin: &'a str,
    waiting: u64,
    in_flight: u64,
    breaker: BreakerFigure,
    retry_at: Millis,
    beyond_limit: u64,
}

impl<'a> LaneObject<'a> {
    pub(crate) fn new(lane: &'a LaneFigures) -> Self {
        Self {
            origin: &lane.origin,
            waiting: lane.waiting,
            in_flight: lane.in_flight,
            breaker: lane.breaker,
            retry_at: lane.retry_at.unwrap_or_default(),
            beyond_limit: lane.beyond_limit,
        }
    }
}

/// A signing secret, this once.
#[derive(Serialize)]
pub(crate) struct SigningSecretObject<'a> {
    pub(crate) secret: &'a str,
    pub(crate) previous_valid_until: Millis,
}

/// Whether a hook's calls are signed.
#[derive(Serialize)]
pub(crate) struct SigningObject {
    pub(crate) active: bool,
    pub(crate) previous_valid_until: Millis,
}

/// What is done about calls of a hook that got no answer, as the API shows and takes it; none: what the settings say.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize)]
pub(crate) struct DeliveryMode {
    pub(crate) mode: Option<Mode>,
}

impl DeliveryMode {
    /// Reads the first JSON value; none where it does not name a mode, be it `null`.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<Option<Self>, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut it = None;
            reader.object(|reader, name| {
                if name == "mode" {
                    it = Some(Self { mode: reader.optional(mode)? });
                }
                Ok(())
            })?;
            Ok(it)
        })
    }
}

fn mode(reader: &mut Reader<'_>) -> Result<Mode, Mistake> {
    match &*reader.string()? {
        "full" => Ok(Mode::Full),
        "off" => Ok(Mode::Off),
        "safe" => Ok(Mode::Safe),
        _ => Err(reader.mistake("`full`, `off` or `safe`")),
    }
}
