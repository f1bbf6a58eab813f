//! Storage in memory, gone with the process: for tests, trials and hosts that need nothing to last.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::ops::Bound;
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use async_trait::async_trait;
use bytes::Bytes;

use super::changes::{holds, page_start, validate};
use crate::port::{
    Change, Collection, Committed, Entry, Found, Index, IndexEntry, Key, Query, Record, Storage, StorageError, Write,
};

/// Storage in memory.
///
/// Looking up a record costs the same however many there are. A page costs what it holds; a count costs what it counts.
/// A body is kept as it was handed in: a slice of a larger buffer keeps that buffer alive.
///
/// ```
/// use jackfield::adapter::memory::MemoryStorage;
/// use jackfield::port::Storage;
///
/// assert!(!MemoryStorage::default().is_durable());
/// ```
#[derive(Default)]
pub struct MemoryStorage {
    tables: RwLock<BTreeMap<Collection, Table>>,
}

impl MemoryStorage {
    // Nothing below panics while it holds the lock, so a poisoned lock still guards whole commits.
    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<Collection, Table>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, BTreeMap<Collection, Table>> {
        self.tables.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for MemoryStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for MemoryStorage {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        let body = self.read().get(&key.collection).and_then(|table| table.body(&key.id)).cloned();
        Ok(body.map(|body| Record { body, key: key.clone() }))
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        let tables = self.read();
        Ok(match tables.get(&query.collection) {
            Some(table) => table.find(query),
            None => Found { entries: Vec::new(), total: query.count.then_some(0) },
        })
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        validate(&changes)?;
        let mut tables = self.write();
        let all_hold = changes.iter().all(|Change { expect, key, .. }| {
            let body = tables.get(&key.collection).and_then(|table| table.body(&key.id));
            holds(expect, body.map(AsRef::as_ref))
        });
        if !all_hold {
            return Ok(Committed::Conflict);
        }
        for Change { key, write, .. } in changes {
            match write {
                Write::Check => {}
                Write::Delete => {
                    if let Some(table) = tables.get_mut(&key.collection) {
                        table.remove(&key.id);
                    }
                }
                Write::Put { body, index } => tables.entry(key.collection).or_default().put(key.id, body, index),
            }
        }
        Ok(Committed::Applied)
    }

    fn is_durable(&self) -> bool {
        false
    }
}

/// The records of one collection.
#[derive(Default)]
struct Table {
    indexes: BTreeMap<Index, BTreeSet<(Bytes, Bytes)>>,
    records: HashMap<Bytes, Stored>,
}

/// A record, and where it stands in indexes.
struct Stored {
    body: Bytes,
    index: Vec<IndexEntry>,
}

impl Table {
    fn put(&mut self, id: Bytes, body: Bytes, index: Vec<IndexEntry>) {
        self.remove(&id);
        for entry in &index {
            self.indexes.entry(entry.index).or_default().insert((entry.value.clone(), id.clone()));
        }
        self.records.insert(id, Stored { body, index });
    }

    fn remove(&mut self, id: &Bytes) {
        let Some(stored) = self.records.remove(id) else { return };
        for entry in stored.index {
            if let Some(places) = self.indexes.get_mut(&entry.index) {
                places.remove(&(entry.value, id.clone()));
            }
        }
    }

    fn body(&self, id: &Bytes) -> Option<&Bytes> {
        self.records.get(id).map(|stored| &stored.body)
    }

    fn find(&self, query: &Query) -> Found {
        let Some(places) = self.indexes.get(&query.index) else {
            return Found { entries: Vec::new(), total: query.count.then_some(0) };
        };
        let in_range = |place: &&(Bytes, Bytes)| place.0.starts_with(&query.prefix);
        let total = query.count.then(|| {
            let start = (query.prefix.clone(), Bytes::new());
            places.range(start..).take_while(in_range).count() as u64
        });
        let page = places.range((Bound::Excluded(page_start(query)), Bound::Unbounded));
        let entries = page.take_while(in_range).take(query.limit).filter_map(|(value, id)| {
            let key = Key { collection: query.collection, id: id.clone() };
            let record = Record { body: self.body(id)?.clone(), key };
            Some(Entry { record, value: value.clone() })
        });
        Found { entries: entries.collect(), total }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::port::Expect;

    #[tokio::test]
    async fn debug_shows_no_contents() {
        let store = MemoryStorage::default();
        let write = Write::Put { body: Bytes::from_static(b"s3cret"), index: Vec::new() };
        let change = Change { expect: Expect::Absent, key: Key::new(Collection("notes"), "one"), write };
        assert_eq!(store.commit(vec![change]).await.unwrap(), Committed::Applied);
        assert_eq!(format!("{store:?}"), "MemoryStorage { .. }");
    }
}
