//! Passing over values that nobody wants to keep.

use super::Mistake;
use super::reader::Reader;

impl<'a> Reader<'a> {
    /// Passes over any value, checked as the others are but not kept. Numbers may be out of every range.
    ///
    /// Limits count here too. It does not recurse. A mistake inside points to the value that is skipped, its offset to
    /// the very byte.
    pub fn skip(&mut self) -> Result<(), Mistake> {
        self.begin();
        let place = self.place;
        let mut nest = Nest::default();
        loop {
            let mut first = false;
            match self.begin() {
                Some(bracket @ (b'{' | b'[')) => {
                    self.open(bracket, "a value")?;
                    nest.push(bracket == b'{');
                    first = true;
                }
                _ => self.skip_scalar()?,
            }
            while let Some(in_object) = nest.innermost_is_object() {
                if self.more(first, if in_object { b'}' } else { b']' })? {
                    if in_object {
                        self.skip_name()?;
                    }
                    break;
                }
                nest.pop();
                first = false;
            }
            if nest.depth == 0 {
                self.place = place;
                return Ok(());
            }
        }
    }

    /// Passes over any value as [`skip`](Self::skip) does, and returns its bytes as they are written.
    pub fn raw(&mut self) -> Result<&'a [u8], Mistake> {
        self.begin();
        let start = self.at;
        self.skip()?;
        Ok(self.bytes.get(start..self.at).unwrap_or_default())
    }

    fn skip_scalar(&mut self) -> Result<(), Mistake> {
        match self.byte() {
            Some(b'"') => self.skip_literal(),
            Some(b'-' | b'0'..=b'9') => self.number_literal().map(drop),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => Err(self.unexpected("a value")),
        }
    }

    fn skip_name(&mut self) -> Result<(), Mistake> {
        self.quote()?;
        self.skip_literal()?;
        self.colon()
    }
}

/// Which of the open brackets are objects: a stack of bits, the innermost lowest. [`DEEPEST`](super::DEEPEST) fit.
#[derive(Default)]
struct Nest {
    objects: u128,
    depth: u16,
}

impl Nest {
    fn push(&mut self, object: bool) {
        self.objects = self.objects << 1 | u128::from(object);
        self.depth += 1;
    }

    fn pop(&mut self) {
        self.objects >>= 1;
        self.depth = self.depth.saturating_sub(1);
    }

    fn innermost_is_object(&self) -> Option<bool> {
        (self.depth > 0).then_some(self.objects & 1 == 1)
    }
}
