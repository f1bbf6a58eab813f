//! Teams and who is in them.

use jackfield::id::{TeamId, UserId};
use jackfield::port::Team as Told;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::id;

/// A team.
#[derive(Clone, Debug)]
pub(crate) struct Team {
    pub(crate) create_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) description: String,
    pub(crate) display_name: String,
    pub(crate) email: String,
    pub(crate) id: TeamId,
    pub(crate) invite_id: String,
    pub(crate) name: String,
    /// `O` open, `I` by invitation.
    pub(crate) team_type: String,
    pub(crate) update_at: i64,
}

impl Team {
    /// What a client is told, less what only those see who may manage the team or invite to it (API-36).
    pub(crate) fn view(&self, may_manage: bool, may_invite: bool) -> Value {
        json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at, "delete_at": self.delete_at,
            "display_name": self.display_name, "name": self.name, "description": self.description,
            "email": if may_manage { self.email.as_str() } else { "" }, "type": self.team_type, "company_name": "",
            "allowed_domains": "", "invite_id": if may_invite { self.invite_id.as_str() } else { "" },
            "allow_open_invite": false, "scheme_id": null, "group_constrained": null, "policy_id": null,
            "cloud_limits_archived": false,
        })
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            create_at: row.get("create_at")?,
            delete_at: row.get("delete_at")?,
            description: row.get("description")?,
            display_name: row.get("display_name")?,
            email: row.get("email")?,
            id: id(row, "id")?,
            invite_id: row.get("invite_id")?,
            name: row.get("name")?,
            team_type: row.get("type")?,
            update_at: row.get("update_at")?,
        })
    }
}

/// The team of this id.
pub(crate) fn find(connection: &Connection, id: TeamId) -> rusqlite::Result<Option<Team>> {
    let mut statement = connection.prepare_cached("SELECT * FROM teams WHERE id = ?")?;
    statement.query_row([id.as_str()], Team::from_row).optional()
}

/// What Jackfield is told of the team of this id, if it lives.
pub(crate) fn told(connection: &Connection, id: TeamId) -> rusqlite::Result<Option<Told>> {
    let found = find(connection, id)?.filter(|team| team.delete_at == 0);
    Ok(found.map(|team| Told::new(team.id, team.name, team.display_name)))
}

/// The team of this name.
pub(crate) fn named(connection: &Connection, name: &str) -> rusqlite::Result<Option<Team>> {
    let mut statement = connection.prepare_cached("SELECT * FROM teams WHERE name = ?")?;
    statement.query_row([name], Team::from_row).optional()
}

/// The teams of a user, or all teams.
pub(crate) fn list(connection: &Connection, user: Option<UserId>) -> rusqlite::Result<Vec<Team>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM teams WHERE delete_at = 0
         AND (?1 = '' OR id IN (SELECT team_id FROM team_members WHERE user_id = ?1)) ORDER BY display_name, id",
    )?;
    statement.query_map([user.as_ref().map_or("", UserId::as_str)], Team::from_row)?.collect()
}

/// Stores a new team.
pub(crate) fn insert(connection: &Connection, team: &Team) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT INTO teams (id, name, display_name, description, email, type, invite_id, create_at, update_at,
         delete_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        params![
            team.id.as_str(),
            team.name,
            team.display_name,
            team.description,
            team.email,
            team.team_type,
            team.invite_id,
            team.create_at,
            team.update_at,
            team.delete_at,
        ],
    )?;
    Ok(())
}

/// The roles of a member; none if the user is not one.
pub(crate) fn roles_of(connection: &Connection, team: TeamId, user: UserId) -> rusqlite::Result<Option<String>> {
    let mut statement =
        connection.prepare_cached("SELECT roles FROM team_members WHERE team_id = ? AND user_id = ?")?;
    statement.query_row([team.as_str(), user.as_str()], |row| row.get(0)).optional()
}

