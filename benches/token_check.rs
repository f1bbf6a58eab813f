//! Whose request it is, by a personal access token: beside a bare SHA-256 and a look-up in a map, and with few and many
//! tokens stored.
//!
//! `cargo bench --bench token_check`. Ours is `Engine::authenticate` on a prepared head, ports answer at once.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a bench that cannot go on stops")]

mod common;

use std::collections::HashMap;
use std::fs;
use std::future::Future;
use std::hint::black_box;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use async_trait::async_trait;
use common::bar;
use http::Request;
use http::request::Parts;
use jackfield::adapter::memory::MemoryStorage;
use jackfield::engine::{Caller, Engine, Ports, Settings};
use jackfield::id::{ChannelId, PostId, SessionId, TeamId, UserId};
use jackfield::port::{
    Applied, Ask, Channel, Credential, CredentialSource, Directory, Effect, PortError, Post, PostSink, Refused,
    Session, SessionKind, Team, User,
};
use jackfield::token::TokenRequest;
use rounds::{alone, alternate};
use sha2::{Digest, Sha256};

#[path = "common/rounds.rs"]
mod rounds;

/// More tokens than the engine remembers, so that each use in turn is the first.
const FEW: usize = 30_000;
const MANY: usize = 1_000_000;
const LOGIN: &str = "the-session-of-ann";

#[derive(Debug)]
struct Host {
    user: User,
}

fn main() {
    let host = Arc::new(Host { user: User::new(UserId::from_random([3; 16]), "ann") });
    let (engine, ann) = engine(&host);
    let few: Vec<Parts> = (0..FEW).map(|_| head(&make(&engine, &ann))).collect();

    let secret = make(&engine, &ann);
    let warm = head(&secret);
    let peers: HashMap<[u8; 32], u64> =
        (0..FEW as u64).map(|n| (digest(&n.to_string()), n)).chain([(digest(&secret), 1)]).collect();
    let (ours, bare) = alternate(
        1_000,
        || drop(black_box(check(&engine, &warm))),
        || {
            black_box(peers.get(&digest(black_box(&secret))));
        },
    );
    let ids = [host.user.id];
    let question = alone(1_000, || wait(host.users(black_box(&ids))).unwrap());
    println!("token_check_warm {ours:.0} ns, of which the directory's answer {question:.0} ns; bare {bare:.0} ns");
    bar("token_check_warm", ours / bare, 4.0);

    let mut next = 0;
    let mut cold = |engine: &Engine, heads: &[Parts]| {
        next = (next + 7_919) % heads.len();
        drop(black_box(check(engine, &heads[next])));
    };
    let few_ns = alone(20_000, || cold(&engine, &few));
    println!("token_check_cold, {FEW} tokens in memory: {few_ns:.0} ns");
    drop(few);

    let many: Vec<String> = (0..MANY - FEW).map(|_| make(&engine, &ann)).collect();
    // Every thirtieth, so that both rounds hold as many heads.
    let sample: Vec<Parts> = many.iter().step_by(many.len() / FEW).take(FEW).map(|secret| head(secret)).collect();
    drop(many);
    let before = resident();
    let many_ns = alone(20_000, || cold(&engine, &sample));
    println!("token_check_cold, {MANY} tokens in memory: {many_ns:.0} ns");
    bar("token_lookup_flat", many_ns / few_ns, 1.5);
    println!("resident bytes that 200,000 checks of {FEW} tokens added: {}", resident().saturating_sub(before));
}

fn engine(host: &Arc<Host>) -> (Engine, Caller) {
    let ports = Ports::new(Arc::new(MemoryStorage::default()), host.clone(), host.clone());
    let mut settings = Settings::default();
    settings.tokens.enabled = true;
    let engine = wait(Engine::start(ports, settings)).unwrap();
    let ann = wait(engine.caller(&Credential::new(CredentialSource::Header, LOGIN), None)).unwrap().unwrap();
    (engine, ann)
}

fn make(engine: &Engine, ann: &Caller) -> String {
    let mut request = TokenRequest::default();
    request.description = "bench".to_owned();
    let made = wait(engine.create_access_token(ann, ann.user_id(), request)).unwrap();
    made.secret.expose().to_owned()
}

fn head(secret: &str) -> Parts {
    let request = Request::get("/api/v4/users/me").header("Authorization", format!("Bearer {secret}"));
    request.body(()).unwrap().into_parts().0
}

fn check(engine: &Engine, parts: &Parts) -> Caller {
    wait(engine.authenticate(black_box(parts))).unwrap().unwrap()
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text).into()
}

/// How many bytes of the process are in memory.
fn resident() -> usize {
    let pages = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = pages.split(' ').nth(1).and_then(|pages| pages.parse::<usize>().ok());
    pages.unwrap_or_default() * 4_096
}

/// Waits for what has nothing to wait for.
fn wait<T>(future: impl Future<Output = T>) -> T {
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
        let session = Session::new(SessionId::from_random([1; 16]), self.user.id, SessionKind::Login);
        Ok((credential.expose() == LOGIN).then_some(session))
    }

    async fn users(&self, _: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(vec![self.user.clone()])
    }

    async fn user_named(&self, _: &str) -> Result<Option<User>, PortError> {
        Ok(Some(self.user.clone()))
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
