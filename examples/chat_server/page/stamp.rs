//! Times of messages. The server writes UTC; the script makes the reader's own time of it.

use time::OffsetDateTime;

use super::html::Html;

/// Draws a time in milliseconds.
pub(crate) fn draw(out: &mut Html, millis: i64) {
    let Ok(at) = OffsetDateTime::from_unix_timestamp(millis.div_euclid(1_000)) else { return };
    let (month, day, hour, minute) = (u8::from(at.month()), at.day(), at.hour(), at.minute());
    let date = format!("{:04}-{month:02}-{day:02}", at.year());
    out.raw("<time").attribute("datetime", &format!("{date}T{hour:02}:{minute:02}:{:02}Z", at.second())).raw(">");
    out.text(&format!("{date} {hour:02}:{minute:02} UTC")).raw("</time>");
}
