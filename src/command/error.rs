//! Why a line is not run, and why a delayed answer is refused (CMD-20, CMD-34, CMD-59, CMD-74, CMD-93).

use std::borrow::Cow;

use http::StatusCode;
use thiserror::Error;

use crate::json::Mistake;
use crate::port::Permission;

/// Why a line is not run, or not wholly.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ExecuteError {
    /// The body is no command to run.
    #[error("the body is not a command to run")]
    Body(String),
    /// The body is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The channel is archived.
    #[error("commands cannot be run in an archived channel")]
    ChannelArchived,
    /// The channel is gone.
    #[error("there is no such channel")]
    ChannelNotFound,
    /// It could not be said whether the members of the channel share a team.
    #[error("the teams of the channel's members could not be looked up")]
    CommonTeams,
    /// Slash commands are switched off.
    #[error("slash commands are switched off")]
    Disabled,
    /// The service behind the command did not answer, or with what cannot be read (CMD-59, CMD-77).
    #[error("the service behind /{trigger} did not answer, or not in a way that can be read")]
    Failed {
        /// The word that called it.
        trigger: String,
    },
    /// The answer of the service broke off (CMD-77).
    #[error("the answer of the service behind /{trigger} broke off")]
    FailedEmpty {
        /// The word that called it.
        trigger: String,
    },
    /// The service behind the command answered with another status than 200 (CMD-74).
    #[error("the service behind /{trigger} answered with status {status}")]
    FailedResponse {
        /// What it answered, for the operator.
        body: String,
        /// The status and its text.
        status: String,
        /// The word that called it.
        trigger: String,
    },
    /// The caller lacks this permission.
    #[error("you do not have the permission for this")]
    Forbidden(Permission),
    /// The line does not begin with a slash.
    #[error("a command begins with a slash")]
    Format,
    /// The host's own command says why.
    #[error("{message}")]
    Host {
        /// The id that clients know.
        id: Cow<'static, str>,
        /// What the caller reads.
        message: String,
        /// The status; what is none counts as 500.
        status: u16,
    },
    /// No command has this word (CMD-44).
    #[error("there is no command /{trigger}")]
    NotFound {
        /// The word, cut if it is long.
        trigger: String,
    },
    /// Not every post of the answer could be made (CMD-86).
    #[error("not everything that /{trigger} answered could be posted")]
    PostFailed {
        /// The word that called it.
        trigger: String,
    },
    /// Direct messages are for those who share a team.
    #[error("you share no team with the others in this channel")]
    RestrictedDirect,
    /// The post to answer is none of this channel that can be answered (section 18 row 14).
    #[error("`root_id` names no thread of this channel")]
    Root,
    /// There is no address to give to the service.
    #[error("the server's address must be set before commands can be run")]
    SiteUrlRequired,
    /// There is no command or no channel in the request.
    #[error("a command to run is a slash, a word, and the id of a channel")]
    Start,
    /// There is no such team.
    #[error("there is no such team")]
    TeamNotFound,
    /// Who runs it is gone.
    #[error("there is no such user")]
    UserNotFound,
}

