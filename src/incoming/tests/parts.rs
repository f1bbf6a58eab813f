//! Multipart calls, name by name.

use serde_json::{Value, json};

use crate::id::PostId;
use crate::incoming::multipart::{self, MalformedMultipart, Part};
use crate::incoming::parts::{InvalidPart, payload};
use crate::incoming::payload::Named;
use crate::incoming::{Leniency, Payload, PriorityAsked};

fn read(parts: &[(&str, &str)]) -> Result<Payload, InvalidPart> {
    let parts: Vec<_> =
        parts.iter().map(|(name, value)| Part { name: (*name).to_owned(), value: value.as_bytes() }).collect();
    payload(&parts, Leniency::default())
}

#[test]
fn every_field_has_its_part_name() {
    let one = |name, value| read(&[(name, value)]).unwrap();
    let text = || "v".to_owned();
    let fields: [(&[&str], Payload); 6] = [
        (
            &["text", "TEXT"],
            Payload { text: text(), named: Named { text: true, ..Named::default() }, ..Payload::default() },
        ),
        (&["username"], Payload { username: text(), ..Payload::default() }),
        (&["type"], Payload { post_type: text(), ..Payload::default() }),
        (&["iconurl", "icon_url", "IconURL"], Payload { icon_url: text(), ..Payload::default() }),
        (&["iconemoji", "icon_emoji"], Payload { icon_emoji: text(), ..Payload::default() }),
        (&["channelname", "channel"], Payload { channel: text(), ..Payload::default() }),
    ];
    for (names, want) in fields {
        for name in names {
            assert_eq!(one(name, "v"), want, "{name}");
            assert_eq!(one(name, ""), Payload::default(), "{name}, empty");
        }
    }
    let asked = |name, value| one(name, value).priority.unwrap();
    let level = PriorityAsked { priority: Some("urgent".into()), ..PriorityAsked::default() };
    assert_eq!(asked("priority.priority", "urgent"), level);
    let ack = PriorityAsked { requested_ack: Some(true), ..PriorityAsked::default() };
    assert_eq!(asked("priority.requestedack", "true"), ack);
    let persistent = PriorityAsked { persistent_notifications: Some(false), ..PriorityAsked::default() };
    assert_eq!(asked("Priority.PersistentNotifications", "0"), persistent);
}

