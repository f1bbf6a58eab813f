//! A chat server in memory for the tests: what it knows, what it was asked to do, and what can go wrong with it.

mod accounts;
mod directory;
mod http;
mod site;
mod storage;

use std::collections::{HashMap, HashSet};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use jackfield::id::{ChannelId, PostId, SessionId, UserId};
use jackfield::port::{
    Action, Applied, Channel, ChannelKind, Clock, Effect, EffectKey, Observation, Observer, Permission, PortError,
    PostSink, Refused, RefusedKind, Scope, Session, Team, User,
};
use jackfield::post::{Destination, PostDraft};
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

use self::http::Outside;
pub(crate) use self::site::{Answer, Site, get, hook_object, json_call};

/// When every test begins.
pub(crate) const START: i64 = 1_700_000_000_000;

/// All that the server knows, behind one lock.
#[derive(Debug)]
pub(crate) struct Host {
    world: Mutex<World>,
}

/// What the server knows. Tests change it as they like.
#[derive(Debug, Default)]
pub(crate) struct World {
    pub(crate) admins: HashSet<UserId>,
    pub(crate) broken: Broken,
    /// What bots are for.
    pub(crate) descriptions: HashMap<UserId, String>,
    pub(crate) channels: Vec<Channel>,
    /// Which sessions the host was told to end.
    pub(crate) ended: Vec<SessionId>,
    pub(crate) ephemeral: Vec<PostDraft>,
    pub(crate) grants: HashSet<(UserId, Permission, Scope)>,
    pub(crate) members: HashSet<(ChannelId, UserId)>,
    pub(crate) milliseconds: i64,
    pub(crate) observed: Vec<String>,
    pub(crate) outside: Outside,
    pub(crate) posts: Vec<Stored>,
    /// Whether posts are not allowed, while all else is.
    pub(crate) posts_are_refused: bool,
    /// Direct and group channels whose members share no team, where they must.
    pub(crate) restricted: HashSet<ChannelId>,
    /// Whether users are shown with what a [`User`] has alone.
    pub(crate) shows_plain_users: bool,
    pub(crate) sessions: HashMap<String, Session>,
    pub(crate) teams: Vec<Team>,
    pub(crate) users: Vec<User>,
    applied: HashMap<EffectKey, Vec<PostId>>,
}

/// What fails from now on.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Broken {
    /// After so many calls of any port, all further ones fail.
    pub(crate) after: Option<usize>,
    pub(crate) directory: bool,
    pub(crate) sink: Option<RefusedKind>,
    pub(crate) storage: bool,
}

/// A post as it was stored.
#[derive(Clone, Debug)]
pub(crate) struct Stored {
    pub(crate) channel: ChannelId,
    pub(crate) deleted: bool,
    pub(crate) draft: PostDraft,
    pub(crate) id: PostId,
}

impl Stored {
    /// Returns the props as they were stored.
    pub(crate) fn props(&self) -> Map<String, Value> {
        self.draft.props.to_map()
    }
}

impl Host {
    /// Two teams, six users, and a channel of each kind; see [`Site`] for who may do what.
    pub(crate) fn new() -> Self {
        Self { world: Mutex::new(World { milliseconds: START, ..World::default() }) }
    }

    /// Looks at the world, or changes it.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap()
    }
}

impl Broken {
    /// Counts a call; whether it fails.
    fn fails(&mut self) -> bool {
        let Some(left) = &mut self.after else { return false };
        let is_over = *left == 0;
        *left = left.saturating_sub(1);
        is_over
    }
}

impl World {
    pub(crate) fn channel(&mut self, id: ChannelId) -> &mut Channel {
        self.channels.iter_mut().find(|channel| channel.id == id).unwrap()
    }

    pub(crate) fn user(&mut self, id: UserId) -> &mut User {
        self.users.iter_mut().find(|user| user.id == id).unwrap()
    }

    pub(crate) fn grant(&mut self, user: UserId, permission: Permission, scope: Scope) {
        self.grants.insert((user, permission, scope));
    }

