//! When a receiver that does not answer is left in peace.

use std::time::Duration;

use super::BreakerFigure;
use super::wait::{is_due, later};
use crate::id::Millis;

/// So many calls in a row that nobody answered open it.
const ENOUGH: u32 = 5;

/// How long it stays open the first time.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// How long it stays open at most.
pub(crate) const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The breaker of a lane.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Breaker {
    open: Option<Open>,
    /// Calls in a row that nobody answered, while it is closed.
    unanswered: u32,
}

/// A breaker that is open.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Open {
    /// When it may be tried whether somebody answers.
    pub(crate) until: Millis,
    /// How long it waited for that.
    pub(crate) wait: Duration,
}

/// Whether a call may be made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Leave {
    /// It may, as others may.
    Granted,
    /// It may, and no other: it is to see whether somebody answers.
    Probe,
    /// Not before this time.
    Wait(Millis),
}

impl Breaker {
    /// One that is open, as it was written down.
    pub(crate) fn opened(open: Open) -> Self {
        Self { open: Some(open), unanswered: ENOUGH }
    }

    /// Says whether a call may be made now, while no probe is under way.
    pub(crate) fn leave(&self, now: Millis) -> Leave {
        match self.open {
            None => Leave::Granted,
            Some(Open { until, .. }) if is_due(until, now, LONGEST_WAIT) => Leave::Probe,
            Some(Open { until, .. }) => Leave::Wait(until),
        }
    }

    /// Learns that a call was answered, or was not. What was under way when it opened teaches it nothing but an answer.
    pub(crate) fn learn(&mut self, answered: bool, is_probe: bool, now: Millis) {
        if answered {
            *self = Self::default();
            return;
        }
        let wait = match self.open {
            Some(open) if is_probe => open.wait.saturating_mul(2).min(LONGEST_WAIT),
            Some(_) => return,
            None => FIRST_WAIT,
        };
        self.unanswered = self.unanswered.saturating_add(1);
        if self.unanswered >= ENOUGH {
            self.open = Some(Open { until: later(now, wait), wait });
        }
    }

    /// How it stands open, if it does.
    pub(crate) fn open(&self) -> Option<Open> {
        self.open
    }

    /// Whether it knows nothing worth keeping.
    pub(crate) fn is_fresh(&self) -> bool {
        *self == Self::default()
    }

    /// How it is shown.
    pub(crate) fn figure(&self, is_probing: bool) -> BreakerFigure {
        match self.open {
            None => BreakerFigure::Closed,
            Some(_) if is_probing => BreakerFigure::Probing,
            Some(_) => BreakerFigure::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_700_000_000_000);

    fn at(seconds: i64) -> Millis {
        Millis(NOW.0 + seconds * 1_000)
    }

    fn opened() -> Breaker {
        let mut breaker = Breaker::default();
        (0..5).for_each(|_| breaker.learn(false, false, NOW));
        breaker
    }

    #[test]
    fn five_calls_in_a_row_without_an_answer_open_it() {
        let mut breaker = Breaker::default();
        for call in 1..5 {
            breaker.learn(false, false, NOW);
            assert_eq!((breaker.leave(NOW), breaker.is_fresh()), (Leave::Granted, false), "{call}");
        }
        breaker.learn(true, false, NOW);
        assert!(breaker.is_fresh());
        (0..4).for_each(|_| breaker.learn(false, false, NOW));
        assert_eq!(breaker.leave(NOW), Leave::Granted);
        breaker.learn(false, false, NOW);
        assert_eq!(breaker.leave(NOW), Leave::Wait(at(5)));
        assert_eq!(breaker.open(), Some(Open { until: at(5), wait: Duration::from_secs(5) }));
    }

    #[test]
    fn one_probe_at_a_time_waits_twice_as_long_up_to_a_minute() {
        let (mut breaker, mut now) = (opened(), NOW);
        for wait in [5, 10, 20, 40, 60, 60] {
            let due = Millis(now.0 + wait * 1_000);
            assert_eq!(breaker.leave(now), Leave::Wait(due), "{wait}");
            assert_eq!(breaker.leave(Millis(due.0 - 1)), Leave::Wait(due), "{wait}");
            assert_eq!(breaker.leave(due), Leave::Probe, "{wait}");
            now = due;
            breaker.learn(false, true, now);
        }
    }

    #[test]
    fn calls_that_were_under_way_when_it_opened_do_not_make_it_wait_longer() {
        let mut breaker = opened();
        breaker.learn(false, false, at(3));
        assert_eq!(breaker.leave(at(3)), Leave::Wait(at(5)));
        breaker.learn(true, false, at(4));
        assert_eq!(breaker, Breaker::default());
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_keep_it_open() {
        assert_eq!(opened().leave(at(-55)), Leave::Wait(at(5)));
        assert_eq!(opened().leave(at(-56)), Leave::Probe);
    }

    #[test]
    fn what_was_written_down_is_taken_up_again() {
        let mut breaker = Breaker::opened(opened().open().unwrap());
        assert_eq!(breaker, opened());
        assert_eq!([breaker.figure(false), breaker.figure(true)], [BreakerFigure::Open, BreakerFigure::Probing]);
        breaker.learn(true, true, at(5));
        assert_eq!((breaker.figure(false), breaker.open()), (BreakerFigure::Closed, None));
    }
}
