//! A host with one user, who may do everything and has one session and one token; it remembers what it was asked about.

use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{ChannelId, PostId, SessionId, TeamId, UserId};
use jackfield::port::{
    Applied, Ask, Channel, Credential, CredentialSource, Directory, Effect, PortError, Post, PostSink, Refused,
    Session, SessionKind, Team, User,
};
use jackfield::token::TokenRequest;

/// The secret of the session.
pub(crate) const LOGIN: &str = "a-session-of-ann-s";

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) asked: Mutex<Option<Credential>>,
    user: User,
}

/// An engine over such a host.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) host: Arc<Host>,
    /// Of the token.
    pub(crate) secret: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let user = User::new(UserId::from_random([1; 16]), "ann");
        let host = Arc::new(Host { asked: Mutex::new(None), user });
        let ports = Ports::new(Arc::new(MemoryStorage::default()), host.clone(), host.clone());
        let mut settings = Settings::default();
        settings.tokens.enabled = true;
        let engine = wait(Engine::start(ports, settings)).expect("an engine");
        let login = Credential::new(CredentialSource::Header, LOGIN);
        let ann = wait(engine.caller(&login, None)).expect("a host").expect("a session");
        let mut wanted = TokenRequest::default();
        wanted.description = "fuzz".to_owned();
        let made = wait(engine.create_access_token(&ann, ann.user_id(), wanted)).expect("a token");
        let secret = made.secret.expose().to_owned();
        *host.asked.lock().expect("one thread") = None; // what was asked until here is not the request's doing
        Self { engine, host, secret }
    }
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
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError> {
        *self.asked.lock().expect("one thread") = Some(credential.clone());
        let session = Session::new(SessionId::from_random([1; 16]), self.user.id, SessionKind::Login);
        Ok((credential.expose() == LOGIN).then_some(session))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(if ids.contains(&self.user.id) { vec![self.user.clone()] } else { Vec::new() })
    }

    async fn user_named(&self, name: &str) -> Result<Option<User>, PortError> {
        Ok((name == "ann").then(|| self.user.clone()))
    }

    async fn channels(&self, _: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        Ok(Vec::new())
    }

    async fn channels_named(&self, _: Option<TeamId>, _: &[&str]) -> Result<Vec<Channel>, PortError> {
        Ok(Vec::new())
    }

    async fn team(&self, _: TeamId) -> Result<Option<Team>, PortError> {
        Ok(None)
    }

    async fn may(&self, _: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        Ok(vec![true; asks.len()])
    }

    async fn post(&self, _: PostId) -> Result<Option<Post>, PortError> {
        Ok(None)
    }

    async fn members_named(&self, _: ChannelId, _: &[&str]) -> Result<Vec<User>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl PostSink for Host {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        Ok(effects.iter().map(|_| Applied::default()).collect())
    }
}
