//! What a host tells about its users, teams, channels and posts.

use serde_json::{Map, Value};

use crate::id::{ChannelId, Millis, PostId, TeamId, UserId};
use crate::post::Origin;

/// A user, human or bot.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// Whether the account is switched off.
    pub deactivated: bool,
    /// The first name; of a bot, its display name (BOT-10).
    pub first_name: String,
    /// Who.
    pub id: UserId,
    /// Whether this is a bot account.
    pub is_bot: bool,
    /// The name after the `@`, in lower case.
    pub username: String,
}

impl User {
    /// An active human.
    pub fn new(id: UserId, username: impl Into<String>) -> Self {
        Self { deactivated: false, first_name: String::new(), id, is_bot: false, username: username.into() }
    }
}

/// A team.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Team {
    /// What people read.
    pub display_name: String,
    /// Which.
    pub id: TeamId,
    /// The name in addresses.
    pub name: String,
}

impl Team {
    /// A team by both its names.
    pub fn new(id: TeamId, name: impl Into<String>, display_name: impl Into<String>) -> Self {
        Self { display_name: display_name.into(), id, name: name.into() }
    }
}

/// What sort of channel it is, and so who may read it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum ChannelKind {
    /// Two users, or one with themself. No team.
    Direct,
    /// Three to eight users. No team.
    Group,
    /// Members of the team who were let in.
    Private,
    /// Every member of the team.
    Public,
}

/// A channel.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Channel {
    /// Whether it was archived.
    pub archived: bool,
    /// What people read; empty for a direct channel.
    pub display_name: String,
    /// Which.
    pub id: ChannelId,
    /// Who may read it.
    pub kind: ChannelKind,
    /// The name in addresses, lower case. Of a direct channel: both user ids in byte order, joined by `__` (API-39).
    pub name: String,
    /// Whose it is; none for direct and group channels.
    pub team_id: Option<TeamId>,
}

impl Channel {
    /// A live channel without a team or a display name.
    pub fn new(id: ChannelId, kind: ChannelKind, name: impl Into<String>) -> Self {
        Self { archived: false, display_name: String::new(), id, kind, name: name.into(), team_id: None }
    }

    /// The same in a team, under a name that people read.
    #[must_use]
    pub fn with_team(mut self, team_id: TeamId, display_name: impl Into<String>) -> Self {
        self.team_id = Some(team_id);
        self.display_name = display_name.into();
        self
    }

    /// The `name` of the direct channel of two users (API-39).
    #[must_use]
    pub fn direct_name(one: UserId, other: UserId) -> String {
        format!("{}__{}", one.min(other), one.max(other))
    }
}

/// A stored post.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub struct Post {
    /// Where.
    pub channel_id: ChannelId,
    /// When it was made.
    pub create_at: Millis,
    /// Whether it was deleted.
    pub deleted: bool,
    /// Which.
    pub id: PostId,
    /// The text.
    pub message: String,
    /// Which integration made it, as its draft said; none for posts by hand.
    pub origin: Option<Origin>,
    /// The `type`; empty for an ordinary post.
    pub post_type: String,
    /// The props as stored, not as a reader sees them.
    pub props: Map<String, Value>,
    /// The post that this one answers.
    pub root_id: Option<PostId>,
    /// The author.
    pub user_id: UserId,
}

impl Post {
    /// An ordinary post at top level, without props.
    pub fn new(
        id: PostId,
        channel_id: ChannelId,
        user_id: UserId,
        create_at: Millis,
        message: impl Into<String>,
    ) -> Self {
        Self {
            channel_id,
            create_at,
            deleted: false,
            id,
            message: message.into(),
            origin: None,
            post_type: String::new(),
            props: Map::new(),
            root_id: None,
            user_id,
        }
    }
}
