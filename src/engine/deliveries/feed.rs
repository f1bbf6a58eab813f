//! What is claimed next: what is ready, what a crash left behind, and what waits in lanes.

use std::time::Duration;

use super::caught;
use super::desk::{Claim, Seat};
use super::land::{Landing, Pause};
use super::signal::Alarm;
use crate::delivery::outcome::{Met, Next};
use crate::delivery::record::{DeliveryRecord, LEASES, Phase};
use crate::delivery::seats::Taken;
use crate::delivery::settle::{Made, Reply, Span, Tried};
use crate::delivery::wait::{age, later, lease};
use crate::engine::error::Fault;
use crate::engine::table::Stored;
use crate::engine::{Engine, State};
use crate::id::Millis;
use crate::port::{Entry, Query};
use crate::record::Kind;

/// How often the storage is looked at for what other nodes left.
const POLL: Duration = Duration::from_secs(1);

/// How many claimable deliveries are read at a time.
const PAGE: usize = 256;

/// How many more than there are seats for are read.
const SPARE: usize = 8;

impl Engine {
    /// Claims what may be called until the desk is closed.
    pub(super) async fn feed_all(&self) {
        let (desk, clock) = (&self.shared.deliveries, &self.shared.ports.clock);
        let mut alarm = Alarm::new(clock.clone());
        let (mut pause, mut polled) = (Pause::default(), None::<Duration>);
        while desk.books().is_open {
            let now = clock.monotonic();
            if polled.is_none_or(|polled| now.saturating_sub(polled) >= POLL) {
                polled = Some(now);
                let mut books = desk.books();
                (books.backlog, books.lanes_due) = (true, Some(Millis::default()));
            }
            let state = self.state();
            match caught(self.feed(&state)).await {
                Ok(true) => pause = Pause::default(),
                Ok(false) => {
                    pause = Pause::default();
                    let due = {
                        let books = desk.books();
                        // A lane that waits for a seat is told when there is one.
                        books.lanes_due.filter(|_| !books.lanes_wait).map(|due| age(self.now(), due))
                    };
                    alarm.heard(&desk.feed, due.unwrap_or(POLL).clamp(SHORTEST, POLL)).await;
                }
                Err(fault) => {
                    self.observe_fault(&fault);
                    clock.sleep(pause.next()).await;
                }
            }
        }
    }

    /// Claims some, and says whether there may be more to claim at once.
    async fn feed(&self, state: &State) -> Result<bool, Fault> {
        let desk = &self.shared.deliveries;
        let gone = std::mem::take(&mut desk.books().gone);
        for (lane, target) in gone {
            self.drop_target(lane, &target).await.inspect_err(|_| desk.books().gone.push((lane, target)))?;
        }
        // In turn, so that neither takes all seats for ever.
        let lanes_first = {
            let mut books = desk.books();
            books.lanes_first = !books.lanes_first;
            books.lanes_first
        };
        let mut has_more = lanes_first && self.serve_lanes(state).await?;
        has_more |= desk.books().backlog && self.feed_ready(state).await?;
        has_more |= !lanes_first && self.serve_lanes(state).await?;
        Ok(has_more)
    }

