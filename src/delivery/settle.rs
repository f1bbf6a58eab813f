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
