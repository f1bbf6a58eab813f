//! From a request to a payload: which reader a body gets, and what goes wrong first (INC-9 to INC-19).

use http::header::CONTENT_TYPE;
use http::request::Parts;

use super::content_type::Content;
use super::error::ReceiveError;
use super::form::first_value;
use super::payload::Payload;
use super::{multipart, parts};
use crate::post::read::Leniency;

/// Reads the payload of a webhook call. A body of `None` was longer than the limit.
///
/// # Errors
///
/// [`ReceiveError::Form`], [`ReceiveError::BodyTooLarge`], [`ReceiveError::Multipart`] or [`ReceiveError::Decode`],
/// whatever comes first in the order of INC-9.
pub fn decode(head: &Parts, body: Option<&[u8]>, leniency: Leniency) -> Result<Payload, ReceiveError> {
    let header = head.headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
    let content = Content::parse(header)?;
    if content == Content::Form && body.is_none() {
        return Err(ReceiveError::BodyTooLarge);
    }
    let query = head.uri.query().unwrap_or_default().as_bytes();
    let in_query = first_value(query, b"payload")?;
    let body = body.ok_or(ReceiveError::BodyTooLarge);
    match content {
        Content::Form => {
            let in_body = first_value(body?, b"payload")?;
            let payload = in_body.or(in_query).unwrap_or_default();
            Ok(Payload::from_json(&payload, leniency)?)
        }
        Content::Json => Ok(Payload::from_json(body?, leniency)?),
        Content::Multipart(boundary) => {
            let boundary = boundary.ok_or(ReceiveError::Multipart("there is no boundary"))?;
            Ok(parts::payload(&multipart::parts(body?, &boundary)?, leniency)?)
        }
    }
}
