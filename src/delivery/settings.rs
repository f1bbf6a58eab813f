//! What an operator can set about deliveries.

use std::time::Duration;

use super::Mode;

/// The settings of deliveries.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DeliverySettings {
    /// How many calls may run at once that are younger than [`slow_after`](Self::slow_after). 256.
    pub concurrent: usize,
    /// How many calls may run at once in one lane, that is, of one source to one origin. 8.
    pub concurrent_per_lane: usize,
    /// How long a delivery is tried again, and how long its reply is of use. 15 minutes.
    pub greatest_age: Duration,
    /// How deliveries go that nobody chose a mode for. [`Mode::Safe`].
    pub mode: Mode,
    /// How many deliveries of one source may be pending; what comes on top is counted and not stored. 100,000.
    pub pending_per_source: usize,
    /// How long a delivery that ended is kept. 7 days.
    pub retention: Duration,
    /// How many deliveries that ended are kept of one source. 10,000.
    pub retention_per_source: usize,
    /// The first wait before a repetition; each further one is twice as long. 5 seconds.
    pub retry_after: Duration,
    /// When a call counts as slow. 1 second.
    pub slow_after: Duration,
    /// How many slow calls may run at once. 16,384.
    pub slow: usize,
    /// How many slow calls of one lane may run before it begins no other. 2.
    pub slow_per_lane: usize,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            concurrent: 256,
            concurrent_per_lane: 8,
            greatest_age: Duration::from_secs(15 * 60),
            mode: Mode::Safe,
            pending_per_source: 100_000,
            retention: Duration::from_secs(7 * 24 * 60 * 60),
            retention_per_source: 10_000,
            retry_after: Duration::from_secs(5),
            slow_after: Duration::from_secs(1),
            slow: 16_384,
            slow_per_lane: 2,
        }
    }
}
