//! The tables, and how they came to be.

use std::path::Path;

use rusqlite::Connection;

use super::error::OpenError;

/// Our steps, oldest first. A step that was released never changes.
const STEPS: &[&str] = &["
    CREATE TABLE jackfield_records (
        collection TEXT NOT NULL,
        id BLOB NOT NULL,
        places BLOB NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (collection, id)
    ) WITHOUT ROWID;
    CREATE TABLE jackfield_entries (
        collection TEXT NOT NULL,
        name TEXT NOT NULL,
        value BLOB NOT NULL,
        id BLOB NOT NULL,
        PRIMARY KEY (collection, name, value, id)
    ) WITHOUT ROWID;
"];

/// Touches the root of each table, so that a damaged file is found when it is opened.
const PROBES: [&str; 2] = [
    "SELECT count(*) FROM (SELECT places, body FROM jackfield_records LIMIT 1)",
    "SELECT count(*) FROM (SELECT value, id FROM jackfield_entries LIMIT 1)",
];

/// Brings a file up to date: all steps that it has not seen, in one transaction.
pub(super) fn migrate(connection: &Connection, path: &Path, host: &[&str]) -> Result<(), OpenError> {
    let place = |error| OpenError::from_sqlite(path, error);
    connection.execute_batch("BEGIN IMMEDIATE").map_err(place)?;
    let done = climb(connection, path, host).and_then(|()| {
        PROBES.iter().try_for_each(|probe| connection.query_row(probe, [], |_| Ok(()))).map_err(place)?;
        connection.execute_batch("COMMIT").map_err(place)
    });
    if done.is_err() && !connection.is_autocommit() {
        // The first error is the one to tell; closing the connection undoes everything anyway.
        let _ = connection.execute_batch("ROLLBACK");
    }
    done
}

fn climb(connection: &Connection, path: &Path, host: &[&str]) -> Result<(), OpenError> {
    let place = |error| OpenError::from_sqlite(path, error);
    let raw: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(place)?;
    if raw != 0 && !has_our_tables(connection).map_err(place)? {
        return Err(OpenError::Foreign { path: path.to_owned(), version: raw });
    }
    let found = Version::from_user_version(raw);
    for (found, known, of_host) in [(found.ours, STEPS.len(), false), (found.host, host.len(), true)] {
        if found > known {
            return Err(OpenError::Newer { found, known, of_host, path: path.to_owned() });
        }
    }
    run(connection, STEPS, found.ours)
        .map_err(|(step, error)| misstep(path, error, |source| OpenError::Migration { step, source }))?;
    run(connection, host, found.host)
        .map_err(|(step, error)| misstep(path, error, |source| OpenError::HostMigration { step, source }))?;
    let reached = Version { ours: STEPS.len(), host: host.len() };
    if reached != found {
        connection.pragma_update(None, "user_version", reached.to_user_version()).map_err(place)?;
    }
    Ok(())
}

fn run(connection: &Connection, steps: &[&str], done: usize) -> Result<(), (usize, rusqlite::Error)> {
    for (step, sql) in steps.iter().enumerate().skip(done) {
        connection.execute_batch(sql).map_err(|error| (step + 1, error))?;
    }
    Ok(())
}

/// A step fails because of its SQL, or because of the file.
fn misstep(
    path: &Path,
    error: rusqlite::Error,
    of_step: impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> OpenError,
) -> OpenError {
    use rusqlite::ErrorCode::{ConstraintViolation, Unknown};
    match error.sqlite_error_code() {
        None | Some(ConstraintViolation | Unknown) => of_step(error.into()),
        Some(_) => OpenError::from_sqlite(path, error),
    }
}

fn has_our_tables(connection: &Connection) -> rusqlite::Result<bool> {
    let sql =
        r"SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name LIKE 'jackfield\_%' ESCAPE '\')";
    connection.query_row(sql, [], |row| row.get(0))
}

/// How many steps a file has seen; both counts in the one number that SQLite gives to a file.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Version {
    host: usize,
    ours: usize,
}

impl Version {
    fn from_user_version(raw: i64) -> Self {
        let count = |bits: i64| usize::try_from(bits & 0xFFFF).unwrap_or(usize::MAX);
        Self { host: count(raw >> 16), ours: count(raw) }
    }

    fn to_user_version(self) -> i64 {
        (self.host as i64) << 16 | self.ours as i64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_counts_fit_into_one_number() {
        let cases = [(0, 0, 0), (1, 1, 0), (0x0002_0001, 1, 2), (0x7FFF_FFFF, 0xFFFF, 0x7FFF)];
        for (raw, ours, host) in cases {
            let version = Version { host, ours };
            assert_eq!((Version::from_user_version(raw), version.to_user_version()), (version, raw));
        }
    }
}
