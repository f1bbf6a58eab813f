//! Attachments, as users know them: a bar of color, author, title, text, a table of fields, a footer.

use serde_json::Value;

use super::html::Html;
use super::link::{self, Target};
use super::markdown::{self, Budget};
use super::stamp;

/// Draws the attachments of a post. Folded, it draws the first few and says how many it left out.
pub(crate) fn draw_all(out: &mut Html, attachments: &Value, budget: &mut Budget, folded: bool) -> usize {
    let all = attachments.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = if folded { MOST_ATTACHMENTS } else { usize::MAX };
    for attachment in all.iter().take(shown) {
        draw(out, &Attachment(attachment), budget, folded);
    }
    all.len().saturating_sub(shown)
}

/// Whether a folded drawing leaves anything out.
pub(crate) fn is_long(attachments: &Value) -> bool {
    let all = attachments.as_array().map(Vec::as_slice).unwrap_or_default();
    all.len() > MOST_ATTACHMENTS || all.iter().any(|one| Attachment(one).fields().len() > MOST_FIELDS)
}

/// An attachment as it is stored, of which nothing is sure.
struct Attachment<'a>(&'a Value);

impl<'a> Attachment<'a> {
    fn text(&self, name: &str) -> &'a str {
        self.0.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn list(&self, name: &str) -> &'a [Value] {
        self.0.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
    }

    fn fields(&self) -> &'a [Value] {
        self.list("fields")
    }

    /// What may be the fill of a shape: nothing but a color.
    fn color(&self) -> &'a str {
        match self.text("color") {
            "good" => "#2f9e63",
            "warning" => "#d9930d",
            "danger" => "#d24b4e",
            color => {
                let digits = color.strip_prefix('#').unwrap_or_default();
                let is_color = (3..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
                if is_color { color } else { "#9aa3ad" }
            }
        }
    }
}

fn draw(out: &mut Html, attachment: &Attachment<'_>, budget: &mut Budget, folded: bool) {
    let text = |name| attachment.text(name);
    if !text("pretext").is_empty() {
        out.raw("<div class=\"pretext\" dir=\"auto\">");
        markdown::draw(out, text("pretext"), budget);
        out.raw("</div>");
    }
    out.raw("<div class=\"attachment\"><svg class=\"color\" aria-hidden=\"true\"><rect width=\"100%\" height=\"100%\"");
    out.attribute("fill", attachment.color()).raw("/></svg><div class=\"inner\">");
    linked(out, "author", text("author_name"), text("author_link"), text("author_icon"));
    linked(out, "title", text("title"), text("title_link"), "");
    if !text("text").is_empty() {
        out.raw("<div class=\"text\" dir=\"auto\">");
        markdown::draw(out, text("text"), budget);
        out.raw("</div>");
    }
    draw_fields(out, attachment.fields(), budget, folded);
    for (name, what) in [("image_url", "image"), ("thumb_url", "thumbnail")] {
        if !text(name).is_empty() {
            out.raw("<p>");
            link::picture(out, text(name), what);
            out.raw("</p>");
        }
    }
    draw_actions(out, attachment.list("actions"));
    draw_footer(out, attachment);
    out.raw("</div></div>");
}

/// A line that may lead somewhere.
fn linked(out: &mut Html, class: &'static str, text: &str, address: &str, icon: &str) {
    if text.is_empty() && icon.is_empty() {
        return;
    }
    out.raw("<p class=\"").raw(class).raw("\">");
    match Target::read(address).filter(|_| !text.is_empty()) {
        Some(target) => {
            target.open(out, "");
            out.raw("<bdi>").text(text).raw("</bdi></a>");
        }
        None => {
            out.raw("<bdi>").text(text).raw("</bdi>");
        }
    }
    if !icon.is_empty() {
        out.raw(" ");
        link::picture(out, icon, "icon");
    }
    out.raw("</p>");
}

/// Short ones stand side by side.
fn draw_fields(out: &mut Html, fields: &[Value], budget: &mut Budget, folded: bool) {
    if fields.is_empty() {
        return;
    }
    let shown = if folded { MOST_FIELDS } else { usize::MAX };
    out.raw("<dl class=\"fields-of\">");
    for field in fields.iter().take(shown).map(Attachment) {
        let is_short = field.0.get("short").and_then(Value::as_bool).unwrap_or_default();
        out.raw(if is_short { "<div class=\"short\">" } else { "<div>" });
        out.raw("<dt dir=\"auto\">").text(field.text("title")).raw("</dt><dd dir=\"auto\">");
        markdown::draw(out, field.text("value"), budget);
        out.raw("</dd></div>");
    }
    out.raw("</dl>");
    let left = fields.len().saturating_sub(shown);
    if left > 0 {
        out.raw("<p class=\"cut\">").show(left).raw(" more ").raw(if left == 1 { "field</p>" } else { "fields</p>" });
    }
}

/// Buttons are shown as what they are: nothing here calls an integration yet.
fn draw_actions(out: &mut Html, actions: &[Value]) {
    if actions.is_empty() {
        return;
    }
    out.raw("<p class=\"actions\">");
    for action in actions.iter().take(MOST_ACTIONS).map(Attachment) {
        out.raw("<button type=\"button\" disabled title=\"Buttons of messages do nothing here yet\"><bdi>");
        out.text(action.text("name")).raw("</bdi></button>");
    }
    out.raw("</p>");
}

fn draw_footer(out: &mut Html, attachment: &Attachment<'_>) {
    let (footer, icon) = (attachment.text("footer"), attachment.text("footer_icon"));
    let ts = attachment.0.get("ts").and_then(|ts| ts.as_f64().or_else(|| ts.as_str()?.parse().ok()));
    let ts = ts.filter(|seconds| (1.0..1e11).contains(seconds));
    if footer.is_empty() && icon.is_empty() && ts.is_none() {
        return;
    }
    out.raw("<p class=\"footer\">");
    if !footer.is_empty() {
        let end = footer.char_indices().nth(LONGEST_FOOTER).map(|(at, _)| at);
        out.raw("<bdi>").text(end.and_then(|end| footer.get(..end)).unwrap_or(footer));
        out.raw_if(end.is_some(), "…").raw("</bdi> ");
    }
    if !icon.is_empty() {
        link::picture(out, icon, "icon");
        out.raw(" ");
    }
    if let Some(seconds) = ts {
        stamp::draw(out, (seconds * 1_000.0) as i64);
    }
    out.raw("</p>");
}

/// Of a folded post.
const MOST_ATTACHMENTS: usize = 5;
/// Of an attachment of a folded post.
const MOST_FIELDS: usize = 24;
const MOST_ACTIONS: usize = 20;
/// In characters, as other clients cut it.
const LONGEST_FOOTER: usize = 300;
