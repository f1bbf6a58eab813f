//! How an SQLite file is used.

use std::time::Duration;

use rusqlite::Connection;

/// How an SQLite file is used.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SqliteOptions {
    /// How long to wait for another process that writes to the file. 5 seconds by default.
    pub busy_timeout: Duration,
    /// The steps that make and change the host's own tables, each some SQL, run once and in order after ours. Steps that
    /// were released never change; new ones go to the end. At most 32,767.
    pub migrations: &'static [&'static str],
    /// How many jobs may wait for the writer before callers wait to add one. 1,024 by default.
    pub queue: usize,
    /// How many connections for reading are kept open. When all are busy, further ones are opened for the moment, so
    /// nobody waits. 4 by default.
    pub readers: usize,
    /// When a commit counts as done. [`Full`](Synchronous::Full) by default.
    pub synchronous: Synchronous,
}

impl SqliteOptions {
    /// The same with the steps of the host's own tables.
    #[must_use]
    pub fn with_migrations(mut self, migrations: &'static [&'static str]) -> Self {
        self.migrations = migrations;
        self
    }

    /// The same with this many connections for reading.
    #[must_use]
    pub fn with_readers(mut self, readers: usize) -> Self {
        self.readers = readers;
        self
    }

    /// The same with another meaning of "done".
    #[must_use]
    pub fn with_synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// Sets up the connection that writes.
    pub(super) fn prepare_writer(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(self.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "cache_size", -WRITER_CACHE_KIB)?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        connection.pragma_update(
            None,
            "synchronous",
            match self.synchronous {
                Synchronous::Full => "FULL",
                Synchronous::Normal => "NORMAL",
            },
        )
    }

    /// Sets up a connection that reads.
    pub(super) fn prepare_reader(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(self.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        connection.pragma_update(None, "query_only", true)
    }
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self {
            busy_timeout: Duration::from_secs(5),
            migrations: &[],
            queue: 1_024,
            readers: 4,
            synchronous: Synchronous::Full,
        }
    }
}

/// When a commit counts as done.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Synchronous {
    /// When it is on the disk: it survives a power failure. One flush for each group of commits.
    #[default]
    Full,
    /// When the operating system has it: it survives the end of the process, but a power failure may take the last
    /// commits back. The file is sound either way.
    Normal,
}

/// What the connection that writes keeps of the file in memory, so that pages which change all the time are not read
/// again.
const WRITER_CACHE_KIB: i64 = 16 * 1024;

/// How many pages of 4 KiB the log gathers before they are folded into the file: a page that changed in many commits is
/// folded once.
const LOG_PAGES: i64 = 4_000;

/// How many prepared statements a connection keeps: ours and some of the host's.
const STATEMENTS: usize = 64;
