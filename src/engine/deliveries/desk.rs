//! What a node remembers of deliveries: who calls, what is to be called and settled, and how much waits.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::AbortHandle;

use super::land::Landing;
use super::signal::Signal;
use crate::delivery::DeliverySettings;
use crate::delivery::record::{DeliveryRecord, Hold, LaneKey, Phase};
use crate::delivery::seats::{SeatNumber, Seats, Taken, Whom};
use crate::engine::table::Stored;
use crate::id::Millis;

/// What a node remembers of deliveries.
#[derive(Debug, Default)]
pub(in crate::engine) struct Desk {
    books: Mutex<Books>,
    /// There is something to call.
    pub(super) call: Signal,
    /// There is something to claim, or a seat for it.
    pub(super) feed: Signal,
    /// The latest post that was handed in.
    posted: AtomicI64,
    /// There is something to settle.
    pub(super) settle: Signal,
    /// A shift ended.
    pub(super) shift: Signal,
    /// A call began after a time without any.
    pub(super) watch: Signal,
    /// The shift is to end.
    pub(super) close: Signal,
}

/// What the desk's lock guards.
#[derive(Default)]
pub(super) struct Books {
    /// How to cut the calls that run.
    pub(super) aborts: HashMap<SeatNumber, AbortHandle>,
    /// Whether more is claimable than there were seats for.
    pub(super) backlog: bool,
    /// Deliveries that were not stored, by lane.
    pub(super) beyond: BTreeMap<LaneKey, (Whom, u64)>,
    /// How many deliveries ended since a source was swept.
    pub(super) ended: HashMap<[u8; 26], u32>,
    /// Lanes and targets whose owner wants no more.
    pub(super) gone: Vec<(LaneKey, String)>,
    /// The claims of calls that run or are to.
    pub(super) held: HashSet<u64>,
    /// Who makes claims, and how many it made.
    holder: u64,
    /// What is claimed and to be called.
    pub(super) inbox: Vec<Claim>,
    /// Whether a worker runs and claims.
    pub(super) is_open: bool,
    /// Whether a worker runs, be it to finish.
    has_shift: bool,
    /// Whether lanes wait for seats of the node.
    pub(super) lanes_wait: bool,
    /// Whose turn it is to take seats first: that of lanes, or that of what is claimable outside of them.
    pub(super) lanes_first: bool,
    /// When the first lane is due, as far as it is known.
    pub(super) lanes_due: Option<Millis>,
    /// What is to be settled.
    pub(super) outcomes: Vec<Outcome>,
    /// How many deliveries of a source are pending, about.
    pub(super) pending: HashMap<[u8; 26], u64>,
    /// Lanes that were put off and have a seat now.
    pub(super) runnable: VecDeque<LaneKey>,
    pub(super) seats: Seats,
}

/// A delivery that this node claimed, and the seat of its call.
pub(super) struct Claim {
    pub(super) seat: Seat,
    pub(super) stored: Stored<DeliveryRecord>,
}

/// What became of a claim, to be written down.
pub(super) struct Outcome {
    /// Whether its receiver wants no more of the same target.
    pub(super) is_gone: bool,
    pub(super) landing: Landing,
    /// Given back when it is written down, so that a storage that is slow makes calls wait.
    pub(super) seat: Seat,
}

/// A seat that is taken; given back when it is dropped.
pub(super) struct Seat {
    desk: Arc<Desk>,
    /// The claim that it is for.
    hold: Option<u64>,
    pub(super) number: SeatNumber,
}

/// A worker at work; when it is dropped, what it had not begun is left to others.
pub(super) struct Shift(Arc<Desk>);

impl Desk {
    /// Begins the work of a worker, if there is none. `holder` is a number that nobody else has.
    pub(super) fn begin_shift(self: &Arc<Self>, holder: u64) -> Option<Shift> {
        let mut books = self.books();
        if books.has_shift {
            return None;
        }
        (books.has_shift, books.is_open, books.holder) = (true, true, holder);
        (books.backlog, books.lanes_due) = (true, None);
        Some(Shift(Arc::clone(self)))
    }

    /// Claims nothing more.
    pub(super) fn close(&self) {
        self.books().is_open = false;
        for signal in [&self.call, &self.feed, &self.settle, &self.watch, &self.close] {
            signal.ring();
        }
    }

