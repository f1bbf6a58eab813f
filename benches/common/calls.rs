//! What the benches call a hook with, and how they wait for it.

use std::pin::pin;
use std::task::{Context, Poll, Waker};

/// A short text, as most calls are.
#[allow(dead_code, reason = "not every bench calls with it")]
pub(crate) const SMALL: &str = r#"{"text":"Build 42 passed, see https://ci.example.com/42 :tada:"}"#;

/// Runs a future that never waits.
pub(crate) fn now<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a port made the engine wait"),
    }
}
