//! Checks that every implementation of a port must pass. Not covered by semantic versioning: a new release may find
//! more.
//!
//! A check is a function; a broken rule is a value. One line gives one test for each check, on any runtime:
//!
//! ```
//! use jackfield::adapter::memory::MemoryStorage;
//!
//! jackfield::storage_conformance!(tokio::test, || async { MemoryStorage::default() });
//! # fn main() {}
//! ```
//!
//! [`run_storage`], [`run_sink`] and [`run_http`] run all checks and return what is broken, for hosts with a test runner
//! of their own. What is hard to make takes a fixture instead of a closure: [`StorageFixture`], [`SinkFixture`],
//! [`HttpFixture`].
//!
//! The kit is itself tested by stores, sinks and clients that are wrong in one way each.

pub mod http;
mod race;
pub mod sink;
pub mod storage;

use std::fmt::Debug;

use thiserror::Error;

pub use self::http::{HttpFixture, run_http};
pub use self::race::Task;
pub use self::sink::{SinkFixture, TestHost, run_sink};
pub use self::storage::{StorageFixture, run_storage};

/// What a check returns.
pub type Check = Result<(), Violation>;

/// A rule that is broken.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{check}: {detail}")]
pub struct Violation {
    /// The name of the check that found it.
    pub check: &'static str,
    /// What was wrong.
    pub detail: String,
}

/// The name of a check, to say what it finds.
#[derive(Clone, Copy, Debug)]
struct Name(&'static str);

impl Name {
    fn violation(self, detail: impl Into<String>) -> Violation {
        Violation { check: self.0, detail: detail.into() }
    }

    fn ensure(self, holds: bool, detail: impl Into<String>) -> Check {
        if holds { Ok(()) } else { Err(self.violation(detail)) }
    }

    fn equal<T: Debug + PartialEq>(self, what: &str, got: &T, want: &T) -> Check {
        if got == want {
            return Ok(());
        }
        Err(self.violation(format!("{what}: got {}, not {}", short(got), short(want))))
    }
}

/// The beginning of a value's `Debug`.
fn short(value: &impl Debug) -> String {
    let text = format!("{value:?}");
    match text.char_indices().nth(300) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
