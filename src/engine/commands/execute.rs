//! From a line that somebody typed to its answer: checks, resolution, and who runs it (CMD-20 to CMD-44).

use url::Url;

use super::super::authenticate::{Caller, ask};
use super::super::error::{Failed, Fault};
use super::super::{Engine, State, random};
use super::post::{Author, Run};
use super::registry::{CommandCall, Runner};
use crate::command::answer::Source;
use crate::command::catalog::{Callee, Resolved};
use crate::command::execute::{self, TeamOf};
use crate::command::{Answer, ExecuteError, ExecuteRequest, Line, Registered};
use crate::id::{ChannelId, PostId, TeamId, TriggerId, UserId};
use crate::port::{Ask, Channel, SessionKind, Team, User};
use crate::security::trigger_id;

/// What running a line comes to.
pub(super) type Executed<T> = Result<T, Failed<ExecuteError>>;

/// Who typed a line where, once it is known that they may.
#[derive(Debug)]
pub(super) struct Place<'a> {
    pub(super) caller: Option<&'a Caller>,
    pub(super) channel: Channel,
    pub(super) root_id: Option<PostId>,
    pub(super) team: Team,
    pub(super) user: User,
}

impl Place<'_> {
    pub(super) fn session(&self) -> Option<SessionKind> {
        self.caller.map(|caller| caller.session().kind)
    }

    pub(super) fn author(&self) -> Author<'_> {
        Author {
            caller: self.caller,
            channel: &self.channel,
            root_id: self.root_id,
            session: self.session(),
            team: Some(self.team.id),
            user: &self.user,
        }
    }
}

/// What a run is known by.
#[derive(Debug)]
pub(super) struct Triggered {
    /// To the user's client.
    pub(super) client: String,
    /// To who may open a dialog.
    pub(super) signed: String,
}

impl Engine {
    /// Runs a line that somebody typed, posts what it answers, and returns the answer as their client is shown it.
    ///
    /// A service that is called has [`integration_timeout`](super::super::Settings::integration_timeout) to answer in
    /// all. What it answers later it posts to its `response_url`: [`answer_command`](Self::answer_command).
    ///
    /// # Errors
    ///
    /// [`ExecuteError`] says why not, or that not all of the answer could be posted; a fault is a port's.
    pub async fn execute_command(&self, caller: &Caller, request: ExecuteRequest) -> Executed<Answer> {
        let state = self.state();
        let channel_id = request.admit()?;
        let directory = &self.shared.ports.directory;
        let granted = caller.may(&[execute::channel_ask(channel_id)]).await?;
        let found = directory.channels(&[channel_id]).await.map_err(Fault::from)?;
        let channel = found.into_iter().find(|channel| channel.id == channel_id);
        let channel = execute::enter(channel, granted == [true])?;
        let team = match execute::team(&request, &channel) {
            TeamOf::Channel(team) => team,
            TeamOf::Request(team, asks) => {
                let restricted = directory.is_direct_restricted(channel.id).await;
                let restricted = restricted.map_err(|failed| {
                    self.observe_fault(&Fault::from(failed));
                    ExecuteError::CommonTeams
                })?;
                execute::named_team(team, &caller.may(&asks).await?, restricted)?
            }
        };
        let root_id = self.root_to_answer(&request, &channel).await?;
        self.run_line(&state, Some(caller), (caller.user_id(), team, channel, root_id), &request.command).await
    }

    /// Runs a line for a user, as if they had typed it there. Whether they may write there is not asked: that is the
    /// host's business (section 16 of the behavior).
    ///
    /// # Errors
    ///
    /// As [`execute_command`](Self::execute_command); [`ExecuteError::Format`] where the line begins with no slash.
    pub async fn execute_command_as(&self, user: UserId, request: ExecuteRequest) -> Executed<Answer> {
        let state = self.state();
        let channel_id = ChannelId::parse(&request.channel_id).map_err(|_| ExecuteError::ChannelNotFound)?;
        let found = self.shared.ports.directory.channels(&[channel_id]).await.map_err(Fault::from)?;
        let channel = found.into_iter().find(|channel| channel.id == channel_id);
        let channel = channel.ok_or(ExecuteError::ChannelNotFound)?;
        let team = match execute::team(&request, &channel) {
            TeamOf::Channel(team) => team,
            TeamOf::Request(team, _) => team.ok_or(ExecuteError::TeamNotFound)?,
        };
        let root_id = self.root_to_answer(&request, &channel).await?;
        self.run_line(&state, None, (user, team, channel, root_id), &request.command).await
    }

    async fn root_to_answer(&self, request: &ExecuteRequest, channel: &Channel) -> Executed<Option<PostId>> {
        let Some(root) = request.root()? else { return Ok(None) };
        let post = self.shared.ports.directory.post(root).await.map_err(Fault::from)?;
        Ok(Some(execute::answers(post, channel)?))
    }

