//! The headers by which Slack's own libraries know a request: a signature of version `v0`.
//!
//! Their key is the signing secret as text, exactly as it was shown, `whsec_` included.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use http::header::InvalidHeaderValue;
use http::{HeaderName, HeaderValue};
use secrecy::zeroize::Zeroizing;
use sha2::{Digest, Sha256};

use crate::security::SigningSecret;

const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");

/// Returns the two headers of a request.
///
/// # Errors
///
/// Never: hexadecimal digits are a header's value.
pub(crate) fn headers(
    secret: &SigningSecret,
    seconds: i64,
    body: &[u8],
) -> Result<[(HeaderName, HeaderValue); 2], InvalidHeaderValue> {
    let secret = Zeroizing::new(secret.expose());
    let mut mac = <Hmac<Sha256> as KeyInit>::new(&block(secret.as_bytes()));
    for part in [b"v0:", seconds.to_string().as_bytes(), b":", body] {
        mac.update(part);
    }
    let mut signature = "v0=".to_owned();
    for byte in mac.finalize().into_bytes() {
        // INVARIANT: writing to a text does not fail.
        let _ = write!(signature, "{byte:02x}");
    }
    Ok([(SIGNATURE, HeaderValue::try_from(signature)?), (TIMESTAMP, HeaderValue::from(seconds))])
}

/// The key as HMAC-SHA-256 takes it: what is longer than its block of 64 bytes is digested first (RFC 2104).
fn block(key: &[u8]) -> hmac::digest::Key<Hmac<Sha256>> {
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    if key.len() > block.len() {
        block.iter_mut().zip(Sha256::digest(key)).for_each(|(to, from)| *to = from);
    } else {
        block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with `hmac.new(secret.encode(), b"v0:1760000000:text=a", "sha256")` of Python.
    #[test]
    fn signs_as_slack_does() {
        let cases = [
            (
                "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX",
                "v0=296078185016f90a16a0089f2b0c4ef05802f4aeb34e4c5fa186c16279c2c87d",
            ),
            (
                "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==",
                "v0=7969c548a94497301cc898285e7bff3367a33831f3c37af3844993b9f32a9411",
            ),
        ];
        for (secret, want) in cases {
            let secret = SigningSecret::parse(secret).unwrap();
            let [signature, time] = headers(&secret, 1_760_000_000, b"text=a").unwrap();
            assert_eq!((signature.0.as_str(), signature.1.to_str().unwrap()), ("x-slack-signature", want));
            assert_eq!((time.0.as_str(), time.1.to_str().unwrap()), ("x-slack-request-timestamp", "1760000000"));
        }
    }
}