/// A page of the members of a team with their roles.
pub(crate) fn members(
    connection: &Connection,
    team: TeamId,
    limit: i64,
    offset: i64,
) -> rusqlite::Result<Vec<(UserId, String)>> {
    let sql = "SELECT user_id, roles FROM team_members WHERE team_id = ? ORDER BY user_id LIMIT ? OFFSET ?";
    let mut statement = connection.prepare_cached(sql)?;
    let keys = params![team.as_str(), limit, offset];
    statement.query_map(keys, |row| Ok((id(row, "user_id")?, row.get("roles")?)))?.collect()
}

/// What a user is in each of their teams.
pub(crate) fn memberships(connection: &Connection, user: UserId) -> rusqlite::Result<Vec<(TeamId, String)>> {
    let mut statement = connection.prepare_cached("SELECT team_id, roles FROM team_members WHERE user_id = ?")?;
    statement.query_map([user.as_str()], |row| Ok((id(row, "team_id")?, row.get("roles")?)))?.collect()
}

/// Whether two users are in one team.
pub(crate) fn shared(connection: &Connection, one: UserId, other: UserId) -> rusqlite::Result<bool> {
    let mut statement = connection.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM team_members AS mine JOIN team_members AS theirs USING (team_id)
         WHERE mine.user_id = ? AND theirs.user_id = ?)",
    )?;
    statement.query_row([one.as_str(), other.as_str()], |row| row.get(0))
}

/// Whether there is a team that all of these users are in.
pub(crate) fn have_common(connection: &Connection, users: &[UserId]) -> rusqlite::Result<bool> {
    let Some((first, others)) = users.split_first() else { return Ok(true) };
    let mut statement = connection.prepare_cached("SELECT team_id FROM team_members WHERE user_id = ?")?;
    let of_first = statement.query_map([first.as_str()], |row| id(row, "team_id"))?;
    for team in of_first {
        let team: TeamId = team?;
        let mut all = true;
        for other in others {
            all = all && roles_of(connection, team, *other)?.is_some();
        }
        if all {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Lets a user in with these roles, or changes the roles.
pub(crate) fn join(connection: &Connection, team: TeamId, user: UserId, roles: &str) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO team_members (team_id, user_id, roles) VALUES (?, ?, ?)",
        [team.as_str(), user.as_str(), roles],
    )?;
    Ok(())
}

/// Takes a user out of a team and of its channels; false if they were not in it.
pub(crate) fn leave(connection: &Connection, team: TeamId, user: UserId) -> rusqlite::Result<bool> {
    let keys = [team.as_str(), user.as_str()];
    let left = connection.execute("DELETE FROM team_members WHERE team_id = ? AND user_id = ?", keys)?;
    connection.execute(
        "DELETE FROM channel_members WHERE user_id = ?2 AND channel_id IN (SELECT id FROM channels WHERE team_id = ?1)",
        keys,
    )?;
    Ok(left > 0)
}

/// A member, as a client is told.
pub(crate) fn member_view(team: TeamId, user: UserId, roles: &str) -> Value {
    json!({
        "team_id": team, "user_id": user, "roles": roles, "delete_at": 0,
        "scheme_guest": false, "scheme_user": has(roles, "team_user"), "scheme_admin": has(roles, "team_admin"),
        "explicit_roles": explicit(roles, "team_"),
    })
}

/// Whether a list of roles, separated by spaces, has this one.
pub(crate) fn has(roles: &str, role: &str) -> bool {
    roles.split(' ').any(|one| one == role)
}

/// The roles that somebody gave by name, beyond those that come with the membership.
pub(crate) fn explicit(roles: &str, prefix: &str) -> String {
    let given = |role: &&str| role.strip_prefix(prefix).is_none_or(|rest| !["user", "admin", "guest"].contains(&rest));
    roles.split(' ').filter(given).collect::<Vec<_>>().join(" ")
}
