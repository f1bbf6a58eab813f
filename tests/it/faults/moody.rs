//! A host whose answers may panic, or never come.

use std::future::pending;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use jackfield::id::{ChannelId, PostId, TeamId, UserId};
use jackfield::port::{
    Applied, Ask, Channel, Credential, Directory, Effect, PortError, Post, PostSink, Refused, Session, Team, User,
};
use tokio::sync::Semaphore;

use crate::host::Host;

/// Answers as a host does, but for one call.
#[derive(Debug)]
pub(super) struct Moody {
    /// How many calls are still answered, and what becomes of the one after them. The next ones are answered again.
    pub(super) mood: Mutex<Option<(usize, Mood)>>,
    /// Gets a permit when the call comes that is never answered.
    pub(super) hangs: Semaphore,
    host: Arc<Host>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Mood {
    Hang,
    Panic,
}

impl Moody {
    pub(super) fn new(host: Arc<Host>) -> Self {
        Self { mood: Mutex::new(None), hangs: Semaphore::new(0), host }
    }

    async fn host(&self) -> &Host {
        match self.turn() {
            Some(Mood::Hang) => {
                self.hangs.add_permits(1);
                pending().await
            }
            Some(Mood::Panic) => panic!("the host is in a mood"),
            None => &self.host,
        }
    }

    fn turn(&self) -> Option<Mood> {
        let mut mood = self.mood.lock().unwrap();
        match &mut *mood {
            Some((0, _)) => mood.take().map(|(_, mood)| mood),
            Some((left, _)) => {
                *left -= 1;
                None
            }
            None => None,
        }
    }
}

#[async_trait]
impl Directory for Moody {
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError> {
        self.host().await.session(credential).await
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        self.host().await.users(ids).await
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        self.host().await.user_named(username).await
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        self.host().await.channels(ids).await
    }

    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        self.host().await.channels_named(team, names).await
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        self.host().await.team(id).await
    }

    async fn may(&self, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        self.host().await.may(user, asks).await
    }

    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError> {
        self.host().await.post(id).await
    }

    async fn members_named(&self, channel: ChannelId, names: &[&str]) -> Result<Vec<User>, PortError> {
        self.host().await.members_named(channel, names).await
    }
}

#[async_trait]
impl PostSink for Moody {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        self.host().await.apply(effects).await
    }
}
