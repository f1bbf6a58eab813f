//! What the service behind a slash command recognizes this server by.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{ID_BYTES, Id, InvalidId};

/// The token of a slash command: its service takes a call for ours if it bears it (CMD-50). It has to be sent, so it is
/// kept sealed and not as a digest; it is redacted in `Debug` and has no `Display`.
#[derive(Clone)]
pub struct CommandToken(SecretString);

impl CommandToken {
    /// Makes a new token of 16 random bytes (API-5).
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(Id::from_random(random).as_str().into())
    }

    /// Takes a token that a client chose: any text of 26 bytes (CMD-1, CMD-9).
    ///
    /// # Errors
    ///
    /// It has another length.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if text.len() == ID_BYTES { Ok(Self(text.into())) } else { Err(InvalidId) }
    }

    /// Hands out the token itself; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for CommandToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CommandToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_26_bytes_of_any_kind() {
        for (text, want) in [
            ("tok&n with=odd chars/12345", true),
            ("ééééééééééééé", true),
            ("short", false),
            ("", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
        ] {
            assert_eq!(CommandToken::parse(text).is_ok(), want, "{text:?}");
        }
    }

    #[test]
    fn a_token_is_made_like_an_id_and_not_shown() {
        let token = CommandToken::from_random([0xFF; 16]);
        assert_eq!(token.expose(), "9999999997899x99999999999h");
        assert_eq!(format!("{token:?}"), "CommandToken(…)");
    }
}
