//! One engine over one host, and the requests that tests send to it.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request};
use jackfield::adapter::memory::MemoryStorage;
use jackfield::api::{Api, Body};
use jackfield::engine::{Engine, Ports, Settings, StartError};
use jackfield::id::{ChannelId, HookId, SessionId, TeamId, UserId};
use jackfield::port::{Channel, ChannelKind, Permission, Scope, Session, SessionKind, Storage, Team, User};
use serde_json::{Value, json};

use super::storage::Breakable;
use super::{Host, Stored};

/// A running server. `admin` may everything; `ann` manages her own hooks in `team` and is a member of `dev` and
/// `secret`; `bob` is a member of `dev` and may nothing. A session's token is its user's name.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) admin: UserId,
    pub(crate) ann: UserId,
    pub(crate) api: Api,
    /// Archived.
    pub(crate) attic: ChannelId,
    pub(crate) bob: UserId,
    pub(crate) bot: UserId,
    /// Public.
    pub(crate) dev: ChannelId,
    /// Public, of the other team.
    pub(crate) foreign: ChannelId,
    pub(crate) host: Arc<Host>,
    /// Public, without members.
    pub(crate) ops: ChannelId,
    pub(crate) other_team: TeamId,
    /// Private.
    pub(crate) secret: ChannelId,
    storage: Arc<dyn Storage>,
    pub(crate) team: TeamId,
}

impl Site {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings::default();
        change(&mut settings);
        let host = Arc::new(Host::new());
        let storage: Arc<dyn Storage> = Arc::new(MemoryStorage::default());
        let storage = Arc::new(Breakable { durable: false, host: host.clone(), inner: storage });
        Self::start(host, storage, settings).await.unwrap()
    }

    /// The same server after a restart with other settings, on storage that insists on a key.
    pub(crate) async fn restarted(&self, change: impl FnOnce(&mut Settings)) -> Result<Self, StartError> {
        let mut settings = Settings::default();
        change(&mut settings);
        let storage = Breakable { durable: true, host: self.host.clone(), inner: self.storage.clone() };
        let engine = Engine::start(ports(&self.host, Arc::new(storage)), settings).await?;
        Ok(Self { api: Api::new(engine), ..self.clone() })
    }

    async fn start(host: Arc<Host>, storage: Arc<Breakable>, settings: Settings) -> Result<Self, StartError> {
        let (team, other_team) = (TeamId::from_random([1; 16]), TeamId::from_random([2; 16]));
        let channel = |number: u8, kind, name: &str, team| {
            Channel::new(ChannelId::from_random([number; 16]), kind, name).with_team(team, name.to_uppercase())
        };
        let dev = channel(11, ChannelKind::Public, "dev", team);
        let secret = channel(12, ChannelKind::Private, "secret", team);
        let ops = channel(13, ChannelKind::Public, "ops", team);
        let foreign = channel(14, ChannelKind::Public, "foreign", other_team);
        let mut attic = channel(15, ChannelKind::Public, "attic", team);
        attic.archived = true;
        let user = |number: u8, name: &str| User::new(UserId::from_random([number; 16]), name);
        let (admin, ann, bob, mut bot) = (user(21, "admin"), user(22, "ann"), user(23, "bob"), user(24, "bot"));
        bot.is_bot = true;
        let inner = storage.inner.clone();
        let engine = Engine::start(ports(&host, storage), settings).await?;
        let site = Self {
            admin: admin.id,
            ann: ann.id,
            api: Api::new(engine),
            attic: attic.id,
            bob: bob.id,
            bot: bot.id,
            dev: dev.id,
            foreign: foreign.id,
            host: host.clone(),
            ops: ops.id,
            other_team,
            secret: secret.id,
            storage: inner,
            team,
        };
        let mut world = host.world();
        for (number, user) in (31..).zip([&admin, &ann, &bob, &bot]) {
            let session = Session::new(SessionId::from_random([number; 16]), user.id, SessionKind::Login);
            world.sessions.insert(user.username.clone(), session);
            world.members.insert((dev.id, user.id));
            world.grant(user.id, Permission::USE_CHANNEL_MENTIONS, Scope::Channel(dev.id));
            for other in [&admin, &ann, &bob, &bot] {
                world.grant(user.id, Permission::CREATE_DIRECT_CHANNEL, Scope::User(other.id));
            }
        }
        world.admins.insert(admin.id);
        world.members.insert((secret.id, ann.id));
        for permission in [Permission::MANAGE_OWN_INCOMING_WEBHOOKS, Permission::READ_PUBLIC_CHANNEL] {
            world.grant(ann.id, permission, Scope::Team(team));
        }
        world.channels = vec![dev, secret, ops, foreign, attic];
        world.teams = vec![Team::new(team, "team", "Team"), Team::new(other_team, "other", "Other")];
        world.users = vec![admin, ann, bob, bot];
        drop(world);
        Ok(site)
    }

    pub(crate) fn engine(&self) -> &Engine {
        self.api.engine()
    }

    pub(crate) fn configure(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.engine().settings();
        change(&mut settings);
        self.engine().configure(settings).unwrap();
    }

    /// Sends a request; a body beyond the limit arrives as an adapter would hand it over.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Answer {
        let (parts, body) = request.into_parts();
        let body = if body.len() > self.api.body_limit() { Body::TooLarge } else { Body::Whole(body) };
        let (head, body) = self.api.handle(parts, body).await.into_parts();
        Answer { body, headers: head.headers, status: head.status.as_u16() }
    }

    /// Sends a request to the management API as a user.
    pub(crate) async fn manage(&self, user: &str, method: &str, path: &str, body: impl Into<Bytes>) -> Answer {
        let request = Request::builder().method(method).uri(format!("/api/v4/hooks/incoming{path}"));
        let request = request.header("Authorization", format!("Bearer {user}"));
        self.send(request.body(body.into()).unwrap()).await
    }

    /// Makes a hook and returns its id.
    pub(crate) async fn hook_by(&self, user: &str, hook: Value) -> String {
        let made = self.manage(user, "POST", "", hook.to_string()).await;
        assert_eq!(made.status, 201, "{hook} {made:?}");
        made.json()["id"].as_str().unwrap().to_owned()
    }

    /// Makes a hook of the admin in `dev`, not locked.
    pub(crate) async fn hook(&self) -> String {
        self.hook_by("admin", hook_object(self.dev)).await
    }

    /// Calls a hook with JSON.
    pub(crate) async fn call(&self, hook: &str, body: impl Into<Bytes>) -> Answer {
        self.send(json_call(hook, body)).await
    }

    /// Calls a hook with a text.
    pub(crate) async fn say(&self, hook: &str, text: &str) -> Answer {
        self.call(hook, json!({ "text": text }).to_string()).await
    }

    pub(crate) fn posts(&self) -> Vec<Stored> {
        self.host.world().posts.clone()
    }

    pub(crate) fn messages(&self) -> Vec<String> {
        self.posts().into_iter().map(|stored| stored.draft.message).collect()
    }

    /// The newest post.
    pub(crate) fn last(&self) -> Stored {
        self.posts().pop().unwrap()
    }

    /// The newest observation.
    pub(crate) fn observed(&self) -> String {
        self.host.world().observed.last().cloned().unwrap_or_default()
    }

    /// Makes a new id for a hook; the old one works `milliseconds` longer.
    pub(crate) async fn rotate(&self, hook: &str, milliseconds: i64) -> Option<String> {
        let until = jackfield::id::Millis(self.host.world().milliseconds + milliseconds);
        let made = self.engine().rotate_incoming_webhook(&HookId::new(hook), until).await;
        made.ok().map(|id| id.expose().to_owned())
    }
}

