//! The worker: one future that a host runs beside its own.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::Duration;

use futures_util::future::{join, join5, select};
use futures_util::stream::{FuturesUnordered, Stream};

use super::caught;
use super::signal::Alarm;
use crate::engine::{Engine, random};

impl Engine {
    /// Makes deliveries until `shutdown` is ready; then claims nothing more, finishes the calls that run, which takes no
    /// longer than one may take, and gives back what it had claimed and not begun.
    ///
    /// Spawns nothing: run it beside the server, in a task of its own. Nodes that share a storage each run one: a delivery
    /// is claimed by one of them, and what one leaves behind, because it ended or because the call is to be made later,
    /// another finds within two seconds. Of two on one engine, the second waits for the first to end.
    ///
    /// To drop it is as if the process had ended: what it had begun is repeated when the leases have run out.
    pub async fn run(&self, shutdown: impl Future<Output = ()>) {
        let desk = Arc::clone(&self.shared.deliveries);
        let mut shutdown = pin!(shutdown);
        let shift = loop {
            let clock = &self.shared.ports.clock;
            let spare = |_| u64::try_from(clock.monotonic().as_nanos()).unwrap_or_default();
            let holder = random(&self.shared.ports).map_or_else(spare, u64::from_be_bytes);
            if let Some(shift) = desk.begin_shift(holder) {
                break shift;
            }
            if matches!(
                select(shutdown.as_mut(), pin!(desk.shift.heard())).await,
                futures_util::future::Either::Left(_)
            ) {
                return;
            }
        };
        let (is_fed, is_called) = (AtomicBool::new(false), AtomicBool::new(false));
        let close = async {
            shutdown.await;
            desk.close();
        };
        let feed = async {
            self.feed_all().await;
            is_fed.store(true, Ordering::Relaxed);
            desk.call.ring();
        };
        let call = async {
            self.call_all(&is_fed).await;
            is_called.store(true, Ordering::Relaxed);
            desk.settle.ring();
            desk.watch.ring();
        };
        let is_over = || is_called.load(Ordering::Relaxed);
        let aside = join(self.keep_all(), self.watch_all(is_over));
        join5(close, feed, call, self.settle_all(is_over), aside).await;
        if let Err(fault) = caught(self.hand_over()).await {
            self.observe_fault(&fault);
        }
        drop(shift);
    }

    /// Makes the calls of what is claimed, until nothing more is and all have ended.
    async fn call_all(&self, is_fed: &AtomicBool) {
        let desk = &self.shared.deliveries;
        let mut calls = FuturesUnordered::new();
        poll_fn(|context| {
            // Asked first, so that what comes in meanwhile wakes the task.
            let _ = desk.call.poll(context);
            loop {
                let mut books = desk.books();
                let is_open = books.is_open;
                let inbox = std::mem::take(&mut books.inbox);
                drop(books);
                let is_idle = inbox.is_empty();
                for claim in inbox {
                    if is_open {
                        calls.push(self.attempt(claim));
                    } else {
                        self.unclaim(claim);
                    }
                }
                match pin!(&mut calls).poll_next(context) {
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) if is_idle && !is_open && is_fed.load(Ordering::Relaxed) => {
                        return Poll::Ready(());
                    }
                    Poll::Ready(None) | Poll::Pending if is_idle => {
                        // A signal that had rung already does not wake again: it is asked until it is silent.
                        if desk.call.poll(context).is_pending() {
                            return Poll::Pending;
                        }
                    }
                    Poll::Ready(None) | Poll::Pending => {}
                }
            }
        })
        .await;
    }

    /// Lets slow calls leave the first limit, and cuts those that a client does not end.
    async fn watch_all(&self, is_over: impl Fn() -> bool) {
        let (desk, clock) = (&self.shared.deliveries, &self.shared.ports.clock);
        let mut alarm = Alarm::new(clock.clone());
        while !is_over() {
            let next = self.watch(clock.monotonic());
            alarm.heard(&desk.watch, next.unwrap_or(TICK).clamp(SHORTEST, TICK)).await;
        }
    }

    /// Looks once, and says when to look again.
    fn watch(&self, now: Duration) -> Option<Duration> {
        let (desk, state) = (&self.shared.deliveries, self.state());
        let settings = &state.settings.deliveries;
        let mut books = desk.books();
        let has_moved = books.seats.slow_down(now, settings);
        let longest = state.settings.integration_timeout.saturating_add(PATIENCE);
        let overdue = now.checked_sub(longest).map(|moment| books.seats.older_than(moment)).unwrap_or_default();
        for number in overdue {
            if let Some(abort) = books.aborts.get(&number) {
                abort.abort();
            }
        }
        let next = books.seats.next_slow(settings).map(|next| next.saturating_sub(now));
        drop(books);
        if has_moved {
            desk.feed.ring();
        }
        next
    }
}

/// How much longer than its deadline a call may take before it is cut: a client ends it itself.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often long calls are looked at.
const TICK: Duration = Duration::from_secs(1);
/// The shortest wait, so that a clock that stands still cannot make the loop spin.
const SHORTEST: Duration = Duration::from_millis(1);
