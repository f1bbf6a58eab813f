//! What many hooks cost: bytes of memory each, the time of a call, the start of an engine; and how often a message
//! allocates.
//!
//! `cargo bench --bench hooks`. Calls go to hooks far apart, so that caches help no more than they do a server.

#![expect(clippy::indexing_slicing, clippy::panic, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::collections::BTreeMap;
use std::fs;
use std::hint::black_box;
use std::sync::Arc;

use alert::alert;
use allocation_counter::measure;
use bytes::Bytes;
use calls::{SMALL, now};
use common::bar;
use common_host::{make_hook, start};
use http::Request;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use jackfield::api::{Api, Body};
use jackfield::engine::Call;
use jackfield::id::{HookId, ID_BYTES, RequestId};
use jackfield::incoming::{Leniency, Payload};
use jackfield::port::{Change, Collection, Committed, Entry, Expect, Index, IndexEntry, Key, Query, Storage, Write};
use rounds::{alone, alternate};

#[path = "common/alert.rs"]
mod alert;
#[path = "common/calls.rs"]
mod calls;
#[path = "common/host.rs"]
mod common_host;
#[path = "common/rounds.rs"]
mod rounds;

const FEW: usize = 10;
const SOME: usize = 1_000;
const MANY: usize = 100_000;

/// An API, its hooks, and the one that was called last.
struct Site {
    api: Api,
    storage: Arc<MemoryStorage>,
    hooks: Vec<[u8; ID_BYTES]>,
    last: usize,
}

impl Site {
    /// Makes so many hooks in memory, and says how many bytes each takes there.
    fn new(count: usize) -> Self {
        let storage = Arc::new(MemoryStorage::default());
        let api = now(start(storage.clone()));
        let mut hooks = Vec::with_capacity(count);
        let held = measure(|| hooks.extend((0..count).map(|_| id(&now(make_hook(&api)))))).bytes_current;
        println!("{count} hooks in memory: {} bytes each", held / i64::try_from(count).unwrap());
        Self { api, storage, hooks, last: 0 }
    }

    /// Calls a hook that was not called for long.
    fn call(&mut self) {
        self.last = (self.last + 61_803) % self.hooks.len();
        let hook = HookId::new(std::str::from_utf8(&self.hooks[self.last]).unwrap());
        let payload = Payload::from_json(black_box(SMALL.as_bytes()), Leniency::default()).unwrap();
        let call = Call::new(RequestId::from_random([9; 16]));
        black_box(now(self.api.engine().receive_incoming_webhook(&hook, payload, &call)).unwrap());
    }

    /// How often one request allocates, from its head and its body to the answer.
    fn allocations(&self, body: &str) -> u64 {
        let hook = std::str::from_utf8(&self.hooks[0]).unwrap();
        let request = || {
            let request = Request::post(format!("/hooks/{hook}")).header("Content-Type", "application/json");
            (request.body(()).unwrap().into_parts().0, Body::Whole(Bytes::copy_from_slice(body.as_bytes())))
        };
        let mut counts: Vec<_> = (0..99)
            .map(|_| {
                let (parts, body) = request();
                measure(|| drop(black_box(now(self.api.handle(parts, body))))).count_total
            })
            .collect();
        counts.sort_unstable();
        counts[counts.len() / 2]
    }
}

/// What writes the hooks of one storage to another.
fn copied(storage: &MemoryStorage) -> Vec<Change> {
    let collection = Collection("incoming_webhook");
    let mut records: BTreeMap<Key, (Bytes, Vec<IndexEntry>)> = BTreeMap::new();
    for index in ["channel", "origin", "owner", "team", "team_owner", "time"].map(Index) {
        let query = Query { after: None, collection, count: false, index, limit: usize::MAX, prefix: Bytes::new() };
        for Entry { record, value } in now(storage.find(&query)).unwrap().entries {
            let (_, places) = records.entry(record.key).or_insert((record.body, Vec::new()));
            places.push(IndexEntry::new(index, value));
        }
    }
    let change = |(key, (body, index))| Change { expect: Expect::Absent, key, write: Write::Put { body, index } };
    records.into_iter().map(change).collect()
}

fn id(text: &str) -> [u8; ID_BYTES] {
    text.as_bytes().try_into().unwrap()
}

fn main() {
    let [mut few, mut some, mut many] = [FEW, SOME, MANY].map(Site::new);
    for (name, body) in [("an attachment", alert()), ("a short text", SMALL.to_owned())] {
        println!("{} bytes with {name}: {} allocations a message", body.len(), few.allocations(&body));
    }
    let (at_some, at_few) = alternate(5_000, || some.call(), || few.call());
    println!("a call of one in {FEW} hooks: {at_few:.0} ns, in {SOME}: {at_some:.0} ns");
    let (at_many, at_few) = alternate(5_000, || many.call(), || few.call());
    println!("a call of one in {FEW} hooks: {at_few:.0} ns, in {MANY}: {at_many:.0} ns");
    bar("hook_lookup_flat", (at_many / at_few).max(at_some / at_few), 1.5);

    let started = alone(1_000, || now(start(many.storage.clone())));
    println!("an engine starts on {MANY} hooks in memory in {:.1} µs", started / 1_000.0);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = std::env::temp_dir().join(format!("jackfield-hooks-{}", std::process::id()));
    fs::create_dir(&folder).unwrap();
    let open = || {
        let options = SqliteOptions::default().with_synchronous(Synchronous::Normal);
        let storage = SqliteStorage::open(folder.join("hooks.db"), options).unwrap();
        runtime.block_on(start(Arc::new(storage)))
    };
    drop(open()); // writes down which key it is
    let storage = SqliteStorage::open(folder.join("hooks.db"), SqliteOptions::default()).unwrap();
    for changes in copied(&many.storage).chunks(1_000) {
        let committed = runtime.block_on(storage.commit(changes.to_vec())).unwrap();
        assert_eq!(committed, Committed::Applied);
    }
    drop(storage);
    let size = fs::metadata(folder.join("hooks.db")).unwrap().len();
    println!("{MANY} hooks in SQLite: {} bytes each", size / MANY as u64);
    println!("an engine starts on {MANY} hooks in SQLite in {:.1} ms", alone(1, open) / 1e6);
    fs::remove_dir_all(&folder).unwrap();
}