fn ports(host: &Arc<Host>, storage: Arc<dyn Storage>) -> Ports {
    let ports = Ports::new(storage, host.clone(), host.clone()).with_observer(host.clone());
    ports.with_clock(host.clone()).with_http(host.clone())
}

/// An answer with its whole body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) body: Bytes,
    pub(crate) headers: HeaderMap,
    pub(crate) status: u16,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    /// Returns the id of an error; the body itself if it is none.
    pub(crate) fn id(&self) -> String {
        let json: Value = serde_json::from_slice(&self.body).unwrap_or_default();
        json["id"].as_str().map_or_else(|| String::from_utf8_lossy(&self.body).into_owned(), str::to_owned)
    }

    pub(crate) fn detail(&self) -> String {
        self.json()["detailed_error"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// Status, and the id of the error or the body.
    pub(crate) fn brief(&self) -> (u16, String) {
        (self.status, self.id())
    }
}

/// What a client sends to make a hook.
pub(crate) fn hook_object(channel: ChannelId) -> Value {
    json!({ "channel_id": channel, "display_name": "Deploys" })
}

/// The call of a hook with JSON.
pub(crate) fn json_call(hook: &str, body: impl Into<Bytes>) -> Request<Bytes> {
    let request = Request::post(format!("/hooks/{hook}")).header("Content-Type", "application/json");
    request.body(body.into()).unwrap()
}

/// A request without a body or a credential.
pub(crate) fn get(path: &str) -> Request<Bytes> {
    Request::get(path).body(Bytes::new()).unwrap()
}
