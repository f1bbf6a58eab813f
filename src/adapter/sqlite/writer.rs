//! The one thread that writes, and how it commits what is waiting together.

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use tokio::sync::{mpsc, oneshot};

use super::error::shared;
use super::records;
use crate::port::{Change, Committed, StorageError, StorageErrorKind};

/// The most jobs of one transaction, which bounds how long the first of them waits for the last.
const GROUP: usize = 512;

/// The thread that writes. Joined on drop, when everything queued is done.
pub(super) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread, with room for `queue` waiting jobs.
    pub(super) fn start(connection: Arc<Mutex<Connection>>, queue: usize) -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(queue.clamp(1, 1 << 20));
        let guard = Arc::new(AtomicBool::new(false));
        forbid_transactions(&connection, &guard).map_err(io::Error::other)?;
        let thread = thread::Builder::new()
            .name("jackfield-sqlite".to_owned())
            .spawn(move || serve(&connection, receiver, &guard))?;
        Ok(Self { queue: Some(sender), thread: Some(thread) })
    }

    /// Runs `work` in the next transaction, and returns what it returned once that is committed.
    pub(super) async fn run<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let work = move |connection: &Connection| match work(connection) {
            Ok(done) => (Ran::Kept, Ok(done)),
            Err(error) => (Ran::Halfway, Err(error)),
        };
        self.send(work, false).await
    }

    /// Commits changes in the next transaction.
    pub(super) async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        let work = move |connection: &Connection| match records::check(connection, &changes) {
            Ok(Some(before)) => match records::write(connection, &changes, before) {
                Ok(()) => (Ran::Kept, Ok(Committed::Applied)),
                Err(error) => (Ran::Halfway, Err(error)),
            },
            Ok(None) => (Ran::Nothing, Ok(Committed::Conflict)),
            Err(error) => (Ran::Nothing, Err(error)),
        };
        self.send(work, true).await
    }

    /// A sure job needs no savepoint: it is told from a broken storage that it failed halfway.
    async fn send<T, E>(
        &self,
        work: impl FnOnce(&Connection) -> (Ran, Result<T, E>) + Send + 'static,
        is_sure: bool,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Work { done: None, is_sure, reply, work: Some(work) });
        match &self.queue {
            Some(queue) if queue.send(job).await.is_ok() => {}
            _ => return Err(gone().into()),
        }
        answer.await.unwrap_or_else(|_| Err(gone().into()))
    }

    /// Returns how many jobs wait.
    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.queue.as_ref().map_or(0, |queue| queue.max_capacity() - queue.capacity())
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Writer")
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.queue = None;
        if let Some(thread) = self.thread.take() {
            // A job may hold the last handle to the storage, and so drop it on the very thread to wait for.
            if thread.thread().id() != thread::current().id() {
                let _ = thread.join();
            }
        }
    }
}

/// Lets SQLite refuse statements that would begin or end a transaction while `guard` is up, that is, inside a job.
fn forbid_transactions(connection: &Mutex<Connection>, guard: &Arc<AtomicBool>) -> rusqlite::Result<()> {
    let guard = Arc::clone(guard);
    let mut connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
    connection.authorizer(Some(move |context: AuthContext<'_>| match context.action {
        AuthAction::Transaction { .. } if guard.load(Ordering::Relaxed) => Authorization::Deny,
        _ => Authorization::Allow,
    }))
}

fn serve(connection: &Mutex<Connection>, mut queue: mpsc::Receiver<Box<dyn Job>>, guard: &AtomicBool) {
    let mut group = Vec::new();
    while queue.blocking_recv_many(&mut group, GROUP) > 0 {
        let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
        while !group.is_empty() {
            let (tried, outcome) = commit(&connection, &mut group, guard);
            let outcome = outcome.map_err(Arc::new);
            for job in group.drain(..tried) {
                let landed = outcome.as_ref().map(|&()| ()).map_err(shared);
                // Dropping what the job returned may run code of the host.
                let _ = catch_unwind(AssertUnwindSafe(|| job.settle(landed)));
            }
        }
    }
}

