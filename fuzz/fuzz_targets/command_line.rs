//! Lines that somebody types, and what stands behind common commands. The input is the line; bytes that are no UTF-8 are
//! replaced.
//!
//! - The word has no white space, folding it again changes nothing, and the text is the end of the line.
//! - What is read off the text is in it, and names have neither spaces nor commas.

#![no_main]

use jackfield::command::arguments::{self, Status};
use jackfield::command::{Line, Trigger};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let line = String::from_utf8_lossy(bytes);
    check_line(&line);
    check_arguments(&line);
});

fn check_line(line: &str) {
    let Some(split) = Line::split(line) else {
        assert!(!line.starts_with('/'));
        return;
    };
    assert!(line.ends_with(split.text) && split.shown_trigger().len() <= 515);
    assert!(!split.trigger.contains(char::is_whitespace));
    let again = format!("/{} {}", split.trigger, split.text);
    assert_eq!(Line::split(&again).as_ref(), Some(&split));
    if let Ok(trigger) = Trigger::parse(&split.trigger) {
        assert_eq!(trigger.as_str(), split.trigger);
    }
}

fn check_arguments(text: &str) {
    assert!(text.contains(&arguments::echo(text).message));
    for message in [arguments::direct_message(text), arguments::group_message(text)] {
        assert!(text.contains(&message.message));
        assert!(message.usernames.iter().all(|name| !name.is_empty() && !name.contains(char::is_whitespace)));
    }
    assert!(arguments::group_message(text).usernames.iter().all(|name| !name.contains(',')));
    let invited = arguments::invitation(text);
    assert!(invited.channels.iter().chain(&invited.names).all(|name| text.contains(name) && !name.contains(' ')));
    assert!(arguments::channel_to_mute(text).is_none_or(|name| text.contains(name)));
    assert!(arguments::user_to_remove(text).is_none_or(|name| !name.is_empty()));
    arguments::channel_to_join(text);
    if let Status::Set { emoji, text: said } = arguments::status(text, |word| (word == "x").then(|| "ex".to_owned())) {
        assert!(!emoji.is_empty() && said.chars().count() <= 100 && text.contains(&said));
    }
}
