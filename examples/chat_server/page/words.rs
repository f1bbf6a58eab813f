//! What stands in plain words of a message and is no Markdown: bare addresses, mentions, emoji.

use jackfield::post::emoji_stem;

use super::html::Html;
use super::link::{self, Target};

/// Draws text with its bare addresses, mentions and emoji.
pub(crate) fn draw(out: &mut Html, text: &str, links: bool) {
    let (mut rest, mut before) = (text, None);
    while let Some(at) = rest.find(['h', '@', ':']) {
        let (skipped, from) = rest.split_at(at);
        out.text(skipped);
        before = skipped.chars().next_back().or(before);
        let starts_word = before.is_none_or(|c: char| !c.is_alphanumeric());
        let taken = if starts_word { special(out, from, links) } else { None };
        // All three are one byte long.
        let taken = taken.unwrap_or_else(|| {
            out.text(from.get(..1).unwrap_or_default());
            1
        });
        let (used, more) = from.split_at(taken);
        before = used.chars().next_back();
        rest = more;
    }
    out.text(rest);
}

/// Draws what begins here if it is something special, and says how long it is.
fn special(out: &mut Html, from: &str, links: bool) -> Option<usize> {
    if let Some(rest) = from.strip_prefix('@') {
        let name = name(rest, |c| c.is_ascii_alphanumeric() || "._-".contains(c)).trim_end_matches(['.', '-']);
        if name.is_empty() {
            return None;
        }
        out.raw("<span class=\"mention\">@").text(name).raw("</span>");
        return Some(1 + name.len());
    }
    if let Some(rest) = from.strip_prefix(':') {
        let name = name(rest, |c| c.is_ascii_alphanumeric() || "_+-".contains(c));
        let stem = rest.get(name.len()..)?.starts_with(':').then(|| emoji_stem(name))??;
        out.raw("<span class=\"emoji\"").attribute("title", name).raw(">").text(&emoji(stem)).raw("</span>");
        return Some(2 + name.len());
    }
    if !links || !(from.starts_with("http://") || from.starts_with("https://")) {
        return None;
    }
    let is_end = |c: char| c.is_whitespace() || c.is_control() || "<>\"".contains(c);
    let end = from.char_indices().take(link::LONGEST).find(|(_, c)| is_end(*c)).map(|(at, _)| at);
    let address = from.get(..end.unwrap_or(from.len().min(link::LONGEST)))?;
    let mut address = address.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '~']);
    if !address.contains('(') {
        address = address.trim_end_matches(')');
    }
    let target = Target::read(address)?;
    target.open(out, "");
    out.text(address).raw("</a>");
    Some(address.len())
}

/// The start of a text that has only such characters, if it is not too long.
fn name(text: &str, is_part: impl Fn(char) -> bool) -> &str {
    let end = text.char_indices().take(65).find(|(_, c)| !is_part(*c)).map_or(text.len(), |(at, _)| at);
    text.get(..end.min(64)).unwrap_or_default()
}

/// The emoji of a stem: its code points.
pub(crate) fn emoji(stem: &str) -> String {
    stem.split('-').filter_map(|code| char::from_u32(u32::from_str_radix(code, 16).ok()?)).collect()
}
