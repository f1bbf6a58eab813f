//! From bytes to an answer.

use super::*;

#[test]
fn only_json_by_that_exact_name_is_json() {
    let body = br#"{"text":"Rain"}"#;
    for (content_type, is_json) in [
        (Some("application/json"), true),
        (Some("application/json; charset=ISO-8859-1"), true),
        (Some(" application/json ;x"), true),
        (Some("Application/JSON"), false),
        (Some("text/json"), false),
        (Some("application/json+x"), false),
        (Some("text/plain"), false),
        (Some(""), false),
        (None, false),
    ] {
        let read = read_response(&head(200, content_type), body, false, "x").unwrap();
        assert_eq!(read.text == "Rain", is_json, "{content_type:?}");
        assert!(is_json || read == Answer { text: r#"{"text":"Rain"}"#.into(), ..Answer::default() });
    }
}

#[test]
fn only_200_is_an_answer() {
    for (status, shown) in
        [(201, "201 Created"), (204, "204 No Content"), (302, "302 Found"), (404, "404 Not Found"), (599, "599")]
    {
        let want =
            ExecuteError::FailedResponse { body: "go\u{FFFD}ne".into(), status: shown.into(), trigger: "x".into() };
        assert_eq!(read_response(&head(status, Some("text/plain")), b"go\xFFne", false, "x"), Err(want));
    }
}

#[test]
fn json_is_just_one_value_that_is_an_answer() {
    let read = |body: &str| read_response(&head(200, Some("application/json")), body.as_bytes(), false, "x");
    for body in ["null", "{}", "  {}\n ", r#"{"colour":"red","username":null}"#] {
        assert_eq!(read(body), Ok(Answer::default()), "{body}");
    }
    let failed = Err(ExecuteError::Failed { trigger: "x".into() });
    for body in ["", "{", r#"{"text":"#, "Rain", r#"{"text":"Rain"} x"#, "[]", r#""Rain""#, "5", "\u{feff}{}", "{}{}"] {
        assert_eq!(read(body), failed, "{body}");
    }
    let (texts, others) = wrong_types();
    for (name, value) in texts.into_iter().chain(others) {
        assert_eq!(read(&format!(r#"{{"{name}":{value}}}"#)), failed, "{name} {value}");
    }
}

/// Members, each with a value.
type Members = Vec<(&'static str, &'static str)>;

/// Members with values of types that they cannot have.
fn wrong_types() -> (Members, Members) {
    let names = ["response_type", "text", "username", "channel_id", "icon_url", "type", "goto_location", "trigger_id"];
    let texts = names.into_iter().flat_map(|name| ["5", "true", "[]", "{}"].map(|value| (name, value))).collect();
    let others = vec![
        ("props", "[1]"),
        ("props", r#""x""#),
        ("skip_slack_parsing", r#""true""#),
        ("skip_slack_parsing", "1"),
        ("attachments", "{}"),
        ("attachments", r#"["x"]"#),
        ("attachments", r#"[{"text":5}]"#),
        ("attachments", r#"[{"fields":[{"short":"yes"}]}]"#),
        ("extra_responses", "{}"),
        ("extra_responses", "[5]"),
        ("extra_responses", r#"[{"text":5}]"#),
    ];
    (texts, others)
}

#[test]
fn null_stands_for_nothing_in_every_slot() {
    let names = [
        "response_type",
        "text",
        "username",
        "channel_id",
        "icon_url",
        "type",
        "props",
        "goto_location",
        "trigger_id",
        "skip_slack_parsing",
        "attachments",
        "extra_responses",
    ];
    for name in names {
        assert_eq!(answer(json!({ name: null })), Answer::default(), "{name}");
    }
    let got = answer(json!({ "attachments": [null, { "fields": [null], "actions": [null] }, null],
        "extra_responses": [null, { "attachments": null, "extra_responses": [null] }] }));
    assert_eq!(got.attachments.len(), 1);
    assert!(got.attachments[0].fields.is_empty() && got.attachments[0].actions.is_empty());
    let [extra] = &got.extra_responses.unwrap()[..] else { panic!("nulls are dropped") };
    assert_eq!(extra.extra_responses, Some(vec![]));
    let again = r#"{"props":{"a":1},"props":null,"extra_responses":[{}],"extra_responses":null,"attachments":[{}],
        "attachments":null,"text":"a","TEXT":"b"}"#;
    assert_eq!(Answer::from_json(again.as_bytes()), Ok(Answer { text: "b".into(), ..Answer::default() }));
    let merged = br#"{"props":{"a":1,"b":1},"props":{"b":2}}"#;
    assert_eq!(Value::Object(Answer::from_json(merged).unwrap().props.unwrap()), json!({ "a": 1, "b": 2 }));
}

#[test]
fn a_text_is_taken_as_it_is() {
    let read = |body: &[u8], truncated| read_response(&head(200, None), body, truncated, "x").unwrap().text;
    assert_eq!(read(b"", false), "");
    assert_eq!(read("\u{feff}R\u{e4}in".as_bytes(), false), "\u{feff}Räin");
    assert_eq!(read(b"a\xFF\xFEb\xE2\x82", false), "a\u{FFFD}\u{FFFD}b\u{FFFD}\u{FFFD}");
    assert_eq!(read(b"a\xFFb\xE2\x82", true), "a\u{FFFD}b", "what the limit cut is no character");
    assert_eq!(read(b"ab\xFF", true), "ab\u{FFFD}", "this was none before");
    assert_eq!(read(b"a\xE2\x82b", true), "a\u{FFFD}\u{FFFD}b");
    assert_eq!(read(b"ab", true), "ab");
}

#[test]
fn a_delayed_answer_is_read_in_the_same_way() {
    assert_eq!(read_delayed(JSON, Some(br#"{"text":"a"}"#)).unwrap().text, "a");
    assert_eq!(read_delayed(None, Some(b"payload=%7B%7D")).unwrap().text, "payload=%7B%7D");
    assert_eq!(read_delayed(JSON, Some(b"")), Err(DelayedError::Parse));
    assert_eq!(read_delayed(JSON, Some(b"{} x")), Err(DelayedError::Parse));
    assert_eq!(read_delayed(JSON, None), Err(DelayedError::BodyTooLarge));
    assert_eq!(read_delayed(None, None), Err(DelayedError::Text));
    assert_eq!(read_delayed(Some(b"text/plain"), Some(b"a\xE2\x82")).unwrap().text, "a\u{FFFD}\u{FFFD}");
}
