//! The database: one SQLite file for the chat server's tables and for Jackfield's records.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::sync::Arc;

use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use rusqlite::Connection;

use crate::blobs::Blobs;
use crate::errors::Failure;
use crate::known::Known;
use crate::options::Data;
use crate::schema;

/// The database, and beside it what is in files.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    blobs: Arc<Blobs>,
    file: Arc<SqliteStorage>,
    known: Known,
}

impl Store {
    /// Opens the database, and makes its folder and its tables if they are not there.
    pub(crate) fn open(data: &Data, synchronous: Synchronous) -> Result<Self, Failure> {
        let options = SqliteOptions::default().with_migrations(schema::STEPS).with_synchronous(synchronous);
        let storage = match data {
            Data::Folder(folder) => {
                DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(Failure::broken)?;
                SqliteStorage::open(folder.join("chat.db"), options)
            }
            Data::Memory => SqliteStorage::open_in_memory(options),
        };
        let file = Arc::new(storage.map_err(Failure::broken)?);
        Ok(Self { blobs: Arc::new(Blobs::open(data).map_err(Failure::broken)?), file, known: Known::default() })
    }

    /// What is in the files that people uploaded.
    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// What Jackfield keeps its records in.
    pub(crate) fn storage(&self) -> Arc<SqliteStorage> {
        Arc::clone(&self.file)
    }

    /// Asks the database, here and now. Never within another question.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Connection) -> Result<T, Failure>) -> Result<T, Failure> {
        self.file.read(query)
    }

    /// What need not be asked again.
    pub(crate) fn known(&self) -> &Known {
        &self.known
    }

    /// Changes the database: all that `job` does, or nothing if it fails. Returns after the commit.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        let known = self.known.clone();
        let job = move |connection: &Connection| {
            let changing = known.change();
            Ok::<_, Failure>((job(connection)?, changing))
        };
        // What says that the change is over comes with the answer, or goes when nobody waits for it: after the commit.
        let (done, _changing) = self.file.write(job).await?;
        Ok(done)
    }

    /// The same for a job that makes and changes posts, and opens direct channels at most: what is known stays true.
    pub(crate) async fn write_posts<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, Failure> {
        self.file.write(job).await
    }
}
