//! Deliveries by hand: lists, one of them, again, never mind; and how lanes are doing.

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;

use crate::delivery::record::{self as records, DeliveryRecord, LaneKey, LaneRecord, STATES};
use crate::delivery::{BreakerFigure, Delivery, DeliveryId, LaneFigures, State as Standing};
use crate::engine::error::Fault;
use crate::engine::table::{self, Pages, Stored};
use crate::engine::{Engine, TRIES};
use crate::id::Millis;
use crate::port::{Committed, Entry, Query};
use crate::record::Kind;

use super::land::Landing;

/// What came of a change by hand.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ByHand {
    /// It is done.
    Done,
    /// There is no such delivery.
    Unknown,
    /// It stands so that this cannot be done with it.
    WrongState,
}

impl Engine {
    /// Returns the deliveries of a source, newest first.
    pub(crate) async fn deliveries_of(
        &self,
        source: &[u8; 26],
        standing: Option<Standing>,
        skip: usize,
        limit: usize,
    ) -> Result<Vec<Delivery>, Fault> {
        let mut list = List::new(source, standing);
        let mut found = Vec::new();
        for place in 0..skip.saturating_add(limit) {
            let Some(entry) = list.next(self).await? else { break };
            if place >= skip {
                found.push(Stored::<DeliveryRecord>::read(entry.record)?.kind.shown());
            }
        }
        Ok(found)
    }

    /// Returns a delivery of a source. `create_at` is a guess of when its cause was made, which makes it quick: without
    /// it, or where it is wrong, the list is gone through.
    pub(crate) async fn delivery_of(
        &self,
        source: &[u8; 26],
        id: &DeliveryId,
        create_at: Option<Millis>,
    ) -> Result<Option<Delivery>, Fault> {
        Ok(self.stored_delivery(source, id, create_at).await?.map(|stored| stored.kind.shown()))
    }

    /// Tries a failed or dead delivery again, at once, under the same id, and however old it is.
    pub(crate) async fn retry_delivery(
        &self,
        source: &[u8; 26],
        id: &DeliveryId,
        create_at: Option<Millis>,
    ) -> Result<ByHand, Fault> {
        let now = self.now();
        let done = self.change_delivery(source, id, create_at, |record| record.retry(now)).await?;
        if done == ByHand::Done {
            let desk = &self.shared.deliveries;
            let mut books = desk.books();
            books.count(source, 1);
            books.backlog = true;
            drop(books);
            desk.feed.ring();
        }
        Ok(done)
    }

    /// Ends a pending delivery. A call that is under way is not cut, and its answer may still be posted.
    pub(crate) async fn drop_delivery(
        &self,
        source: &[u8; 26],
        id: &DeliveryId,
        create_at: Option<Millis>,
    ) -> Result<ByHand, Fault> {
        let now = self.now();
        let drop = |record: &mut DeliveryRecord| {
            let is_pending = record.state() == Standing::Pending;
            if is_pending {
                record.end(Standing::Dropped, BY_HAND, now);
            }
            is_pending
        };
        let done = self.change_delivery(source, id, create_at, drop).await?;
        if done == ByHand::Done {
            self.shared.deliveries.books().count(source, -1);
        }
        Ok(done)
    }

    /// Returns the lanes of a source that are not empty, not closed, or in use.
    pub(crate) async fn lanes_of(&self, source: &[u8; 26]) -> Result<Vec<LaneFigures>, Fault> {
        let storage = &self.shared.ports.storage;
        let mut lanes: BTreeMap<LaneKey, LaneFigures> = BTreeMap::new();
        let mut pages = Pages::new::<LaneRecord>(LaneRecord::SOURCE, source);
        loop {
            let page = pages.next::<LaneRecord>(storage).await?;
            if page.is_empty() {
                break;
            }
            for stored in page {
                let Some(key) = stored.key.id.as_ref().try_into().ok().map(LaneKey) else { continue };
                let LaneRecord { beyond, open, origin, .. } = stored.kind;
                let breaker = if open.is_some() { BreakerFigure::Open } else { BreakerFigure::Closed };
                let prefix = records::waiting(key);
                let waiting = table::count::<DeliveryRecord>(storage, DeliveryRecord::NEXT, &prefix).await?;
                let retry_at = open.map(|open| open.until);
                let figures = LaneFigures { beyond_limit: beyond, breaker, in_flight: 0, origin, retry_at, waiting };
                lanes.insert(key, figures);
            }
        }
        let books = self.shared.deliveries.books();
        for (key, view) in books.seats.lanes_of(source) {
            let figures = lanes.entry(key).or_insert_with(|| LaneFigures {
                beyond_limit: 0,
                breaker: BreakerFigure::Closed,
                in_flight: 0,
                origin: view.whom.origin.clone(),
                retry_at: None,
                waiting: 0,
            });
            figures.in_flight = u64::try_from(view.in_flight).unwrap_or(u64::MAX);
            // What this node knows itself is newer than what it wrote down.
            (figures.breaker, figures.retry_at) = (view.figure, view.open.map(|open| open.until));
        }
        for (key, (whom, beyond)) in books.beyond.iter().filter(|(_, (whom, _))| whom.source == *source) {
            let figures = lanes.entry(*key).or_insert_with(|| LaneFigures {
                beyond_limit: 0,
                breaker: BreakerFigure::Closed,
                in_flight: 0,
                origin: whom.origin.clone(),
                retry_at: None,
                waiting: 0,
            });
            figures.beyond_limit = figures.beyond_limit.saturating_add(*beyond);
        }
        Ok(lanes.into_values().collect())
    }

