//! Answers of the receivers of outgoing webhooks.
//!
//! Whether there is something to post is what another parser says, where that takes the text at all. Bytes behind the
//! value change nothing, nor does it that they were cut. Attachments survive being stored and answered again.

#![no_main]

use std::collections::BTreeSet;

use jackfield::outgoing::Answer;
use jackfield::post::Props;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|body: &[u8]| {
    let answer = Answer::read(body, false);
    let cut = Answer::read(body, true);
    assert!(cut.is_err() || cut == answer);
    if let Ok(Some(Value::Object(members))) = serde_json::Deserializer::from_slice(body).into_iter().next().transpose()
    {
        let posts = matches!(answer, Ok(Some(_)));
        assert!(!is_plain(&members) || answer.is_err() || posts == asks(&members), "{members:?}");
    }
    let Ok(Some(answer)) = answer else { return };
    let mut rest = body.to_vec();
    rest.extend_from_slice(b" }]\"and more");
    assert_eq!(Answer::read(&rest, true), Ok(Some(answer.clone())));
    // What is stored has every member, so more items than what was sent: a long list may then be over the limit.
    if body.len() > 16 * 1024 {
        return;
    }
    let mut props = Props::default();
    props.attachments.clone_from(&answer.attachments);
    let again = Answer::read(props.to_json().as_bytes(), false).expect("stored attachments are read again");
    assert_eq!(again.map(|again| again.attachments).unwrap_or_default(), answer.attachments);
});

/// Whether members ask for a reply, if no two names differ in case alone.
fn asks(members: &Map<String, Value>) -> bool {
    let of = |name: &str| members.iter().find(|(member, _)| member.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    let attachments = of("attachments").and_then(Value::as_array);
    of("text").is_some_and(Value::is_string) || attachments.is_some_and(|list| list.iter().any(|one| !one.is_null()))
}

fn is_plain(members: &Map<String, Value>) -> bool {
    let names: BTreeSet<_> = members.keys().map(|name| name.to_ascii_lowercase()).collect();
    names.len() == members.len()
}
