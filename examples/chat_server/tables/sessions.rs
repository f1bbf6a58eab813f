//! Sessions: who is logged in. Tokens are kept as digests only.

use jackfield::id::{SessionId, UserId};
use jackfield::port::SessionKind;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::id;
use crate::ambient::{now, random, secret};
use crate::errors::Failure;

/// An open session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) create_at: i64,
    /// What scripts of the site send in `X-CSRF-Token`.
    pub(crate) csrf: String,
    pub(crate) device_id: String,
    pub(crate) expires_at: i64,
    /// When its end was put off last.
    pub(crate) extended_at: i64,
    pub(crate) id: SessionId,
    pub(crate) kind: SessionKind,
    pub(crate) last_activity_at: i64,
    pub(crate) user_id: UserId,
}

/// A session that was opened just now, with its token in the clear.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) session: Session,
    pub(crate) token: String,
}

impl Session {
    /// What a client is told.
    pub(crate) fn view(&self, roles: &str) -> Value {
        json!({
            "id": self.id, "token": "", "create_at": self.create_at, "expires_at": self.expires_at,
            "last_activity_at": self.last_activity_at, "user_id": self.user_id, "device_id": self.device_id,
            "roles": roles, "is_oauth": self.kind == SessionKind::OAuth, "expired_notify": false, "props": {},
            "team_members": null, "local": false,
        })
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let create_at = row.get("create_at")?;
        Ok(Self {
            create_at,
            csrf: row.get("csrf")?,
            device_id: row.get("device_id")?,
            expires_at: row.get("expires_at")?,
            extended_at: row.get::<_, i64>("extended_at")?.max(create_at),
            id: id(row, "id")?,
            kind: match row.get_ref("kind")?.as_str()? {
                "oauth" => SessionKind::OAuth,
                "token" => SessionKind::PersonalAccessToken,
                _ => SessionKind::Login,
            },
            last_activity_at: row.get::<_, i64>("last_activity_at")?.max(create_at),
            user_id: id(row, "user_id")?,
        })
    }
}

/// The live session that this token opens, if its user is active. One that nobody used for so many milliseconds is over,
/// but for those of devices and integrations.
pub(crate) fn find(connection: &Connection, token: &str, idle: Option<i64>) -> rusqlite::Result<Option<Session>> {
    let mut statement = connection.prepare_cached(
        "SELECT sessions.* FROM sessions JOIN users ON users.id = user_id
         WHERE token = ? AND expires_at > ? AND users.delete_at = 0",
    )?;
    let now = now();
    let found = statement.query_row(params![digest(token), now], Session::from_row).optional()?;
    Ok(found.filter(|session| {
        let idles = session.kind == SessionKind::Login && session.device_id.is_empty();
        !(idles && idle.is_some_and(|idle| now.saturating_sub(session.last_activity_at) > idle))
    }))
}

/// The session of this id.
pub(crate) fn with_id(connection: &Connection, id: SessionId) -> rusqlite::Result<Option<Session>> {
    let mut statement = connection.prepare_cached("SELECT * FROM sessions WHERE id = ?")?;
    statement.query_row([id.as_str()], Session::from_row).optional()
}

/// The live sessions of a user, the last used first.
pub(crate) fn list(connection: &Connection, user_id: UserId) -> rusqlite::Result<Vec<Session>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM sessions WHERE user_id = ? AND expires_at > ? ORDER BY max(last_activity_at, create_at) DESC, id",
    )?;
    statement.query_map(params![user_id.as_str(), now()], Session::from_row)?.collect()
}

/// Opens a session by password for so many milliseconds.
pub(crate) fn open(
    connection: &Connection,
    user_id: UserId,
    device_id: &str,
    lifetime: i64,
) -> Result<Opened, Failure> {
    let (token, now) = (secret()?, now());
    let session = Session {
        create_at: now,
        csrf: secret()?,
        device_id: device_id.to_owned(),
        expires_at: now.saturating_add(lifetime),
        extended_at: now,
        id: SessionId::from_random(random()?),
        kind: SessionKind::Login,
        last_activity_at: now,
        user_id,
    };
    connection.execute("DELETE FROM sessions WHERE user_id = ? AND expires_at <= ?", params![user_id.as_str(), now])?;
    connection.execute(
        "INSERT INTO sessions (token, id, user_id, csrf, kind, create_at, expires_at, device_id, extended_at,
         last_activity_at) VALUES (?, ?, ?, ?, 'login', ?, ?, ?, ?, ?)",
        params![
            digest(&token),
            session.id.as_str(),
            user_id.as_str(),
            session.csrf,
            now,
            session.expires_at,
            device_id,
            now,
            now
        ],
    )?;
    Ok(Opened { session, token })
}

/// Remembers that a session was used.
pub(crate) fn touch(connection: &Connection, id: SessionId, now: i64) -> rusqlite::Result<()> {
    connection.execute("UPDATE sessions SET last_activity_at = ? WHERE id = ?", params![now, id.as_str()])?;
    Ok(())
}

/// Puts the end of a session off.
pub(crate) fn extend(connection: &Connection, id: SessionId, now: i64, expires_at: i64) -> rusqlite::Result<()> {
    let sql = "UPDATE sessions SET extended_at = ?, expires_at = ? WHERE id = ?";
    connection.execute(sql, params![now, expires_at, id.as_str()])?;
    Ok(())
}

/// Ends a session.
pub(crate) fn close(connection: &Connection, id: SessionId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM sessions WHERE id = ?", [id.as_str()])?;
    Ok(())
}

/// Ends all sessions of a user, but for one if it goes on.
pub(crate) fn close_all(connection: &Connection, user_id: UserId, but: Option<SessionId>) -> rusqlite::Result<()> {
    let but = but.as_ref().map_or("", SessionId::as_str);
    connection.execute("DELETE FROM sessions WHERE user_id = ? AND id <> ?", [user_id.as_str(), but])?;
    Ok(())
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
