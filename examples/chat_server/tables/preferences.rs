//! What clients keep for their users.

use jackfield::id::UserId;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

/// One value that a client keeps.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Preference {
    pub(crate) user_id: String,
    pub(crate) category: String,
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) value: String,
}

/// The preferences of a user, of one category if one is given.
pub(crate) fn list(connection: &Connection, user: UserId, category: &str) -> rusqlite::Result<Vec<Preference>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM preferences WHERE user_id = ?1 AND (?2 = '' OR category = ?2) ORDER BY category, name",
    )?;
    let preference = |row: &rusqlite::Row<'_>| {
        Ok(Preference {
            user_id: row.get("user_id")?,
            category: row.get("category")?,
            name: row.get("name")?,
            value: row.get("value")?,
        })
    };
    statement.query_map([user.as_str(), category], preference)?.collect()
}

/// How many preferences a user has.
pub(crate) fn count(connection: &Connection, user: UserId) -> rusqlite::Result<i64> {
    connection.query_row("SELECT count(*) FROM preferences WHERE user_id = ?", [user.as_str()], |row| row.get(0))
}

/// Sets a preference of a user.
pub(crate) fn put(connection: &Connection, user: UserId, preference: &Preference) -> rusqlite::Result<()> {
    let Preference { category, name, value, .. } = preference;
    connection.execute(
        "INSERT OR REPLACE INTO preferences (user_id, category, name, value) VALUES (?, ?, ?, ?)",
        params![user.as_str(), category, name, value],
    )?;
    Ok(())
}

/// Removes a preference of a user.
pub(crate) fn remove(connection: &Connection, user: UserId, preference: &Preference) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM preferences WHERE user_id = ? AND category = ? AND name = ?",
        [user.as_str(), &preference.category, &preference.name],
    )?;
    Ok(())
}
