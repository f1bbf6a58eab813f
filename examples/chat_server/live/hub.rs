//! Who listens on websockets.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};

use jackfield::id::{RequestId, SessionId, UserId};
use tokio::sync::watch;

use super::outbox::Outbox;

/// The open connections of all users, and those that broke a short while ago.
///
/// Nothing here waits: a connection whose queue is full ends, so that one slow reader delays nobody (API-61).
#[derive(Debug)]
pub(crate) struct Hub {
    closing: watch::Sender<bool>,
    outboxes: RwLock<HashMap<UserId, Vec<Arc<Outbox>>>>,
}

/// An event as JSON without its closing brace: each connection adds its own `seq` (API-58).
pub(crate) type Frame = Arc<str>;

/// One connection's place in the hub.
#[derive(Debug)]
pub(crate) struct Seat {
    outbox: Arc<Outbox>,
    turn: u64,
}

impl Seat {
    /// What the connection is to send next; none when it must close.
    pub(crate) async fn next(&self) -> Option<Arc<str>> {
        self.outbox.next(self.turn).await
    }

    /// Queues an event for this connection alone.
    pub(crate) fn push(&self, frame: &Frame) {
        self.outbox.push(frame);
    }
}

impl Hub {
    /// A hub where nobody listens.
    pub(crate) fn new() -> Self {
        Self { closing: watch::Sender::new(false), outboxes: RwLock::default() }
    }

    /// Takes in a connection under a new id; none if that failed.
    pub(crate) fn join(&self, id: RequestId, user: UserId, session: SessionId) -> Option<Seat> {
        let outbox = Arc::new(Outbox::new(id, user, session));
        let turn = outbox.take(session, 0)?;
        self.retain(user, |outbox| !outbox.is_over());
        let mut outboxes = self.outboxes.write().unwrap_or_else(PoisonError::into_inner);
        let own = outboxes.entry(user).or_default();
        // Those that wait longest for their client to come back make room.
        let waiting = own.iter().filter(|outbox| !outbox.is_taken()).count();
        let mut superfluous = waiting.saturating_sub(MOST_WAITING.saturating_sub(1));
        own.retain(|outbox| {
            let goes = superfluous > 0 && !outbox.is_taken();
            superfluous -= usize::from(goes);
            !goes
        });
        own.push(Arc::clone(&outbox));
        Some(Seat { outbox, turn })
    }

    /// Goes on with a connection that broke, or that its client gave up, from event `from` on; none if it is not known
    /// any more or has not kept that event.
    pub(crate) fn resume(&self, id: RequestId, user: UserId, session: SessionId, from: u64) -> Option<Seat> {
        self.retain(user, |outbox| !outbox.is_over());
        let outboxes = self.outboxes.read().unwrap_or_else(PoisonError::into_inner);
        let outbox = outboxes.get(&user)?.iter().find(|outbox| outbox.id == id).cloned()?;
        let turn = outbox.take(session, from)?;
        Some(Seat { outbox, turn })
    }

    /// Lets a connection go, and keeps its events for a while.
    pub(crate) fn leave(&self, seat: &Seat) {
        seat.outbox.release(seat.turn);
        self.retain(seat.outbox.user, |outbox| !outbox.is_over());
    }

    /// Closes the connections of a session that ended.
    pub(crate) fn end_session(&self, user: UserId, session: SessionId) {
        self.retain(user, |outbox| outbox.session() != session);
    }

    /// Closes the connections of a session that ended, whosever it was.
    pub(crate) fn end(&self, session: SessionId) {
        let users: Vec<_> = self.outboxes.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect();
        for user in users {
            self.end_session(user, session);
        }
    }

    /// Closes all connections of a user, but for those of one session if it goes on.
    pub(crate) fn end_user(&self, user: UserId, but: Option<SessionId>) {
        self.retain(user, |outbox| Some(outbox.session()) == but);
    }

    /// The sessions that a user's connections were opened with.
    pub(crate) fn sessions_of(&self, user: UserId) -> Vec<SessionId> {
        let outboxes = self.outboxes.read().unwrap_or_else(PoisonError::into_inner);
        outboxes.get(&user).into_iter().flatten().map(|outbox| outbox.session()).collect()
    }

    /// The users for whom events are taken or kept.
    pub(crate) fn listeners(&self) -> HashSet<UserId> {
        self.outboxes.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Whether a user has an open connection.
    pub(crate) fn is_there(&self, user: UserId) -> bool {
        let outboxes = self.outboxes.read().unwrap_or_else(PoisonError::into_inner);
        outboxes.get(&user).is_some_and(|own| own.iter().any(|outbox| outbox.is_taken()))
    }

    /// Whether nobody listens.
    pub(crate) fn is_empty(&self) -> bool {
        self.outboxes.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Queues an event for all connections of a user.
    pub(crate) fn send(&self, user: UserId, frame: &Frame) {
        let mut over = false;
        if let Some(own) = self.outboxes.read().unwrap_or_else(PoisonError::into_inner).get(&user) {
            for outbox in own {
                outbox.push(frame);
                over = over || outbox.is_over();
            }
        }
        if over {
            self.retain(user, |outbox| !outbox.is_over());
        }
    }

    /// Tells all connections to close, now and from now on.
    pub(crate) fn close(&self) {
        self.closing.send_replace(true);
    }

    /// Becomes true when the server stops.
    pub(crate) fn closing(&self) -> watch::Receiver<bool> {
        self.closing.subscribe()
    }

    /// Ends when no connection is left that subscribed to the closing.
    pub(crate) async fn closed(&self) {
        self.closing.closed().await;
    }

    fn retain(&self, user: UserId, keep: impl Fn(&Outbox) -> bool) {
        let mut outboxes = self.outboxes.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = outboxes.get_mut(&user) {
            own.retain(|outbox| {
                let keeps = keep(outbox);
                if !keeps {
                    outbox.end();
                }
                keeps
            });
            if own.is_empty() {
                outboxes.remove(&user);
            }
        }
    }
}

/// How many broken connections of one user are kept.
const MOST_WAITING: usize = 4;
