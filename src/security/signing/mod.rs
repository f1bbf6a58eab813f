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

    /// Whether it is the same secret, compared in constant time.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.0.expose_secret().ct_eq(other.0.expose_secret()).into()
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
mod tests;
