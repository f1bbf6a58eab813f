//! The thread that writes.

use std::sync::mpsc;

use rusqlite::hooks::{AuthContext, Authorization};

use super::*;
use crate::port::StorageErrorKind::{self, Invalid, Unavailable};

/// Counts transactions from now on.
fn count_commits(storage: &SqliteStorage) -> Arc<AtomicUsize> {
    let count = Arc::new(AtomicUsize::new(0));
    let Readers::Shared(connection) = &storage.readers else { panic!("only in memory") };
    let counter = Arc::clone(&count);
    let hook = move || {
        counter.fetch_add(1, Ordering::Relaxed);
        false
    };
    connection.lock().unwrap().commit_hook(Some(hook)).unwrap();
    count
}

/// Makes the writer wait in a job of its own, which lasts until the sender is dropped.
async fn hold(storage: &Arc<SqliteStorage>) -> mpsc::Sender<()> {
    let (began, begun) = tokio::sync::oneshot::channel();
    let (release, held) = mpsc::channel::<()>();
    let job = Arc::clone(storage);
    tokio::spawn(async move {
        let work = move |_: &Connection| {
            began.send(()).unwrap();
            let _ = held.recv();
            Ok::<_, StorageError>(())
        };
        job.write(work).await.unwrap();
    });
    begun.await.unwrap();
    release
}

/// Waits until so many jobs are in the queue.
async fn queued(storage: &SqliteStorage, jobs: usize) {
    while storage.writer.waiting() < jobs {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_waits_is_committed_together() {
    let storage = Arc::new(SqliteStorage::open_in_memory(fast()).unwrap());
    let commits = count_commits(&storage);
    let release = hold(&storage).await;
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let storage = Arc::clone(&storage);
            // Every fourth one loses, which is nobody else's business.
            let id = if number % 4 == 3 { "taken".to_owned() } else { number.to_string() };
            tokio::spawn(async move { storage.commit(vec![create(&id, "1")]).await.unwrap() })
        })
        .collect();
    queued(&storage, 100).await;
    drop(release);
    let mut applied = 0;
    for task in tasks {
        applied += usize::from(task.await.unwrap() == Committed::Applied);
    }
    assert_eq!(applied, 76);
    assert_eq!(commits.load(Ordering::Relaxed), 2, "one for the job that held the writer, one for all others");
}

#[tokio::test]
async fn a_job_that_fails_or_panics_takes_only_itself_back() {
    let storage = Arc::new(SqliteStorage::open_in_memory(fast()).unwrap());
    let release = hold(&storage).await;
    let spawn = |id: &'static str, end: fn() -> Result<(), StorageError>| {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move {
            let work = move |connection: &Connection| {
                assert_eq!(commit_in(connection, &[create(id, "1")])?, Committed::Applied);
                end()
            };
            storage.write(work).await.map_err(|error: StorageError| error.kind())
        })
    };
    let tasks = [
        spawn("fails_first", || Err(StorageError::new(Unavailable, "no"))),
        spawn("panics_second", || panic!("an error of the host")),
        spawn("before", || Ok(())),
        spawn("fails", || Err(StorageError::new(Unavailable, "no"))),
        spawn("between", || Ok(())),
        spawn("panics", || panic!("an error of the host")),
        spawn("after", || Ok(())),
    ];
    queued(&storage, 7).await;
    drop(release);
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    let cases = [
        ("fails_first", Err(Unavailable)),
        ("panics_second", Err(Invalid)),
        ("before", Ok(())),
        ("fails", Err(Unavailable)),
        ("between", Ok(())),
        ("panics", Err(Invalid)),
        ("after", Ok(())),
    ];
    assert_eq!(outcomes, cases.map(|(_, outcome)| outcome));
    for (id, there) in cases.map(|(id, outcome)| (id, outcome.is_ok())) {
        assert_eq!(body(&storage, id).await.is_some(), there, "{id}");
    }
}

