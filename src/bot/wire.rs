//! The bot object of `/api/v4/bots` (BOT-1), its entity tags (BOT-14), and what clients write (BOT-4, BOT-45).

use serde::Serialize;
use serde_json::{Map, Value};

use super::BotError;
use super::model::Bot;
use crate::id::Millis;
use crate::json::{self, Mistake, Options, Reader};
use crate::port::UserPatch;

/// A bot as the API shows it.
#[derive(Serialize)]
pub(crate) struct BotObject<'a> {
    user_id: &'a str,
    username: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    display_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    owner_id: &'a str,
    #[serde(skip_serializing_if = "is_zero")]
    last_icon_update: Millis,
    create_at: Millis,
    update_at: Millis,
    delete_at: Millis,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_zero(time: &Millis) -> bool {
    *time == Millis(0)
}

impl<'a> BotObject<'a> {
    pub(crate) fn new(bot: &'a Bot) -> Self {
        Self {
            user_id: bot.user_id.as_str(),
            username: &bot.username,
            display_name: &bot.display_name,
            description: &bot.description,
            owner_id: &bot.owner_id,
            last_icon_update: bot.last_icon_update,
            create_at: bot.create_at,
            update_at: bot.update_at,
            delete_at: bot.delete_at,
        }
    }
}

/// The entity tag of a bot.
pub(crate) fn tag(bot: &Bot) -> String {
    format!("11.6.0.{}.{}", bot.user_id, bot.update_at.0)
}

/// The entity tag of a list: of the bot that changed last, the first of equals, and of how many there are.
pub(crate) fn list_tag(bots: &[Bot]) -> String {
    let newest = bots.iter().reduce(|newest, bot| if bot.update_at > newest.update_at { bot } else { newest });
    let (id, time) = newest.map_or(("0", 0), |bot| (bot.user_id.as_str(), bot.update_at.0));
    format!("11.6.0.{id}.{time}.0.{}", bots.len())
}

/// A bot as a client writes it, to create or to change one. What a client may not say is not here (BOT-4).
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BotRequest {
    /// What it is for, at most 1,024 characters; none leaves it, and is empty on a new bot.
    pub description: Option<String>,
    /// Its first name, at most 64 characters; none leaves it, and is empty on a new bot.
    pub display_name: Option<String>,
    /// Its name: 1 to 64 of `a-z`, `0-9`, `.`, `-` and `_`; none leaves it, and is refused for a new bot.
    pub username: Option<String>,
}

impl BotRequest {
    /// Reads the first JSON value, which is an object (API-11).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut it = Self::default();
            reader.object(|reader, name| {
                match name {
                    "username" => it.username = text(reader)?,
                    "display_name" => it.display_name = text(reader)?,
                    "description" => it.description = text(reader)?,
                    _ => reader.skip()?,
                }
                Ok(())
            })?;
            Ok(it)
        })
    }
}

fn text(reader: &mut Reader<'_>) -> Result<Option<String>, Mistake> {
    reader.optional(|reader| Ok(reader.string()?.into_owned()))
}

/// The longest patch of a user, in bytes of JSON: it must fit beside a record while the conversion is under way.
const MAX_PATCH_BYTES: usize = 60_000;

/// Reads what makes a bot a user, of which a password is (BOT-45 #3). What no user may say of themself is left out.
pub(crate) fn user_patch(bytes: &[u8]) -> Result<UserPatch, BotError> {
    const OBJECT: &str = "userPatch";
    let read = json::read(bytes, Options::default(), |reader| {
        let mut members = Map::new();
        reader.object(|reader, name| {
            let value = match name {
                "username" | "password" | "nickname" | "first_name" | "last_name" | "position" | "email" | "locale"
                | "remote_id" => text(reader)?.map(Value::String),
                "props" | "notify_props" | "timezone" => reader.optional(texts)?.map(Value::Object),
                _ => return reader.skip(),
            };
            match value {
                Some(value) => members.insert(name.to_owned(), value),
                None => members.remove(name),
            };
            Ok(())
        })?;
        Ok(members)
    });
    let members = read.map_err(BotError::body(OBJECT))?;
    let wrong = |detail: &str| BotError::Body { detail: detail.to_owned(), object: OBJECT };
    if members.get("password").and_then(Value::as_str).is_none_or(str::is_empty) {
        return Err(wrong("a user has a password"));
    }
    let length = serde_json::to_vec(&members).map_or(usize::MAX, |json| json.len());
    if length > MAX_PATCH_BYTES {
        return Err(wrong("it is too long"));
    }
    Ok(UserPatch::new(members))
}

/// Reads an object of texts; a `null` in it is the empty text.
fn texts(reader: &mut Reader<'_>) -> Result<Map<String, Value>, Mistake> {
    let mut members = Map::new();
    reader.map_into(&mut members)?;
    for value in members.values_mut() {
        match value {
            Value::String(_) => {}
            Value::Null => *value = Value::String(String::new()),
            _ => return Err(reader.mistake("an object of strings")),
        }
    }
    Ok(members)
}
