//! Limits on how often something happens: the generic cell rate algorithm, over a bounded table of keys.

use std::collections::HashMap;

/// So many keys are remembered, where nobody says otherwise; beyond that the ones that have rested longest are forgotten.
const MAX_KEYS: usize = 10_000;

/// Where a key stands after it was counted, or was not (API-45).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Standing {
    /// How many times at once a key that has rested may happen.
    pub(crate) limit: u32,
    /// How many of them are left.
    pub(crate) remaining: u32,
    /// In how many seconds, rounded up, the key will have rested.
    pub(crate) reset_seconds: u32,
    /// Not counted, because it was one too many: in how many seconds, rounded up, it may come again.
    pub(crate) retry_after: Option<u32>,
}

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
        self.remember(key, rested, MAX_KEYS, now);
        Ok(())
    }

    /// Counts one time, unless it is one too many, and says where the key stands; `keys` are remembered at most.
    pub(crate) fn count(&mut self, key: [u8; 16], burst: u32, per_second: u32, keys: usize, now: i64) -> Standing {
        let (busy, retry_after) = match self.check(key, burst, per_second, now) {
            Ok(rested) => {
                self.remember(key, rested, keys, now);
                (rested - now, None)
            }
            Err(TooOften(seconds)) => {
                let rested = self.rested.get(&key).copied().unwrap_or(now);
                (rested.saturating_sub(now).max(0), Some(seconds))
            }
        };
        let left = (room(burst, per_second) - busy) / interval(per_second);
        let whole = |number: i64| u32::try_from(number.max(0)).unwrap_or(u32::MAX);
        Standing {
            limit: burst,
            remaining: whole(left),
            reset_seconds: whole(busy.saturating_add(999) / 1_000),
            retry_after,
        }
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

    fn remember(&mut self, key: [u8; 16], rested: i64, keys: usize, now: i64) {
        if self.rested.len() >= keys.max(1) && !self.rested.contains_key(&key) {
            self.forget(keys, now);
        }
        self.rested.insert(key, rested);
    }

    fn forget(&mut self, keys: usize, now: i64) {
        self.rested.retain(|_, rested| *rested > now);
        if self.rested.len() >= keys {
            let mut times: Vec<_> = self.rested.values().copied().collect();
            let middle = times.len() / 2;
            let (_, median, _) = times.select_nth_unstable(middle);
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
    fn tells_where_a_key_stands_as_the_reference_does() {
        let mut buckets = Buckets::default();
        let mut count = |at| {
            let standing = buckets.count([1; 16], 3, 1, 10, NOW + at);
            (standing.limit, standing.remaining, standing.reset_seconds, standing.retry_after)
        };
        let at_once = [count(0), count(0), count(0), count(0), count(0)];
        assert_eq!(
            at_once,
            [(3, 2, 1, None), (3, 1, 2, None), (3, 0, 3, None), (3, 0, 3, Some(1)), (3, 0, 3, Some(1))]
        );
        assert_eq!([count(999), count(1_000)], [(3, 0, 3, Some(1)), (3, 0, 3, None)]);
        assert_eq!(count(60_000), (3, 2, 1, None));
    }

    #[test]
    fn remembers_as_many_keys_as_it_may() {
        let mut buckets = Buckets::default();
        for number in 0..1_000_u128 {
            let _ = buckets.count(number.to_be_bytes(), 5, 1, 8, NOW + i64::try_from(number).unwrap());
            assert!(buckets.rested.len() <= 8, "{}", buckets.rested.len());
        }
        // Those that came last are known still.
        assert_eq!(buckets.count(999_u128.to_be_bytes(), 5, 1, 8, NOW + 999).remaining, 3);
        let _ = buckets.count([7; 16], 5, 1, 0, NOW);
        assert!(!buckets.rested.is_empty());
    }

    /// Counts keys at times, each once a second, of which so many are remembered; returns which are known then.
    fn known(keys: usize, times: &[(u8, i64)]) -> Vec<u8> {
        let mut buckets = Buckets::default();
        for (number, at) in times {
            let _ = buckets.count([*number; 16], 2, 1, keys, NOW + at);
        }
        let mut known: Vec<_> = buckets.rested.keys().map(|key| key[0]).collect();
        known.sort_unstable();
        known
    }

    #[test]
    fn forgets_keys_that_have_rested_and_else_the_half_that_rests_soonest() {
        type Times<'a> = &'a [(u8, i64)];
        let cases: [(usize, Times<'_>, &[u8]); 6] = [
            (2, &[(1, 0), (2, 500)], &[1, 2]),
            (2, &[(1, 0), (2, 500), (1, 600)], &[1, 2]),
            (2, &[(1, 0), (2, 500), (3, 1_000)], &[2, 3]),
            (2, &[(1, 0), (2, 500), (3, 999)], &[3]),
            (6, &[(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 6)], &[5, 6, 7]),
            (6, &[(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (6, 5), (7, 1_000)], &[2, 3, 4, 5, 6, 7]),
        ];
        for (keys, times, want) in cases {
            assert_eq!(known(keys, times), want, "{times:?}");
        }
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
