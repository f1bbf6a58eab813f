//! Times of messages. The server writes UTC; the script makes the reader's own time of it.

use super::html::Html;
use crate::ambient::timestamp;

/// Draws a time in milliseconds.
pub(crate) fn draw(out: &mut Html, millis: i64) {
    let at = timestamp(millis);
    let (Some(date), Some(clock)) = (at.get(..10), at.get(11..16)) else { return };
    out.raw("<time").attribute("datetime", &at).raw(">").text(date).raw(" ").text(clock).raw(" UTC</time>");
}

/// Draws a time in milliseconds with its seconds.
pub(crate) fn draw_exact(out: &mut Html, millis: i64) {
    let at = timestamp(millis);
    let (Some(date), Some(clock)) = (at.get(..10), at.get(11..19)) else { return };
    out.raw("<time data-exact").attribute("datetime", &at).raw(">").text(date).raw(" ").text(clock).raw(" UTC</time>");
}
