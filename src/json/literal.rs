//! String literals: escapes, raw line breaks, and what is no UTF-8.

use std::borrow::Cow;

use super::reader::Reader;
use super::{Mistake, MistakeKind, scan};

impl<'a> Reader<'a> {
    /// Reads the literal whose opening quote is next.
    #[inline]
    pub(super) fn literal(&mut self) -> Result<Cow<'a, str>, Mistake> {
        let start = self.at + 1;
        let end = scan::special(self.bytes, start);
        if self.bytes.get(end) == Some(&b'"') {
            self.at = end + 1;
            return Ok(self.plain(start, end));
        }
        // The distance to the next quote is the length, unless a quote is escaped.
        let rest = self.bytes.get(start..).unwrap_or_default();
        let mut decoded = String::with_capacity(memchr::memchr(b'"', rest).unwrap_or(0));
        self.unescape(start, end, Some(&mut decoded))?;
        Ok(Cow::Owned(decoded))
    }

    /// Reads the literal whose opening quote is next, and notes whether it holds U+0000.
    #[inline]
    pub(super) fn noted_literal(&mut self) -> Result<Cow<'a, str>, Mistake> {
        let text = self.literal()?;
        // Only an escape makes U+0000, and what had one is owned.
        if let Cow::Owned(text) = &text {
            self.nul |= memchr::memchr(0, text.as_bytes()).is_some();
        }
        Ok(text)
    }

    /// Passes over the literal whose opening quote is next.
    pub(super) fn skip_literal(&mut self) -> Result<(), Mistake> {
        let start = self.at + 1;
        self.unescape(start, scan::special(self.bytes, start), None)
    }

    /// Reads on to the closing quote, from `start`, whose plain text ends at `end`.
    fn unescape(&mut self, mut start: usize, mut end: usize, mut into: Option<&mut String>) -> Result<(), Mistake> {
        loop {
            if let Some(into) = into.as_deref_mut() {
                self.push_plain(start, end, into);
            }
            self.at = end;
            match self.byte() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape(into.as_deref_mut())?;
                }
                Some(raw @ (b'\n' | b'\t' | b'\r')) if self.raw_breaks => {
                    self.at += 1;
                    push(into.as_deref_mut(), raw.into());
                }
                Some(_) => return Err(self.broken("a string literal without raw control characters")),
                None => return Err(self.broken("the end of a string literal")),
            }
            start = self.at;
            end = scan::special(self.bytes, start);
        }
    }

    /// Reads what follows a backslash.
    fn escape(&mut self, mut into: Option<&mut String>) -> Result<(), Mistake> {
        let character = match self.byte() {
            Some(b'u') => self.unicode()?,
            Some(same @ (b'"' | b'\\' | b'/')) => same.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(raw @ (b'\n' | b'\t' | b'\r')) if self.raw_breaks => {
                push(into.as_deref_mut(), '\\');
                match raw {
                    b'\n' => 'n',
                    b'\t' => 't',
                    _ => 'r',
                }
            }
            _ => return Err(self.broken("an escape")),
        };
        self.at += 1;
        push(into, character);
        Ok(())
    }

    /// Reads `uXXXX`, and the escape after it if the two are a pair; stays on the last digit.
    fn unicode(&mut self) -> Result<char, Mistake> {
        let first = self.hex(self.at + 1)?;
        self.at += 4;
        if (0xD800..0xDC00).contains(&first)
            && self.bytes.get(self.at + 1..self.at + 3) == Some(b"\\u")
            && let Ok(second @ 0xDC00..0xE000) = self.hex(self.at + 3)
        {
            self.at += 6;
            let paired = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            return Ok(char::from_u32(paired).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// Reads the four hexadecimal digits at `from`.
    fn hex(&self, from: usize) -> Result<u32, Mistake> {
        let mut value = 0;
        for at in from..from + 4 {
            let digit = self.bytes.get(at).ok_or_else(|| self.wrong(MistakeKind::End, "a hexadecimal digit", at))?;
            let digit = char::from(*digit).to_digit(16);
            value = value << 4 | digit.ok_or_else(|| self.wrong(MistakeKind::Syntax, "a hexadecimal digit", at))?;
        }
        Ok(value)
    }

    /// Returns text without anything special in it.
    #[inline]
    fn plain(&self, start: usize, end: usize) -> Cow<'a, str> {
        if let Some(text) = self.text {
            return Cow::Borrowed(text.get(start..end).unwrap_or_default());
        }
        let bytes = self.bytes.get(start..end).unwrap_or_default();
        if let Ok(text) = std::str::from_utf8(bytes) {
            return Cow::Borrowed(text);
        }
        let mut decoded = String::with_capacity(bytes.len() + 8);
        self.push_plain(start, end, &mut decoded);
        Cow::Owned(decoded)
    }

    /// Adds text without anything special in it.
    fn push_plain(&self, start: usize, end: usize, into: &mut String) {
        if let Some(text) = self.text {
            into.push_str(text.get(start..end).unwrap_or_default());
            return;
        }
        for chunk in self.bytes.get(start..end).unwrap_or_default().utf8_chunks() {
            into.push_str(chunk.valid());
            into.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
        }
    }
}

fn push(into: Option<&mut String>, character: char) {
    if let Some(into) = into {
        into.push(character);
    }
}