#[tokio::test]
async fn nothing_lands_when_the_transaction_fails() {
    const STEPS: &[&str] = &["
        CREATE TABLE parents (id INTEGER PRIMARY KEY);
        CREATE TABLE children (parent INTEGER REFERENCES parents DEFERRABLE INITIALLY DEFERRED);
    "];
    let storage = Arc::new(SqliteStorage::open_in_memory(fast().with_migrations(STEPS)).unwrap());
    let release = hold(&storage).await;
    let spawn = |id: &'static str, sql: &'static str| {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move {
            let work = move |connection: &Connection| {
                assert_eq!(commit_in(connection, &[create(id, "1")])?, Committed::Applied);
                connection.execute_batch(sql)?;
                Ok(())
            };
            storage.write(work).await.map_err(|error: StorageError| error.kind())
        })
    };
    let tasks = [spawn("fine", "SELECT 1"), spawn("orphan", "INSERT INTO children VALUES (7)")];
    queued(&storage, 2).await;
    drop(release);
    for task in tasks {
        assert_eq!(task.await.unwrap(), Err(Invalid));
    }
    assert_eq!((body(&storage, "fine").await, body(&storage, "orphan").await), (None, None));
    spawn("next", "SELECT 1").await.unwrap().unwrap();
    assert_eq!(body(&storage, "next").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_full_disk_is_an_error_and_nothing_lands() {
    let folder = Folder::new();
    let storage = SqliteStorage::open(folder.file("a.db"), fast()).unwrap();
    assert_eq!(storage.commit(vec![create("before", "1")]).await.unwrap(), Committed::Applied);
    let limit = |pages: i64| {
        storage.write(move |connection: &Connection| {
            connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))?;
            Ok::<_, StorageError>(())
        })
    };
    limit(10).await.unwrap();
    let large = "x".repeat(100);
    let changes = || (0..1_000).map(|number| create(&format!("{large}{number}"), "1")).collect::<Vec<_>>();
    assert_eq!(storage.commit(changes()).await.unwrap_err().kind(), Unavailable);
    assert_eq!(body(&storage, &format!("{large}0")).await, None);
    assert_eq!(body(&storage, "before").await.as_deref(), Some("1"));
    limit(100_000).await.unwrap();
    assert_eq!(storage.commit(changes()).await.unwrap(), Committed::Applied, "the next one may succeed");
}

#[tokio::test]
async fn a_job_cannot_end_the_transaction_of_others() {
    let storage = SqliteStorage::open_in_memory(fast()).unwrap();
    for sql in ["COMMIT", "ROLLBACK", "BEGIN"] {
        let work = move |connection: &Connection| connection.execute_batch(sql).map_err(StorageError::from);
        assert_eq!(storage.write(work).await.unwrap_err().kind(), Invalid, "{sql}");
    }
    let work =
        |connection: &Connection| connection.execute_batch("SAVEPOINT mine; RELEASE mine").map_err(StorageError::from);
    storage.write(work).await.unwrap();
}

#[tokio::test]
async fn a_transaction_that_sqlite_gives_up_fails_the_jobs_before_and_spares_those_after() {
    let storage = Arc::new(SqliteStorage::open_in_memory(fast()).unwrap());
    {
        let Readers::Shared(connection) = &storage.readers else { panic!("only in memory") };
        let allow = |_: AuthContext<'_>| Authorization::Allow;
        connection.lock().unwrap().authorizer(Some(allow)).unwrap();
    }
    let release = hold(&storage).await;
    let spawn = |id: &'static str, sql: &'static str| {
        let storage = Arc::clone(&storage);
        tokio::spawn(async move {
            let work = move |connection: &Connection| {
                assert_eq!(commit_in(connection, &[create(id, "1")])?, Committed::Applied);
                connection.execute_batch(sql)?;
                Ok(())
            };
            storage.write(work).await.map_err(|error: StorageError| error.kind())
        })
    };
    let tasks = [spawn("before", "SELECT 1"), spawn("gives_up", "ROLLBACK"), spawn("after", "SELECT 1")];
    queued(&storage, 3).await;
    drop(release);
    let mut outcomes: Vec<Result<(), StorageErrorKind>> = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    assert_eq!(outcomes, [Err(Unavailable), Err(Unavailable), Ok(())]);
    assert_eq!(body(&storage, "before").await, None);
    assert_eq!(body(&storage, "after").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn a_job_that_nobody_waits_for_any_more_is_skipped() {
    let storage = Arc::new(SqliteStorage::open_in_memory(fast()).unwrap());
    let release = hold(&storage).await;
    let job = Arc::clone(&storage);
    let task = tokio::spawn(async move { job.commit(vec![create("skipped", "1")]).await });
    queued(&storage, 1).await;
    task.abort();
    assert!(task.await.unwrap_err().is_cancelled());
    drop(release);
    assert_eq!(storage.commit(vec![create("done", "1")]).await.unwrap(), Committed::Applied);
    assert_eq!(body(&storage, "skipped").await, None);
}

#[tokio::test]
async fn the_last_handle_may_be_dropped_by_a_job() {
    let storage = Arc::new(SqliteStorage::open_in_memory(fast()).unwrap());
    let (sender, receiver) = tokio::sync::oneshot::channel();
    let release = hold(&storage).await;
    let last = Arc::clone(&storage);
    let task = tokio::spawn({
        let storage = Arc::clone(&storage);
        async move {
            let work = move |_: &Connection| {
                drop(last);
                sender.send(()).unwrap();
                Ok::<_, StorageError>(())
            };
            storage.write(work).await
        }
    });
    queued(&storage, 1).await;
    drop(storage);
    drop(release);
    task.await.unwrap().unwrap();
    receiver.await.unwrap();
}
