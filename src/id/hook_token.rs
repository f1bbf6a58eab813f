//! What the receivers of an outgoing webhook know it by.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{ALPHABET, ID_BYTES, Id, InvalidId};

/// The token of an outgoing webhook: its receivers take a call for ours if it bears it (OUT-1). It has to be sent, so it
/// is kept sealed and not as a digest; it is redacted in `Debug` and has no `Display`.
#[derive(Clone)]
pub struct HookToken(SecretString);

impl HookToken {
    /// Takes a text of 26 characters of those that tokens made here have (OUT-2, OUT-108).
    ///
    /// # Errors
    ///
    /// It is shorter, longer, or has other characters.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let is_sound = text.len() == ID_BYTES && text.bytes().all(|byte| ALPHABET.contains(&byte));
        if is_sound { Ok(Self(text.into())) } else { Err(InvalidId) }
    }

    /// Makes a new token of 16 random bytes, as API-1 says.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        Self(Id::from_random(random).as_str().into())
    }

    /// Hands out the token itself; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for HookToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HookToken(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_has_26_characters_of_the_alphabet() {
        let cases = [
            ("ybndrfg8ejkmcpqxot1uwisza3", true),
            ("99999999999999999999999999", true),
            ("ybndrfg8ejkmcpqxot1uwisza", false),
            ("ybndrfg8ejkmcpqxot1uwisza33", false),
            ("ybndrfg8ejkmcpqxot1uwiszaA", false),
            ("ybndrfg8ejkmcpqxot1uwisza0", false),
            ("ybndrfg8ejkmcpqxot1uwisza ", false),
            ("ybndrfg8ejkmcpqxot1uwiszé", false),
            ("", false),
        ];
        for (text, want) in cases {
            assert_eq!(HookToken::parse(text).is_ok(), want, "{text:?}");
        }
        let made = HookToken::from_random([0xFF; 16]);
        assert_eq!(HookToken::parse(made.expose()).unwrap().expose(), "9999999997899x99999999999h");
    }

    #[test]
    fn debug_does_not_leak() {
        assert_eq!(format!("{:?}", HookToken::from_random([7; 16])), "HookToken(…)");
    }
}
