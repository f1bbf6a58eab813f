//! Sessions: who is logged in. Tokens are kept as digests only.

use jackfield::id::{SessionId, UserId};
use jackfield::port::SessionKind;
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use super::id;
use crate::ambient::{now, random, secret};
use crate::errors::Failure;

/// An open session.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    /// What scripts of the site send in `X-CSRF-Token`.
    pub(crate) csrf: String,
    pub(crate) id: SessionId,
    pub(crate) kind: SessionKind,
    pub(crate) user_id: UserId,
}

/// A session that was opened just now, with its token in the clear.
#[derive(Clone)]
pub(crate) struct Opened {
    pub(crate) session: Session,
    pub(crate) token: String,
}

/// The live session that this token opens, if its user is active.
pub(crate) fn find(connection: &Connection, token: &str) -> rusqlite::Result<Option<Session>> {
    let mut statement = connection.prepare_cached(
        "SELECT sessions.id AS id, user_id, csrf, kind FROM sessions JOIN users ON users.id = user_id
         WHERE token = ? AND expires_at > ? AND users.delete_at = 0",
    )?;
    let session = |row: &rusqlite::Row<'_>| {
        Ok(Session {
            csrf: row.get("csrf")?,
            id: id(row, "id")?,
            kind: match row.get_ref("kind")?.as_str()? {
                "oauth" => SessionKind::OAuth,
                "token" => SessionKind::PersonalAccessToken,
                _ => SessionKind::Login,
            },
            user_id: id(row, "user_id")?,
        })
    };
    statement.query_row(params![digest(token), now()], session).optional()
}

/// Opens a session by password for so many milliseconds.
pub(crate) fn open(connection: &Connection, user_id: UserId, lifetime: i64) -> Result<Opened, Failure> {
    let (token, csrf, id, now) = (secret()?, secret()?, SessionId::from_random(random()?), now());
    connection.execute("DELETE FROM sessions WHERE user_id = ? AND expires_at <= ?", params![user_id.as_str(), now])?;
    connection.execute(
        "INSERT INTO sessions (token, id, user_id, csrf, kind, create_at, expires_at) VALUES (?, ?, ?, ?, 'login', ?, ?)",
        params![digest(&token), id.as_str(), user_id.as_str(), csrf, now, now.saturating_add(lifetime)],
    )?;
    Ok(Opened { session: Session { csrf, id, kind: SessionKind::Login, user_id }, token })
}

/// Ends a session.
pub(crate) fn close(connection: &Connection, id: SessionId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM sessions WHERE id = ?", [id.as_str()])?;
    Ok(())
}

/// Ends all sessions of a user.
pub(crate) fn close_all(connection: &Connection, user_id: UserId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM sessions WHERE user_id = ?", [user_id.as_str()])?;
    Ok(())
}

fn digest(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
