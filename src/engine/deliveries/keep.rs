//! What a worker does beside its calls: figures, retention, checkpoint, and clocks that somebody set.

use std::time::Duration;

use bytes::Bytes;

use super::caught;
use super::signal::Alarm;
use crate::delivery::State as Standing;
use crate::delivery::record::{self as records, DeliveryRecord, LEASES, LaneKey, LaneRecord, Phase};
use crate::delivery::seats::Whom;
use crate::delivery::wait::{jumped, later, lease, longest_wait};
use crate::engine::error::Fault;
use crate::engine::table::{self, Stored};
use crate::engine::{Engine, State, TRIES};
use crate::id::Millis;
use crate::port::{Change, Committed, Entry, Index, Query};
use crate::record::Kind;

/// How far another node's clock may be ahead.
const AHEAD: Duration = Duration::from_secs(60);

/// How often the checkpoint moves, and the figures.
const TICK: Duration = Duration::from_secs(1);

/// Every so many ticks features look after what other nodes changed.
const REFRESH: u64 = 2;

/// Every so many ticks due times are looked at that a clock that was set may have left.
const PULL_IN: u64 = 60;

/// Every so many ticks the tickets of commands are removed that have ended: every quarter of an hour.
const PURGE: u64 = 900;

/// How many sources one tick looks at.
const SOURCES: usize = 16;

/// How many more that have their turn.
const ROUND: usize = 4;

/// How many records are read, or removed, at a time.
const PAGE: usize = 200;

/// How many pages of one source one tick removes at most.
const PAGES: usize = 25;

/// So many deliveries that ended let a source be swept before its turn.
const BUSY: u32 = 500;

/// How far the round of sources came.
#[derive(Debug, Default)]
struct Rounds {
    lanes: Option<(Bytes, Bytes)>,
    recounted: Option<[u8; 26]>,
    swept: Option<[u8; 26]>,
}

impl Engine {
    /// Looks after things until the desk is closed.
    pub(super) async fn keep_all(&self) {
        let (desk, clock) = (&self.shared.deliveries, &self.shared.ports.clock);
        let (mut alarm, mut rounds, mut before) = (Alarm::new(clock.clone()), Rounds::default(), None);
        for tick in 0_u64.. {
            if !desk.books().is_open {
                break;
            }
            let (state, moment) = (self.state(), (self.now(), clock.monotonic()));
            let is_set = before.replace(moment).is_some_and(|before| jumped(before, moment));
            if tick % REFRESH == 0 {
                self.told(caught(self.refresh_hooks()).await);
            }
            if tick % PURGE == 0 {
                self.told(caught(self.purge_tickets()).await);
            }
            self.told(caught(self.say_echoes()).await);
            if is_set || tick % PULL_IN == 0 {
                self.told(caught(self.pull_in(&state)).await);
                desk.feed.ring();
            }
            self.told(caught(self.move_checkpoint()).await);
            self.told(caught(self.write_beyond()).await);
            self.told(caught(self.recount(&state, &mut rounds)).await);
            self.told(caught(self.sweep(&state, &mut rounds)).await);
            alarm.heard(&desk.close, TICK).await;
        }
        // The last second's posts.
        self.told(caught(self.move_checkpoint()).await);
    }

    fn told(&self, done: Result<(), Fault>) {
        if let Err(fault) = done {
            self.observe_fault(&fault);
        }
    }

