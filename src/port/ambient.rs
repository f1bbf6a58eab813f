//! Time and chance, so that a test can hold both still.

use std::fmt::Debug;
use std::sync::LazyLock;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use futures_timer::Delay;
use time::OffsetDateTime;

use super::PortError;
use crate::id::Millis;

/// Tells the time, and waits.
#[async_trait]
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the wall-clock time in UTC.
    fn now(&self) -> OffsetDateTime;

    /// Returns the same time as it travels. To be overridden where that is cheaper than by way of a calendar.
    fn millis(&self) -> Millis {
        self.now().into()
    }

    /// Returns how long ago some fixed moment was, by a clock that nobody sets: deadlines are measured with it.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn monotonic(&self) -> Duration {
        static START: LazyLock<Instant> = LazyLock::new(Instant::now);
        START.elapsed()
    }

    /// Waits. Works on any runtime: one thread of the process counts for all.
    async fn sleep(&self, duration: Duration) {
        Delay::new(duration).await;
    }
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn millis(&self) -> Millis {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// Gives random bytes.
///
/// # Contract
///
/// The bytes are fit for secrets: unpredictable, and never the same twice but by chance.
pub trait Random: Debug + Send + Sync + 'static {
    /// Fills `bytes`.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError>;
}

/// The operating system's source of random bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), PortError> {
        getrandom::fill(bytes).map_err(PortError::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_read_the_clock_tell_the_same_time() {
        let clock = SystemClock;
        let (before, between, after) = (Millis::from(clock.now()), clock.millis(), Millis::from(clock.now()));
        assert!(before <= between && between <= after, "{before:?} {between:?} {after:?}");
    }
}
