//! `/api/v4/commands`, `/api/v4/teams/{id}/commands/…` and `POST /hooks/commands/{id}` (sections 3, 4, 11 and 14 of the
//! behavior of slash commands).

use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use super::answer::Answer;
use super::command_route::{CommandAction, CommandRoute};
use super::error::ApiError;
use super::query::Parameters;
use super::{Api, OK, Request};
use crate::command::wire::{CommandObject, MoveRequest, SigningRequest};
use crate::command::{CommandRequest, DelayedError, ExecuteError, ExecuteRequest, ManageError};
use crate::engine::{Caller, Failed, KnownCommand, Typed};
use crate::id::{CommandId, TeamId, TicketId};
use crate::outgoing::wire::{SigningObject, SigningSecretObject};

impl Api {
    pub(super) async fn manage_commands(&self, request: &Request, route: CommandRoute) -> Result<Answer, ApiError> {
        let caller = self.session(&request.parts).await?;
        match route {
            CommandRoute::Create => self.create_command(request, &caller).await,
            CommandRoute::Execute => self.execute_command(request, &caller).await,
            CommandRoute::List => self.list_commands(request, &caller).await,
            CommandRoute::Of(id, action) => {
                let id = CommandId::parse(&id).map_err(|_| ManageError::UrlParameter("command_id"))?;
                self.one_command(request, &caller, id, action).await
            }
            CommandRoute::Offered(team) => {
                let failed = ApiError::of_commands("app.command.listautocompletecommands.internal_error");
                let show = |objects: &[CommandObject<'_>]| Answer::json(OK, &objects);
                self.engine.offered_commands(&caller, team_id(&team)?, show).await.map_err(failed)?
            }
            CommandRoute::Suggestions(team) => self.suggest(request, &caller, team_id(&team)?).await,
        }
    }

    async fn one_command(
        &self,
        request: &Request,
        caller: &Caller,
        id: CommandId,
        action: CommandAction,
    ) -> Result<Answer, ApiError> {
        let reading = ApiError::of_commands("store.sql_command.save.get.app_error");
        let changing = ApiError::of_commands("app.command.updatecommand.internal_error");
        let engine = &self.engine;
        match action {
            CommandAction::Delete => {
                let failed = ApiError::of_commands("app.command.deletecommand.internal_error");
                engine.delete_command(caller, id).await.map_err(failed)?;
                Ok(Answer::status_ok())
            }
            CommandAction::EndSigning => {
                engine.end_command_signing(caller, id).await.map_err(changing)?;
                Ok(Answer::status_ok())
            }
            CommandAction::Get => shown(OK, &engine.command(caller, id).await.map_err(reading)?),
            CommandAction::MakeSigning => {
                let made = match SigningRequest::from_json(body(request)?)?.secret {
                    Some(secret) => engine.give_command_signing(caller, id, secret).await,
                    None => engine.rotate_command_signing(caller, id).await,
                };
                let made = made.map_err(changing)?;
                let previous_valid_until = made.previous_valid_until.unwrap_or_default();
                Answer::json(OK, &SigningSecretObject { secret: &made.secret.expose(), previous_valid_until })
            }
            CommandAction::Move => {
                let failed = ApiError::of_commands("app.command.movecommand.internal_error");
                let wanted =
                    MoveRequest::from_json(body(request)?).map_err(|_| ManageError::BodyParameter("team_id"))?;
                let target = TeamId::parse(&wanted.team_id).map_err(|_| ManageError::TeamNotFound)?;
                engine.move_command(caller, id, target).await.map_err(failed)?;
                Ok(Answer::status_ok())
            }
            CommandAction::RegenerateToken => {
                #[derive(Serialize)]
                struct Token<'a> {
                    token: &'a str,
                }
                let failed = ApiError::of_commands("app.command.regencommandtoken.internal_error");
                let known = engine.regenerate_command_token(caller, id).await.map_err(failed)?;
                Answer::json(OK, &Token { token: known.token.expose() })
            }
            CommandAction::RemoveTree => {
                engine.remove_command_tree(caller, id).await.map_err(changing)?;
                Ok(Answer::status_ok())
            }
            CommandAction::SetTree => {
                Answer::json(OK, &engine.set_command_tree(caller, id, body(request)?).await.map_err(changing)?)
            }
            CommandAction::Signing => {
                let state = engine.command_signing(caller, id).await.map_err(reading)?;
                let previous_valid_until = state.previous_valid_until.unwrap_or_default();
                Answer::json(OK, &SigningObject { active: state.active, previous_valid_until })
            }
            CommandAction::Tree => Answer::json(OK, &engine.command_tree(caller, id).await.map_err(reading)?),
            CommandAction::Update => {
                let wanted = command_request(request)?;
                if wanted.id != id.as_str() {
                    return Err(ManageError::BodyParameter("command").into());
                }
                shown(OK, &engine.update_command(caller, id, wanted).await.map_err(changing)?)
            }
        }
    }

