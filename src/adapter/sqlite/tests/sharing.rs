//! One file for a host's tables and our records.

use super::*;
use crate::port::{Storage, StorageErrorKind};

const STEPS: &[&str] = &["CREATE TABLE posts (message TEXT NOT NULL CHECK (message <> ''))"];

fn stores(folder: &Folder) -> [(&'static str, SqliteStorage); 2] {
    let options = fast().with_migrations(STEPS);
    [
        ("file", SqliteStorage::open(folder.file("a.db"), options).unwrap()),
        ("memory", SqliteStorage::open_in_memory(options).unwrap()),
    ]
}

fn posts(storage: &SqliteStorage) -> i64 {
    let count = |connection: &Connection| connection.query_row("SELECT count(*) FROM posts", [], |row| row.get(0));
    storage.read(|connection| count(connection).map_err(StorageError::from)).unwrap()
}

fn post(connection: &Connection, message: &str) -> rusqlite::Result<usize> {
    connection.execute("INSERT INTO posts VALUES (?1)", [message])
}

#[tokio::test]
async fn rows_and_records_land_together_or_not_at_all() {
    let folder = Folder::new();
    for (name, storage) in stores(&folder) {
        let write = |message: &'static str, id: &'static str| {
            storage.write(move |connection| {
                let committed = commit_in(connection, &[create(id, "1")])?;
                post(connection, message)?;
                Ok::<_, StorageError>(committed)
            })
        };
        assert_eq!(write("Hello", "one").await.unwrap(), Committed::Applied, "{name}");
        assert_eq!(write("", "two").await.unwrap_err().kind(), StorageErrorKind::Invalid, "{name}");
        assert_eq!((posts(&storage), body(&storage, "two").await), (1, None), "{name}");
        assert_eq!(write("Again", "one").await.unwrap(), Committed::Conflict, "{name}");
        assert_eq!(posts(&storage), 2, "{name}: a conflict is the host's to judge");
    }
}

#[tokio::test]
async fn a_transaction_on_a_connection_of_the_host_may_take_records_back() {
    let folder = Folder::new();
    let storage = SqliteStorage::open(folder.file("a.db"), fast().with_migrations(STEPS)).unwrap();
    let mut other = Connection::open(folder.file("a.db")).unwrap();
    for (keep, want) in [(false, None), (true, Some("1"))] {
        let transaction = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
        post(&transaction, "Hello").unwrap();
        assert_eq!(commit_in(&transaction, &[create("one", "1")]).unwrap(), Committed::Applied);
        assert_eq!(body(&storage, "one").await, None, "nobody sees it before it is committed");
        if keep {
            transaction.commit().unwrap()
        } else {
            transaction.rollback().unwrap()
        }
        assert_eq!((posts(&storage), body(&storage, "one").await.as_deref()), (keep.into(), want));
    }
}

#[tokio::test]
async fn a_commit_that_loses_or_fails_leaves_nothing_in_the_hosts_transaction() {
    let folder = Folder::new();
    let storage = SqliteStorage::open(folder.file("a.db"), fast().with_migrations(STEPS)).unwrap();
    assert_eq!(storage.commit(vec![create("taken", "1")]).await.unwrap(), Committed::Applied);
    let mut other = Connection::open(folder.file("a.db")).unwrap();
    let transaction = other.transaction().unwrap();
    post(&transaction, "Hello").unwrap();
    let lost = commit_in(&transaction, &[create("fresh", "1"), create("taken", "2")]).unwrap();
    assert_eq!(lost, Committed::Conflict);
    let broken = "CREATE TEMP TRIGGER broken BEFORE INSERT ON jackfield_entries WHEN new.id = x'62'
        BEGIN SELECT RAISE(ABORT, 'broken'); END";
    transaction.execute_batch(broken).unwrap();
    let failed = commit_in(&transaction, &[create("a", "1"), create("b", "1")]).unwrap_err();
    assert_eq!(failed.kind(), StorageErrorKind::Invalid);
    transaction.commit().unwrap();
    assert_eq!(posts(&storage), 1);
    for id in ["fresh", "a", "b"] {
        assert_eq!(body(&storage, id).await, None, "{id}");
    }
}

#[tokio::test]
async fn a_full_disk_ends_the_hosts_transaction_and_nothing_lands() {
    let folder = Folder::new();
    let storage = SqliteStorage::open(folder.file("a.db"), fast().with_migrations(STEPS)).unwrap();
    let mut other = Connection::open(folder.file("a.db")).unwrap();
    let transaction = other.transaction().unwrap();
    post(&transaction, "Hello").unwrap();
    transaction.query_row("PRAGMA max_page_count = 10", [], |_| Ok(())).unwrap();
    let many: Vec<_> = (0..1_000).map(|number| create(&number.to_string(), &"x".repeat(200))).collect();
    assert_eq!(commit_in(&transaction, &many).unwrap_err().kind(), StorageErrorKind::Unavailable);
    assert!(transaction.is_autocommit(), "SQLite gave the transaction up");
    assert_eq!(commit_in(&transaction, &[create("0", "1")]).unwrap_err().kind(), StorageErrorKind::Invalid);
    assert_eq!((posts(&storage), body(&storage, "0").await), (0, None));
}

#[tokio::test]
async fn a_read_is_of_one_moment_and_never_waits_for_the_writer() {
    let folder = Folder::new();
    let storage = SqliteStorage::open(folder.file("a.db"), fast().with_migrations(STEPS)).unwrap();
    let mut other = Connection::open(folder.file("a.db")).unwrap();
    let counts = storage.read(|connection| {
        let count = || connection.query_row("SELECT count(*) FROM posts", [], |row| row.get::<_, i64>(0));
        let before = count()?;
        let transaction = other.transaction()?;
        post(&transaction, "Hello")?;
        let during = count()?;
        transaction.commit()?;
        Ok::<_, StorageError>([before, during, count()?, posts(&storage)])
    });
    assert_eq!(counts.unwrap(), [0, 0, 0, 1]);
}

#[tokio::test]
async fn a_read_that_panics_or_fails_leaves_no_transaction_behind() {
    let folder = Folder::new();
    for (name, storage) in stores(&folder) {
        let panics = || storage.read(|_| -> Result<(), StorageError> { panic!("an error of the host") });
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(panics)).is_err(), "{name}");
        let fails = storage.read(|_| Err::<(), _>(StorageError::new(StorageErrorKind::Invalid, "no")));
        assert!(fails.is_err(), "{name}");
        assert_eq!(storage.commit(vec![create("one", "1")]).await.unwrap(), Committed::Applied, "{name}");
        assert_eq!(posts(&storage), 0, "{name}");
    }
}

#[test]
fn pages_and_counts_are_read_from_the_index() {
    let storage = SqliteStorage::open_in_memory(fast()).unwrap();
    let plan = |sql: &str| {
        storage.read(|connection| {
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}"))?;
            let count = statement.parameter_count();
            let rows = statement.query_map(rusqlite::params_from_iter(vec![""; count]), |row| row.get("detail"))?;
            Ok::<_, StorageError>(rows.collect::<Result<Vec<String>, _>>()?)
        })
    };
    let want = [
        "SEARCH entry USING PRIMARY KEY (collection=? AND name=? AND (value,id)>(?,?) AND value<?)",
        "SEARCH record USING PRIMARY KEY (collection=? AND id=?)",
    ];
    assert_eq!(plan(records::FIND).unwrap(), want);
    let want = ["SEARCH jackfield_entries USING PRIMARY KEY (collection=? AND name=? AND value>? AND value<?)"];
    assert_eq!(plan(records::COUNT).unwrap(), want);
}
