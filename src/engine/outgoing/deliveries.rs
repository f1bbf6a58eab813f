//! The deliveries of a hook, for those who manage it (OUT-112, OUT-330).

use super::super::Engine;
use super::super::authenticate::Caller;
use super::super::deliveries::ByHand;
use super::super::error::Fault;
use super::Managed;
use crate::delivery::{Delivery, DeliveryId, LaneFigures, State as Standing};
use crate::id::{Millis, OutgoingHookId, PostId};
use crate::outgoing::ManageError;

/// Which deliveries of a hook are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DeliveryRange {
    /// How many at most.
    pub limit: usize,
    /// How many to leave out at the start.
    pub skip: usize,
    /// Those that stand so alone; none for all.
    pub state: Option<Standing>,
}

impl Engine {
    /// Lists the deliveries of a hook, newest first.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn outgoing_deliveries(
        &self,
        caller: &Caller,
        hook: OutgoingHookId,
        range: DeliveryRange,
    ) -> Managed<Vec<Delivery>> {
        let source = self.managed_source(caller, hook).await?;
        Ok(self.deliveries_of(&source, range.state, range.skip, range.limit).await?)
    }

    /// Returns a delivery of a hook.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn outgoing_delivery(&self, caller: &Caller, hook: OutgoingHookId, id: &DeliveryId) -> Managed<Delivery> {
        let source = self.managed_source(caller, hook).await?;
        let found = self.delivery_of(&source, id, self.began(id).await?).await?;
        Ok(found.ok_or(ManageError::DeliveryNotFound)?)
    }

    /// Has a delivery that failed or was given up tried again, at once and under the same id.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn retry_outgoing_delivery(&self, caller: &Caller, hook: OutgoingHookId, id: &DeliveryId) -> Managed<()> {
        let source = self.managed_source(caller, hook).await?;
        done(self.retry_delivery(&source, id, self.began(id).await?).await?)
    }

    /// Ends a delivery that is pending.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn drop_outgoing_delivery(&self, caller: &Caller, hook: OutgoingHookId, id: &DeliveryId) -> Managed<()> {
        let source = self.managed_source(caller, hook).await?;
        done(self.drop_delivery(&source, id, self.began(id).await?).await?)
    }

    /// Says how what goes to each of a hook's destinations is doing, where there is something to say.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn outgoing_lanes(&self, caller: &Caller, hook: OutgoingHookId) -> Managed<Vec<LaneFigures>> {
        let source = self.managed_source(caller, hook).await?;
        Ok(self.lanes_of(&source).await?)
    }

    /// What deliveries of a hook that the caller manages are sent for.
    async fn managed_source(&self, caller: &Caller, hook: OutgoingHookId) -> Managed<[u8; 26]> {
        self.managed_hook(&self.state(), caller, hook).await?;
        Ok(hook.to_bytes())
    }

    /// When the post was made that caused a delivery, if the host still knows it: then the delivery is found at once.
    async fn began(&self, id: &DeliveryId) -> Result<Option<Millis>, Fault> {
        let Some(post) = id.as_str().split('_').nth(1).and_then(|post| PostId::parse(post).ok()) else {
            return Ok(None);
        };
        Ok(self.shared.ports.directory.post(post).await?.map(|post| post.create_at))
    }
}

fn done(by_hand: ByHand) -> Managed<()> {
    match by_hand {
        ByHand::Done => Ok(()),
        ByHand::Unknown => Err(ManageError::DeliveryNotFound.into()),
        ByHand::WrongState => Err(ManageError::DeliveryState.into()),
    }
}
