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
        // As whole nanoseconds divided: toward zero, but without a division of 128 bits.
        let (seconds, milliseconds) = (time.unix_timestamp(), i64::from(time.millisecond()));
        let rounded = i64::from(seconds < 0 && !time.nanosecond().is_multiple_of(1_000_000));
        Self(seconds.saturating_mul(1_000).saturating_add(milliseconds + rounded))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_cut_toward_zero() {
        let cases: [(i128, i64); 7] = [
            (0, 0),
            (999_999, 0),
            (1_700_000_000_123_999_999, 1_700_000_000_123),
            (-1, 0),
            (-999_999, 0),
            (-1_000_000, -1),
            (-1_500_000_001, -1_500),
        ];
        for (nanoseconds, want) in cases {
            let time = OffsetDateTime::from_unix_timestamp_nanos(nanoseconds).unwrap();
            assert_eq!(Millis::from(time), Millis(want), "{nanoseconds}");
        }
    }
}
