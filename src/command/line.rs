//! From a line that somebody typed to a trigger word and a text (CMD-20 row 3, CMD-25 to CMD-28).

use std::borrow::Cow;

use super::trigger::lower;

/// A line, split.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Line<'a> {
    /// What follows the word and the one white-space character behind it, untouched.
    pub text: &'a str,
    /// The first word in lower case, without its slash. Any text: only some are the trigger of a command.
    pub trigger: Cow<'a, str>,
}

impl<'a> Line<'a> {
    /// Splits a line at its first white-space character, which is dropped whole (section 18 row 9). None if the line
    /// does not begin with a slash (CMD-26).
    #[must_use]
    pub fn split(line: &'a str) -> Option<Self> {
        let line = line.strip_prefix('/')?;
        let (word, text) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        Some(Self { text, trigger: lower(word) })
    }

    /// Returns the trigger as an error message names it: at most 512 bytes, then `...` (CMD-44).
    #[must_use]
    pub fn shown_trigger(&self) -> String {
        let trigger = &*self.trigger;
        if trigger.len() <= SHOWN_BYTES {
            return trigger.to_owned();
        }
        let start = (0..=SHOWN_BYTES).rev().find_map(|end| trigger.get(..end)).unwrap_or_default();
        format!("{start}...")
    }
}

/// How much of a trigger an error message shows.
const SHOWN_BYTES: usize = 512;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_as_the_table_says() {
        let cases = [
            ("/Weather Oslo Week", "weather", "Oslo Week"),
            ("/weather", "weather", ""),
            ("/weather ", "weather", ""),
            ("/weather  Oslo ", "weather", " Oslo "),
            ("/weather\nOslo", "weather", "Oslo"),
            ("/weather\r\nOslo", "weather", "\nOslo"),
            ("/weather\u{3000}Oslo", "weather", "Oslo"),
            ("/ weather", "", "weather"),
            ("//x", "/x", ""),
            ("/ÉTÉ x", "été", "x"),
            ("/\u{212A}VS", "kvs", ""),
            ("/", "", ""),
            ("/a\tB\nC ", "a", "B\nC "),
        ];
        for (line, trigger, text) in cases {
            assert_eq!(Line::split(line), Some(Line { text, trigger: trigger.into() }), "{line:?}");
        }
    }

    #[test]
    fn every_white_space_character_ends_the_word() {
        let white = "\t\n\u{b}\u{c}\r \u{85}\u{a0}\u{1680}\u{2000}\u{200A}\u{2028}\u{2029}\u{202F}\u{205F}\u{3000}";
        for character in white.chars() {
            let line = format!("/a{character}b");
            assert_eq!(Line::split(&line), Some(Line { text: "b", trigger: "a".into() }), "{line:?}");
        }
        for other in ['\u{200B}', '\u{FEFF}', '\u{180E}', '\0', '\u{1F}'] {
            let line = format!("/a{other}b");
            assert_eq!(Line::split(&line).unwrap().text, "", "{line:?}");
        }
    }

    #[test]
    fn a_line_without_a_slash_calls_nothing() {
        for line in ["", "weather", " /weather", "\u{2044}x", "\\x"] {
            assert_eq!(Line::split(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_long_word_is_shown_cut() {
        let shown = |word: &str| Line::split(&format!("/{word} x")).unwrap().shown_trigger();
        assert_eq!(shown("Abc"), "abc");
        assert_eq!(shown(&"y".repeat(512)), "y".repeat(512));
        assert_eq!(shown(&"y".repeat(513)), format!("{}...", "y".repeat(512)));
        assert_eq!(shown(&format!("{}é", "y".repeat(511))), format!("{}...", "y".repeat(511)));
    }

    #[test]
    fn a_large_line_is_split_in_one_go() {
        let line = format!("/{}\u{3000}{}", "é".repeat(1 << 17), "日".repeat(1 << 17));
        let split = Line::split(&line).unwrap();
        assert_eq!((split.trigger.chars().count(), split.text.chars().count()), (1 << 17, 1 << 17));
    }
}
