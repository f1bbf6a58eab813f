//! The rows of the tables, the statements that read and write them, and the JSON objects made of them (API-73).

pub(crate) mod account_lists;
pub(crate) mod account_views;
pub(crate) mod accounts;
pub(crate) mod channels;
pub(crate) mod files;
pub(crate) mod kept;
pub(crate) mod pictures;
pub(crate) mod posts;
pub(crate) mod preferences;
pub(crate) mod reactions;
pub(crate) mod sessions;
pub(crate) mod statuses;
pub(crate) mod teams;

use std::str::FromStr;

use jackfield::id::InvalidId;
use rusqlite::Row;
use rusqlite::types::{FromSqlError, Type};

/// Reads a column that holds an id.
fn id<T: FromStr<Err = InvalidId>>(row: &Row<'_>, column: &str) -> rusqlite::Result<T> {
    optional_id(row, column)?.ok_or_else(|| FromSqlError::Other(Box::new(InvalidId)).into())
}

/// Reads a column that holds an id or the empty text.
fn optional_id<T: FromStr<Err = InvalidId>>(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str()?;
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
