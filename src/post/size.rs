//! How big props are (INC-80): the characters of their JSON text, which is counted without being written.

use std::fmt;
use std::io;

use memchr::memmem;
use serde::Serialize;
use serde_json::ser::{CharEscape, Formatter, Serializer};
use serde_json::{Map, Number, Value};

use super::{Attachment, Props};

/// Returns how many characters the props have as compact JSON in which `<`, `>`, `&`, U+2028 and U+2029 are written as
/// `\u` escapes (INC-80).
#[must_use]
pub fn props_runes(props: &Props) -> usize {
    let entries = runes(&props.entries);
    let attachments = props.attachments.iter().map(attachment_runes);
    attachments.fold(entries, |size, attachment| with_attachment(size, size == entries, entries, attachment))
}

/// Returns how many characters props have when one more attachment joins them.
///
/// `size` is what they have before, `first` whether they have no attachment yet, and `entries` what they have without any.
pub(super) fn with_attachment(size: usize, first: bool, entries: usize, attachment: usize) -> usize {
    if !first {
        return size + ",".len() + attachment;
    }
    let comma = if entries > "{}".len() { ",".len() } else { 0 };
    size + comma + r#""attachments":[]"#.len() + attachment
}

/// Says whether props are so small that they need no counting: even if each byte were an escape, they would not have more
/// than `limit` characters.
pub(super) fn is_surely_within(props: &Props, limit: usize) -> bool {
    let attachments = props.attachments.iter().map(attachment_bound);
    attachments.fold(object_bound(&props.entries), usize::saturating_add).saturating_add(NAMES) <= limit
}

/// Returns how many characters an attachment has as JSON.
pub(super) fn attachment_runes(attachment: &Attachment) -> usize {
    runes(attachment)
}

pub(super) fn runes(value: &impl Serialize) -> usize {
    let mut count = Count(0);
    // INVARIANT: counting does not fail, and what is counted has text keys only.
    drop(value.serialize(&mut Serializer::with_formatter(&mut count, Counting)));
    count.0
}

fn attachment_bound(attachment: &Attachment) -> usize {
    if !attachment.actions.is_empty() {
        return attachment_runes(attachment);
    }
    let Attachment { id: _, fallback, color, pretext, author_name, author_link, author_icon, .. } = attachment;
    let Attachment { title, title_link, text, fields, image_url, thumb_url, footer, footer_icon, ts, .. } = attachment;
    let texts = [
        fallback,
        color,
        pretext,
        author_name,
        author_link,
        author_icon,
        title,
        title_link,
        text,
        image_url,
        thumb_url,
        footer,
        footer_icon,
    ];
    let texts = texts.into_iter().map(|text| text_bound(text));
    let fields = fields
        .iter()
        .map(|field| NAMES + text_bound(&field.title) + text_bound(field.value.as_deref().unwrap_or_default()));
    texts.chain(fields).fold(NAMES.saturating_add(value_bound(ts)), usize::saturating_add)
}

fn object_bound(object: &Map<String, Value>) -> usize {
    let members = object.iter().map(|(name, value)| text_bound(name).saturating_add(value_bound(value)));
    members.fold("{},".len(), usize::saturating_add)
}

fn value_bound(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => "false,".len(),
        Value::Number(number) => number_bound(number),
        Value::String(text) => text_bound(text),
        Value::Array(values) => values.iter().map(value_bound).fold("[],".len(), usize::saturating_add),
        Value::Object(object) => object_bound(object),
    }
}

fn text_bound(text: &str) -> usize {
    text.len().saturating_mul(ESCAPE).saturating_add(r#""":,"#.len())
}

fn number_bound(number: &Number) -> usize {
    use fmt::Write;
    let mut count = Count(",".len());
    // INVARIANT: counting does not fail. The shortest text may be another than this one, but not much longer.
    let _ = write!(count, "{number}");
    count.0.saturating_add(32)
}

/// How many characters were written.
struct Count(usize);

impl io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.iter().filter(|byte| !is_continuation(**byte)).count();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl fmt::Write for Count {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0 += text.len();
        Ok(())
    }
}

