//! The call of the service behind a command (CMD-34, CMD-50 to CMD-77).

use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, select};
use http::Request;

use super::super::error::{Failed, Fault};
use super::super::outbound::{Answered, Unanswered};
use super::super::{Engine, State, random, table};
use super::execute::{Executed, Place, Triggered};
use super::post::Run;
use crate::command::answer::{Source, read_response};
use crate::command::index::Indexed;
use crate::command::mentions::{MentionMaps, channel_candidates, user_candidates};
use crate::command::request::{self, Facts, Signed};
use crate::command::ticket::Ticket;
use crate::command::{Answer, ExecuteError, Line};
use crate::delivery::FailureClass;
use crate::id::{CommandId, Millis, RequestId, TeamId, TicketId};
use crate::port::{Ask, ChannelKind, Observation, Permission, Scope, Sent};
use crate::security::redirect;

/// One call of the service behind a command, as the log in memory remembers it.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandAttempt {
    /// When.
    pub at: Millis,
    /// Which command.
    pub command: CommandId,
    /// How long it took, in milliseconds.
    pub duration: u64,
    /// What kind of failure it met, as a word; none of an answer, whatever its status.
    pub failure: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
}

impl Engine {
    /// Returns the last calls of services on this node, at most 1,000, the newest last.
    #[must_use]
    pub fn command_attempts(&self) -> Vec<CommandAttempt> {
        self.shared.commands.attempts().iter().cloned().collect()
    }

    /// Calls the service of a command, and posts what it answers. That it may answer later is written down first.
    pub(super) async fn run_custom(
        &self,
        state: &State,
        indexed: &Indexed,
        place: &Place<'_>,
        line: &Line<'_>,
        triggered: &Triggered,
    ) -> Executed<Answer> {
        let (command, trigger) = (&indexed.command, line.shown_trigger());
        let site = state.settings.site_url.as_ref().ok_or(ExecuteError::SiteUrlRequired)?;
        let ticket = self.issue_ticket(command.id, place).await;
        let ticket = ticket.map_err(|fault| Failed::Fault(fault.named(FAILED)))?;
        let opened = self.open_command_secrets(state, command.id, &indexed.sealed);
        let secrets = opened.map_err(|fault| fault.named(FAILED))?;
        let mentions = self.mentions_of(line.text, command.team_id).await.map_err(|fault| fault.named(FAILED))?;
        let facts = Facts {
            channel: &place.channel,
            command,
            mentions: &mentions,
            response_url: &request::response_url(site, &ticket),
            root_id: place.root_id,
            team: &place.team,
            text: line.text,
            trigger_id: &triggered.signed,
            user: &place.user,
        };
        let id = RequestId::from_random(random(&self.shared.ports)?);
        let signed = Signed { id: id.as_str(), now: self.now(), slack: state.settings.commands.slack_signatures };
        let failed = || ExecuteError::Failed { trigger: trigger.clone() };
        let request = request::request(&facts, &secrets, signed).map_err(|_| failed())?;
        let began = self.shared.ports.clock.monotonic();
        let called = self.call_in_time(state, &command.url, request).await;
        self.note_attempt(command.id, began, &called);
        let answered = called.map_err(|_| failed())?.response;
        let answer = read_response(&answered.head, &answered.body, answered.truncated, &trigger)?;
        let source = Source::Custom { icon_url: &command.icon_url, username: &command.username };
        let run = Run { cause: Some((Ticket::key(&ticket), None)), source };
        let done = self.post_answer(state, answer, place.author(), run).await?;
        if done.failed {
            return Err(ExecuteError::PostFailed { trigger }.into());
        }
        Ok(done.shown.shown(&triggered.client))
    }

    /// Makes the call, and cuts it at the deadline, whatever the client does: a person waits.
    async fn call_in_time(&self, state: &State, url: &str, request: Request<Bytes>) -> Result<Answered, Unanswered> {
        let deadline = state.settings.integration_timeout;
        let call = pin!(self.call_out(state, url, request, redirect::Caller::Command));
        match select(call, pin!(self.shared.ports.clock.sleep(deadline))).await {
            Either::Left((called, _)) => called,
            Either::Right(_) => {
                let detail = "the service took too long".to_owned();
                Err(Unanswered { class: FailureClass::Timeout, detail, sent: Sent::Maybe })
            }
        }
    }

    /// Writes down that a service may answer later (CMD-90).
    async fn issue_ticket(&self, command: CommandId, place: &Place<'_>) -> Result<TicketId, Fault> {
        let id = TicketId::from_random(random(&self.shared.ports)?);
        let ticket = Ticket::new(command, place.user.id, place.channel.id, place.root_id, self.now());
        if self.commit(vec![table::insert(&Ticket::key(&id), &ticket, &[])?]).await? {
            Ok(id)
        } else {
            Err(Fault::busy())
        }
    }

    /// Finds whom and what a text names (CMD-71, CMD-72).
    async fn mentions_of(&self, text: &str, team: TeamId) -> Result<MentionMaps, Fault> {
        let (directory, mut maps) = (&self.shared.ports.directory, MentionMaps::default());
        for candidate in user_candidates(text) {
            for name in candidate.names() {
                let Some(user) = directory.user_named(name).await? else { continue };
                let in_team = Ask::new(Permission::VIEW_TEAM, Scope::Team(team));
                if !user.deactivated && self.user_may(user.id, in_team).await? {
                    maps.add_user(name, user.id);
                }
                break;
            }
        }
        let names = channel_candidates(text);
        if !names.is_empty() {
            let channels = directory.channels_named(Some(team), &names).await?;
            let is_told = |kind, of, archived: bool| kind == ChannelKind::Public && of == Some(team) && !archived;
            for name in names {
                let mut found = channels.iter().filter(|channel| channel.name == name);
                if let Some(channel) = found.find(|found| is_told(found.kind, found.team_id, found.archived)) {
                    maps.add_channel(name, channel.id);
                }
            }
        }
        Ok(maps)
    }

    fn note_attempt(&self, command: CommandId, began: Duration, called: &Result<Answered, Unanswered>) {
        let spent = self.shared.ports.clock.monotonic().saturating_sub(began);
        let duration = u64::try_from(spent.as_millis()).unwrap_or(u64::MAX);
        let (failure, status) = match called {
            Ok(answered) => {
                (answered.is_unfollowed.then_some("redirect"), Some(answered.response.head.status.as_u16()))
            }
            Err(unanswered) => (Some(unanswered.class.name()), None),
        };
        self.observer().observe(&Observation::CommandCalled { command, duration, failure, status });
        let mut attempts = self.shared.commands.attempts();
        if attempts.len() >= MAX_ATTEMPTS {
            attempts.pop_front();
        }
        let failure = failure.map(str::to_owned);
        attempts.push_back(CommandAttempt { at: self.now(), command, duration, failure, status });
    }
}

/// How many calls are remembered.
const MAX_ATTEMPTS: usize = 1_000;

/// What a caller is told where something broke before the call.
const FAILED: &str = "api.command.execute_command.failed.app_error";
