//! What is sealed beside a hook.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use super::super::secrets::{DamagedSecrets, HookSecrets, SigningKeys, fresh_signing_secret};
use super::NOW;
use crate::id::{HookToken, Millis};

const HOUR: Duration = Duration::from_secs(3_600);
const TOKEN: &str = "ybndrfg8ejkmcpqxot1uwisza3";

fn bare() -> HookSecrets {
    HookSecrets { signing: None, token: HookToken::parse(TOKEN).unwrap() }
}

fn text(secrets: &HookSecrets) -> String {
    String::from_utf8(secrets.to_bytes()).unwrap()
}

fn counting(keys: &SigningKeys, now: Millis) -> Vec<&str> {
    keys.at(now).map(SecretString::expose_secret).collect()
}

#[test]
fn what_was_sealed_is_read() {
    let made = bare().rotated("whsec_a".into(), NOW, HOUR);
    let twice = made.clone().rotated("whsec_b".into(), NOW, HOUR);
    let cases = [
        (bare(), format!("{{\"token\":\"{TOKEN}\"}}")),
        (made, format!("{{\"token\":\"{TOKEN}\",\"secret\":\"whsec_a\"}}")),
        (
            twice,
            format!(
                "{{\"token\":\"{TOKEN}\",\"secret\":\"whsec_b\",\"previous\":\"whsec_a\",\
                 \"previous_valid_until\":1700003600000}}"
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
}

/// OUT-342.
#[test]
fn the_secret_before_counts_until_the_grace_is_over() {
    let end = Millis(NOW.0 + 3_600_000);
    let first = bare().rotated("whsec_a".into(), NOW, HOUR);
    let keys = first.signing.as_ref().unwrap();
    assert_eq!((counting(keys, NOW), keys.previous_valid_until(NOW)), (vec!["whsec_a"], None));
    let second = first.rotated("whsec_b".into(), NOW, HOUR);
    let keys = second.signing.as_ref().unwrap();
    let cases = [
        (NOW, vec!["whsec_b", "whsec_a"], Some(end)),
        (Millis(end.0 - 1), vec!["whsec_b", "whsec_a"], Some(end)),
        (end, vec!["whsec_b"], None),
        (Millis(end.0 + 1), vec!["whsec_b"], None),
    ];
    for (now, signing, until) in cases {
        assert_eq!((counting(keys, now), keys.previous_valid_until(now)), (signing, until), "{now:?}");
    }
    let third = second.rotated("whsec_c".into(), NOW, HOUR);
    assert_eq!(counting(third.signing.as_ref().unwrap(), NOW), ["whsec_c", "whsec_b"], "of two, the last");
}

#[test]
fn without_a_grace_the_secret_before_is_gone_at_once() {
    let twice = bare().rotated("whsec_a".into(), NOW, HOUR).rotated("whsec_b".into(), NOW, Duration::ZERO);
    assert!(twice.signing.as_ref().unwrap().previous.is_none());
    let always = bare().rotated("whsec_a".into(), NOW, HOUR).rotated("whsec_b".into(), NOW, Duration::MAX);
    assert_eq!(counting(always.signing.as_ref().unwrap(), Millis(i64::MAX - 1)).len(), 2);
}

#[test]
fn a_fresh_secret_is_base64_of_32_bytes() {
    let made = fresh_signing_secret([0xFF; 32]);
    assert_eq!(made.expose_secret(), "whsec_//////////////////////////////////////////8=");
}

#[test]
fn debug_does_not_leak() {
    let shown = format!("{:?}", bare().rotated("whsec_a".into(), NOW, HOUR).rotated("whsec_b".into(), NOW, HOUR));
    assert!(shown.contains("HookSecrets") && !shown.contains("whsec") && !shown.contains(TOKEN), "{shown}");
}
