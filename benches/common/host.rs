//! A host that answers from memory and forgets what it is given: what is left is the engine's own cost.

#![allow(dead_code, reason = "not every bench asks for everything")]

use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{ChannelId, PostId, SessionId, TeamId, UserId};
use jackfield::port::{
    Applied, Ask, Channel, ChannelKind, Credential, Directory, Effect, PortError, Post, PostSink, Refused, Session,
    SessionKind, Storage, Team, User,
};
use jackfield::security::MasterKey;

#[derive(Debug)]
pub(crate) struct Host {
    channel: Channel,
    team: Team,
    user: User,
}

impl Host {
    pub(crate) fn new() -> Self {
        let team = Team::new(TeamId::from_random([1; 16]), "team", "Team");
        let channel = Channel::new(ChannelId::from_random([2; 16]), ChannelKind::Public, "dev");
        let user = User::new(UserId::from_random([3; 16]), "ann");
        Self { channel: channel.with_team(team.id, "Dev"), team, user }
    }

    pub(crate) fn channel(&self) -> &Channel {
        &self.channel
    }

    pub(crate) fn team(&self) -> &Team {
        &self.team
    }

    pub(crate) fn user(&self) -> &User {
        &self.user
    }
}

#[async_trait]
impl Directory for Host {
    async fn session(&self, _: &Credential) -> Result<Option<Session>, PortError> {
        Ok(Some(Session::new(SessionId::from_random([1; 16]), self.user.id, SessionKind::Login)))
    }

    async fn users(&self, _: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(vec![self.user.clone()])
    }

    async fn user_named(&self, _: &str) -> Result<Option<User>, PortError> {
        Ok(Some(self.user.clone()))
    }

    async fn channels(&self, _: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        Ok(vec![self.channel.clone()])
    }

    async fn channels_named(&self, _: Option<TeamId>, _: &[&str]) -> Result<Vec<Channel>, PortError> {
        Ok(vec![self.channel.clone()])
    }

    async fn team(&self, _: TeamId) -> Result<Option<Team>, PortError> {
        Ok(Some(self.team.clone()))
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
        Ok(std::hint::black_box(effects).iter().map(|_| posts()).collect())
    }
}

/// An API over such a host and a storage.
pub(crate) async fn start(storage: Arc<dyn Storage>) -> Api {
    let host = Arc::new(Host::new());
    let mut settings = Settings::default();
    settings.keys = vec![MasterKey::new([7; 32])];
    Api::new(Engine::start(Ports::new(storage, host.clone(), host), settings).await.unwrap())
}

/// Makes a hook.
pub(crate) async fn make_hook(api: &Api) -> String {
    let channel = Host::new().channel.id;
    let body = format!(r#"{{"channel_id": "{channel}", "display_name": "Deploys"}}"#);
    let request = Request::post("/api/v4/hooks/incoming").header("Authorization", "Bearer x").body(()).unwrap();
    let made: Response<Bytes> = api.handle(request.into_parts().0, Body::Whole(body.into())).await;
    let hook: serde_json::Value = serde_json::from_slice(made.body()).unwrap();
    hook["id"].as_str().unwrap().to_owned()
}
