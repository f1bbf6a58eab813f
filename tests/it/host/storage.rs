//! Storage that can be broken.

use std::sync::Arc;

use async_trait::async_trait;
use jackfield::port::{Change, Committed, Found, Key, Query, Record, Storage, StorageError, StorageErrorKind};

use super::Host;

/// Hands on to another storage while the host's is not broken.
#[derive(Debug)]
pub(super) struct Breakable {
    pub(super) durable: bool,
    pub(super) host: Arc<Host>,
    pub(super) inner: Arc<dyn Storage>,
}

impl Breakable {
    fn check(&self) -> Result<(), StorageError> {
        let broken = &mut self.host.world().broken;
        if broken.fails() || broken.storage {
            return Err(StorageError::new(StorageErrorKind::Unavailable, "the database is gone"));
        }
        Ok(())
    }
}

#[async_trait]
impl Storage for Breakable {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        self.check()?;
        self.inner.get(key).await
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        self.check()?;
        self.inner.find(query).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        self.check()?;
        self.inner.commit(changes).await
    }

    fn is_durable(&self) -> bool {
        self.durable
    }
}
