//! Users whom a post mentions, by the plain text of its Markdown (INC-78).

use std::collections::BTreeSet;

use memchr::memchr;

use super::character::{is_digit, is_letter};
use super::markdown::plain_text;

/// Whom a post may mention: every name that stands after an `@` in its plain text.
///
/// Which of the names are users only the host knows. So ask it about all [`names`](Self::names) at once, then take those
/// that are mentioned with [`users`](Self::users).
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Mentions {
    candidates: BTreeSet<Candidate>,
    /// How many names the candidates have.
    names: usize,
}

/// What stands after an `@`, in lower case.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
struct Candidate {
    /// The longest name to compare.
    name: String,
    /// Its shortest part to compare: from here on there is only what may be taken away.
    shortest: usize,
}

/// Finds the names in the plain text of each of these Markdown texts, at most [`MAX_MENTIONED_NAMES`] of them.
///
/// Linear in the texts, however they nest.
pub fn mentions<'a>(texts: impl IntoIterator<Item = &'a str>) -> Mentions {
    let mut found = Mentions::default();
    let mut plain = String::new();
    for text in texts {
        if memchr(b'@', text.as_bytes()).is_some() {
            plain.clear();
            plain_text(text, &mut plain);
            plain.split(|c| !is_name_part(c)).for_each(|piece| found.add_piece(piece));
        }
    }
    found
}

impl Mentions {
    fn add_piece(&mut self, piece: &str) {
        let emoji = piece.starts_with(':') && piece.ends_with(':');
        if emoji || memchr(b'@', piece.as_bytes()).is_none() {
            return;
        }
        let piece = piece.trim_start_matches(TRIMMED);
        if let Some(name) = piece.strip_prefix('@') {
            // A name may be made of nothing but such characters; one is left then.
            let shortest = name.trim_end_matches(TRIMMED).len().max(1);
            self.add(name, name.get(..shortest).unwrap_or_default());
        } else {
            for name in piece.split(['.', '-', ':']).filter_map(|part| part.strip_prefix('@')) {
                self.add(name, name);
            }
        }
    }

    /// Adds `name` and what is left of it down to `shortest`, without what is too long for a name.
    fn add(&mut self, name: &str, shortest: &str) {
        let tail = name.get(shortest.len()..).unwrap_or_default();
        if shortest.is_empty() || shortest.len() > MAX_NAME_BYTES || memchr(b'@', shortest.as_bytes()).is_some() {
            return;
        }
        let mut name = shortest.to_lowercase();
        let shortest = name.len();
        let Some(room) = MAX_NAME_BYTES.checked_sub(shortest) else { return };
        name.push_str(tail.get(..tail.len().min(room)).unwrap_or_default());
        let candidate = Candidate { shortest, name };
        let names = candidate.names().count();
        if self.names + names <= MAX_MENTIONED_NAMES && self.candidates.insert(candidate) {
            self.names += names;
        }
    }

    /// Returns all names to ask the host about, in lower case and each once.
    ///
    /// `channel`, `all` and `here` are among them where the text has them.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let names: BTreeSet<&str> = self.candidates.iter().flat_map(Candidate::names).collect();
        names.into_iter().collect()
    }

    /// Returns those who are mentioned: of each place, the longest name that `user` knows.
    pub fn users<T: Ord>(&self, user: impl Fn(&str) -> Option<T>) -> BTreeSet<T> {
        self.candidates.iter().filter_map(|candidate| candidate.names().find_map(&user)).collect()
    }

    /// Says whether the texts have `@channel` or `@all`.
    #[must_use]
    pub fn everyone(&self) -> bool {
        self.has("channel") || self.has("all")
    }

    /// Says whether the texts have `@here`.
    #[must_use]
    pub fn here(&self) -> bool {
        self.has("here")
    }

    /// Says whether nobody is named at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    fn has(&self, name: &str) -> bool {
        self.candidates.iter().any(|candidate| candidate.names().any(|one| one == name))
    }
}

impl Candidate {
    /// Returns the names to compare, the longest first.
    fn names(&self) -> impl Iterator<Item = &str> {
        // What is taken away at the end is ASCII.
        (self.shortest..=self.name.len()).rev().filter_map(|bytes| self.name.get(..bytes))
    }
}

fn is_name_part(character: char) -> bool {
    matches!(character, ':' | '.' | '-' | '_' | '@') || is_letter(character) || is_digit(character)
}

/// What may surround a name and is dropped.
const TRIMMED: [char; 4] = [':', '.', '-', '_'];

/// How many different names [`Mentions`] remembers; further ones of the same post are not found.
pub const MAX_MENTIONED_NAMES: usize = 10_000;

