//! Who and what is there.

use async_trait::async_trait;
use jackfield::id::{ChannelId, Millis, PostId, TeamId, UserId};
use jackfield::port::{Ask, Channel, Credential, Directory, Permission, PortError, Post, Scope, Session, Team, User};
use serde_json::{Map, Value, json};

use super::{Host, World, unreachable};

impl Host {
    fn ask<T>(&self, answer: impl FnOnce(&World) -> T) -> Result<T, PortError> {
        let mut world = self.world();
        if world.broken.fails() || world.broken.directory { Err(unreachable()) } else { Ok(answer(&world)) }
    }
}

impl World {
    /// Admins may everything, members read their channels, everybody opens direct channels.
    fn may(&self, user: UserId, ask: &Ask) -> bool {
        let is_member = matches!(ask.scope, Scope::Channel(channel) if self.members.contains(&(channel, user)));
        self.admins.contains(&user)
            || self.grants.contains(&(user, ask.permission.clone(), ask.scope))
            || (is_member && ask.permission == Permission::READ_CHANNEL_CONTENT)
    }
}

#[async_trait]
impl Directory for Host {
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError> {
        self.ask(|world| world.sessions.get(credential.expose()).cloned())
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        self.ask(|world| world.users.iter().filter(|user| ids.contains(&user.id)).cloned().collect())
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        self.ask(|world| world.users.iter().find(|user| user.username == username).cloned())
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        self.ask(|world| world.channels.iter().filter(|channel| ids.contains(&channel.id)).cloned().collect())
    }

    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        let is_meant = |channel: &&Channel| {
            let is_near = channel.team_id.is_none() || channel.team_id == team;
            is_near && !channel.archived && names.contains(&channel.name.as_str())
        };
        self.ask(|world| world.channels.iter().filter(is_meant).cloned().collect())
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        self.ask(|world| world.teams.iter().find(|team| team.id == id).cloned())
    }

    async fn may(&self, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        self.ask(|world| asks.iter().map(|ask| world.may(user, ask)).collect())
    }

    async fn administrators(&self) -> Result<Vec<UserId>, PortError> {
        self.ask(|world| {
            let active = world.users.iter().filter(|user| !user.deactivated && world.admins.contains(&user.id));
            active.map(|user| user.id).collect()
        })
    }

    async fn user_object(&self, id: UserId, viewer: UserId) -> Result<Option<Map<String, Value>>, PortError> {
        self.ask(|world| {
            let user = world.users.iter().find(|user| user.id == id && !world.shows_plain_users)?;
            let roles = if world.admins.contains(&id) { "system_user system_admin" } else { "system_user" };
            let shown = json!({
                "id": id, "username": user.username, "first_name": user.first_name, "roles": roles, "is_bot": true,
                "bot_description": "old", "viewer": viewer,
            });
            shown.as_object().cloned()
        })
    }

    async fn is_direct_restricted(&self, channel: ChannelId) -> Result<bool, PortError> {
        self.ask(|world| world.restricted.contains(&channel))
    }

    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError> {
        self.ask(|world| {
            let stored = world.posts.iter().find(|stored| stored.id == id)?;
            let (draft, at) = (&stored.draft, Millis(super::START));
            let mut post = Post::new(id, stored.channel, draft.user_id, at, draft.message.as_str());
            (post.deleted, post.origin, post.root_id) = (stored.deleted, draft.origin, draft.root_id);
            (post.post_type, post.props) = (draft.post_type.clone(), stored.props());
            Some(post)
        })
    }

    async fn members_named(&self, channel: ChannelId, names: &[&str]) -> Result<Vec<User>, PortError> {
        self.ask(|world| {
            let is_meant =
                |user: &&User| world.members.contains(&(channel, user.id)) && names.contains(&user.username.as_str());
            world.users.iter().filter(is_meant).cloned().collect()
        })
    }
}
