//! What is sealed beside a hook.

use std::time::Duration;

use super::super::secrets::{DamagedSecrets, HookSecrets, SigningKeys};
use super::NOW;
use crate::id::{HookToken, Millis};
use crate::security::SigningSecret;

const HOUR: Duration = Duration::from_secs(3_600);
const TOKEN: &str = "ybndrfg8ejkmcpqxot1uwisza3";

fn bare() -> HookSecrets {
    HookSecrets { signing: None, token: HookToken::parse(TOKEN).unwrap() }
}

fn text(secrets: &HookSecrets) -> String {
    String::from_utf8(secrets.to_bytes()).unwrap()
}

/// The secret of this number, and how it is written.
fn secret(number: u8) -> SigningSecret {
    SigningSecret::from_random([number; 32])
}

fn written(number: u8) -> String {
    secret(number).expose()
}

fn counting(keys: &SigningKeys, now: Millis) -> Vec<String> {
    keys.at(now).map(SigningSecret::expose).collect()
}

#[test]
fn what_was_sealed_is_read() {
    let made = bare().rotated(secret(1), NOW, HOUR);
    let twice = made.clone().rotated(secret(2), NOW, HOUR);
    let cases = [
        (bare(), format!("{{\"token\":\"{TOKEN}\"}}")),
        (made, format!("{{\"token\":\"{TOKEN}\",\"secret\":\"{}\"}}", written(1))),
        (
            twice,
            format!(
                "{{\"token\":\"{TOKEN}\",\"secret\":\"{}\",\"previous\":\"{}\",\
                 \"previous_valid_until\":1700003600000}}",
                written(2),
                written(1),
            ),
        ),
    ];
    for (secrets, want) in cases {
        assert_eq!(text(&secrets), want);
        assert_eq!(text(&HookSecrets::from_bytes(want.as_bytes()).unwrap()), want);
    }
}

#[test]
fn what_was_not_sealed_so_is_damaged() {
    for wrong in ["", "{}", "[]", r#"{"token":"short"}"#, r#"{"token":5}"#, r#"{"secret":"whsec_a"}"#] {
        assert_eq!(HookSecrets::from_bytes(wrong.as_bytes()).unwrap_err(), DamagedSecrets, "{wrong}");
    }
    let sound = written(1);
    for keys in [r#""secret":"whsec_a""#.to_owned(), format!(r#""secret":"{sound}","previous":"x""#)] {
        let wrong = format!("{{\"token\":\"{TOKEN}\",{keys}}}");
        assert_eq!(HookSecrets::from_bytes(wrong.as_bytes()).unwrap_err(), DamagedSecrets, "{wrong}");
    }
}

/// OUT-342.
#[test]
fn the_secret_before_counts_until_the_grace_is_over() {
    let end = Millis(NOW.0 + 3_600_000);
    let first = bare().rotated(secret(1), NOW, HOUR);
    let keys = first.signing.as_ref().unwrap();
    assert_eq!((counting(keys, NOW), keys.previous_valid_until(NOW)), (vec![written(1)], None));
    let second = first.rotated(secret(2), NOW, HOUR);
    let keys = second.signing.as_ref().unwrap();
    let cases = [
        (NOW, vec![written(2), written(1)], Some(end)),
        (Millis(end.0 - 1), vec![written(2), written(1)], Some(end)),
        (end, vec![written(2)], None),
        (Millis(end.0 + 1), vec![written(2)], None),
    ];
    for (now, signing, until) in cases {
        assert_eq!((counting(keys, now), keys.previous_valid_until(now)), (signing, until), "{now:?}");
    }
    let third = second.rotated(secret(3), NOW, HOUR);
    assert_eq!(counting(third.signing.as_ref().unwrap(), NOW), [written(3), written(2)], "of two, the last");
}

#[test]
fn without_a_grace_the_secret_before_is_gone_at_once() {
    let twice = bare().rotated(secret(1), NOW, HOUR).rotated(secret(2), NOW, Duration::ZERO);
    assert!(twice.signing.as_ref().unwrap().previous.is_none());
    let always = bare().rotated(secret(1), NOW, HOUR).rotated(secret(2), NOW, Duration::MAX);
    assert_eq!(counting(always.signing.as_ref().unwrap(), Millis(i64::MAX - 1)).len(), 2);
}

#[test]
fn debug_does_not_leak() {
    let shown = format!("{:?}", bare().rotated(secret(1), NOW, HOUR).rotated(secret(2), NOW, HOUR));
    assert!(
        shown.contains("HookSecrets") && !shown.contains("1, 1") && !shown.contains("AQEB") && !shown.contains(TOKEN),
        "{shown}"
    );
}
