//! One attempt: the feature's request, the call, the feature's reply.

use std::panic::AssertUnwindSafe;
use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{AbortHandle, Abortable};
use http::header::RETRY_AFTER;

use super::desk::{Claim, Outcome};
use super::feature::{Answer, Errand, Prepared, Replied};
use super::land::{Landing, Pause};
use crate::delivery::outcome::{Case, Met, Next};
use crate::delivery::record::{DeliveryRecord, Phase};
use crate::delivery::settle::{Made, Reply, Span, Tried};
use crate::delivery::wait::is_too_old;
use crate::delivery::{FailureClass, Mode, retry_after};
use crate::engine::error::Fault;
use crate::engine::{Engine, State, random};
use crate::port::Sent;
use crate::security::redirect::Caller;

/// How far an attempt came, to be known even if it is cut or panics.
#[derive(Debug)]
enum Stage {
    /// The call was under way.
    Called(Mode),
    /// All is known but what becomes of the answer.
    Judged(Made),
    /// Nothing was sent.
    Preparing,
}

impl Engine {
    /// Makes the attempt of a claim, and hands over what became of it.
    pub(super) async fn attempt(&self, claim: Claim) {
        let Claim { seat, stored } = claim;
        let (desk, clock, state) = (&self.shared.deliveries, &self.shared.ports.clock, self.state());
        let (start, began) = (self.now(), clock.monotonic());
        let (abort, registration) = AbortHandle::new_pair();
        let is_first = {
            let mut books = desk.books();
            let is_first = books.aborts.is_empty();
            books.seats.begin(seat.number, began);
            books.aborts.insert(seat.number, abort);
            is_first
        };
        if is_first {
            desk.watch.ring();
        }
        let stage = Mutex::new(Stage::Preparing);
        let work = AssertUnwindSafe(self.work(&state, &stored.kind, &stage)).catch_unwind();
        let tried = match Abortable::new(work, registration).await {
            Ok(Ok(Ok(tried))) => tried,
            Ok(Ok(Err(fault))) => {
                self.observe_fault(&fault);
                self.cut(&state, &stored.kind, stage, FailureClass::Protocol)
            }
            Ok(Err(_panic)) => {
                self.observe_fault(&Fault::panicked());
                self.cut(&state, &stored.kind, stage, FailureClass::Protocol)
            }
            Err(_aborted) => self.cut(&state, &stored.kind, stage, FailureClass::Timeout),
        };
        let (now, mut record) = (self.now(), stored.kind.clone());
        let mut is_gone = false;
        if let Tried::Made(made) = &tried {
            is_gone = made.next == Next::Gone;
            let was_slow = clock.monotonic().saturating_sub(began) >= state.settings.deliveries.slow_after;
            let mut books = desk.books();
            let opened = made.met.answered();
            let opened = opened.and_then(|answered| books.seats.learn(seat.number, answered, was_slow, now));
            books.runnable.extend(opened);
            drop(books);
            if opened.is_some() {
                desk.feed.ring();
            }
        }
        let duration = u64::try_from(clock.monotonic().saturating_sub(began).as_millis()).unwrap_or(u64::MAX);
        record.settle(tried, Span { duration, end: now, start });
        match Landing::new(stored, record) {
            Ok(landing) => desk.end(Outcome { is_gone, landing, seat }),
            Err(fault) => self.observe_fault(&fault),
        }
    }

    /// Gives back a claim whose call was not begun.
    pub(super) fn unclaim(&self, claim: Claim) {
        let Claim { seat, stored } = claim;
        let mut record = stored.kind.clone();
        record.phase = Phase::Ready(self.now());
        match Landing::new(stored, record) {
            Ok(landing) => self.shared.deliveries.end(Outcome { is_gone: false, landing, seat }),
            Err(fault) => self.observe_fault(&fault),
        }
    }

