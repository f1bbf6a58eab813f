use serde_json::{Value, json};

use crate::incoming::{Leniency, Payload, PriorityAsked};

fn read(json: impl AsRef<[u8]>) -> Payload {
    Payload::from_json(json.as_ref(), Leniency::default()).unwrap()
}

fn refused(json: impl AsRef<[u8]>) -> bool {
    Payload::from_json(json.as_ref(), Leniency::default()).is_err()
}

/// The first attachment, as it is stored.
fn stored(payload: &Payload) -> Value {
    serde_json::to_value(payload.attachments.first().unwrap()).unwrap()
}

#[test]
fn every_field_has_its_key() {
    let payload = read(
        r##"{"text":"t","username":"u","icon_url":"i","icon_emoji":"e","channel":"c","type":"y","props":{"p":1},
        "attachments":[{"color":"#fff"}],
        "priority":{"priority":"urgent","requested_ack":true,"persistent_notifications":false}}"##,
    );
    let texts = [payload.text, payload.username, payload.icon_url, payload.icon_emoji, payload.channel];
    assert_eq!(texts, ["t", "u", "i", "e", "c"]);
    assert_eq!(payload.post_type, "y");
    assert_eq!(Value::Object(payload.props), json!({ "p": 1 }));
    assert_eq!(payload.attachments[0].color, "#fff");
    let priority = PriorityAsked {
        priority: Some("urgent".into()),
        requested_ack: Some(true),
        persistent_notifications: Some(false),
    };
    assert_eq!(payload.priority, Some(priority));
}

