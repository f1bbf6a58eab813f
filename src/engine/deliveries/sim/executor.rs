//! One thread, one clock, nothing that is left to chance: tasks run until all of them wait, then time goes on.

use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use async_trait::async_trait;
use time::OffsetDateTime;

use crate::port::Clock;

/// A clock that the test moves.
#[derive(Debug, Default)]
pub(super) struct SimClock(Mutex<Time>);

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    next: u64,
    /// How far the wall clock was set off, in milliseconds.
    set: i64,
    timers: BTreeMap<(Duration, u64), Waker>,
}

/// When every simulation begins, by the wall clock.
pub(super) const START: i64 = 1_700_000_000_000;

impl SimClock {
    /// Sets the wall clock.
    pub(super) fn set(&self, by: i64) {
        self.0.lock().unwrap().set += by;
    }

    /// Goes on to the next timer, if it is no later than `until`, and wakes it. False if there is none.
    fn ring_next(&self, until: Duration) -> bool {
        let mut time = self.0.lock().unwrap();
        let Some(((at, _), waker)) = time.timers.pop_first().filter(|((at, _), _)| *at <= until) else {
            return false;
        };
        time.now = time.now.max(at);
        drop(time);
        waker.wake();
        true
    }

    fn next(&self) -> Option<Duration> {
        self.0.lock().unwrap().timers.first_key_value().map(|((at, _), _)| *at)
    }

    fn arrive(&self, at: Duration) {
        let mut time = self.0.lock().unwrap();
        time.now = time.now.max(at);
    }
}

#[async_trait]
impl Clock for SimClock {
    fn now(&self) -> OffsetDateTime {
        let time = self.0.lock().unwrap();
        let millis = START + time.set + i64::try_from(time.now.as_millis()).unwrap();
        OffsetDateTime::UNIX_EPOCH + time::Duration::milliseconds(millis)
    }

    fn monotonic(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    async fn sleep(&self, duration: Duration) {
        let mut place: Option<(Duration, u64)> = None;
        poll_fn(|context| {
            let mut time = self.0.lock().unwrap();
            let key = *place.get_or_insert_with(|| {
                time.next += 1;
                (time.now + duration, time.next)
            });
            if time.now >= key.0 {
                time.timers.remove(&key);
                return Poll::Ready(());
            }
            time.timers.insert(key, context.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

/// The tasks of a simulation.
#[derive(Default)]
pub(super) struct Executor {
    next: usize,
    tasks: BTreeMap<usize, Task>,
}

struct Task {
    flag: Arc<Flag>,
    future: Pin<Box<dyn Future<Output = ()>>>,
}

struct Flag(AtomicBool);

impl Wake for Flag {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Executor {
    pub(super) fn spawn(&mut self, future: impl Future<Output = ()> + 'static) -> usize {
        self.next += 1;
        let flag = Arc::new(Flag(AtomicBool::new(true)));
        self.tasks.insert(self.next, Task { flag, future: Box::pin(future) });
        self.next
    }

    /// Drops a task where it stands, as a crash does.
    pub(super) fn kill(&mut self, task: usize) {
        self.tasks.remove(&task);
    }

    pub(super) fn is_running(&self, task: usize) -> bool {
        self.tasks.contains_key(&task)
    }

    /// Runs all tasks until each waits.
    pub(super) fn settle(&mut self) {
        for round in 0.. {
            assert!(round < 100_000, "the tasks never rest");
            let awake: Vec<usize> =
                self.tasks.iter().filter(|(_, task)| task.flag.0.load(Ordering::Relaxed)).map(|(id, _)| *id).collect();
            if awake.is_empty() {
                return;
            }
            for id in awake {
                let Some(task) = self.tasks.get_mut(&id) else { continue };
                task.flag.0.store(false, Ordering::Relaxed);
                let waker = Waker::from(Arc::clone(&task.flag));
                if task.future.as_mut().poll(&mut Context::from_waker(&waker)).is_ready() {
                    self.tasks.remove(&id);
                }
            }
        }
    }

    /// Lets so much time pass.
    pub(super) fn pass(&mut self, clock: &SimClock, time: Duration) {
        let until = clock.monotonic() + time;
        self.settle();
        while clock.next().is_some_and(|next| next <= until) {
            clock.ring_next(until);
            self.settle();
        }
        clock.arrive(until);
    }
}
