//! Time as it travels.

use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// Milliseconds since the Unix epoch, UTC; 0 means "never" or "not set" (API-6).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// Eight bytes that sort as the times do, for times that are not negative.
    #[must_use]
    pub fn to_sortable(self) -> [u8; 8] {
        self.0.max(0).to_be_bytes()
    }

    /// The time that is this much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.whole_milliseconds()).unwrap_or(i64::MAX)))
    }

    /// The time that is this much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.whole_milliseconds()).unwrap_or(i64::MAX)))
    }
}

impl From<OffsetDateTime> for Millis {
    fn from(time: OffsetDateTime) -> Self {
        Self(i64::try_from(time.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX))
    }
}