    async fn run_line(
        &self,
        state: &State,
        caller: Option<&Caller>,
        (user, team, channel, root_id): (UserId, TeamId, Channel, Option<PostId>),
        text: &str,
    ) -> Executed<Answer> {
        let line = Line::split(text).ok_or(ExecuteError::Format)?;
        let Resolved { extension, then } =
            self.shared.commands.with_catalog(&state.settings.commands, team, |catalog| catalog.resolve(&line));
        if let (None, Err(ExecuteError::Disabled)) = (&extension, &then) {
            return Err(ExecuteError::Disabled.into());
        }
        let directory = &self.shared.ports.directory;
        let team = directory.team(team).await;
        let team = team.map_err(|failed| Fault::from(failed).named("app.team.get.finding.app_error"))?;
        let team = team.ok_or(ExecuteError::TeamNotFound)?;
        let account = self.account(user).await.map_err(|fault| fault.named("app.user.get.app_error"))?;
        let user = account.ok_or(ExecuteError::UserNotFound)?;
        let place = Place { caller, channel, root_id, team, user };
        let triggered = self.triggered(state, place.user.id);
        if let Some(entry) = extension
            && let Some(answer) = self.run_registered(state, &entry.command, &place, &line, text, &triggered).await?
        {
            return self.post_own(state, &place, answer, &line, &triggered.client).await;
        }
        match then? {
            Callee::Custom(indexed) => self.run_custom(state, &indexed, &place, &line, &triggered).await,
            Callee::BuiltIn(entry) => {
                let ran = self.run_registered(state, &entry.command, &place, &line, text, &triggered).await?;
                let answer = ran.ok_or_else(|| ExecuteError::NotFound { trigger: line.shown_trigger() })?;
                self.post_own(state, &place, answer, &line, "").await
            }
        }
    }

    /// Makes the ids of a run (CMD-30, CMD-100); empty ones where there is no chance to be had.
    fn triggered(&self, state: &State, user: UserId) -> Triggered {
        match random(&self.shared.ports).map(TriggerId::from_random) {
            Ok(client) => {
                let signed = trigger_id::sign(&state.keyring, client, user, self.now());
                Triggered { client: client.into(), signed }
            }
            Err(fault) => {
                self.observe_fault(&fault);
                Triggered { client: String::new(), signed: String::new() }
            }
        }
    }

    async fn run_registered(
        &self,
        state: &State,
        command: &Registered,
        place: &Place<'_>,
        line: &Line<'_>,
        whole: &str,
        triggered: &Triggered,
    ) -> Executed<Option<Answer>> {
        let runner = self.shared.commands.code().runner(command);
        let handler = match runner {
            None => return Ok(None),
            Some(Runner::Own(built_in)) => return Ok(Some(self.run_own(state, built_in, place, line.text).await)),
            Some(Runner::Host(handler)) => handler,
        };
        let site_url = state.settings.site_url.as_ref().map(Url::as_str).unwrap_or_default();
        let call = CommandCall {
            caller: place.caller,
            channel: &place.channel,
            line: whole,
            root_id: place.root_id,
            session: place.session(),
            site_url: site_url.trim_end_matches('/'),
            team: &place.team,
            text: line.text,
            trigger_id: &triggered.signed,
            user: &place.user,
        };
        match handler.run(&call).await {
            Ok(answer) => Ok(answer),
            Err(failed) if command.owner().is_some() => {
                Err(Failed::Fault(Fault::from(failed).named("model.plugin_command_crash.error.app_error")))
            }
            Err(failed) => {
                self.observe_fault(&Fault::from(failed));
                Ok(Some(Answer::ephemeral("The command failed. Trying again may help.")))
            }
        }
    }

    /// Posts what a command that is registered in code answers.
    async fn post_own(
        &self,
        state: &State,
        place: &Place<'_>,
        answer: Answer,
        line: &Line<'_>,
        trigger_id: &str,
    ) -> Executed<Answer> {
        let run = Run { cause: None, source: Source::Own };
        let done = self.post_answer(state, answer, place.author(), run).await?;
        if done.failed {
            return Err(ExecuteError::PostFailed { trigger: line.shown_trigger() }.into());
        }
        Ok(done.shown.shown(trigger_id))
    }

    /// Whether a user is a member of a channel.
    pub(super) async fn is_member(&self, user: &User, channel: ChannelId) -> Result<bool, Fault> {
        let members = self.shared.ports.directory.members_named(channel, &[&user.username]).await?;
        Ok(members.iter().any(|member| member.id == user.id))
    }

    /// Whether a user may do something, as the host says.
    pub(super) async fn user_may(&self, user: UserId, what: Ask) -> Result<bool, Fault> {
        Ok(ask(&self.shared.ports.directory, user, &[what]).await? == [true])
    }
}
