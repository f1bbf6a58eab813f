//! What follows an attempt. Pure: no clock, no sleep, no network.

use super::wait::{is_too_old, later, wait};
use super::{DeliverySettings, FailureClass, Mode, State};
use crate::id::Millis;

/// How an attempt ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Met {
    /// An answer came, whatever its status.
    Answered {
        /// The time before which the receiver wants no other call, if it said one.
        retry_after: Option<Millis>,
        /// Of the answer.
        status: u16,
    },
    /// The process ended, or the lease ran out, during the call.
    Interrupted,
    /// No answer came.
    Unanswered {
        /// Why.
        class: FailureClass,
        /// Whether something may have been sent.
        maybe_sent: bool,
    },
    /// Something of our own failed before a call was made.
    Unprepared,
}

/// A delivery at the end of an attempt.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case<'a> {
    /// Whether somebody asked for this attempt, however old the delivery is.
    pub(crate) by_hand: bool,
    /// When its cause was made.
    pub(crate) create_at: Millis,
    /// What is done about calls that got no answer.
    pub(crate) mode: Mode,
    /// Any number, for the jitter.
    pub(crate) random: u32,
    /// What counts now.
    pub(crate) settings: &'a DeliverySettings,
    /// How many attempts were made before this one, since it was recorded or asked for.
    pub(crate) tries: u32,
}

/// What follows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Next {
    /// It is tried again at once.
    Again,
    /// It ends so.
    End {
        /// Whether the answer may hold a reply.
        reads_reply: bool,
        /// How it ends.
        state: State,
        /// Why, in words; empty where the state says it all.
        why: &'static str,
    },
    /// It ends as failed, and so does all that waits for the same target: the receiver wants no more.
    Gone,
    /// It is tried again then.
    RetryAt(Millis),
}

impl Case<'_> {
    /// Says what follows what this attempt met.
    pub(crate) fn after(&self, met: Met, now: Millis) -> Next {
        match (met, self.mode) {
            (Met::Answered { status: 410, .. }, Mode::Full) => Next::Gone,
            (Met::Answered { retry_after, status }, Mode::Full) if asks_for_repetition(status) => {
                self.repeat(retry_after, now, true)
            }
            (Met::Answered { .. }, _) => end(State::Delivered, "", true),
            (Met::Unanswered { class, .. }, _) if is_for_ever(class) => end(State::Failed, "", false),
            (Met::Unanswered { maybe_sent: true, .. }, Mode::Safe) => end(State::Failed, MAYBE_SENT, false),
            (Met::Unanswered { .. }, Mode::Off) => end(State::Failed, "", false),
            (Met::Interrupted, Mode::Off) => end(State::Failed, INTERRUPTED, false),
            (Met::Interrupted, _) if self.is_expired(now) => end(State::Dead, TOO_OLD, false),
            (Met::Interrupted, _) => Next::Again,
            (Met::Unanswered { .. } | Met::Unprepared, _) => self.repeat(None, now, false),
        }
    }

    /// Whether it is too old for an attempt that nobody asked for.
    pub(crate) fn is_expired(&self, now: Millis) -> bool {
        !self.by_hand && is_too_old(self.create_at, now, self.settings)
    }

    fn repeat(&self, not_before: Option<Millis>, now: Millis, is_answered: bool) -> Next {
        let due = later(now, wait(self.tries, self.random, self.settings)).max(not_before.unwrap_or(now));
        if is_too_old(self.create_at, due, self.settings) {
            return end(State::Dead, TOO_OLD, is_answered);
        }
        Next::RetryAt(due)
    }
}

impl Met {
    /// What the attempt tells of the receiver: whether it answers; none where it was not asked.
    pub(crate) fn answered(self) -> Option<bool> {
        match self {
            Self::Answered { .. } | Self::Unanswered { class: FailureClass::Redirect, .. } => Some(true),
            Self::Unanswered { class, .. } if is_for_ever(class) => None,
            Self::Unanswered { .. } => Some(false),
            Self::Interrupted | Self::Unprepared => None,
        }
    }

    /// The kind of failure that stands in the log of attempts.
    pub(crate) fn failure(self, mode: Mode) -> Option<FailureClass> {
        match self {
            Self::Answered { status, .. } => {
                (mode == Mode::Full && (status == 410 || asks_for_repetition(status))).then_some(FailureClass::Status)
            }
            Self::Interrupted => Some(FailureClass::Interrupted),
            Self::Unanswered { class, .. } => Some(class),
            Self::Unprepared => None,
        }
    }
}

