//! The rules of the door, case by case, and what holds for any input.

use proptest::prelude::*;
use serde::de::IgnoredAny;
use serde_json::{Map, Number, Value, json};

use super::*;

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
fn strings_are_repaired_where_they_are_no_text() {
    let cases: &[(&[u8], &str)] = &[
        (br#""""#, ""),
        (br#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{c}\n\r\t"),
        ("\"\u{7f}é\u{2028}😀\"".as_bytes(), "\u{7f}é\u{2028}😀"),
        (br#""\u00e9\u00E9\u0041""#, "ééA"),
        (br#""\ud83d\ude00""#, "😀"),
        (br#""\uDBFF\uDFFF""#, "\u{10FFFF}"),
        (br#""\ud800""#, "\u{FFFD}"),
        (br#""\udc00\ud800""#, "\u{FFFD}\u{FFFD}"),
        (br#""\ud800x""#, "\u{FFFD}x"),
        (br#""\ud800\n""#, "\u{FFFD}\n"),
        (br#""\ud800\u0041""#, "\u{FFFD}A"),
        (br#""\ud800\ud83d\ude00""#, "\u{FFFD}😀"),
        (b"\"a\xffb\"", "a\u{FFFD}b"),
        (b"\"\xe2\x82\"", "\u{FFFD}\u{FFFD}"),
        (b"\"\xe2\x82\xac\xe2\x82\"", "€\u{FFFD}\u{FFFD}"),
        (b"\"\xf0\x9f\x98x\"", "\u{FFFD}\u{FFFD}\u{FFFD}x"),
        (b"\"\xed\xa0\x80\"", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        (b"\"\xc0\x80\"", "\u{FFFD}\u{FFFD}"),
        (b"\"\xf4\x90\x80\x80\"", "\u{FFFD}\u{FFFD}\u{FFFD}\u{FFFD}"),
        (b"\"\xe2\\n\x82\xac\"", "\u{FFFD}\n\u{FFFD}\u{FFFD}"),
        (b"\"\xff\xe2\x82\xac\\u20ac\"", "\u{FFFD}€€"),
    ];
    for (written, want) in cases {
        let shown = String::from_utf8_lossy(written);
        assert_eq!(string(written, strict()).as_deref(), Ok(*want), "{shown}");
        assert_eq!(mended(written).as_deref(), Ok(*want), "{shown}");
        // The same where something else in the input is no UTF-8.
        assert_eq!(string(&[written, &b"\xff"[..]].concat(), Options::default()).as_deref(), Ok(*want), "{shown}");
    }
}

#[test]
fn text_that_needs_no_change_is_borrowed() {
    for bytes in [&b"[\"abcdefgh ijklmnop\"]"[..], b"[\"caf\xc3\xa9\", \"\xff\"]"] {
        let borrowed = read(bytes, strict(), |reader| {
            let mut borrowed = false;
            reader.array(|reader, index| {
                let text = reader.string()?;
                borrowed |= index == 0 && matches!(text, std::borrow::Cow::Borrowed(_));
                Ok(())
            })?;
            Ok(borrowed)
        });
        assert_eq!(borrowed, Ok(true));
    }
}

#[test]
fn control_characters_in_strings_are_mistakes() {
    for byte in 0..0x20_u8 {
        for written in [vec![b'"', b'a', byte, b'"'], vec![b'"', b'\\', byte, b'"']] {
            assert!(string(&written, strict()).is_err(), "{byte}");
            assert_eq!(skip(&written).is_err(), string(&written, strict()).is_err(), "{byte}");
            assert_eq!(mended(&written).is_ok(), matches!(byte, b'\n' | b'\t' | b'\r'), "{byte}");
        }
    }
}

#[test]
fn raw_breaks_are_read_as_if_they_had_been_escaped() {
    let options = Options { raw_breaks: true, ..strict() };
    let cases = [
        ("{\"text\":\"a\nb\tc\"}", "a\nb\tc"),
        ("{\"text\":\"say \\\"hi\\\"\nok\"}", "say \"hi\"\nok"),
        ("{\"Te\\u0058t\":\"a\r\nb\"}", "a\r\nb"),
        ("{\"text\":\n\"a\nb\"}", "a\nb"),
        ("{\"text\":\"a\nb\\\\\",\"username\":\"u\"}", "a\nb\\"),
        ("{\"text\":\"a\\\n\\\t\\\rb\"}", "a\\n\\t\\rb"),
        ("{\"other\":\"a\nb\\\nc\",\"text\":\"x\"}", "x"),
        ("{\"other\n\":{\"\t\":0},\"text\":\"x\"}", "x"),
    ];
    for (written, want) in cases {
        assert_eq!(Sample::read(written, options).unwrap().text, want, "{written:?}");
        assert!(Sample::read(written, strict()).is_err() || written.contains(":\n\"x"), "{written:?}");
    }
    assert!(Sample::read("{\"text\":\"a\u{b}b\"}", options).is_err());
}

#[test]
fn nul_is_noticed_where_it_is_kept() {
    let seen = |text: &str, decode: fn(&mut Reader<'_>) -> Result<(), Mistake>| {
        read(text.as_bytes(), strict(), |reader| {
            decode(reader)?;
            let seen = reader.nul_seen();
            reader.clear_nul();
            assert!(!reader.nul_seen());
            Ok(seen)
        })
        .unwrap()
    };
    let sample = |reader: &mut Reader<'_>| Sample::default().decode(reader);
    assert!(seen(r#""a\u0000""#, |reader| reader.string().map(drop)));
    assert!(seen(r#""a\u0000""#, |reader| reader.text(&mut String::new())));
    assert!(!seen(r#""a\\u0000""#, |reader| reader.string().map(drop)));
    assert!(!seen(r#""a\u0000""#, |reader| reader.skip()));
    assert!(!seen(r#""a\u0000""#, |reader| reader.raw().map(drop)));
    assert!(seen(r#"[{"a":["\u0000"]}]"#, |reader| reader.value().map(drop)));
    assert!(seen(r#"{"\u0000":1}"#, |reader| reader.value().map(drop)));
    assert!(seen(r#"{"props":{"a":"\u0000","a":"b"}}"#, sample));
    assert!(!seen(r#"{"\u0000":1,"unknown":"\u0000","text":"\n"}"#, sample));
}

#[test]
fn integers_are_written_as_integers() {
    let integer = |text: &str| read(text.as_bytes(), strict(), Reader::integer);
    for want in [0, 1, -1, 42, i64::MAX, i64::MIN] {
        assert_eq!(integer(&want.to_string()), Ok(want));
    }
    assert_eq!(integer("-0"), Ok(0));
    let refused = [
        "1.0",
        "1e2",
        "\"1\"",
        "true",
        "null",
        "9223372036854775808",
        "-9223372036854775809",
        "01",
        "+1",
        "-",
        "",
        "1x",
    ];
    for text in refused {
        assert!(integer(text).is_err(), "{text}");
    }
}

#[test]
fn numbers_are_doubles_kept_as_integers_where_they_are_integral() {
    let cases: &[(&str, Number)] = &[
        ("42", 42.into()),
        ("1.0", 1.into()),
        ("1e2", 100.into()),
        ("-1.5E+1", (-15).into()),
        ("0e5", 0.into()),
        ("1e-400", 0.into()),
        ("999999999999999", 999_999_999_999_999_i64.into()),
        ("9007199254740993", 9_007_199_254_740_992_i64.into()),
        ("9223372036854774784", 9_223_372_036_854_774_784_i64.into()),
        ("0.1", Number::from_f64(0.1).unwrap()),
        ("-0", Number::from_f64(-0.0).unwrap()),
        ("-0.0e7", Number::from_f64(-0.0).unwrap()),
        ("9223372036854775807", Number::from_f64(9_223_372_036_854_775_808.0).unwrap()),
        ("-9223372036854775808", Number::from_f64(-9_223_372_036_854_775_808.0).unwrap()),
        ("18446744073709551615", Number::from_f64(18_446_744_073_709_551_616.0).unwrap()),
        ("1.7976931348623157e308", Number::from_f64(f64::MAX).unwrap()),
    ];
    for (text, want) in cases {
        assert_eq!(value(text), Ok(Value::Number(want.clone())), "{text}");
    }
    assert_eq!(value("-0").unwrap().to_string(), "-0.0");
    for text in ["1e400", "-1e309", &"9".repeat(400)] {
        assert_eq!(value(text).map_err(|mistake| mistake.kind()), Err(MistakeKind::Range), "{text}");
        assert_eq!(skip(text), Ok(()), "{text}");
    }
}

#[test]
fn the_text_of_a_number_is_short_and_exact() {
    let cases = [
        ("1", "1"),
        ("1.0", "1"),
        ("1.5", "1.5"),
        ("0", "0"),
        ("-0", "-0"),
        ("100000", "100000"),
        ("123456.75", "123456.75"),
        ("999999.5", "999999.5"),
        ("1000000", "1e+06"),
        ("-1234567", "-1.234567e+06"),
        ("123456789", "1.23456789e+08"),
        ("0.0001", "0.0001"),
        ("0.00012345", "0.00012345"),
        ("0.00001", "1e-05"),
        ("-0.0000125", "-1.25e-05"),
        ("1e100", "1e+100"),
        ("5e-324", "5e-324"),
        ("0.30000000000000004", "0.30000000000000004"),
        ("9007199254740993", "9.007199254740992e+15"),
    ];
    for (text, want) in cases {
        assert_eq!(number_text(value(text).unwrap().as_f64().unwrap()), want, "{text}");
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
    assert_eq!(samples(r#"[{"text":nope}]"#).unwrap_err().kind(), MistakeKind::Syntax);
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

/// Any value, with numbers of every sort.
fn any_value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i16>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        "[a-z\"\\\\\n\t\u{0}é😀]{0,40}".prop_map(Value::from),
    ];
    scalar.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any::<String>(), inner), 0..6).prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// The rule of numbers, applied to a value that was made and not read.
fn as_read(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let double = number.as_f64().unwrap();
            let exact = format!("{double:.0}");
            match exact.parse::<i64>() {
                Ok(integer) if double.fract() == 0.0 && exact != "-0" && integer != i64::MIN => integer.into(),
                _ => double.into(),
            }
        }
        Value::Array(elements) => elements.into_iter().map(as_read).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, as_read(value))).collect(),
        other => other,
    }
}

/// Text that is often nearly JSON.
fn nearly_json() -> impl Strategy<Value = String> {
    let pieces = [
        "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "\\n", "\\u0041", "\\ud800", "u", "1", "0", "-", ".5", "e",
        "E+1", "true", "null", "false", " ", "\n", "é", "\u{1}", "\"\":", "[]", "{}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12).prop_map(|pieces| pieces.concat())
}

/// A document with one piece taken out, put in or doubled.
fn damaged_json() -> impl Strategy<Value = String> {
    (any_value(), any::<prop::sample::Index>(), 0_usize..3, nearly_json()).prop_map(|(value, place, cut, put)| {
        let characters: Vec<char> = value.to_string().chars().collect();
        let place = place.index(characters.len());
        let end = (place + cut).min(characters.len());
        let put = put.chars().take(2);
        characters[..place].iter().copied().chain(put).chain(characters[end..].iter().copied()).collect()
    })
}

proptest! {
    #[test]
    fn any_document_is_read_as_it_was_meant(value_made in any_value()) {
        let compact = value_made.to_string();
        let pretty = serde_json::to_string_pretty(&value_made).unwrap();
        let want = as_read(value_made);
        prop_assert_eq!(value(&compact).unwrap(), want.clone());
        prop_assert_eq!(value(&pretty).unwrap(), want);
        prop_assert_eq!(read(compact.as_bytes(), strict(), Reader::raw).unwrap(), compact.as_bytes());
    }

    #[test]
    fn json_is_what_another_parser_takes_for_json(text in prop_oneof![nearly_json(), damaged_json()]) {
        let other = serde_json::from_str::<IgnoredAny>(&text).is_ok();
        prop_assert_eq!(skip(&text).is_ok(), other);
    }

    #[test]
    fn every_way_of_reading_agrees(
        bytes in prop_oneof![
            nearly_json().prop_map(String::into_bytes),
            damaged_json().prop_map(String::into_bytes),
            prop::collection::vec(any::<u8>(), 0..40),
            prop::collection::vec(any::<u8>(), 0..20).prop_map(|bytes| [&b"[\""[..], &bytes, b"\"]"].concat()),
        ],
        raw_breaks in any::<bool>(),
        rest in prop::sample::select(vec![Rest::Ignored, Rest::Refused]),
    ) {
        let options = Options { raw_breaks, rest, ..Options::default() };
        let skipped = read(&bytes, options, Reader::skip);
        let kept = read(&bytes, options, Reader::value);
        match (&skipped, &kept) {
            (Ok(()), Ok(_)) => {}
            (Ok(()), Err(mistake)) => prop_assert_eq!(mistake.kind(), MistakeKind::Range),
            (Err(one), Err(other)) if other.kind() != MistakeKind::Range => {
                prop_assert_eq!((one.kind(), one.offset(), one.expected()), (other.kind(), other.offset(), other.expected()));
            }
            (Err(_), Err(_)) => {}
            (Err(_), Ok(_)) => prop_assert!(false, "kept what cannot be skipped"),
        }
        if skipped.is_ok() {
            let raw = read(&bytes, options, Reader::raw).unwrap();
            prop_assert_eq!(read(raw, Options { rest: Rest::Refused, ..options }, Reader::skip), Ok(()));
        }
        if kept.is_ok() {
            prop_assert_eq!(read(&bytes, Options { raw_breaks: true, ..options }, Reader::value), kept);
        }
        let mut sample = Sample::default();
        if read(&bytes, options, |reader| sample.decode(reader)).is_ok() {
            prop_assert!(skipped.is_ok());
        }
    }

    #[test]
    fn strings_are_repaired_byte_by_byte(bytes in prop::collection::vec(0x80_u8.., 0..12), ascii in "[a-z]{0,3}") {
        let written = [b"\"", &bytes[..], ascii.as_bytes(), b"\""].concat();
        let mut want = String::new();
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            let length = (1..=rest.len().min(4)).find(|length| std::str::from_utf8(&rest[..*length]).is_ok());
            want.push_str(length.map_or("\u{FFFD}", |length| std::str::from_utf8(&rest[..length]).unwrap()));
            rest = &rest[length.unwrap_or(1)..];
        }
        prop_assert_eq!(string(&written, strict()).unwrap(), want + &ascii);
    }

    #[test]
    fn the_text_of_a_number_reads_as_the_same_number(double in any::<f64>()) {
        prop_assert_eq!(number_text(double).parse::<f64>().unwrap().to_bits(), double.to_bits());
    }
}
