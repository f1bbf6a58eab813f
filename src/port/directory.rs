//! Questions about who and what is there.

use std::borrow::Cow;
use std::fmt::Debug;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::{Channel, PortError, Post, Team, User};
use crate::id::{ChannelId, PostId, SessionId, TeamId, UserId};
use crate::security::credential::Credential;

/// What a host knows: its sessions, users, teams, channels, posts, and who may do what.
///
/// # Contract
///
/// - Answers are of now. The engine asks again on every request; a host that caches decides how stale it may be.
/// - A list answer holds what exists of what was asked for, in any order, each thing once. Asking for nothing answers
///   nothing.
/// - `Err` is for a directory that broke, never for "there is none".
/// - Nothing here is recorded as activity of anybody.
#[async_trait]
pub trait Directory: Debug + Send + Sync + 'static {
    /// Returns which session of the host's own a credential opens: the session must live now, its user be active. The
    /// engine knows the tokens that it handed out, and asks about all others.
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError>;

    /// Returns those of the users that exist, deactivated ones included.
    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError>;

    /// Returns the user of this name, which comes in lower case; deactivated ones included.
    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError>;

    /// Returns those of the channels that exist, archived ones included.
    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError>;

    /// Returns the live channels that bear one of these exact names: those of the team, if one is given, and direct and
    /// group channels (INC-41, INC-42).
    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError>;

    /// Returns a team.
    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError>;

    /// Answers whether a user holds each of these permissions, in the order asked. An answer that is missing counts as
    /// "no".
    async fn may(&self, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError>;

    /// Returns the active users who may do everything: whom notices for administrators go to.
    /// Nobody, unless a host says otherwise.
    async fn administrators(&self) -> Result<Vec<UserId>, PortError> {
        Ok(Vec::new())
    }

    /// Returns a user as the API shows them to this viewer, under the names of the wire. Asked for when a request that
    /// changed a user is answered. Nothing, unless a host says otherwise; the answer then has what a
    /// [`User`] has.
    async fn user_object(&self, _id: UserId, _viewer: UserId) -> Result<Option<Map<String, Value>>, PortError> {
        Ok(None)
    }

    /// Says whether a direct or group channel is out of bounds because its members share no team, where the host wants
    /// that they do (`RestrictDirectMessage`, CMD-20, INC-43). Never, unless a host says otherwise.
    async fn is_direct_restricted(&self, _channel: ChannelId) -> Result<bool, PortError> {
        Ok(false)
    }

    /// Returns a post, deleted ones included where the host still knows them.
    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError>;

    /// Returns those members of a channel whose user names, in lower case, are among these.
    async fn members_named(&self, channel: ChannelId, names: &[&str]) -> Result<Vec<User>, PortError>;
}

/// An open session.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Session {
    csrf: Option<SecretString>,
    /// Which; [`Action::EndSession`](super::Action::EndSession) names it. Of a personal access token: the token's id.
    pub id: SessionId,
    /// How it came to be.
    pub kind: SessionKind,
    /// Whose it is.
    pub user_id: UserId,
}

impl Session {
    /// A session of a user.
    #[must_use]
    pub fn new(id: SessionId, user_id: UserId, kind: SessionKind) -> Self {
        Self { csrf: None, id, kind, user_id }
    }

    /// The same with what a request that changes something must send in `X-CSRF-Token` when a cookie carried its token
    /// (API-22). An empty value is none.
    #[must_use]
    pub fn with_csrf(mut self, value: &str) -> Self {
        self.csrf = Some(value.into());
        self
    }

    /// Hands out the value for `X-CSRF-Token`, which is empty if there is none; each call site is a place to review.
    #[must_use]
    pub fn expose_csrf(&self) -> &str {
        self.csrf.as_ref().map(SecretString::expose_secret).unwrap_or_default()
    }
}

/// How a session came to be (API-19).
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SessionKind {
    /// Password or single sign-on.
    Login,
    /// An OAuth 2.0 access token.
    OAuth,
    /// A personal access token, also a bot's.
    PersonalAccessToken,
}