    async fn create_command(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::of_commands("app.command.createcommand.internal_error");
        let wanted = command_request(request)?;
        let made = self.engine.make_command(caller, &wanted).await.map_err(failed)?;
        Answer::json(StatusCode::CREATED, &CommandObject::echoed(&made.command, &made.token, &wanted))
    }

    async fn list_commands(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = ApiError::of_commands("app.command.listteamcommands.internal_error");
        let query = Parameters::new(request.parts.uri.query());
        let show = |objects: &[CommandObject<'_>]| Answer::json(OK, &objects);
        let (team, custom_only) = (query.text("team_id"), query.flag("custom_only"));
        self.engine.listed_commands(caller, team, custom_only, show).await.map_err(failed)?
    }

    async fn suggest(&self, request: &Request, caller: &Caller, team: TeamId) -> Result<Answer, ApiError> {
        let failed = ApiError::of_commands("app.command.listautocompletecommands.internal_error");
        let query = Parameters::new(request.parts.uri.query());
        self.engine.may_view_commands(caller, team).await.map_err(&failed)?;
        let input = query.text("user_input");
        if input.is_empty() {
            return Err(ManageError::BodyParameter("userInput").into());
        }
        let (channel_id, root_id) = (query.text("channel_id"), query.text("root_id"));
        let found = self.engine.suggestions(caller, Typed { channel_id, input, root_id, team }).await;
        Answer::json(OK, &found.map_err(failed)?)
    }

    async fn execute_command(&self, request: &Request, caller: &Caller) -> Result<Answer, ApiError> {
        let failed = |failed| match failed {
            Failed::Fault(fault) => {
                ApiError::fault(fault.name().unwrap_or("app.command.tryexecutecustomcommand.internal_error"), fault)
            }
            Failed::Refused(refused) => ApiError::from(refused),
        };
        let body = request.body.whole().ok_or(ExecuteError::BodyTooLarge)?;
        let wanted = ExecuteRequest::from_json(body).map_err(ExecuteError::from)?;
        Answer::json(OK, &self.engine.execute_command(caller, wanted).await.map_err(failed)?)
    }

    /// Takes what a service answers later. No session is looked at (CMD-144).
    pub(super) async fn answer_command(&self, request: &Request, id: &TicketId) -> Result<Answer, ApiError> {
        let content_type = request.parts.headers.get(CONTENT_TYPE).map(|value| value.as_bytes());
        let done = self.engine.answer_command(id, content_type, request.body.whole()).await;
        done.map_err(|failed| match failed {
            Failed::Fault(fault) => ApiError::fault("web.command_webhook.general.app_error", fault),
            Failed::Refused(refused) => refused.into(),
        })?;
        Ok(Answer::plain_ok())
    }
}

impl ApiError {
    /// A failed request that concerns slash commands; `id` names what storage failed to do, where the step that failed
    /// has no id of its own.
    fn of_commands(id: &'static str) -> impl Fn(Failed<ManageError>) -> Self {
        move |failed| match failed {
            Failed::Fault(fault) => Self::fault(fault.name().unwrap_or(id), fault),
            Failed::Refused(refused) => refused.into(),
        }
    }
}

impl From<ManageError> for ApiError {
    fn from(refused: ManageError) -> Self {
        let mut error = Self::new(refused.status(), refused.id(), refused.to_string());
        error.detail = refused.detail();
        error
    }
}

impl From<ExecuteError> for ApiError {
    fn from(refused: ExecuteError) -> Self {
        let mut error = Self::new(refused.status(), refused.id().to_owned(), refused.to_string());
        error.detail = refused.detail();
        error
    }
}

impl From<DelayedError> for ApiError {
    fn from(refused: DelayedError) -> Self {
        let mut error = Self::new(refused.status(), refused.visible_id(), refused.to_string());
        error.inner_id = refused.id().into();
        error
    }
}

fn shown(status: StatusCode, known: &KnownCommand) -> Result<Answer, ApiError> {
    Answer::json(status, &CommandObject::whole(&known.command, &known.token))
}

fn body(request: &Request) -> Result<&[u8], ManageError> {
    request.body.whole().ok_or(ManageError::BodyTooLarge)
}

fn command_request(request: &Request) -> Result<CommandRequest, ApiError> {
    Ok(CommandRequest::from_json(body(request)?).map_err(ManageError::from)?)
}

fn team_id(id: &str) -> Result<TeamId, ApiError> {
    Ok(TeamId::parse(id).map_err(|_| ManageError::UrlParameter("team_id"))?)
}
