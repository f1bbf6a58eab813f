//! Channels and who is in them.

use std::collections::BTreeSet;

use jackfield::id::{ChannelId, TeamId, UserId};
use jackfield::port::{Channel as Told, ChannelKind};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::accounts::Account;
use super::teams::{explicit, has};
use super::{id, optional_id};
use crate::ambient::{now, random};
use crate::errors::Failure;

/// A channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) create_at: i64,
    pub(crate) creator_id: String,
    pub(crate) delete_at: i64,
    pub(crate) display_name: String,
    pub(crate) header: String,
    pub(crate) id: ChannelId,
    pub(crate) kind: ChannelKind,
    pub(crate) last_post_at: i64,
    pub(crate) name: String,
    pub(crate) posts: i64,
    pub(crate) purpose: String,
    pub(crate) roots: i64,
    /// None for direct and group channels.
    pub(crate) team_id: Option<TeamId>,
    pub(crate) update_at: i64,
}

impl Channel {
    /// A new channel, not stored yet.
    pub(crate) fn new(
        kind: ChannelKind,
        team_id: Option<TeamId>,
        name: &str,
        creator: UserId,
    ) -> Result<Self, Failure> {
        let now = now();
        Ok(Self {
            create_at: now,
            creator_id: creator.into(),
            delete_at: 0,
            display_name: String::new(),
            header: String::new(),
            id: ChannelId::from_random(random()?),
            kind,
            last_post_at: 0,
            name: name.to_owned(),
            posts: 0,
            purpose: String::new(),
            roots: 0,
            team_id,
            update_at: now,
        })
    }

    /// The letter that stands for the kind in JSON.
    pub(crate) fn letter(&self) -> &'static str {
        match self.kind {
            ChannelKind::Direct => "D",
            ChannelKind::Group => "G",
            ChannelKind::Private => "P",
            ChannelKind::Public => "O",
        }
    }

    /// What a client is told.
    pub(crate) fn view(&self) -> Value {
        json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at, "delete_at": self.delete_at,
            "team_id": self.team_id.as_ref().map_or("", TeamId::as_str), "type": self.letter(),
            "display_name": self.display_name, "name": self.name, "header": self.header, "purpose": self.purpose,
            "last_post_at": self.last_post_at, "total_msg_count": self.posts, "extra_update_at": 0,
            "creator_id": self.creator_id, "scheme_id": null, "props": null, "group_constrained": null,
            "autotranslation": false, "shared": if self.team_id.is_none() { Value::from(false) } else { Value::Null },
            "total_msg_count_root": self.roots, "policy_id": null, "last_root_post_at": self.last_post_at,
            "banner_info": null, "policy_enforced": false, "policy_is_active": false, "default_category_name": "",
        })
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            create_at: row.get("create_at")?,
            creator_id: row.get("creator_id")?,
            delete_at: row.get("delete_at")?,
            display_name: row.get("display_name")?,
            header: row.get("header")?,
            id: id(row, "id")?,
            kind: kind(row.get_ref("type")?.as_str()?),
            last_post_at: row.get("last_post_at")?,
            name: row.get("name")?,
            posts: row.get("posts")?,
            purpose: row.get("purpose")?,
            roots: row.get("roots")?,
            team_id: optional_id(row, "team_id")?,
            update_at: row.get("update_at")?,
        })
    }
}

/// The channel of this id.
pub(crate) fn find(connection: &Connection, id: ChannelId) -> rusqlite::Result<Option<Channel>> {
    let mut statement = connection.prepare_cached("SELECT * FROM channels WHERE id = ?")?;
    statement.query_row([id.as_str()], Channel::from_row).optional()
}

/// The channel of this name in a team; without a team, the direct or group channel.
pub(crate) fn named(connection: &Connection, team: Option<TeamId>, name: &str) -> rusqlite::Result<Option<Channel>> {
    let mut statement = connection.prepare_cached("SELECT * FROM channels WHERE team_id = ? AND name = ?")?;
    statement.query_row([team.as_ref().map_or("", TeamId::as_str), name], Channel::from_row).optional()
}

/// What Jackfield is told of the channel of this id.
pub(crate) fn told(connection: &Connection, id: ChannelId) -> rusqlite::Result<Option<Told>> {
    let sql = "SELECT id, type, name, team_id, display_name, delete_at FROM channels WHERE id = ?";
    connection.prepare_cached(sql)?.query_row([id.as_str()], told_from_row).optional()
}

/// What Jackfield is told of the channel of this name in a team; without a team, of the direct or group channel.
pub(crate) fn told_named(connection: &Connection, team: Option<TeamId>, name: &str) -> rusqlite::Result<Option<Told>> {
    let sql = "SELECT id, type, name, team_id, display_name, delete_at FROM channels WHERE team_id = ? AND name = ?";
    let team = team.as_ref().map_or("", TeamId::as_str);
    connection.prepare_cached(sql)?.query_row([team, name], told_from_row).optional()
}

