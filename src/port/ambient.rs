//! Time and chance, so that a test can hold both still.

use std::fmt::Debug;

use time::OffsetDateTime;

use super::PortError;

/// Tells the time.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Returns the wall-clock time in UTC.
    fn now(&self) -> OffsetDateTime;
}

/// The operating system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the clock")]
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc()
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
