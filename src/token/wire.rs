//! The token object of the API, and what clients write (BOT-68, BOT-74, BOT-81, BOT-83, BOT-100, B2, B3).

use serde::Serialize;
use time::Duration;

use super::model::AccessToken;
use crate::id::{ChannelId, Millis, TokenId, TokenSecret, UserId};
use crate::json::{self, Mistake, Options, Reader};

/// A token as the API shows it. What a token without an end and without limits shows are the members of BOT-68 alone,
/// unless a client asks for [`Details`].
#[derive(Serialize)]
pub(crate) struct TokenObject<'a> {
    id: TokenId,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
    user_id: UserId,
    description: &'a str,
    is_active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Millis>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    scopes: &'a [String],
    #[serde(skip_serializing_if = "<[ChannelId]>::is_empty")]
    channel_ids: &'a [ChannelId],
    #[serde(flatten)]
    details: Option<Details>,
}

/// What only those are shown who ask.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct Details {
    pub(crate) created_at: Millis,
    pub(crate) created_by: UserId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_used_at: Option<Millis>,
}

impl Details {
    pub(crate) fn new(token: &AccessToken, last_used_at: Option<Millis>) -> Self {
        Self { created_at: token.created_at, created_by: token.created_by, last_used_at }
    }
}

impl<'a> TokenObject<'a> {
    /// Shows a token, without its secret.
    pub(crate) fn new(token: &'a AccessToken, details: Option<Details>) -> Self {
        Self {
            id: token.id,
            token: None,
            user_id: token.user_id,
            description: &token.description,
            is_active: token.is_active,
            expires_at: token.expires_at,
            scopes: &token.limits.scopes,
            channel_ids: &token.limits.channels,
            details,
        }
    }

    /// The same with its secret, which this hands out.
    pub(crate) fn with_secret(mut self, secret: &'a TokenSecret) -> Self {
        self.token = Some(secret.expose());
        self
    }
}

/// A token as a client asks for it. What a client may not say is not here.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct TokenRequest {
    /// The only channels that it may act in, at most [`MAX_CHANNELS`](super::TokenLimits::MAX_CHANNELS); empty for all.
    pub channel_ids: Vec<String>,
    /// A note, 1 to 255 bytes.
    pub description: String,
    /// When it is to end; 0 for never.
    pub expires_at: Millis,
    /// The only permissions that it may use, by their ids; empty for all.
    pub scopes: Vec<String>,
}

impl TokenRequest {
    /// Reads the first JSON value; `null` is an empty object (API-11).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        let mut it = Self::default();
        members(bytes, |reader, name| match name {
            "channel_ids" => texts(reader, &mut it.channel_ids),
            "description" => reader.text(&mut it.description),
            "expires_at" => integer(reader, &mut it.expires_at.0),
            "scopes" => texts(reader, &mut it.scopes),
            // Not used, but what has a wrong type refuses the body.
            "id" | "token" | "user_id" => reader.optional(Reader::string).map(drop),
            "is_active" => reader.optional(Reader::boolean).map(drop),
            _ => reader.skip(),
        })?;
        Ok(it)
    }
}

/// How a token is to get a new secret.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TokenRotation {
    /// When the token is to end from now on; 0 leaves that as it was.
    pub expires_at: Millis,
    /// How long the old secret works on: at most 7 days. None for what [`TokenSettings`](super::TokenSettings) says.
    pub grace: Option<Duration>,
}

impl TokenRotation {
    /// Reads the first JSON value, and which token it is about: `null` is an empty object (API-11).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub(crate) fn from_json(bytes: &[u8]) -> Result<(String, Self), Mistake> {
        let (mut id, mut it) = (String::new(), Self::default());
        members(bytes, |reader, name| match name {
            "expires_at" => integer(reader, &mut it.expires_at.0),
            "grace_seconds" => {
                it.grace = reader.optional(Reader::integer)?.map(Duration::seconds);
                Ok(())
            }
            "token_id" => reader.text(&mut id),
            _ => reader.skip(),
        })?;
        Ok((id, it))
    }
}

/// Reads one text member of an object.
pub(crate) fn text_member(bytes: &[u8], wanted: &str) -> Result<String, Mistake> {
    let mut text = String::new();
    members(bytes, |reader, name| if name == wanted { reader.text(&mut text) } else { reader.skip() })?;
    Ok(text)
}

/// Reads one member of a map of texts (API-13); what is no such map is empty, and so are the texts of all else.
pub(crate) fn map_member(bytes: &[u8], wanted: &str) -> String {
    let mut text = String::new();
    let read = members(bytes, |reader, name| {
        let mut value = String::new();
        reader.text(&mut value)?;
        if name == wanted {
            text = value;
        }
        Ok(())
    });
    // A mistake behind what is wanted would be forgiven by the reference server; here it refuses the whole (A9).
    if read.is_ok() { text } else { String::new() }
}

fn members(bytes: &[u8], member: impl FnMut(&mut Reader<'_>, &str) -> Result<(), Mistake>) -> Result<(), Mistake> {
    json::read(bytes, Options::default(), |reader| if reader.null()? { Ok(()) } else { reader.object(member) })
}

fn texts(reader: &mut Reader<'_>, into: &mut Vec<String>) -> Result<(), Mistake> {
    if reader.null()? {
        return Ok(());
    }
    into.clear();
    reader.array(|reader, _| {
        into.push(reader.string()?.into_owned());
        Ok(())
    })
}

fn integer(reader: &mut Reader<'_>, into: &mut i64) -> Result<(), Mistake> {
    if let Some(value) = reader.optional(Reader::integer)? {
        *into = value;
    }
    Ok(())
}
