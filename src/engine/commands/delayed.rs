//! `POST /hooks/commands/{id}`: what a service answers later (CMD-90 to CMD-94, CMD-144).

use super::super::error::{Failed, Fault};
use super::super::table::{self, Stored};
use super::super::{Engine, State};
use super::TRIES_IN_TEAM;
use super::post::{Author, Run};
use crate::command::answer::{Source, read_delayed};
use crate::command::ticket::{Ticket, Use, Whereabouts};
use crate::command::{Command, DelayedError};
use crate::id::TicketId;
use crate::port::{Ask, Channel, Observation, Permission, Scope, User};

/// What a delayed answer comes to.
type Delayed<T> = Result<T, Failed<DelayedError>>;

impl Engine {
    /// Takes a delayed answer: its posts are by who ran the command, where they ran it. `body` is none if it is longer
    /// than the limit.
    ///
    /// A ticket is good for half an hour and five answers. One of which nothing could be posted does not count.
    ///
    /// # Errors
    ///
    /// [`DelayedError`] says why not; a fault is a port's.
    pub async fn answer_command(&self, id: &TicketId, content_type: Option<&[u8]>, body: Option<&[u8]>) -> Delayed<()> {
        let state = self.state();
        let answer = read_delayed(content_type, body)?;
        let (storage, key) = (&self.shared.ports.storage, Ticket::key(id));
        let get = async || table::get::<Ticket>(storage, &key).await.map_err(|fault| fault.named(GET));
        let stored = get().await?.filter(|stored| stored.kind.is_live(self.now()));
        let mut stored = stored.ok_or(DelayedError::UnknownTicket)?;
        let command = self.stored_command(stored.kind.command_id).await?.ok_or(DelayedError::CommandGone)?.kind;
        let (user, channel) = self.whereabouts(&state, &stored.kind, &command).await?;
        let mut taken = None;
        for _ in 0..TRIES_IN_TEAM {
            let (used, use_) = stored.kind.take()?;
            if self.commit(vec![stored.replace(&used)?]).await.map_err(|fault| fault.named(TRY_USE))? {
                taken = Some(use_);
                break;
            }
            stored = get().await?.ok_or(DelayedError::UnknownTicket)?;
        }
        let Use { number } = taken.ok_or_else(|| Fault::busy().named(TRY_USE))?;
        let author = Author {
            caller: None,
            channel: &channel,
            root_id: stored.kind.root_id,
            session: None,
            team: Some(command.team_id),
            user: &user,
        };
        let source = Source::Custom { icon_url: &command.icon_url, username: &command.username };
        let run = Run { cause: Some((key, Some(number))), source };
        let done = self.post_answer(&state, answer, author, run).await;
        let (failed, posted) = done.as_ref().map_or((true, false), |done| (done.failed, done.posted));
        if failed && !posted {
            self.give_back(&key).await;
        }
        done?;
        self.observer().observe(&Observation::CommandAnsweredLater { command: command.id, failed });
        if failed { Err(DelayedError::PostFailed.into()) } else { Ok(()) }
    }

    /// Finds who ran the command and where, if an answer may still be posted for them (section 18 row 3).
    async fn whereabouts(&self, state: &State, ticket: &Ticket, command: &Command) -> Delayed<(User, Channel)> {
        let found = self.shared.ports.directory.channels(&[ticket.channel_id]).await.map_err(Fault::from)?;
        let channel = found.into_iter().find(|channel| channel.id == ticket.channel_id);
        let user = self.account(ticket.user_id).await?.filter(|user| !user.deactivated);
        let (mut active_in_team, mut in_channel) = (false, false);
        if let (Some(user), Some(channel)) = (&user, &channel) {
            let administers = self.user_may(user.id, Ask::new(Permission::MANAGE_SYSTEM, Scope::System)).await?;
            let team = Scope::Team(channel.team_id.unwrap_or(command.team_id));
            active_in_team = administers || self.user_may(user.id, Ask::new(Permission::VIEW_TEAM, team)).await?;
            in_channel = administers || self.is_member(user, channel.id).await?;
        }
        let whereabouts = Whereabouts {
            active_in_team,
            channel_archived: channel.as_ref().is_some_and(|channel| channel.archived),
            channel_exists: channel.is_some(),
            enabled: state.settings.commands.enabled,
            in_channel,
        };
        whereabouts.check()?;
        user.zip(channel).ok_or_else(|| DelayedError::UserGone.into())
    }

    /// Gives a use back that posted nothing. That it fails is told to the observer: there is one answer less then.
    async fn give_back(&self, key: &[u8]) {
        for _ in 0..TRIES_IN_TEAM {
            match self.give_back_once(key).await {
                Ok(true) => return,
                Ok(false) => {}
                Err(fault) => return self.observe_fault(&fault),
            }
        }
        self.observe_fault(&Fault::busy());
    }

    async fn give_back_once(&self, key: &[u8]) -> Result<bool, Fault> {
        let found: Option<Stored<Ticket>> = table::get(&self.shared.ports.storage, key).await?;
        match found {
            Some(stored) => self.commit(vec![stored.replace(&stored.kind.give_back())?]).await,
            None => Ok(true),
        }
    }
}

/// What storage failed to read.
const GET: &str = "app.command_webhook.get.internal_error";

/// What storage failed to write.
const TRY_USE: &str = "app.command_webhook.try_use.internal_error";
