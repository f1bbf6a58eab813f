//! A multipart call: part names become the fields of a payload (INC-14).
//!
//! Beyond the reference server's names, those of the JSON form and a whole `payload` are read. Indices must follow on
//! each other: the reference server crashes on a hole.

use std::collections::BTreeMap;

use super::multipart::Part;
use super::payload::Payload;
use super::upsert::UpsertKey;
use crate::id::PostId;
use crate::json::Mistake;
use crate::post::read::Leniency;
use crate::post::{Action, ActionOption, Attachment, Field};

/// Why the parts are no payload.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum InvalidPart {
    /// A value is not what its name asks for.
    Expected {
        /// The part.
        name: String,
        /// What it should hold.
        what: &'static str,
    },
    /// The part `payload` is wrong inside.
    Payload(Mistake),
    /// Attachments, fields, actions or options leave numbers out.
    Hole(&'static str),
    /// There is no field of this name.
    Unknown(String),
}

/// Where one attachment's parts are gathered before their numbers are checked.
#[derive(Default)]
struct Gathered {
    actions: BTreeMap<usize, (Action, BTreeMap<usize, ActionOption>)>,
    attachment: Attachment,
    fields: BTreeMap<usize, Field>,
}

/// Reads the parts. A name that comes twice counts with its last value; an empty value leaves the field as it is.
pub(crate) fn payload(parts: &[Part<'_>], leniency: Leniency) -> Result<Payload, InvalidPart> {
    let mut payload = Payload::default();
    for part in parts.iter().filter(|part| part.name.eq_ignore_ascii_case("payload")) {
        payload = Payload::from_json(part.value, leniency).map_err(InvalidPart::Payload)?;
    }
    let mut gathered = BTreeMap::new();
    for part in parts {
        let name = part.name.to_ascii_lowercase();
        let value = value(part)?;
        set(&mut payload, &mut gathered, &name, &value).map_err(|what| match what {
            Some(what) => InvalidPart::Expected { name: part.name.clone(), what },
            None => InvalidPart::Unknown(part.name.clone()),
        })?;
    }
    for (index, one) in gathered.into_iter().enumerate() {
        let (number, Gathered { mut attachment, fields, actions }) = one;
        follows(index, number, "attachments")?;
        for (index, (number, field)) in fields.into_iter().enumerate() {
            follows(index, number, "fields")?;
            attachment.fields.push(field);
        }
        for (index, (number, (mut action, options))) in actions.into_iter().enumerate() {
            follows(index, number, "actions")?;
            for (index, (number, option)) in options.into_iter().enumerate() {
                follows(index, number, "options")?;
                action.options.push(option);
            }
            attachment.actions.push(action);
        }
        payload.attachments.push(attachment);
    }
    Ok(payload)
}

fn follows(index: usize, number: usize, list: &'static str) -> Result<(), InvalidPart> {
    if index == number { Ok(()) } else { Err(InvalidPart::Hole(list)) }
}

fn value(part: &Part<'_>) -> Result<String, InvalidPart> {
    if part.value.contains(&0) {
        return Err(InvalidPart::Expected { name: part.name.clone(), what: "a text without U+0000" });
    }
    Ok(String::from_utf8_lossy(part.value).into_owned())
}

/// Why a part was not taken: what it should hold, or none where the name is unknown.
type NotTaken = Option<&'static str>;

fn set(
    payload: &mut Payload,
    gathered: &mut BTreeMap<usize, Gathered>,
    name: &str,
    value: &str,
) -> Result<(), NotTaken> {
    match name {
        "text" => {
            payload.named.text |= !value.is_empty();
            text(&mut payload.text, value);
        }
        "username" => text(&mut payload.username, value),
        "type" => text(&mut payload.post_type, value),
        "iconurl" | "icon_url" => text(&mut payload.icon_url, value),
        "iconemoji" | "icon_emoji" => text(&mut payload.icon_emoji, value),
        "channelname" | "channel" => text(&mut payload.channel, value),
        "root_id" if !value.is_empty() => {
            payload.named.root = true;
            payload.root_id = PostId::parse(value).ok();
        }
        "upsert_key" if !value.is_empty() => {
            payload.upsert_key = Some(UpsertKey::parse(value).map_err(|_| Some("1 to 128 characters"))?);
        }
        "priority.priority" => {
            if !value.is_empty() {
                payload.priority.get_or_insert_default().priority = Some(value.to_owned());
            }
        }
        "priority.requestedack" => {
            let flag = flag(value)?;
            payload.priority.get_or_insert_default().requested_ack = flag;
        }
        "priority.persistentnotifications" => {
            let flag = flag(value)?;
            payload.priority.get_or_insert_default().persistent_notifications = flag;
        }
        "payload" | "root_id" | "upsert_key" => {}
        _ => {
            let (number, rest) = numbered(name.strip_prefix("attachments.").ok_or(None)?)?;
            payload.named.attachments = true;
            set_attachment(gathered.entry(number).or_default(), rest, value)?;
        }
    }
    Ok(())
}

fn set_attachment(it: &mut Gathered, name: &str, value: &str) -> Result<(), NotTaken> {
    let a = &mut it.attachment;
    let into = match name {
        "fallback" => &mut a.fallback,
        "color" => &mut a.color,
        "pretext" => &mut a.pretext,
        "authorname" | "author_name" => &mut a.author_name,
        "authorlink" | "author_link" => &mut a.author_link,
        "authoricon" | "author_icon" => &mut a.author_icon,
        "title" => &mut a.title,
        "titlelink" | "title_link" => &mut a.title_link,
        "text" => &mut a.text,
        "imageurl" | "image_url" => &mut a.image_url,
        "thumburl" | "thumb_url" => &mut a.thumb_url,
        "footer" => &mut a.footer,
        "footericon" | "footer_icon" => &mut a.footer_icon,
        "id" => {
            if !value.is_empty() {
                a.id = value.parse().map_err(|_| Some("a whole number"))?;
            }
            return Ok(());
        }
        _ => {
            if let Some(rest) = name.strip_prefix("fields.") {
                let (number, rest) = numbered(rest)?;
                return set_field(it.fields.entry(number).or_default(), rest, value);
            }
            let (number, rest) = numbered(name.strip_prefix("actions.").ok_or(None)?)?;
            let (action, options) = it.actions.entry(number).or_default();
            return set_action(action, options, rest, value);
        }
    };
    text(into, value);
    Ok(())
}

fn set_field(it: &mut Field, name: &str, value: &str) -> Result<(), NotTaken> {
    match name {
        "title" => text(&mut it.title, value),
        "short" => it.short = flag(value)?.unwrap_or(it.short),
        _ => return Err(None),
    }
    Ok(())
}

fn set_action(
    it: &mut Action,
    options: &mut BTreeMap<usize, ActionOption>,
    name: &str,
    value: &str,
) -> Result<(), NotTaken> {
    match name {
        "id" => text(&mut it.id, value),
        "type" => text(&mut it.action_type, value),
        "name" => text(&mut it.name, value),
        "tooltip" => text(&mut it.tooltip, value),
        "disabled" => it.disabled = flag(value)?.unwrap_or(it.disabled),
        "style" => text(&mut it.style, value),
        "datasource" | "data_source" => text(&mut it.data_source, value),
        "defaultoption" | "default_option" => text(&mut it.default_option, value),
        "cookie" => text(&mut it.cookie, value),
        "integration.url" => text(&mut it.integration.get_or_insert_default().url, value),
        _ => {
            let (number, rest) = numbered(name.strip_prefix("options.").ok_or(None)?)?;
            let option = options.entry(number).or_default();
            match rest {
                "text" => text(&mut option.text, value),
                "value" => text(&mut option.value, value),
                _ => return Err(None),
            }
        }
    }
    Ok(())
}

/// Splits `12.rest`.
fn numbered(name: &str) -> Result<(usize, &str), NotTaken> {
    let (number, rest) = name.split_once('.').ok_or(None)?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let number = if is_number { number.parse().ok() } else { None };
    number.map(|number| (number, rest)).ok_or(Some("an index from 0 on"))
}

fn text(into: &mut String, value: &str) {
    if !value.is_empty() {
        value.clone_into(into);
    }
}

fn flag(value: &str) -> Result<Option<bool>, NotTaken> {
    match value {
        "" => Ok(None),
        "on" | "1" | "t" | "T" | "TRUE" | "true" | "True" => Ok(Some(true)),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Ok(Some(false)),
        _ => Err(Some("`true` or `false`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(parts: &[(&str, &str)]) -> Result<Payload, InvalidPart> {
        let parts: Vec<_> =
            parts.iter().map(|(name, value)| Part { name: (*name).to_owned(), value: value.as_bytes() }).collect();
        payload(&parts, Leniency::default())
    }

    #[test]
    fn names_are_matched_in_any_case() {
        let got = read(&[("Text", "hi"), ("UserName", "Robot"), ("iconurl", "i"), ("IconEmoji", "e")]).unwrap();
        assert_eq!((got.text.as_str(), got.username.as_str()), ("hi", "Robot"));
        assert_eq!((got.icon_url.as_str(), got.icon_emoji.as_str()), ("i", "e"));
    }

    #[test]
    fn reads_the_names_of_the_json_form_too() {
        let got = read(&[("icon_url", "i"), ("channel", "dev"), ("attachments.0.title_link", "l")]).unwrap();
        assert_eq!((got.icon_url.as_str(), got.channel.as_str()), ("i", "dev"));
        assert_eq!(got.attachments[0].title_link, "l");
        let got = read(&[("payload", r#"{"text":"a","username":"u"}"#), ("text", "b")]).unwrap();
        assert_eq!((got.text.as_str(), got.username.as_str()), ("b", "u"));
    }

    #[test]
    fn reads_attachments_by_their_numbers() {
        let got = read(&[
            ("attachments.1.text", "two"),
            ("attachments.0.text", "one"),
            ("attachments.0.id", "7"),
            ("attachments.0.fields.0.title", "F"),
            ("attachments.0.fields.0.short", "on"),
            ("attachments.0.actions.0.name", "Go"),
            ("attachments.0.actions.0.integration.url", "http://a"),
            ("attachments.0.actions.0.options.0.value", "1"),
        ])
        .unwrap();
        let [one, two] = &got.attachments[..] else { panic!("{got:?}") };
        assert_eq!((one.text.as_str(), one.id, two.text.as_str()), ("one", 7, "two"));
        assert_eq!((one.fields[0].title.as_str(), one.fields[0].short), ("F", true));
        assert_eq!(one.actions[0].options[0].value, "1");
    }

    #[test]
    fn the_last_value_counts_and_an_empty_one_changes_nothing() {
        assert_eq!(read(&[("text", "a"), ("text", "b"), ("text", "")]).unwrap().text, "b");
        assert_eq!(read(&[("priority.priority", "")]).unwrap().priority, None);
    }

    #[test]
    fn refuses_what_the_reference_server_refuses_or_crashes_on() {
        let cases = [
            ("foo", "bar"),
            ("props", "{}"),
            ("props.x", "1"),
            ("priority", "urgent"),
            ("priority.requestedack", "maybe"),
            ("attachments", "[]"),
            ("attachments.0.id", "x"),
            ("attachments.0.id", "1.5"),
            ("attachments.0.ts", "1"),
            ("attachments.0.fields.0.value", "v"),
            ("attachments.0.actions.0.integration.context", "{}"),
            ("attachments.2.text", "a hole"),
            ("attachments.16000.text", "a large hole"),
            ("attachments.-1.text", "negative"),
            ("attachments.+1.text", "signed"),
            ("attachments.99999999999999999999999.text", "too large"),
            ("attachments.0.fields.1.title", "a hole"),
            ("text", "a\0b"),
            ("payload", "{"),
        ];
        for (name, value) in cases {
            assert!(read(&[(name, value)]).is_err(), "{name}={value:?}");
        }
    }
}