    /// Finds a post that is there.
    fn live(&mut self, id: PostId) -> Result<&mut Stored, Refused> {
        let found = self.posts.iter_mut().find(|stored| stored.id == id && !stored.deleted);
        found.ok_or_else(|| Refused::new(RefusedKind::NotFound, "no such post"))
    }

    /// Finds the channel of a draft, and opens it if it is a direct one that is not there.
    fn destination(&mut self, destination: Destination) -> Result<ChannelId, Refused> {
        let (one, other) = match destination {
            Destination::Channel(id) if self.channels.iter().any(|channel| channel.id == id) => return Ok(id),
            Destination::Channel(_) => return Err(Refused::new(RefusedKind::NotFound, "no such channel")),
            Destination::Direct(one, other) => (one, other),
        };
        let name = Channel::direct_name(one, other);
        if let Some(known) = self.channels.iter().find(|channel| channel.name == name) {
            return Ok(known.id);
        }
        let number = self.channels.len() as u128 + 1_000;
        let channel = Channel::new(ChannelId::from_random(number.to_be_bytes()), ChannelKind::Direct, name);
        self.members.extend([(channel.id, one), (channel.id, other)]);
        self.channels.push(channel);
        Ok(self.channels.last().unwrap().id)
    }

    fn create(&mut self, drafts: Vec<PostDraft>) -> Result<Vec<PostId>, Refused> {
        let mut made = Vec::new();
        for draft in drafts {
            let number = self.posts.len() as u128 + 1;
            let (channel, id) = (self.destination(draft.destination)?, PostId::from_random(number.to_be_bytes()));
            self.posts.push(Stored { channel, deleted: false, draft, id });
            made.push(id);
        }
        Ok(made)
    }
}

#[async_trait]
impl PostSink for Host {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        let mut world = self.world();
        let breaks = world.broken.fails().then_some(RefusedKind::Failed);
        if let Some(kind) = world.broken.sink.or(breaks) {
            return Err(Refused::new(kind, "the disk is full"));
        }
        let mut applied = Vec::new();
        for Effect { action, key, .. } in effects {
            if let Some(known) = key.and_then(|key| world.applied.get(&key).cloned()) {
                applied.push(Applied::repeated(known));
                continue;
            }
            let posts = match action {
                Action::CreatePosts(_) if world.posts_are_refused => {
                    return Err(Refused::new(RefusedKind::Invalid, "they share no team"));
                }
                Action::CreatePosts(drafts) => world.create(drafts)?,
                Action::DeletePost(id) => {
                    world.live(id)?.deleted = true;
                    vec![id]
                }
                Action::EndSession(id) => {
                    world.ended.push(id);
                    world.end_sessions(|session| session.id == id)
                }
                Action::EphemeralPost { draft, .. } => {
                    world.ephemeral.push(draft);
                    Vec::new()
                }
                Action::UpdatePost { draft, id } => {
                    let old = &mut world.live(id)?.draft;
                    (old.message, old.post_type, old.props) = (draft.message, draft.post_type, draft.props);
                    vec![id]
                }
                Action::BotToUser(change) => world.bot_to_user(&change)?,
                Action::EndSessions(user) => world.end_sessions(|session| session.user_id == user),
                Action::SaveBot(account) => world.save_bot(account)?,
                Action::UserToBot(user) => world.user_to_bot(user)?,
                _ => return Err(Refused::new(RefusedKind::Unsupported, "never heard of it")),
            };
            world.applied.extend(key.map(|key| (key, posts.clone())));
            applied.push(Applied::posts(posts));
        }
        Ok(applied)
    }
}

impl Observer for Host {
    fn observe(&self, observation: &Observation<'_>) {
        self.world().observed.push(format!("{observation:?}"));
    }
}

impl Clock for Host {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::UNIX_EPOCH + Duration::milliseconds(self.world().milliseconds)
    }
}

/// What a broken directory says.
fn unreachable() -> PortError {
    PortError::new("the directory is out of reach")
}
