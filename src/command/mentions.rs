//! Whom and what the text behind a command names (CMD-70 to CMD-73), for the service that it calls.

use std::collections::HashSet;

use crate::id::{ChannelId, UserId};
use crate::post;

/// A name that may be a user's, with what can be taken off its end.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct UserCandidate<'a>(std::borrow::Cow<'a, str>);

impl UserCandidate<'_> {
    /// Returns the names to look up one after the other until there is such a user: the whole, then without a last `.`,
    /// `-` or `_`, and so on (CMD-71).
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let shortest = self.0.trim_end_matches(['.', '-', '_']).len().max(1);
        (shortest..=self.0.len()).rev().filter_map(|bytes| self.0.get(..bytes))
    }
}

/// Finds the names that may be users', in order and each once (CMD-70): at most [`MAX_CANDIDATES`], with at most
/// [`MAX_LOOK_UPS`] names to look up.
pub(crate) fn user_candidates(text: &str) -> Vec<UserCandidate<'_>> {
    let bytes = text.as_bytes();
    let names = memchr::memchr_iter(b'@', bytes).filter_map(|at| {
        let after = bytes.get(at + 1..)?;
        let starts = after.first()?.is_ascii_alphanumeric();
        let follows = at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| is_word(*byte));
        let length = after.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b".-_:".contains(byte)).count();
        (starts && !follows && length <= MAX_NAME_BYTES).then(|| text.get(at + 1..at + 1 + length)).flatten()
    });
    let folded = names.map(super::trigger::lower).filter(|name| !RESERVED.contains(&&**name));
    let mut seen = HashSet::new();
    let mut look_ups = 0;
    let candidates = folded.filter(|name| seen.insert(name.clone())).take(MAX_CANDIDATES).map(UserCandidate);
    let affordable = candidates.take_while(|candidate| {
        look_ups += candidate.names().count();
        look_ups <= MAX_LOOK_UPS
    });
    affordable.collect()
}

/// Finds the names that may be channels', as written, in order and each once, at most [`MAX_CANDIDATES`] (CMD-72).
pub(crate) fn channel_candidates(text: &str) -> Vec<&str> {
    let mut seen = HashSet::new();
    post::channel_names(text).filter(|name| seen.insert(*name)).take(MAX_CANDIDATES).collect()
}

/// Those who and what was found, in order of appearance.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct MentionMaps {
    /// Public live channels of the team.
    pub(crate) channels: Vec<(String, ChannelId)>,
    /// Members of the team.
    pub(crate) users: Vec<(String, UserId)>,
}

impl MentionMaps {
    /// Adds a user under the name that found them, once.
    pub(crate) fn add_user(&mut self, name: &str, id: UserId) {
        if self.users.iter().all(|(known, _)| known != name) {
            self.users.push((name.to_owned(), id));
        }
    }

    /// Adds a channel under its name, once.
    pub(crate) fn add_channel(&mut self, name: &str, id: ChannelId) {
        if self.channels.iter().all(|(known, _)| known != name) {
            self.channels.push((name.to_owned(), id));
        }
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// How many names of each kind one command may have looked up; further ones are not told.
pub(crate) const MAX_CANDIDATES: usize = 100;

/// How many names of users one command may have looked up, those without their ends counted.
pub(crate) const MAX_LOOK_UPS: usize = 200;

/// The longest user name, in bytes.
const MAX_NAME_BYTES: usize = 64;

/// Names that nobody has.
const RESERVED: [&str; 4] = ["all", "channel", "matterbot", "system"];

#[cfg(test)]
mod tests {
    use super::*;

    fn users(text: &str) -> Vec<String> {
        user_candidates(text).into_iter().map(|candidate| candidate.0.into_owned()).collect()
    }

    #[test]
    fn finds_users_as_the_table_says() {
        let long = format!("@{} @{}", "a".repeat(64), "b".repeat(65));
        let cases: [(&str, &[&str]); 14] = [
            ("hi @Ann.Lee, @bob.", &["ann.lee", "bob."]),
            ("mail bob@corp.io", &[]),
            ("(@ann)@ann _@eve", &["ann"]),
            ("@@bob", &["bob"]),
            ("é@bob", &["bob"]),
            ("@-x @李 @all @here", &["here"]),
            ("@rem:site", &["rem:site"]),
            ("@ALL @Channel @matterbot @system @systems", &["systems"]),
            ("@bob @BOB @bob. @bob", &["bob", "bob."]),
            ("@", &[]),
            ("", &[]),
            ("@a@b", &["a"]),
            ("9@a -@b", &["b"]),
            (&long, &[&"a".repeat(64)]),
        ];
        for (text, want) in cases {
            assert_eq!(users(text), want, "{text:?}");
        }
    }

    #[test]
    fn what_may_be_taken_off_the_end_is() {
        let cases: [(&str, &[&str]); 5] = [
            ("@bob", &["bob"]),
            ("@bob._-", &["bob._-", "bob._", "bob.", "bob"]),
            ("@bob:.", &["bob:.", "bob:"]),
            ("@b:", &["b:"]),
            ("@x_y.", &["x_y.", "x_y"]),
        ];
        for (text, want) in cases {
            let [candidate] = &user_candidates(text)[..] else { panic!("{text:?}") };
            assert_eq!(candidate.names().collect::<Vec<_>>(), want, "{text:?}");
        }
    }

    #[test]
    fn finds_channels_as_the_table_says() {
        let cases: [(&str, &[&str]); 6] = [
            ("~town-square ~Off_Topic", &["town-square", "Off_Topic"]),
            ("a~b ~", &[]),
            ("(~dev)~dev", &["dev"]),
            ("~Dev ~dev", &["Dev", "dev"]),
            ("~a.b", &["a"]),
            ("", &[]),
        ];
        for (text, want) in cases {
            assert_eq!(channel_candidates(text), want, "{text:?}");
        }
    }

    #[test]
    fn so_many_and_no_more() {
        let text: String = (0..MAX_CANDIDATES + 5).map(|n| format!("@u{n} @u{n} ~c{n} ")).collect();
        assert_eq!(user_candidates(&text).len(), MAX_CANDIDATES);
        assert_eq!(channel_candidates(&text).len(), MAX_CANDIDATES);
        assert_eq!(users(&text).last().map(String::as_str), Some("u99"));
    }

    #[test]
    fn ends_that_can_be_taken_off_count_too() {
        let text: String = (0..9).map(|n| format!("@u{n}{} ", ".".repeat(49))).collect();
        assert_eq!(user_candidates(&text).len(), MAX_LOOK_UPS / 50);
    }

    #[test]
    fn each_name_is_told_once() {
        let mut maps = MentionMaps::default();
        for number in [1, 2] {
            maps.add_user("bob", UserId::from_random([number; 16]));
            maps.add_channel("dev", ChannelId::from_random([number; 16]));
        }
        maps.add_user("ann", UserId::from_random([3; 16]));
        maps.add_channel("ops", ChannelId::from_random([3; 16]));
        assert_eq!(maps.users.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["bob", "ann"]);
        assert_eq!(maps.channels.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["dev", "ops"]);
        assert_eq!(maps.users[0].1, UserId::from_random([1; 16]));
        assert_eq!(maps.channels[0].1, ChannelId::from_random([1; 16]));
    }

    #[test]
    fn hostile_texts_are_read_in_one_go() {
        for part in ["@", "@a", "@a ", "~", "~a ", "@-", "@a."] {
            let text = part.repeat(1 << 16);
            assert!(user_candidates(&text).len() <= 1 && channel_candidates(&text).len() <= 1, "{part:?}");
        }
    }
}
