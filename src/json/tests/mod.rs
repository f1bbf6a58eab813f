//! The rules of the door, case by case: structure, mistakes and limits.

use serde_json::{Map, Value, json};

use super::*;

mod properties;
mod scalars;

fn strict() -> Options {
    Options { rest: Rest::Refused, ..Options::default() }
}

fn value(bytes: impl AsRef<[u8]>) -> Result<Value, Mistake> {
    read(bytes.as_ref(), strict(), Reader::value)
}

fn skip(bytes: impl AsRef<[u8]>) -> Result<(), Mistake> {
    read(bytes.as_ref(), strict(), Reader::skip)
}

fn string(bytes: &[u8], options: Options) -> Result<String, Mistake> {
    read(bytes, options, |reader| reader.string().map(Into::into))
}

fn mended(bytes: &[u8]) -> Result<String, Mistake> {
    string(bytes, Options { raw_breaks: true, ..strict() })
}

/// What a decoder of a feature looks like.
#[derive(Debug, Default, PartialEq)]
struct Sample {
    text: String,
    flag: bool,
    count: Option<i64>,
    nested: Option<Box<Self>>,
    list: Vec<String>,
    props: Map<String, Value>,
}

impl Sample {
    fn decode(&mut self, reader: &mut Reader<'_>) -> Result<(), Mistake> {
        reader.object(|reader, name| match name {
            "text" => reader.text(&mut self.text),
            "flag" => reader.flag(&mut self.flag),
            "count" => {
                self.count = reader.optional(Reader::integer)?;
                Ok(())
            }
            "nested" => {
                reader.optional(|reader| self.nested.get_or_insert_default().decode(reader))?;
                Ok(())
            }
            "list" => reader.array(|reader, _| {
                self.list.push(reader.string()?.into_owned());
                Ok(())
            }),
            "props" => reader.map_into(&mut self.props),
            _ => Ok(()),
        })
    }

    fn read(text: &str, options: Options) -> Result<Self, Mistake> {
        let mut sample = Self::default();
        read(text.as_bytes(), options, |reader| sample.decode(reader))?;
        Ok(sample)
    }
}

