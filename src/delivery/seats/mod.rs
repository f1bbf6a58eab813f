//! Who may call now: the seats of a node and of its lanes, and what is known of the receivers.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use super::breaker::{Breaker, Leave, Open};
use super::record::LaneKey;
use super::{BreakerFigure, DeliverySettings};
use crate::id::Millis;

/// The seats that are taken, and the lanes that have taken some or are not closed.
#[derive(Debug, Default)]
pub(crate) struct Seats {
    /// Calls that are younger than slow ones, by when they began.
    fast: BTreeSet<(Duration, SeatNumber)>,
    lanes: HashMap<LaneKey, Lane>,
    next: u64,
    seats: HashMap<SeatNumber, Seat>,
    /// Calls beyond the first limit, by when they began.
    slow: BTreeSet<(Duration, SeatNumber)>,
    /// How many seats are beyond the first limit, calls of which may not have begun.
    slow_taken: usize,
}

/// Which seat.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub(crate) struct SeatNumber(u64);

#[derive(Clone, Copy, Debug)]
struct Seat {
    /// When its call began; none while it is only reserved.
    began: Option<Duration>,
    is_probe: bool,
    is_slow: bool,
    lane: LaneKey,
}

/// A lane, as this node knows it.
#[derive(Clone, Debug)]
struct Lane {
    breaker: Breaker,
    in_flight: usize,
    is_probing: bool,
    /// Whether what waits in it was put off until a seat is free.
    is_hungry: bool,
    /// Whether its last call was slow or met nobody: the next ones take no seats from others.
    is_suspect: bool,
    slow: usize,
    whom: Arc<Whom>,
}

/// Whom a lane leads to.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct Whom {
    /// Scheme, host and port.
    pub(crate) origin: String,
    /// Of what.
    pub(crate) source: [u8; 26],
}

/// Why there is no seat.
///
/// What is known to be slow takes no seat of the node's first limit: receivers that hang must not keep others waiting.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Taken {
    /// Those of the lane are taken.
    Lane,
    /// Those of the node are taken.
    Node,
    /// Nobody answered in this lane, so it waits until then.
    Until(Millis),
}

/// What a node knows of a lane.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct LaneView {
    /// How it is shown.
    pub(crate) figure: BreakerFigure,
    /// How many calls run.
    pub(crate) in_flight: usize,
    /// How long it stays closed to calls.
    pub(crate) open: Option<Open>,
    /// Whom it leads to.
    pub(crate) whom: Arc<Whom>,
}

impl Seats {
    /// Takes a seat in a lane. `whom` is asked for lanes that are not known.
    pub(crate) fn take(
        &mut self,
        lane: LaneKey,
        whom: impl FnOnce() -> Whom,
        now: Millis,
        settings: &DeliverySettings,
    ) -> Result<SeatNumber, Taken> {
        let known = self.lanes.get(&lane);
        let breaker = known.map(|known| known.breaker).unwrap_or_default();
        let is_probe = match breaker.leave(now) {
            Leave::Granted => false,
            Leave::Probe if known.is_some_and(|known| known.is_probing) => return Err(Taken::Lane),
            Leave::Probe => true,
            Leave::Wait(until) => return Err(Taken::Until(until)),
        };
        let is_full = known.is_some_and(|known| {
            known.in_flight >= settings.concurrent_per_lane.max(1) || known.slow >= settings.slow_per_lane.max(1)
        });
        if is_full && !is_probe {
            return Err(Taken::Lane);
        }
        let is_slow = is_probe || known.is_some_and(|known| known.is_suspect);
        if is_slow && self.slow_taken >= settings.slow.max(1) {
            return Err(Taken::Lane);
        }
        if !is_slow && self.free(settings) == 0 {
            return Err(Taken::Node);
        }
        self.slow_taken += usize::from(is_slow);
        let known = self.lanes.entry(lane).or_insert_with(|| Lane::new(whom()));
        known.in_flight += 1;
        known.slow += usize::from(is_slow);
        known.is_probing |= is_probe;
        self.next += 1;
        let number = SeatNumber(self.next);
        self.seats.insert(number, Seat { began: None, is_probe, is_slow, lane });
        Ok(number)
    }

    /// Notes that the call of a seat begins.
    pub(crate) fn begin(&mut self, number: SeatNumber, now: Duration) {
        if let Some(seat) = self.seats.get_mut(&number).filter(|seat| seat.began.is_none()) {
            seat.began = Some(now);
            if seat.is_slow {
                self.slow.insert((now, number));
            } else {
                self.fast.insert((now, number));
            }
        }
    }

    /// Gives a seat back. Returns its lane if what waits in it was put off for want of one.
    pub(crate) fn release(&mut self, number: SeatNumber) -> Option<LaneKey> {
        let seat = self.seats.remove(&number)?;
        if let Some(began) = seat.began {
            self.fast.remove(&(began, number));
            self.slow.remove(&(began, number));
        }
        self.slow_taken = self.slow_taken.saturating_sub(usize::from(seat.is_slow));
        let lane = self.lanes.get_mut(&seat.lane)?;
        lane.in_flight = lane.in_flight.saturating_sub(1);
        lane.slow = lane.slow.saturating_sub(usize::from(seat.is_slow));
        lane.is_probing &= !seat.is_probe;
        let is_hungry = std::mem::take(&mut lane.is_hungry);
        self.tidy(seat.lane);
        is_hungry.then_some(seat.lane)
    }

