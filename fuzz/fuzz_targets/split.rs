//! Splitting of posts that are too long. Two bytes give the limits: so many characters a message, eight times so many the
//! props. The rest is the message and, after each U+0000, the text of an attachment, with its title after a U+0001.
//!
//! - The messages of the posts concatenate to the message, the attachments follow its end in their order, and nothing is
//!   beyond a limit. Only the text of the first attachment of a post may have lost its end: cut because it was alone and
//!   too large, more where characters count sixfold, so that others may follow.
//! - A refusal has a reason.

#![no_main]

use jackfield::id::{ChannelId, UserId};
use jackfield::post::{Attachment, Destination, PostDraft, props_runes, split};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [message_limit, props_limit, rest @ ..] = bytes else { return };
    let (message_limit, props_limit) = (usize::from(*message_limit), 8 * usize::from(*props_limit));
    let text = String::from_utf8_lossy(rest);
    let draft = draft(&text);
    match split(draft.clone(), message_limit, props_limit) {
        Ok(posts) => check(&draft, &posts, message_limit, props_limit),
        Err(_) => assert!(is_refusable(&draft, props_limit)),
    }
});

fn draft(text: &str) -> PostDraft {
    let destination = Destination::Channel(ChannelId::from_random([1; 16]));
    let mut parts = text.split('\0');
    let mut draft = PostDraft::new(destination, UserId::from_random([2; 16]), parts.next().unwrap_or_default());
    draft.props.entries.insert("from_webhook".to_owned(), "true".into());
    draft.props.attachments.extend(parts.map(|part| {
        let (text, title) = part.split_once('\u{1}').unwrap_or((part, ""));
        let mut attachment = Attachment::default();
        text.clone_into(&mut attachment.text);
        title.clone_into(&mut attachment.title);
        attachment
    }));
    draft
}

fn check(draft: &PostDraft, posts: &[PostDraft], message_limit: usize, props_limit: usize) {
    assert_eq!(posts.iter().map(|post| post.message.as_str()).collect::<String>(), draft.message);
    let mut attachments = draft.props.attachments.iter();
    let mut may_have_text = true;
    for post in posts {
        assert!(post.message.chars().count() <= message_limit.max(1));
        assert!(props_runes(&post.props) <= props_limit);
        assert_eq!(post.props.entries, draft.props.entries);
        assert!(may_have_text || post.message.is_empty(), "text after an attachment");
        may_have_text &= post.props.attachments.is_empty();
        for (place, kept) in post.props.attachments.iter().enumerate() {
            let whole = attachments.next().expect("an attachment of the draft");
            assert!(whole.text.starts_with(&kept.text));
            assert!(whole.text == kept.text || place == 0, "cut, though it was not alone");
            let mut cut = whole.clone();
            cut.text.clone_from(&kept.text);
            assert_eq!(cut, *kept);
        }
    }
    assert_eq!(attachments.next(), None);
}

/// Whether something does not fit alone even without its text.
fn is_refusable(draft: &PostDraft, props_limit: usize) -> bool {
    let mut props = draft.props.clone();
    let attachments = std::mem::take(&mut props.attachments);
    props_runes(&props) > props_limit
        || attachments.into_iter().any(|attachment| {
            let runes = attachment.text.chars().count();
            props.attachments = vec![attachment];
            props_runes(&props).saturating_sub(props_limit) > runes
        })
}
