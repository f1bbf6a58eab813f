//! Why a request to the management API of outgoing webhooks is refused (OUT-14 to OUT-34).

use std::fmt;

use http::StatusCode;
use thiserror::Error;

use crate::json::Mistake;
use crate::port::Permission;

/// Why a request to the management API is refused.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ManageError {
    /// The body is no hook object.
    #[error("the body is not an outgoing webhook")]
    Body(String),
    /// The body is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// A member of the body is missing or wrong.
    #[error("the body's `{0}` is missing or wrong")]
    BodyParameter(&'static str),
    /// There is no such channel.
    #[error("there is no such channel")]
    ChannelNotFound,
    /// The channel is not public.
    #[error("an outgoing webhook hears public channels only")]
    ChannelNotPublic(During),
    /// The channel is of another team.
    #[error("the channel is of another team")]
    ChannelOfOtherTeam,
    /// Another hook of the channel has one of the words and one of the addresses.
    #[error(
        "another outgoing webhook of the channel has one of these trigger words and one of these callback addresses"
    )]
    Collision(During),
    /// The hook has no such delivery.
    #[error("the outgoing webhook has no such delivery")]
    DeliveryNotFound,
    /// The delivery stands so that this cannot be done with it.
    #[error("only what failed or was given up is tried again, and only what is pending is dropped")]
    DeliveryState,
    /// Outgoing webhooks are switched off.
    #[error("outgoing webhooks are switched off")]
    Disabled,
    /// The caller lacks this permission.
    #[error("you do not have the permission for this")]
    Forbidden(Permission),
    /// A new hook comes with an id.
    #[error("a new outgoing webhook has no id yet")]
    HasId,
    /// A member of the hook breaks a rule.
    #[error("the hook's {0}")]
    Invalid(Member),
    /// There is neither a channel nor a trigger word.
    #[error("an outgoing webhook has a channel or a trigger word")]
    NoTrigger(During),
    /// There is no such hook.
    #[error("there is no such outgoing webhook")]
    NotFound,
    /// A hook never moves to another team by itself.
    #[error("an outgoing webhook stays in its team")]
    TeamMismatch,
    /// A parameter in the path or the query is malformed.
    #[error("the address's `{0}` is malformed")]
    UrlParameter(&'static str),
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

/// While what a request was refused: some reasons have one id and status for each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum During {
    /// A hook was to be made.
    Create,
    /// A hook was to be replaced.
    Update,
}

/// A member of a hook that breaks a rule (OUT-24). Lengths are in bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Member {
    /// There is none, or they are too long together.
    CallbackUrls,
    /// One is no absolute address of `http` or `https`.
    CallbackUrl,
    /// Longer than 128.
    ContentType,
    /// Longer than 500.
    Description,
    /// Longer than 64.
    DisplayName,
    /// Longer than 1,024.
    IconUrl,
    /// Not the id of a team.
    TeamId,
    /// Not 26.
    Token,
    /// Greater than 1.
    TriggerWhen,
    /// One is empty.
    TriggerWord,
    /// They are too long together.
    TriggerWords,
    /// Longer than 64.
    Username,
}

impl Member {
    fn id(self) -> &'static str {
        match self {
            Self::CallbackUrls => "model.outgoing_hook.is_valid.callback.app_error",
            Self::CallbackUrl => "model.outgoing_hook.is_valid.url.app_error",
            Self::ContentType | Self::TriggerWhen => "model.outgoing_hook.is_valid.content_type.app_error",
            Self::Description => "model.outgoing_hook.is_valid.description.app_error",
            Self::DisplayName => "model.outgoing_hook.is_valid.display_name.app_error",
            Self::IconUrl => "model.outgoing_hook.icon_url.app_error",
            Self::TeamId => "model.outgoing_hook.is_valid.team_id.app_error",
            Self::Token => "model.outgoing_hook.is_valid.token.app_error",
            Self::TriggerWord => "model.outgoing_hook.is_valid.trigger_words.app_error",
            Self::TriggerWords => "model.outgoing_hook.is_valid.words.app_error",
            Self::Username => "model.outgoing_hook.username.app_error",
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CallbackUrls => "callback addresses are missing, or too long together",
            Self::CallbackUrl => "callback addresses begin with `http://` or `https://` and name a host",
            Self::ContentType => "content type is too long",
            Self::Description => "description is too long or has characters that cannot be kept",
            Self::DisplayName => "title is too long or has characters that cannot be kept",
            Self::IconUrl => "icon address is too long or has characters that cannot be kept",
            Self::TeamId => "team is none",
            Self::Token => "token has 26 characters",
            Self::TriggerWhen => "`trigger_when` is 0 or 1",
            Self::TriggerWord => "trigger words have at least one character, all of which can be kept",
            Self::TriggerWords => "trigger words are too long together",
            Self::Username => "username is too long or has characters that cannot be kept",
        })
    }
}

impl ManageError {
    /// Returns the id that clients know.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::Body(_) | Self::BodyParameter(_) => "api.context.invalid_body_param.app_error",
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::ChannelNotFound => "app.channel.get.existing.app_error",
            // The reference server says so of a private channel too (OUT-19).
            Self::ChannelNotPublic(During::Create) | Self::Disabled => "api.outgoing_webhook.disabled.app_error",
            Self::ChannelNotPublic(During::Update) => "api.webhook.create_outgoing.not_open.app_error",
            Self::ChannelOfOtherTeam => "api.webhook.create_outgoing.permissions.app_error",
            Self::Collision(During::Create) => "api.webhook.create_outgoing.intersect.app_error",
            Self::Collision(During::Update) => "api.webhook.update_outgoing.intersect.app_error",
            Self::DeliveryNotFound => "jackfield.delivery.not_found",
            Self::DeliveryState => "jackfield.delivery.state",
            Self::Forbidden(_) => "api.context.permissions.app_error",
            Self::HasId => "app.webhooks.save_outgoing.override.app_error",
            Self::Invalid(member) => member.id(),
            Self::NoTrigger(_) => "api.webhook.create_outgoing.triggers.app_error",
            Self::NotFound => "app.webhooks.get_outgoing.app_error",
            Self::TeamMismatch => "api.webhook.team_mismatch.app_error",
            Self::UrlParameter(_) => "api.context.invalid_url_param.app_error",
            Self::UserNotFound => "app.user.missing_account.const",
        }
    }

    /// Returns the status. Two of the caller's mistakes are a 500, as clients know them (OUT-27 #10, OUT-29).
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ChannelNotFound | Self::DeliveryNotFound | Self::NotFound | Self::UserNotFound => {
                StatusCode::NOT_FOUND
            }
            Self::ChannelNotPublic(_) | Self::ChannelOfOtherTeam | Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Collision(During::Create) | Self::NoTrigger(During::Update) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Disabled => StatusCode::NOT_IMPLEMENTED,
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