/// A page of the live public channels of a team.
pub(crate) fn public(connection: &Connection, team: TeamId, limit: i64, offset: i64) -> rusqlite::Result<Vec<Channel>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM channels WHERE team_id = ? AND type = 'O' AND delete_at = 0 ORDER BY display_name, id
         LIMIT ? OFFSET ?",
    )?;
    statement.query_map(params![team.as_str(), limit, offset], Channel::from_row)?.collect()
}

/// The live channels of a user in a team, or in all teams, direct and group channels included.
pub(crate) fn of_user(connection: &Connection, user: UserId, team: Option<TeamId>) -> rusqlite::Result<Vec<Channel>> {
    let mut statement = connection.prepare_cached(
        "SELECT channels.* FROM channel_members JOIN channels ON id = channel_id
         WHERE user_id = ?1 AND (?2 = '' OR team_id IN ('', ?2)) AND delete_at = 0 ORDER BY display_name, id",
    )?;
    statement.query_map([user.as_str(), team.as_ref().map_or("", TeamId::as_str)], Channel::from_row)?.collect()
}

/// Stores a channel as it is.
pub(crate) fn save(connection: &Connection, channel: &Channel) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO channels (id, team_id, type, name, display_name, header, purpose, creator_id, create_at, update_at,
         delete_at, last_post_at, posts, roots) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET type = excluded.type, name = excluded.name,
         display_name = excluded.display_name, header = excluded.header, purpose = excluded.purpose,
         update_at = excluded.update_at, delete_at = excluded.delete_at",
    )?;
    statement.execute(params![
        channel.id.as_str(),
        channel.team_id.as_ref().map_or("", TeamId::as_str),
        channel.letter(),
        channel.name,
        channel.display_name,
        channel.header,
        channel.purpose,
        channel.creator_id,
        channel.create_at,
        channel.update_at,
        channel.delete_at,
        channel.last_post_at,
        channel.posts,
        channel.roots,
    ])?;
    Ok(())
}

/// The direct channel of two users, opened if it is not there; says whether it was.
pub(crate) fn open_direct(connection: &Connection, by: UserId, other: UserId) -> Result<(Channel, bool), Failure> {
    let name = Told::direct_name(by, other);
    if let Some(channel) = named(connection, None, &name)? {
        return Ok((channel, false));
    }
    let channel = Channel::new(ChannelKind::Direct, None, &name, by)?;
    save(connection, &channel)?;
    join(connection, channel.id, by, "channel_user")?;
    join(connection, channel.id, other, "channel_user")?;
    Ok((channel, true))
}

/// The name of the group channel of these people, who stand in the order of their ids.
pub(crate) fn group_name<'a>(people: impl IntoIterator<Item = &'a UserId>) -> String {
    let digest = people.into_iter().fold(Sha256::new(), |digest, id| digest.chain_update(id.as_str()));
    digest.finalize().iter().take(20).map(|byte| format!("{byte:02x}")).collect()
}

/// The group channel of these people, opened if it is not there; says whether it was. The same people, who stand in the
/// order of their ids, are always in the same one.
pub(crate) fn open_group(connection: &Connection, by: UserId, people: &[Account]) -> Result<(Channel, bool), Failure> {
    let name = group_name(people.iter().map(|account| &account.id));
    if let Some(channel) = named(connection, None, &name)? {
        return Ok((channel, false));
    }
    let mut channel = Channel::new(ChannelKind::Group, None, &name, by)?;
    let names: BTreeSet<&str> = people.iter().map(|account| account.username.as_str()).collect();
    channel.display_name = names.into_iter().collect::<Vec<_>>().join(", ");
    save(connection, &channel)?;
    for account in people {
        join(connection, channel.id, account.id, "channel_user")?;
    }
    Ok((channel, true))
}

/// The roles of a member; none if the user is not one.
pub(crate) fn roles_of(connection: &Connection, channel: ChannelId, user: UserId) -> rusqlite::Result<Option<String>> {
    let mut statement =
        connection.prepare_cached("SELECT roles FROM channel_members WHERE channel_id = ? AND user_id = ?")?;
    statement.query_row([channel.as_str(), user.as_str()], |row| row.get(0)).optional()
}

/// A member of a channel.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) channel_id: ChannelId,
    /// Whether they hear of nothing that does not name them.
    pub(crate) muted: bool,
    pub(crate) roles: String,
    pub(crate) user_id: UserId,
    /// When they looked at the channel last; -1 in what is told of somebody who joined just now.
    pub(crate) viewed_at: i64,
}

impl Member {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            channel_id: id(row, "channel_id")?,
            muted: row.get("muted")?,
            roles: row.get("roles")?,
            user_id: id(row, "user_id")?,
            viewed_at: row.get("viewed_at")?,
        })
    }
}

/// One member of a channel.
pub(crate) fn member(connection: &Connection, channel: ChannelId, user: UserId) -> rusqlite::Result<Option<Member>> {
    let sql = "SELECT * FROM channel_members WHERE channel_id = ? AND user_id = ?";
    connection.prepare_cached(sql)?.query_row([channel.as_str(), user.as_str()], Member::from_row).optional()
}

