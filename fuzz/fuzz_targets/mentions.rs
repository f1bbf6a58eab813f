//! Names and tags in a text. The input is the text; bytes that are no UTF-8 are replaced.
//!
//! - Whoever is mentioned is among the names that the host was asked about; these are in lower case and bounded.
//! - Each channel name and each hashtag is in the text as it is written.

#![no_main]

use std::collections::BTreeSet;

use jackfield::post::{MAX_MENTIONED_NAMES, MAX_NAME_BYTES, channel_names, hashtags, mentions, mentions_channel};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    check_users(&text);
    check_channels(&text);
    check_hashtags(&text);
});

fn check_users(text: &str) {
    let found = mentions([text]);
    let names: BTreeSet<&str> = found.names().into_iter().collect();
    assert_eq!(found.is_empty(), names.is_empty());
    assert!(names.is_empty() || text.contains('@'));
    assert!(names.len() <= MAX_MENTIONED_NAMES);
    for name in &names {
        assert!(!name.is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains('@'), "{name:?}");
        assert_eq!(*name, name.to_lowercase());
    }
    assert_eq!(found.everyone(), names.contains("channel") || names.contains("all"));
    assert_eq!(found.here(), names.contains("here"));

    let everybody = found.users(|name| Some(name.to_owned()));
    assert!(everybody.iter().all(|name| names.contains(name.as_str())));
    for name in names {
        let alone = found.users(|one| (one == name).then(|| one.to_owned()));
        assert!(alone.into_iter().eq([name.to_owned()]), "{name:?} is asked about in vain");
    }
    assert_eq!(mentions([text, text]), found);
}

fn check_channels(text: &str) {
    for name in channel_names(text) {
        assert!(!name.is_empty() && text.contains(&format!("~{name}")), "{name:?}");
    }
    if mentions_channel(text) {
        let text = text.to_ascii_lowercase();
        assert!(["@channel", "@all", "@here"].iter().any(|word| text.contains(word)));
    }
}

fn check_hashtags(text: &str) {
    let tags = hashtags(text);
    assert!(tags.len() <= 999);
    for tag in tags.split(' ').filter(|_| !tags.is_empty()) {
        assert!(tag.starts_with('#') && text.contains(tag), "{tag:?}");
    }
    // What is a tag in the text is one where it stands alone.
    assert_eq!(hashtags(&tags), tags);
}
