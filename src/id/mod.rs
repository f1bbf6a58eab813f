//! Ids of what a chat server holds, the time they were made at, and ids that are secrets.
//!
//! An id is 26 bytes of letters and digits (API-2). Two kinds of thing have two types, so that a [`ChannelId`] never
//! goes where a [`UserId`] belongs.

use std::fmt;

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

mod command_token;
mod hook;
mod hook_token;
mod millis;
mod ticket;
mod token_secret;

pub use command_token::CommandToken;
pub use hook::HookId;
pub use hook_token::HookToken;
pub use millis::Millis;
pub use ticket::TicketId;
pub use token_secret::TokenSecret;

/// Why a text is no id.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an id is {} bytes of letters and digits", ID_BYTES)]
pub struct InvalidId;

/// How long an id is, in bytes (API-2).
pub const ID_BYTES: usize = 26;

/// The 32 characters of an id that is made here, by value (API-1).
const ALPHABET: &[u8; 32] = b"ybndrfg8ejkmcpqxot1uwisza345h769";

/// The text of an id: what the newtypes of this module share.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
struct Id([u8; ID_BYTES]);

impl Id {
    /// Takes any text that passes API-2: exactly 26 bytes, every character a letter or a digit of some script.
    fn parse(text: &str) -> Result<Self, InvalidId> {
        let bytes: [u8; ID_BYTES] = text.as_bytes().try_into().map_err(|_| InvalidId)?;
        // Without a way out at the first other byte, so that all are looked at together.
        let is_plain = bytes.iter().fold(true, |plain, byte| plain & byte.is_ascii_alphanumeric());
        let is_id = is_plain || text.chars().all(char::is_alphanumeric);
        if is_id { Ok(Self(bytes)) } else { Err(InvalidId) }
    }

    /// Writes a version-4 UUID made of `random` in the alphabet of API-1: 122 random bits.
    fn from_random(random: [u8; 16]) -> Self {
        let bits = u128::from_be_bytes(random);
        let bits = bits & !(0xF << 76) | (0x4 << 76); // version 4
        let bits = bits & !(0x3 << 62) | (0x2 << 62); // variant of RFC 9562
        let mut text = [b'y'; ID_BYTES];
        for (place, byte) in text.iter_mut().enumerate() {
            let value = if place < 25 { bits >> (123 - 5 * place) } else { bits << 2 };
            if let Some(letter) = ALPHABET.get((value & 31) as usize) {
                *byte = *letter;
            }
        }
        Self(text)
    }

    fn as_str(&self) -> &str {
        // An `Id` is made from text or from the alphabet, so this is never the empty alternative.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// Reads the text where it stands, without a copy.
        struct Text;

        impl Visitor<'_> for Text {
            type Value = Id;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&InvalidId, f)
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Id, E> {
                Id::parse(text).map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Declares the public ids: same text, different types.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(transparent)]
        pub struct $name(Id);

        impl $name {
            /// Takes a text that passes API-2.
            ///
            /// # Errors
            ///
            /// It does not.
            pub fn parse(text: &str) -> Result<Self, InvalidId> {
                Id::parse(text).map(Self)
            }

            /// Makes a new id of 16 random bytes, as API-1 says.
            #[must_use]
            pub fn from_random(random: [u8; 16]) -> Self {
                Self(Id::from_random(random))
            }

            /// Returns the 26 bytes as text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_tuple(stringify!($name)).field(&self.as_str()).finish()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }

        impl TryFrom<String> for $name {
            type Error = InvalidId;

            fn try_from(text: String) -> Result<Self, InvalidId> {
                Self::parse(&text)
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                Self::parse(text)
            }
        }
    )*};
}

ids! {
    /// A button or menu of a message attachment (INC-56).
    ActionId;
    /// A channel: public, private, direct or group.
    ChannelId;
    /// A slash command. No secret: it names the command and opens nothing.
    CommandId;
    /// An outgoing webhook. No secret: what receivers trust is its token (OUT-1).
    OutgoingHookId;
    /// A post.
    PostId;
    /// One request, told in `X-Request-Id` and in error answers (API-32).
    RequestId;
    /// A session: a log-in of the host's, or a personal access token at work. No secret: it opens nothing.
    SessionId;
    /// A team.
    TeamId;
    /// A personal access token. No secret: it names the token and opens nothing (BOT-68).
    TokenId;
    /// One run of a command or one click, as the client of who did it knows it (CMD-100).
    TriggerId;
    /// A user, human or bot.
    UserId;
}

impl OutgoingHookId {
    /// Returns the bytes of the text.
    #[must_use]
    pub(crate) fn to_bytes(self) -> [u8; ID_BYTES] {
        self.0.0
    }
}

/// The session of a personal access token bears the token's id.
impl From<TokenId> for SessionId {
    fn from(token: TokenId) -> Self {
        Self(token.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a UUID in its usual notation.
    fn uuid(text: &str) -> [u8; 16] {
        u128::from_str_radix(&text.replace('-', ""), 16).unwrap().to_be_bytes()
    }

    #[test]
    fn writes_uuids_as_the_reference_does() {
        let cases = [
            ("00000000-0000-4000-8000-000000000000", "yyyyyyyyybyybyyyyyyyyyyyyy"),
            ("ffffffff-ffff-4fff-bfff-ffffffffffff", "9999999997899x99999999999h"),
            ("0f1e2d3c-4b5a-4978-8a9b-acbdcedff001", "bhxn4xnmmjrztnw5i16h7z9oyr"),
            ("c0ffee00-1234-4abc-9def-0123456789ab", "ad96hyy1gtfm38xxyrtwk3hjic"),
        ];
        for (raw, want) in cases {
            assert_eq!(UserId::from_random(uuid(raw)).as_str(), want, "{raw}");
        }
    }

    #[test]
    fn sets_version_and_variant_itself() {
        assert_eq!(UserId::from_random([0; 16]).as_str(), "yyyyyyyyybyybyyyyyyyyyyyyy");
        assert_eq!(UserId::from_random([0xFF; 16]).as_str(), "9999999997899x99999999999h");
    }

    #[test]
    fn tells_ids_from_other_texts() {
        let cases = [
            ("ad96hyy1gtfm38xxyrtwk3hjic", true),
            ("AAAAAAAAAAAAAAAAAAAAAAAAAA", true),
            ("00000000000000000000000000", true),
            ("ééééééééééééé", true),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaa", false),
            ("", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa-", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa_", false),
            ("aaaaaaaaaaaaaaaaaaaaaaaaa ", false),
        ];
        for (text, want) in cases {
            assert_eq!(ChannelId::parse(text).is_ok(), want, "{text:?}");
        }
    }
}
