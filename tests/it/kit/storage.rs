//! The storages that ship, and storages that are wrong in exactly one way.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::{env, fs, process};

use async_trait::async_trait;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::adapter::sqlite::{SqliteOptions, SqliteStorage, Synchronous};
use jackfield::conformance::{StorageFixture, run_storage};
use jackfield::port::Storage;

use super::flawed_storage::{Flaw, FlawedStorage};

mod memory {
    use super::*;

    jackfield::storage_conformance!(tokio::test, || async { MemoryStorage::default() });
}

mod sqlite_file {
    use super::*;

    jackfield::storage_conformance!(tokio::test, Folder::new());
}

mod sqlite_in_memory {
    use super::*;

    jackfield::storage_conformance!(tokio::test, || async { SqliteStorage::open_in_memory(options()).unwrap() });
}

/// A runtime of the caller's, instead of a thread for each racer.
mod on_a_runtime {
    use super::*;

    struct OnRuntime;

    #[async_trait]
    impl StorageFixture for OnRuntime {
        async fn fresh(&self) -> Arc<dyn Storage> {
            Arc::new(SqliteStorage::open_in_memory(options()).unwrap())
        }

        fn spawn(&self, task: jackfield::conformance::Task) {
            tokio::spawn(task);
        }
    }

    jackfield::storage_conformance!(tokio::test(flavor = "multi_thread"), OnRuntime);
}

fn options() -> SqliteOptions {
    SqliteOptions::default().with_synchronous(Synchronous::Normal)
}

/// Files in a folder that goes with the test.
struct Folder {
    path: PathBuf,
    files: AtomicUsize,
}

impl Folder {
    fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("jackfield-kit-{}-{count}", process::id()));
        fs::create_dir_all(&path).unwrap();
        Self { path, files: AtomicUsize::new(0) }
    }

    fn open(&self) -> Arc<dyn Storage> {
        let file = self.path.join(format!("{}.db", self.files.load(Ordering::Relaxed)));
        Arc::new(SqliteStorage::open(file, options()).unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

#[async_trait]
impl StorageFixture for Folder {
    async fn fresh(&self) -> Arc<dyn Storage> {
        self.files.fetch_add(1, Ordering::Relaxed);
        self.open()
    }

    async fn reopen(&self) -> Option<Arc<dyn Storage>> {
        Some(self.open())
    }
}

/// Makes storages with one flaw, which are the same when they are opened again, but for the flaws that are about that.
struct Flawed {
    flaw: Flaw,
    last: std::sync::Mutex<Option<Arc<FlawedStorage>>>,
}

#[async_trait]
impl StorageFixture for Flawed {
    async fn fresh(&self) -> Arc<dyn Storage> {
        let storage = Arc::new(FlawedStorage::new(self.flaw));
        *self.last.lock().unwrap() = Some(Arc::clone(&storage));
        storage
    }

    async fn reopen(&self) -> Option<Arc<dyn Storage>> {
        let last = self.last.lock().unwrap().clone()?;
        Some(Arc::new(last.reopened()))
    }
}

#[tokio::test]
async fn each_flaw_is_caught_by_the_check_meant_for_it() {
    let cases: [(Flaw, &[&str]); 28] = [
        (Flaw::None, &[]),
        (Flaw::AnyNeedsARecord, &["any_is_always_met"]),
        (Flaw::BodiesAreCut, &["bodies_may_have_a_mebibyte"]),
        (Flaw::BodiesAreText, &["bodies_are_opaque"]),
        (Flaw::CheckIsNotChecked, &["check_is_checked", "checked_records_stay_as_they_were"]),
        (Flaw::CheckLeavesARecord, &["check_changes_nothing"]),
        (Flaw::ChecksRace, &["checked_records_stay_as_they_were"]),
        (Flaw::CollectionsShareKeys, &["collections_are_apart"]),
        (Flaw::CommitsAreSeenInHalves, &["readers_see_whole_commits"]),
        (Flaw::ComparesTheBeginning, &["bodies_are_compared_exactly"]),
        (Flaw::CountsThePage, &["counts_are_of_the_whole_range"]),
        (Flaw::CreatesRace, &["one_of_many_creates_wins"]),
        (Flaw::DeletedIsNotAbsent, &["absent_means_absent", "delete_removes"]),
        (Flaw::DeletedKeepsPlaces, &["deleted_records_leave_their_places"]),
        (Flaw::EmptyCommitConflicts, &["an_empty_commit_is_applied"]),
        (Flaw::FindsDeadPrefix, &["prefixes_select_a_range"]),
        (Flaw::ForgetsIndexes, &["records_outlive_a_reopen"]),
        (Flaw::IndexesShareValues, &["indexes_are_apart"]),
        (Flaw::KeepsHalfACommit, &["commit_is_all_or_nothing"]),
        (Flaw::KeysAreTrimmed, &["keys_are_opaque"]),
        (Flaw::LimitZeroIsNone, &["limits_hold"]),
        (Flaw::PagesSkipEqualValues, &["pages_go_on_where_the_last_one_ended"]),
        (Flaw::RefusedTakesPlaces, &["refused_records_take_no_place"]),
        (Flaw::ReplacedKeepsPlaces, &["replaced_records_leave_their_old_places", "indexes_are_apart"]),
        (Flaw::SignedOrder, &["indexes_are_in_byte_order"]),
        (Flaw::TwiceIsFine, &["one_key_twice_is_invalid"]),
        (Flaw::UpdatesRace, &["no_increment_is_lost"]),
        (Flaw::ValuesAreUnique, &["records_may_share_a_value"]),
    ];
    let mut surprises = Vec::new();
    for (flaw, want) in cases {
        let found = run_storage(Flawed { flaw, last: std::sync::Mutex::default() }).await;
        let checks: Vec<_> = found.iter().map(|violation| violation.check).collect();
        if checks != want {
            surprises.push((flaw, found));
        }
    }
    assert!(surprises.is_empty(), "{surprises:#?}");
}