fn end(state: State, why: &'static str, reads_reply: bool) -> Next {
    Next::End { reads_reply, state, why }
}

/// Whether a status says that the same call may be answered better later (OUT-332).
fn asks_for_repetition(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Whether the same call would always meet the same (OUT-334).
fn is_for_ever(class: FailureClass) -> bool {
    matches!(class, FailureClass::Blocked | FailureClass::Redirect | FailureClass::Url)
}

const INTERRUPTED: &str = "the server stopped during the call";
const MAYBE_SENT: &str = "the receiver may have got the call, so it is not repeated";
/// Why a delivery is given up that was not delivered in time.
pub(crate) const TOO_OLD: &str = "it could not be delivered in time";
/// Why a delivery ends whose receiver wants no more.
pub(crate) const GONE: &str = "the receiver says that it is gone (410)";

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use FailureClass::{Blocked, Body, Connect, Dns, Protocol, Redirect, Timeout, Tls, Url};
    use Mode::{Full, Off, Safe};

    use super::*;

    const NOW: Millis = Millis(1_700_000_000_000);
    const MIDDLE: u32 = 1 << 31;

    fn after(mode: Mode, met: Met) -> Next {
        case(mode, 0).after(met, NOW)
    }

    /// A case of a delivery that is so many seconds old.
    fn case(mode: Mode, age: i64) -> Case<'static> {
        static SETTINGS: std::sync::LazyLock<DeliverySettings> = std::sync::LazyLock::new(DeliverySettings::default);
        let create_at = Millis(NOW.0 - age * 1_000);
        Case { by_hand: false, create_at, mode, random: MIDDLE, settings: &SETTINGS, tries: 0 }
    }

    fn status(status: u16) -> Met {
        Met::Answered { retry_after: None, status }
    }

    fn unanswered(class: FailureClass, maybe_sent: bool) -> Met {
        Met::Unanswered { class, maybe_sent }
    }

    const DELIVERED: Next = Next::End { reads_reply: true, state: State::Delivered, why: "" };
    const FAILED: Next = Next::End { reads_reply: false, state: State::Failed, why: "" };
    const UNSURE: Next = Next::End { reads_reply: false, state: State::Failed, why: MAYBE_SENT };
    const RETRIED: Next = Next::RetryAt(Millis(NOW.0 + 5_000));
    const DEAD: Next = Next::End { reads_reply: false, state: State::Dead, why: TOO_OLD };

    #[test]
    fn each_mode_makes_its_own_of_each_outcome() {
        let cases = [
            (status(200), DELIVERED, DELIVERED, DELIVERED),
            (status(204), DELIVERED, DELIVERED, DELIVERED),
            (status(307), DELIVERED, DELIVERED, DELIVERED),
            (status(404), DELIVERED, DELIVERED, DELIVERED),
            (status(407), DELIVERED, DELIVERED, DELIVERED),
            (status(408), DELIVERED, RETRIED, DELIVERED),
            (status(410), DELIVERED, Next::Gone, DELIVERED),
            (status(425), DELIVERED, RETRIED, DELIVERED),
            (status(429), DELIVERED, RETRIED, DELIVERED),
            (status(499), DELIVERED, DELIVERED, DELIVERED),
            (status(500), DELIVERED, RETRIED, DELIVERED),
            (status(599), DELIVERED, RETRIED, DELIVERED),
            (status(600), DELIVERED, DELIVERED, DELIVERED),
            (unanswered(Dns, false), RETRIED, RETRIED, FAILED),
            (unanswered(Connect, false), RETRIED, RETRIED, FAILED),
            (unanswered(Tls, false), RETRIED, RETRIED, FAILED),
            (unanswered(Timeout, false), RETRIED, RETRIED, FAILED),
            (unanswered(Timeout, true), UNSURE, RETRIED, FAILED),
            (unanswered(Protocol, true), UNSURE, RETRIED, FAILED),
            (unanswered(Connect, true), UNSURE, RETRIED, FAILED),
            (unanswered(Blocked, false), FAILED, FAILED, FAILED),
            (unanswered(Url, false), FAILED, FAILED, FAILED),
            (unanswered(Redirect, true), FAILED, FAILED, FAILED),
            (unanswered(Blocked, true), FAILED, FAILED, FAILED),
            (Met::Interrupted, Next::Again, Next::Again, end(State::Failed, INTERRUPTED, false)),
            (Met::Unprepared, RETRIED, RETRIED, RETRIED),
        ];
        for (met, safe, full, off) in cases {
            assert_eq!([after(Safe, met), after(Full, met), after(Off, met)], [safe, full, off], "{met:?}");
        }
    }

    #[test]
    fn what_could_not_be_delivered_in_time_is_dead() {
        let cases = [
            (unanswered(Dns, false), Safe, 894, RETRIED),
            (unanswered(Dns, false), Safe, 895, RETRIED),
            (unanswered(Dns, false), Safe, 896, DEAD),
            (status(500), Full, 895, RETRIED),
            (status(500), Full, 896, end(State::Dead, TOO_OLD, true)),
            (Met::Interrupted, Safe, 900, Next::Again),
            (Met::Interrupted, Safe, 901, DEAD),
            (Met::Interrupted, Off, 901, end(State::Failed, INTERRUPTED, false)),
            (Met::Unprepared, Off, 896, DEAD),
            (status(200), Full, 100_000, DELIVERED),
        ];
        for (met, mode, age, want) in cases {
            assert_eq!(case(mode, age).after(met, NOW), want, "{met:?} {mode:?} {age}");
        }
    }

    #[test]
    fn what_somebody_asked_for_is_tried_however_old_it_is_and_dead_if_that_fails() {
        let by_hand = Case { by_hand: true, ..case(Safe, 100_000) };
        assert!(!by_hand.is_expired(NOW) && case(Safe, 100_000).is_expired(NOW) && !case(Safe, 900).is_expired(NOW));
        assert_eq!(by_hand.after(Met::Interrupted, NOW), Next::Again);
        assert_eq!(by_hand.after(unanswered(Dns, false), NOW), DEAD);
    }

    #[test]
    fn a_receiver_may_ask_for_a_longer_wait_but_for_no_shorter_one() {
        let answered = |seconds: i64| Met::Answered { retry_after: Some(Millis(NOW.0 + seconds * 1_000)), status: 503 };
        let cases = [
            (-60, RETRIED),
            (4, RETRIED),
            (6, Next::RetryAt(Millis(NOW.0 + 6_000))),
            (900, Next::RetryAt(Millis(NOW.0 + 900_000))),
            (901, end(State::Dead, TOO_OLD, true)),
        ];
        for (seconds, want) in cases {
            assert_eq!(after(Full, answered(seconds)), want, "{seconds}");
        }
        assert_eq!(after(Safe, answered(60)), DELIVERED);
    }

    #[test]
    fn the_waits_grow() {
        let due = |tries| match (Case { tries, ..case(Safe, 0) }).after(unanswered(Dns, false), NOW) {
            Next::RetryAt(due) => Duration::from_millis((due.0 - NOW.0).unsigned_abs()).as_secs(),
            other => panic!("{other:?}"),
        };
        assert_eq!([0, 1, 2, 7].map(due), [5, 10, 20, 640]);
    }

    #[test]
    fn only_calls_that_met_nobody_count_against_a_receiver() {
        let cases = [
            (status(500), Some(true)),
            (unanswered(Redirect, true), Some(true)),
            (unanswered(Blocked, false), None),
            (unanswered(Url, false), None),
            (unanswered(Dns, false), Some(false)),
            (unanswered(Timeout, true), Some(false)),
            (Met::Interrupted, None),
            (Met::Unprepared, None),
        ];
        for (met, want) in cases {
            assert_eq!(met.answered(), want, "{met:?}");
        }
    }

    #[test]
    fn the_log_names_what_went_wrong() {
        let cases = [
            (status(500), Full, Some(FailureClass::Status)),
            (status(410), Full, Some(FailureClass::Status)),
            (status(404), Full, None),
            (status(500), Safe, None),
            (status(410), Safe, None),
            (unanswered(Body, true), Safe, Some(Body)),
            (Met::Interrupted, Off, Some(FailureClass::Interrupted)),
            (Met::Unprepared, Safe, None),
        ];
        for (met, mode, want) in cases {
            assert_eq!(met.failure(mode), want, "{met:?} {mode:?}");
        }
    }
}
