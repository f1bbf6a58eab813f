//! Records and their indexes as rows.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::places::{decode, encode};
use crate::adapter::changes::{NAME_BYTES, invalid, page_start, validate};
use crate::port::{Change, Committed, Entry, Expect, Found, IndexEntry, Key, Query, Record, StorageError, Write};

/// Applies changes inside a transaction of the host, so that its own rows and our records land together or not at all.
///
/// On [`Committed::Conflict`], and on an error, nothing of these changes has been written and the transaction is still
/// the host's to finish (unless SQLite itself gave it up, as it does when the disk is full). Begin it with
/// `BEGIN IMMEDIATE`, or be inside [`SqliteStorage::write`](super::SqliteStorage::write).
///
/// Outside a transaction, it is [`StorageErrorKind::Invalid`](crate::port::StorageErrorKind::Invalid). The connection
/// must be to a file that a [`SqliteStorage`](super::SqliteStorage) has opened before.
///
/// ```
/// use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage, commit_in};
/// use jackfield::port::{Change, Collection, Committed, Expect, Key, Storage, StorageError, Write};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const STEPS: &[&str] = &["CREATE TABLE posts (message TEXT NOT NULL)"];
/// let storage = SqliteStorage::open_in_memory(SqliteOptions::default().with_migrations(STEPS))?;
/// let key = Key::new(Collection("notes"), "one");
/// let write = Write::Put { body: "1".into(), index: Vec::new() };
/// let changes = vec![Change { expect: Expect::Absent, key: key.clone(), write }];
///
/// let committed = storage
///     .write(move |connection| {
///         connection.execute("INSERT INTO posts VALUES ('Hello')", [])?;
///         commit_in(connection, &changes)
///     })
///     .await?;
/// assert_eq!(committed, Committed::Applied);
/// assert!(storage.get(&key).await?.is_some());
/// # Ok(())
/// # }
/// ```
pub fn commit_in(connection: &Connection, changes: &[Change]) -> Result<Committed, StorageError> {
    if connection.is_autocommit() {
        return Err(invalid("no transaction is open"));
    }
    connection.prepare_cached("SAVEPOINT jackfield_commit")?.execute([])?;
    let result = apply(connection, changes);
    if result.is_err() && !connection.is_autocommit() {
        connection.prepare_cached("ROLLBACK TO jackfield_commit")?.execute([])?;
    }
    if !connection.is_autocommit() {
        connection.prepare_cached("RELEASE jackfield_commit")?.execute([])?;
    }
    result
}

/// Applies changes inside a savepoint of the caller, who takes it back if there is an error.
fn apply(connection: &Connection, changes: &[Change]) -> Result<Committed, StorageError> {
    match check(connection, changes)? {
        Some(before) => write(connection, changes, before).map(|()| Committed::Applied),
        None => Ok(Committed::Conflict),
    }
}

/// Checks changes and what they expect, and writes nothing. Returns the places of each record that is there; or `None` if
/// an expectation does not hold. After it, [`write`] fails only where SQLite does.
pub(super) fn check(connection: &Connection, changes: &[Change]) -> Result<Option<Vec<Before>>, StorageError> {
    validate(changes)?;
    let mut before = Vec::with_capacity(changes.len());
    for change in changes {
        match look(connection, change)? {
            Some(places) => before.push(places),
            None => return Ok(None),
        }
    }
    before.iter().flatten().try_for_each(|places| decode(places).map(drop))?;
    Ok(Some(before))
}

/// Writes changes that were checked in the same transaction.
pub(super) fn write(connection: &Connection, changes: &[Change], before: Vec<Before>) -> Result<(), StorageError> {
    for (Change { key, write, .. }, before) in changes.iter().zip(before) {
        match (write, before) {
            (Write::Check, _) | (Write::Delete, None) => {}
            (Write::Delete, Some(places)) => delete(connection, key, &places)?,
            (Write::Put { body, index }, before) => put(connection, key, body, index, before.as_deref())?,
        }
    }
    Ok(())
}

/// The places of a record, if it is there.
pub(super) type Before = Option<Vec<u8>>;

