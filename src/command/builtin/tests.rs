use time::Duration;

use super::arguments::{
    Echo, Invitation, Message, Status, channel_to_join, channel_to_mute, direct_message, echo, group_message,
    invitation, status, user_to_remove,
};
use super::{BuiltIn, Ran, echo_post, too_many_echoes};
use crate::command::{Answer, CommandSettings, Standing};
use crate::id::{ChannelId, PostId, UserId};
use crate::port::User;
use crate::post::Destination;

fn run(built_in: BuiltIn, text: &str) -> Ran {
    built_in.run(text, &CommandSettings::default())
}

fn answered(built_in: BuiltIn, text: &str) -> Answer {
    match run(built_in, text) {
        Ran::Answer(answer) => *answer,
        Ran::Later(echo) => panic!("{echo:?}"),
    }
}

#[test]
fn me_says_what_somebody_does() {
    for (text, want) in [("waves <https://x.io|here>", "*waves <https://x.io|here>*"), ("", "**")] {
        assert_eq!(answered(BuiltIn::Me, text), Answer::in_channel(want).with_type("me"));
    }
}

#[test]
fn shrug_has_the_backslashes_that_markdown_needs() {
    const SHRUG: &str = "\u{af}\\\\\\_(\u{30c4})\\_/\u{af}";
    assert_eq!(answered(BuiltIn::Shrug, ""), Answer::in_channel(SHRUG));
    assert_eq!(answered(BuiltIn::Shrug, "who knows"), Answer::in_channel(format!("who knows {SHRUG}")));
}

#[test]
fn code_is_indented_and_left_as_it_is() {
    let want = "    a = <b|c>\n      d\n    \n    e";
    assert_eq!(answered(BuiltIn::Code, "a = <b|c>\n  d\n\ne"), Answer::in_channel(want).unparsed());
    assert_eq!(answered(BuiltIn::Code, "").response_type, "ephemeral");
}

#[test]
fn help_has_the_link_that_is_set() {
    let mut settings = CommandSettings::default();
    let text = |settings: &CommandSettings| match BuiltIn::Help.run("", settings) {
        Ran::Answer(answer) => (answer.response_type, answer.text),
        Ran::Later(_) => panic!("help waits for nothing"),
    };
    assert!(text(&settings).1.contains("https://mattermost.com/pl/help/"));
    settings.help_link = "https://chat.example.com/help".to_owned();
    assert!(text(&settings).1.contains("(https://chat.example.com/help)"));
    settings.help_link = String::new();
    assert!(text(&settings).1.contains("https://mattermost.com/pl/help/"));
    assert_eq!(text(&settings).0, "ephemeral");
}

#[test]
fn echo_reads_message_and_delay() {
    for (text, message, delay) in [
        ("hello", "hello", 0),
        ("hello 5", "hello", 5),
        ("hello big world", "hello big world", 0),
        ("x -5", "x", -5),
        ("x +5", "x", 5),
        ("x 10001", "x", 10_001),
        ("5", "5", 0),
        (" 5", "", 5),
        ("x 5 ", "x 5 ", 0),
        ("x 99999999999999999999", "x 99999999999999999999", 0),
        ("\"hi there\" 3", "hi there", 3),
        ("\"hi\"", "hi", 0),
        ("\"hi\" \"3\"", "hi\" \"3", 0),
        ("\"hi\"3", "hi", 3),
        ("\"hi\" soon", "hi", 0),
        ("\"a\" b\" 4", "a\" b", 4),
        ("\"\"", "\"\"", 0),
        ("\"\" 7", "\"\"", 7),
        ("\"", "\"", 0),
        ("\"x 5", "\"x", 5),
    ] {
        assert_eq!(echo(text), Echo { delay: Duration::seconds(delay), message: message.into() }, "{text:?}");
    }
}

#[test]
fn echo_waits_as_long_as_it_may() {
    for (text, waits) in [("x 10000", true), ("x 10001", false), ("x -9", true), ("x", true)] {
        assert_eq!(matches!(run(BuiltIn::Echo, text), Ran::Later(_)), waits, "{text}");
    }
    let refused = answered(BuiltIn::Echo, "x 10001");
    assert_eq!((refused.response_type.as_str(), refused.text.contains("10000 seconds")), ("ephemeral", true));
    assert_eq!(answered(BuiltIn::Echo, "").response_type, "ephemeral");
    assert_eq!(too_many_echoes().response_type, "ephemeral");
    assert!(!too_many_echoes().text.is_empty());
    let short = CommandSettings { echo_longest_delay: Duration::seconds(9), ..CommandSettings::default() };
    assert!(matches!(BuiltIn::Echo.run("x 10", &short), Ran::Answer(_)));
}

