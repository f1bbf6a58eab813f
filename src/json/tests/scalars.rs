//! Strings and numbers, case by case.

use std::borrow::Cow;

use serde_json::Number;

use super::*;

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
                borrowed |= index == 0 && matches!(text, Cow::Borrowed(_));
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