/// The longest user name that a text can mention, in bytes (BOT-6).
pub const MAX_NAME_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const USERS: [&str; 6] = ["ann", "bob", "carl.", "dan_", "e.f-g", "_"];

    fn users(text: &str) -> Vec<&'static str> {
        let found = mentions([text]);
        let asked: BTreeSet<&str> = found.names().into_iter().collect();
        let known = |name: &str| USERS.into_iter().find(|user| asked.contains(user) && *user == name);
        found.users(known).into_iter().collect()
    }

    #[test]
    fn finds_users_as_the_table_says() {
        let yes = [
            "@bob",
            "@BOB",
            "(@bob)",
            "@bob.",
            "@bob:-",
            "@bob_",
            "@bob's",
            "@bob/x",
            "> @bob",
            "**@bob**",
            "<@bob>",
            "-@bob",
            ":@bob",
            "~@bob",
            "hey.@bob",
            "_@bob_",
            "__@bob__",
            "²@bob",
            ":smile:@bob",
            "# @bob",
            "- @bob",
            "a\n    @bob",
            "| @bob |",
            "[x](http://a) @bob",
            "`x` @bob",
            r"\@bob",
            "x:@bob.y",
            ">>>>> @bob",
            "[@bob] (x)",
        ];
        for text in yes {
            assert_eq!(users(text), ["bob"], "{text:?}");
        }
        let no = [
            "x@bob",
            "é@bob",
            "hey_@bob",
            "@@bob",
            "@bob@ann",
            "@bob-x",
            "`@bob`",
            "```\n@bob\n```",
            "    @bob",
            "[@bob](http://a)",
            "http://a/@bob",
            ":@bob:",
            "@ bob",
            "bob",
            "@",
            "",
            "٣@bob",
            "<http://a/@bob>",
            "> ```\n> @bob",
            r"@bob\_x",
            "@carl",
            "hey.@bob_",
        ];
        for text in no {
            assert!(users(text).is_empty(), "{text:?}");
        }
    }

    #[test]
    fn prefers_the_longest_name() {
        let cases: [(&str, &[&str]); 6] = [
            ("@bob,@ann", &["ann", "bob"]),
            ("@carl. @carl.. @Carl.:", &["carl."]),
            ("@dan__", &["dan_"]),
            ("@e.f-g. @bob @bob. @bob", &["bob", "e.f-g"]),
            ("x.@e.f-g", &[]),
            ("@_. @.", &["_"]),
        ];
        for (text, want) in cases {
            assert_eq!(users(text), want, "{text:?}");
        }
    }

    #[test]
    fn tells_the_words_for_everyone() {
        let cases = [
            ("@channel", true, false),
            ("@ALL.", true, false),
            ("hey.@here", false, true),
            ("@here @all", true, true),
            ("`@here` [@all](x)", false, false),
            ("@herewith", false, false),
        ];
        for (text, everyone, here) in cases {
            let found = mentions([text]);
            assert_eq!((found.everyone(), found.here()), (everyone, here), "{text:?}");
        }
    }

    #[test]
    fn the_names_to_ask_about_are_bounded() {
        let texts: Vec<String> = (0..MAX_MENTIONED_NAMES).map(|n| format!("@u{n}...")).collect();
        let found = mentions(texts.iter().map(String::as_str));
        assert!(found.names().len() <= MAX_MENTIONED_NAMES);
        let long = format!("@{} @{} @bob{}", "a".repeat(64), "b".repeat(65), ".".repeat(1 << 17));
        let found = mentions([long.as_str()]);
        assert!(found.names().iter().all(|name| name.len() <= MAX_NAME_BYTES));
        assert_eq!(found.users(|name| (name == "bob").then_some(())).len(), 1);
        assert_eq!(found.users(|name| (name.len() == 64 && name.starts_with('a')).then_some(())).len(), 1);
    }

    #[test]
    fn hostile_texts_are_read_in_one_go() {
        for part in ["@", "@.", "@a.", ":@", ".@a", "> @a ", ">", "@a", "@a\n", "@a`"] {
            let text = part.repeat(1 << 17);
            assert!(mentions([text.as_str()]).names().len() <= MAX_NAME_BYTES, "{part:?}");
        }
    }

    proptest! {
        #[test]
        fn whoever_is_mentioned_was_asked_about(text in "[@a.:_\\-é `>\\[\\]()\n]{0,60}") {
            let found = mentions([text.as_str()]);
            let names: BTreeSet<String> = found.names().into_iter().map(str::to_owned).collect();
            let mentioned = found.users(|name| Some(name.to_owned()));
            prop_assert!(mentioned.is_subset(&names));
            prop_assert_eq!(mentioned.is_empty(), found.is_empty());
        }
    }
}
