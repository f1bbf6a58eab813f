//! What waits in lanes: looked at lane by lane, a few deliveries at a time, so that none starves another.

use std::time::Duration;

use futures_util::future::join_all;

use super::desk::Claim;
use super::land::Landing;
use crate::delivery::State as Standing;
use crate::delivery::outcome::GONE;
use crate::delivery::record::{DeliveryRecord, LaneKey, LaneRecord, Phase, waiting};
use crate::delivery::seats::{Taken, Whom};
use crate::delivery::settle::{Span, Tried};
use crate::delivery::wait::{is_due, later, lease, longest_wait};
use crate::engine::error::Fault;
use crate::engine::table::{self, Pages, Stored};
use crate::engine::{Engine, State, TRIES};
use crate::id::Millis;
use crate::port::{Committed, Query};
use crate::record::Kind;

/// How many lanes are looked at together.
const LANES: usize = 64;

/// How many deliveries of a lane are read at a time where many are too old.
const LOOK: usize = 128;

/// What a look into a lane found.
struct Looked {
    /// When the lane is to be looked at again; none if nothing waits in it.
    due: Option<Millis>,
    ends: Vec<Landing>,
    claims: Vec<(Landing, super::desk::Seat)>,
    /// Whether there is more that may be done at once.
    has_more: bool,
}

impl Engine {
    /// Looks into lanes that are due, or have a free seat again. Says whether there may be more.
    pub(super) async fn serve_lanes(&self, state: &State) -> Result<bool, Fault> {
        let (desk, now, settings) = (&self.shared.deliveries, self.now(), &state.settings.deliveries);
        let (is_due_now, mut lanes, mut has_more) = {
            let mut books = desk.books();
            let is_due_now = books.lanes_due.is_some_and(|due| due <= now);
            if books.seats.free(settings) == 0 {
                books.lanes_wait = is_due_now || !books.runnable.is_empty();
                return Ok(false);
            }
            books.lanes_wait = false;
            let count = books.runnable.len().min(LANES);
            let lanes: Vec<LaneKey> = books.runnable.drain(..count).collect();
            if is_due_now {
                books.lanes_due = None;
            }
            (is_due_now, lanes, !books.runnable.is_empty())
        };
        lanes.sort_unstable();
        lanes.dedup();
        if is_due_now {
            let found = self.lanes_in_order(LANES).await.inspect_err(|_| {
                let mut books = desk.books();
                books.lanes_due = Some(now);
                books.runnable.extend(&lanes);
            })?;
            has_more |= found.len() == LANES;
            for (due, lane) in found {
                if !is_due(due, now, longest_wait(settings)) {
                    desk.lane_due(due);
                    has_more = false;
                    break;
                }
                if !lanes.contains(&lane) {
                    lanes.push(lane);
                }
            }
        }
        let served = join_all(lanes.iter().map(|lane| self.serve_lane(state, *lane))).await;
        let mut first_fault = None;
        for (lane, served) in lanes.into_iter().zip(served) {
            if let Err(fault) = served {
                desk.books().runnable.push_back(lane);
                first_fault = first_fault.or(Some(fault));
            }
        }
        match first_fault {
            Some(fault) => Err(fault),
            None => Ok(has_more && !desk.books().lanes_wait),
        }
    }

    /// The lanes that are due first, and when.
    async fn lanes_in_order(&self, limit: usize) -> Result<Vec<(Millis, LaneKey)>, Fault> {
        let lanes = table::first::<LaneRecord>(&self.shared.ports.storage, LaneRecord::DUE, limit).await?;
        let keyed = lanes.into_iter().filter_map(|lane| {
            let key = LaneKey(lane.key.id.as_ref().try_into().ok()?);
            Some((lane.kind.due?, key))
        });
        Ok(keyed.collect())
    }

    /// Claims what may be called of a lane, and says in its record when to look again.
    async fn serve_lane(&self, state: &State, key: LaneKey) -> Result<(), Fault> {
        let desk = &self.shared.deliveries;
        let mut are_old = false;
        for _ in 0..TRIES {
            let Some(lane) = table::get::<LaneRecord>(&self.shared.ports.storage, &key.0).await? else {
                return Ok(());
            };
            let whom = || Whom { origin: lane.kind.origin.clone(), source: lane.kind.source };
            desk.books().seats.adopt(key, whom, lane.kind.open);
            let Looked { due, ends, claims, has_more } = self.look(state, key, are_old).await?;
            let open = desk.books().seats.open(key);
            let ends_any = !ends.is_empty();
            let is_unchanged = ends.is_empty() && claims.is_empty() && (due, open) == (lane.kind.due, lane.kind.open);
            if is_unchanged {
                self.next_look(due);
                return Ok(());
            }
            let mut changes = vec![match due {
                Some(_) => {
                    lane.replace(&LaneRecord { due, open, turn: lane.kind.turn.wrapping_add(1), ..lane.kind.clone() })?
                }
                None => lane.remove(),
            }];
            changes.extend(ends.iter().chain(claims.iter().map(|(landing, _)| landing)).map(Landing::change));
            match self.shared.ports.storage.commit(changes).await {
                Ok(Committed::Conflict) => continue,
                Ok(Committed::Applied) => {
                    ends.iter().for_each(|landing| self.ended(landing));
                    desk.start(
                        claims.into_iter().map(|(landing, seat)| Claim { seat, stored: landing.landed() }).collect(),
                    );
                }
                Err(fault) => {
                    self.observe_fault(&fault.into());
                    // It may have been done: without the lane's record, which is looked at again, that can be told.
                    let (mut landings, mut seats) = (Vec::new(), Vec::new());
                    for landing in ends {
                        landings.push(landing);
                        seats.push(None);
                    }
                    for (landing, seat) in claims {
                        landings.push(landing);
                        seats.push(Some(seat));
                    }
                    self.begin(landings, seats).await;
                    desk.lane_due(self.now());
                    return Ok(());
                }
            }
            are_old = ends_any;
            self.next_look(due);
            if !has_more {
                return Ok(());
            }
        }
        desk.lane_due(self.now());
        Ok(())
    }

