//! Limits on how often something happens: the generic cell rate algorithm, over a bounded table of keys.

use std::collections::HashMap;

/// So many keys are remembered; beyond that the ones that have rested longest are forgotten.
const MAX_KEYS: usize = 10_000;

/// Counts by key. A key may happen `burst` times at once, then `per_second` times a second.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    /// When each key will have rested, in milliseconds since the epoch.
    rested: HashMap<[u8; 16], i64>,
}

/// How often something may happen: `burst` times at once, then `per_second` times a second.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// How many at once; at least 1.
    pub burst: u32,
    /// How many a second after that; at least 1.
    pub per_second: u32,
}

/// Too often: how many seconds until the next time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TooOften(pub(crate) u32);

impl Buckets {
    /// Counts one time, unless it is one too many.
    pub(crate) fn take(&mut self, key: [u8; 16], burst: u32, per_second: u32, now: i64) -> Result<(), TooOften> {
        let rested = self.check(key, burst, per_second, now)?;
        if self.rested.len() >= MAX_KEYS && !self.rested.contains_key(&key) {
            self.forget(now);
        }
        self.rested.insert(key, rested);
        Ok(())
    }

    /// Says whether there is room for one more time, and counts nothing. The value is when the key will have rested.
    pub(crate) fn check(&self, key: [u8; 16], burst: u32, per_second: u32, now: i64) -> Result<i64, TooOften> {
        let room = room(burst, per_second);
        // A time that no counting could have led to is from before the clock jumped back: the key begins afresh.
        let known = self.rested.get(&key).copied().filter(|rested| *rested <= now + room);
        let rested = known.unwrap_or(now).max(now);
        let next = rested + interval(per_second);
        if next - now > room {
            let seconds = (next - now - room + 999) / 1_000;
            return Err(TooOften(u32::try_from(seconds).unwrap_or(u32::MAX)));
        }
        Ok(next)
    }

    fn forget(&mut self, now: i64) {
        self.rested.retain(|_, rested| *rested > now);
        if self.rested.len() >= MAX_KEYS {
            let mut times: Vec<_> = self.rested.values().copied().collect();
            let (_, median, _) = times.select_nth_unstable(MAX_KEYS / 2);
            let median = *median;
            self.rested.retain(|_, rested| *rested > median);
        }
    }
}

/// From one time to the next, in milliseconds.
fn interval(per_second: u32) -> i64 {
    (1_000 / i64::from(per_second.max(1))).max(1)
}

/// How long a full bucket takes to rest, in milliseconds.
fn room(burst: u32, per_second: u32) -> i64 {
    interval(per_second) * i64::from(burst.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000_000;

    #[test]
    fn allows_a_burst_and_then_a_steady_flow() {
        let mut buckets = Buckets::default();
        let mut take = |at| buckets.take([1; 16], 3, 2, NOW + at);
        assert_eq!([take(0), take(0), take(0)], [Ok(()); 3]);
        assert_eq!(take(0), Err(TooOften(1)));
        assert_eq!(take(499), Err(TooOften(1)));
        assert_eq!(take(500), Ok(()));
        assert_eq!(take(501), Err(TooOften(1)));
    }

    #[test]
    fn keys_do_not_share_a_bucket() {
        let mut buckets = Buckets::default();
        assert_eq!(buckets.take([1; 16], 1, 1, NOW), Ok(()));
        assert_eq!(buckets.take([1; 16], 1, 1, NOW), Err(TooOften(1)));
        assert_eq!(buckets.take([2; 16], 1, 1, NOW), Ok(()));
    }

    #[test]
    fn a_clock_that_jumps_back_locks_nobody_out() {
        let mut buckets = Buckets::default();
        assert_eq!(buckets.take([1; 16], 1, 1, NOW), Ok(()));
        assert_eq!(buckets.take([1; 16], 1, 1, NOW - 86_400_000), Ok(()));
        assert_eq!(buckets.take([1; 16], 1, 1, NOW - 86_400_000), Err(TooOften(1)));
        assert_eq!(buckets.take([1; 16], 1, 1, NOW - 86_400_000 + 1_000), Ok(()));
    }

    #[test]
    fn remembers_a_bounded_number_of_keys() {
        let mut buckets = Buckets::default();
        for number in 0..100_000_u128 {
            let _ = buckets.take(number.to_be_bytes(), 5, 1, NOW);
        }
        assert!(buckets.rested.len() <= MAX_KEYS, "{}", buckets.rested.len());
    }
}
