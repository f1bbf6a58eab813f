//! Who may make, see, change and revoke personal access tokens, and what becomes of what they ask for (BOT-69 to BOT-83,
//! B2, B3, B13).

use time::Duration;

use super::error::TokenError;
use super::limits::TokenLimits;
use super::model::AccessToken;
use super::permissions;
use super::settings::TokenSettings;
use super::wire::{TokenRequest, TokenRotation};
use crate::id::{ChannelId, Millis, TokenId, UserId};
use crate::port::{Ask, Permission, Scope, SessionKind, User};

/// What a caller may do everywhere, as it was asked.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rights {
    pub(crate) create: bool,
    pub(crate) read: bool,
    pub(crate) revoke: bool,
    pub(crate) system: bool,
}

impl Rights {
    /// The questions, in the order of [`new`](Self::new).
    pub(crate) fn asks() -> [Ask; 4] {
        [CREATE, READ, REVOKE, SYSTEM].map(|permission| Ask::new(permission, Scope::System))
    }

    /// The answers.
    pub(crate) fn new(granted: &[bool]) -> Self {
        match granted {
            [create, read, revoke, system] => Self { create: *create, read: *read, revoke: *revoke, system: *system },
            _ => Self::default(),
        }
    }
}

const CREATE: Permission = Permission::CREATE_USER_ACCESS_TOKEN;
const READ: Permission = Permission::READ_USER_ACCESS_TOKEN;
const REVOKE: Permission = Permission::REVOKE_USER_ACCESS_TOKEN;
const SYSTEM: Permission = Permission::MANAGE_SYSTEM;

pub(crate) fn need(granted: bool, permission: Permission) -> Result<(), TokenError> {
    if granted { Ok(()) } else { Err(TokenError::Forbidden(permission)) }
}

/// What a caller wants of tokens that are there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Purpose {
    Disable,
    Enable,
    Read,
    Revoke,
    Rotate,
}

impl Purpose {
    /// Its name in audits; reading is in none.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::Read => "read",
            Self::Revoke => "revoke",
            Self::Rotate => "rotate",
        }
    }

    /// Whether the caller may do so at all (BOT-79, BOT-82, BOT-83).
    pub(crate) fn check(self, rights: Rights) -> Result<(), TokenError> {
        match self {
            Self::Disable | Self::Revoke => need(rights.revoke, REVOKE),
            Self::Enable | Self::Rotate => need(rights.create, CREATE),
            Self::Read => need(rights.read, READ),
        }
    }
}

/// Whether a caller may act on the user whose token it is (BOT-17).
pub(crate) fn need_user(may_act: bool) -> Result<(), TokenError> {
    need(may_act, Permission::EDIT_OTHER_USERS)
}

/// Only a session of the user's own, or a token, makes secrets (BOT-74 #4).
pub(crate) fn need_own_session(kind: SessionKind) -> Result<(), TokenError> {
    need(kind != SessionKind::OAuth, CREATE)
}

/// A new token says what it is for (BOT-74 #6).
pub(crate) fn need_description(request: &TokenRequest) -> Result<(), TokenError> {
    if request.description.is_empty() { Err(TokenError::BodyParameter("description")) } else { Ok(()) }
}

/// What is to be known before a secret for an account is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Minting<'a> {
    pub(crate) account: &'a User,
    pub(crate) account_is_administrator: bool,
    /// Whether tokens of humans are switched on.
    pub(crate) enabled: bool,
    /// BOT-17.
    pub(crate) may_act: bool,
    pub(crate) rights: Rights,
}

impl Minting<'_> {
    /// BOT-74 #7 to #10.
    pub(crate) fn check(&self) -> Result<(), TokenError> {
        need(self.rights.create, CREATE)?;
        need_user(self.may_act)?;
        need(!self.account_is_administrator || self.rights.system, SYSTEM)?;
        if self.enabled || self.account.is_bot { Ok(()) } else { Err(TokenError::Disabled) }
    }
}

/// What a token that is itself the caller holds its makings to: they may neither more nor live longer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds<'a> {
    pub(crate) ends_at: Option<Millis>,
    pub(crate) limits: Option<&'a TokenLimits>,
}

impl Bounds<'_> {
    pub(crate) fn check(&self, token: &AccessToken) -> Result<(), TokenError> {
        let outlives = self.ends_at.is_some_and(|end| token.expires_at.is_none_or(|other| other > end));
        let exceeds = self.limits.is_some_and(|limits| !token.limits.are_within(limits));
        if outlives || exceeds { Err(TokenError::BeyondCaller) } else { Ok(()) }
    }
}

/// Makes a token of what was asked for (BOT-69, BOT-74 #11, B2, B3). Whether its user can read its channels is still to
/// be asked.
pub(crate) fn create(
    request: TokenRequest,
    (id, user_id, created_by): (TokenId, UserId, UserId),
    now: Millis,
) -> Result<AccessToken, TokenError> {
    const MAX_DESCRIPTION_BYTES: usize = 255;
    if request.description.len() > MAX_DESCRIPTION_BYTES || request.description.contains('\0') {
        return Err(TokenError::Description);
    }
    let expires_at = end(request.expires_at, now)?;
    if !request.scopes.iter().all(|scope| permissions::is_known(scope)) {
        return Err(TokenError::BodyParameter("scopes"));
    }
    let channels: Result<Vec<_>, _> = request.channel_ids.iter().map(|id| ChannelId::parse(id)).collect();
    let channels = sorted(channels.map_err(|_| TokenError::BodyParameter("channel_ids"))?);
    if channels.len() > TokenLimits::MAX_CHANNELS {
        return Err(TokenError::BodyParameter("channel_ids"));
    }
    Ok(AccessToken {
        created_at: now,
        created_by,
        description: request.description,
        expires_at,
        id,
        is_active: true,
        limits: TokenLimits { channels, scopes: sorted(request.scopes) },
        retires_at: None,
        user_id,
    })
}

/// A token under its new secret, and, unless it ends at once, under the old one.
pub(crate) fn rotate(
    token: &AccessToken,
    rotation: &TokenRotation,
    settings: &TokenSettings,
    now: Millis,
) -> Result<(AccessToken, Option<AccessToken>), TokenError> {
    let asked = if rotation.expires_at == Millis(0) { token.expires_at } else { Some(rotation.expires_at) };
    let expires_at = end(asked.unwrap_or_default(), now)?;
    let grace = match rotation.grace {
        Some(grace) if !(Duration::ZERO..=MAX_GRACE).contains(&grace) => {
            return Err(TokenError::BodyParameter("grace_seconds"));
        }
        Some(grace) => grace,
        None => settings.rotation_grace.clamp(Duration::ZERO, MAX_GRACE),
    };
    let old = (grace > Duration::ZERO).then(|| AccessToken { retires_at: Some(now.plus(grace)), ..token.clone() });
    Ok((AccessToken { expires_at, ..token.clone() }, old))
}

/// How long an old secret works on at most.
const MAX_GRACE: Duration = Duration::days(7);

/// When a token ends; 0 for never.
fn end(asked: Millis, now: Millis) -> Result<Option<Millis>, TokenError> {
    match asked {
        Millis(0) => Ok(None),
        asked if asked <= now => Err(TokenError::BodyParameter("expires_at")),
        asked => Ok(Some(asked)),
    }
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort_unstable();
    list.dedup();
    list
}
