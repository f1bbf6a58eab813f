//! A host with one user, who may do everything, and one channel; it keeps nothing but hooks, in memory.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::Api;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{ChannelId, PostId, SessionId, TeamId, UserId};
use jackfield::port::{
    Applied, Ask, Channel, ChannelKind, Credential, Directory, Effect, PortError, Post, PostSink, Refused, Session,
    SessionKind, Team, User,
};

#[derive(Debug)]
struct Host {
    channel: Channel,
    user: User,
}

/// An API over such a host.
pub(crate) fn api() -> Api {
    let channel = Channel::new(ChannelId::parse(CHANNEL).expect("an id"), ChannelKind::Public, "dev");
    let team = TeamId::parse(TEAM).expect("an id");
    let user = User::new(UserId::parse(USER).expect("an id"), "ann");
    let host = Arc::new(Host { channel: channel.with_team(team, "Dev"), user });
    let ports = Ports::new(Arc::new(MemoryStorage::default()), host.clone(), host);
    let mut settings = Settings::default();
    (settings.overrides.icon, settings.overrides.username) = (true, true);
    Api::new(wait(Engine::start(ports, settings)).expect("an engine"))
}

/// Waits for what has nothing to wait for but others of the same thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

#[async_trait]
impl Directory for Host {
    async fn session(&self, _: &Credential) -> Result<Option<Session>, PortError> {
        Ok(Some(Session::new(SessionId::from_random([1; 16]), self.user.id, SessionKind::Login)))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(if ids.contains(&self.user.id) { vec![self.user.clone()] } else { Vec::new() })
    }

    async fn user_named(&self, name: &str) -> Result<Option<User>, PortError> {
        Ok((name == "ann").then(|| self.user.clone()))
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        Ok(if ids.contains(&self.channel.id) { vec![self.channel.clone()] } else { Vec::new() })
    }

    async fn channels_named(&self, _: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        Ok(if names.contains(&"dev") { vec![self.channel.clone()] } else { Vec::new() })
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        Ok((id.as_str() == TEAM).then(|| Team::new(id, "team", "Team")))
    }

    async fn may(&self, _: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        Ok(vec![true; asks.len()])
    }

    async fn post(&self, _: PostId) -> Result<Option<Post>, PortError> {
        Ok(None)
    }

    async fn members_named(&self, _: ChannelId, _: &[&str]) -> Result<Vec<User>, PortError> {
        Ok(vec![self.user.clone()])
    }
}

#[async_trait]
impl PostSink for Host {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        let posts = || Applied::posts(vec![PostId::from_random([4; 16])]);
        Ok(effects.iter().map(|_| posts()).collect())
    }
}

// The seeds name these three.
const CHANNEL: &str = "channelchannelchannelchann";
const TEAM: &str = "teamteamteamteamteamteamte";
const USER: &str = "useruseruseruseruseruserus";