    async fn change_delivery(
        &self,
        source: &[u8; 26],
        id: &DeliveryId,
        create_at: Option<Millis>,
        change: impl Fn(&mut DeliveryRecord) -> bool,
    ) -> Result<ByHand, Fault> {
        for _ in 0..TRIES {
            let Some(stored) = self.stored_delivery(source, id, create_at).await? else { return Ok(ByHand::Unknown) };
            let mut record = stored.kind.clone();
            if !change(&mut record) {
                return Ok(ByHand::WrongState);
            }
            let landing = Landing::new(stored, record)?;
            if self.shared.ports.storage.commit(vec![landing.change()]).await? == Committed::Applied {
                return Ok(ByHand::Done);
            }
        }
        Err(Fault::busy())
    }

    async fn stored_delivery(
        &self,
        source: &[u8; 26],
        id: &DeliveryId,
        create_at: Option<Millis>,
    ) -> Result<Option<Stored<DeliveryRecord>>, Fault> {
        if let Some(create_at) = create_at {
            let key = DeliveryRecord::key(create_at, id);
            let found = table::get::<DeliveryRecord>(&self.shared.ports.storage, &key).await?;
            if let Some(found) = found.filter(|found| found.kind.source == *source) {
                return Ok(Some(found));
            }
        }
        let mut list = List::new(source, None);
        while let Some(entry) = list.next(self).await? {
            // A key ends with the id.
            if entry.record.key.id.get(8..) == Some(id.as_str().as_bytes()) {
                return Stored::read(entry.record).map(Some);
            }
        }
        Ok(None)
    }
}

/// The deliveries of a source in some states, newest first, read page by page.
struct List(Vec<Cursor>);

struct Cursor {
    entries: VecDeque<Entry>,
    is_ended: bool,
    query: Query,
    /// Where the times begin in an index value.
    time: usize,
}

impl List {
    fn new(source: &[u8; 26], standing: Option<Standing>) -> Self {
        let cursor = |state: Standing| {
            let prefix = records::shown(source, state);
            let time = prefix.len();
            let query = Query {
                after: None,
                collection: DeliveryRecord::COLLECTION,
                count: false,
                index: DeliveryRecord::SHOWN,
                limit: PAGE,
                prefix: prefix.into(),
            };
            Cursor { entries: VecDeque::new(), is_ended: false, query, time }
        };
        let wanted = STATES.into_iter().filter(|state| standing.is_none_or(|standing| standing == *state));
        Self(wanted.map(cursor).collect())
    }

    async fn next(&mut self, engine: &Engine) -> Result<Option<Entry>, Fault> {
        let mut newest: Option<(Bytes, usize)> = None;
        for (place, cursor) in self.0.iter_mut().enumerate() {
            cursor.fill(engine).await?;
            if let Some(entry) = cursor.entries.front() {
                let time = entry.value.slice(cursor.time.min(entry.value.len())..);
                if newest.as_ref().is_none_or(|(newest, _)| time < *newest) {
                    newest = Some((time, place));
                }
            }
        }
        Ok(newest.and_then(|(_, place)| self.0.get_mut(place)?.entries.pop_front()))
    }
}

impl Cursor {
    async fn fill(&mut self, engine: &Engine) -> Result<(), Fault> {
        if !self.entries.is_empty() || self.is_ended {
            return Ok(());
        }
        self.entries = engine.shared.ports.storage.find(&self.query).await?.entries.into();
        self.is_ended = self.entries.len() < self.query.limit;
        if let Some(last) = self.entries.back() {
            self.query.after = Some((last.value.clone(), last.record.key.id.clone()));
        }
        Ok(())
    }
}

/// How many are read at a time.
const PAGE: usize = 100;
/// Why a delivery ended that somebody dropped.
const BY_HAND: &str = "dropped by hand";
