//! Where foreign JSON is wrong.

use std::error::Error;
use std::fmt;

/// Where foreign JSON is wrong, and what was expected there.
///
/// It never holds a value that was read, only the names of the members on the way to it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mistake(Box<Details>);

#[derive(Clone, Debug, Eq, PartialEq)]
struct Details {
    kind: MistakeKind,
    expected: &'static str,
    offset: usize,
    pointer: String,
    /// Whether the outer end of `pointer` is missing, because it had no room.
    cut: bool,
}

/// What kind of mistake it is.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum MistakeKind {
    /// Arrays and objects are nested deeper than [`Options::max_depth`](super::Options::max_depth).
    Depth,
    /// The input ends inside of the value, or before it.
    End,
    /// There are more elements and members than [`Options::max_items`](super::Options::max_items).
    Items,
    /// A number cannot be held by the type it is read into.
    Range,
    /// The input is longer than [`Options::max_bytes`](super::Options::max_bytes).
    Size,
    /// It is not JSON.
    Syntax,
    /// It is JSON, but not what the decoder expects here.
    Type,
}

impl Mistake {
    #[cold]
    pub(super) fn new(kind: MistakeKind, expected: &'static str, offset: usize) -> Self {
        Self(Box::new(Details { kind, expected, offset, pointer: String::new(), cut: false }))
    }

    /// Adds the member it is under, by its name as written.
    #[cold]
    pub(super) fn under_member(self, name: &str) -> Self {
        let mut segment = String::from("/");
        for (place, character) in name.chars().enumerate() {
            match character {
                _ if place == NAME_CHARACTERS => {
                    segment.push('…');
                    break;
                }
                '~' => segment.push_str("~0"),
                '/' => segment.push_str("~1"),
                control if control.is_control() => segment.push(char::REPLACEMENT_CHARACTER),
                other => segment.push(other),
            }
        }
        self.under(&segment)
    }

    /// Adds the array element it is under.
    #[cold]
    pub(super) fn under_element(self, index: usize) -> Self {
        self.under(&format!("/{index}"))
    }

    /// Says what kind of mistake it is.
    #[must_use]
    pub fn kind(&self) -> MistakeKind {
        self.0.kind
    }

    /// Says what was expected, such as `a string`.
    #[must_use]
    pub fn expected(&self) -> &'static str {
        self.0.expected
    }

    /// Says at which byte of the input it is, from 0.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.0.offset
    }

    /// Points to the value that is wrong, or to the innermost one read around it, as RFC 6901 says; empty for the whole.
    ///
    /// It is at most 200 characters long: a name is cut after 64, and outer steps give way to a leading `…`. A control
    /// character in a name shows as U+FFFD, so the pointer is safe to log.
    #[must_use]
    pub fn pointer(&self) -> String {
        if self.0.cut { format!("…{}", self.0.pointer) } else { self.0.pointer.clone() }
    }

    fn under(mut self, segment: &str) -> Self {
        let details = &mut *self.0;
        let room = POINTER_CHARACTERS.saturating_sub(details.pointer.chars().count() + 1);
        if details.cut || segment.chars().count() > room {
            details.cut = true;
        } else {
            details.pointer.insert_str(0, segment);
        }
        self
    }
}

impl Error for Mistake {}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = self.pointer();
        if !pointer.is_empty() {
            write!(f, "`{pointer}`: ")?;
        }
        write!(f, "expected {} (byte {})", self.0.expected, self.0.offset)
    }
}

/// How much of a member's name a pointer shows.
const NAME_CHARACTERS: usize = 64;

/// How long a pointer can be.
const POINTER_CHARACTERS: usize = 200;

#[cfg(test)]
mod tests {
    use super::*;

    fn under(names: &[&str]) -> String {
        let mistake = Mistake::new(MistakeKind::Type, "a string", 7);
        names.iter().rev().fold(mistake, |mistake, name| mistake.under_member(name)).pointer()
    }

    #[test]
    fn a_pointer_is_escaped_and_safe_to_log() {
        assert_eq!(under(&["a/b", "~", "", "x\n\u{1b}"]), "/a~1b/~0//x\u{FFFD}\u{FFFD}");
    }

    #[test]
    fn a_pointer_has_room_for_the_innermost_steps() {
        let long = "/".repeat(100);
        let pointer = under(&["outer", "outer", &long, "inner", "last"]);
        assert_eq!(pointer, format!("/outer/outer/{}…/inner/last", "~1".repeat(64)));
        let pointer = under(&["outer", &long, &long, "last"]);
        assert_eq!(pointer, format!("…/{}…/last", "~1".repeat(64)));
        for depth in 0..300 {
            assert!(under(&vec!["/some name"; depth]).chars().count() <= POINTER_CHARACTERS, "{depth}");
        }
    }

    #[test]
    fn the_message_says_where_and_what() {
        let mistake = Mistake::new(MistakeKind::Type, "a string", 37);
        assert_eq!(mistake.to_string(), "expected a string (byte 37)");
        let mistake = mistake.under_member("color").under_element(0).under_member("attachments");
        assert_eq!(mistake.to_string(), "`/attachments/0/color`: expected a string (byte 37)");
    }
}
