//! Changes of deliveries, committed together where nobody interferes, and told apart where somebody did.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;

use crate::delivery::record::{DeliveryRecord, LaneKey, LaneRecord, Phase};
use crate::engine::error::Fault;
use crate::engine::table::{self, Stored};
use crate::engine::{Engine, TRIES};
use crate::id::Millis;
use crate::port::{Change, Committed, Expect, Write};
use crate::record::{self, Kind};

/// What a delivery is to become.
#[derive(Debug)]
pub(super) struct Landing {
    /// What it was.
    pub(super) before: Stored<DeliveryRecord>,
    body: Bytes,
    /// What it is to be.
    pub(super) record: DeliveryRecord,
}

impl Landing {
    pub(super) fn new(before: Stored<DeliveryRecord>, record: DeliveryRecord) -> Result<Self, Fault> {
        Ok(Self { before, body: record::encode(&record, &[])?, record })
    }

    /// The delivery as it is once the landing is done.
    pub(super) fn landed(self) -> Stored<DeliveryRecord> {
        Stored { key: self.before.key, kind: self.record, sealed: Bytes::new(), body: self.body }
    }

    pub(super) fn change(&self) -> Change {
        let write = Write::Put { body: self.body.clone(), index: self.record.index() };
        Change { expect: Expect::Body(self.before.body.clone()), key: self.before.key.clone(), write }
    }
}

impl Engine {
    /// Commits what deliveries became, and looks for the lanes that some of them now wait in: all together, or, where
    /// somebody else changed something, one by one. Says of each whether it landed.
    ///
    /// It may be tried again after a fault: what landed then is recognized.
    pub(super) async fn land(&self, landings: &[&Landing]) -> Result<Vec<bool>, Fault> {
        if landings.is_empty() || self.try_land(landings).await? == Committed::Applied {
            return Ok(vec![true; landings.len()]);
        }
        let mut landed = Vec::with_capacity(landings.len());
        for landing in landings {
            landed.push(self.land_one(landing).await?);
        }
        Ok(landed)
    }

    /// The same, with pauses between tries while the storage fails; in the end what cannot be known counts as not
    /// landed.
    pub(super) async fn land_patiently(&self, landings: &[&Landing]) -> Vec<bool> {
        let mut pause = Pause::default();
        for _ in 0..TRIES {
            match self.land(landings).await {
                Ok(landed) => return landed,
                Err(fault) => self.observe_fault(&fault),
            }
            self.shared.ports.clock.sleep(pause.next()).await;
        }
        vec![false; landings.len()]
    }

    async fn land_one(&self, landing: &Landing) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            if self.try_land(&[landing]).await? == Committed::Applied {
                return Ok(true);
            }
            match self.shared.ports.storage.get(&landing.before.key).await? {
                Some(now) if now.body == landing.body => return Ok(true),
                // Somebody changed the lane alone.
                Some(now) if now.body == landing.before.body => {}
                _ => return Ok(false),
            }
        }
        Err(Fault::busy())
    }

    async fn try_land(&self, landings: &[&Landing]) -> Result<Committed, Fault> {
        let mut changes: Vec<Change> = landings.iter().map(|landing| landing.change()).collect();
        let mut lanes: BTreeMap<LaneKey, (&DeliveryRecord, Millis)> = BTreeMap::new();
        for Landing { record, .. } in landings {
            if let Phase::Waiting(due) = record.phase {
                let (_, first) = lanes.entry(record.lane()).or_insert((record, due));
                *first = due.min(*first);
            }
        }
        let mut first = None;
        for (key, (record, due)) in lanes {
            let (change, due) = self.lane_with(key, record, due).await?;
            first = first.into_iter().chain([due]).min();
            changes.push(change);
        }
        let committed = self.shared.ports.storage.commit(changes).await?;
        if let Some(due) = first {
            self.shared.deliveries.lane_due(due);
        }
        Ok(committed)
    }

    /// The change that lets a lane be looked at no later than `due`, and when that is.
    async fn lane_with(&self, key: LaneKey, of: &DeliveryRecord, due: Millis) -> Result<(Change, Millis), Fault> {
        let known = table::get::<LaneRecord>(&self.shared.ports.storage, &key.0).await?;
        let open = self.shared.deliveries.books().seats.open(key);
        let Some(known) = known else {
            let due = open.map_or(due, |open| open.until.max(due));
            let (origin, source) = (of.origin.clone(), of.source);
            let lane = LaneRecord { beyond: 0, due: Some(due), open, origin, source, turn: 0 };
            return Ok((table::insert(&key.0, &lane, &[])?, due));
        };
        let due = known.kind.due.map_or(due, |known| known.min(due));
        let lane = LaneRecord {
            due: Some(due),
            open: open.or(known.kind.open),
            turn: known.kind.turn.wrapping_add(1),
            ..known.kind.clone()
        };
        Ok((known.replace(&lane)?, due))
    }
}

/// How long to wait before what failed is tried again: longer each time.
#[derive(Debug)]
pub(super) struct Pause(Duration);

impl Default for Pause {
    fn default() -> Self {
        Self(FIRST_PAUSE)
    }
}

impl Pause {
    pub(super) fn next(&mut self) -> Duration {
        let pause = self.0;
        self.0 = (pause * 2).min(LONGEST_PAUSE);
        pause
    }
}

const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
