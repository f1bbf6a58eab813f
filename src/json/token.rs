//! Going from one token to the next, within the limits.

use super::reader::{Kind, Reader};
use super::{Mistake, MistakeKind};

impl Reader<'_> {
    /// Goes to the next value and returns its first byte.
    #[inline]
    pub(super) fn begin(&mut self) -> Option<u8> {
        self.space();
        self.place = self.at;
        self.byte()
    }

    /// Expects nothing more.
    pub(super) fn end(&mut self) -> Result<(), Mistake> {
        match self.begin() {
            Some(_) => Err(self.broken("nothing more")),
            None => Ok(()),
        }
    }

    /// Enters an array or an object, and returns where it begins.
    #[inline]
    pub(super) fn open(&mut self, bracket: u8, expected: &'static str) -> Result<usize, Mistake> {
        if self.begin() != Some(bracket) {
            return Err(self.unexpected(expected));
        }
        match self.depth_left.checked_sub(1) {
            Some(left) => self.depth_left = left,
            None => return Err(self.wrong(MistakeKind::Depth, "less nesting", self.at)),
        }
        self.at += 1;
        Ok(self.place)
    }

    /// Goes to the next element or member, or leaves through the bracket `close`.
    #[inline]
    pub(super) fn more(&mut self, first: bool, close: u8) -> Result<bool, Mistake> {
        self.space();
        match self.byte() {
            Some(byte) if byte == close => {
                self.at += 1;
                self.depth_left += 1;
                return Ok(false);
            }
            Some(b',') if !first => self.at += 1,
            Some(_) if first => {}
            _ => {
                return Err(self.broken(match (first, close) {
                    (true, b'}') => "the name of a member or `}`",
                    (true, _) => "a value or `]`",
                    (false, b'}') => "`,` or `}`",
                    (false, _) => "`,` or `]`",
                }));
            }
        }
        match self.items_left.checked_sub(1) {
            Some(left) => self.items_left = left,
            None => return Err(self.wrong(MistakeKind::Items, "fewer elements and members", self.at)),
        }
        Ok(true)
    }

    /// Goes to the name of a member.
    #[inline]
    pub(super) fn quote(&mut self) -> Result<(), Mistake> {
        self.space();
        if self.byte() == Some(b'"') { Ok(()) } else { Err(self.broken("the name of a member")) }
    }

    /// Passes over the colon after a name.
    #[inline]
    pub(super) fn colon(&mut self) -> Result<(), Mistake> {
        self.space();
        if self.byte() != Some(b':') {
            return Err(self.broken("`:`"));
        }
        self.at += 1;
        Ok(())
    }

    /// Passes over `true`, `false` or `null`.
    #[inline]
    pub(super) fn word<const N: usize>(&mut self, word: &'static [u8; N]) -> Result<(), Mistake> {
        if self.bytes.get(self.at..self.at + N) == Some(word) {
            self.at += N;
            return Ok(());
        }
        while word.get(self.at - self.place).copied() == self.byte() {
            self.at += 1;
        }
        Err(self.broken("`true`, `false` or `null`"))
    }

    #[inline]
    pub(super) fn byte(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The next byte cannot stand there, or there is none.
    #[cold]
    pub(super) fn broken(&self, expected: &'static str) -> Mistake {
        let kind = if self.at < self.bytes.len() { MistakeKind::Syntax } else { MistakeKind::End };
        self.wrong(kind, expected, self.at)
    }

    /// The value that was begun is not what was `expected`, if it is one at all.
    #[cold]
    pub(super) fn unexpected(&self, expected: &'static str) -> Mistake {
        if self.kind().is_some() { self.mistake(expected) } else { self.broken(expected) }
    }

    #[cold]
    pub(super) fn wrong(&self, kind: MistakeKind, expected: &'static str, offset: usize) -> Mistake {
        Mistake::new(kind, expected, offset)
    }

    /// Says what the next value is, if one begins here.
    pub(super) fn kind(&self) -> Option<Kind> {
        Some(match self.byte()? {
            b'[' => Kind::Array,
            b't' | b'f' => Kind::Boolean,
            b'n' => Kind::Null,
            b'-' | b'0'..=b'9' => Kind::Number,
            b'{' => Kind::Object,
            b'"' => Kind::String,
            _ => return None,
        })
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.byte() {
            self.at += 1;
        }
    }
}
