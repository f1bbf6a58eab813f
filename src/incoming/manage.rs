//! Who may create, see, change and delete incoming webhooks, and what becomes of what they wrote (INC-110 to INC-119).

use http::StatusCode;
use thiserror::Error;

use super::model::IncomingWebhook;
use super::wire::HookRequest;
use crate::id::{ChannelId, Millis, TeamId, UserId};
use crate::json::Mistake;
use crate::port::{Ask, Channel, ChannelKind, Permission, Scope};
use crate::post::{Origin, Overrides};

/// Why a request to the management API is refused.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum ManageError {
    /// The body is no hook object.
    #[error("the body is not an incoming webhook")]
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
    /// Incoming webhooks are switched off.
    #[error("incoming webhooks are switched off")]
    Disabled,
    /// The caller lacks this permission.
    #[error("you do not have the permission for this")]
    Forbidden(Permission),
    /// A new hook comes with an id.
    #[error("a new incoming webhook has no id yet")]
    HasId,
    /// A member of the hook is too long or not allowed.
    #[error("the hook's {0} is too long or has characters that cannot be kept")]
    Invalid(Member),
    /// The sender name is none that a user could have.
    #[error("the username has 1 to 64 of a-z, 0-9, `.`, `-` and `_`, and is not a reserved word")]
    InvalidUsername,
    /// There is no such hook.
    #[error("there is no such incoming webhook")]
    NotFound,
    /// A hook never moves to another team.
    #[error("an incoming webhook stays in its team")]
    TeamMismatch,
    /// A parameter in the path is malformed.
    #[error("the path's `{0}` is malformed")]
    UrlParameter(&'static str),
    /// There is no such user.
    #[error("there is no such user")]
    UserNotFound,
}

/// A text of a hook object that has a limit (INC-102).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Member {
    /// At most 500 characters.
    Description,
    /// At most 64 characters.
    DisplayName,
    /// At most 1,024 characters.
    IconUrl,
}

impl std::fmt::Display for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Description => "description",
            Self::DisplayName => "title",
            Self::IconUrl => "icon address",
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
            Self::Disabled => "api.incoming_webhook.disabled.app_error",
            Self::Forbidden(_) => "api.context.permissions.app_error",
            Self::HasId => "app.webhooks.save_incoming.existing.app_error",
            Self::Invalid(Member::Description) => "model.incoming_hook.description.app_error",
            Self::Invalid(Member::DisplayName) => "model.incoming_hook.display_name.app_error",
            Self::Invalid(Member::IconUrl) => "model.incoming_hook.icon_url.app_error",
            Self::InvalidUsername => "api.incoming_webhook.invalid_username.app_error",
            Self::NotFound => "app.webhooks.get_incoming.app_error",
            Self::TeamMismatch => "api.webhook.team_mismatch.app_error",
            Self::UrlParameter(_) => "api.context.invalid_url_param.app_error",
            Self::UserNotFound => "app.user.missing_account.const",
        }
    }

    /// Returns the status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ChannelNotFound | Self::NotFound | Self::UserNotFound => StatusCode::NOT_FOUND,
            Self::Disabled => StatusCode::NOT_IMPLEMENTED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
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

/// What a caller may do in a team and with a channel of it, as it was asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rights {
    bypass_lock: bool,
    others: bool,
    own: bool,
    read: bool,
    read_public: bool,
}

impl Rights {
    /// The questions, in the order of [`new`](Self::new). A channel without a team has no hooks.
    pub(crate) fn asks(team: TeamId, channel: ChannelId) -> [Ask; 5] {
        let team = Scope::Team(team);
        [
            Ask::new(Permission::MANAGE_OWN_INCOMING_WEBHOOKS, team),
            Ask::new(Permission::MANAGE_OTHERS_INCOMING_WEBHOOKS, team),
            Ask::new(Permission::BYPASS_INCOMING_WEBHOOK_CHANNEL_LOCK, team),
            Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel)),
            Ask::new(Permission::READ_PUBLIC_CHANNEL, team),
        ]
    }

    /// The answers.
    pub(crate) fn new(granted: &[bool]) -> Self {
        match granted {
            [own, others, bypass_lock, read, read_public] => {
                Self { bypass_lock: *bypass_lock, others: *others, own: *own, read: *read, read_public: *read_public }
            }
            _ => Self::default(),
        }
    }

    /// Whether hooks of others are the caller's to manage.
    pub(crate) fn may_manage_others(self) -> bool {
        self.others
    }
}

const OWN: Permission = Permission::MANAGE_OWN_INCOMING_WEBHOOKS;
const OTHERS: Permission = Permission::MANAGE_OTHERS_INCOMING_WEBHOOKS;
const READ: Permission = Permission::READ_CHANNEL_CONTENT;

fn need(granted: bool, permission: Permission) -> Result<(), ManageError> {
    if granted { Ok(()) } else { Err(ManageError::Forbidden(permission)) }
}

