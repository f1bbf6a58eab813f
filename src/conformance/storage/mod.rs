//! Checks for [`Storage`].

mod commits;
mod contents;
mod indexes;
mod pages;
mod races;

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;

use super::race::spawn_thread;
use super::{Check, Name, Task, Violation};
use crate::port::{
    Change, Collection, Committed, Expect, Found, Index, IndexEntry, Key, Query, Storage, StorageError, Write,
};

pub use self::commits::*;
pub use self::contents::*;
pub use self::indexes::*;
pub use self::pages::*;
pub use self::races::*;

/// Makes the stores to check.
///
/// A closure `|| async { … }` that returns a store is one, whose stores cannot be opened again.
#[async_trait]
pub trait StorageFixture: Send + Sync {
    /// Makes a store with nothing in it.
    async fn fresh(&self) -> Arc<dyn Storage>;

    /// Opens again what was last made or opened here; all handles to it are dropped by then. `None` if that is not
    /// possible, and then [`records_outlive_a_reopen`] has nothing to say.
    async fn reopen(&self) -> Option<Arc<dyn Storage>> {
        None
    }

    /// Runs a task beside others: on a thread of its own, unless a fixture knows better. A store that must be used on
    /// its runtime takes a runtime with several threads, or its races are none.
    fn spawn(&self, task: Task) {
        spawn_thread(task);
    }
}

#[async_trait]
impl<F, R, S> StorageFixture for F
where
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = S> + Send + 'static,
    S: Storage,
{
    async fn fresh(&self) -> Arc<dyn Storage> {
        Arc::new(self().await)
    }
}

/// Gives one test for each check of a [`Storage`](crate::port::Storage).
///
/// Takes the attribute that makes an `async fn` a test, and a [`StorageFixture`](crate::conformance::StorageFixture),
/// such as a closure. It is best called in a module of its own.
#[macro_export]
macro_rules! storage_conformance {
    ($test:meta, $fixture:expr $(,)?) => {
        $crate::__storage_checks! { [$crate::__one_test_per_check!] storage, $test, $fixture; }
    };
}

/// Makes a test of each check of a list.
#[doc(hidden)]
#[macro_export]
macro_rules! __one_test_per_check {
    ($port:ident, $test:meta, $fixture:expr; $($check:ident,)*) => {$(
        #[$test]
        async fn $check() -> $crate::conformance::Check {
            let fixture = $fixture;
            $crate::conformance::$port::$check(&fixture).await
        }
    )*};
}

/// Hands the list of the checks to a macro, after what that macro wants to see before it.
#[doc(hidden)]
#[macro_export]
macro_rules! __storage_checks {
    ([$($callback:tt)*] $($before:tt)*) => {
        $($callback)* {
            $($before)*
            a_new_store_is_empty,
            what_was_put_is_there,
            keys_are_opaque,
            bodies_are_opaque,
            bodies_may_have_a_mebibyte,
            collections_are_apart,
            records_outlive_a_reopen,
            commit_is_all_or_nothing,
            absent_means_absent,
            bodies_are_compared_exactly,
            any_is_always_met,
            check_changes_nothing,
            check_is_checked,
            delete_removes,
            an_empty_commit_is_applied,
            one_key_twice_is_invalid,
            indexes_are_in_byte_order,
            records_may_share_a_value,
            index_values_are_opaque,
            replaced_records_leave_their_old_places,
            deleted_records_leave_their_places,
            refused_records_take_no_place,
            indexes_are_apart,
            prefixes_select_a_range,
            pages_go_on_where_the_last_one_ended,
            limits_hold,
            counts_are_of_the_whole_range,
            one_of_many_creates_wins,
            no_increment_is_lost,
            checked_records_stay_as_they_were,
            readers_see_whole_commits,
        }
    };
}

/// Runs every check, and returns what is broken, in the order of the checks.
pub async fn run_storage(fixture: impl StorageFixture) -> Vec<Violation> {
    let mut violations = Vec::new();
    macro_rules! run {
        ($($check:ident,)*) => {$(violations.extend($check(&fixture).await.err());)*};
    }
    crate::__storage_checks! { [run!] }
    violations
}

/// A store under a check.
struct Subject {
    name: Name,
    store: Arc<dyn Storage>,
}

