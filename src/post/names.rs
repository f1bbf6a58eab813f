//! Names in a text, Markdown not looked at, and the texts in which names count (INC-61, INC-78).

use memchr::memchr_iter;
use serde_json::{Map, Value};

use super::Attachment;
use super::character::is_word;

/// Returns the names that a text has as `~name`, as written, in order and as often as they are there.
///
/// Markdown is not looked at. Whether there are such channels is for the caller to ask.
pub fn channel_names(text: &str) -> impl Iterator<Item = &str> {
    let bytes = text.as_bytes();
    memchr_iter(b'~', bytes).filter_map(move |tilde| {
        let start = tilde + 1;
        let name = bytes.get(start..)?.iter().take_while(|byte| is_word(**byte) || **byte == b'-').count();
        (name > 0 && !follows_word(bytes, tilde)).then(|| text.get(start..start + name)).flatten()
    })
}

/// Says whether a text has one of the words `@channel`, `@all` and `@here`, in any case, as INC-72 looks for them.
///
/// Markdown is not looked at.
#[must_use]
pub fn mentions_channel(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr_iter(b'@', bytes).any(|at| {
        let rest = bytes.get(at + 1..).unwrap_or_default();
        let word = rest.iter().take("channel_".len()).take_while(|byte| is_word(**byte)).count();
        let word = rest.get(..word).unwrap_or_default();
        !follows_word(bytes, at)
            && ["channel", "all", "here"].iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()))
    })
}

/// Returns the texts of a post in which names count: the message, and of each attachment `pretext`, `text` and the
/// values of the fields (INC-61).
pub fn mention_texts<'a>(message: &'a str, attachments: &'a [Attachment]) -> impl Iterator<Item = &'a str> {
    let attached = attachments.iter().flat_map(|attachment| {
        let values = attachment.fields.iter().filter_map(|field| field.value.as_deref());
        [attachment.pretext.as_str(), attachment.text.as_str()].into_iter().chain(values)
    });
    [message].into_iter().chain(attached)
}

/// Returns the same texts of a stored post, whose attachments are in its props.
pub fn stored_mention_texts<'a>(message: &'a str, props: &'a Map<String, Value>) -> impl Iterator<Item = &'a str> {
    let attachments = props.get("attachments").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let attached = attachments.iter().flat_map(|attachment| {
        let fields = attachment.get("fields").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let values = fields.iter().map(|field| field.get("value"));
        [attachment.get("pretext"), attachment.get("text")]
            .into_iter()
            .chain(values)
            .flatten()
            .filter_map(Value::as_str)
    });
    [message].into_iter().chain(attached)
}

fn follows_word(bytes: &[u8], place: usize) -> bool {
    place.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_word(*byte))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::post::{Field, Props};

    #[test]
    fn finds_channels_as_the_table_says() {
        let cases: [(&str, &[&str]); 13] = [
            ("~dev. (~a_b-c), ~ops!", &["dev", "a_b-c", "ops"]),
            ("é~dev", &["dev"]),
            ("日~dev", &["dev"]),
            ("~~dev~~", &["dev"]),
            ("`~dev`", &["dev"]),
            ("> ~dev", &["dev"]),
            ("http://x/~dev", &["dev"]),
            ("~dev~ops", &["dev"]),
            ("~dev-~ops ~dev", &["dev-", "ops", "dev"]),
            ("a~dev", &[]),
            ("_~dev", &[]),
            ("~ dev ~", &[]),
            ("~Dev", &["Dev"]),
        ];
        for (text, want) in cases {
            assert_eq!(channel_names(text).collect::<Vec<_>>(), want, "{text:?}");
        }
    }

    #[test]
    fn finds_channel_wide_words_as_the_table_says() {
        let yes =
            ["@here", "look @CHANNEL", "@all.", "(@here)", "@here-now", "@@here", "`@all`", "é@channel", "x@all @all"];
        for text in yes {
            assert!(mentions_channel(text), "{text:?}");
        }
        for text in ["x@channel", "@channels", "@all_", "@channel1", "@everyone", "", "@", "channel", "@channel_x"] {
            assert!(!mentions_channel(text), "{text:?}");
        }
    }

    #[test]
    fn hostile_texts_are_read_in_one_go() {
        for part in ["@", "@.", "@a.", "~", "~a", "a~", "@all_"] {
            let text = part.repeat(1 << 17);
            assert!(!mentions_channel(&text), "{part:?}");
            assert!(channel_names(&text).count() <= 1 << 17, "{part:?}");
        }
    }

    #[test]
    fn reads_the_same_texts_of_a_draft_and_of_a_stored_post() {
        let field = |value: Option<&str>| Field { title: "no".into(), value: value.map(str::to_owned), short: true };
        let attachment = Attachment {
            title: "no".into(),
            pretext: "p".into(),
            text: "t".into(),
            footer: "no".into(),
            fallback: "no".into(),
            fields: vec![field(Some("v")), field(None)],
            ..Attachment::default()
        };
        let props = Props { attachments: vec![attachment.clone(), Attachment::default()], entries: Map::new() };
        let want = ["m", "p", "t", "v", "", ""];
        assert_eq!(mention_texts("m", &props.attachments).collect::<Vec<_>>(), want);
        assert_eq!(stored_mention_texts("m", &props.to_map()).collect::<Vec<_>>(), want);
    }

    #[test]
    fn props_of_another_shape_have_no_texts() {
        for attachments in
            [json!(null), json!("x"), json!({}), json!([1, null, "x", {"text": 1, "fields": {}}, {"fields": [1, {}]}])]
        {
            let props = Map::from_iter([("attachments".to_owned(), attachments)]);
            assert_eq!(stored_mention_texts("m", &props).collect::<Vec<_>>(), ["m"]);
        }
    }
}
