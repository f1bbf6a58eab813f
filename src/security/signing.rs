//! Signed requests, as Standard Webhooks 1.0.0 says (OUT-340 to OUT-345).
//!
//! What is signed is the id, the time in seconds and the very bytes of the body. A secret belongs to one integration;
//! while one replaces another, both sign, and who receives accepts any of them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use http::header::InvalidHeaderValue;
use http::{HeaderMap, HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};
use thiserror::Error;

/// The header that names the delivery: the same on every attempt.
pub(crate) const ID: HeaderName = HeaderName::from_static("webhook-id");

/// The header that holds the signatures.
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("webhook-signature");

/// The header that holds the time of the attempt, in seconds.
pub(crate) const TIMESTAMP: HeaderName = HeaderName::from_static("webhook-timestamp");

/// A key for signatures: 24 to 64 bytes, written as `whsec_` and base64.
///
/// ```
/// use std::time::Duration;
///
/// use http::{HeaderMap, HeaderValue};
/// use jackfield::security::SigningSecret;
///
/// let secret = SigningSecret::parse("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX")?;
/// let mut headers = HeaderMap::new();
/// headers.insert("webhook-id", HeaderValue::from_static("out_1"));
/// headers.insert("webhook-timestamp", HeaderValue::from_static("1760000000"));
/// headers.insert("webhook-signature", HeaderValue::try_from(secret.sign("out_1", 1_760_000_000, b"{}"))?);
/// assert!(secret.verify(&headers, b"{}", 1_760_000_100, Duration::from_secs(300)).is_ok());
/// assert!(secret.verify(&headers, b"{ }", 1_760_000_100, Duration::from_secs(300)).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SigningSecret(SecretSlice<u8>);

/// The text is no secret for signatures.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a signing secret is `whsec_` and the base64 of 24 to 64 bytes")]
pub struct InvalidSigningSecret;

/// Why a request is not shown to come from who holds the secret.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum SignatureError {
    /// Id, time or signatures are not there, more than once there, or no text.
    #[error("the request has not just one of each of `webhook-id`, `webhook-timestamp` and `webhook-signature`")]
    Headers,
    /// No signature is that of a secret.
    #[error("no signature of the request is made with the secret")]
    Mismatch,
    /// The request is older or newer than is tolerated.
    #[error("the request was signed too long ago, or in the future")]
    Time,
    /// The time is no number of seconds.
    #[error("`webhook-timestamp` is no number of seconds")]
    Timestamp,
}

impl SigningSecret {
    /// Takes 32 bytes from a source fit for secrets.
    pub(crate) fn from_random(bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        Self(SecretSlice::from(bytes.to_vec()))
    }

    /// Takes a secret as it is written.
    ///
    /// # Errors
    ///
    /// It does not begin with `whsec_`, is no base64 with padding, or has fewer than 24 or more than 64 bytes.
    pub fn parse(text: &str) -> Result<Self, InvalidSigningSecret> {
        let encoded = text.strip_prefix(PREFIX).ok_or(InvalidSigningSecret)?;
        let bytes = STANDARD.decode(encoded).map(SecretSlice::from).map_err(|_| InvalidSigningSecret)?;
        if (24..=64).contains(&bytes.expose_secret().len()) { Ok(Self(bytes)) } else { Err(InvalidSigningSecret) }
    }

