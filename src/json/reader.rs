//! The reader that a decoder pulls through the bytes.

use std::borrow::Cow;
use std::fmt;

use super::{DEEPEST, Mistake, MistakeKind, Options};

/// What a decoder reads JSON with, one value after the other; [`read`](super::read) makes it.
///
/// Every method that reads takes the whole next value or fails. After a failure only giving up makes sense, except
/// inside of [`attempt`](Self::attempt).
pub struct Reader<'a> {
    pub(super) bytes: &'a [u8],
    /// The same as `bytes`, if they are UTF-8 throughout: checking all at once is quicker than string by string.
    pub(super) text: Option<&'a str>,
    pub(super) at: usize,
    /// Where the value that was begun last begins.
    pub(super) place: usize,
    pub(super) raw_breaks: bool,
    /// Whether U+0000 was read.
    pub(super) nul: bool,
    pub(super) depth_left: u16,
    pub(super) items_left: u32,
}

/// What a value is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// `[…]`
    Array,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
    /// A number.
    Number,
    /// `{…}`
    Object,
    /// `"…"`
    String,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], options: Options) -> Self {
        Self {
            bytes,
            text: std::str::from_utf8(bytes).ok(),
            at: 0,
            place: 0,
            raw_breaks: options.raw_breaks,
            nul: false,
            depth_left: options.max_depth.min(DEEPEST),
            items_left: options.max_items,
        }
    }

    /// Says what the next value is, by its first byte, and leaves it there.
    pub fn peek(&mut self) -> Result<Kind, Mistake> {
        self.begin();
        self.kind().ok_or_else(|| self.unexpected("a value"))
    }

    /// Takes `null` if it is next, and says whether it was.
    #[inline]
    pub fn null(&mut self) -> Result<bool, Mistake> {
        let null = self.begin() == Some(b'n');
        if null {
            self.word(b"null")?;
        }
        Ok(null)
    }

    /// Reads a value, or `null` as nothing.
    #[inline]
    pub fn optional<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Mistake>) -> Result<Option<T>, Mistake> {
        if self.null()? { Ok(None) } else { read(self).map(Some) }
    }

    /// Reads `true` or `false`.
    pub fn boolean(&mut self) -> Result<bool, Mistake> {
        match self.begin() {
            Some(b't') => self.word(b"true").map(|()| true),
            Some(b'f') => self.word(b"false").map(|()| false),
            _ => Err(self.unexpected("a boolean")),
        }
    }

    /// Reads `true` or `false` into `into`; `null` leaves it as it is.
    pub fn flag(&mut self, into: &mut bool) -> Result<(), Mistake> {
        if !self.null()? {
            *into = self.boolean()?;
        }
        Ok(())
    }

    /// Reads a string. It is borrowed, unless there are escapes in it or something that is no UTF-8.
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, Mistake> {
        if self.begin() == Some(b'"') { self.noted_literal() } else { Err(self.unexpected("a string")) }
    }

    /// Reads a string into `into`, in place of what is there; `null` leaves it as it is.
    pub fn text(&mut self, into: &mut String) -> Result<(), Mistake> {
        if self.null()? {
            return Ok(());
        }
        *into = self.string()?.into_owned();
        Ok(())
    }

    /// Reads an object: `member` is called for each member, as often and in the order as they are written.
    ///
    /// It gets the name in ASCII lower case and the reader at the value. A value that it leaves unread is skipped. So a
    /// later duplicate wins if `member` replaces what it had, and an object merges if it reads into the same place.
    pub fn object(&mut self, mut member: impl FnMut(&mut Self, &str) -> Result<(), Mistake>) -> Result<(), Mistake> {
        let place = self.open(b'{', "an object")?;
        let mut folded = String::new();
        let mut first = true;
        while self.more(first, b'}')? {
            first = false;
            self.quote()?;
            let written = self.literal()?;
            self.colon()?;
            let name = if written.bytes().any(|byte| byte.is_ascii_uppercase()) {
                folded.clear();
                folded.push_str(&written);
                folded.make_ascii_lowercase();
                folded.as_str()
            } else {
                &written
            };
            self.consuming(|reader| member(reader, name)).map_err(|mistake| mistake.under_member(&written))?;
        }
        self.place = place;
        Ok(())
    }

    /// Reads an array: `item` is called for each element with its index and the reader at the element.
    ///
    /// An element that it leaves unread is skipped.
    pub fn array(&mut self, mut item: impl FnMut(&mut Self, usize) -> Result<(), Mistake>) -> Result<(), Mistake> {
        let place = self.open(b'[', "an array")?;
        let mut index = 0;
        while self.more(index == 0, b']')? {
            self.consuming(|reader| item(reader, index)).map_err(|mistake| mistake.under_element(index))?;
            index += 1;
        }
        self.place = place;
        Ok(())
    }

    /// Lets `read` try the next value, and skips it where that fails because it is not what `read` expects.
    ///
    /// That mistake is the inner result. It is for values that are dropped when they are wrong, not refused. A value may
    /// be passed twice, so do not nest attempts to a depth that the sender chooses.
    ///
    /// # Errors
    ///
    /// What is no JSON, or beyond a limit, is still an error of the whole.
    pub fn attempt<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Mistake>,
    ) -> Result<Result<T, Mistake>, Mistake> {
        self.begin();
        let (at, nul, depth_left, items_left) = (self.at, self.nul, self.depth_left, self.items_left);
        match self.consuming(read) {
            Err(mistake) if matches!(mistake.kind(), MistakeKind::Range | MistakeKind::Type) => {
                (self.at, self.nul, self.depth_left, self.items_left) = (at, nul, depth_left, items_left);
                self.skip()?;
                Ok(Err(mistake))
            }
            result => result.map(Ok),
        }
    }

    /// Forgets that U+0000 was read.
    pub fn clear_nul(&mut self) {
        self.nul = false;
    }

    /// Says whether a string that was kept since [`clear_nul`](Self::clear_nul) held U+0000 (INC-95).
    ///
    /// Kept is what `string`, `text`, `value` and `map_into` read, with the names of members in the latter two, and
    /// also when a later duplicate took its place.
    #[must_use]
    pub fn nul_seen(&self) -> bool {
        self.nul
    }

    /// Makes a mistake of the decoder's own: the value that was begun last is not what was `expected`.
    #[must_use]
    pub fn mistake(&self, expected: &'static str) -> Mistake {
        Mistake::new(MistakeKind::Type, expected, self.place)
    }

    /// Lets `read` have the next value, and skips it if `read` did not take it.
    #[inline]
    pub(super) fn consuming<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Mistake>) -> Result<T, Mistake> {
        self.begin();
        let start = self.at;
        let result = read(self)?;
        if self.at == start {
            self.skip()?;
        }
        Ok(result)
    }
}

impl fmt::Debug for Reader<'_> {
    /// Shows where it is, not what it reads.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("at", &self.at).field("length", &self.bytes.len()).finish_non_exhaustive()
    }
}
