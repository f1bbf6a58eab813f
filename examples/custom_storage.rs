//! A storage that a host wrote: records in one file of `redb`, an embedded key-value store.
//!
//! `cargo run --example custom_storage` keeps a note, and `cargo test --example custom_storage` runs the checks of the
//! kit: what passes them, the engine can rely on.
//!
//! What a host should mind:
//!
//! - **Calls of `redb` block.** Reading takes microseconds and is fine on the caller's thread. A commit waits for other
//!   writers and for the disk, and holds a thread of the runtime meanwhile. That will do for some commits a second; a
//!   busy host hands them to one thread, which takes all that is waiting and commits it together.
//! - **One handle.** `redb` locks the file: open it once, and share the handle.
//! - **A disk that fails.** After an error of the disk `redb` refuses everything until the file is opened again.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt;
use std::ops::Bound;
use std::path::Path;

use async_trait::async_trait;
use bytes::Bytes;
use jackfield::port::{
    Change, Collection, Committed, Entry, Expect, Found, IndexEntry, Key, Query, Record, Storage, StorageError,
    StorageErrorKind, Write,
};
use redb::{Database, ReadableDatabase, ReadableTable, Table, TableDefinition};

/// Storage in a file of `redb`.
struct RedbStorage(Database);

impl RedbStorage {
    /// Opens a file, and makes it if it is not there.
    fn open(path: &Path) -> Result<Self, StorageError> {
        let database = Database::create(path).map_err(broke)?;
        // A table is made when it is first opened to be written, and readers expect it.
        let transaction = database.begin_write().map_err(broke)?;
        transaction.open_table(RECORDS).map_err(broke)?;
        transaction.open_table(PLACES).map_err(broke)?;
        transaction.commit().map_err(broke)?;
        Ok(Self(database))
    }
}

impl fmt::Debug for RedbStorage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStorage").finish_non_exhaustive()
    }
}

#[async_trait]
impl Storage for RedbStorage {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        let moment = self.0.begin_read().map_err(broke)?;
        let records = moment.open_table(RECORDS).map_err(broke)?;
        let stored = records.get(record_key(key)).map_err(broke)?;
        Ok(stored.map(|stored| Record { body: Bytes::copy_from_slice(stored.value().0), key: key.clone() }))
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        // The page and the count are of one moment: nothing that is committed meanwhile is seen.
        let moment = self.0.begin_read().map_err(broke)?;
        let records = moment.open_table(RECORDS).map_err(broke)?;
        let places = moment.open_table(PLACES).map_err(broke)?;
        let (collection, index) = (query.collection.0, query.index.0);
        let after = query.after.as_ref().map(|(value, id)| (value.as_ref(), id.as_ref()));
        let range_start = (query.prefix.as_ref(), [].as_slice());
        // A count is of the whole range, wherever the page begins.
        let start = if query.count { range_start } else { after.map_or(range_start, |after| after.max(range_start)) };
        let start = Bound::Included((collection, index, start.0, start.1));

        let mut found = Found { entries: Vec::new(), total: query.count.then_some(0) };
        let dangling = || StorageError::new(StorageErrorKind::Corrupt, "a record in an index is not there");
        for place in places.range::<PlaceKey<'_>>((start, Bound::Unbounded)).map_err(broke)? {
            let place = place.map_err(broke)?.0;
            let (of, by, value, id) = place.value();
            let page_is_full = found.entries.len() >= query.limit;
            if (of, by) != (collection, index) || !value.starts_with(&query.prefix) || page_is_full && !query.count {
                break;
            }
            found.total = found.total.map(|total| total + 1);
            if page_is_full || after.is_some_and(|after| (value, id) <= after) {
                continue;
            }
            let stored = records.get((collection, id)).map_err(broke)?.ok_or_else(dangling)?;
            let key = Key::new(query.collection, Bytes::copy_from_slice(id));
            let record = Record { body: Bytes::copy_from_slice(stored.value().0), key };
            found.entries.push(Entry { record, value: Bytes::copy_from_slice(value) });
        }
        Ok(found)
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        validate(&changes)?;
        // There is one writer at a time, so what is checked still holds when it is changed. A transaction that is
        // dropped before its commit leaves nothing behind.
        let transaction = self.0.begin_write().map_err(broke)?;
        {
            let mut records = transaction.open_table(RECORDS).map_err(broke)?;
            let mut places = transaction.open_table(PLACES).map_err(broke)?;
            for change in &changes {
                if !holds(&records, change)? {
                    return Ok(Committed::Conflict);
                }
            }
            for Change { key, write, .. } in &changes {
                match write {
                    Write::Check => {}
                    Write::Delete => remove(&mut records, &mut places, key)?,
                    Write::Put { body, index } => {
                        remove(&mut records, &mut places, key)?;
                        put(&mut records, &mut places, key, body, index)?;
                    }
                }
            }
        }
        transaction.commit().map_err(broke)?;
        Ok(Committed::Applied)
    }
}