#[test]
fn members_match_in_any_case_and_the_last_duplicate_wins() {
    let read = |text| Sample::read(text, strict()).unwrap();
    let text = |text: &str| Sample { text: text.to_owned(), ..Sample::default() };
    let cases = [
        (r#"{"TEXT":"a"}"#, text("a")),
        (r#"{"te\u0058t":"a"}"#, text("a")),
        (r#"{"text":"a","Text":"b"}"#, text("b")),
        (r#"{"Text":"a","text":"b"}"#, text("b")),
        (r#"{"text":"a\n","text":null}"#, text("a\n")),
        (r#"{"other":{"text":[1e999]},"":{},"text":"a"}"#, text("a")),
        (r#"{"flag":true,"flag":null,"count":1,"count":null}"#, Sample { flag: true, ..Sample::default() }),
    ];
    for (written, want) in cases {
        assert_eq!(read(written), want, "{written}");
    }
    let merged = read(r#"{"nested":{"text":"a"},"props":{"a":{"x":1},"A":1},"Nested":{"flag":true},"props":{"a":2}}"#);
    assert_eq!(merged.nested, Some(Box::new(Sample { flag: true, ..text("a") })));
    assert_eq!(Value::Object(merged.props), json!({"a": 2, "A": 1}));
}

#[test]
fn a_mistake_says_where_it_is_and_what_was_expected() {
    let cases = [
        ("", "expected an object (byte 0)"),
        (" \n", "expected an object (byte 2)"),
        ("[]", "expected an object (byte 0)"),
        ("\"text\"", "expected an object (byte 0)"),
        ("\u{feff}{}", "expected an object (byte 0)"),
        ("{", "expected the name of a member or `}` (byte 1)"),
        ("{,}", "expected the name of a member (byte 1)"),
        ("{]", "expected the name of a member (byte 1)"),
        ("{'a':1}", "expected the name of a member (byte 1)"),
        (r#"{"a":1,}"#, "expected the name of a member (byte 7)"),
        (r#"{"a"}"#, "expected `:` (byte 4)"),
        (r#"{"a":}"#, "`/a`: expected a value (byte 5)"),
        (r#"{"a":1 "b":1}"#, "expected `,` or `}` (byte 7)"),
        (r#"{"a":1"#, "expected `,` or `}` (byte 6)"),
        (r#"{"text":5}"#, "`/text`: expected a string (byte 8)"),
        (r#"{"Te\u0058t": 5}"#, "`/TeXt`: expected a string (byte 14)"),
        (r#"{"text":nul}"#, "`/text`: expected `true`, `false` or `null` (byte 11)"),
        (r#"{"flag":"true"}"#, "`/flag`: expected a boolean (byte 8)"),
        (r#"{"flag":truE}"#, "`/flag`: expected `true`, `false` or `null` (byte 11)"),
        (r#"{"count":"1"}"#, "`/count`: expected an integer (byte 9)"),
        (r#"{"list":null}"#, "`/list`: expected an array (byte 8)"),
        (r#"{"list":["a",{"b":1}]}"#, "`/list/1`: expected a string (byte 13)"),
        (r#"{"list":["a",]}"#, "`/list/1`: expected a string (byte 13)"),
        (r#"{"list":["a" "b"]}"#, "`/list`: expected `,` or `]` (byte 13)"),
        (r#"{"props":"x"}"#, "`/props`: expected an object (byte 9)"),
        (r#"{"props":{"a/b":[0,[1e400]]}}"#, "`/props/a~1b/1/0`: expected a number in the range of doubles (byte 20)"),
        (r#"{"nested":{"nested":{"list":[0]}}}"#, "`/nested/nested/list/0`: expected a string (byte 29)"),
        (r#"{"unknown":[{"a":[01]}]}"#, "`/unknown`: expected `,` or `]` (byte 19)"),
        (r#"{"text":"a"#, "`/text`: expected the end of a string literal (byte 10)"),
        ("{\"text\":\"a\n\"}", "`/text`: expected a string literal without raw control characters (byte 10)"),
        (r#"{"list":["#, "`/list`: expected a value or `]` (byte 9)"),
        (r#"{"text":"a\x"}"#, "`/text`: expected an escape (byte 11)"),
        (r#"{"text":"a\u00g0"}"#, "`/text`: expected a hexadecimal digit (byte 14)"),
        ("{} x", "expected nothing more (byte 3)"),
    ];
    for (written, want) in cases {
        assert_eq!(Sample::read(written, strict()).unwrap_err().to_string(), want, "{written}");
    }
}

#[test]
fn a_mistake_has_a_kind() {
    use MistakeKind::{Depth, End, Items, Range, Size, Syntax, Type};
    let limits = Options { max_bytes: 20, max_depth: 2, max_items: 3, ..strict() };
    let cases = [
        ("{\"list\":[[[]]]}", Type),
        ("{\"else\":[[]]}", Depth),
        ("{\"else\":[0,0,0]}", Items),
        ("{\"a\":0,\"b\":0,\"c\":0,  ", Size),
        ("{\"a\":0,\"b\":0,\"c\":0", End),
        ("{\"a\":[", End),
        ("{\"a\":\"\\", End),
        ("{\"a\":\"\\u12", End),
        ("{\"a\":-", End),
        ("{\"a\":tr", End),
        ("{\"count\":1e1}", Type),
        ("{\"props\":{\"a\":1e999", Range),
        ("{\"a\":.5}", Syntax),
    ];
    for (written, want) in cases {
        assert_eq!(Sample::read(written, limits).unwrap_err().kind(), want, "{written}");
    }
}

#[test]
fn the_rest_is_ignored_or_refused() {
    let ignored = Options::default();
    for text in ["{} x", "{}{}", " {}\u{feff}", "{}]"] {
        assert!(Sample::read(text, ignored).is_ok(), "{text}");
        assert!(Sample::read(text, strict()).is_err(), "{text}");
    }
    assert!(Sample::read("\t{} \r\n", strict()).is_ok());
    assert!(read(b"{}\xff", ignored, Reader::skip).is_ok());
    assert!(read(b"12 34", ignored, |_| Ok(())).is_ok(), "a value that is left unread is skipped");
    for nothing in ["", " ", "x", "[1", "[1,x]"] {
        assert!(read(nothing.as_bytes(), ignored, |_| Ok(())).is_err(), "{nothing}");
    }
}

#[test]
fn what_is_no_json_is_refused_by_every_way_of_reading() {
    let refused = [
        "",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "{\"a\",1}",
        "{a:1}",
        "{1:1}",
        "{\"a\":1,,}",
        "{\"a\" 1}",
        "'a'",
        "\"a",
        "\"\\u12\"",
        "\"\\U0041\"",
        "\"\\'\"",
        "\"\\u+041\"",
        "01",
        "-01",
        "+1",
        ".5",
        "1.",
        "1.e1",
        "1e",
        "1e+",
        "-",
        "--1",
        "0x1",
        "1_0",
        "NaN",
        "Infinity",
        "nul",
        "nulll",
        "True",
        "TRUE",
        "/**/1",
        "1//",
        "\u{a0}1",
        "\u{c}1",
        "\u{feff}1",
        "\0",
    ];
    for text in refused {
        assert!(value(text).is_err(), "{text:?}");
        assert!(skip(text).is_err(), "{text:?}");
        let inside = format!("[0, {text}");
        assert!(value(&inside).is_err() && skip(&inside).is_err(), "{inside:?}");
    }
}

#[test]
fn raw_gives_the_bytes_of_one_value() {
    for text in ["null", "\"T\\u0072ue\"", "-1e999", "[ 1, {\"a\" : [] } ]", "{}"] {
        let spaced = format!(" [ 1 , {text} , 2 ]");
        let mut found = Vec::new();
        read(spaced.as_bytes(), strict(), |reader| {
            reader.array(|reader, _| {
                found.push(reader.raw()?);
                Ok(())
            })
        })
        .unwrap();
        assert_eq!(found, [b"1", text.as_bytes(), b"2"]);
    }
}

#[test]
fn peek_tells_kinds_apart_and_reads_nothing() {
    let cases = [
        ("null", Kind::Null),
        (" true", Kind::Boolean),
        ("false", Kind::Boolean),
        ("-1", Kind::Number),
        ("\"\"", Kind::String),
        ("[]", Kind::Array),
        ("{}", Kind::Object),
    ];
    for (text, want) in cases {
        let kind = read(text.as_bytes(), strict(), |reader| {
            assert_eq!(reader.peek()?, reader.peek()?);
            reader.peek()
        });
        assert_eq!(kind, Ok(want), "{text}");
    }
    assert!(read(b" ", strict(), Reader::peek).is_err());
    assert!(read(b"x", strict(), Reader::peek).is_err());
}

#[test]
fn a_decoder_makes_mistakes_of_its_own() {
    let even = |text: &str| {
        read(text.as_bytes(), strict(), |reader| {
            reader.array(|reader, _| match reader.integer()? % 2 {
                0 => Ok(()),
                _ => Err(reader.mistake("an even number")),
            })
        })
    };
    assert_eq!(even("[2, 4]"), Ok(()));
    assert_eq!(even("[2, 3]").unwrap_err().to_string(), "`/1`: expected an even number (byte 4)");
    let nonempty = read(b" {\"a\": [1]}", strict(), |reader| {
        reader.value()?;
        Err::<(), _>(reader.mistake("less"))
    });
    assert_eq!(nonempty.unwrap_err().offset(), 1, "the place is where the whole value begins");
}

#[test]
fn an_attempt_drops_what_is_wrong_and_refuses_what_is_broken() {
    let samples = |text: &str| {
        let mut found = Vec::new();
        read(text.as_bytes(), strict(), |reader| {
            reader.array(|reader, _| {
                let mut sample = Sample::default();
                let attempt = reader.attempt(|reader| sample.decode(reader))?;
                found.push(attempt.map(|()| sample.text).map_err(|mistake| mistake.to_string()));
                Ok(())
            })?;
            assert!(!reader.nul_seen());
            Ok(())
        })?;
        Ok::<_, Mistake>(found)
    };
    assert_eq!(
        samples(r#"[{"text":"a"}, {"nested":{"text":"\u0000","flag":[[1]]},"list":[]}, 7, {"text":"b"}]"#),
        Ok(vec![
            Ok("a".into()),
            Err("`/nested/flag`: expected a boolean (byte 49)".into()),
            Err("expected an object (byte 68)".into()),
            Ok("b".into())
        ])
    );
    assert_eq!(samples(r#"[{"text":5,}]"#).unwrap_err().to_string(), "`/0`: expected the name of a member (byte 11)");
    let broken = samples(r#"[{"text":nope}]"#).unwrap_err();
    assert_eq!(broken.to_string(), "`/0/text`: expected `true`, `false` or `null` (byte 10)");
}

#[test]
fn nesting_is_bounded() {
    let nested = |depth: usize| format!("{}1{}", "[{\"a\":".repeat(depth / 2), "}]".repeat(depth / 2));
    for (depth, fine) in [(64, true), (66, false)] {
        assert_eq!(value(nested(depth)).is_ok(), fine, "{depth}");
        assert_eq!(skip(nested(depth)).is_ok(), fine, "{depth}");
    }
    let array = format!("[{}]", nested(64));
    for result in [value(&array).map(drop), skip(&array)] {
        let mistake = result.unwrap_err();
        assert_eq!((mistake.kind(), mistake.offset()), (MistakeKind::Depth, 1 + 32 * 6 - 5));
    }
    let beside = format!("[{}]", vec![nested(62); 100].join(","));
    assert!(value(&beside).is_ok() && skip(&beside).is_ok(), "only what is open counts");
    let deepest = Options { max_depth: u16::MAX, ..strict() };
    for (depth, fine) in [(128, true), (130, false)] {
        assert_eq!(read(nested(depth).as_bytes(), deepest, Reader::value).is_ok(), fine, "{depth}");
        assert_eq!(read(nested(depth).as_bytes(), deepest, Reader::skip).is_ok(), fine, "{depth}");
    }
    for opening in ["[", "{\"a\":", "[{\"\":"] {
        let bomb = opening.repeat(1_000_000 / opening.len());
        assert_eq!(value(&bomb).unwrap_err().kind(), MistakeKind::Depth);
        assert_eq!(skip(&bomb).unwrap_err().kind(), MistakeKind::Depth);
    }
}

#[test]
fn items_are_bounded() {
    let items = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    assert!(value(items(200_000)).is_ok());
    assert!(skip(items(200_000)).is_ok());
    assert_eq!(value(items(200_001)).unwrap_err().kind(), MistakeKind::Items);
    assert_eq!(skip(items(200_001)).unwrap_err().kind(), MistakeKind::Items);
    let few = Options { max_items: 4, ..strict() };
    for (text, fine) in [("[[],{\"a\":[1]}]", true), ("[[],{\"a\":[1,2]}]", false), ("[{\"\":0,\"a\":{}},0]", true)] {
        assert_eq!(read(text.as_bytes(), few, Reader::value).is_ok(), fine, "{text}");
        assert_eq!(read(text.as_bytes(), few, Reader::skip).is_ok(), fine, "{text}");
    }
}

#[test]
fn bytes_are_bounded() {
    let options = Options { max_bytes: 4, ..Options::default() };
    assert!(read(b"[1] ", options, Reader::skip).is_ok());
    assert_eq!(read(b"[1]  ", options, Reader::skip).unwrap_err().kind(), MistakeKind::Size);
}

#[test]
fn nothing_that_was_read_shows_in_debug() {
    let shown = read(b"[\"secret\"]", strict(), |reader| {
        let before = format!("{reader:?}");
        reader.skip()?;
        Ok(before + &format!("{reader:?}"))
    });
    assert!(!shown.unwrap().contains("secret"));
    let mistake = Sample::read(r#"{"flag":"secret"}"#, strict()).unwrap_err();
    assert!(!format!("{mistake} {mistake:?}").contains("secret"));
}