/// Decides on a new hook (INC-111). `owner_exists` is asked only when the owner is not the caller.
pub(crate) fn create(
    request: HookRequest,
    caller: UserId,
    channel: &Channel,
    rights: Rights,
    owner_exists: Option<UserId>,
    rules: &Rules,
) -> Result<IncomingWebhook, ManageError> {
    let team_id = channel.team_id.ok_or(ManageError::Forbidden(OWN))?;
    need(rights.own, OWN)?;
    need(rights.read || (channel.kind == ChannelKind::Public && rights.read_public), READ)?;
    let user_id = if request.user_id.is_empty() || request.user_id == caller.as_str() {
        caller
    } else {
        need(rights.others, OTHERS)?;
        owner_exists.ok_or(ManageError::UserNotFound)?
    };
    rules.enabled()?;
    let username = if rules.overrides.username { username(request.username)? } else { String::new() };
    let icon_url = if rules.overrides.icon { request.icon_url } else { String::new() };
    if !request.id.0.is_empty() {
        return Err(ManageError::HasId);
    }
    let hook = IncomingWebhook {
        channel_id: channel.id,
        channel_locked: request.channel_locked || !rights.bypass_lock,
        create_at: rules.now,
        description: request.description,
        display_name: request.display_name,
        icon_url,
        origin: rules.origin,
        retires_at: None,
        team_id,
        update_at: rules.now,
        user_id,
        username,
    };
    validate(&hook)?;
    live(channel)?;
    Ok(hook)
}

/// What counts for everybody.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) enabled: bool,
    pub(crate) now: Millis,
    /// Of a hook that is to be made.
    pub(crate) origin: Origin,
    pub(crate) overrides: Overrides,
}

impl Rules {
    /// The feature switch.
    pub(crate) fn enabled(&self) -> Result<(), ManageError> {
        if self.enabled { Ok(()) } else { Err(ManageError::Disabled) }
    }
}

/// What an update says against the hook as it is, before its new channel is looked at (INC-118 #5).
pub(crate) fn stays_in_team(request: &HookRequest, old: &IncomingWebhook) -> Result<(), ManageError> {
    let stays = request.team_id.is_empty() || request.team_id == old.team_id.as_str();
    if stays { Ok(()) } else { Err(ManageError::TeamMismatch) }
}

/// Decides on a changed hook (INC-118 #7 to #12). What the request leaves out becomes empty.
pub(crate) fn update(
    request: HookRequest,
    old: &IncomingWebhook,
    caller: UserId,
    channel: &Channel,
    rights: Rights,
    rules: &Rules,
) -> Result<IncomingWebhook, ManageError> {
    if channel.team_id != Some(old.team_id) {
        return Err(ManageError::BodyParameter("channel_id"));
    }
    need(rights.own, OWN)?;
    need(old.user_id == caller || rights.others, OTHERS)?;
    need(may_read(channel, rights.read), READ)?;
    let hook = IncomingWebhook {
        channel_id: channel.id,
        channel_locked: request.channel_locked || !rights.bypass_lock,
        description: request.description,
        display_name: request.display_name,
        icon_url: if rules.overrides.icon { request.icon_url } else { old.icon_url.clone() },
        update_at: rules.now.max(old.update_at),
        username: if rules.overrides.username { username(request.username)? } else { old.username.clone() },
        ..old.clone()
    };
    validate(&hook)?;
    live(channel)?;
    Ok(hook)
}

/// Whether a caller who was asked about a channel's content may know of the hooks that post there.
pub(crate) fn may_read(channel: &Channel, content: bool) -> bool {
    channel.kind == ChannelKind::Public || content
}

/// Whether a caller may see and delete a hook, channel given (INC-117).
pub(crate) fn see(
    hook: &IncomingWebhook,
    caller: UserId,
    channel: &Channel,
    rights: Rights,
) -> Result<(), ManageError> {
    need(rights.own, OWN)?;
    need(may_read(channel, rights.read), READ)?;
    need(hook.user_id == caller || rights.others, OTHERS)
}

/// An archived channel takes no new hooks.
fn live(channel: &Channel) -> Result<(), ManageError> {
    if channel.archived { Err(ManageError::BodyParameter("channel_id")) } else { Ok(()) }
}

/// INC-101.
fn username(name: String) -> Result<String, ManageError> {
    const RESERVED: [&str; 4] = ["all", "channel", "matterbot", "system"];
    let is_sound = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    let is_name = name.len() <= 64 && name.bytes().all(is_sound) && !RESERVED.contains(&name.as_str());
    if is_name { Ok(name) } else { Err(ManageError::InvalidUsername) }
}

/// INC-102, in characters.
fn validate(hook: &IncomingWebhook) -> Result<(), ManageError> {
    let limits = [
        (&hook.display_name, 64, Member::DisplayName),
        (&hook.description, 500, Member::Description),
        (&hook.icon_url, 1_024, Member::IconUrl),
    ];
    for (text, limit, member) in limits {
        if text.chars().nth(limit).is_some() || text.contains('\0') {
            return Err(ManageError::Invalid(member));
        }
    }
    Ok(())
}