/// A permission by its id, as roles list it (API-50).
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Permission(Cow<'static, str>);

impl Permission {
    /// Named in a refusal only (BOT-42). System scope.
    pub const ASSIGN_BOT: Self = Self::of("assign_bot");
    /// Choose `channel_locked` of an incoming webhook freely. Team scope.
    pub const BYPASS_INCOMING_WEBHOOK_CHANNEL_LOCK: Self = Self::of("bypass_incoming_webhook_channel_lock");
    /// Make bot accounts. System scope.
    pub const CREATE_BOT: Self = Self::of("create_bot");
    /// Open a direct channel. Scope: the other user; the host's own limits (`RestrictDirectMessage`, remote users)
    /// count here (INC-43).
    pub const CREATE_DIRECT_CHANNEL: Self = Self::of("create_direct_channel");
    /// Write posts in a channel. Channel scope; in the system's scope: everywhere.
    pub const CREATE_POST: Self = Self::of("create_post");
    /// Make and enable personal access tokens. System scope.
    pub const CREATE_USER_ACCESS_TOKEN: Self = Self::of("create_user_access_token");
    /// Change other users, but for administrators. System scope.
    pub const EDIT_OTHER_USERS: Self = Self::of("edit_other_users");
    /// Change the bots that one owns. System scope.
    pub const MANAGE_BOTS: Self = Self::of("manage_bots");
    /// Change the bots of others. System scope.
    pub const MANAGE_OTHERS_BOTS: Self = Self::of("manage_others_bots");
    /// See, change and delete incoming webhooks of others, and make them for others. Team or system scope.
    pub const MANAGE_OTHERS_INCOMING_WEBHOOKS: Self = Self::of("manage_others_incoming_webhooks");
    /// See, change and delete outgoing webhooks of others, and make them for others. Channel, team or system scope.
    pub const MANAGE_OTHERS_OUTGOING_WEBHOOKS: Self = Self::of("manage_others_outgoing_webhooks");
    /// See, change and delete slash commands of others, and make them for others. Team or system scope.
    pub const MANAGE_OTHERS_SLASH_COMMANDS: Self = Self::of("manage_others_slash_commands");
    /// Make, see, change and delete one's own incoming webhooks. Team or system scope.
    pub const MANAGE_OWN_INCOMING_WEBHOOKS: Self = Self::of("manage_own_incoming_webhooks");
    /// Make, see, change and delete one's own outgoing webhooks. Channel, team or system scope.
    pub const MANAGE_OWN_OUTGOING_WEBHOOKS: Self = Self::of("manage_own_outgoing_webhooks");
    /// Make, see, change and delete one's own slash commands. Team or system scope.
    pub const MANAGE_OWN_SLASH_COMMANDS: Self = Self::of("manage_own_slash_commands");
    /// Change every setting. System scope.
    pub const MANAGE_SYSTEM: Self = Self::of("manage_system");
    /// See the bots that one owns. System scope.
    pub const READ_BOTS: Self = Self::of("read_bots");
    /// Read the posts of a channel. Channel scope.
    pub const READ_CHANNEL_CONTENT: Self = Self::of("read_channel_content");
    /// See the bots of others. System scope.
    pub const READ_OTHERS_BOTS: Self = Self::of("read_others_bots");
    /// Look into the public channels of a team without joining. Team scope.
    pub const READ_PUBLIC_CHANNEL: Self = Self::of("read_public_channel");
    /// See personal access tokens. System scope.
    pub const READ_USER_ACCESS_TOKEN: Self = Self::of("read_user_access_token");
    /// Disable and revoke personal access tokens. System scope.
    pub const REVOKE_USER_ACCESS_TOKEN: Self = Self::of("revoke_user_access_token");
    /// Notify a whole channel with `@channel`, `@all` or `@here`. Channel scope.
    pub const USE_CHANNEL_MENTIONS: Self = Self::of("use_channel_mentions");
    /// Be in a team. Team scope.
    pub const VIEW_TEAM: Self = Self::of("view_team");

    const fn of(id: &'static str) -> Self {
        Self(Cow::Borrowed(id))
    }

    /// A permission by any id.
    pub fn new(id: impl Into<String>) -> Self {
        Self(Cow::Owned(id.into()))
    }

    /// Returns the id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Where a permission is asked for (API-49).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Scope {
    /// In a channel: the channel membership's roles, else the team's, else the system's.
    Channel(ChannelId),
    /// Everywhere: the user's own roles.
    System,
    /// In a team: the membership's roles, else the system's.
    Team(TeamId),
    /// Towards another user.
    User(UserId),
}

/// One question of [`Directory::may`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Ask {
    /// To do what.
    pub permission: Permission,
    /// Where.
    pub scope: Scope,
}

impl Ask {
    /// May the user do this there?
    #[must_use]
    pub fn new(permission: Permission, scope: Scope) -> Self {
        Self { permission, scope }
    }
}
