//! A storage that is slow, fails, and loses answers.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;

use super::executor::SimClock;
use super::world::Chance;
use crate::adapter::memory::MemoryStorage;
use crate::port::{Change, Clock, Committed, Found, Key, Query, Record, Storage, StorageError, StorageErrorKind};

/// A storage that is slow, fails, and loses answers.
#[derive(Debug)]
pub(super) struct SimStorage {
    pub(super) clock: Arc<SimClock>,
    pub(super) inner: MemoryStorage,
    pub(super) mood: Mutex<Mood>,
}

/// How it is.
#[derive(Debug)]
pub(super) struct Mood {
    pub(super) chance: Chance,
    /// In how many of a hundred calls something goes wrong.
    pub(super) failures: u64,
    /// How many commits landed whose answer was lost.
    pub(super) lost: u64,
}

/// What happens to one call.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Fate {
    Fails,
    LosesAnswer,
    Panics,
    Works,
}

impl SimStorage {
    async fn fate(&self) -> Fate {
        let (fate, wait) = {
            let mut mood = self.mood.lock().unwrap();
            let wrong = mood.chance.below(100) < mood.failures;
            let fate = match mood.chance.below(10) {
                0 => Fate::Panics,
                1..=5 => Fate::Fails,
                _ => Fate::LosesAnswer,
            };
            let wait = mood.chance.below(4).saturating_sub(1) * mood.chance.below(20);
            (if wrong { fate } else { Fate::Works }, wait)
        };
        if wait > 0 {
            self.clock.sleep(Duration::from_millis(wait)).await;
        }
        match fate {
            Fate::Panics => panic!("the storage panics"),
            other => other,
        }
    }
}

fn failed() -> StorageError {
    StorageError::new(StorageErrorKind::Unavailable, "the disk is away")
}

#[async_trait]
impl Storage for SimStorage {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        match self.fate().await {
            Fate::Works => self.inner.get(key).await,
            _ => Err(failed()),
        }
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        match self.fate().await {
            Fate::Works => self.inner.find(query).await,
            _ => Err(failed()),
        }
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        let fate = self.fate().await;
        if fate == Fate::Fails {
            return Err(failed());
        }
        let committed = self.inner.commit(changes).await;
        if fate == Fate::LosesAnswer {
            self.mood.lock().unwrap().lost += 1;
            return Err(failed());
        }
        committed
    }

    fn is_durable(&self) -> bool {
        false
    }
}
