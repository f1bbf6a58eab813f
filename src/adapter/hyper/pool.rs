//! Connections that wait for the next request.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::exchange::{Http1, Http2};
use super::options::HyperOptions;
use super::target::Origin;
use crate::security::EgressPolicy;

/// Connections that nobody uses, and those of HTTP/2 that all use. All of them were made under one policy.
#[derive(Debug)]
pub(super) struct Pool {
    greatest: usize,
    idle: Duration,
    per_origin: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Of all origins, those of HTTP/1.1.
    count: usize,
    origins: HashMap<Origin, Waiting>,
    policy: Option<Arc<EgressPolicy>>,
    reaped: bool,
    /// Raised with each new policy: what was made before does not come back.
    generation: u64,
}

#[derive(Debug, Default)]
struct Waiting {
    /// Since when each waits, the oldest first.
    http1: Vec<(Instant, Box<Http1>)>,
    http2: Option<(Instant, Http2)>,
}

/// A connection for one call.
#[derive(Debug)]
pub(super) enum Held {
    Http1(Box<Http1>),
    Http2(Http2),
}

impl Pool {
    pub(super) fn new(options: &HyperOptions) -> Self {
        let (greatest, idle, per_origin) = (options.idle_connections, options.idle, options.idle_per_origin);
        Self { greatest, idle, per_origin, state: Mutex::default() }
    }

    /// Returns the generation of `policy`; what was made under another is closed, or will be when its call ends.
    pub(super) fn enter(&self, policy: &Arc<EgressPolicy>) -> u64 {
        let mut state = self.state();
        let is_known = state.policy.as_ref().is_some_and(|known| Arc::ptr_eq(known, policy));
        if is_known {
            return state.generation;
        }
        let is_equal = state.policy.as_ref().is_some_and(|known| known == policy);
        state.policy = Some(Arc::clone(policy));
        if is_equal {
            return state.generation;
        }
        state.generation += 1;
        state.count = 0;
        let (generation, old) = (state.generation, std::mem::take(&mut state.origins));
        drop(state);
        drop(old);
        generation
    }

    /// Takes the connection that was used last, and tells how long it has been idle.
    pub(super) fn take(&self, origin: &Origin, generation: u64) -> Option<(Duration, Held)> {
        let mut state = self.state();
        if state.generation != generation {
            return None;
        }
        let waiting = state.origins.get_mut(origin)?;
        if let Some((_, http2)) = &waiting.http2
            && http2.is_ready()
        {
            return Some((Duration::ZERO, Held::Http2(http2.clone())));
        }
        waiting.http2 = None;
        let (since, http1) = waiting.http1.pop()?;
        state.count -= 1;
        drop(state);
        let idle = since.elapsed();
        (idle < self.idle).then_some((idle, Held::Http1(http1)))
    }

    /// Keeps a connection for the next request.
    pub(super) fn give(self: &Arc<Self>, origin: &Origin, generation: u64, held: Held) {
        let mut state = self.state();
        let State { count, origins, reaped, generation: now, .. } = &mut *state;
        if *now != generation || self.idle.is_zero() {
            return;
        }
        let waiting = match origins.get_mut(origin) {
            Some(waiting) => waiting,
            None => origins.entry(origin.clone()).or_default(),
        };
        match held {
            Held::Http1(http1) if waiting.http1.len() < self.per_origin && *count < self.greatest => {
                waiting.http1.push((Instant::now(), http1));
                *count += 1;
            }
            Held::Http2(http2) => waiting.http2 = Some((Instant::now(), http2)),
            Held::Http1(_) => return,
        }
        if !std::mem::replace(reaped, true) {
            tokio::spawn(reap(Reaper(Arc::downgrade(self)), self.idle));
        }
    }

    /// Keeps no longer what all use, because it failed one of them.
    pub(super) fn forget(&self, origin: &Origin, failed: &Http2) {
        let mut state = self.state();
        if let Some(waiting) = state.origins.get_mut(origin)
            && waiting.http2.as_ref().is_some_and(|(_, http2)| http2.is_same(failed))
        {
            waiting.http2 = None;
        }
    }

    /// Closes what would have waited for too long by the next time. Returns whether anything is left.
    fn reap(&self) -> bool {
        let (mut old, longest) = (Vec::new(), self.idle - self.idle / ROUNDS);
        let mut state = self.state();
        let State { count, origins, .. } = &mut *state;
        origins.retain(|_, waiting| {
            let fresh = waiting.http1.partition_point(|(since, _)| since.elapsed() >= longest);
            old.extend(waiting.http1.drain(..fresh));
            if let Some((since, http2)) = &mut waiting.http2 {
                if http2.is_used() {
                    *since = Instant::now();
                } else if since.elapsed() >= longest || !http2.is_ready() {
                    waiting.http2 = None;
                }
            }
            !waiting.http1.is_empty() || waiting.http2.is_some()
        });
        *count -= old.len();
        let is_left = !origins.is_empty();
        state.reaped = is_left;
        drop(state);
        is_left
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says, however it ends, that nobody closes old connections any more.
#[derive(Debug)]
struct Reaper(Weak<Pool>);

impl Drop for Reaper {
    fn drop(&mut self) {
        if let Some(pool) = self.0.upgrade() {
            pool.state().reaped = false;
        }
    }
}

/// Closes what waits for too long, until nothing waits.
async fn reap(mut reaper: Reaper, idle: Duration) {
    loop {
        sleep((idle / ROUNDS).max(Duration::from_millis(1))).await;
        let Some(pool) = reaper.0.upgrade() else { return };
        if !pool.reap() {
            // It is noted already, and another may be at work by now.
            reaper.0 = Weak::new();
            return;
        }
    }
}

/// How often old connections are looked for, in the time that one may be idle.
const ROUNDS: u32 = 8;
