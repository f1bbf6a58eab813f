//! What senders and receivers write of a post: attachments, priority, texts (INC-55 to INC-58, INC-85).

use serde_json::Value;

use super::{Action, ActionIntegration, ActionOption, Attachment, Field, Priority};
use crate::json::{self, Kind, Mistake, Reader};

/// What is read more kindly than the reference server does.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Leniency {
    /// Links in attachments follow the strict grammar of message texts, and code spans are left alone, so that
    /// `a < b || c > d` stays code (INC-51).
    pub careful_attachment_links: bool,
    /// A field's `short` may be `null` (false) or a number (false if zero) (INC-58).
    pub short_fields: bool,
    /// A field's whole number up to 2⁵³ is written in full instead of as `1e+06` (INC-57).
    pub whole_numbers: bool,
}

/// The `priority` object as a sender writes it.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PriorityAsked {
    /// The level; the reference server refuses an object without one (INC-85).
    pub priority: Option<String>,
    /// Whether readers are asked to confirm.
    pub requested_ack: Option<bool>,
    /// Whether those mentioned are told again and again.
    pub persistent_notifications: Option<bool>,
}

impl PriorityAsked {
    /// Merges an object into what was asked.
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), Mistake> {
        reader.object(|reader, name| {
            match name {
                "priority" => {
                    let level = sound(reader, |reader| reader.optional(Reader::string))?;
                    self.priority = level.map(|level| level.into_owned());
                }
                "requested_ack" => self.requested_ack = reader.optional(Reader::boolean)?,
                "persistent_notifications" => self.persistent_notifications = reader.optional(Reader::boolean)?,
                _ => reader.skip()?,
            }
            Ok(())
        })
    }

    /// What is stored of it, if it has a level.
    pub(crate) fn level(self) -> Option<Priority> {
        Some(Priority {
            priority: self.priority?,
            requested_ack: self.requested_ack,
            persistent_notifications: self.persistent_notifications,
        })
    }
}

/// Reads something that must hold no U+0000.
pub(crate) fn sound<'a, T>(
    reader: &mut Reader<'a>,
    read: impl FnOnce(&mut Reader<'a>) -> Result<T, Mistake>,
) -> Result<T, Mistake> {
    reader.clear_nul();
    let value = read(reader)?;
    if reader.nul_seen() { Err(reader.mistake("a text without U+0000")) } else { Ok(value) }
}

/// Reads a text that must hold no U+0000; `null` leaves it as it was.
pub(crate) fn sound_text(reader: &mut Reader<'_>, into: &mut String) -> Result<(), Mistake> {
    sound(reader, |reader| reader.text(into))
}

/// Reads an array without its nulls; `null` is an empty one.
pub(crate) fn list<'a, T>(
    reader: &mut Reader<'a>,
    mut read: impl FnMut(&mut Reader<'a>) -> Result<T, Mistake>,
) -> Result<Vec<T>, Mistake> {
    let mut items = Vec::new();
    if reader.null()? {
        return Ok(items);
    }
    reader.array(|reader, _| {
        if !reader.null()? {
            if items.is_empty() {
                items.reserve_exact(1); // Most lists of attachments have one, and those are large.
            }
            items.push(read(reader)?);
        }
        Ok(())
    })?;
    Ok(items)
}

/// Reads an attachment, and its `callback_id` for who wants it.
pub(crate) fn attachment(
    reader: &mut Reader<'_>,
    leniency: Leniency,
    mut callback_id: Option<&mut String>,
) -> Result<Attachment, Mistake> {
    let mut it = Attachment::default();
    reader.object(|reader, name| match name {
        "id" => {
            it.id = reader.optional(Reader::integer)?.unwrap_or(it.id);
            Ok(())
        }
        "fallback" => reader.text(&mut it.fallback),
        "color" => reader.text(&mut it.color),
        "pretext" => reader.text(&mut it.pretext),
        "author_name" => reader.text(&mut it.author_name),
        "author_link" => reader.text(&mut it.author_link),
        "author_icon" => reader.text(&mut it.author_icon),
        "title" => reader.text(&mut it.title),
        "title_link" => reader.text(&mut it.title_link),
        "text" => reader.text(&mut it.text),
        "fields" => {
            it.fields = list(reader, |reader| field(reader, leniency))?;
            Ok(())
        }
        "image_url" => reader.text(&mut it.image_url),
        "thumb_url" => reader.text(&mut it.thumb_url),
        "footer" => reader.text(&mut it.footer),
        "footer_icon" => reader.text(&mut it.footer_icon),
        "ts" => {
            it.ts = reader.value()?;
            Ok(())
        }
        "actions" => {
            it.actions = list(reader, action)?;
            Ok(())
        }
        "callback_id" => {
            // Of any type and content: it is no member that is kept.
            let nul_before = reader.nul_seen();
            let text = reader.attempt(Reader::string)?.unwrap_or_default();
            if !nul_before {
                reader.clear_nul();
            }
            if let Some(into) = &mut callback_id {
                text.as_ref().clone_into(into);
            }
            Ok(())
        }
        _ => reader.skip(),
    })?;
    Ok(it)
}

