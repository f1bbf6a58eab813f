//! Storage in memory, gone with the process: for tests, trials and hosts that need nothing to last.

use std::borrow::Borrow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
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
/// A body is copied on its way in and out.
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
        let tables = self.read();
        let body = tables.get(&key.collection).and_then(|table| table.body(&key.id));
        // Copies: the count of owners of what is stored lies elsewhere in memory, and to go there costs more.
        let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
        Ok(body.map(|body| Record { body: copy(body), key: Key { collection: key.collection, id: copy(&key.id) } }))
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
            holds(expect, body)
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
                Write::Put { body, index } => tables.entry(key.collection).or_default().put(key.id, &body, index),
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
    records: HashSet<Stored>,
}

/// A record, and where it stands in indexes; equal to what has the same id, and found by that.
struct Stored {
    /// The id, then the body: side by side, so that a look-up goes to few places in memory.
    bytes: Box<[u8]>,
    id_length: u8,
    index: Box<[IndexEntry]>,
}

impl Stored {
    fn new(id: &[u8], body: &[u8], index: Vec<IndexEntry>) -> Self {
        // An id has at most 255 bytes, or the change is refused before.
        let id_length = u8::try_from(id.len()).unwrap_or(u8::MAX);
        Self { bytes: [id, body].concat().into(), id_length, index: index.into() }
    }

    fn body(&self) -> &[u8] {
        self.bytes.get(usize::from(self.id_length)..).unwrap_or_default()
    }
}

impl Borrow<[u8]> for Stored {
    fn borrow(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.id_length)).unwrap_or_default()
    }
}

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        <Self as Borrow<[u8]>>::borrow(self) == <Self as Borrow<[u8]>>::borrow(other)
    }
}

impl Eq for Stored {}

impl Hash for Stored {
    fn hash<H: Hasher>(&self, state: &mut H) {
        <Self as Borrow<[u8]>>::borrow(self).hash(state);
    }
}

impl Table {
    fn put(&mut self, id: Bytes, body: &[u8], index: Vec<IndexEntry>) {
        self.remove(&id);
        for entry in &index {
            self.indexes.entry(entry.index).or_default().insert((entry.value.clone(), id.clone()));
        }
        self.records.insert(Stored::new(&id, body, index));
    }

    fn remove(&mut self, id: &Bytes) {
        let Some(stored) = self.records.take(&**id) else { return };
        for entry in stored.index {
            if let Some(places) = self.indexes.get_mut(&entry.index) {
                places.remove(&(entry.value, id.clone()));
            }
        }
    }

    fn body(&self, id: &[u8]) -> Option<&[u8]> {
        self.records.get(id).map(Stored::body)
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
            let record = Record { body: Bytes::copy_from_slice(self.body(id)?), key };
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
