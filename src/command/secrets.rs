//! What is sealed beside a command: its token, and what its calls are signed with.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::id::{CommandToken, Millis};
use crate::security::{SigningKeys, SigningSecret};

/// The secrets of a command.
#[derive(Clone, Debug)]
pub(crate) struct CommandSecrets {
    /// What it signs with; none before someone asked for a signing secret.
    pub(crate) signing: Option<SigningKeys>,
    /// What its service knows it by.
    pub(crate) token: CommandToken,
}

impl CommandSecrets {
    /// Those of a new command.
    pub(crate) fn new(token: CommandToken) -> Self {
        Self { signing: None, token }
    }

    /// What is to be sealed.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let keys = self.signing.as_ref();
        let previous = keys.and_then(|keys| keys.previous.as_ref());
        let written = Written {
            token: self.token.expose().to_owned(),
            secret: keys.map(|keys| keys.current.expose()),
            previous: previous.map(|(secret, _)| secret.expose()),
            previous_valid_until: previous.map(|(_, until)| *until),
        };
        // INVARIANT: texts and a number always serialize.
        serde_json::to_vec(&written).unwrap_or_default()
    }

    /// Reads what was sealed.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self, DamagedSecrets> {
        let written: Written = serde_json::from_slice(bytes).map_err(|_| DamagedSecrets)?;
        let token = CommandToken::parse(&written.token).map_err(|_| DamagedSecrets)?;
        let secret = |text: &str| SigningSecret::parse(text).map_err(|_| DamagedSecrets);
        let previous = written.previous.as_deref().map(secret).transpose()?.zip(written.previous_valid_until);
        let current = written.secret.as_deref().map(secret).transpose()?;
        Ok(Self { signing: current.map(|current| SigningKeys { current, previous }), token })
    }
}

/// The text that is sealed. It holds secrets, so nothing shows it.
#[derive(Deserialize, Serialize)]
struct Written {
    token: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous_valid_until: Option<Millis>,
}

/// What was sealed beside a command is not what was written.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the secrets of a slash command are damaged")]
pub(crate) struct DamagedSecrets;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn secret(byte: u8) -> SigningSecret {
        SigningSecret::from_random([byte; 32])
    }

    #[test]
    fn what_was_sealed_is_read() {
        let token = CommandToken::parse("tok&n \"with\\odd chars/1234").unwrap();
        let plain = CommandSecrets::new(token);
        assert_eq!(plain.to_bytes(), br#"{"token":"tok&n \"with\\odd chars/1234"}"#);
        let first = SigningKeys::rotated(None, secret(1), Millis(0), Duration::ZERO);
        let second = SigningKeys::rotated(Some(first.clone()), secret(2), Millis(5), Duration::from_secs(1));
        for (signing, want) in [
            (None, vec![]),
            (Some(first), vec![secret(1).expose()]),
            (Some(second), vec![secret(2).expose(), secret(1).expose()]),
        ] {
            let secrets = CommandSecrets { signing, ..plain.clone() };
            let read = CommandSecrets::from_bytes(&secrets.to_bytes()).unwrap();
            assert_eq!(read.token.expose(), plain.token.expose());
            let keys = read.signing.iter().flat_map(|keys| keys.at(Millis(6))).map(SigningSecret::expose);
            assert_eq!(keys.collect::<Vec<_>>(), want);
            assert_eq!(read.signing.and_then(|keys| keys.previous_valid_until(Millis(6))).is_some(), want.len() == 2);
        }
    }

    #[test]
    fn what_was_not_written_so_is_damaged() {
        let cases = [
            "",
            "{}",
            r#"{"token":"short"}"#,
            r#"{"token":"aaaaaaaaaaaaaaaaaaaaaaaaaa","secret":"whsec_"}"#,
            r#"{"token":"aaaaaaaaaaaaaaaaaaaaaaaaaa","previous":"x"}"#,
        ];
        for text in cases {
            assert!(CommandSecrets::from_bytes(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn debug_does_not_leak() {
        let keys = SigningKeys::rotated(None, secret(1), Millis(0), Duration::ZERO);
        let token = CommandToken::from_random([7; 16]);
        let shown = format!("{:?}", CommandSecrets { signing: Some(keys), token: token.clone() });
        assert!(!shown.contains(token.expose()) && !shown.contains("AQEB") && !shown.contains("1, 1"), "{shown}");
    }
}
