//! Roles, and who may do what (API-49, API-50).

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jackfield::id::UserId;
use jackfield::port::{Ask, ChannelKind, Permission, Scope};
use rusqlite::{Connection, params};
use serde_json::{Value, json};

use crate::ambient::{now, secret};
use crate::errors::Failure;
use crate::tables::{accounts, channels, teams};

/// All roles. They are few and asked for all the time, so they are kept in memory as well.
#[derive(Debug, Default)]
pub(crate) struct Roles {
    by_name: RwLock<HashMap<String, Arc<Role>>>,
}

/// What a role allows.
#[derive(Clone, Debug)]
pub(crate) struct Role {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) permissions: Vec<String>,
    pub(crate) update_at: i64,
}

impl Roles {
    /// Reads the roles, and makes those that a server must know and that are not there yet.
    pub(crate) fn load(connection: &Connection) -> Result<Self, Failure> {
        let roles = Self::default();
        for (name, permissions) in BUILT_IN {
            connection.execute(
                "INSERT OR IGNORE INTO roles (id, name, permissions, update_at) VALUES (?, ?, ?, ?)",
                params![secret()?, name, json!(permissions).to_string(), now()],
            )?;
        }
        let mut statement = connection.prepare("SELECT * FROM roles")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let permissions = serde_json::from_str(row.get_ref("permissions")?.as_str().unwrap_or_default())?;
            roles.put(Role {
                id: row.get("id")?,
                name: row.get("name")?,
                permissions,
                update_at: row.get("update_at")?,
            });
        }
        Ok(roles)
    }

    /// The role of this name.
    pub(crate) fn named(&self, name: &str) -> Option<Arc<Role>> {
        self.by_name.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The role of this id.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Role>> {
        let roles = self.by_name.read().unwrap_or_else(PoisonError::into_inner);
        roles.values().find(|role| role.id == id).cloned()
    }

    /// Takes over a role that was stored.
    pub(crate) fn put(&self, role: Role) {
        let mut roles = self.by_name.write().unwrap_or_else(PoisonError::into_inner);
        roles.insert(role.name.clone(), Arc::new(role));
    }

    /// Answers whether a user may do something somewhere.
    pub(crate) fn may(&self, connection: &Connection, user: UserId, ask: &Ask) -> Result<bool, Failure> {
        let Some(everywhere) = accounts::roles_of(connection, user)? else { return Ok(false) };
        let system = |permission: &Permission| self.any_allows(&everywhere, permission);
        let in_team = |team| -> Result<bool, Failure> {
            let roles = teams::roles_of(connection, team, user)?.unwrap_or_default();
            Ok(self.any_allows(&roles, &ask.permission) || system(&ask.permission))
        };
        match ask.scope {
            Scope::Channel(id) => {
                let Some(channel) = channels::told(connection, id)? else { return Ok(false) };
                let roles = channels::roles_of(connection, id, user)?.unwrap_or_default();
                if self.any_allows(&roles, &ask.permission) || system(&Permission::MANAGE_SYSTEM) {
                    return Ok(true);
                }
                channel.team_id.map_or(Ok(false), in_team)
            }
            Scope::System | Scope::User(_) => Ok(system(&ask.permission)),
            Scope::Team(team) => in_team(team),
        }
    }

    /// Whether a user may read a channel: its members, and for a public one who may look into the team's public channels.
    pub(crate) fn may_read(
        &self,
        connection: &Connection,
        user: UserId,
        channel: &channels::Channel,
    ) -> Result<bool, Failure> {
        let within = Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel.id));
        if self.may(connection, user, &within)? {
            return Ok(true);
        }
        match channel.team_id {
            Some(team) if channel.kind == ChannelKind::Public => {
                self.may(connection, user, &Ask::new(Permission::READ_PUBLIC_CHANNEL, Scope::Team(team)))
            }
            _ => Ok(false),
        }
    }

    fn any_allows(&self, roles: &str, permission: &Permission) -> bool {
        let allows = |name: &str| {
            let everything = name == "system_admin";
            everything || self.named(name).is_some_and(|role| role.allows(permission.as_str()))
        };
        roles.split(' ').filter(|name| !name.is_empty()).any(allows)
    }
}

impl Role {
    /// What a client is told.
    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id, "name": self.name, "display_name": self.name, "description": "", "create_at": 0,
            "update_at": self.update_at, "delete_at": 0, "permissions": self.permissions, "scheme_managed": true,
            "built_in": true,
        })
    }

    fn allows(&self, permission: &str) -> bool {
        self.permissions.iter().any(|one| one == permission)
    }
}

/// The roles that a server must know (API-52), with what they allow at first.
const BUILT_IN: [(&str, &[&str]); 17] = [
    ("system_admin", &["manage_system"]),
    (
        "system_user",
        &[
            "create_direct_channel",
            "create_group_channel",
            "create_team",
            "list_public_teams",
            "join_public_teams",
            "view_members",
        ],
    ),
    ("system_guest", &["create_direct_channel", "create_group_channel"]),
    ("system_post_all", &["create_post", "use_channel_mentions", "use_group_mentions"]),
    ("system_post_all_public", &["create_post_public", "use_channel_mentions", "use_group_mentions"]),
    ("system_user_access_token", &["create_user_access_token", "read_user_access_token", "revoke_user_access_token"]),
    ("system_manager", &["manage_outgoing_oauth_connections", "sysconsole_read_plugins"]),
    ("system_user_manager", &[]),
    ("system_read_only_admin", &["sysconsole_read_plugins"]),
    (
        "team_admin",
        &[
            "manage_team",
            "manage_team_roles",
            "remove_user_from_team",
            "manage_public_channel_members",
            "manage_private_channel_members",
            "manage_public_channel_properties",
            "manage_private_channel_properties",
            "delete_public_channel",
            "delete_private_channel",
            "convert_public_channel_to_private",
            "convert_private_channel_to_public",
            "delete_post",
            "delete_others_posts",
            "manage_own_incoming_webhooks",
            "manage_others_incoming_webhooks",
            "bypass_incoming_webhook_channel_lock",
            "manage_own_outgoing_webhooks",
            "manage_others_outgoing_webhooks",
            "manage_own_slash_commands",
            "manage_others_slash_commands",
        ],
    ),
    (
        "team_user",
        &[
            "read_public_channel",
            "list_team_channels",
            "join_public_channels",
            "view_team",
            "create_public_channel",
            "create_private_channel",
            "invite_user",
            "add_user_to_team",
        ],
    ),
    ("team_guest", &["view_team"]),
    ("team_post_all", &["create_post", "use_channel_mentions", "use_group_mentions"]),
    ("team_post_all_public", &["create_post_public", "use_channel_mentions", "use_group_mentions"]),
    ("channel_admin", &["manage_channel_roles", "use_group_mentions"]),
    (
        "channel_user",
        &[
            "read_channel",
            "read_channel_content",
            "create_post",
            "use_channel_mentions",
            "use_group_mentions",
            "use_slash_commands",
            "upload_file",
            "add_reaction",
            "remove_reaction",
            "edit_post",
            "delete_post",
            "manage_public_channel_members",
            "manage_private_channel_members",
            "manage_public_channel_properties",
            "manage_private_channel_properties",
            "delete_public_channel",
            "delete_private_channel",
        ],
    ),
    (
        "channel_guest",
        &[
            "read_channel",
            "read_channel_content",
            "create_post",
            "use_channel_mentions",
            "use_slash_commands",
            "upload_file",
            "add_reaction",
            "remove_reaction",
            "edit_post",
        ],
    ),
];