    /// Hands out the secret as it is written; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> String {
        format!("{PREFIX}{}", Zeroizing::new(STANDARD.encode(self.0.expose_secret())).as_str())
    }

    /// Returns the signature of a request, as `v1,` and base64.
    #[must_use]
    pub fn sign(&self, id: &str, seconds: i64, body: &[u8]) -> String {
        format!("v1,{}", STANDARD.encode(self.mac(id, &seconds.to_string(), body)))
    }

    /// Checks the signatures of a request against this secret, in constant time. `seconds` is the time now; the
    /// timestamp may be `tolerance` away from it, five minutes as a rule.
    ///
    /// # Errors
    ///
    /// Headers are missing, the time is none or too far away, or no signature matches.
    pub fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        seconds: i64,
        tolerance: Duration,
    ) -> Result<(), SignatureError> {
        let id = only(headers, &ID)?;
        let timestamp = only(headers, &TIMESTAMP)?;
        let signatures = only(headers, &SIGNATURE)?;
        let is_number = !timestamp.is_empty() && timestamp.bytes().all(|byte| byte.is_ascii_digit());
        let signed_at: i64 = timestamp.parse().ok().filter(|_| is_number).ok_or(SignatureError::Timestamp)?;
        if signed_at.abs_diff(seconds) > tolerance.as_secs() {
            return Err(SignatureError::Time);
        }
        let want = self.mac(id, timestamp, body);
        let matches = |signature: &str| {
            let decoded = signature.strip_prefix("v1,").and_then(|encoded| STANDARD.decode(encoded).ok());
            decoded.map_or(Choice::from(0), |decoded| decoded.ct_eq(&want))
        };
        let any = signatures.split(' ').map(matches).fold(Choice::from(0), |any, one| any | one);
        if bool::from(any) { Ok(()) } else { Err(SignatureError::Mismatch) }
    }

    fn mac(&self, id: &str, timestamp: &str, body: &[u8]) -> [u8; 32] {
        // 64 bytes are the block of SHA-256: shorter keys are padded with zeros, and longer ones do not exist (RFC 2104).
        let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
        block.iter_mut().zip(self.0.expose_secret()).for_each(|(to, from)| *to = *from);
        let mut mac = Hmac::<Sha256>::new(&block);
        for part in [id.as_bytes(), b".", timestamp.as_bytes(), b".", body] {
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

/// Returns the three headers of a signed request, with a signature of each secret (OUT-340, OUT-342).
///
/// # Errors
///
/// The id is none that a header can hold.
pub(crate) fn headers(
    secrets: &[&SigningSecret],
    id: &str,
    seconds: i64,
    body: &[u8],
) -> Result<[(HeaderName, HeaderValue); 3], InvalidHeaderValue> {
    let signatures: Vec<_> = secrets.iter().map(|secret| secret.sign(id, seconds, body)).collect();
    Ok([
        (ID, HeaderValue::from_str(id)?),
        (TIMESTAMP, HeaderValue::from(seconds)),
        (SIGNATURE, HeaderValue::try_from(signatures.join(" "))?),
    ])
}

/// The value of a header that is there just once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<&'a str, SignatureError> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().filter(|_| values.next().is_none()).ok_or(SignatureError::Headers)?;
    value.to_str().map_err(|_| SignatureError::Headers)
}

const PREFIX: &str = "whsec_";

#[cfg(test)]
mod tests {
    use super::*;

    const ID_OF_VECTORS: &str = "out_z9y8x7w6v5u4t3s2r1q0p9o8n7_h1k2m3n4p5q6r7s8t9u0v1w2x3_0";
    const NOW: i64 = 1_760_000_000;
    const JSON: &[u8] = br#"{"token":"x7c1k9d3m5p8q2r4t6v0w1y3za","text":"deploy web"}"#;
    const FORM: &[u8] = b"text=deploy+web&token=x7c1k9d3m5p8q2r4t6v0w1y3za";
    const SHORT: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";
    const LONG: &str = "whsec_ZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXp7fH1+f4CBgoM=";
    const FIVE_MINUTES: Duration = Duration::from_secs(300);

    fn secret(text: &str) -> SigningSecret {
        SigningSecret::parse(text).unwrap()
    }

    fn signed(secrets: &[&SigningSecret], body: &[u8]) -> HeaderMap {
        headers(secrets, ID_OF_VECTORS, NOW, body).unwrap().into_iter().collect()
    }

    /// OUT-345.
    #[test]
    fn signatures_are_those_of_the_vectors() {
        let cases = [
            (SHORT, JSON, "v1,cb8IEB2QYX9+x6qwEccXw36uHD6mHW/BolZa3Y1tklY="),
            (SHORT, FORM, "v1,p1S5XtVi5//o5apS2LFD/bCIoq5/7m/5Lk9ny8WAn+8="),
            (LONG, JSON, "v1,lzUTUb+4b1IEJkeLsdrPiJ2+IlvY5oo7WYXhMU9ZvPg="),
        ];
        for (text, body, want) in cases {
            assert_eq!(secret(text).sign(ID_OF_VECTORS, NOW, body), want);
            let headers = signed(&[&secret(text)], body);
            assert_eq!(headers["webhook-signature"], want);
            assert_eq!(
                (&headers["webhook-id"], &headers["webhook-timestamp"]),
                (&ID_OF_VECTORS.parse().unwrap(), &NOW.into())
            );
            assert_eq!(secret(text).verify(&headers, body, NOW, FIVE_MINUTES), Ok(()));
        }
    }

    #[test]
    fn a_request_of_several_secrets_is_accepted_by_each() {
        let (old, new) = (secret(SHORT), secret(LONG));
        let both = signed(&[&new, &old], JSON);
        let want = format!("{} {}", new.sign(ID_OF_VECTORS, NOW, JSON), old.sign(ID_OF_VECTORS, NOW, JSON));
        assert_eq!(both["webhook-signature"], want);
        for one in [&old, &new] {
            assert_eq!(one.verify(&both, JSON, NOW, FIVE_MINUTES), Ok(()));
        }
        let other = SigningSecret::from_random([7; 32]);
        assert_eq!(other.verify(&both, JSON, NOW, FIVE_MINUTES), Err(SignatureError::Mismatch));
    }

    #[test]
    fn whatever_was_changed_does_not_verify() {
        use SignatureError::{Headers, Mismatch, Time, Timestamp};
        let own = secret(SHORT);
        let sound = signed(&[&own], JSON);
        let verify = |headers: &HeaderMap, body: &[u8]| own.verify(headers, body, NOW, FIVE_MINUTES);
        for place in 0..JSON.len() {
            let mut body = JSON.to_vec();
            body[place] ^= 1;
            assert_eq!(verify(&sound, &body), Err(Mismatch), "{place}");
        }
        let signature = own.sign(ID_OF_VECTORS, NOW, JSON);
        let asymmetric = signature.replace("v1,", "v1a,");
        let cut = signature.trim_end_matches('=').to_owned();
        let cases = [
            ("webhook-id", "out_other", Mismatch),
            ("webhook-id", "", Mismatch),
            ("webhook-timestamp", "1760000001", Mismatch),
            ("webhook-timestamp", "01760000000", Mismatch),
            ("webhook-timestamp", "", Timestamp),
            ("webhook-timestamp", "+1760000000", Timestamp),
            ("webhook-timestamp", "1760000000.5", Timestamp),
            ("webhook-timestamp", "99999999999999999999", Timestamp),
            ("webhook-timestamp", "0", Time),
            ("webhook-signature", "", Mismatch),
            ("webhook-signature", "v1,", Mismatch),
            ("webhook-signature", &asymmetric, Mismatch),
            ("webhook-signature", &cut, Mismatch),
            ("webhook-signature", "v1,cb8IEB2QYX9+x6qwEccXw36uHD6mHW/BolZa3Y1tklQ=", Mismatch),
            ("webhook-signature", "v1,cb8IEB2QYX9+x6qwEccXw36uHD6mHW/BolZa3Y1t", Mismatch),
            ("webhook-signature", "ü", Headers),
        ];
        for (name, value, want) in cases {
            let mut headers = sound.clone();
            headers.insert(name, HeaderValue::from_bytes(value.as_bytes()).unwrap());
            assert_eq!(verify(&headers, JSON), Err(want), "{name}: {value}");
        }
        for name in [ID, TIMESTAMP, SIGNATURE] {
            let mut missing = sound.clone();
            let value = missing.remove(&name).unwrap();
            assert_eq!(verify(&missing, JSON), Err(Headers), "{name}");
            let mut twice = sound.clone();
            twice.append(&name, value);
            assert_eq!(verify(&twice, JSON), Err(Headers), "{name}");
        }
    }

    #[test]
    fn a_request_is_accepted_within_the_tolerance_only() {
        let own = secret(SHORT);
        let headers = signed(&[&own], JSON);
        for (now, is_fine) in
            [(NOW - 300, true), (NOW + 300, true), (NOW - 301, false), (NOW + 301, false), (i64::MIN, false)]
        {
            let want = if is_fine { Ok(()) } else { Err(SignatureError::Time) };
            assert_eq!(own.verify(&headers, JSON, now, FIVE_MINUTES), want, "{now}");
        }
    }

    #[test]
    fn unknown_schemes_are_passed_over() {
        let own = secret(SHORT);
        let mut headers = signed(&[&own], JSON);
        let value = format!("v1a,AAAA v2,x  {} v1,!", own.sign(ID_OF_VECTORS, NOW, JSON));
        headers.insert(SIGNATURE, value.parse().unwrap());
        assert_eq!(own.verify(&headers, JSON, NOW, FIVE_MINUTES), Ok(()));
    }

    #[test]
    fn a_secret_has_24_to_64_bytes() {
        for (bytes, is_fine) in [(0, false), (23, false), (24, true), (32, true), (64, true), (65, false)] {
            let text = format!("whsec_{}", STANDARD.encode(vec![7; bytes]));
            let parsed = SigningSecret::parse(&text);
            assert_eq!(parsed.is_ok(), is_fine, "{bytes}");
            assert!(parsed.is_ok_and(|parsed| parsed.expose() == text) == is_fine);
        }
        let bare = SHORT.trim_start_matches("whsec_");
        for text in [
            "",
            "whsec_",
            bare,
            &format!("whsk_{bare}"),
            &format!("{SHORT}\n"),
            "whsec_!!!!",
            LONG.trim_end_matches('='),
        ] {
            assert_eq!(SigningSecret::parse(text).err(), Some(InvalidSigningSecret), "{text:?}");
        }
    }

    #[test]
    fn random_bytes_are_the_secret() {
        let bytes: [u8; 32] = std::array::from_fn(|place| 100 + place as u8);
        assert_eq!(SigningSecret::from_random(bytes).expose(), LONG);
    }

    #[test]
    fn an_id_that_no_header_holds_is_refused() {
        assert!(headers(&[&secret(SHORT)], "a\nb", NOW, JSON).is_err());
    }

    #[test]
    fn debug_does_not_leak() {
        let shown = format!("{:?}", SigningSecret::from_random([0xAB; 32]));
        assert!(
            !shown.contains("171") && !shown.to_lowercase().contains("ab, ab") && !shown.contains("q6ur"),
            "{shown}"
        );
    }
}
