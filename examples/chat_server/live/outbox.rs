//! What one websocket is to send, and what it sent last, so that a client that lost its connection misses nothing
//! (API-58, API-61, API-61a).

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jackfield::id::{RequestId, SessionId, UserId};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::hub::Frame;

/// The events for one client, across the connections that it has one after the other.
#[derive(Debug)]
pub(crate) struct Outbox {
    changed: Notify,
    /// What the client names it by when it resumes.
    pub(crate) id: RequestId,
    state: Mutex<State>,
    pub(crate) user: UserId,
}

#[derive(Debug)]
struct State {
    /// The number of the next event to hand out.
    cursor: u64,
    ended: bool,
    /// Events with their numbers: those that wait, and before them the last ones that were sent.
    events: VecDeque<Arc<str>>,
    /// The number of the first one of `events`.
    first: u64,
    /// Since when nobody takes events.
    idle_since: Option<Instant>,
    session: SessionId,
    /// Which connection takes events; a newer one takes the place of the one before.
    turn: u64,
}

impl Outbox {
    /// An outbox that nobody takes events from yet.
    pub(crate) fn new(id: RequestId, user: UserId, session: SessionId) -> Self {
        let state = State {
            cursor: 0,
            ended: false,
            events: VecDeque::new(),
            first: 0,
            idle_since: Some(Instant::now()),
            session,
            turn: 0,
        };
        Self { changed: Notify::new(), id, state: Mutex::new(state), user }
    }

    /// Adds an event under the next number. When too many wait, the outbox ends: its client begins anew.
    pub(crate) fn push(&self, frame: &Frame) {
        let mut state = self.state();
        let next = state.next();
        if next.saturating_sub(state.cursor) >= QUEUED_EVENTS {
            state.ended = true;
        } else {
            state.events.push_back(format!("{frame},\"seq\":{next}}}").into());
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Ends it: who takes events learns that there are no more.
    pub(crate) fn end(&self) {
        self.state().ended = true;
        self.changed.notify_waiters();
    }

    /// The session that opened it, or resumed it last.
    pub(crate) fn session(&self) -> SessionId {
        self.state().session
    }

    /// Whether it is of no use any more: it ended, or nobody came back to it in time.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.state();
        state.ended || state.idle_since.is_some_and(|since| since.elapsed() > KEPT_FOR)
    }

    /// Whether a client takes events from it now.
    pub(crate) fn is_taken(&self) -> bool {
        self.state().idle_since.is_none()
    }

    /// Takes the place of who took events so far, from event `from` on. None if that one is not kept any more.
    pub(crate) fn take(&self, session: SessionId, from: u64) -> Option<u64> {
        let mut state = self.state();
        if state.ended || from < state.first || from > state.next() {
            return None;
        }
        (state.cursor, state.session, state.idle_since) = (from, session, None);
        state.turn += 1;
        let turn = state.turn;
        drop(state);
        self.changed.notify_waiters();
        Some(turn)
    }

    /// Says that the connection of this turn is gone.
    pub(crate) fn release(&self, turn: u64) {
        let mut state = self.state();
        if state.turn == turn {
            state.idle_since = Some(Instant::now());
        }
    }

    /// The next event; none if there are no more for the connection of this turn.
    pub(crate) async fn next(&self, turn: u64) -> Option<Arc<str>> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if let Some(found) = self.state().poll(turn) {
                return found;
            }
            changed.await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The number that the next new event gets.
    fn next(&self) -> u64 {
        self.first.saturating_add(self.events.len() as u64)
    }

    /// The next event or the end; none if there is nothing yet.
    fn poll(&mut self, turn: u64) -> Option<Option<Arc<str>>> {
        if self.ended || self.turn != turn {
            return Some(None);
        }
        let place = usize::try_from(self.cursor.saturating_sub(self.first)).ok()?;
        let event = self.events.get(place).cloned()?;
        self.cursor += 1;
        while self.cursor.saturating_sub(self.first) > KEPT_EVENTS {
            self.events.pop_front();
            self.first += 1;
        }
        Some(Some(event))
    }
}

/// How many sent events are kept.
const KEPT_EVENTS: u64 = 128;
/// How long they are kept for a client that is gone.
const KEPT_FOR: Duration = Duration::from_secs(180);
/// How many events may wait.
const QUEUED_EVENTS: u64 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn outbox() -> (Outbox, SessionId) {
        let session = SessionId::from_random([3; 16]);
        (Outbox::new(RequestId::from_random([1; 16]), UserId::from_random([2; 16]), session), session)
    }

    #[tokio::test]
    async fn events_are_numbered_without_gaps() {
        let (outbox, session) = outbox();
        let turn = outbox.take(session, 0).unwrap();
        outbox.push(&"{\"event\":\"a\"".into());
        outbox.push(&"{\"event\":\"b\"".into());
        assert_eq!(outbox.next(turn).await.as_deref(), Some("{\"event\":\"a\",\"seq\":0}"));
        assert_eq!(outbox.next(turn).await.as_deref(), Some("{\"event\":\"b\",\"seq\":1}"));
    }

    #[tokio::test]
    async fn who_comes_back_gets_what_was_missed() {
        let (outbox, session) = outbox();
        let first = outbox.take(session, 0).unwrap();
        for _ in 0..3 {
            outbox.push(&"{\"event\":\"a\"".into());
        }
        let _ = outbox.next(first).await;
        let second = outbox.take(session, 1).unwrap();
        assert_eq!(outbox.next(first).await, None, "the connection before has to go");
        assert_eq!(outbox.next(second).await.as_deref(), Some("{\"event\":\"a\",\"seq\":1}"));
        outbox.release(first);
        assert!(outbox.is_taken());
        outbox.release(second);
        assert!(!outbox.is_taken());
    }

    #[tokio::test]
    async fn only_the_last_events_are_kept() {
        let (outbox, session) = outbox();
        let turn = outbox.take(session, 0).unwrap();
        for _ in 0..200 {
            outbox.push(&"{\"event\":\"a\"".into());
            let _ = outbox.next(turn).await;
        }
        for (from, known) in [(0, false), (71, false), (72, true), (200, true), (201, false)] {
            assert_eq!(outbox.take(session, from).is_some(), known, "{from}");
        }
    }

    #[tokio::test]
    async fn what_nobody_reads_ends() {
        let (outbox, session) = outbox();
        let turn = outbox.take(session, 0).unwrap();
        for _ in 0..=QUEUED_EVENTS {
            outbox.push(&"{\"event\":\"a\"".into());
        }
        assert_eq!(outbox.next(turn).await, None);
        assert!(outbox.is_over());
    }
}
