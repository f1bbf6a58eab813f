//! Where code spans end.

use memchr::memchr;

use super::markdown::run;

/// The runs of backticks of a text, as (how many, where), sorted.
#[derive(Default)]
pub(super) struct Ticks(Vec<(usize, usize)>);

impl Ticks {
    /// Looks at another text.
    pub(super) fn find(&mut self, text: &str) {
        self.0.clear();
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(place) = bytes.get(from..).and_then(|rest| memchr(b'`', rest)) {
            let start = from + place;
            let count = run(bytes.get(start..).unwrap_or_default(), b'`');
            self.0.push((count, start));
            from = start + count;
        }
        self.0.sort_unstable();
    }

    /// Returns the end of the code span that `count` backticks at `start` open, if as many follow in one run.
    pub(super) fn code_end(&self, start: usize, count: usize) -> Option<usize> {
        let next = self.0.partition_point(|tick| *tick < (count, start + count));
        self.0.get(next).filter(|tick| tick.0 == count).map(|tick| tick.1 + count)
    }
}
