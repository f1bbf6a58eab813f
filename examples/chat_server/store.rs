//! The database: one SQLite file for the chat server and for the engine's records.

use std::fs;
use std::sync::Mutex;

use rusqlite::Connection;

use crate::errors::Failure;
use crate::options::Data;
use crate::schema;

/// The database.
#[derive(Debug)]
pub(crate) struct Store {
    connection: Mutex<Connection>,
}

impl Store {
    /// Opens the database and makes its tables.
    pub(crate) fn open(data: &Data) -> Result<Self, Failure> {
        let connection = match data {
            Data::Folder(folder) => {
                fs::create_dir_all(folder).map_err(|error| Failure::Broken(error.into()))?;
                Connection::open(folder.join("chat.db"))?
            }
            Data::Memory => Connection::open_in_memory()?,
        };
        connection.set_prepared_statement_cache_capacity(256);
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(schema::TABLES)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    /// Asks the database.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        let connection = self.connection.lock().map_err(|_| Failure::Broken("the database is lost".into()))?;
        query(&connection)
    }

    /// Asks and changes the database before anybody else does.
    pub(crate) fn setup<T>(&self, job: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.read(job)
    }

    /// Changes the database: all that `job` does, or nothing if it fails. Returns after the commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let mut connection = self.connection.lock().map_err(|_| Failure::Broken("the database is lost".into()))?;
        let transaction = connection.transaction()?;
        let done = job(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}
