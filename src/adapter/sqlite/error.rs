//! What can go wrong with a file.

use std::error::Error as StdError;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::ErrorCode;
use thiserror::Error;

use crate::port::{StorageError, StorageErrorKind};

type Source = Box<dyn StdError + Send + Sync>;

/// Why an SQLite file could not be opened. It was left as it is.
#[non_exhaustive]
#[derive(Debug, Error)]
pub enum OpenError {
    /// The file is damaged, or no SQLite database.
    #[error("`{}` is damaged or not an SQLite database: {source}", path.display())]
    Corrupt {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        source: Source,
    },
    /// Somebody else counts versions in this file's `user_version`, and our tables are not in it. Give the file's steps
    /// as [`SqliteOptions::migrations`](super::SqliteOptions::migrations), or take another file.
    #[error("`{}` belongs to another program, whose `user_version` is {version}", path.display())]
    Foreign {
        /// Which file.
        path: PathBuf,
        /// Its `user_version`.
        version: i64,
    },
    /// A step of the host's migrations failed.
    #[error("migration {step} of the host failed: {source}")]
    HostMigration {
        /// Which step; the first is 1.
        step: usize,
        /// What SQLite said.
        source: Source,
    },
    /// A step of our own migrations failed.
    #[error("migration {step} failed: {source}")]
    Migration {
        /// Which step; the first is 1.
        step: usize,
        /// What SQLite said.
        source: Source,
    },
    /// A newer release of this crate, or of the host, has changed the file. There is no way back but a copy from before.
    #[error(
        "`{}` was written by a newer release: {} migration {found}, where this one knows {known}",
        path.display(), if *of_host { "the host's" } else { "it has" },
    )]
    Newer {
        /// How many steps were run on the file.
        found: usize,
        /// How many steps there are here.
        known: usize,
        /// Whether the host's steps are meant, rather than ours.
        of_host: bool,
        /// Which file.
        path: PathBuf,
    },
    /// Something else is in the way, such as another process that holds the file, or a full disk.
    #[error("`{}` cannot be used now: {source}", path.display())]
    Unavailable {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        source: Source,
    },
    /// The file or its folder cannot be written, or the folder is not there.
    #[error("`{}` cannot be written: {source}", path.display())]
    Unwritable {
        /// Which file.
        path: PathBuf,
        /// What SQLite said.
        source: Source,
    },
}

impl OpenError {
    pub(super) fn from_sqlite(path: &Path, error: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt { path, source: error.into() },
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly) => {
                Self::Unwritable { path, source: error.into() }
            }
            _ => Self::Unavailable { path, source: error.into() },
        }
    }

    pub(super) fn unavailable(path: &Path, why: impl Into<Source>) -> Self {
        Self::Unavailable { path: path.to_owned(), source: why.into() }
    }

    pub(super) fn unwritable(path: &Path, why: impl Into<Source>) -> Self {
        Self::Unwritable { path: path.to_owned(), source: why.into() }
    }
}

impl From<rusqlite::Error> for StorageError {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(kind(&error), error)
    }
}

/// The failure of a whole group, for each of its jobs.
pub(super) fn shared(error: &Arc<rusqlite::Error>) -> StorageError {
    StorageError::new(kind(error), Arc::clone(error))
}

fn kind(error: &rusqlite::Error) -> StorageErrorKind {
    match error {
        rusqlite::Error::FromSqlConversionFailure(..)
        | rusqlite::Error::IntegralValueOutOfRange(..)
        | rusqlite::Error::InvalidColumnType(..) => StorageErrorKind::Corrupt,
        rusqlite::Error::SqliteFailure(failure, _) => match failure.code {
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StorageErrorKind::Corrupt,
            ErrorCode::ApiMisuse
            | ErrorCode::AuthorizationForStatementDenied
            | ErrorCode::ConstraintViolation
            | ErrorCode::ParameterOutOfRange
            | ErrorCode::TooBig
            | ErrorCode::TypeMismatch
            | ErrorCode::Unknown => StorageErrorKind::Invalid,
            _ => StorageErrorKind::Unavailable,
        },
        _ => StorageErrorKind::Invalid,
    }
}
