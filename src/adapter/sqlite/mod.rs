//! Storage in an SQLite file, which a host may share with tables of its own.
//!
//! **Writes** go to one thread. It takes whatever is waiting, runs each job, and commits them all in one transaction:
//! a hundred waiting commits cost one write to the log. A job that fails, or panics, takes only itself back; when
//! the transaction itself fails, every job of the group hears so and nothing of it is there.
//!
//! **Reads** run at once, on the caller's thread, on a connection of their own. Looking up a record takes microseconds,
//! less than handing it to another thread would, and readers of a write-ahead log never wait for the writer.
//!
//! **Sharing.** Our tables begin with `jackfield_`. A host gives the steps that make its own tables as
//! [`SqliteOptions::migrations`], and reads and writes them with [`SqliteStorage::read`] and [`SqliteStorage::write`];
//! with [`commit_in`] its rows and our records land in one transaction.
//!
//! **Versions.** SQLite gives a file one number, `PRAGMA user_version`, and two that share a file share it: its lower 16
//! bits count our steps, its upper 16 bits the host's. So both go forward on their own, and the number changes in the
//! transaction of the step that it counts. A file whose number is used by somebody else is refused
//! ([`OpenError::Foreign`]) rather than misread.

mod error;
mod options;
mod places;
mod readers;
mod records;
mod schema;
mod writer;

#[cfg(test)]
mod tests;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use rusqlite::{Connection, OpenFlags};

use self::readers::Readers;
use self::writer::Writer;
use crate::port::{Change, Committed, Found, Key, Query, Record, Storage, StorageError};

pub use self::error::OpenError;
pub use self::options::{SqliteOptions, Synchronous};
pub use self::records::commit_in;

/// Storage in an SQLite file.
///
/// Dropping it waits for what is queued and joins the writer's thread.
///
/// ```
/// use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage};
/// use jackfield::port::StorageError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// const STEPS: &[&str] = &["CREATE TABLE posts (id INTEGER PRIMARY KEY, message TEXT NOT NULL)"];
/// let storage = SqliteStorage::open_in_memory(SqliteOptions::default().with_migrations(STEPS))?;
///
/// let id = storage
///     .write(|connection| {
///         connection.execute("INSERT INTO posts (message) VALUES (?1)", ["Hello"])?;
///         Ok::<_, StorageError>(connection.last_insert_rowid())
///     })
///     .await?;
///
/// let message: String = storage.read(|connection| {
///     let message = connection.query_row("SELECT message FROM posts WHERE id = ?1", [id], |row| row.get(0))?;
///     Ok::<_, StorageError>(message)
/// })?;
/// assert_eq!(message, "Hello");
/// # Ok(())
/// # }
/// ```
pub struct SqliteStorage {
    path: Option<PathBuf>,
    // Dropped before the readers, so that the last connection to close is a reader's and folds the log into the file.
    writer: Writer,
    readers: Readers,
}

impl SqliteStorage {
    /// Opens a file, makes it if it is not there, and brings its tables up to date.
    ///
    /// `:memory:` is [`open_in_memory`](Self::open_in_memory).
    pub fn open(path: impl AsRef<Path>, options: SqliteOptions) -> Result<Self, OpenError> {
        let path = path.as_ref();
        if path == Path::new(":memory:") {
            return Self::open_in_memory(options);
        }
        let place = |error| OpenError::from_sqlite(path, error);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_CREATE).map_err(place)?;
        options.prepare_writer(&connection).map_err(place)?;
        if connection.is_readonly("main").map_err(place)? {
            return Err(OpenError::unwritable(path, "the file can only be read"));
        }
        let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0)).map_err(place)?;
        if mode != "wal" {
            return Err(OpenError::unavailable(path, "the place of the file allows no write-ahead log"));
        }
        schema::migrate(&connection, path, options.migrations)?;
        let readers = Readers::pool(path, flags, &options);
        Self::start(Some(path.to_owned()), Arc::new(Mutex::new(connection)), readers, &options)
    }

    /// Opens a database that lives in memory and goes with this value.
    ///
    /// Everything runs on one connection, so a read waits while a group is written, and [`read`](Self::read) within a
    /// [`read`](Self::read) or [`write`](Self::write) of the same storage waits for ever.
    pub fn open_in_memory(options: SqliteOptions) -> Result<Self, OpenError> {
        let path = Path::new(":memory:");
        let place = |error| OpenError::from_sqlite(path, error);
        let connection = Connection::open_in_memory().map_err(place)?;
        options.prepare_writer(&connection).map_err(place)?;
        schema::migrate(&connection, path, options.migrations)?;
        let connection = Arc::new(Mutex::new(connection));
        Self::start(None, Arc::clone(&connection), Readers::shared(connection), &options)
    }

    fn start(
        path: Option<PathBuf>,
        connection: Arc<Mutex<Connection>>,
        readers: Readers,
        options: &SqliteOptions,
    ) -> Result<Self, OpenError> {
        let writer = Writer::start(connection, options.queue).map_err(|error| {
            let path = path.as_deref().unwrap_or(Path::new(":memory:"));
            OpenError::unavailable(path, error)
        })?;
        Ok(Self { path, writer, readers })
    }

    /// Runs `work` on the writer's thread, and returns what it returned once that is committed.
    ///
    /// It runs in a transaction with other jobs: if it returns an error or panics, what it did is undone, and nothing
    /// else. It cannot begin, commit or roll back the transaction; savepoints are fine. If
    /// the transaction fails, the answer is an error, whatever `work` returned. A constraint that is checked only at the
    /// end (`DEFERRABLE INITIALLY DEFERRED`) fails the whole group, so let `work` check before it returns.
    ///
    /// Waits while the queue is full. When the caller goes away before `work` has begun, it is skipped; afterwards it is
    /// finished all the same. Works on any runtime.
    pub async fn write<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.writer.run(work).await
    }

    /// Runs `work` here and now on a connection for reading, and returns what it returned.
    ///
    /// All that it reads is of one moment, and holds everything whose [`write`](Self::write) has returned. Keep it
    /// short: it blocks the thread that it runs on, and while it runs the log cannot be folded into the file. On a file,
    /// an attempt to write is an error.
    pub fn read<T, E>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E>
    where
        E: From<StorageError>,
    {
        self.readers.with(|connection| {
            let _moment = readers::Moment::begin(connection)?;
            work(connection)
        })
    }
}

impl fmt::Debug for SqliteStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStorage").field("path", &self.path).finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for SqliteStorage {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        self.readers.with(|connection| records::get(connection, key))
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        self.readers.with(|connection| {
            // A page and a count are two statements, which must be of one moment.
            let _moment = if query.count { Some(readers::Moment::begin(connection)?) } else { None };
            records::find(connection, query)
        })
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        self.writer.commit(changes).await
    }

    fn is_durable(&self) -> bool {
        self.path.is_some()
    }
}