    /// Looks at what may be claimed, in the order in which it became so.
    async fn feed_ready(&self, state: &State) -> Result<bool, Fault> {
        let (desk, now, settings) = (&self.shared.deliveries, self.now(), &state.settings.deliveries);
        let free = desk.books().seats.free(settings);
        if free == 0 {
            return Ok(false);
        }
        // Some more than there are seats for, because lanes may be full.
        let limit = (free + SPARE).min(PAGE);
        // Cleared before looking: what is handed in from now on sets it again.
        desk.books().backlog = false;
        let (found, is_full) = match self.leases(limit).await {
            Ok(found) => found,
            Err(fault) => {
                desk.books().backlog = true;
                return Err(fault);
            }
        };
        let longest = lease(state.settings.integration_timeout);
        let (mut landings, mut seats, mut is_blocked, mut is_all_due) = (Vec::new(), Vec::new(), false, true);
        for stored in found {
            match stored.kind.phase {
                Phase::Ready(since) if since <= now => {}
                Phase::Held(hold) if hold.until <= now => {}
                _ => {
                    is_all_due = false;
                    break;
                }
            }
            if matches!(stored.kind.phase, Phase::Held(hold) if desk.books().held.contains(&hold.by)) {
                continue; // The clock was set: its call still runs here.
            }
            let mut record = stored.kind.clone();
            if let Phase::Held(hold) = record.phase {
                self.interrupted(state, &mut record, hold.since, now);
            } else if self.case(state, &record, record.mode, 0).is_expired(now) {
                record.settle(Tried::Expired, Span { duration: 0, end: now, start: now });
            }
            let mut seat = None;
            if let Phase::Ready(_) = record.phase {
                match desk.seat(&record, now, settings) {
                    Ok(taken) => {
                        record.phase = Phase::Held(desk.hold(now, later(now, longest)));
                        seat = Some(taken);
                    }
                    Err(Taken::Lane) => record.phase = Phase::Waiting(now),
                    Err(Taken::Until(until)) => record.phase = Phase::Waiting(until),
                    Err(Taken::Node) => {
                        is_blocked = true;
                        break;
                    }
                }
            }
            landings.push(Landing::new(stored, record)?);
            seats.push(seat);
        }
        if is_blocked || (is_full && is_all_due) {
            desk.books().backlog = true;
        }
        self.begin(landings, seats).await;
        Ok(is_full && is_all_due && !is_blocked)
    }

    /// Commits claims and what else was found, and begins the calls of the claims.
    pub(super) async fn begin(&self, landings: Vec<Landing>, seats: Vec<Option<Seat>>) {
        let landed = self.land_patiently(&landings.iter().collect::<Vec<_>>()).await;
        let mut claims = Vec::with_capacity(landings.len());
        for ((landing, seat), landed) in landings.into_iter().zip(seats).zip(landed) {
            if !landed {
                continue;
            }
            match seat {
                Some(seat) => claims.push(Claim { seat, stored: landing.landed() }),
                None => self.ended(&landing),
            }
        }
        self.shared.deliveries.start(claims);
    }

    /// Settles a call whose lease ran out: whoever made it is gone.
    fn interrupted(&self, state: &State, record: &mut DeliveryRecord, since: Millis, now: Millis) {
        let case = self.case(state, record, record.mode, 0);
        let (met, mode, next) = (Met::Interrupted, case.mode, case.after(Met::Interrupted, now));
        let made = Made { detail: String::new(), is_unfollowed: false, met, mode, next, reply: Reply::None };
        record.settle(Tried::Made(made), Span { duration: 0, end: now, start: since });
        debug_assert!(next != Next::Gone, "only an answer says so");
    }

    /// The first of what is claimed or claimable, and whether there may be more.
    async fn leases(&self, limit: usize) -> Result<(Vec<Stored<DeliveryRecord>>, bool), Fault> {
        let query = Query {
            after: None,
            collection: DeliveryRecord::COLLECTION,
            count: false,
            index: DeliveryRecord::NEXT,
            limit,
            prefix: LEASES.into(),
        };
        let entries = self.shared.ports.storage.find(&query).await?.entries;
        let is_full = entries.len() == limit;
        Ok((self.sound(entries), is_full))
    }

    /// Reads records; what cannot be read is told of, and stops nobody else.
    pub(super) fn sound<K: Kind>(&self, entries: Vec<Entry>) -> Vec<Stored<K>> {
        let read = |entry: Entry| Stored::read(entry.record).inspect_err(|fault| self.observe_fault(fault)).ok();
        entries.into_iter().filter_map(read).collect()
    }
}

/// The shortest wait, so that a clock that stands still cannot make the loop spin.
const SHORTEST: Duration = Duration::from_millis(5);
