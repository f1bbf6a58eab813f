//! Deliveries: recorded with what caused them, made by a worker, and looked after by hand.
//!
//! The worker is one future of five that wake each other by [signals](signal): one claims ([`feed`], [`lanes`]), one
//! calls ([`call`]), one writes down what came of it ([`settle`]), one watches how long calls take ([`run`]), one looks
//! after the rest ([`keep`]). What they share is the [`desk`].

mod call;
mod desk;
mod feature;
mod feed;
mod hand;
mod keep;
mod land;
mod lanes;
mod plan;
mod run;
mod settle;
mod signal;
#[cfg(test)]
mod sim;

use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

pub(in crate::engine) use self::desk::Desk;
pub(in crate::engine) use self::feature::{Answer, Call, Errand, OUTGOING, Prepared, Replied};
pub(crate) use self::hand::ByHand;
pub use self::plan::Plan;
use super::error::Fault;

/// Turns a panic of a port into a fault of this step alone.
async fn caught<T>(step: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    AssertUnwindSafe(step).catch_unwind().await.unwrap_or_else(|_| Err(Fault::panicked()))
}
