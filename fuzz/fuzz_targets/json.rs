//! Foreign JSON. The input is the text.
//!
//! - What `serde_json` accepts is accepted, with the same value once its numbers follow the rule of `Reader::value`; and
//!   the other way round, unless the text has what only this reader takes: bytes that are no UTF-8, lone surrogates.
//! - `value`, `skip` and `raw` take the same bytes of any text, or fail at the same place.

#![no_main]

use jackfield::json::{self, MistakeKind, Options, Reader, Rest};
use libfuzzer_sys::fuzz_target;
use serde_json::{Number, Value};

fuzz_target!(|bytes: &[u8]| {
    compare_with_serde(bytes);
    for raw_breaks in [false, true] {
        compare_ways(bytes, Options { raw_breaks, ..Options::default() });
    }
});

fn compare_with_serde(bytes: &[u8]) {
    let options = Options { max_depth: SERDE_DEPTH, max_items: u32::MAX, rest: Rest::Refused, ..Options::default() };
    let ours = json::read(bytes, options, Reader::value);
    match serde_json::from_slice::<Value>(bytes) {
        Ok(theirs) => assert_eq!(ours.expect("what serde_json takes"), with_our_numbers(theirs)),
        Err(_) => assert!(ours.is_err() || is_beyond_serde(bytes), "serde_json takes no such text"),
    }
}

fn is_beyond_serde(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_err() || bytes.windows(3).any(|three| matches!(three, b"\\ud" | b"\\uD"))
}

fn with_our_numbers(value: Value) -> Value {
    match value {
        Value::Number(number) => Value::Number(our_number(&number)),
        Value::Array(items) => items.into_iter().map(with_our_numbers).collect(),
        Value::Object(members) => members.into_iter().map(|(name, value)| (name, with_our_numbers(value))).collect(),
        other => other,
    }
}

/// The double that is nearest, as an integer where it is one of 64 bits, `-0` excepted.
fn our_number(number: &Number) -> Number {
    let double = number.as_f64().expect("every number has a double");
    let is_integer = double.fract() == 0.0 && double.abs() < TWO_TO_63 && (double != 0.0 || double.is_sign_positive());
    if is_integer { (double as i64).into() } else { Number::from_f64(double).expect("a finite number") }
}

fn compare_ways(bytes: &[u8], options: Options) {
    let skipped = json::read(bytes, options, Reader::skip);
    let raw = json::read(bytes, options, Reader::raw);
    let value = json::read(bytes, options, Reader::value);
    let unread = json::read(bytes, options, |_| Ok(()));
    assert_eq!(raw.as_ref().map(drop), skipped.as_ref().map(drop));
    assert_eq!(unread, skipped);
    match (&value, &skipped) {
        (Ok(_), Ok(())) => {}
        (Err(mistake), _) if mistake.kind() == MistakeKind::Range => {} // numbers are skipped whatever they are
        (Err(mistake), Err(other)) => {
            assert_eq!((mistake.kind(), mistake.offset()), (other.kind(), other.offset()));
        }
        (value, skipped) => panic!("read as {value:?}, skipped as {skipped:?}"),
    }
    if let (Ok(raw), Ok(value)) = (raw, value) {
        let alone = Options { rest: Rest::Refused, ..options };
        assert_eq!(json::read(raw, alone, Reader::value), Ok(value));
    }
}

/// How deep `serde_json` goes.
const SERDE_DEPTH: u16 = 127;

const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
