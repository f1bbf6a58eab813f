//! Records of one kind over [`Storage`].

use std::sync::Arc;

use bytes::Bytes;

use super::error::Fault;
use crate::port::{Change, Expect, Index, Key, Query, Record, Storage, Write};
use crate::record::{self, Kind};

/// How many records a page has at most.
const PAGE: usize = 200;

/// A record that was read, with what is needed to change it.
#[derive(Debug)]
pub(crate) struct Stored<K> {
    pub(crate) key: Key,
    pub(crate) kind: K,
    pub(crate) sealed: Bytes,
    pub(crate) body: Bytes,
}

impl<K: Kind> Stored<K> {
    /// Reads a record.
    pub(crate) fn read(record: Record) -> Result<Self, Fault> {
        let read = record::decode::<K>(&record.body)?;
        Ok(Self { key: record.key, kind: read.kind, sealed: read.sealed, body: record.body })
    }

    /// Replaces the record, if it is still what was read.
    pub(crate) fn replace(&self, kind: &K) -> Result<Change, Fault> {
        let body = record::encode(kind, &self.sealed)?;
        let write = Write::Put { body, index: kind.index() };
        Ok(Change { expect: Expect::Body(self.body.clone()), key: self.key.clone(), write })
    }

    /// Replaces the record and what is sealed beside it, if it is still what was read.
    pub(crate) fn replace_sealed(&self, kind: &K, sealed: &[u8]) -> Result<Change, Fault> {
        let write = Write::Put { body: record::encode(kind, sealed)?, index: kind.index() };
        Ok(Change { expect: Expect::Body(self.body.clone()), key: self.key.clone(), write })
    }

    /// Removes the record, if it is still what was read.
    pub(crate) fn remove(&self) -> Change {
        Change { expect: Expect::Body(self.body.clone()), key: self.key.clone(), write: Write::Delete }
    }
}

/// Creates a record, if there is none at its key.
pub(crate) fn insert<K: Kind>(id: &[u8], kind: &K, sealed: &[u8]) -> Result<Change, Fault> {
    let write = Write::Put { body: record::encode(kind, sealed)?, index: kind.index() };
    Ok(Change { expect: Expect::Absent, key: key::<K>(id), write })
}

/// Returns the record at a key.
pub(crate) async fn get<K: Kind>(storage: &Arc<dyn Storage>, id: &[u8]) -> Result<Option<Stored<K>>, Fault> {
    storage.get(&key::<K>(id)).await?.map(Stored::read).transpose()
}

pub(crate) fn key<K: Kind>(id: &[u8]) -> Key {
    Key::new(K::COLLECTION, Bytes::copy_from_slice(id))
}

/// Returns the first records of an index.
pub(crate) async fn first<K: Kind>(
    storage: &Arc<dyn Storage>,
    index: Index,
    limit: usize,
) -> Result<Vec<Stored<K>>, Fault> {
    let Pages { mut query, .. } = Pages::new::<K>(index, &[]);
    query.limit = limit;
    storage.find(&query).await?.entries.into_iter().map(|entry| Stored::read(entry.record)).collect()
}

/// Reads a range of an index page by page.
#[derive(Debug)]
pub(crate) struct Pages {
    query: Query,
    ended: bool,
}

impl Pages {
    /// Begins at the start of the range.
    pub(crate) fn new<K: Kind>(index: Index, prefix: &[u8]) -> Self {
        let prefix = Bytes::copy_from_slice(prefix);
        let query = Query { after: None, collection: K::COLLECTION, count: false, index, limit: PAGE, prefix };
        Self { query, ended: false }
    }

    /// Begins at an index value instead.
    pub(crate) fn starting_at(mut self, value: Bytes) -> Self {
        self.query.after = Some((value, Bytes::new()));
        self
    }

    /// Returns the next records, or nothing at the end.
    pub(crate) async fn next<K: Kind>(&mut self, storage: &Arc<dyn Storage>) -> Result<Vec<Stored<K>>, Fault> {
        if self.ended {
            return Ok(Vec::new());
        }
        let found = storage.find(&self.query).await?.entries;
        self.ended = found.len() < self.query.limit;
        if let Some(last) = found.last() {
            self.query.after = Some((last.value.clone(), last.record.key.id.clone()));
        }
        found.into_iter().map(|entry| Stored::read(entry.record)).collect()
    }
}

/// Says how many records a range has.
pub(crate) async fn count<K: Kind>(storage: &Arc<dyn Storage>, index: Index, prefix: &[u8]) -> Result<u64, Fault> {
    let Pages { mut query, .. } = Pages::new::<K>(index, prefix);
    (query.limit, query.count) = (0, true);
    Ok(storage.find(&query).await?.total.unwrap_or_default())
}