/// Checks an expectation. Returns the places of the record, if there is one; or `None` if the expectation does not hold.
fn look(connection: &Connection, change: &Change) -> Result<Option<Before>, StorageError> {
    let Change { expect, key, write } = change;
    if (expect, write) == (&Expect::Any, &Write::Check) {
        return Ok(Some(None));
    }
    let want = match expect {
        Expect::Body(body) => Some(body.as_ref()),
        Expect::Absent | Expect::Any => None,
    };
    let mut statement = connection
        .prepare_cached("SELECT places, body IS ?3 FROM jackfield_records WHERE collection = ?1 AND id = ?2")?;
    let row = statement
        .query_row(params![key.collection.0, key.id.as_ref(), want], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(match (expect, row) {
        (Expect::Absent, Some(_)) | (Expect::Body(_), None | Some((_, false))) => None,
        (Expect::Absent | Expect::Any, None) => Some(None),
        (Expect::Any, Some((places, _))) | (Expect::Body(_), Some((places, true))) => Some(Some(places)),
    })
}

fn delete(connection: &Connection, key: &Key, places: &[u8]) -> Result<(), StorageError> {
    connection
        .prepare_cached("DELETE FROM jackfield_records WHERE collection = ?1 AND id = ?2")?
        .execute(params![key.collection.0, key.id.as_ref()])?;
    decode(places)?.into_iter().try_for_each(|(name, value)| leave(connection, key, name, value))
}

fn put(
    connection: &Connection,
    key: &Key,
    body: &Bytes,
    index: &[IndexEntry],
    before: Option<&[u8]>,
) -> Result<(), StorageError> {
    let places = encode(index)?;
    let sql = match before {
        None => "INSERT INTO jackfield_records (collection, id, places, body) VALUES (?1, ?2, ?3, ?4)",
        Some(_) => "UPDATE jackfield_records SET places = ?3, body = ?4 WHERE collection = ?1 AND id = ?2",
    };
    connection.prepare_cached(sql)?.execute(params![key.collection.0, key.id.as_ref(), places, body.as_ref()])?;
    let before = before.unwrap_or_default();
    if before == places {
        return Ok(());
    }
    let (before, after) = (decode(before)?, decode(&places)?);
    for (name, value) in before.iter().filter(|place| !after.contains(place)) {
        leave(connection, key, name, value)?;
    }
    let mut enter = connection
        .prepare_cached("INSERT INTO jackfield_entries (collection, name, value, id) VALUES (?1, ?2, ?3, ?4)")?;
    for (name, value) in after.iter().filter(|place| !before.contains(place)) {
        enter.execute(params![key.collection.0, name, value, key.id.as_ref()])?;
    }
    Ok(())
}

fn leave(connection: &Connection, key: &Key, name: &str, value: &[u8]) -> Result<(), StorageError> {
    connection
        .prepare_cached("DELETE FROM jackfield_entries WHERE collection = ?1 AND name = ?2 AND value = ?3 AND id = ?4")?
        .execute(params![key.collection.0, name, value, key.id.as_ref()])?;
    Ok(())
}

pub(super) fn get(connection: &Connection, key: &Key) -> Result<Option<Record>, StorageError> {
    let body = connection
        .prepare_cached("SELECT body FROM jackfield_records WHERE collection = ?1 AND id = ?2")?
        .query_row(params![key.collection.0, key.id.as_ref()], |row| blob(row, 0))
        .optional()?;
    Ok(body.map(|body| Record { body, key: key.clone() }))
}

pub(super) fn find(connection: &Connection, query: &Query) -> Result<Found, StorageError> {
    let end = range_end(&query.prefix);
    let total = if query.count { Some(count(connection, query, &end)?) } else { None };
    if query.limit == 0 {
        return Ok(Found { entries: Vec::new(), total });
    }
    let (value, id) = page_start(query);
    let limit = i64::try_from(query.limit).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(FIND)?;
    let parameters = params![query.collection.0, query.index.0, value.as_ref(), id.as_ref(), end.as_slice(), limit];
    let rows = statement.query_map(parameters, |row| {
        let key = Key { collection: query.collection, id: blob(row, 1)? };
        Ok(Entry { record: Record { body: blob(row, 2)?, key }, value: blob(row, 0)? })
    })?;
    Ok(Found { entries: rows.collect::<Result<_, _>>()?, total })
}

/// A page; `CROSS JOIN` keeps SQLite from beginning with the records, whatever its statistics say.
pub(super) const FIND: &str = "
    SELECT entry.value, entry.id, record.body
    FROM jackfield_entries AS entry
    CROSS JOIN jackfield_records AS record ON record.collection = entry.collection AND record.id = entry.id
    WHERE entry.collection = ?1 AND entry.name = ?2 AND (entry.value, entry.id) > (?3, ?4) AND entry.value < ?5
    ORDER BY entry.value, entry.id
    LIMIT ?6";

/// How many entries a range has.
pub(super) const COUNT: &str = "
    SELECT count(*) FROM jackfield_entries WHERE collection = ?1 AND name = ?2 AND value >= ?3 AND value < ?4";

fn count(connection: &Connection, query: &Query, end: &[u8]) -> Result<u64, StorageError> {
    let mut statement = connection.prepare_cached(COUNT)?;
    let parameters = params![query.collection.0, query.index.0, query.prefix.as_ref(), end];
    let total: i64 = statement.query_row(parameters, |row| row.get(0))?;
    Ok(total.unsigned_abs())
}

/// The least bytes above everything that begins with `prefix`: its last byte that can grow, grown. If none can, more
/// `0xFF` than an index value can have.
fn range_end(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(grown) = last.checked_add(1) {
            end.push(grown);
            return end;
        }
    }
    vec![0xFF; NAME_BYTES + 1]
}

fn blob(row: &Row<'_>, column: usize) -> rusqlite::Result<Bytes> {
    let bytes = row.get_ref(column)?.as_blob().map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Blob, error.into())
    })?;
    Ok(Bytes::copy_from_slice(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_ends_above_its_prefix() {
        let cases: [(&[u8], &[u8]); 5] = [
            (b"", &[0xFF; 256]),
            (b"a", b"b"),
            (b"a\xFF", b"b"),
            (b"a\xFE\xFF\xFF", b"a\xFF"),
            (b"\xFF\xFF", &[0xFF; 256]),
        ];
        for (prefix, end) in cases {
            assert_eq!(range_end(prefix), end, "{prefix:?}");
        }
    }
}