#[test]
fn an_empty_part_leaves_what_is_there() {
    const ROOT: &str = "root1111111111111111111111";
    let (whole, rooted) = (format!(r#"{{"root_id":"{ROOT}","upsert_key":"k"}}"#), Some(PostId::parse(ROOT).unwrap()));
    let read = |parts: &[(&str, &str)]| {
        let read = read(parts).unwrap();
        (read.named.root, read.root_id, read.upsert_key.map(|key| key.as_str().to_owned()))
    };
    let key = |key: &str| Some(key.to_owned());
    let cases: [(&[(&str, &str)], _); 8] = [
        (&[("root_id", "")], (false, None, None)),
        (&[("root_id", ROOT)], (true, rooted, None)),
        (&[("root_id", "no id")], (true, None, None)),
        (&[("root_id", ROOT), ("root_id", "")], (true, rooted, None)),
        (&[("upsert_key", "")], (false, None, None)),
        (&[("upsert_key", "a"), ("upsert_key", "")], (false, None, key("a"))),
        (&[("payload", &whole), ("root_id", ""), ("upsert_key", "")], (true, rooted, key("k"))),
        (&[("payload", &whole), ("root_id", "no id"), ("upsert_key", "a")], (true, None, key("a"))),
    ];
    for (parts, want) in cases {
        assert_eq!(read(parts), want, "{parts:?}");
    }
}

#[test]
fn what_a_call_names_may_be_edited() {
    let named = |parts: &[(&str, &str)]| read(parts).unwrap().named;
    assert_eq!(named(&[("text", "")]), Named::default());
    assert_eq!(named(&[("text", "a")]), Named { text: true, ..Named::default() });
    assert_eq!(named(&[("attachments.0.text", "a")]), Named { attachments: true, ..Named::default() });
    assert_eq!(named(&[("username", "a")]), Named::default());
}

#[test]
fn every_member_of_an_attachment_has_its_part_names() {
    let stored = |name: &str, value: &str| {
        let read = read(&[(&format!("attachments.0.{name}"), value)]).unwrap();
        serde_json::to_value(&read.attachments[0]).unwrap()
    };
    let texts: [(&[&str], &str); 24] = [
        (&["fallback"], "/fallback"),
        (&["color"], "/color"),
        (&["pretext"], "/pretext"),
        (&["authorname", "author_name"], "/author_name"),
        (&["authorlink", "author_link"], "/author_link"),
        (&["authoricon", "author_icon"], "/author_icon"),
        (&["title"], "/title"),
        (&["titlelink", "title_link"], "/title_link"),
        (&["text"], "/text"),
        (&["imageurl", "image_url"], "/image_url"),
        (&["thumburl", "thumb_url"], "/thumb_url"),
        (&["footer"], "/footer"),
        (&["footericon", "footer_icon"], "/footer_icon"),
        (&["fields.0.title"], "/fields/0/title"),
        (&["actions.0.id"], "/actions/0/id"),
        (&["actions.0.type"], "/actions/0/type"),
        (&["actions.0.name"], "/actions/0/name"),
        (&["actions.0.tooltip"], "/actions/0/tooltip"),
        (&["actions.0.style"], "/actions/0/style"),
        (&["actions.0.datasource", "actions.0.data_source"], "/actions/0/data_source"),
        (&["actions.0.defaultoption", "actions.0.default_option"], "/actions/0/default_option"),
        (&["actions.0.integration.url"], "/actions/0/integration/url"),
        (&["actions.0.options.0.text"], "/actions/0/options/0/text"),
        (&["actions.0.options.0.value"], "/actions/0/options/0/value"),
    ];
    for (names, place) in texts {
        for name in names {
            assert_eq!(stored(name, "v").pointer(place), Some(&json!("v")), "{name}");
        }
    }
    assert_eq!(stored("actions.0.cookie", "v")["actions"][0]["cookie"], "v");
    assert_eq!(stored("actions.0.disabled", "on")["actions"][0]["disabled"], true);
    assert_eq!(stored("fields.0.short", "T")["fields"][0]["short"], true);
    assert_eq!(stored("id", "-7")["id"], -7);
    assert_eq!(stored("id", "")["id"], 0);
}

#[test]
fn a_flag_has_thirteen_words() {
    let flag = |value| read(&[("priority.requestedack", value)]).map(|payload| payload.priority.unwrap().requested_ack);
    for yes in ["on", "1", "t", "T", "TRUE", "true", "True"] {
        assert_eq!(flag(yes), Ok(Some(true)), "{yes}");
    }
    for no in ["0", "f", "F", "FALSE", "false", "False"] {
        assert_eq!(flag(no), Ok(Some(false)), "{no}");
    }
    for neither in ["off", "yes", "tRUE", "2", " true"] {
        assert!(flag(neither).is_err(), "{neither}");
    }
    assert_eq!(flag(""), Ok(None));
    for (name, place) in [("fields.0.short", "/fields/0/short"), ("actions.0.disabled", "/actions/0/disabled")] {
        let name = format!("attachments.0.{name}");
        let read = read(&[(&name, "true"), (&name, "")]).unwrap();
        let stored = serde_json::to_value(&read.attachments[0]).unwrap();
        assert_eq!(stored.pointer(place), Some(&Value::Bool(true)), "an empty {name} changes nothing");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let expected = |name: &str, what| InvalidPart::Expected { name: name.to_owned(), what };
    let unknown = |name: &str| InvalidPart::Unknown(name.to_owned());
    let (index, flag) = ("an index from 0 on", "`true` or `false`");
    let long = "k".repeat(129);
    let cases = [
        ("Foo", "v", unknown("Foo")),
        ("attachments", "v", unknown("attachments")),
        ("attachments.0", "v", unknown("attachments.0")),
        ("attachments.0.foo", "v", unknown("attachments.0.foo")),
        ("attachments.0.fields.0.value", "v", unknown("attachments.0.fields.0.value")),
        ("attachments.0.actions.0.foo", "v", unknown("attachments.0.actions.0.foo")),
        ("attachments.0.actions.0.options.0.foo", "v", unknown("attachments.0.actions.0.options.0.foo")),
        ("attachments..text", "v", expected("attachments..text", index)),
        ("attachments.x.text", "v", expected("attachments.x.text", index)),
        ("attachments.+0.text", "v", expected("attachments.+0.text", index)),
        ("attachments.0.fields.x.title", "v", expected("attachments.0.fields.x.title", index)),
        ("attachments.0.id", "x", expected("attachments.0.id", "a whole number")),
        ("attachments.0.fields.0.short", "x", expected("attachments.0.fields.0.short", flag)),
        ("attachments.0.actions.0.disabled", "x", expected("attachments.0.actions.0.disabled", flag)),
        ("priority.persistentnotifications", "x", expected("priority.persistentnotifications", flag)),
        ("upsert_key", &long, expected("upsert_key", "1 to 128 characters")),
        ("text", "\0", expected("text", "a text without U+0000")),
        ("attachments.1.text", "v", InvalidPart::Hole("attachments")),
        ("attachments.0.fields.1.title", "v", InvalidPart::Hole("fields")),
        ("attachments.0.actions.1.name", "v", InvalidPart::Hole("actions")),
        ("attachments.0.actions.0.options.1.text", "v", InvalidPart::Hole("options")),
    ];
    for (name, value, want) in cases {
        assert_eq!(read(&[(name, value)]), Err(want), "{name}");
    }
    assert!(matches!(read(&[("payload", "{")]), Err(InvalidPart::Payload(_))));
}

#[test]
fn the_head_of_a_part_has_a_greatest_length() {
    const GREATEST: usize = 16 * 1024;
    let body = |padding: usize| {
        let line = "Content-Disposition: form-data; name=a\r\nX: ";
        format!("--x\r\n{line}{}\r\n\r\n\r\n--x--", "p".repeat(padding - line.len()))
    };
    // The empty line after the head counts.
    assert_eq!(multipart::parts(body(GREATEST - 4).as_bytes(), "x").map(|parts| parts.len()), Ok(1));
    let unended = Err(MalformedMultipart("the head of a part has no end"));
    assert_eq!(multipart::parts(body(GREATEST - 3).as_bytes(), "x"), unended);
}

#[test]
fn only_named_form_parts_without_a_file_are_values() {
    let named = |head: &str| {
        let body = format!("--x\r\n{head}\r\n\r\nv\r\n--x--");
        let parts = multipart::parts(body.as_bytes(), "x").unwrap();
        parts.into_iter().map(|part| part.name).collect::<Vec<_>>()
    };
    let cases = [
        ("Content-Disposition: form-data; name=a", vec!["a"]),
        ("CONTENT-DISPOSITION : Form-Data ; NAME=\"a b\"", vec!["a b"]),
        ("X: y\r\nContent-Disposition: form-data; name=a", vec!["a"]),
        ("Content-Disposition: form-data; name=a; filename=\"\"", vec!["a"]),
        ("Content-Disposition: form-data; name=a; filename=f", vec![]),
        ("Content-Disposition: form-data; filename=f; name=a; filename=\"\"", vec![]),
        ("Content-Disposition: form-data; filename*=f; name=a", vec![]),
        ("Content-Disposition: form-data; filename=f; filename*=f; name=a", vec![]),
        ("Content-Disposition: attachment; name=a", vec![]),
        ("Content-Disposition: form-data; name=\"\"", vec![]),
        ("Content-Disposition: form-data", vec![]),
        ("X: form-data; name=a", vec![]),
    ];
    for (head, want) in cases {
        assert_eq!(named(head), want, "{head}");
    }
    let headless = "--x\r\n\r\nv\r\n--x--";
    assert_eq!(multipart::parts(headless.as_bytes(), "x"), Ok(vec![]));
}
