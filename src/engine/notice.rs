//! What a host reports about its own things, and what follows for integrations (INC-130 to INC-132).

use std::sync::Arc;

use super::Engine;
use super::error::Fault;
use super::table::Pages;
use crate::id::{ChannelId, TeamId, UserId};
use crate::incoming::IncomingWebhook;
use crate::port::{Committed, Index, Observation, Storage};

/// Something that happened in the host and that integrations depend on.
///
/// Reporting it twice, or late, does no harm.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Notice {
    /// A channel was archived: its hooks end, and do not come back when it is restored.
    ChannelArchived(ChannelId),
    /// A channel became public or private. Hooks go on; who may post follows the channel as it is now.
    ChannelConverted(ChannelId),
    /// A channel was deleted for good: its hooks end.
    ChannelDeleted(ChannelId),
    /// A channel moved to another team, and its hooks with it.
    ChannelMoved {
        /// Which channel.
        channel: ChannelId,
        /// Where it is now.
        team: TeamId,
    },
    /// A team was deleted for good: its hooks end.
    TeamDeleted(TeamId),
    /// A user was activated again.
    UserActivated(UserId),
    /// A user was deactivated. Their hooks go on.
    UserDeactivated(UserId),
    /// A user was deleted for good: their hooks end.
    UserDeleted(UserId),
    /// A user was given other roles.
    UserRolesChanged(UserId),
}

impl Engine {
    /// Does what follows from something that happened in the host.
    ///
    /// # Errors
    ///
    /// Storage failed: part of it may be done, and reporting the same again does the rest.
    pub async fn notice(&self, notice: Notice) -> Result<(), Fault> {
        match notice {
            Notice::ChannelArchived(channel) | Notice::ChannelDeleted(channel) => {
                self.end_hooks(IncomingWebhook::BY_CHANNEL, channel.as_str()).await
            }
            Notice::TeamDeleted(team) => self.end_hooks(IncomingWebhook::BY_TEAM, team.as_str()).await,
            Notice::UserDeleted(user) => self.end_hooks(IncomingWebhook::BY_OWNER, user.as_str()).await,
            Notice::ChannelMoved { channel, team } => self.move_hooks(channel, team).await,
            // What depends on these is asked anew on every call.
            Notice::ChannelConverted(_)
            | Notice::UserActivated(_)
            | Notice::UserDeactivated(_)
            | Notice::UserRolesChanged(_) => Ok(()),
        }
    }

    async fn end_hooks(&self, index: Index, whose: &str) -> Result<(), Fault> {
        let storage: &Arc<dyn Storage> = &self.shared.ports.storage;
        loop {
            // What was removed is not found again, so each round begins at the start.
            let hooks = Pages::new::<IncomingWebhook>(index, whose.as_bytes()).next::<IncomingWebhook>(storage).await?;
            if hooks.is_empty() {
                return Ok(());
            }
            let mut changes = Vec::new();
            for hook in &hooks {
                changes.extend(self.removal(hook).await?);
            }
            if storage.commit(changes).await? == Committed::Applied {
                for hook in hooks {
                    self.tell_noticed("deleted", &hook.kind);
                }
            }
        }
    }

    async fn move_hooks(&self, channel: ChannelId, team: TeamId) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        let now = self.now();
        let mut pages = Pages::new::<IncomingWebhook>(IncomingWebhook::BY_CHANNEL, channel.as_str().as_bytes());
        loop {
            let mut hooks = pages.next::<IncomingWebhook>(storage).await?;
            if hooks.is_empty() {
                return Ok(());
            }
            hooks.retain(|hook| hook.kind.team_id != team);
            for mut hook in hooks {
                loop {
                    let moved = IncomingWebhook { team_id: team, update_at: now, ..hook.kind.clone() };
                    if storage.commit(vec![hook.replace(&moved)?]).await? == Committed::Applied {
                        self.tell_noticed("moved", &moved);
                        break;
                    }
                    match super::table::get(storage, &hook.key.id).await? {
                        Some(again) => hook = again,
                        None => break,
                    }
                }
            }
        }
    }

    fn tell_noticed(&self, change: &str, hook: &IncomingWebhook) {
        self.shared.ports.observer.observe(&Observation::IncomingWebhookChanged {
            by: None,
            channel_id: hook.channel_id,
            hook: &hook.log_name(),
            change,
            team_id: hook.team_id,
        });
    }
}
