//! What a sender writes: nine fields, read from JSON (INC-16 to INC-21, INC-55 to INC-58).

use serde_json::{Map, Value};

use super::upsert::{UpsertBy, UpsertKey};
use crate::id::PostId;
use crate::json::{self, Kind, Mistake, Options, Reader};
use crate::post::Attachment;
use crate::post::read::{Leniency, PriorityAsked, attachment, list, sound, sound_text};

/// A decoded webhook call. Empty texts stand for absent ones.
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Payload {
    /// The attachments; none is the same as absent.
    pub attachments: Vec<Attachment>,
    /// What the first attachment calls itself, for [`UpsertBy`](super::UpsertBy); stored nowhere.
    pub(crate) callback_id: String,
    /// The channel, as the sender names it (INC-40).
    pub channel: String,
    /// The emoji to show instead of a picture.
    pub icon_emoji: String,
    /// The picture to show.
    pub icon_url: String,
    /// Which members the sender wrote, be they empty.
    pub(crate) named: Named,
    /// The `type` of the post.
    pub post_type: String,
    /// How urgent the post is.
    pub priority: Option<PriorityAsked>,
    /// Further props of the post.
    pub props: Map<String, Value>,
    /// The post to answer; honored if it is a root post of the channel, else not looked at (INC-20, section 17).
    pub root_id: Option<PostId>,
    /// The message.
    pub text: String,
    /// Under which name later calls of the hook edit the post of this one.
    pub upsert_key: Option<UpsertKey>,
    /// The sender name to show.
    pub username: String,
}

/// Which members a sender wrote, `null` not counted.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Named {
    pub(crate) attachments: bool,
    pub(crate) props: bool,
    pub(crate) root: bool,
    pub(crate) text: bool,
}

impl Named {
    /// Whether there is anything that an edit could replace.
    pub(crate) fn any_content(self) -> bool {
        self.attachments || self.props || self.text
    }
}

impl Payload {
    /// Reads the first JSON value of `bytes`. `null` is an empty payload.
    ///
    /// Raw line breaks and tabs inside strings are let pass (INC-18). A U+0000 is a mistake in the text, in props and in
    /// attachments (INC-95).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8], leniency: Leniency) -> Result<Self, Mistake> {
        let options = Options { raw_breaks: true, ..Options::default() };
        json::read(bytes, options, |reader| {
            let mut payload = Self::default();
            if !reader.null()? {
                payload.read(reader, leniency)?;
            }
            Ok(payload)
        })
    }

    /// Whether the sender named a post to answer, be there one or not.
    pub(crate) fn names_root(&self) -> bool {
        self.named.root
    }

    /// Takes the key under which the post is to be edited later, from where the call carries it.
    pub(crate) fn take_upsert_key(&mut self, by: Option<UpsertBy>) -> Option<UpsertKey> {
        let named = match by {
            Some(UpsertBy::CallbackId) => UpsertBy::key(&self.callback_id),
            None => None,
        };
        self.upsert_key.take().or(named)
    }

    fn read(&mut self, reader: &mut Reader<'_>, leniency: Leniency) -> Result<(), Mistake> {
        reader.object(|reader, name| match name {
            "text" => {
                self.named.text |= reader.peek()? != Kind::Null;
                sound_text(reader, &mut self.text)
            }
            "username" => reader.text(&mut self.username),
            "icon_url" => reader.text(&mut self.icon_url),
            "icon_emoji" => reader.text(&mut self.icon_emoji),
            "channel" => reader.text(&mut self.channel),
            "type" => sound_text(reader, &mut self.post_type),
            "props" => {
                self.named.props |= reader.peek()? != Kind::Null;
                sound(reader, |reader| reader.map_into(&mut self.props))
            }
            "attachments" => {
                self.named.attachments |= reader.peek()? != Kind::Null;
                sound(reader, |reader| {
                    self.callback_id.clear();
                    let mut callback_id = Some(&mut self.callback_id);
                    self.attachments = list(reader, |reader| attachment(reader, leniency, callback_id.take()))?;
                    Ok(())
                })
            }
            "root_id" => {
                self.named.root |= reader.peek()? != Kind::Null;
                // Of any type: the reference server does not read it.
                let text = reader.attempt(Reader::string)?.unwrap_or_default();
                self.root_id = PostId::parse(&text).ok();
                Ok(())
            }
            "upsert_key" => {
                let wrong = reader.mistake("1 to 128 characters");
                let key = sound(reader, |reader| reader.optional(Reader::string))?;
                self.upsert_key = key.map(|key| UpsertKey::parse(&key).map_err(|_| wrong)).transpose()?;
                Ok(())
            }
            "priority" => {
                if reader.null()? {
                    self.priority = None;
                    return Ok(());
                }
                self.priority.get_or_insert_default().read(reader)
            }
            _ => reader.skip(),
        })
    }
}
