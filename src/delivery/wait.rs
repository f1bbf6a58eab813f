//! Ages, waits and due times on a wall clock that somebody may set.

use std::time::Duration;

use super::DeliverySettings;
use super::breaker::LONGEST_WAIT;
use crate::id::Millis;

/// How long after the call's deadline a claim ends that its owner did not end.
pub(crate) const LEASE_MARGIN: Duration = Duration::from_secs(10);

/// How much the wall clock and the monotonic one may part within a moment before the wall clock counts as set.
const JUMP: Duration = Duration::from_secs(60);

/// How long a delivery waits after so many attempts and one that failed: the first wait, doubled for each, times 0.5 to
/// 1.5 as `random` says.
pub(crate) fn wait(tries: u32, random: u32, settings: &DeliverySettings) -> Duration {
    let doubled = settings.retry_after.saturating_mul(2_u32.saturating_pow(tries));
    let whole = u64::try_from(doubled.as_millis()).unwrap_or(u64::MAX);
    // Between a half and one and a half of it, in steps of 2^-32.
    let scaled = (u128::from(whole) * (u128::from(random) + (1 << 31))) >> 32;
    Duration::from_millis(u64::try_from(scaled).unwrap_or(u64::MAX))
}

/// The time that is this much later.
pub(crate) fn later(time: Millis, wait: Duration) -> Millis {
    Millis(time.0.saturating_add(i64::try_from(wait.as_millis()).unwrap_or(i64::MAX)))
}

/// How old something is; never less than nothing.
pub(crate) fn age(create_at: Millis, now: Millis) -> Duration {
    Duration::from_millis(u64::try_from(now.0.saturating_sub(create_at.0)).unwrap_or(0))
}

/// Whether a delivery is too old for another attempt, and for its reply.
pub(crate) fn is_too_old(create_at: Millis, now: Millis, settings: &DeliverySettings) -> bool {
    age(create_at, now) > settings.greatest_age
}

/// Whether a time has come: it is past, or so far ahead that only a clock that was set can have written it.
pub(crate) fn is_due(due: Millis, now: Millis, longest: Duration) -> bool {
    due <= now || due > later(now, longest)
}

/// The longest time ahead at which anything can be due that waits.
pub(crate) fn longest_wait(settings: &DeliverySettings) -> Duration {
    settings.greatest_age.max(LONGEST_WAIT)
}

/// How long a claim lasts of a call that may take so long.
pub(crate) fn lease(deadline: Duration) -> Duration {
    deadline.saturating_add(LEASE_MARGIN)
}

/// Whether the wall clock was set between two moments, each told by it and by one that nobody sets.
pub(crate) fn jumped(before: (Millis, Duration), now: (Millis, Duration)) -> bool {
    let wall = now.0.0.saturating_sub(before.0.0);
    let real = i64::try_from(now.1.saturating_sub(before.1).as_millis()).unwrap_or(i64::MAX);
    u128::from(wall.abs_diff(real)) > JUMP.as_millis()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_700_000_000_000);

    fn settings() -> DeliverySettings {
        DeliverySettings::default()
    }

    #[test]
    fn waits_double_and_are_spread_by_chance() {
        let cases = [
            (0, 0, 2_500),
            (0, 1 << 31, 5_000),
            (0, u32::MAX, 7_499),
            (1, 1 << 31, 10_000),
            (7, 1 << 31, 640_000),
            (7, 0, 320_000),
        ];
        for (tries, random, want) in cases {
            assert_eq!(wait(tries, random, &settings()), Duration::from_millis(want), "{tries} {random}");
        }
        assert!(wait(u32::MAX, u32::MAX, &settings()) > Duration::from_secs(1 << 30));
    }

    #[test]
    fn an_age_is_never_below_zero_and_a_delivery_is_tried_until_the_greatest() {
        let cases = [(-5, 0, false), (0, 0, false), (900_000, 900_000, false), (900_001, 900_001, true)];
        for (after, want, too_old) in cases {
            let now = Millis(NOW.0 + after);
            assert_eq!(age(NOW, now), Duration::from_millis(want), "{after}");
            assert_eq!(is_too_old(NOW, now, &settings()), too_old, "{after}");
        }
        assert_eq!(age(Millis(i64::MAX), Millis(i64::MIN)), Duration::ZERO);
    }

    #[test]
    fn what_no_wait_can_have_set_is_due() {
        let longest = longest_wait(&settings());
        let cases = [(-1, true), (0, true), (1, false), (900_000, false), (900_001, true)];
        for (ahead, want) in cases {
            assert_eq!(is_due(Millis(NOW.0 + ahead), NOW, longest), want, "{ahead}");
        }
    }

    #[test]
    fn the_breaker_waits_even_where_deliveries_are_given_up_sooner() {
        let mut settings = settings();
        assert_eq!(longest_wait(&settings), Duration::from_secs(900));
        settings.greatest_age = Duration::from_secs(10);
        assert_eq!(longest_wait(&settings), Duration::from_secs(60));
        assert_eq!(lease(Duration::from_secs(30)), Duration::from_secs(40));
        assert_eq!(later(NOW, Duration::from_millis(5)), Millis(NOW.0 + 5));
    }

    #[test]
    fn a_clock_that_was_set_is_noticed_in_both_directions() {
        let second = Duration::from_secs(1);
        let cases = [
            (1_000, second, false),
            (61_000, second, false),
            (61_001, second, true),
            (-59_000, second, false),
            (-59_001, second, true),
            (3_600_000, Duration::from_secs(3_600), false),
            (0, Duration::from_secs(61), true),
        ];
        for (wall, real, want) in cases {
            let now = (Millis(NOW.0 + wall), second + real);
            assert_eq!(jumped((NOW, second), now), want, "{wall} {real:?}");
        }
    }
}
