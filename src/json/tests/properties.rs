//! What holds for any input.

use proptest::prelude::*;
use serde::de::IgnoredAny;

use super::*;

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
