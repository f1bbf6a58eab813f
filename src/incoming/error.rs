//! Why a call of an incoming webhook is refused (INC-33, INC-92).

use http::StatusCode;
use thiserror::Error;

use super::content_type;
use super::form::MalformedForm;
use super::multipart::MalformedMultipart;
use super::parts::InvalidPart;
use super::settings::IncomingSettings;
use crate::json::Mistake;

/// Why a call of an incoming webhook is refused.
///
/// The wire tells most of these by their status alone (INC-92): [`visible_id`](Self::visible_id) is what it shows, and
/// [`id`](Self::id) what logs and counters hear.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ReceiveError {
    /// `ai_generated_by` names neither the owner nor a bot.
    #[error("`ai_generated_by` must name the hook's owner or a bot")]
    AiGeneratedBy,
    /// The body is longer than the limit.
    #[error("the body is too large")]
    BodyTooLarge,
    /// The hook's own channel, or the one named, is archived.
    #[error("the channel is archived")]
    ChannelArchived,
    /// The hook's own channel is gone.
    #[error("the hook's channel does not exist")]
    ChannelGone,
    /// There is no channel of that name where the hook may post.
    #[error("no channel of the hook's team has this name")]
    ChannelNotFound,
    /// The payload is not what it should be.
    #[error("the payload cannot be read")]
    Decode(String),
    /// The host does not let the owner write in this direct or group channel.
    #[error("the hook's owner may not write to this user")]
    DirectRestricted,
    /// Incoming webhooks are switched off.
    #[error("incoming webhooks are switched off")]
    Disabled,
    /// The `Content-Type`, the form or the query string is malformed.
    #[error("the form cannot be read")]
    Form(&'static str),
    /// The header `Idempotency-Key` is not 1 to 255 visible ASCII characters.
    #[error("`Idempotency-Key` has 1 to 255 visible ASCII characters")]
    IdempotencyKey,
    /// The hook is locked to another channel.
    #[error("the hook is locked to its channel")]
    Locked,
    /// A persistent notification mentions too many users.
    #[error("a persistent notification mentions too many users")]
    ManyRecipients,
    /// The multipart body is malformed.
    #[error("the multipart body cannot be read")]
    Multipart(&'static str),
    /// The owner may not read the channel.
    #[error("the hook's owner may not read the channel")]
    NoAccess,
    /// A persistent notification mentions nobody.
    #[error("a persistent notification must mention at least one user")]
    NoRecipients,
    /// `priority` has no level.
    #[error("`priority` must name a level")]
    NoPriority,
    /// There is neither a text nor an attachment.
    #[error("there is neither a text nor an attachment")]
    NoText,
    /// The owner is deactivated or has left the team, and the settings refuse that.
    #[error("the hook's owner is not active in its team")]
    OwnerInactive,
    /// The owner does not exist.
    #[error("the hook's owner does not exist")]
    OwnerMissing,
    /// The level of `priority` is too long.
    #[error("the level of `priority` has at most 32 characters")]
    PriorityLength,
    /// The hook, or the address for hooks that do not exist, is used too often.
    #[error("too many calls")]
    RateLimited {
        /// How many seconds to wait.
        retry_after: u32,
    },
    /// `type` begins with `system_`.
    #[error("`type` must not begin with `system_`")]
    SystemType,
    /// Props or an attachment do not fit into a post.
    #[error("props or an attachment are too large for a post")]
    TooLarge,
    /// There is no such hook.
    #[error("there is no such incoming webhook")]
    UnknownHook,
    /// There is no such post of this hook.
    #[error("this incoming webhook has no such post")]
    UnknownPost,
    /// `type` is none that a post can have.
    #[error("`type` is not a known one and does not begin with `custom_`")]
    UnknownType,
    /// There is no such user.
    #[error("there is no user of this name")]
    UnknownUser,
    /// A post that is edited in place would have to become several.
    #[error("the content does not fit into the one post that is to be edited")]
    WouldSplit,
}

impl ReceiveError {
    /// The id that the wire shows for everything that goes wrong after decoding.
    pub const GENERAL: &str = "web.incoming_webhook.general.app_error";

    /// Returns the id that names the cause.
    #[must_use]
    pub fn id(&self) -> &'static str {
        match self {
            Self::AiGeneratedBy | Self::PriorityLength | Self::UnknownType => {
                "api.post.create_webhook_post.creating.app_error"
            }
            Self::BodyTooLarge => "api.context.request_body_too_large.app_error",
            Self::ChannelArchived | Self::ChannelNotFound => "web.incoming_webhook.channel.app_error",
            Self::ChannelGone => "app.channel.get.existing.app_error",
            Self::Decode(_) => "web.incoming_webhook.decode.app_error",
            Self::DirectRestricted => "api.channel.create_channel.direct_channel.team_restricted_error",
            Self::Disabled => "web.incoming_webhook.disabled.app_error",
            Self::Form(_) => "web.incoming_webhook.parse_form.app_error",
            Self::IdempotencyKey => "jackfield.idempotency_key.invalid",
            Self::Locked => "web.incoming_webhook.channel_locked.app_error",
            Self::ManyRecipients => "api.post.post_priority.max_recipients_persistent_notification_post.request_error",
            Self::Multipart(_) => "web.incoming_webhook.parse_multipart.app_error",
            Self::NoAccess => "web.incoming_webhook.permissions.app_error",
            Self::NoRecipients => "api.post.post_priority.min_recipients_persistent_notification_post.request_error",
            Self::NoPriority | Self::SystemType => "api.context.invalid_param.app_error",
            Self::NoText => "web.incoming_webhook.text.app_error",
            Self::OwnerInactive | Self::OwnerMissing | Self::UnknownUser => "web.incoming_webhook.user.app_error",
            Self::RateLimited { .. } => "jackfield.incoming_webhook.rate_limited",
            Self::TooLarge => "web.incoming_webhook.split_props_length.app_error",
            Self::UnknownHook => "web.incoming_webhook.invalid.app_error",
            Self::UnknownPost => "jackfield.hook_post.not_found",
            Self::WouldSplit => "jackfield.hook_post.would_split",
        }
    }

    /// Returns the id that the sender sees.
    #[must_use]
    pub fn visible_id(&self) -> &'static str {
        match self {
            Self::BodyTooLarge
            | Self::Decode(_)
            | Self::Form(_)
            | Self::IdempotencyKey
            | Self::Multipart(_)
            | Self::RateLimited { .. }
            | Self::UnknownPost
            | Self::WouldSplit => self.id(),
            _ => Self::GENERAL,
        }
    }

    /// Returns the status under these settings.
    #[must_use]
    pub fn status(&self, settings: &IncomingSettings) -> StatusCode {
        match self {
            Self::ChannelArchived | Self::ChannelGone | Self::ChannelNotFound | Self::UnknownPost => {
                StatusCode::NOT_FOUND
            }
            Self::DirectRestricted | Self::Locked | Self::NoAccess | Self::OwnerInactive | Self::OwnerMissing => {
                StatusCode::FORBIDDEN
            }
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Disabled => StatusCode::NOT_IMPLEMENTED,
            // The sender's mistakes all the same: the reference server notices them too late (INC-33 #13).
            Self::AiGeneratedBy
            | Self::ManyRecipients
            | Self::NoRecipients
            | Self::PriorityLength
            | Self::UnknownType
                if !settings.sender_mistakes_are_400 =>
            {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// Returns where the call is wrong and what was expected there, without anything that was sent; often empty.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::Decode(detail) => detail,
            Self::Form(detail) | Self::Multipart(detail) => detail,
            _ => "",
        }
    }
}