/// Writes as many bytes as there are characters to count, whatever they are.
struct Counting;

impl Formatter for Counting {
    fn write_f64<W: ?Sized + io::Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        pad(writer, float_bytes(value))
    }

    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let bytes = fragment.as_bytes();
        let escaped = bytes.iter().filter(|byte| matches!(byte, b'<' | b'>' | b'&')).count();
        let separators = if fragment.is_ascii() {
            0
        } else {
            // U+2028 and U+2029 are E2 80 A8 and E2 80 A9.
            let places = memmem::find_iter(bytes, b"\xE2\x80");
            places.filter(|place| matches!(bytes.get(place + 2), Some(0xA8 | 0xA9))).count()
        };
        writer.write_all(bytes)?;
        pad(writer, (escaped + separators) * (ESCAPE - 1))
    }

    fn write_char_escape<W: ?Sized + io::Write>(&mut self, writer: &mut W, escape: CharEscape) -> io::Result<()> {
        use CharEscape::{
            AsciiControl, Backspace, CarriageReturn, FormFeed, LineFeed, Quote, ReverseSolidus, Solidus, Tab,
        };
        let size = match escape {
            Solidus => 1,
            Quote | ReverseSolidus | LineFeed | CarriageReturn | Tab => 2,
            AsciiControl(_) | Backspace | FormFeed => ESCAPE,
        };
        pad(writer, size)
    }
}

/// Returns how long the shortest text of a number is: plain from 1e-6 up to 1e21, otherwise `1.5e-7` or `1e+21`.
fn float_bytes(value: f64) -> usize {
    use fmt::Write;
    let mut count = Count(0);
    let size = value.abs();
    let plain = size == 0.0 || (1e-6..1e21).contains(&size);
    // INVARIANT: counting does not fail.
    let _ = if plain { write!(count, "{value}") } else { write!(count, "{value:e}") };
    let sign = usize::from(!plain && size >= 1.0);
    count.0 + sign
}

/// Writes `count` characters that nobody reads.
fn pad<W: ?Sized + io::Write>(writer: &mut W, count: usize) -> io::Result<()> {
    let mut left = count;
    while left > 0 {
        let now = left.min(PADDING.len());
        writer.write_all(PADDING.get(..now).unwrap_or_default())?;
        left -= now;
    }
    Ok(())
}

fn is_continuation(byte: u8) -> bool {
    byte & 0xC0 == 0x80
}

/// More than the names and marks in an attachment or field, or around the attachments.
const NAMES: usize = 300;

/// How many characters `\u003c` has.
const ESCAPE: usize = 6;