    async fn work(&self, state: &State, record: &DeliveryRecord, stage: &Mutex<Stage>) -> Result<Tried, Fault> {
        let now = self.now();
        let case = self.case(state, record, record.mode, MIDDLE);
        if case.is_expired(now) {
            return Ok(Tried::Expired);
        }
        // Boxed, so that a call that runs long does not keep the room of what comes before and after it.
        let call = match Box::pin(self.prepare_call(state, &record.feature, self.errand(state, record))).await? {
            Prepared::Call(call) => call,
            Prepared::Drop(why) => return Ok(Tried::Dropped(why)),
            Prepared::Fail(class, why) => return Ok(Tried::Unsendable { class, why }),
        };
        let mode = call.mode.unwrap_or(state.settings.deliveries.mode);
        set(stage, Stage::Called(mode));
        match self.call_out(state, &call.url, call.request, Caller::Hook).await {
            Err(unanswered) => {
                let met = Met::Unanswered { class: unanswered.class, maybe_sent: unanswered.sent == Sent::Maybe };
                Ok(Tried::Made(self.judged(state, record, mode, met, unanswered.detail)))
            }
            Ok(answered) => {
                let response = answered.response;
                let status = response.head.status.as_u16();
                let retry_after =
                    response.head.headers.get(RETRY_AFTER).and_then(|value| retry_after(value.as_bytes(), self.now()));
                let mut made = self.judged(state, record, mode, Met::Answered { retry_after, status }, String::new());
                made.is_unfollowed = answered.is_unfollowed;
                if !matches!(made.next, Next::Gone | Next::End { reads_reply: true, .. }) {
                    return Ok(Tried::Made(made));
                }
                set(stage, Stage::Judged(made.clone()));
                let answer = Answer { body: &response.body, truncated: response.truncated };
                made.reply = Box::pin(self.reply(state, record, answer)).await;
                Ok(Tried::Made(made))
            }
        }
    }

    /// What is made of an attempt that did not come to its own end.
    fn cut(&self, state: &State, record: &DeliveryRecord, stage: Mutex<Stage>, class: FailureClass) -> Tried {
        let stage = stage.into_inner().unwrap_or_else(PoisonError::into_inner);
        Tried::Made(match stage {
            Stage::Called(mode) => {
                let met = Met::Unanswered { class, maybe_sent: true };
                self.judged(state, record, mode, met, CUT.to_owned())
            }
            Stage::Judged(made) => Made { reply: Reply::NotPosted(NOT_TAKEN.to_owned()), ..made },
            Stage::Preparing => {
                let mode = record.mode.unwrap_or(state.settings.deliveries.mode);
                self.judged(state, record, mode, Met::Unprepared, UNPREPARED.to_owned())
            }
        })
    }

    /// Lets the feature take an answer, again if something fails.
    async fn reply(&self, state: &State, record: &DeliveryRecord, answer: Answer<'_>) -> Reply {
        let mut pause = Pause::default();
        for _ in 0..REPLY_TRIES {
            match self.take_answer(state, &record.feature, self.errand(state, record), answer).await {
                Ok(Replied::NotPosted(why)) => return Reply::NotPosted(why),
                Ok(Replied::Nothing) => return Reply::None,
                Ok(Replied::Posted(posts)) => return posts.first().map_or(Reply::None, |post| Reply::Posted(*post)),
                Ok(Replied::Unusable(why)) => return Reply::Unusable(why),
                Err(fault) => self.observe_fault(&fault),
            }
            self.shared.ports.clock.sleep(pause.next()).await;
        }
        Reply::NotPosted(NOT_TAKEN.to_owned())
    }

    fn judged(&self, state: &State, record: &DeliveryRecord, mode: Mode, met: Met, detail: String) -> Made {
        // What is not repeated needs no chance.
        let is_plain = matches!(met, Met::Answered { .. }) && mode != Mode::Full;
        let random = if is_plain { MIDDLE } else { self.jitter() };
        let next = self.case(state, record, Some(mode), random).after(met, self.now());
        Made { detail, is_unfollowed: false, met, mode, next, reply: Reply::None }
    }

    pub(super) fn case<'a>(
        &self,
        state: &'a State,
        record: &DeliveryRecord,
        mode: Option<Mode>,
        random: u32,
    ) -> Case<'a> {
        let settings = &state.settings.deliveries;
        let mode = mode.unwrap_or(settings.mode);
        let DeliveryRecord { by_hand, create_at, tries, .. } = *record;
        Case { by_hand, create_at, mode, random, settings, tries }
    }

    fn errand<'a>(&self, state: &State, record: &'a DeliveryRecord) -> Errand<'a> {
        let DeliveryRecord { cause, create_at, id, payload, source, .. } = record;
        let is_late = is_too_old(*create_at, self.now(), &state.settings.deliveries);
        Errand { cause: *cause, id, is_late, payload, source }
    }

    /// Any number; without chance, the middle.
    pub(super) fn jitter(&self) -> u32 {
        random(&self.shared.ports).map_or(MIDDLE, u32::from_be_bytes)
    }
}

fn set(stage: &Mutex<Stage>, to: Stage) {
    *stage.lock().unwrap_or_else(PoisonError::into_inner) = to;
}

/// The number that stands for no jitter.
pub(super) const MIDDLE: u32 = 1 << 31;
/// How often a feature is to take an answer.
const REPLY_TRIES: usize = 3;
const CUT: &str = "the call was cut";
const NOT_TAKEN: &str = "the answer could not be posted";
const UNPREPARED: &str = "the server could not prepare the call";
