//! Posts that are too long become several (INC-80 to INC-82).

use std::mem;

use thiserror::Error;

use super::size::{attachment_runes, is_surely_within, runes, with_attachment};
use super::{Attachment, PostDraft};

/// How many characters a message has at most; longer ones are split.
pub const MAX_MESSAGE_RUNES: usize = 16_383;

/// How many characters the props of one post have at most, counted as [`props_runes`](super::props_runes) does.
pub const MAX_PROPS_RUNES: usize = 760_000;

/// The props are too large to be split: without attachments already, or because of one that is not just long of text.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the props of the post are too large to be split")]
pub struct TooLarge;

/// Splits a post into those to be created, in order: at least one.
///
/// No message has more than `message_limit` characters, words and lines do not count. The attachments follow the last of
/// the message and go on to further posts where the props would have more than `props_limit` characters; one that is
/// alone and still too large loses the end of its `text`. Everything else is in each of the posts. Linear in the whole.
pub fn split(post: PostDraft, message_limit: usize, props_limit: usize) -> Result<Vec<PostDraft>, TooLarge> {
    let small = is_surely_within(&post.props, props_limit);
    if small && post.message.len() <= message_limit {
        return Ok(vec![post]);
    }
    let mut base = post;
    let message = mem::take(&mut base.message);
    let attachments = mem::take(&mut base.props.attachments);
    let groups = if small { vec![attachments] } else { group(attachments, runes(&base.props.entries), props_limit)? };
    let mut groups = groups.into_iter();

    let mut parts = cut(message, message_limit);
    if let (Some(last), Some(first)) = (parts.last_mut(), groups.next()) {
        last.1 = first;
    }
    parts.extend(groups.map(|attachments| (String::new(), attachments)));

    let last = parts.pop().unwrap_or_default();
    let fill = |mut post: PostDraft, (message, attachments)| {
        post.message = message;
        post.props.attachments = attachments;
        post
    };
    let mut posts = Vec::with_capacity(parts.len() + 1);
    posts.extend(parts.into_iter().map(|part| fill(base.clone(), part)));
    posts.push(fill(base, last));
    Ok(posts)
}

/// What one post has of the whole.
type Part = (String, Vec<Attachment>);

/// Cuts a message into pieces of `limit` characters and a rest, without attachments yet.
fn cut(message: String, limit: usize) -> Vec<Part> {
    // A post without room for a character would be repeated forever.
    let limit = limit.max(1);
    let mut parts = Vec::new();
    let mut rest = message.as_str();
    while let Some((piece, tail)) = place_after(rest, limit).and_then(|place| rest.split_at_checked(place)) {
        parts.push((piece.to_owned(), Vec::new()));
        rest = tail;
    }
    let rest = if parts.is_empty() { message } else { rest.to_owned() };
    parts.push((rest, Vec::new()));
    parts
}

/// Returns where the character after the first `limit` begins, if there are so many.
fn place_after(text: &str, limit: usize) -> Option<usize> {
    if text.len() <= limit {
        return None;
    }
    text.char_indices().nth(limit).map(|(place, _)| place)
}

/// Distributes attachments to posts whose other props have `entries` characters.
fn group(attachments: Vec<Attachment>, entries: usize, limit: usize) -> Result<Vec<Vec<Attachment>>, TooLarge> {
    if entries > limit {
        return Err(TooLarge);
    }
    let mut groups = Vec::new();
    let mut group = Vec::new();
    let mut size = entries;
    for mut attachment in attachments {
        let own = attachment_runes(&attachment);
        let joined = with_attachment(size, group.is_empty(), entries, own);
        if joined <= limit {
            size = joined;
            group.push(attachment);
            continue;
        }
        if !group.is_empty() {
            groups.push(mem::take(&mut group));
        }
        size = with_attachment(entries, true, entries, own);
        if size > limit {
            shorten(&mut attachment.text, size - limit)?;
            size = with_attachment(entries, true, entries, attachment_runes(&attachment));
        }
        group.push(attachment);
    }
    groups.push(group);
    Ok(groups)
}

