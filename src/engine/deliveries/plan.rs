//! Deliveries as they are recorded: with what caused them, or a moment later.

use std::collections::HashMap;
use std::fmt;

use super::desk::{Claim, Seat};
use crate::delivery::record::{Checkpoint, DeliveryRecord, LaneKey, Phase};
use crate::delivery::seats::Whom;
use crate::delivery::wait::{later, lease};
use crate::delivery::{NewDelivery, State as Standing};
use crate::engine::error::Fault;
use crate::engine::table::{self, Stored};
use crate::engine::{Engine, State, TRIES};
use crate::id::Millis;
use crate::port::{Change, Committed, Expect, Key, Write};
use crate::record;

/// Deliveries that are to be recorded with what caused them.
///
/// Commit its [changes](Self::changes), then give it to [`Engine::deliver`]. To drop it after its changes were committed
/// is harmless: what would begin at once begins a little later, when its lease has run out.
#[must_use]
#[derive(Default)]
pub struct Plan {
    items: Vec<Item>,
}

struct Item {
    change: Change,
    /// Whether it waits for a call.
    is_pending: bool,
    record: DeliveryRecord,
    /// Where its call may begin at once.
    seat: Option<Seat>,
}

impl Plan {
    /// Returns what is to be committed, in a transaction of the host's own if it likes.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.items.iter().map(|item| item.change.clone()).collect()
    }

    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan").field("deliveries", &self.items.len()).finish_non_exhaustive()
    }
}

impl Engine {
    /// Begins what a plan recorded. To be called once its changes are committed, and only then.
    ///
    /// Without a worker ([`run`](Self::run)) they wait for one.
    pub fn deliver(&self, plan: Plan) {
        let desk = &self.shared.deliveries;
        let (mut claims, mut has_ready) = (Vec::new(), false);
        let mut books = desk.books();
        for Item { change, is_pending, record, seat } in plan.items {
            if !is_pending {
                continue;
            }
            books.count(&record.source, 1);
            match (seat, change.write) {
                (Some(seat), Write::Put { body, .. }) => {
                    let stored = Stored { key: change.key, kind: record, sealed: bytes::Bytes::new(), body };
                    claims.push(Claim { seat, stored });
                }
                _ => has_ready = true,
            }
        }
        books.backlog |= has_ready;
        drop(books);
        desk.start(claims);
        if has_ready {
            desk.feed.ring();
        }
    }

    /// Plans deliveries. Reads no storage, and asks for no chance.
    ///
    /// What can begin at once is claimed in the same commit that records it. Beyond the limit of a source they are
    /// counted and left out.
    pub(in crate::engine) fn record(&self, state: &State, new: Vec<NewDelivery>) -> Result<Plan, Fault> {
        let (desk, now, settings) = (&self.shared.deliveries, self.now(), &state.settings.deliveries);
        let mut plan = Plan::default();
        let mut planned: HashMap<[u8; 26], u64> = HashMap::new();
        for new in new {
            let is_pending = new.dropped.is_none();
            let ended = Phase::Ended { at: now, state: Standing::Dropped };
            let mut record = DeliveryRecord::new(new, if is_pending { Phase::Ready(now) } else { ended });
            let mut seat = None;
            if is_pending {
                let planned = planned.entry(record.source).or_default();
                if self.is_beyond(&record, *planned, settings.pending_per_source) {
                    continue;
                }
                *planned += 1;
                seat = desk.seat_for_new(&record, now, settings);
            }
            if seat.is_some() {
                record.phase = Phase::Held(desk.hold(now, later(now, lease(state.settings.integration_timeout))));
            }
            let change = table::insert(&DeliveryRecord::key(record.create_at, &record.id), &record, &[])?;
            plan.items.push(Item { change, is_pending, record, seat });
        }
        Ok(plan)
    }

    /// Whether too many deliveries of a source are pending for one more; then counts it.
    fn is_beyond(&self, record: &DeliveryRecord, planned: u64, most: usize) -> bool {
        let mut books = self.shared.deliveries.books();
        let pending = books.pending.get(&record.source).copied().unwrap_or_default();
        if pending.saturating_add(planned) < u64::try_from(most).unwrap_or(u64::MAX) {
            return false;
        }
        let whom = || Whom { origin: record.origin.clone(), source: record.source };
        let lane: LaneKey = record.lane();
        books.beyond.entry(lane).or_insert_with(|| (whom(), 0)).1 += 1;
        true
    }

    /// Commits a plan, leaves out what is recorded already, and begins it.
    ///
    /// # Errors
    ///
    /// The storage failed; then nothing is accepted, and it may be handed in again.
    pub(in crate::engine) async fn hand_in(&self, mut plan: Plan, create_at: Millis) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        for _ in 0..TRIES {
            if plan.is_empty() || storage.commit(plan.changes()).await? == Committed::Applied {
                self.deliver(plan);
                self.note_posted(create_at);
                return Ok(());
            }
            let mut fresh = Vec::with_capacity(plan.items.len());
            for item in plan.items {
                if storage.get(&item.change.key).await?.is_none() {
                    fresh.push(item);
                }
            }
            plan.items = fresh;
        }
        Err(Fault::busy())
    }

    /// Notes that a post of this time was handed in. To be called for those that trigger nothing, too.
    pub(in crate::engine) fn note_posted(&self, create_at: Millis) {
        self.shared.deliveries.posted(create_at);
    }

    /// Returns the time before which every post was handed in, if any was: a host that commits posts on its own hands in
    /// again, at start and before anything new, what it stored since.
    ///
    /// It moves once a second while a [worker](Self::run) runs, and stays a minute behind the latest post, so a post is
    /// to be handed in within a minute after it was stored. Nodes that share a storage share it: where one can be down
    /// while others go on, let posts and deliveries share a transaction instead.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub async fn posted_checkpoint(&self) -> Result<Option<Millis>, Fault> {
        let stored = table::get::<Checkpoint>(&self.shared.ports.storage, Checkpoint::PLACE).await?;
        Ok(stored.map(|stored| stored.kind.0))
    }

    /// Writes down up to when posts were handed in.
    pub(super) async fn move_checkpoint(&self) -> Result<(), Fault> {
        let posted = self.shared.deliveries.take_posted();
        if posted.0 <= 0 {
            return Ok(());
        }
        // A post that claims to be of the future must not hide those of the present.
        let place = Checkpoint(posted.min(self.now()).minus(Checkpoint::SLACK));
        let write = Write::Put { body: record::encode(&place, &[])?, index: Vec::new() };
        let key: Key = table::key::<Checkpoint>(Checkpoint::PLACE);
        let committed = self.shared.ports.storage.commit(vec![Change { expect: Expect::Any, key, write }]).await;
        if committed.is_err() {
            self.shared.deliveries.posted(posted);
        }
        // Without an expectation there is no conflict.
        let (Committed::Applied | Committed::Conflict) = committed?;
        Ok(())
    }
}
