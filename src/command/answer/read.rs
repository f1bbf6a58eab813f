//! From the bytes of a response, or of a delayed one, to an answer (CMD-75 to CMD-78, CMD-92).

use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::response::Parts;

use super::Answer;
use crate::command::error::{DelayedError, ExecuteError};
use crate::json::{self, Mistake, Options, Reader, Rest};
use crate::post::read::{Leniency, attachment, list};

/// Reads the response of a service. `truncated` says that the body was longer than what is here; `trigger` names the
/// command in errors.
///
/// # Errors
///
/// The status is not 200, or the body is said to be JSON and is not just one value that is an answer.
pub(crate) fn read_response(head: &Parts, body: &[u8], truncated: bool, trigger: &str) -> Result<Answer, ExecuteError> {
    let trigger = || trigger.to_owned();
    if head.status != StatusCode::OK {
        let reason = head.status.canonical_reason().unwrap_or_default();
        let status = format!("{} {reason}", head.status.as_str()).trim_end().to_owned();
        let body = String::from_utf8_lossy(body).into_owned();
        return Err(ExecuteError::FailedResponse { body, status, trigger: trigger() });
    }
    if is_json(head.headers.get(CONTENT_TYPE).map(|value| value.as_bytes())) {
        return Answer::from_json(body).map_err(|_| ExecuteError::Failed { trigger: trigger() });
    }
    Ok(text_answer(body, truncated))
}

/// Reads the body of a delayed answer; none if it is longer than the limit.
pub(crate) fn read_delayed(content_type: Option<&[u8]>, body: Option<&[u8]>) -> Result<Answer, DelayedError> {
    match (is_json(content_type), body) {
        (true, Some(body)) => Answer::from_json(body).map_err(|_| DelayedError::Parse),
        (true, None) => Err(DelayedError::BodyTooLarge),
        (false, Some(body)) => Ok(text_answer(body, false)),
        (false, None) => Err(DelayedError::Text),
    }
}

/// CMD-76.
fn is_json(content_type: Option<&[u8]>) -> bool {
    let media = content_type.unwrap_or_default().split(|byte| *byte == b';').next().unwrap_or_default();
    media.trim_ascii() == b"application/json"
}

/// The body is the text, whatever it is. Each byte that is no UTF-8 becomes U+FFFD, but for those of a character that
/// the limit cut.
fn text_answer(body: &[u8], truncated: bool) -> Answer {
    let mut text = String::with_capacity(body.len());
    let mut chunks = body.utf8_chunks().peekable();
    while let Some(chunk) = chunks.next() {
        text.push_str(chunk.valid());
        let is_cut = truncated && chunks.peek().is_none() && is_begun(chunk.invalid());
        if !is_cut {
            text.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
    }
    Answer { text, ..Answer::default() }
}

/// Whether these bytes are the beginning of a character.
fn is_begun(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err_and(|error| error.error_len().is_none())
}

impl Answer {
    /// Reads an answer from JSON; `null` is an empty one (CMD-77).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there. Anything but white space behind the value is a mistake too.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        let options = Options { rest: Rest::Refused, ..Options::default() };
        json::read(bytes, options, |reader| if reader.null()? { Ok(Self::default()) } else { Self::read(reader) })
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Mistake> {
        let mut it = Self::default();
        reader.clear_nul();
        reader.object(|reader, name| match name {
            "response_type" => reader.text(&mut it.response_type),
            "text" => reader.text(&mut it.text),
            "username" => reader.text(&mut it.username),
            "channel_id" => reader.text(&mut it.channel_id),
            "icon_url" => reader.text(&mut it.icon_url),
            "type" => reader.text(&mut it.post_type),
            "props" => {
                if reader.null()? {
                    it.props = None;
                    return Ok(());
                }
                reader.map_into(it.props.get_or_insert_default())
            }
            "goto_location" => reader.text(&mut it.goto_location),
            "trigger_id" => reader.text(&mut it.trigger_id),
            "skip_slack_parsing" => reader.flag(&mut it.skip_slack_parsing),
            "attachments" => {
                it.attachments = list(reader, |reader| attachment(reader, Leniency::default(), None))?;
                Ok(())
            }
            "extra_responses" => {
                it.unsound |= reader.nul_seen();
                it.extra_responses = if reader.null()? { None } else { Some(list(reader, Self::read)?) };
                // What those hold is theirs.
                reader.clear_nul();
                Ok(())
            }
            _ => reader.skip(),
        })?;
        it.unsound |= reader.nul_seen();
        Ok(it)
    }
}
