//! The smallest host: one user, one channel, posts printed on the terminal. Run it with `cargo run --example quickstart`
//! and send what it tells you to. `examples/chat_server` is a whole chat server.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use http::Request;
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings};
use jackfield::id::{ChannelId, PostId, SessionId, TeamId, UserId};
use jackfield::port::{
    Action, Applied, Ask, Channel, ChannelKind, Credential, Directory, Effect, PortError, Post, PostSink, Refused,
    RefusedKind, Session, SessionKind, Team, User,
};

/// What a chat server has in its database.
#[derive(Clone, Debug)]
struct Host {
    channel: Channel,
    posts: Arc<AtomicU64>,
    team: Team,
    token: String,
    user: User,
}

impl Host {
    fn new() -> Self {
        let team = Team::new(TeamId::from_random([1; 16]), "demo", "Demo");
        let channel = Channel::new(ChannelId::from_random([2; 16]), ChannelKind::Public, "town-square");
        Self {
            channel: channel.with_team(team.id, "Town Square"),
            posts: Arc::default(),
            team,
            token: "ann's session".to_owned(),
            user: User::new(UserId::from_random([3; 16]), "ann"),
        }
    }
}

/// Who and what is there, and who may do what.
#[async_trait]
impl Directory for Host {
    async fn session(&self, credential: &Credential) -> Result<Option<Session>, PortError> {
        let is_ann = credential.expose() == self.token;
        Ok(is_ann.then(|| Session::new(SessionId::from_random([4; 16]), self.user.id, SessionKind::Login)))
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        Ok(if ids.contains(&self.user.id) { vec![self.user.clone()] } else { Vec::new() })
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        Ok((username == self.user.username).then(|| self.user.clone()))
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        Ok(if ids.contains(&self.channel.id) { vec![self.channel.clone()] } else { Vec::new() })
    }

    async fn channels_named(&self, team: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        let is_ours = team == Some(self.team.id) && names.contains(&self.channel.name.as_str());
        Ok(if is_ours { vec![self.channel.clone()] } else { Vec::new() })
    }

    async fn team(&self, id: TeamId) -> Result<Option<Team>, PortError> {
        Ok((id == self.team.id).then(|| self.team.clone()))
    }

    async fn may(&self, user: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        Ok(vec![user == self.user.id; asks.len()]) // ann may do everything
    }

    async fn post(&self, _: PostId) -> Result<Option<Post>, PortError> {
        Ok(None) // printed and forgotten
    }

    async fn members_named(&self, _: ChannelId, names: &[&str]) -> Result<Vec<User>, PortError> {
        Ok(if names.contains(&self.user.username.as_str()) { vec![self.user.clone()] } else { Vec::new() })
    }
}

/// Makes posts. A real host stores them in one transaction and remembers the effect's key; see its contract.
#[async_trait]
impl PostSink for Host {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        let mut applied = Vec::new();
        for effect in effects {
            let Action::CreatePosts(drafts) = effect.action else {
                return Err(Refused::new(RefusedKind::Unsupported, "this host only prints new posts"));
            };
            let posts = drafts.iter().map(|draft| {
                println!("{}: {} {}", draft.user_id, draft.message, draft.props.to_json());
                let number = self.posts.fetch_add(1, Ordering::Relaxed);
                PostId::from_random(u128::from(number).to_be_bytes())
            });
            applied.push(Applied::posts(posts.collect()));
        }
        Ok(applied)
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let host = Arc::new(Host::new());
    let storage = Arc::new(jackfield::adapter::memory::MemoryStorage::default());
    let ports = Ports::new(storage, host.clone(), host.clone());
    let api = Api::new(Engine::start(ports, Settings::default()).await?);

    // A hook, made as a client makes one.
    let body = format!(r#"{{"channel_id": "{}", "display_name": "Quickstart"}}"#, host.channel.id);
    let request = Request::post("/api/v4/hooks/incoming").header("Authorization", format!("Bearer {}", host.token));
    let made = api.handle(request.body(())?.into_parts().0, Body::Whole(body.into())).await;
    let hook: serde_json::Value = serde_json::from_slice(made.body())?;
    let hook = hook.get("id").and_then(|id| id.as_str()).unwrap_or_default();

    let listener = tokio::net::TcpListener::bind("127.0.0.1:8066").await?;
    println!("listening on http://127.0.0.1:8066; now say something:");
    println!(r#"  curl -d 'payload={{"text": "Hello, **world**"}}' http://127.0.0.1:8066/hooks/{hook}"#);
    axum::serve(listener, jackfield::adapter::axum::router(api)).await?;
    Ok(())
}
