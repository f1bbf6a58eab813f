//! Tasks that run at the same time, without a runtime of our own.

use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

/// A task that a fixture runs beside others.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Runs futures at the same time, and returns what they returned; `None` for one that panicked or was dropped.
///
/// They begin when all of them are running, so that the first is not done before the last begins.
pub(super) async fn race<T, F>(spawn: &(dyn Fn(Task) + Sync), racers: Vec<F>) -> Vec<Option<T>>
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let track = Arc::new(Track::<T>::new(racers.len()));
    for (lane, racer) in racers.into_iter().enumerate() {
        let mut runner = Runner { arrived: false, lane, result: None, track: Arc::clone(&track) };
        spawn(Box::pin(async move {
            runner.arrive();
            let total = runner.track.total;
            while runner.track.state().arrived < total {
                yield_now().await;
            }
            let result = racer.await;
            runner.finish(result);
        }));
    }
    std::future::poll_fn(|context| track.poll_finished(context)).await
}

/// Lets other tasks, and other threads, have their turn.
pub(super) async fn yield_now() {
    let mut yielded = false;
    std::future::poll_fn(|context| {
        if yielded {
            return Poll::Ready(());
        }
        yielded = true;
        thread::yield_now();
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

/// Runs a task on a thread of its own, so that races are real whatever the caller's runtime.
pub(super) fn spawn_thread(task: Task) {
    // If there is no thread, the task is dropped, and the race reports it as lost.
    let _ = thread::Builder::new().name("jackfield-conformance".to_owned()).spawn(|| block_on(task));
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    struct Unpark(Thread);

    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Waker::from(Arc::new(Unpark(thread::current())));
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return value;
        }
        thread::park();
    }
}

struct Track<T> {
    state: Mutex<State<T>>,
    total: usize,
}

struct State<T> {
    arrived: usize,
    finished: usize,
    results: Vec<Option<T>>,
    waiter: Option<Waker>,
}

impl<T> Track<T> {
    fn new(total: usize) -> Self {
        let results = std::iter::repeat_with(|| None).take(total).collect();
        Self { state: Mutex::new(State { arrived: 0, finished: 0, results, waiter: None }), total }
    }

    fn state(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_finished(&self, context: &Context<'_>) -> Poll<Vec<Option<T>>> {
        let mut state = self.state();
        if state.finished == self.total {
            return Poll::Ready(std::mem::take(&mut state.results));
        }
        state.waiter = Some(context.waker().clone());
        Poll::Pending
    }
}

/// One of the tasks. Counts as finished when it is dropped, however that comes about.
struct Runner<T> {
    arrived: bool,
    lane: usize,
    result: Option<T>,
    track: Arc<Track<T>>,
}

impl<T> Runner<T> {
    fn arrive(&mut self) {
        if !self.arrived {
            self.arrived = true;
            self.track.state().arrived += 1;
        }
    }

    fn finish(mut self, result: T) {
        self.result = Some(result);
    }
}

impl<T> Drop for Runner<T> {
    fn drop(&mut self) {
        self.arrive();
        let mut state = self.track.state();
        state.finished += 1;
        if let Some(slot) = state.results.get_mut(self.lane) {
            *slot = self.result.take();
        }
        let waiter = state.waiter.take();
        drop(state);
        if let Some(waiter) = waiter {
            waiter.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returns_what_each_returned_and_survives_those_that_panic() {
        let racer = |number: u32| async move {
            yield_now().await;
            assert_ne!(number, 1, "on purpose");
            number
        };
        let results = block_on(race(&spawn_thread, (0..4).map(racer).collect()));
        assert_eq!(results, [Some(0), None, Some(2), Some(3)]);
    }

    #[test]
    fn ends_when_a_task_is_never_run() {
        let results = block_on(race(&drop, vec![async { 1 }]));
        assert_eq!(results, [None]);
    }

    #[tokio::test]
    async fn works_on_one_thread() {
        let spawn = |task: Task| drop(tokio::spawn(task));
        assert_eq!(race(&spawn, vec![async { 1 }]).await, [Some(1)]);
    }
}