const PADDING: &[u8] = &[b' '; 1024];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::post::{Action, Field};

    fn props(entries: Value, attachments: Vec<Attachment>) -> Props {
        let Value::Object(entries) = entries else { panic!("an object") };
        Props { attachments, entries }
    }

    /// INC-80 by writing it down.
    fn slow(props: &Props) -> usize {
        let mut json = props.to_json();
        for escaped in ["<", ">", "&", "\u{2028}", "\u{2029}", "\\b", "\\f"] {
            json = json.replace(escaped, "\\u0000");
        }
        json.chars().count()
    }

    #[test]
    fn agrees_with_the_points_of_reference() {
        let hook = json!({"from_webhook": "true", "webhook_display_name": ""});
        for (attachments, want) in [(0, 49), (1, 283), (2, 501), (3, 719)] {
            assert_eq!(
                props_runes(&props(hook.clone(), vec![Attachment::default(); attachments])),
                want,
                "{attachments}"
            );
        }
        assert_eq!(props_runes(&Props::default()), 2);
        assert_eq!(props_runes(&props(json!({}), vec![Attachment::default()])), 2 + 16 + 217);
    }

    #[test]
    fn counts_characters_and_escapes() {
        let cases = [
            (json!({"a": "本🎉"}), 10),
            (json!({"a": "<>&"}), 26),
            (json!({"<": 1}), 12),
            (json!({"a": "\u{2028}\u{2029}\u{2027}"}), 21),
            (json!({"a": "\"\\\n\r\t"}), 18),
            (json!({"a": "\u{8}\u{c}\u{1}/\u{7f}"}), 28),
            (json!({"a": [1, true, null, {}]}), 22),
        ];
        for (entries, want) in cases {
            assert_eq!(props_runes(&props(entries.clone(), Vec::new())), want, "{entries}");
        }
    }

    #[test]
    fn counts_numbers_by_their_shortest_text() {
        let cases = [
            (1.0, "1"),
            (-0.0, "-0"),
            (1.5, "1.5"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (1.25e300, "1.25e+300"),
            (0.000_001, "0.000001"),
            (-1.5e-7, "-1.5e-7"),
            (1_700_000_000.0, "1700000000"),
        ];
        for (value, want) in cases {
            assert_eq!(runes(&value), want.len(), "{value}");
        }
        assert_eq!(runes(&u64::MAX), 20);
        assert_eq!(runes(&i64::MIN), 20);
    }

    #[test]
    fn usual_props_need_no_counting() {
        let entries = json!({"from_webhook": "true", "card": [1, 2.5, {"a": null, "b": [true]}], "n": 1e300});
        let attachment = Attachment { ts: json!(1.5), fields: vec![Field::default(); 3], ..Attachment::default() };
        let props = props(entries, vec![attachment; 10]);
        assert!(is_surely_within(&props, 20_000));
        assert!(!is_surely_within(&props, props_runes(&props) - 1));
        assert!(!is_surely_within(&Props::default(), 1));
    }

    #[test]
    fn no_kind_of_value_is_taken_for_less_than_it_is() {
        let kinds = [
            json!(null),
            json!(false),
            json!(7),
            json!(u64::MAX),
            json!(-1.25e300),
            json!(""),
            json!("<\u{2028}"),
            json!([]),
            json!([[], 1]),
            json!({}),
            json!({"": {}}),
            json!({"a": [{}], "<": "\u{1}"}),
        ];
        for kind in kinds {
            let props = props(json!({"a": vec![kind.clone(); 1000]}), Vec::new());
            assert!(!is_surely_within(&props, props_runes(&props) - 1), "{kind}");
        }
    }

    #[test]
    fn no_attachment_is_taken_for_less_than_it_is_or_for_far_more() {
        let long = || "<".repeat(100);
        let field = |title, value| Field { title, value: Some(value), short: false };
        let action = Action { name: long().repeat(10), ..Action::default() };
        let attachments = [
            Attachment::default(),
            Attachment { id: i64::MIN, ts: json!(-1.25e300), ..Attachment::default() },
            Attachment { text: long(), footer_icon: long(), ..Attachment::default() },
            Attachment { fields: vec![field(long(), long()), field(long(), String::new())], ..Attachment::default() },
            Attachment { actions: vec![action], ..Attachment::default() },
        ];
        for attachment in attachments {
            let props = props(json!({}), vec![attachment; 10]);
            let runes = props_runes(&props);
            assert!(!is_surely_within(&props, runes - 1), "{props:?}");
            assert!(is_surely_within(&props, 3 * runes), "{props:?}");
        }
    }

    proptest! {
        #[test]
        fn counts_what_the_slow_way_counts(
            texts in prop::collection::vec("[a<>&\"\u{1}\u{8}\t\né\u{2028}\u{2029}\u{203a}🎉]{0,20}", 6),
            attachments in 0_usize..4,
        ) {
            let mut texts = texts.into_iter();
            let mut text = || texts.next().unwrap_or_default();
            let attachment = Attachment {
                text: text(),
                fields: vec![Field { title: text(), value: Some(text()), short: true }],
                ts: Value::String(text()),
                ..Attachment::default()
            };
            let entries = Map::from_iter([(text(), Value::String(text()))]);
            let props = Props { attachments: vec![attachment; attachments], entries };
            let runes = props_runes(&props);
            prop_assert_eq!(runes, slow(&props));
            prop_assert!(!is_surely_within(&props, runes - 1));
        }
    }
}