impl ExecuteError {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Body(_) | Self::Root => "api.context.invalid_body_param.app_error",
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::ChannelArchived => "api.command.execute_command.deleted.error",
            Self::ChannelNotFound => "app.channel.get.existing.app_error",
            Self::CommonTeams => "app.channel.get_common_teams.app_error",
            Self::Disabled => "api.command.disabled.app_error",
            Self::Failed { .. } => "api.command.execute_command.failed.app_error",
            Self::FailedEmpty { .. } => "api.command.execute_command.failed_empty.app_error",
            Self::FailedResponse { .. } => "api.command.execute_command.failed_resp.app_error",
            Self::Forbidden(_) => "api.context.permissions.app_error",
            Self::Format => "api.command.execute_command.format.app_error",
            Self::Host { id, .. } => id,
            Self::NotFound { .. } => "api.command.execute_command.not_found.app_error",
            Self::PostFailed { .. } => "api.command.execute_command.create_post_failed.app_error",
            Self::RestrictedDirect => "api.command.execute_command.restricted_dm.error",
            Self::SiteUrlRequired => "api.command.execute_command.site_url_required.app_error",
            Self::Start => "api.command.execute_command.start.app_error",
            Self::TeamNotFound => "app.team.get.find.app_error",
            Self::UserNotFound => "app.user.missing_account.const",
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::Body(_)
            | Self::ChannelArchived
            | Self::Format
            | Self::RestrictedDirect
            | Self::Root
            | Self::SiteUrlRequired
            | Self::Start => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ChannelNotFound | Self::NotFound { .. } | Self::TeamNotFound | Self::UserNotFound => {
                StatusCode::NOT_FOUND
            }
            Self::CommonTeams
            | Self::Failed { .. }
            | Self::FailedEmpty { .. }
            | Self::FailedResponse { .. }
            | Self::PostFailed { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Disabled => StatusCode::NOT_IMPLEMENTED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Host { status, .. } => StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        }
    }

    /// Returns what helps to find the mistake: where the body is wrong, or what a service answered; often empty.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Body(detail) => detail.clone(),
            Self::FailedResponse { body, .. } => body.clone(),
            Self::Forbidden(permission) => format!("permission `{}`", permission.as_str()),
            _ => String::new(),
        }
    }
}

impl From<Mistake> for ExecuteError {
    fn from(mistake: Mistake) -> Self {
        Self::Body(mistake.to_string())
    }
}

/// Why a delayed answer is refused (CMD-93).
///
/// The wire tells these by their status alone: [`visible_id`](Self::visible_id) is what it shows, and [`id`](Self::id)
/// what logs hear.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum DelayedError {
    /// The body, which is said to be JSON, is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The channel is archived.
    #[error("the channel is archived")]
    ChannelArchived,
    /// The command was deleted.
    #[error("the slash command does not exist any more")]
    CommandGone,
    /// Slash commands are switched off.
    #[error("slash commands are switched off")]
    Disabled,
    /// The body, which is said to be JSON, cannot be read.
    #[error("the answer cannot be read")]
    Parse,
    /// Not every post of the answer could be made.
    #[error("not everything in the answer could be posted")]
    PostFailed,
    /// The body, which is text, is longer than the limit or broke off.
    #[error("the text cannot be read")]
    Text,
    /// The ticket is unknown or too old.
    #[error("there is no command that waits for this answer")]
    UnknownTicket,
    /// Who ran the command is deactivated, or has left the team or the channel.
    #[error("the user who ran the command is not there any more")]
    UserGone,
    /// The ticket was used as often as it can be.
    #[error("the command has had all its answers")]
    UsedUp,
}

impl DelayedError {
    /// Returns the id that clients see.
    #[must_use]
    pub fn visible_id(self) -> &'static str {
        match self {
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::Parse => "web.command_webhook.parse.app_error",
            _ => "web.command_webhook.general.app_error",
        }
    }

    /// Returns the inner id, which `detailed_error` shows where developers are to see it.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::ChannelArchived => "jackfield.command_webhook.channel_archived",
            Self::CommandGone => "web.command_webhook.command.app_error",
            Self::Disabled => "api.command.disabled.app_error",
            Self::Parse => "web.command_webhook.parse.app_error",
            Self::PostFailed => "api.command.execute_command.create_post_failed.app_error",
            Self::Text => "app.command_webhook.handle_command_webhook.parse",
            Self::UnknownTicket => "app.command_webhook.get.missing",
            Self::UserGone => "jackfield.command_webhook.user_gone",
            Self::UsedUp => "app.command_webhook.try_use.invalid",
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::PostFailed => StatusCode::INTERNAL_SERVER_ERROR,
            Self::UnknownTicket => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }
}
