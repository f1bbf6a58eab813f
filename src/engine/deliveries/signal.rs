//! How one loop of the worker wakes another, and how it waits.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::port::Clock;

/// Something that happened, for whoever waits for it. It stays until somebody noticed.
#[derive(Debug, Default)]
pub(super) struct Signal(Mutex<Heard>);

#[derive(Debug, Default)]
struct Heard {
    has_rung: bool,
    waiting: Vec<Waker>,
}

impl Signal {
    /// Says that it happened.
    pub(super) fn ring(&self) {
        let mut heard = self.lock();
        heard.has_rung = true;
        let waiting = std::mem::take(&mut heard.waiting);
        drop(heard);
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Says whether it happened since it was last noticed, and lets the task be woken when it does.
    pub(super) fn poll(&self, context: &Context<'_>) -> Poll<()> {
        let mut heard = self.lock();
        if std::mem::take(&mut heard.has_rung) {
            return Poll::Ready(());
        }
        if !heard.waiting.iter().any(|waker| waker.will_wake(context.waker())) {
            heard.waiting.push(context.waker().clone());
        }
        Poll::Pending
    }

    /// Waits until it happens.
    pub(super) async fn heard(&self) {
        poll_fn(|context| self.poll(context)).await;
    }

    // Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Rings at a time. Setting one costs a timer, so the one that is set stays while it is early enough.
pub(super) struct Alarm {
    clock: Arc<dyn Clock>,
    set: Option<(Duration, BoxFuture<'static, ()>)>,
}

impl Alarm {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, set: None }
    }

    /// Waits for the signal, and no longer than this.
    pub(super) async fn heard(&mut self, signal: &Signal, longest: Duration) {
        let until = self.clock.monotonic().saturating_add(longest);
        if self.set.as_ref().is_none_or(|(set, _)| *set > until) {
            let clock = Arc::clone(&self.clock);
            self.set = Some((until, Box::pin(async move { clock.sleep(longest).await })));
        }
        poll_fn(|context| {
            if let Some((_, sleep)) = &mut self.set
                && sleep.as_mut().poll(context).is_ready()
            {
                self.set = None;
                return Poll::Ready(());
            }
            signal.poll(context)
        })
        .await;
    }
}
