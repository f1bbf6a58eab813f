//! One message of a list.

use serde_json::Value;

use super::html::Html;
use super::link::Target;
use super::markdown::{self, Budget};
use super::seen::Seen;
use super::{attachment, stamp, words};
use crate::settings::Settings;
use crate::tables::teams::Team;

/// How messages are drawn.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner<'a> {
    /// Whether long ones are cut.
    pub(crate) folded: bool,
    /// Whether integrations may show a name of their own.
    pub(crate) names: bool,
    /// Whether the list is one thread, whose messages need not say what they answer.
    pub(crate) thread: bool,
    pub(crate) team: &'a Team,
}

impl<'a> Manner<'a> {
    /// Among the messages of a channel.
    pub(crate) fn new(team: &'a Team, settings: &Settings) -> Self {
        Self { folded: true, names: settings.username_override(), thread: false, team }
    }

    /// On the page of a thread, where everything is shown.
    pub(crate) fn whole(self) -> Self {
        Self { folded: false, thread: true, ..self }
    }
}

/// Draws a message.
pub(crate) fn draw(out: &mut Html, seen: &Seen, manner: &Manner<'_>) {
    let post = &seen.post;
    let name = name(seen, manner);
    let only_here = post.post_type == EPHEMERAL;
    out.raw("<li class=\"post").raw_if(post.root_id.is_some(), " reply").raw_if(only_here, " ephemeral");
    out.raw("\" id=\"post-").text(post.id.as_str());
    out.raw("\"").attribute("data-root", post.root_id.as_ref().map_or("", |root| root.as_str())).raw(">");
    draw_avatar(out, seen, name);
    out.raw("<div class=\"of\"><div class=\"head\"><bdi class=\"name\">").text(name).raw("</bdi>");
    if seen.is_integration() {
        out.raw(" <span class=\"tag\"").attribute("title", seen.prop("webhook_display_name")).raw(">BOT</span>");
    }
    if only_here {
        out.raw(" <span class=\"when\">");
        stamp::draw(out, post.create_at);
        out.raw("</span> <span class=\"label ack\">Only visible to you</span>");
    } else {
        out.raw(" <a class=\"when\" href=\"/t/").text(&manner.team.name).raw("/posts/").text(post.id.as_str());
        out.raw("#post-").text(post.id.as_str()).raw("\">");
        stamp::draw(out, post.create_at);
        out.raw("</a>");
    }
    out.raw_if(post.edit_at > 0, " <span class=\"edited\">(edited)</span>");
    draw_priority(out, seen);
    if !only_here && !manner.thread && (post.root_id.is_some() || post.replies == 0) {
        draw_reply(out, seen, manner, " class=\"answer\"");
        out.raw("Reply<span class=\"hidden\"> to this message</span></a>");
    }
    out.raw("</div>");
    draw_root(out, seen, manner);
    draw_body(out, seen, manner);
    if !manner.thread && post.root_id.is_none() && post.replies > 0 {
        out.raw("<p class=\"foot\">");
        draw_reply(out, seen, manner, "");
        out.show(post.replies).raw(if post.replies == 1 { " reply" } else { " replies" }).raw("</a></p>");
    }
    out.raw("</div></li>");
}

/// Who is said to have sent it.
fn name<'a>(seen: &'a Seen, manner: &Manner<'_>) -> &'a str {
    let other = seen.prop("override_username").trim();
    if manner.names && seen.is_integration() && !other.is_empty() { other } else { &seen.author }
}

/// An emoji, or initials; a picture that is elsewhere is a link to it and is not loaded.
fn draw_avatar(out: &mut Html, seen: &Seen, name: &str) {
    let icon = seen.prop("override_icon_url");
    if let Some(stem) = icon.rsplit_once("/static/emoji/").and_then(|(_, file)| file.strip_suffix(".png")) {
        let emoji: String = words::emoji(stem).chars().take(12).collect();
        out.raw("<span class=\"avatar emoji\" aria-hidden=\"true\">").text(&emoji).raw("</span>");
        return;
    }
    let initials: String = name.chars().filter(|c| c.is_alphanumeric()).take(1).flat_map(char::to_uppercase).collect();
    let initials = if initials.is_empty() { "?" } else { &initials };
    match Target::read(icon).filter(|_| seen.is_integration()) {
        Some(target) => {
            let label = format!("Icon from {}", target.host());
            target.open_labelled(out, "avatar remote-icon", &label);
            out.text(initials).raw("</a>");
        }
        None if seen.is_bot && icon.is_empty() => {
            let address = format!("/api/v4/users/{}/image?v={}", seen.post.user_id.as_str(), seen.picture_at);
            out.raw("<img class=\"avatar\" alt=\"\" width=\"36\" height=\"36\"").attribute("src", &address).raw(">");
        }
        None => {
            let hue = name.bytes().fold(0_u8, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte)) % 6;
            out.raw("<span class=\"avatar\" aria-hidden=\"true\" data-hue=\"").show(hue).raw("\">").text(initials);
            out.raw("</span>");
        }
    }
}