impl From<Mistake> for ReceiveError {
    fn from(mistake: Mistake) -> Self {
        Self::Decode(mistake.to_string())
    }
}

impl From<content_type::Malformed> for ReceiveError {
    fn from(_: content_type::Malformed) -> Self {
        Self::Form("malformed `Content-Type`")
    }
}

impl From<MalformedForm> for ReceiveError {
    fn from(_: MalformedForm) -> Self {
        Self::Form("malformed escape or semicolon")
    }
}

impl From<MalformedMultipart> for ReceiveError {
    fn from(malformed: MalformedMultipart) -> Self {
        Self::Multipart(malformed.0)
    }
}

impl From<InvalidPart> for ReceiveError {
    fn from(invalid: InvalidPart) -> Self {
        /// Names come from the sender: enough to find the part, no more, and nothing that forges a line of a log.
        fn short(name: &str) -> String {
            let safe = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
            name.chars().take(64).map(safe).collect()
        }
        Self::Decode(match invalid {
            InvalidPart::Expected { name, what } => format!("part `{}`: expected {what}", short(&name)),
            InvalidPart::Hole(list) => format!("the numbers of `{list}` must follow on each other from 0"),
            InvalidPart::Payload(mistake) => format!("part `payload`: {mistake}"),
            InvalidPart::Unknown(name) => format!("part `{}`: there is no such field", short(&name)),
        })
    }
}
