//! Calls of incoming webhooks. Of the first byte, the two lowest bits choose how the body is read, the next three what
//! is lenient; the rest is the body.
//!
//! - `J`: JSON. Attachments survive being stored and read again, and a form with the same text gives the same payload.
//! - `K`: a form.
//! - `L`: lines. The first is the `Content-Type`, the second the query, and the body follows.
//! - `M`: multipart, with the boundary `x`.

#![no_main]

use http::header::CONTENT_TYPE;
use http::request::Parts;
use http::{HeaderValue, Request};
use jackfield::incoming::{self, Leniency, Payload};
use jackfield::post::Props;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, rest)) = bytes.split_first() else { return };
    let mut leniency = Leniency::default();
    leniency.careful_attachment_links = choice & 4 != 0;
    leniency.short_fields = choice & 8 != 0;
    leniency.whole_numbers = choice & 16 != 0;
    match choice & 3 {
        JSON => read_json(rest, leniency),
        FORM => drop(incoming::decode(&head(HeaderValue::from_static(FORM_TYPE), ""), Some(rest), leniency)),
        MULTIPART => {
            let head = head(HeaderValue::from_static("multipart/form-data; boundary=x"), "");
            drop(incoming::decode(&head, Some(rest), leniency));
        }
        _ => read_lines(rest, leniency),
    }
});

fn read_json(body: &[u8], leniency: Leniency) {
    let json = incoming::decode(&head(HeaderValue::from_static("application/json"), ""), Some(body), leniency);
    let form = incoming::decode(&head(HeaderValue::from_static(FORM_TYPE), ""), Some(&form_of(body)), leniency);
    assert_eq!(json, form);
    let Ok(payload) = json else { return };
    // What is stored has every member, so more items than what was sent: a long list may then be over the limit.
    if body.len() > 16 * 1024 {
        return;
    }
    let mut props = Props::default();
    props.attachments.clone_from(&payload.attachments);
    let again = Payload::from_json(props.to_json().as_bytes(), leniency).expect("stored attachments are read again");
    assert_eq!(again.attachments, payload.attachments);
}

fn read_lines(rest: &[u8], leniency: Leniency) {
    let mut lines = rest.splitn(3, |byte| *byte == b'\n');
    let content_type = lines.next().and_then(|line| HeaderValue::from_bytes(line).ok());
    let query = lines.next().and_then(|line| std::str::from_utf8(line).ok());
    let (Some(content_type), Some(query), body) = (content_type, query, lines.next()) else { return };
    drop(incoming::decode(&head(content_type, query), body, leniency));
}

fn form_of(json: &[u8]) -> Vec<u8> {
    let mut form = b"payload=".to_vec();
    json.iter().for_each(|byte| form.extend_from_slice(format!("%{byte:02x}").as_bytes()));
    form
}

fn head(content_type: HeaderValue, query: &str) -> Parts {
    // What is no address has no query.
    let request = Request::post(format!("/hooks/x?{query}")).body(()).unwrap_or_default();
    let mut head = request.into_parts().0;
    head.headers.insert(CONTENT_TYPE, content_type);
    head
}

const JSON: u8 = b'J' & 3;
const FORM: u8 = b'K' & 3;
const MULTIPART: u8 = b'M' & 3;

const FORM_TYPE: &str = "application/x-www-form-urlencoded";
