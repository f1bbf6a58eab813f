//! What the service behind a command answers. The input is the body, as JSON.
//!
//! What the client is shown is an answer again, and the same one.

#![no_main]

use jackfield::command::Answer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(answer) = Answer::from_json(body) else { return };
    let shown = serde_json::to_string(&answer).expect("answers serialize");
    // What is shown has every member, so more items than what was sent: a long list may then be over the limit.
    if body.len() > 16 * 1024 {
        return;
    }
    let again = Answer::from_json(shown.as_bytes()).expect("what is shown is an answer");
    assert_eq!(serde_json::to_string(&again).expect("answers serialize"), shown);
});
