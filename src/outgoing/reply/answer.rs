//! What a receiver writes: eight fields, read from JSON (OUT-71 to OUT-75).

use serde_json::{Map, Value};

use super::reason::UnusableAnswer;
use crate::id::UserId;
use crate::json::{self, Mistake, Options, Reader};
use crate::post::read::{Leniency, PriorityAsked, attachment, list, sound, sound_text};
use crate::post::sender::named_maker;
use crate::post::{self, Attachment};

/// A decoded answer that asks for a reply. Empty texts stand for absent ones.
///
/// ```
/// use jackfield::outgoing::Answer;
///
/// let answer = Answer::read(br#"{"text":"on it","response_type":"comment"}"#, false)?;
/// assert_eq!(answer.and_then(|answer| answer.text).as_deref(), Some("on it"));
/// assert_eq!(Answer::read(b"", false)?, None);
/// assert!(Answer::read(b"on it", false).is_err());
/// # Ok::<(), jackfield::outgoing::UnusableAnswer>(())
/// ```
#[non_exhaustive]
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The attachments; none is the same as absent.
    pub attachments: Vec<Attachment>,
    /// The picture to show.
    pub icon_url: String,
    /// The `type` of the post.
    pub post_type: String,
    /// How urgent the post is.
    pub priority: Option<PriorityAsked>,
    /// Further props of the post.
    pub props: Map<String, Value>,
    /// `comment` for a post in the thread; anything else for one at top level.
    pub response_type: String,
    /// The message; none where there are attachments alone.
    pub text: Option<String>,
    /// The sender name to show.
    pub username: String,
}

impl Answer {
    /// Reads the first JSON value of a body, and says what is to be posted, if anything is. Bytes after the value do not
    /// matter, nor whether they were cut.
    ///
    /// # Errors
    ///
    /// The body is not empty and has no value that could be an answer (OUT-73).
    pub fn read(body: &[u8], truncated: bool) -> Result<Option<Self>, UnusableAnswer> {
        let is_empty = body.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
        if is_empty {
            return if truncated { Err(UnusableAnswer::Truncated) } else { Ok(None) };
        }
        let read = json::read(body, Options::default(), |reader| {
            let mut answer = Self::default();
            if !reader.null()? {
                answer.members(reader)?;
            }
            Ok(answer)
        });
        match read {
            Ok(answer) if answer.text.is_some() || !answer.attachments.is_empty() => Ok(Some(answer)),
            Ok(_) => Ok(None),
            Err(_) if truncated => Err(UnusableAnswer::Truncated),
            Err(mistake) => Err(UnusableAnswer::Json(mistake)),
        }
    }

    /// Whether it belongs to the thread of the post that caused it.
    pub(crate) fn is_comment(&self) -> bool {
        self.response_type == "comment"
    }

    /// Whether it tries to notify a whole channel, so that its author must be asked for the permission.
    pub(crate) fn announces(&self) -> bool {
        let text = self.text.as_deref().unwrap_or_default();
        let mut texts = post::mention_texts(text, &self.attachments);
        texts.any(|text| {
            post::mentions_channel(text) || ["<!channel>", "<!here>", "<!all>"].iter().any(|word| text.contains(word))
        })
    }

    /// Who must be known before it is drafted: its author, whom its texts name by id, and who is said to have made it.
    pub(crate) fn people(&self, creator: UserId) -> Vec<UserId> {
        let mut ids = vec![creator];
        post::all_mentioned_ids(self.text.as_deref().unwrap_or_default(), &self.attachments, &mut ids);
        ids.extend(named_maker(&self.props));
        ids.sort_unstable();
        ids.dedup();
        ids
    }

    fn members(&mut self, reader: &mut Reader<'_>) -> Result<(), Mistake> {
        reader.object(|reader, name| match name {
            "text" => {
                self.text = sound(reader, |reader| reader.optional(Reader::string))?.map(Into::into);
                Ok(())
            }
            "response_type" => reader.text(&mut self.response_type),
            "username" => reader.text(&mut self.username),
            "icon_url" => reader.text(&mut self.icon_url),
            "type" => sound_text(reader, &mut self.post_type),
            "props" => sound(reader, |reader| reader.map_into(&mut self.props)),
            "attachments" => sound(reader, |reader| {
                self.attachments = list(reader, |reader| attachment(reader, Leniency::default(), None))?;
                Ok(())
            }),
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
