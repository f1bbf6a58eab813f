use http::Request;
use http::request::Parts;

use crate::incoming::{Leniency, ReceiveError, decode};

const FORM: &str = "application/x-www-form-urlencoded";

fn head(content_type: Option<&str>, query: &str) -> Parts {
    let mut request = Request::post(format!("/hooks/abc{query}"));
    if let Some(value) = content_type {
        request = request.header("content-type", value);
    }
    request.body(()).unwrap().into_parts().0
}

/// The text of the payload, or the end of the id of what is wrong.
fn decoded(content_type: Option<&str>, query: &str, body: Option<&str>) -> Result<String, &'static str> {
    let decoded = decode(&head(content_type, query), body.map(str::as_bytes), Leniency::default());
    decoded.map(|payload| payload.text).map_err(|error| match error {
        ReceiveError::BodyTooLarge => "too large",
        ReceiveError::Decode(_) => "decode",
        ReceiveError::Form(_) => "form",
        ReceiveError::Multipart(_) => "multipart",
        other => panic!("{other:?}"),
    })
}

#[test]
fn the_content_type_picks_the_reader() {
    let json = r#"{"text":"a"}"#;
    let form = r#"payload={"text":"a"}"#;
    let cases = [
        (Some("application/json"), json, Ok("a")),
        (None, json, Ok("a")),
        (Some(""), json, Ok("a")),
        (None, form, Err("decode")),
        (Some("text/plain"), json, Ok("a")),
        (Some("garbage"), json, Ok("a")),
        (Some("application/json;"), json, Ok("a")),
        (Some("application/json; foo"), json, Err("form")),
        (Some("application/json; a=1; a=2"), json, Err("form")),
        (Some("application/json x"), json, Err("form")),
        (Some("a/b/c"), json, Err("form")),
        (Some("Application/X-WWW-Form-URLencoded; charset=utf-8"), form, Ok("a")),
        (Some(FORM), form, Ok("a")),
        (Some(FORM), json, Err("decode")),
    ];
    for (content_type, body, want) in cases {
        assert_eq!(decoded(content_type, "", Some(body)), want.map(str::to_owned), "{content_type:?} {body}");
    }
}

#[test]
fn a_form_has_its_json_under_payload() {
    let cases = [
        ("", "payload=%7B%22text%22%3A%22a+b%22%7D", Ok("a b")),
        ("", "else=1&payload={\"text\":\"first\"}&payload={\"text\":\"second\"}", Ok("first")),
        ("?payload={%22text%22:%22query%22}", "", Ok("query")),
        ("?payload={%22text%22:%22query%22}", "payload={\"text\":\"body\"}", Ok("body")),
        ("?payload={%22text%22:%22query%22}", "payload=", Err("decode")),
        ("", "payload={\"text\":\"a\nb\"}", Ok("a\nb")),
        ("", "payload={\"text\":\"a%0Ab\"}", Ok("a\nb")),
        ("", "", Err("decode")),
        ("", "payload=", Err("decode")),
        ("", "Payload={\"text\":\"a\"}", Err("decode")),
        ("", "payload={\"text\":\"a&b\"}", Err("decode")),
        ("", "payload={\"text\":\"100%\"}", Err("form")),
        ("", "payload={\"text\":\"a;b\"}", Err("form")),
        ("?a;b", "payload={\"text\":\"a\"}", Err("form")),
    ];
    for (query, body, want) in cases {
        assert_eq!(decoded(Some(FORM), query, Some(body)), want.map(str::to_owned), "{query} {body}");
    }
}

#[test]
fn a_malformed_query_is_refused_whatever_the_body() {
    let json = Some(r#"{"text":"a"}"#);
    for content_type in [None, Some("application/json"), Some("multipart/form-data; boundary=x")] {
        assert_eq!(decoded(content_type, "?x=%zz", json), Err("form"), "{content_type:?}");
        assert_eq!(decoded(content_type, "?a;b", json), Err("form"), "{content_type:?}");
    }
    assert_eq!(decoded(None, "?payload=%7B%7D&x=1", json), Ok("a".into()));
}

#[test]
fn parts_are_read_by_name_and_without_the_query() {
    let parts = "--x\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n--x--\r\n";
    let kind = Some("multipart/form-data; boundary=x");
    assert_eq!(decoded(kind, "?text=query", Some(parts)), Ok("a".into()));
    assert_eq!(decoded(kind, "", Some(&parts.replace("\"text\"", "\"props\""))), Err("decode"));
    assert_eq!(decoded(kind, "", Some("")), Err("multipart"));
    assert_eq!(decoded(kind, "", Some("junk")), Err("multipart"));
    assert_eq!(decoded(Some("multipart/form-data"), "", Some(parts)), Err("multipart"));
}

#[test]
fn a_body_over_the_limit_is_too_large_for_every_reader() {
    for content_type in [None, Some(FORM), Some("multipart/form-data; boundary=x")] {
        assert_eq!(decoded(content_type, "", None), Err("too large"), "{content_type:?}");
    }
    assert_eq!(decoded(Some("a/b/c"), "", None), Err("form"), "a malformed header comes first");
    assert_eq!(decoded(Some(FORM), "?a;b", None), Err("too large"), "the form's body comes before the query");
    assert_eq!(decoded(None, "?a;b", None), Err("form"), "other bodies come after the query");
}

#[test]
fn leniency_reaches_every_reader() {
    let on = Leniency { short_fields: true, ..Leniency::default() };
    let json = r#"{"attachments":[{"fields":[{"short":1}]}]}"#;
    let form = format!("payload={json}");
    let parts = format!("--x\r\nContent-Disposition: form-data; name=\"payload\"\r\n\r\n{json}\r\n--x--\r\n");
    let cases = [(None, json), (Some(FORM), &form), (Some("multipart/form-data; boundary=x"), &parts)];
    for (content_type, body) in cases {
        let head = head(content_type, "");
        assert!(decode(&head, Some(body.as_bytes()), on).is_ok(), "{content_type:?}");
        assert!(decode(&head, Some(body.as_bytes()), Leniency::default()).is_err(), "{content_type:?}");
    }
}