    /// Learns whether the call of a seat was answered, and whether that took long. Returns its lane where that opened it
    /// again to what waits.
    pub(crate) fn learn(&mut self, number: SeatNumber, answered: bool, was_slow: bool, now: Millis) -> Option<LaneKey> {
        let seat = *self.seats.get(&number)?;
        let lane = self.lanes.get_mut(&seat.lane)?;
        lane.is_suspect = !answered || was_slow;
        let was_open = lane.breaker.open().is_some();
        lane.breaker.learn(answered, seat.is_probe, now);
        (was_open && lane.breaker.open().is_none()).then_some(seat.lane)
    }

    /// Lets calls that have become slow leave the first limit, as far as there is room for slow ones.
    pub(crate) fn slow_down(&mut self, now: Duration, settings: &DeliverySettings) -> bool {
        let mut moved = false;
        while self.slow_taken < settings.slow
            && let Some(&(began, number)) = self.fast.first()
            && now.saturating_sub(began) >= settings.slow_after
        {
            self.fast.remove(&(began, number));
            self.slow.insert((began, number));
            moved = true;
            self.slow_taken += 1;
            let Some(seat) = self.seats.get_mut(&number) else { continue };
            seat.is_slow = true;
            if let Some(lane) = self.lanes.get_mut(&seat.lane) {
                lane.slow += 1;
                lane.is_suspect = true;
            }
        }
        moved
    }

    /// When the next call becomes slow, and whether there is room for it.
    pub(crate) fn next_slow(&self, settings: &DeliverySettings) -> Option<Duration> {
        let (began, _) = self.fast.first()?;
        (self.slow_taken < settings.slow).then(|| began.saturating_add(settings.slow_after))
    }

    /// The calls that began before a moment.
    pub(crate) fn older_than(&self, moment: Duration) -> Vec<SeatNumber> {
        let older = |calls: &BTreeSet<(Duration, SeatNumber)>| {
            calls.iter().take_while(|(began, _)| *began < moment).map(|(_, number)| *number).collect::<Vec<_>>()
        };
        [older(&self.slow), older(&self.fast)].concat()
    }

    /// Notes that what waits in a lane is put off until one of its seats is free. False if none is taken, so that none
    /// would be given back.
    pub(crate) fn starve(&mut self, lane: LaneKey) -> bool {
        let Some(lane) = self.lanes.get_mut(&lane).filter(|lane| lane.in_flight > 0) else { return false };
        lane.is_hungry = true;
        true
    }

    /// Takes up what is written down of a lane's breaker, unless more is known.
    pub(crate) fn adopt(&mut self, lane: LaneKey, whom: impl FnOnce() -> Whom, open: Option<Open>) {
        let Some(open) = open else { return };
        let known = self.lanes.entry(lane).or_insert_with(|| Lane::new(whom()));
        if known.breaker.is_fresh() && known.in_flight == 0 {
            known.breaker = Breaker::opened(open);
        }
    }

    /// How a lane stands open, if it does.
    pub(crate) fn open(&self, lane: LaneKey) -> Option<Open> {
        self.lanes.get(&lane)?.breaker.open()
    }

    /// Whether something waits in a lane that came first.
    pub(crate) fn is_hungry(&self, lane: LaneKey) -> bool {
        self.lanes.get(&lane).is_some_and(|lane| lane.is_hungry)
    }

    /// How many seats of the node are free.
    pub(crate) fn free(&self, settings: &DeliverySettings) -> usize {
        settings.concurrent.max(1).saturating_sub(self.seats.len().saturating_sub(self.slow_taken))
    }

    /// How many seats are taken.
    pub(crate) fn taken(&self) -> usize {
        self.seats.len()
    }

    /// The lanes of a source that the node knows.
    pub(crate) fn lanes_of(&self, source: &[u8; 26]) -> Vec<(LaneKey, LaneView)> {
        let of_source = self.lanes.iter().filter(|(_, lane)| lane.whom.source == *source);
        of_source.map(|(key, lane)| (*key, lane.view())).collect()
    }

    /// Forgets a lane that nothing is known of, and others that nobody calls if there are too many.
    fn tidy(&mut self, lane: LaneKey) {
        let is_idle = |lane: &Lane| lane.in_flight == 0 && !lane.is_hungry;
        if self.lanes.get(&lane).is_some_and(|lane| is_idle(lane) && !lane.is_suspect && lane.breaker.is_fresh()) {
            self.lanes.remove(&lane);
        }
        if self.lanes.len() > MOST_LANES + self.seats.len() {
            self.lanes.retain(|_, lane| !is_idle(lane));
        }
    }
}

impl Lane {
    fn new(whom: Whom) -> Self {
        let (breaker, whom) = (Breaker::default(), Arc::new(whom));
        Self { breaker, in_flight: 0, is_probing: false, is_hungry: false, is_suspect: false, slow: 0, whom }
    }

    fn view(&self) -> LaneView {
        let (figure, open) = (self.breaker.figure(self.is_probing), self.breaker.open());
        LaneView { figure, in_flight: self.in_flight, open, whom: Arc::clone(&self.whom) }
    }
}

/// How many lanes are remembered that nobody calls: what is forgotten of them is written down where something waits.
const MOST_LANES: usize = 65_536;

#[cfg(test)]
mod tests;
