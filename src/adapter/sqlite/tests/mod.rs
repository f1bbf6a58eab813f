//! What is particular to SQLite; what every storage must do is checked by the conformance kit.

mod group;
mod open;
mod sharing;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use super::*;
use crate::port::{Collection, Expect, Index, IndexEntry, Write};

/// A folder that goes with the test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("jackfield-sqlite-{}-{count}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const NOTES: Collection = Collection("notes");

fn key(id: &str) -> Key {
    Key::new(NOTES, id.to_owned())
}

fn create(id: &str, body: &str) -> Change {
    let index = vec![IndexEntry::new(Index("by_body"), body.to_owned())];
    Change { expect: Expect::Absent, key: key(id), write: Write::Put { body: body.to_owned().into(), index } }
}

async fn body(storage: &SqliteStorage, id: &str) -> Option<String> {
    let record = storage.get(&key(id)).await.unwrap();
    record.map(|record| String::from_utf8(record.body.to_vec()).unwrap())
}

fn fast() -> SqliteOptions {
    SqliteOptions::default().with_synchronous(Synchronous::Normal)
}
