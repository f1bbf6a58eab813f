//! Why a request to the management API is refused.

use http::StatusCode;
use thiserror::Error;

use crate::json::Mistake;
use crate::port::Permission;

/// Why a request to the management API is refused.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ManageError {
    /// The body is no command object.
    #[error("the body is not a slash command")]
    Body(String),
    /// The body is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// A member of the body or a parameter is missing, too long or has what cannot be kept.
    #[error("`{0}` is missing or wrong")]
    BodyParameter(&'static str),
    /// Whose command it is may have none in that team.
    #[error("the owner of the slash command may not have commands in that team")]
    CreatorNotAllowed,
    /// Slash commands are switched off.
    #[error("slash commands are switched off")]
    Disabled,
    /// The word is a built-in's, or another command of the team has it.
    #[error("this trigger word is already in use, choose another one")]
    DuplicateTrigger,
    /// The caller lacks this permission.
    #[error("you do not have the permission for this")]
    Forbidden(Permission),
    /// A member of the command is not allowed.
    #[error("{0}")]
    Invalid(Member),
    /// There is no such command, or the caller may not know of it.
    #[error("there is no such slash command")]
    NotFound,
    /// A command never changes its team by an update.
    #[error("a slash command is moved to another team, not updated")]
    TeamMismatch,
    /// There is no such team.
    #[error("there is no such team")]
    TeamNotFound,
    /// The command has no tree of its own.
    #[error("this slash command has no autocomplete data")]
    TreeNotFound,
    /// A parameter in the path is malformed.
    #[error("the path's `{0}` is malformed")]
    UrlParameter(&'static str),
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

/// A member of a command that has rules (CMD-4).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Member {
    /// A tree (CMD-110).
    #[error("the autocomplete data is not valid")]
    AutocompleteData,
    /// At most 128 bytes.
    #[error("the description is too long")]
    Description,
    /// At most 64 bytes.
    #[error("the title is too long")]
    DisplayName,
    /// `P` or `G`.
    #[error("the method is `P` for POST or `G` for GET")]
    Method,
    /// Only an extension's own commands have one.
    #[error("a command of a user belongs to no extension")]
    PluginId,
    /// An id.
    #[error("the team is not an id")]
    TeamId,
    /// 26 bytes.
    #[error("a token has 26 bytes")]
    Token,
    /// CMD-2.
    #[error("a trigger word has 1 to 128 of a-z, 0-9, `.`, `-`, `_` and inner slashes")]
    Trigger,
    /// 1 to 1,024 bytes.
    #[error("the address has 1 to 1,024 bytes")]
    Url,
    /// CMD-3.
    #[error("the address begins with http:// or https:// and names a host")]
    UrlHttp,
}

impl Member {
    fn id(self) -> &'static str {
        match self {
            Self::AutocompleteData => "model.command.is_valid.autocomplete_data.app_error",
            Self::Description => "model.command.is_valid.description.app_error",
            Self::DisplayName => "model.command.is_valid.display_name.app_error",
            Self::Method => "model.command.is_valid.method.app_error",
            Self::PluginId => "model.command.is_valid.plugin_id.app_error",
            Self::TeamId => "model.command.is_valid.team_id.app_error",
            Self::Token => "model.command.is_valid.token.app_error",
            Self::Trigger => "model.command.is_valid.trigger.app_error",
            Self::Url => "model.command.is_valid.url.app_error",
            Self::UrlHttp => "model.command.is_valid.url_http.app_error",
        }
    }
}

impl ManageError {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Body(_) | Self::BodyParameter(_) => "api.context.invalid_body_param.app_error",
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::CreatorNotAllowed => "api.command.move_command.creator_no_permission.app_error",
            Self::Disabled => "api.command.disabled.app_error",
            Self::DuplicateTrigger => "api.command.duplicate_trigger.app_error",
            Self::Forbidden(_) => "api.context.permissions.app_error",
            Self::Invalid(member) => member.id(),
            Self::NotFound => "store.sql_command.save.get.app_error",
            Self::TeamMismatch => "api.command.team_mismatch.app_error",
            Self::TeamNotFound => "app.team.get.find.app_error",
            Self::TreeNotFound => "jackfield.command.autocomplete.not_found",
            Self::UrlParameter(_) => "api.context.invalid_url_param.app_error",
            Self::UserNotFound => "app.user.missing_account.const",
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Disabled => StatusCode::NOT_IMPLEMENTED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::TeamNotFound | Self::TreeNotFound | Self::UserNotFound => StatusCode::NOT_FOUND,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns what helps to find the mistake, without anything that was sent; often empty.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Body(detail) => detail.clone(),
            Self::Forbidden(permission) => format!("permission `{}`", permission.as_str()),
            _ => String::new(),
        }
    }
}

impl From<Mistake> for ManageError {
    fn from(mistake: Mistake) -> Self {
        Self::Body(mistake.to_string())
    }
}
