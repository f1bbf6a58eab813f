//! Which lengths the words of a place have: a length that none has costs no look-up.

/// A set of lengths in bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct Lengths {
    longest: usize,
    /// Those from 64 on, in order.
    long: Vec<usize>,
    /// Bit *n* stands for *n*.
    short: u64,
}

impl Lengths {
    pub(super) fn insert(&mut self, length: usize) {
        self.longest = self.longest.max(length);
        if length < SHORT {
            self.short |= 1 << length;
        } else if let Err(place) = self.long.binary_search(&length) {
            self.long.insert(place, length);
        }
    }

    pub(super) fn contains(&self, length: usize) -> bool {
        if length < SHORT { self.short >> length & 1 == 1 } else { self.long.binary_search(&length).is_ok() }
    }

    /// Returns the greatest; 0, if there is none.
    pub(super) fn longest(&self) -> usize {
        self.longest
    }
}

const SHORT: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in_and_nothing_else() {
        let mut lengths = Lengths::default();
        assert_eq!(lengths.longest(), 0);
        let (put, longest) = ([5, 1, 63, 64, 0, 200, 65, 200, 64], [5, 5, 63, 64, 64, 200, 200, 200, 200]);
        for (length, longest) in put.into_iter().zip(longest) {
            lengths.insert(length);
            assert_eq!(lengths.longest(), longest, "{length}");
        }
        for length in 0..300 {
            assert_eq!(lengths.contains(length), put.contains(&length), "{length}");
        }
    }
}
