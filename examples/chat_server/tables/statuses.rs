//! Whether users are there, as far as they said so themselves.

use jackfield::id::UserId;
use rusqlite::{Connection, OptionalExtension, params};

/// What a user said.
#[derive(Clone, Debug)]
pub(crate) struct Said {
    /// In seconds since 1970; 0 for no end.
    pub(crate) dnd_end_time: i64,
    pub(crate) set_at: i64,
    pub(crate) status: String,
}

/// What this user said, if anything.
pub(crate) fn find(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Said>> {
    let mut statement =
        connection.prepare_cached("SELECT status, set_at, dnd_end_time FROM statuses WHERE user_id = ?")?;
    let said = |row: &rusqlite::Row<'_>| {
        Ok(Said { dnd_end_time: row.get("dnd_end_time")?, set_at: row.get("set_at")?, status: row.get("status")? })
    };
    statement.query_row([user.as_str()], said).optional()
}

/// Remembers what a user said.
pub(crate) fn put(connection: &Connection, user: UserId, said: &Said) -> rusqlite::Result<()> {
    connection.execute(
        "INSERT OR REPLACE INTO statuses (user_id, status, set_at, dnd_end_time) VALUES (?, ?, ?, ?)",
        params![user.as_str(), said.status, said.set_at, said.dnd_end_time],
    )?;
    Ok(())
}

/// Forgets what a user said: they are there while they listen.
pub(crate) fn forget(connection: &Connection, user: UserId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM statuses WHERE user_id = ?", [user.as_str()])?;
    Ok(())
}