/// A page of the members of a channel.
pub(crate) fn page_of_members(
    connection: &Connection,
    channel: ChannelId,
    limit: i64,
    offset: i64,
) -> rusqlite::Result<Vec<Member>> {
    let sql = "SELECT * FROM channel_members WHERE channel_id = ? ORDER BY user_id LIMIT ? OFFSET ?";
    connection.prepare_cached(sql)?.query_map(params![channel.as_str(), limit, offset], Member::from_row)?.collect()
}

/// What a user is in the live channels of a team, direct and group channels included.
pub(crate) fn memberships(connection: &Connection, user: UserId, team: TeamId) -> rusqlite::Result<Vec<Member>> {
    let sql = "SELECT channel_members.* FROM channel_members JOIN channels ON id = channel_id
         WHERE user_id = ? AND team_id IN ('', ?) AND delete_at = 0 ORDER BY channel_id";
    connection.prepare_cached(sql)?.query_map([user.as_str(), team.as_str()], Member::from_row)?.collect()
}

/// Notes that a member looked at a channel; false if the user is not one.
pub(crate) fn view(connection: &Connection, channel: ChannelId, user: UserId, now: i64) -> rusqlite::Result<bool> {
    let sql = "UPDATE channel_members SET viewed_at = ? WHERE channel_id = ? AND user_id = ?";
    Ok(connection.execute(sql, params![now, channel.as_str(), user.as_str()])? > 0)
}

/// Mutes a channel for a member, or ends that.
pub(crate) fn mute(connection: &Connection, channel: ChannelId, user: UserId, muted: bool) -> rusqlite::Result<()> {
    let sql = "UPDATE channel_members SET muted = ? WHERE channel_id = ? AND user_id = ?";
    connection.execute(sql, params![muted, channel.as_str(), user.as_str()])?;
    Ok(())
}

/// The members of a channel with their roles.
pub(crate) fn members(connection: &Connection, channel: ChannelId) -> rusqlite::Result<Vec<(UserId, String)>> {
    let mut statement = connection.prepare_cached("SELECT user_id, roles FROM channel_members WHERE channel_id = ?")?;
    statement.query_map([channel.as_str()], |row| Ok((id(row, "user_id")?, row.get("roles")?)))?.collect()
}

/// Lets a user in with these roles, or changes the roles.
pub(crate) fn join(connection: &Connection, channel: ChannelId, user: UserId, roles: &str) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO channel_members (channel_id, user_id, roles) VALUES (?, ?, ?)
         ON CONFLICT (channel_id, user_id) DO UPDATE SET roles = excluded.roles",
        [channel.as_str(), user.as_str(), roles],
    )?;
    Ok(())
}

/// Takes a user out of a channel; false if they were not in it.
pub(crate) fn leave(connection: &Connection, channel: ChannelId, user: UserId) -> rusqlite::Result<bool> {
    let keys = [channel.as_str(), user.as_str()];
    Ok(connection.execute("DELETE FROM channel_members WHERE channel_id = ? AND user_id = ?", keys)? > 0)
}

/// A member, as a client is told.
pub(crate) fn member_view(member: &Member) -> Value {
    let roles = member.roles.as_str();
    json!({
        "channel_id": member.channel_id, "user_id": member.user_id, "roles": roles,
        "last_viewed_at": member.viewed_at, "msg_count": 0, "mention_count": 0, "mention_count_root": 0,
        "urgent_mention_count": 0, "msg_count_root": 0,
        "notify_props": {
            "channel_auto_follow_threads": "off", "desktop": "default", "email": "default",
            "ignore_channel_mentions": "default", "mark_unread": if member.muted { "mention" } else { "all" },
            "push": "default",
        },
        "last_update_at": member.viewed_at, "scheme_guest": false, "scheme_user": has(roles, "channel_user"),
        "scheme_admin": has(roles, "channel_admin"), "explicit_roles": explicit(roles, "channel_"),
        "autotranslation_disabled": false,
    })
}

fn told_from_row(row: &Row<'_>) -> rusqlite::Result<Told> {
    let mut told = Told::new(id(row, "id")?, kind(row.get_ref(1)?.as_str()?), row.get::<_, String>(2)?);
    told.team_id = optional_id(row, "team_id")?;
    told.display_name = row.get(4)?;
    told.archived = row.get::<_, i64>(5)? != 0;
    Ok(told)
}

/// The kind that a letter stands for.
fn kind(letter: &str) -> ChannelKind {
    match letter {
        "D" => ChannelKind::Direct,
        "G" => ChannelKind::Group,
        "O" => ChannelKind::Public,
        _ => ChannelKind::Private,
    }
}

/// Whether it is the channel that everybody in the team is in for good.
pub(crate) fn is_default(channel: &Channel) -> bool {
    channel.team_id.is_some() && channel.name == FIRST
}

/// The name of the channel that everybody in a team is in for good.
pub(crate) const FIRST: &str = "town-square";
/// The channels that every team has and every member of it is in: name and display name.
pub(crate) const DEFAULT: [(&str, &str); 2] = [(FIRST, "Town Square"), ("off-topic", "Off-Topic")];
