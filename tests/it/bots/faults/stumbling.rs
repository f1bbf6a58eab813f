//! Ports that stumble once.

use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::id::{ChannelId, PostId, TeamId, UserId};
use jackfield::port::{
    Applied, Ask, Change, Channel, Committed, Credential, Directory, Effect, Found, Key, PortError, Post, PostSink,
    Query, Record, Refused, RefusedKind, Session, Storage, StorageError, StorageErrorKind, Team, User,
};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;

use crate::host::Host;

/// A host and its storage, which do all that they are asked for but once.
#[derive(Debug)]
pub(super) struct Stumbling {
    pub(super) host: Arc<Host>,
    hangs: Semaphore,
    /// How many calls go well before the one that does not, and whether those of one port alone count.
    plan: Mutex<Option<(usize, Mood, Option<&'static str>)>>,
    storage: MemoryStorage,
    stumbled_at: Mutex<&'static str>,
}

/// How a port stumbles.
#[derive(Clone, Copy, Debug)]
pub(super) enum Mood {
    /// It does what it is asked for, and says that it failed.
    FailAfter,
    FailBefore,
    /// It does what it is asked for, and nobody waits for the answer.
    HangAfter,
    HangBefore,
}

impl Stumbling {
    pub(super) fn new(host: Arc<Host>) -> Self {
        Self {
            host,
            hangs: Semaphore::new(0),
            plan: Mutex::new(None),
            storage: MemoryStorage::default(),
            stumbled_at: Mutex::new(""),
        }
    }

    pub(super) fn stumble_after(&self, steps: usize, mood: Mood) {
        *self.plan.lock().unwrap() = Some((steps, mood, None));
        *self.stumbled_at.lock().unwrap() = "";
    }

    /// The next request is dropped when this port is asked.
    pub(super) fn hang_at(&self, port: &'static str) {
        *self.plan.lock().unwrap() = Some((0, Mood::HangBefore, Some(port)));
        *self.stumbled_at.lock().unwrap() = "";
    }

    /// Lets all go well again; whether something did not.
    pub(super) fn recover(&self) -> bool {
        *self.plan.lock().unwrap() = None;
        !self.stumbled_at.lock().unwrap().is_empty()
    }

    /// Comes when a port does not answer.
    pub(super) async fn hung(&self) {
        self.hangs.acquire().await.unwrap().forget();
    }

    async fn step<T, E>(
        &self,
        port: &'static str,
        done: impl Future<Output = Result<T, E>>,
        error: impl FnOnce() -> E,
    ) -> Result<T, E> {
        let Some(mood) = self.turn(port) else { return done.await };
        if matches!(mood, Mood::FailAfter | Mood::HangAfter) {
            done.await?;
        }
        if matches!(mood, Mood::HangAfter | Mood::HangBefore) {
            self.hangs.add_permits(1);
            pending::<()>().await;
        }
        Err(error())
    }

    fn turn(&self, port: &'static str) -> Option<Mood> {
        let mut plan = self.plan.lock().unwrap();
        let counts = matches!(&*plan, Some((_, _, only)) if only.is_none_or(|only| only == port));
        match &mut *plan {
            Some((0, ..)) if counts => {
                *self.stumbled_at.lock().unwrap() = port;
                plan.take().map(|(_, mood, _)| mood)
            }
            Some((left, ..)) if counts => {
                *left -= 1;
                None
            }
            _ => None,
        }
    }

    async fn directory<T>(&self, done: impl Future<Output = Result<T, PortError>>) -> Result<T, PortError> {
        self.step("directory", done, || PortError::new("stumbled")).await
    }

    async fn kept<T>(&self, done: impl Future<Output = Result<T, StorageError>>) -> Result<T, StorageError> {
        self.step("storage", done, || StorageError::new(StorageErrorKind::Unavailable, "stumbled")).await
    }
}

#[async_trait]
impl Storage for Stumbling {
    async fn get(&self, key: &Key) -> Result<Option<Record>, StorageError> {
        self.kept(self.storage.get(key)).await
    }

    async fn find(&self, query: &Query) -> Result<Found, StorageError> {
        self.kept(self.storage.find(query)).await
    }

    async fn commit(&self, changes: Vec<Change>) -> Result<Committed, StorageError> {
        self.kept(self.storage.commit(changes)).await
    }
}

#[async_trait]
impl PostSink for Stumbling {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        self.step("sink", self.host.apply(effects), || Refused::new(RefusedKind::Failed, "stumbled")).await
    }
}

#[async_trait]
impl Directory for Stumbling {
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError> {
        self.directory(self.host.session(credential)).await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        self.directory(self.host.users(ids)).await
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        self.directory(self.host.user_named(username)).await
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        self.directory(self.host.channels(ids)).await
    }

    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        self.directory(self.host.channels_named(team, names)).await
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        self.directory(self.host.team(id)).await
    }

    async fn may(&self, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        self.directory(self.host.may(user, asks)).await
    }

    async fn administrators(&self) -> Result<Vec<UserId>, PortError> {
        self.directory(self.host.administrators()).await
    }

    async fn user_object(&self, id: UserId, viewer: UserId) -> Result<Option<Map<String, Value>>, PortError> {
        self.directory(self.host.user_object(id, viewer)).await
    }

    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError> {
        self.directory(self.host.post(id)).await
    }

    async fn members_named(&self, channel: ChannelId, names: &[&str]) -> Result<Vec<User>, PortError> {
        self.directory(self.host.members_named(channel, names)).await
    }
}
