//! Which deliveries a post sets off (OUT-42 to OUT-56, OUT-101, OUT-102, OUT-115).

use std::sync::Arc;

use super::super::deliveries::{OUTGOING, Plan};
use super::super::error::Fault;
use super::super::{Engine, State};
use crate::id::{ChannelId, Millis, OutgoingHookId};
use crate::outgoing::fire::{self, Firing};
use crate::outgoing::trigger::Entry;
use crate::port::{Observation, PostEvent};

impl Engine {
    /// Says what a post sets off: changes that the host commits, in the transaction that stores the post if it can, and
    /// then hands back to [`deliver`](Self::deliver). Reads no storage; a post that sets nothing off costs no allocation.
    ///
    /// # Errors
    ///
    /// A delivery could not be written down.
    pub fn plan(&self, event: &PostEvent<'_>) -> Result<Plan, Fault> {
        let hooks = self.shared.outgoing.known();
        let Some(team) = fire::hearing(&hooks.settings, event) else { return Ok(Plan::default()) };
        let mut found = Vec::new();
        hooks.index.lookup(&team.id, &event.channel.id, event.message, |entry, word| {
            found.push((entry.clone(), word.to_owned()));
        });
        drop(hooks);
        if found.is_empty() {
            return Ok(Plan::default());
        }
        self.fire(event, &Firing::new(event, team, OUTGOING), &found)
    }

    /// Takes note of a post that the host has stored, and records and begins what it sets off. To hand in a post twice
    /// does no harm.
    ///
    /// For a host whose posts are not in one database with the engine's records; any other commits what
    /// [`plan`](Self::plan) returns with the post.
    ///
    /// # Errors
    ///
    /// Storage failed: the post is to be handed in again.
    pub async fn posted(&self, event: &PostEvent<'_>) -> Result<(), Fault> {
        let plan = self.plan(event)?;
        if plan.is_empty() {
            self.note_posted(event.create_at);
            return Ok(());
        }
        // Boxed, for most posts set nothing off.
        Box::pin(self.hand_in(plan, event.create_at)).await
    }

    fn fire(&self, event: &PostEvent<'_>, firing: &Firing<'_>, found: &[(Arc<Entry>, String)]) -> Result<Plan, Fault> {
        let (state, now, may_loop) = (self.state(), self.now(), fire::may_loop(event));
        let mut deliveries = Vec::new();
        for (entry, word) in found {
            let too_often = may_loop && !self.counts(&state, entry.id, event.channel.id, now);
            if too_often {
                let (channel_id, hook, post_id) = (event.channel.id, entry.id, event.id);
                self.observer().observe(&Observation::OutgoingWebhookLimited { channel_id, hook, post_id });
            }
            deliveries.extend(firing.of(entry, word, too_often.then_some(fire::TOO_OFTEN)));
        }
        self.record(&state, deliveries)
    }

    /// Counts that a post which may be a receiver's own sets a hook off in a channel, unless it is one too many (OUT-115).
    fn counts(&self, state: &State, hook: OutgoingHookId, channel: ChannelId, now: Millis) -> bool {
        let key = state.keyring.oldest().effect(&[b"loop", hook.as_str().as_bytes(), channel.as_str().as_bytes()]);
        let mut loops = self.shared.outgoing.loops();
        loops.take(key, fire::LOOP_BURST, fire::LOOP_PER_SECOND, now.0).is_ok()
    }
}
