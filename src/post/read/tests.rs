use serde_json::json;

use super::*;
use crate::json::Options;

fn read_all(json: &str, leniency: Leniency) -> Result<(Vec<Attachment>, String), Mistake> {
    let mut callback_id = String::new();
    let attachments = json::read(json.as_bytes(), Options::default(), |reader| {
        sound(reader, |reader| list(reader, |reader| attachment(reader, leniency, Some(&mut callback_id))))
    })?;
    Ok((attachments, callback_id))
}

fn read(json: &str) -> Vec<Attachment> {
    read_all(json, Leniency::default()).unwrap_or_else(|mistake| panic!("{json}: {mistake}")).0
}

#[test]
fn every_member_of_an_attachment_is_read() {
    let texts = [
        "fallback",
        "color",
        "pretext",
        "author_name",
        "author_link",
        "author_icon",
        "title",
        "title_link",
        "text",
        "image_url",
        "thumb_url",
        "footer",
        "footer_icon",
    ];
    let mut written = json!({
        "id": 7, "ts": 1.5,
        "fields": [{ "title": "N", "value": "v", "short": true }],
        "actions": [{
            "id": "a", "type": "select", "name": "n", "tooltip": "t", "disabled": true, "style": "s", "data_source": "d",
            "options": [{ "text": "o", "value": "w" }], "default_option": "w", "cookie": "c",
            "integration": { "url": "u", "context": { "run": 7 } },
        }],
    });
    for name in texts {
        written[name] = json!(name);
    }
    let stored = serde_json::to_value(&read(&json!([written]).to_string())[0]).unwrap();
    assert_eq!(stored, written);
    let unknown = json!([{ "TEXT": "a", "mrkdwn_in": ["text"], "actions": [{ "integration": null, "unknown": {} }] }]);
    let attachment = &read(&unknown.to_string())[0];
    assert_eq!((&*attachment.text, &attachment.actions[0].integration), ("a", &None));
    let nested =
        json!([{ "fields": [{ "x": 1 }], "actions": [{ "options": [{ "x": 1 }], "integration": { "x": 1 } }] }]);
    assert_eq!(read(&nested.to_string())[0].actions[0].options.len(), 1);
}

#[test]
fn lists_have_no_nulls() {
    assert_eq!(read("null"), []);
    assert_eq!(read("[null,{},null,{}]"), [Attachment::default(), Attachment::default()]);
    assert!(read_all("{}", Leniency::default()).is_err());
}

#[test]
fn a_field_has_a_text_of_whatever_it_was() {
    let value = |json: &str, leniency: Leniency| {
        let read = read_all(&format!(r#"[{{"fields":[{{"value":{json}}}]}}]"#), leniency).unwrap();
        read.0[0].fields[0].value.clone()
    };
    let cases = [
        (r#""a""#, Some("a")),
        ("null", None),
        ("true", Some("true")),
        ("false", Some("false")),
        ("3", Some("3")),
        ("1.5", Some("1.5")),
        ("1000000", Some("1e+06")),
        (r#"[1,"a",null,[true,false]]"#, Some("[1 a <nil> [true false]]")),
        (r#"{"b":1,"a":[]}"#, Some("map[a:[] b:1]")),
    ];
    for (json, want) in cases {
        assert_eq!(value(json, Leniency::default()).as_deref(), want, "{json}");
    }
    let whole = Leniency { whole_numbers: true, ..Leniency::default() };
    let cases = [
        ("1000000", "1000000"),
        ("9007199254740992", "9007199254740992"),
        ("9007199254740994", "9.007199254740994e+15"),
        ("0.5", "0.5"),
    ];
    for (json, want) in cases {
        assert_eq!(value(json, whole).as_deref(), Some(want), "{json}");
    }
}

#[test]
fn short_is_a_word_or_what_leniency_makes_of_it() {
    let short = |json: &str, short_fields: bool| {
        let leniency = Leniency { short_fields, ..Leniency::default() };
        let read = read_all(&format!(r#"[{{"fields":[{{"short":{json}}}]}}]"#), leniency);
        read.ok().map(|(attachments, _)| attachments[0].fields[0].short)
    };
    for leniency in [false, true] {
        for (json, want) in [("true", true), ("false", false), (r#""TRUE""#, true), (r#""false""#, false)] {
            assert_eq!(short(json, leniency), Some(want), "{json}");
        }
        for json in [r#""""#, r#""yes""#, "[]", "{}"] {
            assert_eq!(short(json, leniency), None, "{json}");
        }
    }
    for (json, want) in [("null", false), ("0", false), ("0.0", false), ("1", true), ("-2.5", true)] {
        assert_eq!((short(json, true), short(json, false)), (Some(want), None), "{json}");
    }
}

#[test]
fn a_callback_id_may_be_anything_and_is_for_who_wants_it() {
    for (json, want) in [(r#""a""#, "a"), ("7", ""), (r#""a\u0000""#, "a\0"), ("null", "")] {
        let read = read_all(&format!(r#"[{{"callback_id":{json}}}]"#), Leniency::default()).unwrap();
        assert_eq!((read.0.len(), &*read.1), (1, want), "{json}");
    }
    assert!(read_all(r#"[{"text":"\u0000","callback_id":"a"}]"#, Leniency::default()).is_err());
}

#[test]
fn a_priority_is_merged_and_stored_if_it_has_a_level() {
    let read = |json: &str| {
        let mut asked = PriorityAsked::default();
        json::read(json.as_bytes(), Options::default(), |reader| asked.read(reader)).map(|()| asked)
    };
    let json = r#"{"priority":"urgent","requested_ack":true,"persistent_notifications":false,"x":1}"#;
    let want = Priority { priority: "urgent".into(), requested_ack: Some(true), persistent_notifications: Some(false) };
    assert_eq!(read(json).unwrap().level(), Some(want));
    assert_eq!(read(r#"{"requested_ack":true}"#).unwrap().level(), None);
    assert!(read(r#"{"priority":"\u0000"}"#).is_err() && read(r#"{"requested_ack":1}"#).is_err());
}

#[test]
fn a_sound_text_has_no_nul() {
    let read = |json: &str| {
        let mut text = "before".to_owned();
        json::read(json.as_bytes(), Options::default(), |reader| sound_text(reader, &mut text)).map(|()| text)
    };
    assert_eq!((read(r#""a""#).unwrap(), read("null").unwrap()), ("a".to_owned(), "before".to_owned()));
    assert!(read(r#""a\u0000""#).is_err());
}
