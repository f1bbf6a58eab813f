//! What becomes of outgoing webhooks when the host's own things change (OUT-36 to OUT-40, OUT-116).

use super::super::Engine;
use super::super::error::Fault;
use super::super::table::{Pages, Stored};
use super::TRIES_IN_TEAM;
use super::change::{Edit, Generations};
use crate::id::{ChannelId, TeamId};
use crate::outgoing::OutgoingWebhook;
use crate::outgoing::manage;
use crate::port::Index;

impl Engine {
    /// Removes the hooks that an index has under a prefix, whether the feature is switched on or not.
    pub(in crate::engine) async fn end_outgoing_hooks(&self, index: Index, whose: &str) -> Result<(), Fault> {
        let mut lost = 0;
        while lost < TRIES_IN_TEAM {
            // What was removed is not found again, so each round begins at the start.
            let mut pages = Pages::new::<OutgoingWebhook>(index, whose.as_bytes());
            let hooks = pages.next::<OutgoingWebhook>(&self.shared.ports.storage).await?;
            if hooks.is_empty() {
                return Ok(());
            }
            let edits = hooks.iter().map(Edit::remove).collect();
            if self.commit_hooks(Generations::default(), edits).await? {
                hooks.iter().for_each(|hook| self.tell_of_hook(None, "deleted", &hook.kind));
                lost = 0;
            } else {
                lost += 1;
            }
        }
        Err(Fault::busy())
    }

    /// Takes the hooks of a channel to another team with it (OUT-39), whether the feature is switched on or not (OUT-116).
    pub(in crate::engine) async fn move_outgoing_hooks(&self, channel: ChannelId, team: TeamId) -> Result<(), Fault> {
        let channel = channel.as_str().as_bytes();
        let mut pages = Pages::new::<OutgoingWebhook>(OutgoingWebhook::BY_CHANNEL, channel);
        loop {
            let hooks = pages.next::<OutgoingWebhook>(&self.shared.ports.storage).await?;
            if hooks.is_empty() {
                return Ok(());
            }
            for hook in hooks.into_iter().filter(|hook| hook.kind.team_id != team) {
                self.move_outgoing_hook(hook, team).await?;
            }
        }
    }

    async fn move_outgoing_hook(&self, mut hook: Stored<OutgoingWebhook>, team: TeamId) -> Result<(), Fault> {
        for _ in 0..TRIES_IN_TEAM {
            let moved = OutgoingWebhook { team_id: team, ..manage::touched(&hook.kind, self.now()) };
            let edit = Edit::replace(&hook, moved.clone())?;
            if self.commit_hooks(Generations::default(), vec![edit]).await? {
                self.tell_of_hook(None, "moved", &moved);
                return Ok(());
            }
            match self.stored_outgoing_hook(hook.kind.id).await? {
                Some(again) => hook = again,
                None => return Ok(()),
            }
        }
        Err(Fault::busy())
    }
}