    /// Takes a seat for a delivery.
    pub(super) fn seat(
        self: &Arc<Self>,
        record: &DeliveryRecord,
        now: Millis,
        settings: &DeliverySettings,
    ) -> Result<Seat, Taken> {
        self.books().seat(record, now, settings).map(|number| Seat { desk: Arc::clone(self), hold: None, number })
    }

    /// Takes a seat for a new delivery, unless others came first.
    pub(super) fn seat_for_new(
        self: &Arc<Self>,
        record: &DeliveryRecord,
        now: Millis,
        settings: &DeliverySettings,
    ) -> Option<Seat> {
        let mut books = self.books();
        if !books.is_open || books.backlog || books.lanes_wait || books.seats.is_hungry(record.lane()) {
            return None;
        }
        let number = books.seat(record, now, settings).ok()?;
        Some(Seat { desk: Arc::clone(self), hold: None, number })
    }

    /// A claim that nobody else makes.
    pub(super) fn hold(&self, since: Millis, until: Millis) -> Hold {
        let mut books = self.books();
        books.holder = books.holder.wrapping_add(1);
        Hold { by: books.holder, since, until }
    }

    /// Hands over what is claimed, to be called.
    pub(super) fn start(&self, claims: Vec<Claim>) {
        if claims.is_empty() {
            return;
        }
        let mut books = self.books();
        if !books.has_shift {
            drop(books);
            return; // Their leases run out, and whoever comes next makes the calls.
        }
        for mut claim in claims {
            if let Phase::Held(hold) = claim.stored.kind.phase {
                books.held.insert(hold.by);
                claim.seat.hold = Some(hold.by);
            }
            books.inbox.push(claim);
        }
        drop(books);
        self.call.ring();
    }

    /// Hands over what became of a claim, to be written down.
    pub(super) fn end(&self, outcome: Outcome) {
        self.books().outcomes.push(outcome);
        self.settle.ring();
    }

    /// Notes that a lane is looked at then.
    pub(super) fn lane_due(&self, due: Millis) {
        let mut books = self.books();
        if books.lanes_due.is_none_or(|known| due < known) {
            books.lanes_due = Some(due);
            drop(books);
            self.feed.ring();
        }
    }

    /// Notes that a post of this time was handed in.
    pub(super) fn posted(&self, create_at: Millis) {
        self.posted.fetch_max(create_at.0, Ordering::Relaxed);
    }

    /// The latest post that was handed in since this was last asked.
    pub(super) fn take_posted(&self) -> Millis {
        Millis(self.posted.swap(0, Ordering::Relaxed))
    }

    /// Locks the books. A [`Seat`] must not be dropped meanwhile.
    // Nothing panics while it holds the lock.
    pub(super) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Books {
    fn seat(&mut self, record: &DeliveryRecord, now: Millis, settings: &DeliverySettings) -> Result<SeatNumber, Taken> {
        let whom = || Whom { origin: record.origin.clone(), source: record.source };
        self.seats.take(record.lane(), whom, now, settings)
    }

    /// Counts deliveries of a source that became pending, or ended.
    pub(super) fn count(&mut self, source: &[u8; 26], more: i64) {
        let count = self.pending.get(source).copied().unwrap_or_default().saturating_add_signed(more);
        if count == 0 {
            self.pending.remove(source);
        } else {
            self.pending.insert(*source, count);
        }
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut books = self.desk.books();
        books.aborts.remove(&self.number);
        if let Some(hold) = self.hold {
            books.held.remove(&hold);
        }
        let hungry = books.seats.release(self.number);
        books.runnable.extend(hungry);
        let wanted = hungry.is_some() || books.backlog || books.lanes_wait;
        drop(books);
        if wanted {
            self.desk.feed.ring();
        }
    }
}

impl Drop for Shift {
    fn drop(&mut self) {
        let mut books = self.0.books();
        (books.has_shift, books.is_open) = (false, false);
        let (inbox, outcomes) = (std::mem::take(&mut books.inbox), std::mem::take(&mut books.outcomes));
        drop(books);
        drop((inbox, outcomes));
        self.0.shift.ring();
    }
}

impl fmt::Debug for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { inbox, outcomes, seats, .. } = self;
        let (inbox, outcomes, taken) = (inbox.len(), outcomes.len(), seats.taken());
        f.debug_struct("Books").field("inbox", &inbox).field("outcomes", &outcomes).field("taken", &taken).finish()
    }
}
