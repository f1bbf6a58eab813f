//! The word that calls a command (CMD-2), and what counts as its lower case.

use std::borrow::{Borrow, Cow};
use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A trigger word as it is kept: lower case, without the slash that users type.
#[derive(Clone, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct Trigger(Box<str>);

/// Why a word cannot be a [`Trigger`].
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a trigger has 1 to {} of a-z, 0-9, `.`, `-`, `_` and inner slashes", Trigger::MAX_BYTES)]
pub struct InvalidTrigger;

impl Trigger {
    /// The longest trigger, in bytes.
    pub const MAX_BYTES: usize = 128;

    /// Takes a word in any letter case.
    ///
    /// # Errors
    ///
    /// It is empty, longer than [`MAX_BYTES`](Self::MAX_BYTES), begins with a slash, or has another character than ASCII
    /// letters, digits, `.`, `-`, `_` and `/`.
    pub fn parse(word: &str) -> Result<Self, InvalidTrigger> {
        let word = lower(word);
        let is_sound = |byte: u8| byte.is_ascii_alphanumeric() || b"_./-".contains(&byte);
        let is_trigger =
            (1..=Self::MAX_BYTES).contains(&word.len()) && !word.starts_with('/') && word.bytes().all(is_sound);
        if is_trigger { Ok(Self(word.into())) } else { Err(InvalidTrigger) }
    }

    /// Returns the word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Trigger {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<Trigger> for String {
    fn from(trigger: Trigger) -> Self {
        trigger.0.into()
    }
}

impl TryFrom<String> for Trigger {
    type Error = InvalidTrigger;

    fn try_from(word: String) -> Result<Self, InvalidTrigger> {
        Self::parse(&word)
    }
}

impl std::str::FromStr for Trigger {
    type Err = InvalidTrigger;

    fn from_str(word: &str) -> Result<Self, InvalidTrigger> {
        Self::parse(word)
    }
}

/// Writes each character in its simple lower case, without a look at its neighbors: a Kelvin sign becomes `k`, `İ`
/// becomes `i`, and every `Σ` becomes `σ`.
pub(crate) fn lower(text: &str) -> Cow<'_, str> {
    if text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    // Of all characters only `İ` has a lower case of several; the first of them is the simple one.
    Cow::Owned(text.chars().map(|character| character.to_lowercase().next().unwrap_or(character)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_words_of_the_table() {
        let long = "z".repeat(128);
        let yes = ["build", "ops/deploy-2.x_b", &long, ".", "-", "_", "a/", "8", "a//b"];
        for word in yes {
            assert_eq!(Trigger::parse(word).as_ref().map(Trigger::as_str), Ok(word));
        }
        let too_long = "z".repeat(129);
        let no = [
            "",
            "/build",
            "/",
            "build now",
            "a\tb",
            "a\nb",
            "a\0b",
            "why?",
            "a*b",
            "été",
            "go🚀",
            "a\\b",
            "a:b",
            "a,b",
            &too_long,
        ];
        for word in no {
            assert_eq!(Trigger::parse(word), Err(InvalidTrigger), "{word:?}");
        }
    }

    #[test]
    fn is_kept_in_lower_case() {
        for (word, want) in [("Build", "build"), ("Ops/Deploy-2.X_b", "ops/deploy-2.x_b"), ("\u{212A}VS", "kvs")] {
            assert_eq!(Trigger::parse(word).unwrap().as_str(), want);
        }
        // So many bytes before, and few enough after.
        assert_eq!(Trigger::parse(&"\u{212A}".repeat(128)).unwrap().as_str(), "k".repeat(128));
    }

    #[test]
    fn lower_case_is_simple() {
        let cases = [
            ("", ""),
            ("abc-1", "abc-1"),
            ("ABC", "abc"),
            ("ÉTÉ", "été"),
            ("\u{212A}", "k"),
            ("İ", "i"),
            ("ΑΣ ΑΣΑ", "ασ ασα"),
            ("ß日🚀", "ß日🚀"),
        ];
        for (text, want) in cases {
            assert_eq!(lower(text), want, "{text:?}");
        }
        assert!(matches!(lower("abc"), Cow::Borrowed(_)));
    }

    #[test]
    fn only_one_character_has_a_lower_case_of_several() {
        let several: Vec<_> = ('\0'..=char::MAX).filter(|character| character.to_lowercase().count() > 1).collect();
        assert_eq!(several, ['İ']);
    }

    #[test]
    fn travels_as_its_word() {
        let word: Trigger = serde_json::from_str(r#""Build""#).unwrap();
        assert_eq!((word.to_string().as_str(), String::from(word.clone()).as_str()), ("build", "build"));
        assert_eq!(serde_json::to_string(&word).unwrap(), r#""build""#);
        assert!(serde_json::from_str::<Trigger>(r#""a b""#).is_err());
        assert_eq!("A".parse::<Trigger>(), Trigger::try_from("a".to_owned()));
    }
}