    /// Brings nearer what is due so late that only a clock that was set can have said so.
    async fn pull_in(&self, state: &State) -> Result<(), Fault> {
        let now = self.now();
        let far = later(now, longest_wait(&state.settings.deliveries));
        let page = self.places::<LaneRecord>(LaneRecord::DUE, b"", &far.to_sortable(), PAGE).await?;
        for entry in page {
            let lane = Stored::<LaneRecord>::read(entry.record)?;
            let near = LaneRecord { due: Some(now), turn: lane.kind.turn.wrapping_add(1), ..lane.kind.clone() };
            // Whoever changed it meanwhile knows the time of now.
            let (Committed::Applied | Committed::Conflict) =
                self.shared.ports.storage.commit(vec![lane.replace(&near)?]).await?;
        }
        self.shared.deliveries.lane_due(now);
        let now = self.now();
        let lease = later(now, lease(state.settings.integration_timeout));
        // What was claimed this very moment, or by a node whose clock goes a little ahead, stays.
        let after = [LEASES, &later(lease, AHEAD).to_sortable()].concat();
        for entry in self.places::<DeliveryRecord>(DeliveryRecord::NEXT, LEASES, &after, PAGE).await? {
            let stored = Stored::<DeliveryRecord>::read(entry.record)?;
            let mut record = stored.kind.clone();
            match &mut record.phase {
                Phase::Held(hold) if !self.shared.deliveries.books().held.contains(&hold.by) => hold.until = lease,
                Phase::Ready(since) => *since = now,
                _ => continue,
            }
            let (Committed::Applied | Committed::Conflict) =
                self.shared.ports.storage.commit(vec![stored.replace(&record)?]).await?;
        }
        Ok(())
    }

    /// Writes down how many deliveries were not stored.
    async fn write_beyond(&self) -> Result<(), Fault> {
        let beyond = std::mem::take(&mut self.shared.deliveries.books().beyond);
        let mut result = Ok(());
        for (key, (whom, count)) in beyond {
            if result.is_ok() {
                result = self.write_beyond_of(key, &whom, count).await;
            }
            if result.is_err() {
                let mut books = self.shared.deliveries.books();
                books.beyond.entry(key).or_insert_with(|| (whom, 0)).1 += count;
            }
        }
        result
    }

