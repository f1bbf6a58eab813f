//! Single values that the server keeps, as JSON by name.

use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use crate::errors::Failure;

/// The value of this name.
pub(crate) fn find(connection: &Connection, name: &str) -> Result<Option<Value>, Failure> {
    let mut statement = connection.prepare_cached("SELECT value FROM kept WHERE name = ?")?;
    let text = statement.query_row([name], |row| row.get::<_, String>(0)).optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

/// Sets a value.
pub(crate) fn put(connection: &Connection, name: &str, value: &Value) -> Result<(), Failure> {
    let sql = "INSERT INTO kept (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value";
    connection.execute(sql, params![name, value.to_string()])?;
    Ok(())
}

/// Sets a value that has never been set.
pub(crate) fn put_new(connection: &Connection, name: &str, value: &Value) -> Result<(), Failure> {
    connection.execute("INSERT OR IGNORE INTO kept (name, value) VALUES (?, ?)", params![name, value.to_string()])?;
    Ok(())
}