#[test]
fn absent_and_null_are_the_default() {
    assert_eq!(read("{}"), Payload::default());
    let keys = ["text", "username", "icon_url", "icon_emoji", "channel", "type", "props", "attachments", "priority"];
    for key in keys {
        assert_eq!(read(format!(r#"{{"{key}":null}}"#)), Payload::default(), "{key}");
    }
    let empty = Some(PriorityAsked::default());
    assert_eq!(read(r#"{"priority":{}}"#).priority, empty);
    let nulls = r#"{"priority":{"priority":null,"requested_ack":null,"persistent_notifications":null}}"#;
    assert_eq!(read(nulls).priority, empty);
}

#[test]
fn a_wrong_type_anywhere_refuses_the_whole() {
    let cases = [
        r#"{"text":5}"#,
        r#"{"username":[]}"#,
        r#"{"icon_url":true}"#,
        r#"{"icon_emoji":{}}"#,
        r#"{"channel":1}"#,
        r#"{"type":false}"#,
        r#"{"props":"x"}"#,
        r#"{"props":[]}"#,
        r#"{"priority":"urgent"}"#,
        r#"{"priority":{"priority":1}}"#,
        r#"{"priority":{"requested_ack":"true"}}"#,
        r#"{"priority":{"persistent_notifications":1}}"#,
        r#"{"attachments":{}}"#,
        r#"{"attachments":["x"]}"#,
        r#"{"attachments":[{"color":1}]}"#,
        r#"{"attachments":[{"fields":{}}]}"#,
        r#"{"attachments":[{"fields":["x"]}]}"#,
        r#"{"attachments":[{"fields":[{"title":1}]}]}"#,
        r#"{"attachments":[{"actions":{}}]}"#,
        r#"{"attachments":[{"actions":[{"disabled":"true"}]}]}"#,
        r#"{"attachments":[{"actions":[{"integration":"x"}]}]}"#,
        r#"{"attachments":[{"actions":[{"integration":{"context":"x"}}]}]}"#,
        r#"{"attachments":[{"actions":[{"options":{}}]}]}"#,
    ];
    for json in cases {
        assert!(refused(json), "{json}");
    }
}

#[test]
fn the_first_value_counts() {
    let cases = [" \t\r\n{\"text\":\"a\"}", r#"{"text":"a"} junk"#, r#"{"text":"a"}{"text":"b"}"#, r#"{"text":"a"}]"#];
    for json in cases {
        assert_eq!(read(json).text, "a", "{json}");
    }
    assert_eq!(read("null"), Payload::default());
    for json in ["", " ", "\u{FEFF}{}", "[]", "\"text\"", "5", "true", "{", "{\"text\":\"a\"", "junk", "payload={}"] {
        assert!(refused(json), "{json:?}");
    }
}

#[test]
fn names_match_in_any_case_and_the_last_of_two_counts() {
    let got = read(r#"{"TEXT":"a","Icon_URL":"b"}"#);
    assert_eq!((got.text.as_str(), got.icon_url.as_str()), ("a", "b"));
    assert_eq!(read(r#"{"text":"a","Text":"b"}"#).text, "b");
    assert_eq!(read(r#"{"text":"a","text":null}"#).text, "a");
    let merged = read(r#"{"props":{"a":1,"b":1},"props":{"b":2}}"#);
    assert_eq!(Value::Object(merged.props), json!({ "a": 1, "b": 2 }));
    let merged = read(r#"{"priority":{"priority":"urgent"},"PRIORITY":{"Requested_Ack":true}}"#).priority.unwrap();
    assert_eq!((merged.priority.as_deref(), merged.requested_ack), (Some("urgent"), Some(true)));
    assert_eq!(read(r#"{"priority":{"priority":"urgent"},"priority":null}"#).priority, None);
    assert_eq!(stored(&read(r#"{"Attachments":[{"Author_Name":"x"}]}"#))["author_name"], "x");
}

#[test]
fn unknown_keys_are_passed_over() {
    let json = r#"{"text":"a","root_id":"r","channel_id":"c","file_ids":["f"],"mrkdwn":false,"parse":"full",
        "link_names":1,"thread_ts":"1.2","silent":true,"blocks":[{"type":"section"}],"priority":{"else":[]},
        "attachments":[{"mrkdwn_in":["text"],"callback_id":1,"fields":[{"else":1}],
            "actions":[{"else":1,"integration":{"else":1},"options":[{"else":1}]}]}]}"#;
    let payload = read(json);
    assert_eq!(payload.text, "a");
    assert_eq!(payload.props.len(), 0);
    assert_eq!(stored(&payload)["fields"], json!([{ "title": "", "value": null, "short": false }]));
}

#[test]
fn what_is_no_unicode_becomes_replacement_characters() {
    assert_eq!(read(b"{\"text\":\"a\xFFb\"}").text, "a\u{FFFD}b");
    assert_eq!(read(r#"{"text":"a\ud800b"}"#).text, "a\u{FFFD}b");
}

#[test]
fn raw_breaks_are_read_where_the_reference_repairs_them() {
    let cases: [(&str, &str); 4] = [
        ("{\"text\":\"a\nb\tc\"}", "a\nb\tc"),
        ("{\"text\":\"say \\\"hi\\\"\nok\"}", "say \"hi\"\nok"),
        ("{\"text\":\"a\nb\\\\\",\"username\":\"u\"}", "a\nb\\"),
        ("{\"text\":\n\"a\nb\"}", "a\nb"),
    ];
    for (json, want) in cases {
        assert_eq!(read(json).text, want, "{json:?}");
    }
    let inside = read("{\"text\":\"x\",\"props\":{\"text\":\"a\nb\"}}");
    assert_eq!(inside.props["text"], "a\nb");
    assert!(refused("{\"text\":\"a\u{1}b\"}"));
    assert!(refused("{\"text\":\"a\u{c}b\"}"));
}

#[test]
fn an_empty_list_of_attachments_is_none() {
    for json in ["[]", "[null]", "[null,null]", "null"] {
        assert!(read(format!(r#"{{"attachments":{json}}}"#)).attachments.is_empty(), "{json}");
    }
    assert_eq!(read(r#"{"attachments":[{}]}"#).attachments.len(), 1);
    assert_eq!(read(r#"{"attachments":[null,{"title":"a"},null,{}]}"#).attachments.len(), 2);
    assert_eq!(read(r#"{"attachments":[{}],"attachments":[]}"#).attachments.len(), 0);
}

#[test]
fn an_attachment_keeps_every_member() {
    let attachment = json!({
        "id": -7, "fallback": "1", "color": "not checked", "pretext": "3", "author_name": "4", "author_link": "5",
        "author_icon": "6", "title": "7", "title_link": "8", "text": "9",
        "fields": [{ "title": "a", "value": "b", "short": true }],
        "image_url": "10", "thumb_url": "11", "footer": "12", "footer_icon": "13", "ts": [1, "x", null],
        "actions": [{
            "id": "1", "type": "select", "name": "2", "tooltip": "3", "disabled": true, "style": "4",
            "data_source": "5", "options": [{ "text": "6", "value": "7" }], "default_option": "8",
            "integration": { "url": "9", "context": { "k": [1] } }, "cookie": "10",
        }],
    });
    assert_eq!(stored(&read(json!({ "attachments": [attachment] }).to_string())), attachment);
}

#[test]
fn nulls_in_an_attachment_are_defaults_and_gaps() {
    let all_null = r#"{"attachments":[{"id":null,"fallback":null,"color":null,"pretext":null,"author_name":null,
        "author_link":null,"author_icon":null,"title":null,"title_link":null,"text":null,"fields":null,"image_url":null,
        "thumb_url":null,"footer":null,"footer_icon":null,"ts":null,"actions":null}]}"#;
    assert_eq!(read(all_null), read(r#"{"attachments":[{}]}"#));
    let gaps = r#"{"attachments":[{"fields":[null],"actions":[null,{"options":[null],"integration":null}]}]}"#;
    assert_eq!(read(gaps), read(r#"{"attachments":[{"actions":[{}]}]}"#));
    let again = r#"{"attachments":[{"id":3,"id":null,"actions":[{"integration":{"url":"x"},"integration":null}]}]}"#;
    assert_eq!(read(again), read(r#"{"attachments":[{"id":3,"actions":[{}]}]}"#));
    let merged = r#"{"attachments":[{"actions":[{"integration":{"url":"x"},"integration":{"context":{"a":1}}}]}]}"#;
    let whole = r#"{"attachments":[{"actions":[{"integration":{"url":"x","context":{"a":1}}}]}]}"#;
    assert_eq!(read(merged), read(whole));
}

#[test]
fn the_id_of_an_attachment_is_an_integer_literal() {
    let read =
        |id: &str| Payload::from_json(format!(r#"{{"attachments":[{{"id":{id}}}]}}"#).as_bytes(), Leniency::default());
    assert_eq!(read("9223372036854775807").unwrap().attachments[0].id, i64::MAX);
    for id in ["1.5", "1.0", "\"1\"", "true", "9223372036854775808"] {
        assert!(read(id).is_err(), "{id}");
    }
}

/// How a field's `value` is stored.
fn value(json: &str, leniency: Leniency) -> Option<Value> {
    let json = format!(r#"{{"attachments":[{{"fields":[{{"value":{json}}}]}}]}}"#);
    Some(stored(&Payload::from_json(json.as_bytes(), leniency).ok()?)["fields"][0]["value"].clone())
}

#[test]
fn any_value_of_a_field_becomes_a_text() {
    let cases = [
        ("1", "1"),
        ("1.0", "1"),
        ("1.5", "1.5"),
        ("100000", "100000"),
        ("1000000", "1e+06"),
        ("123456789", "1.23456789e+08"),
        ("-1000000", "-1e+06"),
        ("0.0001", "0.0001"),
        ("0.00001", "1e-05"),
        ("-0", "-0"),
        ("0", "0"),
        ("1e100", "1e+100"),
        ("true", "true"),
        ("false", "false"),
        (r#""a b""#, "a b"),
        (r#""""#, ""),
        (r#"["a",1,null,true]"#, "[a 1 <nil> true]"),
        (r#"{"b":1,"a":"z"}"#, "map[a:z b:1]"),
        ("[]", "[]"),
        ("{}", "map[]"),
        (r#"[[1],{"k":[2]}]"#, "[[1] map[k:[2]]]"),
        (r#"{"a":false,"B":null}"#, "map[B:<nil> a:false]"),
    ];
    for (json, want) in cases {
        assert_eq!(value(json, Leniency::default()), Some(want.into()), "{json}");
    }
    assert_eq!(value("null", Leniency::default()), Some(Value::Null));
    assert_eq!(value("1e400", Leniency::default()), None);
}

#[test]
fn whole_numbers_are_written_in_full_where_that_is_switched_on() {
    let on = Leniency { whole_numbers: true, ..Leniency::default() };
    let cases = [
        ("1000000", "1000000"),
        ("-1000000", "-1000000"),
        ("[123456789]", "[123456789]"),
        ("9007199254740992", "9007199254740992"),
        ("-9007199254740992", "-9007199254740992"),
        ("9007199254740994", "9.007199254740994e+15"),
        ("1.5", "1.5"),
        ("0.00001", "1e-05"),
        ("-0", "-0"),
    ];
    for (json, want) in cases {
        assert_eq!(value(json, on), Some(want.into()), "{json}");
    }
    let others = Leniency { short_fields: true, careful_attachment_links: true, ..Leniency::default() };
    assert_eq!(value("1000000", others), Some("1e+06".into()));
}

#[test]
fn short_is_true_or_false_bare_or_as_a_literal_text() {
    let short = |json: &str, leniency| {
        let json = format!(r#"{{"attachments":[{{"fields":[{{"short":{json}}}]}}]}}"#);
        Payload::from_json(json.as_bytes(), leniency).ok().map(|payload| payload.attachments[0].fields[0].short)
    };
    let off = Leniency { whole_numbers: true, careful_attachment_links: true, ..Leniency::default() };
    let on = Leniency { short_fields: true, ..Leniency::default() };
    let everywhere = [
        ("true", Some(true)),
        (r#""true""#, Some(true)),
        (r#""TRUE""#, Some(true)),
        (r#""True""#, Some(true)),
        ("false", Some(false)),
        (r#""false""#, Some(false)),
        (r#""FALSE""#, Some(false)),
        (r#""""#, None),
        (r#""yes""#, None),
        (r#"" true""#, None),
        (r#""tru\u0065""#, None),
        (r#""1""#, None),
        ("[]", None),
        ("{}", None),
        ("True", None),
    ];
    for (json, want) in everywhere {
        assert_eq!(short(json, off), want, "{json}");
        assert_eq!(short(json, on), want, "{json}, with leniency");
    }
    let lenient =
        [("null", false), ("0", false), ("-0.0", false), ("0e5", false), ("1", true), ("-2", true), ("0.1", true)];
    for (json, want) in lenient {
        assert_eq!(short(json, off), None, "{json}");
        assert_eq!(short(json, on), Some(want), "{json}, with leniency");
    }
    let mistake = Payload::from_json(br#"{"attachments":[{"fields":[{"short":1}]}]}"#, off).unwrap_err();
    assert_eq!(mistake.to_string(), "`/attachments/0/fields/0/short`: expected `true` or `false` (byte 36)");
}

#[test]
fn an_attachment_is_stored_as_the_reference_stores_it() {
    let payload = read(r#"{"attachments":[{"title":"T","fields":[{"title":"N","value":7}, null]}]}"#);
    let want = concat!(
        r#"{"id":0,"fallback":"","color":"","pretext":"","author_name":"","author_link":"","author_icon":"","title":"T","#,
        r#""title_link":"","text":"","fields":[{"title":"N","value":"7","short":false}],"image_url":"","thumb_url":"","#,
        r#""footer":"","footer_icon":"","ts":null}"#
    );
    assert_eq!(serde_json::to_string(&payload.attachments[0]).unwrap(), want);
    assert_eq!(stored(&read(r#"{"attachments":[{"fields":[]}]}"#))["fields"], Value::Null);
}

#[test]
fn no_u0000_goes_into_a_post() {
    let refused_places = [
        r#"{"text":"a\u0000"}"#,
        r#"{"type":"a\u0000"}"#,
        r#"{"props":{"a":"\u0000"}}"#,
        r#"{"props":{"a":[{"b":"\u0000"}]}}"#,
        r#"{"props":{"\u0000":1}}"#,
        r#"{"priority":{"priority":"\u0000"}}"#,
        r#"{"attachments":[{"title":"\u0000"}]}"#,
        r#"{"attachments":[{"title":"\u0000","callback_id":"c"}]}"#,
        r#"{"attachments":[{"ts":"\u0000"}]}"#,
        r#"{"attachments":[{"fields":[{"value":{"a":"\u0000"}}]}]}"#,
        r#"{"attachments":[{"actions":[{"integration":{"context":{"a":"\u0000"}}}]}]}"#,
    ];
    for json in refused_places {
        let mistake = Payload::from_json(json.as_bytes(), Leniency::default()).unwrap_err();
        assert!(mistake.to_string().contains("expected a text without U+0000"), "{json}: {mistake}");
    }
    // Where it is used is decided when it is known whether these are.
    let accepted = [
        r#"{"username":"\u0000"}"#,
        r#"{"icon_url":"\u0000"}"#,
        r#"{"icon_emoji":"\u0000"}"#,
        r#"{"channel":"\u0000"}"#,
        r#"{"username":"\u0000","text":"sound","props":{"a":1}}"#,
        r#"{"blocks":"\u0000"}"#,
        r#"{"attachments":[{"callback_id":"\u0000"}]}"#,
    ];
    for json in accepted {
        assert!(!refused(json), "{json}");
    }
}