    fn next_look(&self, due: Option<Millis>) {
        if let Some(due) = due {
            self.shared.deliveries.lane_due(due);
        }
    }

    /// Reads the first of what waits in a lane, takes seats for what is due, and ends what is too old.
    async fn look(&self, state: &State, key: LaneKey, are_old: bool) -> Result<Looked, Fault> {
        let (desk, now, settings) = (&self.shared.deliveries, self.now(), &state.settings.deliveries);
        let longest = longest_wait(settings);
        // One more than there are seats for, to know when it is due.
        let limit = if are_old { LOOK } else { settings.concurrent_per_lane.saturating_add(1).min(LOOK) };
        let found = self.waiting(key, limit).await?;
        let is_full = found.len() == limit;
        let mut looked =
            Looked { due: is_full.then_some(now), ends: Vec::new(), claims: Vec::new(), has_more: is_full };
        for stored in found {
            let Phase::Waiting(due) = stored.kind.phase else { continue };
            let mut record = stored.kind.clone();
            if self.case(state, &record, record.mode, 0).is_expired(now) {
                record.settle(Tried::Expired, Span { duration: 0, end: now, start: now });
                looked.ends.push(Landing::new(stored, record)?);
                continue;
            }
            let wait = if is_due(due, now, longest) {
                match desk.seat(&record, now, settings) {
                    Ok(seat) => {
                        let until = later(now, lease(state.settings.integration_timeout));
                        record.phase = Phase::Held(desk.hold(now, until));
                        looked.claims.push((Landing::new(stored, record)?, seat));
                        continue;
                    }
                    Err(Taken::Lane) => self.put_off(state, key, now),
                    Err(Taken::Node) => {
                        desk.books().lanes_wait = true;
                        now
                    }
                    Err(Taken::Until(until)) => until,
                }
            } else {
                due
            };
            (looked.due, looked.has_more) = (Some(wait), false);
            break;
        }
        Ok(looked)
    }

    /// When to look again into a lane whose seats are all taken: when one is given back, or, in case that this node is
    /// gone by then, when the leases of its calls have run out.
    fn put_off(&self, state: &State, key: LaneKey, now: Millis) -> Millis {
        if self.shared.deliveries.books().seats.starve(key) {
            later(now, lease(state.settings.integration_timeout))
        } else {
            later(now, RECHECK)
        }
    }

    /// Lets other nodes look at once into the lanes that this one had put off.
    pub(super) async fn hand_over(&self) -> Result<(), Fault> {
        let lanes = std::mem::take(&mut self.shared.deliveries.books().runnable);
        for key in lanes {
            for _ in 0..TRIES {
                let Some(lane) = table::get::<LaneRecord>(&self.shared.ports.storage, &key.0).await? else { break };
                let due = lane.kind.due.map(|due| due.min(self.now()));
                let sooner = LaneRecord { due, turn: lane.kind.turn.wrapping_add(1), ..lane.kind.clone() };
                let change = lane.replace(&sooner)?;
                if self.shared.ports.storage.commit(vec![change]).await? == Committed::Applied {
                    break;
                }
            }
        }
        Ok(())
    }

    async fn waiting(&self, key: LaneKey, limit: usize) -> Result<Vec<Stored<DeliveryRecord>>, Fault> {
        let query = Query {
            after: None,
            collection: DeliveryRecord::COLLECTION,
            count: false,
            index: DeliveryRecord::NEXT,
            limit,
            prefix: waiting(key).into(),
        };
        Ok(self.sound(self.shared.ports.storage.find(&query).await?.entries))
    }

    /// Ends what waits for a target whose owner wants no more.
    pub(super) async fn drop_target(&self, key: LaneKey, target: &str) -> Result<(), Fault> {
        let mut pages = Pages::new::<DeliveryRecord>(DeliveryRecord::NEXT, &waiting(key));
        loop {
            let page = pages.next::<DeliveryRecord>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                return Ok(());
            }
            let mut landings = Vec::new();
            for stored in page.into_iter().filter(|stored| stored.kind.target == target) {
                let mut record = stored.kind.clone();
                record.end(Standing::Dropped, GONE, self.now());
                landings.push(Landing::new(stored, record)?);
            }
            let seats = landings.iter().map(|_| None).collect();
            self.begin(landings, seats).await;
        }
    }
}

/// When a lane is looked at again whose seats are taken by nobody that is known.
const RECHECK: Duration = Duration::from_secs(5);
