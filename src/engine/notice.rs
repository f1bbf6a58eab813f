//! What a host reports about its own things, and what follows for integrations (INC-130 to INC-132, OUT-36 to OUT-40).

use super::error::Fault;
use super::table::{self, Pages, Stored};
use super::{Engine, TRIES};
use crate::command::Command;
use crate::id::{ChannelId, TeamId, UserId};
use crate::incoming::IncomingWebhook;
use crate::outgoing::OutgoingWebhook;
use crate::port::Index;

/// Something that happened in the host and that integrations depend on.
///
/// Reporting it twice does no harm, nor does reporting what the engine itself asked for, once that is done. Late is fine too, but what ends hooks ends those that are there by then.
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
    /// A user was activated again. If it is a bot, it is enabled; bots of theirs stay as they are (BOT-53).
    UserActivated(UserId),
    /// A user, perhaps a bot, was given other names. A bot's entity tag changes with them.
    UserChanged(UserId),
    /// A user was deactivated. Their hooks go on, their tokens open nothing until they are activated again. If it is a
    /// bot, it is disabled. Administrators hear of the bots of theirs, which are disabled too unless the settings say
    /// otherwise (BOT-53).
    UserDeactivated(UserId),
    /// A user was deleted for good: their hooks and tokens end. Nothing is remembered of a bot; bots of theirs are as
    /// those of a user who was deactivated.
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
                self.end_hooks(IncomingWebhook::BY_CHANNEL, channel.as_str()).await?;
                self.end_outgoing_hooks(OutgoingWebhook::BY_CHANNEL, channel.as_str()).await
            }
            Notice::TeamDeleted(team) => {
                self.end_hooks(IncomingWebhook::BY_TEAM, team.as_str()).await?;
                self.end_outgoing_hooks(OutgoingWebhook::BY_TEAM, team.as_str()).await?;
                self.end_commands(Command::BY_TEAM, team.as_str()).await
            }
            Notice::UserDeleted(user) => {
                self.end_hooks(IncomingWebhook::BY_OWNER, user.as_str()).await?;
                self.end_outgoing_hooks(OutgoingWebhook::BY_CREATOR, user.as_str()).await?;
                self.end_commands(Command::BY_CREATOR, user.as_str()).await?;
                self.end_tokens(user).await?;
                self.owner_deleted(user).await
            }
            Notice::ChannelMoved { channel, team } => {
                self.move_hooks(channel, team).await?;
                self.move_outgoing_hooks(channel, team).await
            }
            Notice::UserActivated(user) | Notice::UserChanged(user) => self.follow_account(user).await.map(drop),
            Notice::UserDeactivated(user) => self.owner_deactivated(user).await,
            // What depends on these is asked anew on every call.
            Notice::ChannelConverted(_) | Notice::UserRolesChanged(_) => Ok(()),
        }
    }

    async fn end_hooks(&self, index: Index, whose: &str) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        let mut lost = 0;
        while lost < TRIES {
            // What was removed is not found again, so each round begins at the start.
            let mut pages = Pages::new::<IncomingWebhook>(index, whose.as_bytes());
            let hooks = pages.next::<IncomingWebhook>(storage).await?;
            if hooks.is_empty() {
                return Ok(());
            }
            let mut changes = Vec::new();
            for hook in &hooks {
                changes.extend(self.removal(hook).await?);
            }
            if self.commit(changes).await? {
                hooks.iter().for_each(|hook| self.tell(None, "deleted", &hook.kind));
                lost = 0;
            } else {
                lost += 1;
            }
        }
        Err(Fault::busy())
    }

    async fn move_hooks(&self, channel: ChannelId, team: TeamId) -> Result<(), Fault> {
        let mut pages = Pages::new::<IncomingWebhook>(IncomingWebhook::BY_CHANNEL, channel.as_str().as_bytes());
        loop {
            let hooks = pages.next::<IncomingWebhook>(&self.shared.ports.storage).await?;
            if hooks.is_empty() {
                return Ok(());
            }
            for hook in hooks.into_iter().filter(|hook| hook.kind.team_id != team) {
                self.move_hook(hook, team).await?;
            }
        }
    }

    async fn move_hook(&self, mut hook: Stored<IncomingWebhook>, team: TeamId) -> Result<(), Fault> {
        for _ in 0..TRIES {
            let update_at = self.now().max(hook.kind.update_at);
            let moved = IncomingWebhook { team_id: team, update_at, ..hook.kind.clone() };
            if self.commit(vec![hook.replace(&moved)?]).await? {
                self.tell(None, "moved", &moved);
                return Ok(());
            }
            match table::get(&self.shared.ports.storage, &hook.key.id).await? {
                Some(again) => hook = again,
                None => return Ok(()),
            }
        }
        Err(Fault::busy())
    }
}