/// Whether what a change expects is so.
fn holds(records: &Records<'_>, change: &Change) -> Result<bool, StorageError> {
    let stored = records.get(record_key(&change.key)).map_err(broke)?;
    Ok(match (&change.expect, stored) {
        (Expect::Any, _) | (Expect::Absent, None) => true,
        (Expect::Body(want), Some(stored)) => stored.value().0 == want,
        (Expect::Absent, Some(_)) | (Expect::Body(_), None) => false,
    })
}

fn put(
    records: &mut Records<'_>,
    places: &mut Places<'_>,
    key: &Key,
    body: &Bytes,
    index: &[IndexEntry],
) -> Result<(), StorageError> {
    for entry in index {
        places.insert((key.collection.0, entry.index.0, entry.value.as_ref(), key.id.as_ref()), ()).map_err(broke)?;
    }
    let entries = index.iter().map(|entry| (entry.index.0, entry.value.as_ref())).collect();
    records.insert(record_key(key), (body.as_ref(), entries)).map_err(broke)?;
    Ok(())
}

/// Removes a record, if there is one, from its places too.
fn remove(records: &mut Records<'_>, places: &mut Places<'_>, key: &Key) -> Result<(), StorageError> {
    if let Some(stored) = records.remove(record_key(key)).map_err(broke)? {
        for (index, value) in stored.value().1 {
            places.remove((key.collection.0, index, value, key.id.as_ref())).map_err(broke)?;
        }
    }
    Ok(())
}

/// Refuses what the contract calls invalid, whatever is stored.
fn validate(changes: &[Change]) -> Result<(), StorageError> {
    let invalid = |why: &str| Err(StorageError::new(StorageErrorKind::Invalid, why));
    let mut keys = BTreeSet::new();
    for Change { key, write, .. } in changes {
        if !keys.insert(key) {
            return invalid("a commit names one key twice");
        }
        if !(1..=255).contains(&key.id.len()) {
            return invalid("a key has 1 to 255 bytes");
        }
        let Write::Put { index, .. } = write else { continue };
        let mut indexes = BTreeSet::new();
        if !index.iter().all(|entry| indexes.insert(entry.index) && entry.value.len() <= 255) {
            return invalid("a record is at most once in an index, with a value of at most 255 bytes");
        }
    }
    Ok(())
}

fn record_key(key: &Key) -> RecordKey<'_> {
    (key.collection.0, key.id.as_ref())
}

fn broke(error: impl Into<redb::Error>) -> StorageError {
    let error = error.into();
    let kind = match &error {
        redb::Error::Corrupted(_) => StorageErrorKind::Corrupt,
        _ => StorageErrorKind::Unavailable,
    };
    StorageError::new(kind, error)
}

/// Collection and id.
type RecordKey<'a> = (&'a str, &'a [u8]);

/// The body, and the record's places: pairs of an index and a value.
type Stored<'a> = (&'a [u8], Vec<(&'a str, &'a [u8])>);

/// Collection, index, value and id: sorted like this, an index is a range, and so is a prefix of its values.
type PlaceKey<'a> = (&'a str, &'a str, &'a [u8], &'a [u8]);

type Records<'a> = Table<'a, RecordKey<'static>, Stored<'static>>;
type Places<'a> = Table<'a, PlaceKey<'static>, ()>;

const RECORDS: TableDefinition<'_, RecordKey<'static>, Stored<'static>> = TableDefinition::new("jackfield_records");
const PLACES: TableDefinition<'_, PlaceKey<'static>, ()> = TableDefinition::new("jackfield_places");

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let storage = RedbStorage::open(&std::env::temp_dir().join("jackfield-custom-storage.redb"))?;
    let (key, write) = (Key::new(Collection("notes"), "first"), Write::Put { body: "Hello".into(), index: Vec::new() });
    let committed = storage.commit(vec![Change { expect: Expect::Any, key: key.clone(), write }]).await?;
    println!("{committed:?}: {:?}", storage.get(&key).await?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::{Arc, Mutex};

    use jackfield::conformance::StorageFixture;

    use super::*;

    jackfield::storage_conformance!(tokio::test, Files::default());

    /// Makes files, which go with the test.
    #[derive(Default)]
    struct Files(Mutex<Vec<PathBuf>>);

    #[async_trait]
    impl StorageFixture for Files {
        async fn fresh(&self) -> Arc<dyn Storage> {
            static COUNT: AtomicUsize = AtomicUsize::new(0);
            let name = format!("jackfield-{}-{}.redb", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
            self.0.lock().unwrap().push(std::env::temp_dir().join(name));
            self.reopen().await.unwrap()
        }

        async fn reopen(&self) -> Option<Arc<dyn Storage>> {
            Some(Arc::new(RedbStorage::open(self.0.lock().unwrap().last()?).unwrap()))
        }
    }

    impl Drop for Files {
        fn drop(&mut self) {
            for file in self.0.lock().unwrap().drain(..) {
                let _ = std::fs::remove_file(file);
            }
        }
    }
}