fn draw_priority(out: &mut Html, seen: &Seen) {
    let Some(priority) = &seen.post.priority else { return };
    match priority.priority.as_str() {
        "urgent" => out.raw(" <span class=\"label urgent\">Urgent</span>"),
        "important" => out.raw(" <span class=\"label important\">Important</span>"),
        _ => out,
    };
    out.raw_if(priority.requested_ack == Some(true), " <span class=\"label ack\">Acknowledgment requested</span>");
}

/// What a reply answers.
fn draw_root(out: &mut Html, seen: &Seen, manner: &Manner<'_>) {
    let (Some(id), false) = (&seen.post.root_id, manner.thread) else { return };
    let begin = seen.root.as_deref().map(str::trim).filter(|begin| !begin.is_empty()).unwrap_or("a message");
    out.raw("<p class=\"answers\"><span aria-hidden=\"true\">↪</span> reply to <a href=\"/t/").text(&manner.team.name);
    out.raw("/posts/").text(id.as_str()).raw("\"><bdi>").text(begin).raw("</bdi></a></p>");
}

fn draw_body(out: &mut Html, seen: &Seen, manner: &Manner<'_>) {
    let mut budget = if manner.folded { Budget::folded() } else { Budget::whole() };
    let attachments = seen.props.get("attachments").unwrap_or(&Value::Null);
    // What is stored nowhere has no page of its own that shows the rest.
    let is_long = manner.folded && seen.post.post_type != EPHEMERAL && is_long(seen, attachments);
    out.raw("<div class=\"body").raw_if(seen.post.post_type == "me", " emote").raw_if(is_long, " long").raw("\"");
    // What scrolls must be within reach of the keyboard.
    out.raw_if(is_long, " tabindex=\"0\" role=\"group\" aria-label=\"Long message\"").raw(">");
    if !seen.post.message.is_empty() {
        out.raw("<div class=\"message\" dir=\"auto\">");
        markdown::draw(out, &seen.post.message, &mut budget);
        out.raw("</div>");
    }
    let left = attachment::draw_all(out, attachments, &mut budget, manner.folded);
    if left > 0 {
        out.raw("<p class=\"cut\">").show(left).raw(" more ").raw(if left == 1 {
            "attachment</p>"
        } else {
            "attachments</p>"
        });
    }
    out.raw("</div>");
    if is_long {
        out.raw("<p class=\"more\"><a href=\"/t/").text(&manner.team.name).raw("/posts/").text(seen.post.id.as_str());
        out.raw("#post-").text(seen.post.id.as_str()).raw("\">Show all</a></p>");
    }
}

fn is_long(seen: &Seen, attachments: &Value) -> bool {
    let message = &seen.post.message;
    let lines = message.lines().nth(MOST_LINES).is_some();
    lines || attachment::is_long(attachments) || message.len().saturating_add(weight(attachments)) > MOST_BYTES
}

/// How long all texts in a value are together; a line feed counts as a line of text.
fn weight(value: &Value) -> usize {
    match value {
        Value::Array(all) => all.iter().map(weight).sum(),
        Value::Object(all) => all.values().map(weight).sum(),
        Value::String(text) => text.len().saturating_add(text.matches('\n').count().saturating_mul(60)),
        _ => 0,
    }
}

/// Opens a link to where the thread is answered.
fn draw_reply(out: &mut Html, seen: &Seen, manner: &Manner<'_>, class: &'static str) {
    let root = seen.post.root_id.unwrap_or(seen.post.id);
    out.raw(" <a").raw(class).raw(" href=\"/t/").text(&manner.team.name).raw("/posts/").text(root.as_str());
    out.raw("#message\">");
}

/// The type of what is shown to one user and is not stored.
pub(crate) const EPHEMERAL: &str = "system_ephemeral";
/// Of a message that is shown as it is.
const MOST_BYTES: usize = 1_500;
/// Of the text of a message that is shown as it is.
const MOST_LINES: usize = 20;
