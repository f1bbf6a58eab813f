//! What a worker does for commands: says what `/echo` is to say later, and forgets tickets that have ended.

use time::Duration;

use super::super::error::Fault;
use super::super::table::{self, Pages};
use super::super::{Engine, State};
use super::execute::Place;
use crate::command::Answer;
use crate::command::builtin::{BuiltIn, Ran, echo_post, too_many_echoes};
use crate::command::ticket::Ticket;
use crate::id::UserId;
use crate::port::{Action, Ask, Effect, Permission, Scope};
use crate::post::{Destination, PostDraft};

/// A message that is said later.
#[derive(Debug)]
pub(super) struct WaitingEcho {
    draft: PostDraft,
    /// When, on the clock that nobody sets.
    due: std::time::Duration,
}

impl Engine {
    /// Runs a built-in of the library.
    pub(super) async fn run_own(&self, state: &State, built_in: BuiltIn, place: &Place<'_>, text: &str) -> Answer {
        let settings = &state.settings.commands;
        let echo = match built_in.run(text, settings) {
            Ran::Answer(answer) => return *answer,
            Ran::Later(echo) => echo,
        };
        let draft = echo_post(echo.message, &place.user, place.channel.id, place.root_id);
        if echo.delay <= Duration::ZERO {
            self.say(draft).await;
            return Answer::default();
        }
        let delay = std::time::Duration::try_from(echo.delay).unwrap_or_default();
        let due = self.shared.ports.clock.monotonic().saturating_add(delay);
        let mut waiting = self.shared.commands.echoes();
        if waiting_of(&waiting, place.user.id) >= settings.echo_per_user {
            return too_many_echoes();
        }
        waiting.push(WaitingEcho { draft, due });
        Answer::default()
    }

    /// Says what is due. To be called every second.
    pub(in crate::engine) async fn say_echoes(&self) -> Result<(), Fault> {
        let now = self.shared.ports.clock.monotonic();
        let mut due: Vec<_> = self.shared.commands.echoes().extract_if(.., |echo| echo.due <= now).collect();
        due.sort_by_key(|echo| echo.due);
        for WaitingEcho { draft, .. } in due {
            match self.may_still_say(&draft).await {
                Ok(true) => self.say(draft).await,
                Ok(false) => {}
                Err(fault) => self.observe_fault(&fault),
            }
        }
        Ok(())
    }

    /// Nobody is spoken for who has left meanwhile or may not write there any more.
    async fn may_still_say(&self, draft: &PostDraft) -> Result<bool, Fault> {
        let Destination::Channel(channel) = draft.destination else { return Ok(false) };
        let found = self.shared.ports.directory.channels(&[channel]).await?;
        let is_open = found.iter().any(|found| found.id == channel && !found.archived);
        let is_active = self.account(draft.user_id).await?.is_some_and(|user| !user.deactivated);
        let writing = Ask::new(Permission::CREATE_POST, Scope::Channel(channel));
        Ok(is_open && is_active && self.user_may(draft.user_id, writing).await?)
    }

    /// Whoever typed it has their answer by now, so that it fails is told to the observer alone.
    async fn say(&self, draft: PostDraft) {
        let effect = Effect::new(Action::CreatePosts(vec![draft]));
        if let Err(refused) = self.shared.ports.sink.apply(vec![effect]).await {
            self.observe_fault(&Fault::from(refused));
        }
    }

    /// Removes tickets that have ended (CMD-91).
    pub(in crate::engine) async fn purge_tickets(&self) -> Result<(), Fault> {
        let end = Ticket::expired_before(self.now());
        let mut pages = Pages::new::<Ticket>(Ticket::BY_TIME, &[]);
        for _ in 0..MAX_PAGES {
            let page = pages.next::<Ticket>(&self.shared.ports.storage).await?;
            let ended: Vec<_> = page.iter().filter(|ticket| ticket.kind.create_at <= end).collect();
            if ended.is_empty() {
                return Ok(());
            }
            let is_last = ended.len() < page.len();
            let changes = ended.into_iter().map(table::Stored::remove).collect();
            // One that was used meanwhile is removed the next time.
            if !self.commit(changes).await? || is_last {
                return Ok(());
            }
        }
        Ok(())
    }
}

fn waiting_of(waiting: &[WaitingEcho], user: UserId) -> usize {
    waiting.iter().filter(|echo| echo.draft.user_id == user).count()
}

/// How many pages of tickets are removed at a time.
const MAX_PAGES: usize = 50;
