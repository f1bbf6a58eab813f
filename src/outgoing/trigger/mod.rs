//! Which outgoing webhooks a post sets off (OUT-47 to OUT-54, OUT-101, OUT-102, OUT-105).
//!
//! A [`TriggerIndex`] holds an [`Entry`] for each live hook. A post that sets nothing off costs two look-ups of places,
//! one pass over its first word as far as the longest prefix goes, and no allocation.

mod entry;
mod hash;
mod index;
mod lengths;
mod listen;
mod place;
mod seen;
mod table;
#[cfg(test)]
mod tests;
mod word;

pub(crate) use self::entry::{Entry, Target, Trigger};
pub(crate) use self::index::TriggerIndex;
pub(crate) use self::seen::Seen;
