//! Who listens on websockets.

use std::collections::HashMap;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use jackfield::id::{SessionId, UserId};
use tokio::sync::{mpsc, watch};

/// The open connections of all users.
///
/// Nothing here waits: an event for a connection whose queue is full ends that connection, so that one slow reader
/// delays nobody (API-61).
#[derive(Debug)]
pub(crate) struct Hub {
    closing: watch::Sender<bool>,
    next: AtomicU64,
    queues: RwLock<HashMap<UserId, Vec<Queue>>>,
}

/// An event as JSON without its closing brace: each connection adds its own `seq` (API-58).
pub(crate) type Frame = Arc<str>;

#[derive(Debug)]
struct Queue {
    id: u64,
    sender: mpsc::Sender<Frame>,
    session: SessionId,
}

/// One connection's place in the hub.
#[derive(Debug)]
pub(crate) struct Seat {
    /// What the connection is to send; ends when it must close.
    pub(crate) frames: mpsc::Receiver<Frame>,
    id: u64,
    user: UserId,
}

impl Hub {
    /// A hub where nobody listens.
    pub(crate) fn new() -> Self {
        Self { closing: watch::Sender::new(false), next: AtomicU64::new(0), queues: RwLock::default() }
    }

    /// Takes in a connection.
    pub(crate) fn join(&self, user: UserId, session: SessionId) -> Seat {
        let (sender, frames) = mpsc::channel(QUEUED_EVENTS);
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let queue = Queue { id, sender, session };
        self.queues.write().unwrap_or_else(PoisonError::into_inner).entry(user).or_default().push(queue);
        Seat { frames, id, user }
    }

    /// Lets a connection go.
    pub(crate) fn leave(&self, seat: &Seat) {
        self.retain(seat.user, |queue| queue.id != seat.id);
    }

    /// Closes the connections of a session that ended.
    pub(crate) fn end_session(&self, user: UserId, session: SessionId) {
        self.retain(user, |queue| queue.session != session);
    }

    /// Closes the connections of a session that ended, whosever it was.
    pub(crate) fn end(&self, session: SessionId) {
        for user in self.listeners() {
            self.end_session(user, session);
        }
    }

    /// Closes all connections of a user, but for those of one session if it goes on.
    pub(crate) fn end_user(&self, user: UserId, but: Option<SessionId>) {
        self.retain(user, |queue| Some(queue.session) == but);
    }

    /// The users who have a connection.
    pub(crate) fn listeners(&self) -> HashSet<UserId> {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// Whether nobody listens.
    pub(crate) fn is_empty(&self) -> bool {
        self.queues.read().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Queues an event for all connections of a user.
    pub(crate) fn send(&self, user: UserId, frame: &Frame) {
        let mut full = Vec::new();
        if let Some(queues) = self.queues.read().unwrap_or_else(PoisonError::into_inner).get(&user) {
            full.extend(
                queues.iter().filter(|queue| queue.sender.try_send(Arc::clone(frame)).is_err()).map(|queue| queue.id),
            );
        }
        if !full.is_empty() {
            self.retain(user, |queue| !full.contains(&queue.id));
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

    fn retain(&self, user: UserId, keep: impl Fn(&Queue) -> bool) {
        let mut queues = self.queues.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(own) = queues.get_mut(&user) {
            own.retain(keep);
            if own.is_empty() {
                queues.remove(&user);
            }
        }
    }
}

/// How many events may wait for one connection.
const QUEUED_EVENTS: usize = 256;
