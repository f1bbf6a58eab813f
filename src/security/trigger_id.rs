//! Trigger ids: what lets an integration open a dialog for one user, for a while (ACT-85 to ACT-88, ACT-95, CMD-100).
//!
//! A trigger id says for whom it is and when it was made, in clear; an HMAC-SHA-256 over that shows that it was made here.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;
use time::Duration;

use super::keys::Keyring;
use crate::id::{Millis, TriggerId, UserId};

/// A trigger id that was made here and still lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct OpenedTrigger {
    /// What the user's client knows it by.
    pub(crate) client: TriggerId,
    /// When it was made.
    pub(crate) made_at: Millis,
    /// For whom.
    pub(crate) user_id: UserId,
}

/// Why a trigger id opens nothing (ACT-87, ACT-95), in the order in which it is found.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum InvalidTriggerId {
    /// The whole is no base64.
    #[error("the trigger id is no base64")]
    Base64,
    /// It has more or fewer parts than four.
    #[error("the trigger id lacks a part")]
    MissingData,
    /// It is too old.
    #[error("the trigger id has expired")]
    Expired,
    /// Its signature is no base64.
    #[error("the signature of the trigger id is no base64")]
    SignatureBase64,
    /// Its signature is too short to be one.
    #[error("the signature of the trigger id is none")]
    SignatureDecode,
    /// Its signature is another's.
    #[error("the signature of the trigger id does not match")]
    Signature,
}

impl InvalidTriggerId {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Base64 => "interactive_message.decode_trigger_id.base64_decode_failed",
            Self::MissingData => "interactive_message.decode_trigger_id.missing_data",
            Self::Expired => "interactive_message.decode_trigger_id.expired",
            Self::SignatureBase64 => "interactive_message.decode_trigger_id.base64_decode_failed_signature",
            Self::SignatureDecode => "interactive_message.decode_trigger_id.signature_decode_failed",
            Self::Signature => "interactive_message.decode_trigger_id.verify_signature_failed",
        }
    }
}

/// Makes the trigger id that an integration gets.
pub(crate) fn sign(keys: &Keyring, client: TriggerId, user_id: UserId, now: Millis) -> String {
    let payload = format!("{client}:{user_id}:{}:", now.0);
    let signature = STANDARD.encode(keys.first().trigger(payload.as_bytes()));
    STANDARD.encode(payload + &signature)
}

/// Opens a trigger id that an integration sent.
///
/// # Errors
///
/// It was not made here, or too long ago: more than `lifetime`.
#[cfg_attr(not(test), expect(dead_code, reason = "dialogs open them"))]
pub(crate) fn open(
    keys: &Keyring,
    text: &str,
    now: Millis,
    lifetime: Duration,
) -> Result<OpenedTrigger, InvalidTriggerId> {
    let bytes = STANDARD.decode(text).map_err(|_| InvalidTriggerId::Base64)?;
    let parts: Vec<_> = bytes.split(|byte| *byte == b':').collect();
    let [client, user, made_at, signature] = parts[..] else { return Err(InvalidTriggerId::MissingData) };
    let text = |part| std::str::from_utf8(part).unwrap_or_default();
    let made_at = Millis(text(made_at).parse().unwrap_or(0));
    if made_at < now.minus(lifetime) {
        return Err(InvalidTriggerId::Expired);
    }
    let given = STANDARD.decode(signature).map_err(|_| InvalidTriggerId::SignatureBase64)?;
    if given.len() < SHORTEST_SIGNATURE {
        return Err(InvalidTriggerId::SignatureDecode);
    }
    let payload = bytes.get(..bytes.len().saturating_sub(signature.len())).unwrap_or_default();
    let any = keys.all().map(|keys| keys.trigger(payload).ct_eq(&given)).fold(Choice::from(0), |any, one| any | one);
    let ids = TriggerId::parse(text(client)).ok().zip(UserId::parse(text(user)).ok());
    let (client, user_id) = ids.filter(|_| any.into()).ok_or(InvalidTriggerId::Signature)?;
    Ok(OpenedTrigger { client, made_at, user_id })
}

