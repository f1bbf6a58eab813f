//! Slack markup. The input is the text; bytes that are no UTF-8 are replaced.
//!
//! - `<U|L>` becomes `[L](U)`: one byte more, and the shortest link has five. So at most a fifth is added to a text.
//! - `<@ID>` has 29 bytes and becomes an `@` and the name. Announcements only shrink. So of names with `n` bytes, at most
//!   `n - 28` are added for each 29 bytes of text.
//! - Without `<` nothing changes; and what is borrowed is the text itself.

#![no_main]

use std::borrow::Cow;

use jackfield::id::UserId;
use jackfield::post::{LinkGrammar, mentioned_ids, translate_links, translate_mentions};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let mentions = check_mentions(&text);
    for grammar in [LinkGrammar::Careful, LinkGrammar::Loose, LinkGrammar::Strict] {
        check_links(&text, grammar);
        check_links(&mentions, grammar);
    }
});

fn check_mentions(text: &str) -> Cow<'_, str> {
    let longest = "n".repeat(LONGEST_NAME);
    let translated = translate_mentions(text, &|_| Some(longest.as_str()));
    assert!(translated.len() <= text.len() + text.len() / MENTION * (LONGEST_NAME + 1 - MENTION));
    check_borrowed(text, translated);

    let mut ids = Vec::new();
    mentioned_ids(text, &mut ids);
    let known = |id: UserId| ids.contains(&id).then_some("ann");
    assert_eq!(translate_mentions(text, &known), translate_mentions(text, &|_| Some("ann")), "an id was not collected");
    let unknown = translate_mentions(text, &|_| None);
    assert!(unknown.len() <= text.len());
    unknown
}

fn check_links(text: &str, grammar: LinkGrammar) {
    let translated = translate_links(text, grammar);
    assert!(translated.len() <= text.len() + text.len() / SHORTEST_LINK, "{grammar:?}");
    check_borrowed(text, translated);
}

fn check_borrowed(text: &str, translated: Cow<'_, str>) {
    match translated {
        Cow::Borrowed(same) => assert_eq!(same, text),
        Cow::Owned(_) => assert!(text.contains('<')),
    }
}

/// The bytes of `<@ID>`.
const MENTION: usize = 29;

/// The bytes of `<a|b>`.
const SHORTEST_LINK: usize = 5;

/// How long a user name can be.
const LONGEST_NAME: usize = 64;