    async fn write_beyond_of(&self, key: LaneKey, whom: &Whom, count: u64) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        for _ in 0..TRIES {
            let change = match table::get::<LaneRecord>(storage, &key.0).await? {
                Some(lane) => lane.replace(&LaneRecord {
                    beyond: lane.kind.beyond.saturating_add(count),
                    turn: lane.kind.turn.wrapping_add(1),
                    ..lane.kind.clone()
                })?,
                None => {
                    let Whom { origin, source } = whom.clone();
                    table::insert(
                        &key.0,
                        &LaneRecord { beyond: count, due: None, open: None, origin, source, turn: 0 },
                        &[],
                    )?
                }
            };
            if storage.commit(vec![change]).await? == Committed::Applied {
                return Ok(());
            }
        }
        Err(Fault::busy())
    }

    /// Counts what is pending of the sources that have much of it, and of those with lanes that are not known yet.
    async fn recount(&self, state: &State, rounds: &mut Rounds) -> Result<(), Fault> {
        let (desk, storage) = (&self.shared.deliveries, &self.shared.ports.storage);
        let much = u64::try_from(state.settings.deliveries.pending_per_source / 10).unwrap_or(u64::MAX);
        let mut sources: Vec<[u8; 26]> =
            desk.books().pending.iter().filter(|(_, count)| **count >= much).map(|(source, _)| *source).collect();
        sources.sort_unstable();
        let start = sources.partition_point(|source| rounds.recounted.is_some_and(|last| *source <= last));
        let (done, rest) = sources.split_at(start);
        let mut turn: Vec<[u8; 26]> = rest.iter().chain(done).take(SOURCES).copied().collect();
        rounds.recounted = turn.last().copied().or(rounds.recounted);
        let query = Query {
            after: rounds.lanes.take(),
            collection: LaneRecord::COLLECTION,
            count: false,
            index: LaneRecord::SOURCE,
            limit: PAGE,
            prefix: Bytes::new(),
        };
        let found = storage.find(&query).await?.entries;
        rounds.lanes = found.last().map(|entry| (entry.value.clone(), entry.record.key.id.clone()));
        let of_lanes = found.iter().filter_map(|entry| entry.value.as_ref().try_into().ok());
        turn.extend({
            let books = desk.books();
            let unknown = of_lanes.filter(|source: &[u8; 26]| !books.pending.contains_key(source));
            unknown.collect::<Vec<_>>()
        });
        turn.sort_unstable();
        turn.dedup();
        for source in turn {
            let prefix = records::shown(&source, Standing::Pending);
            let count = table::count::<DeliveryRecord>(storage, DeliveryRecord::SHOWN, &prefix).await?;
            let mut books = desk.books();
            if count == 0 {
                books.pending.remove(&source);
            } else {
                books.pending.insert(source, count);
            }
        }
        Ok(())
    }

    /// Removes what ended long ago, or is too much of one source: a few sources each time, busy ones first.
    async fn sweep(&self, state: &State, rounds: &mut Rounds) -> Result<(), Fault> {
        let checkpoint = self.posted_checkpoint().await?;
        for source in self.take_busy() {
            self.sweep_source(state, &source, checkpoint).await?;
        }
        for _ in 0..ROUND {
            let after = rounds.swept.map(|source| [&records::ended(&source)[..], &[0xFF; 9]].concat());
            let after = after.unwrap_or_else(|| records::ENDED.to_vec());
            let next = self.places::<DeliveryRecord>(DeliveryRecord::NEXT, records::ENDED, &after, 1).await?;
            let Some(first) = next.first() else {
                rounds.swept = None;
                break;
            };
            let Some(source) = first.value.get(1..).and_then(|rest| rest.first_chunk()) else { break };
            self.sweep_source(state, source, checkpoint).await?;
            rounds.swept = Some(*source);
        }
        Ok(())
    }

    /// Takes sources of which much has ended off the list.
    fn take_busy(&self) -> Vec<[u8; 26]> {
        let mut books = self.shared.deliveries.books();
        let busy: Vec<[u8; 26]> =
            books.ended.iter().filter(|(_, count)| **count >= BUSY).map(|(source, _)| *source).take(SOURCES).collect();
        for source in &busy {
            books.ended.remove(source);
        }
        busy
    }

    async fn sweep_source(&self, state: &State, source: &[u8; 26], checkpoint: Option<Millis>) -> Result<(), Fault> {
        // What may be handed in again is to be recognized then.
        let is_past = |create_at: Millis| checkpoint.is_none_or(|checkpoint| create_at < checkpoint);
        let settings = &state.settings.deliveries;
        let keep = u64::try_from(settings.retention_per_source).unwrap_or(u64::MAX);
        let prefix = records::ended(source);
        let storage = &self.shared.ports.storage;
        let mut limit = 1;
        for _ in 0..PAGES {
            let total = table::count::<DeliveryRecord>(storage, DeliveryRecord::NEXT, &prefix).await?;
            let excess = usize::try_from(total.saturating_sub(keep)).unwrap_or(usize::MAX);
            let limit = std::mem::replace(&mut limit, PAGE).max(excess).min(PAGE);
            let first = self.places::<DeliveryRecord>(DeliveryRecord::NEXT, &prefix, &prefix, limit).await?;
            let read = first.len();
            let mut gone = Vec::new();
            for (place, entry) in first.into_iter().enumerate() {
                let stored = Stored::<DeliveryRecord>::read(entry.record)?;
                let Phase::Ended { at, .. } = stored.kind.phase else { continue };
                if place < excess && is_past(stored.kind.create_at) || later(at, settings.retention) < self.now() {
                    gone.push(stored.remove());
                }
            }
            let is_done = gone.len() < read || read == 0;
            self.remove(gone).await?;
            if is_done {
                break;
            }
        }
        Ok(())
    }

    /// Removes records; those that somebody changed stay.
    async fn remove(&self, changes: Vec<Change>) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        if changes.is_empty() || storage.commit(changes.clone()).await? == Committed::Applied {
            return Ok(());
        }
        for change in changes {
            let (Committed::Applied | Committed::Conflict) = storage.commit(vec![change]).await?;
        }
        Ok(())
    }

    /// Places of an index after one of them.
    async fn places<K: Kind>(
        &self,
        index: Index,
        prefix: &[u8],
        after: &[u8],
        limit: usize,
    ) -> Result<Vec<Entry>, Fault> {
        let after = Some((Bytes::copy_from_slice(after), Bytes::new()));
        let prefix = Bytes::copy_from_slice(prefix);
        let query = Query { after, collection: K::COLLECTION, count: false, index, limit, prefix };
        Ok(self.shared.ports.storage.find(&query).await?.entries)
    }
}