/// Runs a group of jobs in one transaction. Returns how many of them its outcome is for: all, unless SQLite gave the
/// transaction up on the way; the rest then have their turn in another one.
fn commit(
    connection: &Connection,
    group: &mut [Box<dyn Job>],
    guard: &AtomicBool,
) -> (usize, Result<(), rusqlite::Error>) {
    let mut tried = group.len();
    let outcome = execute(connection, "BEGIN IMMEDIATE").and_then(|()| {
        // A savepoint copies every page that the job changes. As long as there is nothing to spare, none is needed, nor
        // for a job that fails halfway only where SQLite does: then nothing of the group can be relied on.
        let mut spares = false;
        for (place, job) in group.iter_mut().enumerate() {
            let has_savepoint = spares && !job.is_sure();
            if has_savepoint {
                execute(connection, "SAVEPOINT jackfield_job")?;
            }
            guard.store(true, Ordering::Relaxed);
            let ran = job.run(connection);
            guard.store(false, Ordering::Relaxed);
            let is_halfway = ran == Ran::Halfway;
            if connection.is_autocommit() || (is_halfway && spares && !has_savepoint) {
                tried = place + 1;
                return Err(given_up());
            }
            if is_halfway {
                execute(connection, if spares { "ROLLBACK TO jackfield_job" } else { "ROLLBACK" })?;
            }
            if has_savepoint {
                execute(connection, "RELEASE jackfield_job")?;
            } else if is_halfway {
                execute(connection, "BEGIN IMMEDIATE")?;
            }
            spares |= ran == Ran::Kept;
        }
        execute(connection, "COMMIT")
    });
    if outcome.is_err() && !connection.is_autocommit() {
        // Nothing can be done if this fails too; the next `BEGIN` then fails and says why.
        let _ = execute(connection, "ROLLBACK");
    }
    (tried, outcome)
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(|_| ())
}

/// One thing to do in a transaction that others share.
trait Job: Send {
    /// Whether it fails halfway only where SQLite does.
    fn is_sure(&self) -> bool;

    /// Does it.
    fn run(&mut self, connection: &Connection) -> Ran;

    /// Tells the caller, now that the transaction is over.
    fn settle(self: Box<Self>, landed: Result<(), StorageError>);
}

/// What a job left behind.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ran {
    /// It failed, and may have written something.
    Halfway,
    /// What it wrote is to stay.
    Kept,
    /// It wrote nothing.
    Nothing,
}

struct Work<F, T, E> {
    done: Option<Result<T, E>>,
    is_sure: bool,
    reply: oneshot::Sender<Result<T, E>>,
    work: Option<F>,
}

impl<F, T, E> Job for Work<F, T, E>
where
    F: FnOnce(&Connection) -> (Ran, Result<T, E>) + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn is_sure(&self) -> bool {
        self.is_sure
    }

    fn run(&mut self, connection: &Connection) -> Ran {
        let Some(work) = self.work.take() else { return Ran::Nothing };
        if self.reply.is_closed() {
            return Ran::Nothing;
        }
        let done = catch_unwind(AssertUnwindSafe(|| work(connection)));
        let (ran, result) = done.unwrap_or_else(|_| (Ran::Halfway, Err(panicked().into())));
        self.done = Some(result);
        ran
    }

    fn settle(self: Box<Self>, landed: Result<(), StorageError>) {
        let answer = match (self.done, landed) {
            (Some(Err(own)), _) => Err(own),
            (_, Err(error)) => Err(error.into()),
            (Some(done), Ok(())) => done,
            (None, Ok(())) => return,
        };
        // Nobody may be waiting any more, which is their choice.
        let _ = self.reply.send(answer);
    }
}

fn given_up() -> rusqlite::Error {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_ABORT_ROLLBACK);
    rusqlite::Error::SqliteFailure(code, Some("the transaction was given up because of one of its jobs".to_owned()))
}

fn gone() -> StorageError {
    StorageError::new(StorageErrorKind::Unavailable, "the thread that writes has ended")
}

fn panicked() -> StorageError {
    StorageError::new(StorageErrorKind::Invalid, "a job panicked; what it did was undone")
}
