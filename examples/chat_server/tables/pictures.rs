//! Pictures that users uploaded.

use jackfield::id::UserId;
use rusqlite::{Connection, OptionalExtension, params};

/// A picture: its media type and its bytes.
pub(crate) type Picture = (String, Vec<u8>);

/// The picture of a user, if one was uploaded.
pub(crate) fn find(connection: &Connection, user: UserId) -> rusqlite::Result<Option<Picture>> {
    let mut statement = connection.prepare_cached("SELECT kind, bytes FROM pictures WHERE user_id = ?")?;
    statement.query_row([user.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()
}

/// Stores the picture of a user.
pub(crate) fn put(connection: &Connection, user: UserId, kind: &str, bytes: &[u8]) -> rusqlite::Result<()> {
    let sql = "INSERT OR REPLACE INTO pictures (user_id, kind, bytes) VALUES (?, ?, ?)";
    connection.execute(sql, params![user.as_str(), kind, bytes])?;
    Ok(())
}

/// Removes the picture of a user.
pub(crate) fn remove(connection: &Connection, user: UserId) -> rusqlite::Result<()> {
    connection.execute("DELETE FROM pictures WHERE user_id = ?", [user.as_str()])?;
    Ok(())
}