/// Fewer bytes are no signature of any kind (ACT-95).
const SHORTEST_SIGNATURE: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::security::MasterKey;

    const NOW: Millis = Millis(1_700_000_000_000);
    const LIFETIME: Duration = Duration::seconds(30);

    fn ring(keys: &[u8]) -> Keyring {
        let keys: Vec<_> = keys.iter().map(|byte| MasterKey::new([*byte; 32])).collect();
        Keyring::new(&keys).unwrap()
    }

    fn ids() -> (TriggerId, UserId) {
        (TriggerId::from_random([1; 16]), UserId::from_random([2; 16]))
    }

    fn made(keys: &Keyring) -> String {
        sign(keys, ids().0, ids().1, NOW)
    }

    #[test]
    fn opens_what_was_made_with_any_of_the_keys() {
        let opened = OpenedTrigger { client: ids().0, made_at: NOW, user_id: ids().1 };
        assert_eq!(open(&ring(&[1]), &made(&ring(&[1])), NOW, LIFETIME), Ok(opened));
        assert_eq!(open(&ring(&[2, 1]), &made(&ring(&[1])), NOW, LIFETIME), Ok(opened));
        assert_eq!(open(&ring(&[2]), &made(&ring(&[1])), NOW, LIFETIME), Err(InvalidTriggerId::Signature));
    }

    #[test]
    fn is_the_envelope_of_the_specification() {
        let decoded = STANDARD.decode(made(&ring(&[1]))).unwrap();
        let text = String::from_utf8(decoded).unwrap();
        let parts: Vec<_> = text.split(':').collect();
        assert_eq!(parts[..3], [ids().0.as_str(), ids().1.as_str(), "1700000000000"]);
        assert_eq!(STANDARD.decode(parts[3]).unwrap().len(), 32);
    }

    #[test]
    fn lives_as_long_as_it_is_told_to() {
        let keys = ring(&[1]);
        for (age, want) in [(-60_000, true), (0, true), (30_000, true), (30_001, false), (i64::MAX - NOW.0, false)] {
            let opened = open(&keys, &made(&keys), Millis(NOW.0 + age), LIFETIME);
            assert_eq!(opened.err(), (!want).then_some(InvalidTriggerId::Expired), "{age}");
        }
    }

    #[test]
    fn says_what_is_wrong_in_the_order_of_the_table() {
        let keys = ring(&[1]);
        let text = String::from_utf8(STANDARD.decode(made(&keys)).unwrap()).unwrap();
        let (payload, signature) = text.split_at(text.rfind(':').unwrap() + 1);
        let signed = |signature: &[u8]| format!("{payload}{}", STANDARD.encode(signature));
        let mut other = STANDARD.decode(signature).unwrap();
        other[0] ^= 1;
        let cases = [
            (String::new(), InvalidTriggerId::MissingData),
            ("a:b:c".to_owned(), InvalidTriggerId::MissingData),
            (format!("{text}:"), InvalidTriggerId::MissingData),
            (text.replace(&NOW.0.to_string(), "soon"), InvalidTriggerId::Expired),
            (text.replace(&NOW.0.to_string(), "5"), InvalidTriggerId::Expired),
            (format!("{payload}!!!"), InvalidTriggerId::SignatureBase64),
            (payload.to_owned(), InvalidTriggerId::SignatureDecode),
            (signed(&[7; 7]), InvalidTriggerId::SignatureDecode),
            (signed(&[7; 8]), InvalidTriggerId::Signature),
            (signed(&[7; 32]), InvalidTriggerId::Signature),
            (signed(&other), InvalidTriggerId::Signature),
            (signed(&other[..31]), InvalidTriggerId::Signature),
            (text.replace(&NOW.0.to_string(), "1700000000001"), InvalidTriggerId::Signature),
            (text.replace(ids().1.as_str(), ids().0.as_str()), InvalidTriggerId::Signature),
        ];
        for (inner, want) in cases {
            assert_eq!(open(&keys, &STANDARD.encode(&inner), NOW, LIFETIME), Err(want), "{inner}");
        }
        for text in ["!", "a", "YQ"] {
            assert_eq!(open(&keys, text, NOW, LIFETIME), Err(InvalidTriggerId::Base64), "{text}");
        }
        let raw = [b"\xFF:\xFF:1700000000000:".as_slice(), STANDARD.encode([0; 32]).as_bytes()].concat();
        assert_eq!(open(&keys, &STANDARD.encode(raw), NOW, LIFETIME), Err(InvalidTriggerId::Signature));
    }

    #[test]
    fn each_mistake_has_the_id_that_clients_know() {
        use InvalidTriggerId::{Base64, Expired, MissingData, Signature, SignatureBase64, SignatureDecode};
        let cases = [
            (Base64, "base64_decode_failed"),
            (MissingData, "missing_data"),
            (Expired, "expired"),
            (SignatureBase64, "base64_decode_failed_signature"),
            (SignatureDecode, "signature_decode_failed"),
            (Signature, "verify_signature_failed"),
        ];
        for (mistake, want) in cases {
            assert_eq!(mistake.id(), format!("interactive_message.decode_trigger_id.{want}"));
        }
    }
}
