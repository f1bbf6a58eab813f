//! The hook object of the management API (INC-100), and its list.

use std::fmt;

use serde::Serialize;

use super::model::IncomingWebhook;
use crate::id::{HookId, Millis};
use crate::json::{self, Mistake, Options};

/// An incoming webhook as the API shows it: every member, in this order.
#[derive(Serialize)]
pub(crate) struct HookObject<'a> {
    id: &'a str,
    create_at: Millis,
    update_at: Millis,
    delete_at: Millis,
    user_id: &'a str,
    channel_id: &'a str,
    team_id: &'a str,
    display_name: &'a str,
    description: &'a str,
    username: &'a str,
    icon_url: &'a str,
    channel_locked: bool,
}

impl<'a> HookObject<'a> {
    /// Shows a hook. This hands out its secret.
    pub(crate) fn new(id: &'a HookId, hook: &'a IncomingWebhook) -> Self {
        Self {
            id: id.expose(),
            create_at: hook.create_at,
            update_at: hook.update_at,
            delete_at: Millis(0),
            user_id: hook.user_id.as_str(),
            channel_id: hook.channel_id.as_str(),
            team_id: hook.team_id.as_str(),
            display_name: &hook.display_name,
            description: &hook.description,
            username: &hook.username,
            icon_url: &hook.icon_url,
            channel_locked: hook.channel_locked,
        }
    }
}

/// A list that says how many there are in all (INC-116).
#[derive(Serialize)]
pub(crate) struct CountedHooks<'a> {
    pub(crate) incoming_webhooks: Vec<HookObject<'a>>,
    pub(crate) total_count: u64,
}

/// An incoming webhook as a client writes it, to create or to replace one. What a client may not say is not here.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct HookRequest {
    /// Where it posts.
    pub channel_id: String,
    /// Whether it posts nowhere else.
    pub channel_locked: bool,
    /// A note, at most 500 characters.
    pub description: String,
    /// A title, at most 64 characters.
    pub display_name: String,
    /// The picture of its posts, at most 1,024 characters.
    pub icon_url: String,
    /// Empty when it is created.
    pub(crate) id: WrittenId,
    /// Empty, or the team that it is in.
    pub team_id: String,
    /// Who its posts are by; empty for the caller. Not read when it is replaced.
    pub user_id: String,
    /// The sender name of its posts: 1 to 64 of `a-z`, `0-9`, `.`, `-` and `_`, or empty.
    pub username: String,
}

/// An id as a client wrote it, which may be the secret of a hook.
#[derive(Clone, Default, Eq, PartialEq)]
pub(crate) struct WrittenId(pub(crate) String);

impl fmt::Debug for WrittenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WrittenId(…)")
    }
}

impl HookRequest {
    /// Reads the first JSON value; `null` is an empty object (API-11).
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
                "id" => reader.text(&mut it.id.0),
                "user_id" => reader.text(&mut it.user_id),
                "channel_id" => reader.text(&mut it.channel_id),
                "team_id" => reader.text(&mut it.team_id),
                "display_name" => reader.text(&mut it.display_name),
                "description" => reader.text(&mut it.description),
                "username" => reader.text(&mut it.username),
                "icon_url" => reader.text(&mut it.icon_url),
                "channel_locked" => reader.flag(&mut it.channel_locked),
                // Not used, but what has a wrong type refuses the body.
                "create_at" | "update_at" | "delete_at" => reader.optional(json::Reader::integer).map(drop),
                _ => reader.skip(),
            })?;
            Ok(it)
        })
    }
}
