//! What an attempt leaves in the record of a delivery.

use super::outcome::{GONE, Met, Next, TOO_OLD};
use super::record::{DeliveryRecord, Phase};
use super::{Attempt, FailureClass, Mode, State};
use crate::id::{Millis, PostId};

/// How an attempt went.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Tried {
    /// What the delivery was for is gone, for this reason.
    Dropped(String),
    /// It was too old; nothing was done.
    Expired,
    /// A call was made, or would have been.
    Made(Made),
    /// It can never be sent.
    Unsendable {
        /// What kind of failure that is.
        class: FailureClass,
        /// Why, in words.
        why: String,
    },
}

/// A call that was made, or would have been.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Made {
    /// What happened, for the log; empty where the rest says it.
    pub(crate) detail: String,
    /// Whether the answer is a redirect that leads where hooks do not go.
    pub(crate) is_unfollowed: bool,
    /// What it met.
    pub(crate) met: Met,
    /// What was done about no answer.
    pub(crate) mode: Mode,
    /// What follows.
    pub(crate) next: Next,
    /// What became of the answer.
    pub(crate) reply: Reply,
}

/// What became of an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Reply {
    /// There was nothing to post.
    None,
    /// It is not posted, for this reason.
    NotPosted(String),
    /// This post was made of it.
    Posted(PostId),
    /// It cannot be used, for this reason.
    Unusable(String),
}

/// When an attempt began, how long it took, and when it is settled.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Span {
    /// How long, in milliseconds.
    pub(crate) duration: u64,
    /// When it is settled.
    pub(crate) end: Millis,
    /// When it began.
    pub(crate) start: Millis,
}

impl DeliveryRecord {
    /// Takes in how an attempt went.
    pub(crate) fn settle(&mut self, tried: Tried, span: Span) {
        match tried {
            Tried::Dropped(why) => self.end(State::Dropped, why, span.end),
            Tried::Expired => {
                let why = joined(TOO_OLD, &self.reason);
                self.end(State::Dead, why, span.end);
            }
            Tried::Made(made) => self.settle_call(made, span),
            Tried::Unsendable { class, why } => {
                self.log(Attempt { failure: Some(class), duration: span.duration, start: span.start, status: None });
                self.end(State::Failed, why, span.end);
            }
        }
    }

    fn settle_call(&mut self, made: Made, span: Span) {
        let Made { detail, is_unfollowed, met, mode, next, reply } = made;
        self.tries = self.tries.saturating_add(1);
        let status = match met {
            Met::Answered { status, .. } => Some(status),
            Met::Interrupted | Met::Unanswered { .. } | Met::Unprepared => None,
        };
        if met != Met::Unprepared {
            let failure = match reply {
                Reply::Unusable(_) => Some(FailureClass::Body),
                _ if is_unfollowed => Some(FailureClass::Redirect),
                _ => met.failure(mode),
            };
            self.log(Attempt { failure, duration: span.duration, start: span.start, status });
        }
        if let Reply::Posted(post) = reply {
            self.reply = Some(post);
        }
        match next {
            Next::Again => self.phase = Phase::Ready(span.end),
            Next::RetryAt(due) => {
                (self.phase, self.by_hand) = (Phase::Waiting(due), false);
                self.reason = detail;
            }
            Next::Gone => self.end(State::Failed, GONE, span.end),
            Next::End { state, why, .. } => match reply {
                Reply::Unusable(why) if state == State::Delivered => self.end(State::Failed, why, span.end),
                Reply::NotPosted(why) if state == State::Delivered => self.end(state, why, span.end),
                _ => self.end(state, joined(why, &detail), span.end),
            },
        }
    }
}

