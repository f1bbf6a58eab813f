//! Why something is refused that concerns bots.

use std::borrow::Cow;

use http::StatusCode;
use thiserror::Error;

use crate::json::Mistake;
use crate::port::Permission;

/// Why a request that concerns bots is refused.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum BotError {
    /// The host refuses the account as it was to be, for the reason that this id names.
    #[error("{}", account_message(.0))]
    Account(Cow<'static, str>),
    /// The account is a bot already.
    #[error("this user is a bot already")]
    AlreadyBot,
    /// The body is not what is expected.
    #[error("the body is not a `{object}`")]
    Body {
        /// Where it is wrong, and what was expected there.
        detail: String,
        /// What was expected.
        object: &'static str,
    },
    /// The body is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The API makes no bots.
    #[error("making bots is switched off")]
    CreationDisabled,
    /// The description is too long, or has characters that cannot be kept.
    #[error("a description has at most 1,024 characters")]
    Description,
    /// The display name is too long, or has characters that cannot be kept.
    #[error("a display name has at most 64 characters")]
    DisplayName,
    /// The username makes no address of an account.
    #[error("a username neither begins nor ends with a dot, and has no two in a row")]
    Email,
    /// The display name cannot be the first name of the account.
    #[error("a display name has at most 64 characters")]
    FirstName,
    /// The caller lacks this permission.
    #[error("you do not have the permission for this")]
    Forbidden(Permission),
    /// There is nobody who could own the bot of the system.
    #[error("there is no active administrator")]
    NoAdministrator,
    /// There is no such bot, or the caller is not to know.
    #[error("there is no such bot")]
    NotFound,
    /// The owner's id is empty or too long.
    #[error("an owner has 1 to 190 characters")]
    OwnerId,
    /// The host has no bots.
    #[error("this server has no bot accounts")]
    Unsupported,
    /// A parameter in the path is wrong.
    #[error("the path's `{0}` is malformed or not allowed here")]
    UrlParameter(&'static str),
    /// The new username is none that an account could have.
    #[error("a username has 1 to 64 of a-z, 0-9, `.`, `-` and `_`, and is not a reserved word")]
    UserUsername,
    /// The username is none that a bot could have.
    #[error("a username has 1 to 64 of a-z, 0-9, `.`, `-` and `_`, and is not a reserved word")]
    Username,
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

impl BotError {
    /// Returns the id that clients know. That of a long display name is the one of BOT-3, wrong as it is.
    #[must_use]
    pub fn id(&self) -> &str {
        match self {
            Self::Account(id) => id,
            Self::AlreadyBot => "app.bot.createbot.internal_error",
            Self::Body { .. } => "api.context.invalid_body_param.app_error",
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::CreationDisabled => "api.bot.create_disabled",
            Self::Description => "model.bot.is_valid.description.app_error",
            Self::DisplayName => "model.bot.is_valid.user_id.app_error",
            Self::Email => "model.user.is_valid.email.app_error",
            Self::FirstName => "model.user.is_valid.first_name.app_error",
            Self::Forbidden(_) => "api.context.permissions.app_error",
            Self::NoAdministrator => "app.bot.get_system_bot.empty_admin_list.app_error",
            Self::NotFound => "store.sql_bot.get.missing.app_error",
            Self::OwnerId => "model.bot.is_valid.creator_id.app_error",
            Self::Unsupported => "jackfield.bots.unsupported",
            Self::UrlParameter(_) => "api.context.invalid_url_param.app_error",
            Self::UserUsername => "model.user.is_valid.username.app_error",
            Self::Username => "model.bot.is_valid.username.app_error",
            Self::UserNotFound => "app.user.missing_account.const",
        }
    }

    /// Returns the id that names the cause, for logs: the one of [`id`](Self::id), unless that is a wrong one.
    #[must_use]
    pub fn cause_id(&self) -> &str {
        match self {
            Self::DisplayName => "model.bot.is_valid.display_name.app_error",
            _ => self.id(),
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::AlreadyBot | Self::NoAdministrator => StatusCode::INTERNAL_SERVER_ERROR,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::CreationDisabled | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UserNotFound => StatusCode::NOT_FOUND,
            Self::Unsupported => StatusCode::NOT_IMPLEMENTED,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns what helps to find the mistake, without anything that was sent; often empty.
    #[must_use]
    pub fn detail(&self) -> String {
        match self {
            Self::Body { detail, .. } => detail.clone(),
            Self::Forbidden(permission) => format!("permission `{}`", permission.as_str()),
            _ => String::new(),
        }
    }

    /// The body is wrong as a `bot` or a `userPatch`.
    pub(crate) fn body(object: &'static str) -> impl Fn(Mistake) -> Self {
        move |mistake| Self::Body { detail: mistake.to_string(), object }
    }
}

/// What a host that gives no id of its own says by refusing an account (BOT-22 #7).
pub(crate) const UNNAMED: &str = "app.user.save.existing.app_error";

fn account_message(id: &str) -> &'static str {
    match id {
        "app.user.save.username_exists.app_error" => "there is an account with this username",
        "app.user.save.email_exists.app_error" => "there is an account with this address",
        id if id.contains("pwd") || id.contains("password") => "the password is not one that is allowed here",
        _ => "the account cannot be like this",
    }
}