fn field(reader: &mut Reader<'_>, leniency: Leniency) -> Result<Field, Mistake> {
    let mut it = Field::default();
    reader.object(|reader, name| match name {
        "title" => reader.text(&mut it.title),
        "value" => {
            it.value = value_text(reader, leniency)?;
            Ok(())
        }
        "short" => {
            it.short = short(reader, leniency)?;
            Ok(())
        }
        _ => reader.skip(),
    })?;
    Ok(it)
}

/// `true` or `false`, bare or as a literal text in any case (INC-58).
fn short(reader: &mut Reader<'_>, leniency: Leniency) -> Result<bool, Mistake> {
    match reader.peek()? {
        Kind::Boolean => reader.boolean(),
        Kind::Null if leniency.short_fields => reader.null().map(|_| false),
        Kind::Number if leniency.short_fields => Ok(reader.value()?.as_f64() != Some(0.0)),
        _ => {
            let refused = reader.mistake("`true` or `false`");
            let raw = reader.raw()?;
            let is = |word: &[u8]| raw.eq_ignore_ascii_case(word);
            let yes = raw == b"true" || is(b"\"true\"");
            if yes || raw == b"false" || is(b"\"false\"") { Ok(yes) } else { Err(refused) }
        }
    }
}

/// Whatever the value is, as a text; `null` stays none (INC-57).
fn value_text(reader: &mut Reader<'_>, leniency: Leniency) -> Result<Option<String>, Mistake> {
    match reader.peek()? {
        Kind::Null => reader.null().map(|_| None),
        Kind::String => Ok(Some(reader.string()?.into_owned())),
        _ => {
            let mut text = String::new();
            write_value(&reader.value()?, leniency, &mut text);
            Ok(Some(text))
        }
    }
}

/// Bounded in depth by the limit of the reader.
fn write_value(value: &Value, leniency: Leniency, into: &mut String) {
    match value {
        Value::Null => into.push_str("<nil>"),
        Value::Bool(value) => into.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => match number.as_i64() {
            Some(whole) if leniency.whole_numbers && whole.unsigned_abs() <= 1 << 53 => {
                into.push_str(&whole.to_string());
            }
            _ => into.push_str(&json::number_text(number.as_f64().unwrap_or_default())),
        },
        Value::String(text) => into.push_str(text),
        Value::Array(items) => {
            into.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    into.push(' ');
                }
                write_value(item, leniency, into);
            }
            into.push(']');
        }
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_unstable_by_key(|(name, _)| *name);
            into.push_str("map[");
            for (place, (name, item)) in sorted.into_iter().enumerate() {
                if place > 0 {
                    into.push(' ');
                }
                into.push_str(name);
                into.push(':');
                write_value(item, leniency, into);
            }
            into.push(']');
        }
    }
}

fn action(reader: &mut Reader<'_>) -> Result<Action, Mistake> {
    let mut it = Action::default();
    reader.object(|reader, name| match name {
        "id" => reader.text(&mut it.id),
        "type" => reader.text(&mut it.action_type),
        "name" => reader.text(&mut it.name),
        "tooltip" => reader.text(&mut it.tooltip),
        "disabled" => reader.flag(&mut it.disabled),
        "style" => reader.text(&mut it.style),
        "data_source" => reader.text(&mut it.data_source),
        "options" => {
            it.options = list(reader, option)?;
            Ok(())
        }
        "default_option" => reader.text(&mut it.default_option),
        "integration" => {
            if reader.null()? {
                it.integration = None;
                return Ok(());
            }
            integration(reader, it.integration.get_or_insert_default())
        }
        "cookie" => reader.text(&mut it.cookie),
        _ => reader.skip(),
    })?;
    Ok(it)
}

fn option(reader: &mut Reader<'_>) -> Result<ActionOption, Mistake> {
    let mut it = ActionOption::default();
    reader.object(|reader, name| match name {
        "text" => reader.text(&mut it.text),
        "value" => reader.text(&mut it.value),
        _ => reader.skip(),
    })?;
    Ok(it)
}

fn integration(reader: &mut Reader<'_>, it: &mut ActionIntegration) -> Result<(), Mistake> {
    reader.object(|reader, name| match name {
        "url" => reader.text(&mut it.url),
        "context" => reader.map_into(&mut it.context),
        _ => reader.skip(),
    })
}

#[cfg(test)]
mod tests;