/// A reason and what is known of it.
fn joined(why: &str, detail: &str) -> String {
    match (why, detail) {
        ("", only) | (only, "") => only.to_owned(),
        (why, detail) => format!("{why}: {detail}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::record::tests::sample;

    const NOW: Millis = Millis(1_700_000_005_000);
    const SPAN: Span = Span { duration: 40, end: NOW, start: Millis(1_700_000_004_960) };

    fn made(met: Met, next: Next, reply: Reply) -> Tried {
        let detail = if matches!(met, Met::Answered { .. }) { "" } else { "no route" };
        Tried::Made(Made { detail: detail.to_owned(), is_unfollowed: false, met, mode: Mode::Safe, next, reply })
    }

    fn settled(tried: Tried) -> DeliveryRecord {
        let mut record = sample(Phase::Ready(NOW));
        (record.by_hand, record.reason) = (true, "as before".to_owned());
        record.settle(tried, SPAN);
        record
    }

    const ANSWERED: Met = Met::Answered { retry_after: None, status: 204 };
    const REFUSED: Met = Met::Unanswered { class: FailureClass::Connect, maybe_sent: false };

    fn end(state: State, why: &'static str) -> Next {
        Next::End { reads_reply: true, state, why }
    }

    #[test]
    fn each_end_leaves_a_state_and_a_reason() {
        let unusable = || Reply::Unusable("no JSON".to_owned());
        let not_posted = || Reply::NotPosted("too late".to_owned());
        let cases = [
            (Tried::Dropped("gone".to_owned()), State::Dropped, "gone"),
            (Tried::Expired, State::Dead, "it could not be delivered in time: as before"),
            (Tried::Unsendable { class: FailureClass::Url, why: "no address".to_owned() }, State::Failed, "no address"),
            (made(ANSWERED, end(State::Delivered, ""), Reply::None), State::Delivered, ""),
            (made(ANSWERED, end(State::Delivered, ""), unusable()), State::Failed, "no JSON"),
            (made(ANSWERED, end(State::Delivered, ""), not_posted()), State::Delivered, "too late"),
            (made(ANSWERED, end(State::Dead, "late"), unusable()), State::Dead, "late"),
            (made(ANSWERED, end(State::Dead, "late"), not_posted()), State::Dead, "late"),
            (made(ANSWERED, Next::Gone, Reply::None), State::Failed, GONE),
            (made(REFUSED, end(State::Failed, ""), Reply::None), State::Failed, "no route"),
            (made(REFUSED, end(State::Dead, "late"), Reply::None), State::Dead, "late: no route"),
            (made(REFUSED, Next::RetryAt(NOW), Reply::None), State::Pending, "no route"),
        ];
        for (tried, state, reason) in cases {
            let record = settled(tried.clone());
            assert_eq!((record.state(), record.reason.as_str()), (state, reason), "{tried:?}");
            let needs_payload = !matches!(state, State::Delivered | State::Dropped);
            assert_eq!(record.payload.is_empty(), !needs_payload, "{tried:?}");
            assert!(!record.by_hand, "{tried:?}");
            if state != State::Pending {
                assert_eq!(record.phase, Phase::Ended { at: NOW, state }, "{tried:?}");
            }
        }
    }

    #[test]
    fn each_try_is_logged_and_counted() {
        let attempt = |failure, status| Attempt { failure, duration: 40, start: SPAN.start, status };
        let unfollowed = |mut tried: Tried| {
            if let Tried::Made(made) = &mut tried {
                made.is_unfollowed = true;
            }
            tried
        };
        let delivered = end(State::Delivered, "");
        let cases = [
            (made(ANSWERED, delivered, Reply::None), vec![attempt(None, Some(204))], 1),
            (
                unfollowed(made(ANSWERED, delivered, Reply::None)),
                vec![attempt(Some(FailureClass::Redirect), Some(204))],
                1,
            ),
            (
                made(ANSWERED, delivered, Reply::Unusable(String::new())),
                vec![attempt(Some(FailureClass::Body), Some(204))],
                1,
            ),
            (made(REFUSED, Next::RetryAt(NOW), Reply::None), vec![attempt(Some(FailureClass::Connect), None)], 1),
            (made(Met::Interrupted, Next::Again, Reply::None), vec![attempt(Some(FailureClass::Interrupted), None)], 1),
            (made(Met::Unprepared, Next::RetryAt(NOW), Reply::None), vec![], 1),
            (
                Tried::Unsendable { class: FailureClass::Url, why: String::new() },
                vec![attempt(Some(FailureClass::Url), None)],
                0,
            ),
            (Tried::Expired, vec![], 0),
            (Tried::Dropped(String::new()), vec![], 0),
        ];
        for (tried, attempts, tries) in cases {
            let record = settled(tried.clone());
            assert_eq!((record.attempts, record.tries), (attempts, tries), "{tried:?}");
        }
    }

    #[test]
    fn what_is_tried_again_waits_or_is_ready() {
        let later = Millis(NOW.0 + 5_000);
        assert_eq!(settled(made(REFUSED, Next::RetryAt(later), Reply::None)).phase, Phase::Waiting(later));
        let again = settled(made(Met::Interrupted, Next::Again, Reply::None));
        assert_eq!((again.phase, again.by_hand), (Phase::Ready(NOW), true), "somebody still asks for it");
    }

    #[test]
    fn the_post_that_was_made_of_the_answer_is_kept() {
        let post = PostId::from_random([3; 16]);
        for state in [State::Delivered, State::Dead] {
            assert_eq!(settled(made(ANSWERED, end(state, ""), Reply::Posted(post))).reply, Some(post), "{state:?}");
        }
    }
}
