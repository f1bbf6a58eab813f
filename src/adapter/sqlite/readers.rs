//! Connections for reading.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OpenFlags};

use super::SqliteOptions;
use crate::port::StorageError;

/// Connections for reading.
pub(super) enum Readers {
    /// Some of their own: readers of a write-ahead log never wait for the writer.
    Pool(Box<Pool>),
    /// The writer's, for a database that no other connection can see.
    Shared(Arc<Mutex<Connection>>),
}

pub(super) struct Pool {
    flags: OpenFlags,
    idle: Mutex<Vec<Connection>>,
    options: SqliteOptions,
    path: PathBuf,
}

impl Readers {
    /// Connections to a file, opened when they are first needed.
    pub(super) fn pool(path: &Path, flags: OpenFlags, options: &SqliteOptions) -> Self {
        Self::Pool(Box::new(Pool { flags, idle: Mutex::default(), options: *options, path: path.to_owned() }))
    }

    pub(super) fn shared(connection: Arc<Mutex<Connection>>) -> Self {
        Self::Shared(connection)
    }

    /// Runs `work` on a connection that nobody else uses meanwhile.
    pub(super) fn with<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StorageError>,
    {
        match self {
            Self::Pool(pool) => {
                let connection = pool.take().map_err(StorageError::from)?;
                // If `work` panics, the connection is closed with it.
                let result = work(&connection);
                pool.give_back(connection);
                result
            }
            // The connection is whole after a panic: whoever holds the lock undoes what is open when it unwinds.
            Self::Shared(connection) => work(&connection.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }
}

impl Pool {
    fn take(&self) -> rusqlite::Result<Connection> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(connection) = idle {
            return Ok(connection);
        }
        let connection = Connection::open_with_flags(&self.path, self.flags)?;
        self.options.prepare_reader(&connection)?;
        Ok(connection)
    }

    fn give_back(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < self.options.readers {
            idle.push(connection);
        }
    }
}

impl fmt::Debug for Readers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Readers")
    }
}

/// Holds a connection to one moment, until dropped.
pub(super) struct Moment<'a>(&'a Connection);

impl<'a> Moment<'a> {
    pub(super) fn begin(connection: &'a Connection) -> Result<Self, StorageError> {
        connection.prepare_cached("BEGIN")?.execute([])?;
        Ok(Self(connection))
    }
}

impl Drop for Moment<'_> {
    fn drop(&mut self) {
        if !self.0.is_autocommit() {
            // Ending a transaction that wrote nothing does not fail.
            let _ = self.0.prepare_cached("ROLLBACK").and_then(|mut end| end.execute([]));
        }
    }
}