impl Subject {
    /// A new store.
    async fn fresh(check: &'static str, fixture: &dyn StorageFixture) -> Self {
        Self { name: Name(check), store: fixture.fresh().await }
    }

    /// Commits what must be applied.
    async fn apply(&self, changes: Vec<Change>) -> Check {
        let committed = self.commit(changes).await?;
        self.name.ensure(committed == Committed::Applied, "a commit whose expectations hold was refused")
    }

    /// Commits what must be refused.
    async fn lose(&self, changes: Vec<Change>, why: &str) -> Check {
        let committed = self.commit(changes).await?;
        self.name.ensure(committed == Committed::Conflict, format!("a commit was applied although {why}"))
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, Violation> {
        self.store.commit(changes).await.map_err(|error| self.broke("commit", &error))
    }

    /// Returns the body at a key.
    async fn body(&self, key: &Key) -> Result<Option<Bytes>, Violation> {
        let record = self.store.get(key).await.map_err(|error| self.broke("get", &error))?;
        let Some(record) = record else { return Ok(None) };
        self.name.equal("the key of a record", &record.key, key)?;
        Ok(Some(record.body))
    }

    /// What is at a key must be this.
    async fn holds(&self, key: &Key, want: Option<&[u8]>) -> Check {
        let got = self.body(key).await?;
        self.name.equal("a body", &got, &want.map(Bytes::copy_from_slice))
    }

    async fn find(&self, query: &Query) -> Result<Found, Violation> {
        self.store.find(query).await.map_err(|error| self.broke("find", &error))
    }

    /// A query must find these (value, id), in order.
    async fn finds(&self, what: &str, query: &Query, want: &[(&[u8], &[u8])]) -> Check {
        let got = self.places(query).await?;
        let copy = |bytes: &[u8]| Bytes::copy_from_slice(bytes);
        let want = want.iter().map(|(value, id)| (copy(value), copy(id))).collect();
        self.name.equal(what, &got, &want)
    }

    /// Returns the (value, id) that a query finds.
    async fn places(&self, query: &Query) -> Result<Vec<(Bytes, Bytes)>, Violation> {
        let found = self.find(query).await?;
        Ok(found.entries.into_iter().map(|entry| (entry.value, entry.record.key.id)).collect())
    }

    fn broke(&self, what: &str, error: &StorageError) -> Violation {
        self.name.violation(format!("{what} failed: {error}"))
    }
}

const NOTES: Collection = Collection("notes");
const BY_TIME: Index = Index("by_time");

fn key(id: impl Into<Bytes>) -> Key {
    Key::new(NOTES, id)
}

/// Makes a record in no index; it must not be there.
fn create(id: &'static str, body: &'static str) -> Change {
    Change { expect: Expect::Absent, key: key(id), write: put(body, &[]) }
}

/// Makes a record in one index; it must not be there.
fn create_at(id: impl Into<Bytes>, value: impl Into<Bytes>) -> Change {
    Change { expect: Expect::Absent, key: key(id), write: put("body", &[(BY_TIME, value.into())]) }
}

fn put(body: impl Into<Bytes>, places: &[(Index, Bytes)]) -> Write {
    let index = places.iter().map(|(index, value)| IndexEntry::new(*index, value.clone())).collect();
    Write::Put { body: body.into(), index }
}

/// Everything in one index whose value begins with a prefix.
fn query(prefix: impl Into<Bytes>) -> Query {
    Query { after: None, collection: NOTES, count: false, index: BY_TIME, limit: 1_000, prefix: prefix.into() }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_check_is_in_the_list() {
        macro_rules! names {
            ($($check:ident,)*) => { [$(stringify!($check)),*] };
        }
        let listed = crate::__storage_checks! { [names!] };
        let sources = [
            include_str!("contents.rs"),
            include_str!("commits.rs"),
            include_str!("indexes.rs"),
            include_str!("pages.rs"),
            include_str!("races.rs"),
        ];
        let written = sources.iter().flat_map(|source| source.split("pub async fn ").skip(1));
        let written: Vec<_> = written.filter_map(|rest| rest.split('(').next()).collect();
        assert_eq!(listed.as_slice(), written);
    }
}