/// Takes `excess` characters from the end.
fn shorten(text: &mut String, excess: usize) -> Result<(), TooLarge> {
    let Some(last) = excess.checked_sub(1) else { return Ok(()) };
    let (place, _) = text.char_indices().rev().nth(last).ok_or(TooLarge)?;
    text.truncate(place);
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::id::{ChannelId, UserId};
    use crate::post::{Destination, Priority, props_runes};

    fn draft(message: &str, texts: &[usize]) -> PostDraft {
        let destination = Destination::Channel(ChannelId::from_random([1; 16]));
        let mut draft = PostDraft::new(destination, UserId::from_random([2; 16]), message);
        draft.post_type = "custom_x".into();
        draft.priority = Some(Priority { priority: "urgent".into(), ..Priority::default() });
        draft.props.entries.insert("from_webhook".into(), json!("true"));
        draft.props.entries.insert("webhook_display_name".into(), json!(""));
        draft.props.attachments = texts.iter().map(|runes| with_text("a".repeat(*runes))).collect();
        draft
    }

    fn with_text(text: String) -> Attachment {
        Attachment { text, ..Attachment::default() }
    }

    /// The characters of each post's message and of the texts of its attachments.
    fn shape(posts: &[PostDraft]) -> Vec<(usize, Vec<usize>)> {
        let texts = |post: &PostDraft| post.props.attachments.iter().map(|one| one.text.chars().count()).collect();
        posts.iter().map(|post| (post.message.chars().count(), texts(post))).collect()
    }

    #[test]
    fn splits_as_the_table_says() {
        let long = |runes| "a".repeat(runes);
        let cases = [
            (3, "abcdefg".to_owned(), vec![], vec![(3, vec![]), (3, vec![]), (1, vec![])]),
            (3, "abcdef".to_owned(), vec![], vec![(3, vec![]), (3, vec![])]),
            (3, String::new(), vec![0], vec![(0, vec![0])]),
            (3, String::new(), vec![], vec![(0, vec![])]),
            (3, "本本本本".to_owned(), vec![0], vec![(3, vec![]), (1, vec![0])]),
            (
                10_000,
                long(15_000),
                vec![1000, 2000, 759_000],
                vec![(10_000, vec![]), (5000, vec![1000, 2000]), (0, vec![759_000])],
            ),
            (16_383, long(10), vec![760_000], vec![(10, vec![759_717])]),
            (16_383, long(10), vec![760_000, 1], vec![(10, vec![759_717]), (0, vec![1])]),
            (16_383, long(10), vec![1, 760_000, 1], vec![(10, vec![1]), (0, vec![759_717]), (0, vec![1])]),
            (16_383, long(16_383), vec![], vec![(16_383, vec![])]),
            (0, "ab".to_owned(), vec![], vec![(1, vec![]), (1, vec![])]),
        ];
        for (limit, message, texts, want) in cases {
            let posts = split(draft(&message, &texts), limit, MAX_PROPS_RUNES).unwrap();
            assert_eq!(shape(&posts), want, "{limit}, {} characters, {texts:?}", message.len());
        }
    }

    #[test]
    fn refuses_what_is_not_just_long_of_text() {
        let mut escaped = draft("0123456789", &[]);
        escaped.props.attachments.push(with_text("<".repeat(200_000)));
        let mut titled = draft("0123456789", &[300]);
        titled.props.attachments[0].title = "a".repeat(760_000);
        let mut based = draft("", &[]);
        based.props.entries.insert("card".into(), Value::String("a".repeat(760_000)));
        for post in [escaped, titled, based] {
            assert_eq!(split(post, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES), Err(TooLarge));
        }
    }

    #[test]
    fn escapes_cost_more_text_than_the_excess() {
        let mut post = draft("", &[]);
        post.props.attachments.push(with_text("<".repeat(20)));
        // 283 for the props without text, 120 for the text: four too many take four characters away.
        let posts = split(post, 3, 399).unwrap();
        assert_eq!(shape(&posts), [(0, vec![16])]);
        assert_eq!(props_runes(&posts[0].props), 283 + 96);
    }

    #[test]
    fn a_text_as_long_as_the_excess_is_emptied() {
        assert_eq!(shape(&split(draft("", &[9]), 3, 283).unwrap()), [(0, vec![0])]);
        assert_eq!(split(draft("", &[9]), 3, 282), Err(TooLarge));
    }

    #[test]
    fn props_without_attachments_may_fill_the_limit() {
        assert_eq!(shape(&split(draft("abcd", &[]), 3, 49).unwrap()), [(3, vec![]), (1, vec![])]);
        assert_eq!(split(draft("abcd", &[]), 3, 48), Err(TooLarge));
    }

    #[test]
    fn every_part_is_the_same_post_otherwise() {
        let whole = draft("abcdef", &[5, 5]);
        let posts = split(whole.clone(), 2, 290).unwrap();
        assert_eq!(posts.len(), 4);
        for post in posts {
            let mut part = post;
            part.message.clone_from(&whole.message);
            part.props.attachments.clone_from(&whole.props.attachments);
            assert_eq!(part, whole);
        }
    }

    proptest! {
        #[test]
        fn loses_nothing_and_keeps_the_limits(
            message in "[a<本🎉
    ]{0,50}",
            texts in prop::collection::vec("[a<本]{0,20}", 0..6),
            limit in 1_usize..20,
            props_limit in 420_usize..900,
        ) {
            let mut whole = draft(&message, &[]);
            whole.props.attachments = texts.into_iter().map(with_text).collect();
            let posts = split(whole.clone(), limit, props_limit).unwrap();
            let joined: String = posts.iter().map(|post| post.message.as_str()).collect();
            prop_assert_eq!(joined, message);
            let attachments: Vec<_> = posts.iter().flat_map(|post| post.props.attachments.clone()).collect();
            prop_assert_eq!(attachments, whole.props.attachments);
            for (place, post) in posts.iter().enumerate() {
                prop_assert!(post.message.chars().count() <= limit);
                prop_assert!(props_runes(&post.props) <= props_limit);
                prop_assert!(place == 0 || !post.message.is_empty() || !post.props.attachments.is_empty());
            }
        }
    }
}