#[test]
fn what_echo_posts_is_an_ordinary_post() {
    let (user, channel) = (User::new(UserId::from_random([1; 16]), "ann"), ChannelId::from_random([2; 16]));
    let root = PostId::from_random([3; 16]);
    let post = echo_post("hi".to_owned(), &user, channel, Some(root));
    assert_eq!((post.message.as_str(), post.user_id, post.root_id), ("hi", user.id, Some(root)));
    assert_eq!(post.destination, Destination::Channel(channel));
    assert!(post.triggers && post.set_online && post.props.entries.is_empty() && post.post_type.is_empty());
}

#[test]
fn built_ins_are_shown_as_the_table_says() {
    let hints = ["[text]", "'message' [delay in seconds]", "", "[message]", "[message]"];
    for (built_in, hint) in BuiltIn::ALL.into_iter().zip(hints) {
        let shown = built_in.registered().unwrap();
        assert_eq!((shown.trigger.as_str(), shown.hint.as_str()), (built_in.trigger(), hint));
        assert!(shown.auto_complete && !shown.description.is_empty() && shown.display_name == built_in.trigger());
        assert_eq!((shown.standing, shown.tree), (Standing::BuiltIn, None));
    }
    assert_eq!(BuiltIn::ALL.map(BuiltIn::trigger), ["code", "echo", "help", "me", "shrug"]);
}

fn message(usernames: &[&str], message: &str) -> Message {
    Message { message: message.into(), usernames: usernames.iter().map(|&name| name.to_owned()).collect() }
}

#[test]
fn messages_name_whom_they_are_for() {
    for (text, names, said) in [
        ("@Bob are you there?", &["bob"][..], "are you there?"),
        ("bob", &["bob"], ""),
        ("  bob   hi  you ", &["bob"], "hi  you"),
        ("@bob\nhi", &["bob"], "hi"),
        ("", &[], ""),
        ("@", &[], ""),
    ] {
        assert_eq!(direct_message(text), message(names, said), "{text:?}");
    }
    for (text, names, said) in [
        ("ann, @bob  lunch, now?", &["ann", "bob"][..], "lunch, now?"),
        ("@ann,@bob", &["ann", "bob"], ""),
        ("ann,,bob, hi", &["ann", "bob", "hi"], ""),
        ("ann , bob hi", &["ann", "bob"], "hi"),
        (" Ann hi, you ", &["ann"], "hi, you"),
        ("ann,bob,", &["ann", "bob"], ""),
        (",ann", &["ann"], ""),
        ("", &[], ""),
        ("@", &[], ""),
        ("@ann\n a, b", &["ann"], "a, b"),
    ] {
        assert_eq!(group_message(text), message(names, said), "{text:?}");
    }
}

#[test]
fn channels_and_users_are_named_in_their_ways() {
    for (text, want) in [("~Dev", "Dev"), ("Dev", "dev"), ("~~x", "~x"), ("", "")] {
        assert_eq!(channel_to_join(text), want, "{text:?}");
    }
    for (text, want) in [("~dev now", Some("dev")), ("dev", Some("dev")), ("", None), ("~", None), (" dev", None)] {
        assert_eq!(channel_to_mute(text), want, "{text:?}");
    }
    for (text, want) in [("@Bob now", Some("bob")), (" bob ", Some("bob")), ("", None), ("@", None)] {
        assert_eq!(user_to_remove(text).as_deref(), want, "{text:?}");
    }
    for (text, names, channels) in [
        ("@ann @bob ~dev ops", &["ann", "bob"][..], &["dev", "ops"][..]),
        ("ann bob", &["ann"], &["bob"]),
        ("~dev @ann", &["ann"], &["dev"]),
        ("  @ann  ", &["ann"], &[]),
        ("", &[], &[]),
    ] {
        let owned = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect();
        assert_eq!(invitation(text), Invitation { channels: owned(channels), names: owned(names) }, "{text:?}");
    }
}

#[test]
fn a_status_is_an_emoji_and_a_text() {
    let known = |word: &str| (word == "🌴").then(|| "palm_tree".to_owned());
    let set = |emoji: &str, text: &str| Status::Set { emoji: emoji.into(), text: text.into() };
    let long = "é".repeat(101);
    for (text, want) in [
        (" clear ", Status::Clear),
        ("clear it", set("speech_balloon", "clear it")),
        (":coffee: break ", set("coffee", "break")),
        (":+1:", set("+1", "")),
        (":a b: c", set("speech_balloon", ":a b: c")),
        ("::", set("speech_balloon", "::")),
        (":x", set("speech_balloon", ":x")),
        ("🌴 on the beach", set("palm_tree", "on the beach")),
        ("🌴", set("palm_tree", "")),
        ("🌴🌴 x", set("speech_balloon", "🌴🌴 x")),
        ("", set("speech_balloon", "")),
        (&long, set("speech_balloon", &"é".repeat(100))),
    ] {
        assert_eq!(status(text, known), want, "{text:?}");
    }
}
