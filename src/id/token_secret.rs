//! What a personal access token is presented by.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::Id;

/// The secret of a personal access token: whoever has it acts as the token's user. Shown once, kept as a digest.
#[derive(Clone)]
pub struct TokenSecret(SecretString);

impl TokenSecret {
    /// Makes a new secret of 16 random bytes: 26 characters, 122 random bits (API-5).
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(Id::from_random(random).as_str().into())
    }

    /// Hands out the secret itself; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_an_id_that_is_never_shown() {
        let secret = TokenSecret::from_random([0xFF; 16]);
        assert_eq!(secret.expose(), "9999999997899x99999999999h");
        assert_eq!(format!("{secret:?}"), "TokenSecret(…)");
    }
}
