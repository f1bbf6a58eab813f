//! A small chat server in memory that can be wrong in one way.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::thread;

use async_trait::async_trait;
use jackfield::conformance::TestHost;
use jackfield::id::{ChannelId, Millis, PostId, TeamId, UserId};
use jackfield::port::{
    Action, Applied, Ask, Channel, ChannelKind, Credential, Directory, Effect, EffectKey, PortError, Post, PostSink,
    Refused, RefusedKind, Session, Team, User,
};
use jackfield::post::{Destination, PostDraft};

/// What is wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flaw {
    /// Effects are applied one by one, and stay when a later one is refused.
    AppliesOneByOne,
    /// Some of what bots need is done, some is unsupported.
    BotsAreHalfKnown,
    BotsAreHumans,
    /// What is to become of a bot becomes of it, and then the password is looked at.
    ConvertsBeforeLooking,
    ConvertsNobody,
    DeletesNothing,
    DirectsHaveTwoNames,
    DisablesNobody,
    DropsOrigins,
    DropsTypes,
    ForgetsKeys,
    GoneIsAFailure,
    KeysAreCut,
    /// Keys are noted even if the call is refused.
    KeysOfRefusedCallsCount,
    /// Whether a key was applied is looked up some time before it is.
    KeysRace,
    NamesMayBeShared,
    /// Whether a username is taken is looked up some time before it is given.
    NamesRace,
    NoBots,
    None,
    OneTimeForAll,
    /// Whether a direct channel is there is looked up some time before it is opened.
    OpeningsRace,
    OrderIsReversed,
    RenamesNobody,
    RepeatsLookNew,
    SavesOnce,
    SessionsMustBeThere,
    StoresEphemeralPosts,
    TakenNamesHaveNoId,
    TakesSameForAgain,
    UnknownChannelsAreFine,
    UpdatesTakeTheAuthor,
    UpdatesHaveNoAnswer,
}

/// Both ports of the chat server.
#[derive(Debug)]
pub(super) struct FlawedHost {
    flaw: Flaw,
    state: Mutex<State>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct State {
    pub(super) admins: Vec<UserId>,
    channels: BTreeMap<ChannelId, Channel>,
    ids: u64,
    keys: BTreeMap<EffectKey, Vec<PostId>>,
    posts: BTreeMap<PostId, Post>,
    /// Who was made an administrator by a call that was then refused.
    pub(super) promoted: Option<UserId>,
    time: i64,
    pub(super) users: Vec<User>,
}

/// A chat server with one channel and two users.
pub(super) fn host(flaw: Flaw) -> TestHost {
    let channel = ChannelId::from_random([1; 16]);
    let mut state = State::default();
    state.channels.insert(channel, Channel::new(channel, ChannelKind::Public, "town-square"));
    let (author, other) = (UserId::from_random([3; 16]), UserId::from_random([2; 16]));
    state.users = vec![User::new(author, "author"), User::new(other, "other")];
    let host = Arc::new(FlawedHost { flaw, state: Mutex::new(state) });
    TestHost { author, channel, directory: Arc::clone(&host) as Arc<dyn Directory>, other, sink: host }
}

impl State {
    fn id(&mut self) -> [u8; 16] {
        self.ids += 1;
        (u128::from(self.ids) << 64).to_be_bytes()
    }

    fn now(&mut self, flaw: Flaw) -> Millis {
        self.time += i64::from(flaw != Flaw::OneTimeForAll);
        Millis(self.time)
    }

    fn channel(&mut self, destination: Destination, flaw: Flaw) -> Result<ChannelId, Refused> {
        match destination {
            Destination::Channel(id) if self.channels.contains_key(&id) || flaw == Flaw::UnknownChannelsAreFine => {
                Ok(id)
            }
            Destination::Channel(_) => Err(Refused::new(RefusedKind::NotFound, "no such channel")),
            Destination::Direct(one, other) => {
                let name = match flaw {
                    Flaw::DirectsHaveTwoNames if one > other => format!("{one}__{other}"),
                    _ => Channel::direct_name(one, other),
                };
                if let Some(channel) = self.channels.values().find(|channel| channel.name == name) {
                    return Ok(channel.id);
                }
                Ok(self.open(name))
            }
        }
    }

    fn open(&mut self, name: String) -> ChannelId {
        let id = ChannelId::from_random(self.id());
        self.channels.insert(id, Channel::new(id, ChannelKind::Direct, name));
        id
    }

    fn create(&mut self, draft: PostDraft, flaw: Flaw) -> Result<PostId, Refused> {
        let channel = self.channel(draft.destination, flaw)?;
        let same = |post: &&Post| post.message == "same" && post.message == draft.message;
        if let Some(post) = self.posts.values().find(same).filter(|_| flaw == Flaw::TakesSameForAgain) {
            return Ok(post.id);
        }
        let id = PostId::from_random(self.id());
        let mut post = Post::new(id, channel, draft.user_id, self.now(flaw), draft.message);
        post.origin = draft.origin.filter(|_| flaw != Flaw::DropsOrigins);
        post.post_type = if flaw == Flaw::DropsTypes { String::new() } else { draft.post_type };
        post.props = draft.props.to_map();
        post.root_id = draft.root_id;
        self.posts.insert(id, post);
        Ok(id)
    }

    fn live(&mut self, id: PostId, flaw: Flaw) -> Result<&mut Post, Refused> {
        let kind = if flaw == Flaw::GoneIsAFailure { RefusedKind::Failed } else { RefusedKind::NotFound };
        let post = self.posts.get_mut(&id).filter(|post| !post.deleted);
        post.ok_or_else(|| Refused::new(kind, "no such post"))
    }

    fn apply(&mut self, Effect { action, key, .. }: Effect, flaw: Flaw) -> Result<Applied, Refused> {
        let key = key.map(|EffectKey(bytes)| match flaw {
            Flaw::KeysAreCut => EffectKey([bytes[0]; 16]),
            _ => EffectKey(bytes),
        });
        match action {
            Action::CreatePosts(drafts) => {
                if let Some(posts) = key.and_then(|key| self.keys.get(&key)) {
                    let repeated = if flaw == Flaw::RepeatsLookNew { Applied::posts } else { Applied::repeated };
                    return Ok(repeated(posts.clone()));
                }
                let posts: Vec<_> =
                    drafts.into_iter().map(|draft| self.create(draft, flaw)).collect::<Result<_, _>>()?;
                if let Some(key) = key.filter(|_| flaw != Flaw::ForgetsKeys) {
                    self.keys.insert(key, posts.clone());
                }
                Ok(Applied::posts(posts))
            }
            Action::DeletePost(id) => {
                let post = self.live(id, flaw)?;
                post.deleted = flaw != Flaw::DeletesNothing;
                Ok(Applied::posts(vec![id]))
            }
            Action::EphemeralPost { draft, .. } if flaw == Flaw::StoresEphemeralPosts => {
                Ok(Applied::posts(vec![self.create(draft, flaw)?]))
            }
            Action::EphemeralPost { .. } => Ok(Applied::default()),
            Action::UpdatePost { draft, id } => {
                let post = self.live(id, flaw)?;
                post.message = draft.message;
                post.post_type = draft.post_type;
                post.props = draft.props.to_map();
                if flaw == Flaw::UpdatesTakeTheAuthor {
                    post.user_id = draft.user_id;
                }
                Ok(Applied::posts(vec![id]))
            }
            action => self.apply_to_account(action, flaw),
        }
    }
}

impl FlawedHost {
    /// Creates posts although somebody else does by now, if that was not so some time ago.
    fn apply_late(&self, effects: &[Effect]) -> Option<Vec<Applied>> {
        let seen = self.state.lock().unwrap().clone();
        if let [Effect { action: Action::SaveBot(account), .. }] = effects {
            if self.flaw != Flaw::NamesRace || seen.users.iter().any(|user| user.username == account.username) {
                return None;
            }
            dawdle();
            let mut state = self.state.lock().unwrap();
            state.save(account, Flaw::NamesMayBeShared).ok()?;
            return Some(vec![Applied::default()]);
        }
        let [Effect { action: Action::CreatePosts(drafts), key, .. }] = effects else { return None };
        let mut state = match (self.flaw, key, drafts.as_slice()) {
            (Flaw::KeysRace, Some(key), _) if !seen.keys.contains_key(key) => {
                dawdle();
                let mut state = self.state.lock().unwrap();
                state.keys.remove(key);
                state
            }
            (Flaw::OpeningsRace, _, [PostDraft { destination: Destination::Direct(one, other), .. }]) => {
                let name = Channel::direct_name(*one, *other);
                if seen.channels.values().any(|channel| channel.name == name) {
                    return None;
                }
                dawdle();
                let mut state = self.state.lock().unwrap();
                state.open(name);
                state
            }
            _ => return None,
        };
        effects.iter().map(|effect| state.apply(effect.clone(), self.flaw).ok()).collect()
    }
}

/// Long enough for somebody else to come in between.
fn dawdle() {
    for _ in 0..100 {
        thread::yield_now();
    }
}

#[async_trait]
impl PostSink for FlawedHost {
    async fn apply(&self, mut effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        if let Some(applied) = self.apply_late(&effects) {
            return Ok(applied);
        }
        let mut state = self.state.lock().unwrap();
        let before = state.clone();
        let reversed = self.flaw == Flaw::OrderIsReversed;
        if reversed {
            effects.reverse();
        }
        let applied: Result<Vec<_>, _> = effects.into_iter().map(|effect| state.apply(effect, self.flaw)).collect();
        let mut applied = match applied {
            Ok(applied) => applied,
            Err(refused) => {
                match self.flaw {
                    Flaw::AppliesOneByOne => {}
                    Flaw::KeysOfRefusedCallsCount => {
                        let (keys, posts) = (state.keys.clone(), state.posts.clone());
                        let made = |id: &PostId| keys.values().flatten().any(|made| made == id);
                        *state = before;
                        state.posts.extend(posts.into_iter().filter(|(id, _)| made(id)));
                        state.keys = keys;
                    }
                    _ => {
                        let promoted = state.promoted;
                        *state = before;
                        state.admins.extend(promoted);
                    }
                }
                return Err(refused);
            }
        };
        if reversed {
            applied.reverse();
        }
        if self.flaw == Flaw::UpdatesHaveNoAnswer && applied.len() > 3 {
            applied.remove(1);
        }
        Ok(applied)
    }
}

#[async_trait]
impl Directory for FlawedHost {
    async fn session(&self, _: &Credential) -> Result<Option<Session>, PortError> {
        Ok(None)
    }

    async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, PortError> {
        let state = self.state.lock().unwrap();
        Ok(state.users.iter().filter(|user| ids.contains(&user.id)).cloned().collect())
    }

    async fn user_named(&self, username: &str) -> Result<Option<User>, PortError> {
        Ok(self.state.lock().unwrap().users.iter().find(|user| user.username == username).cloned())
    }

    async fn administrators(&self) -> Result<Vec<UserId>, PortError> {
        Ok(self.state.lock().unwrap().admins.clone())
    }

    async fn channels(&self, ids: &[ChannelId]) -> Result<Vec<Channel>, PortError> {
        let state = self.state.lock().unwrap();
        Ok(ids.iter().filter_map(|id| state.channels.get(id).cloned()).collect())
    }

    async fn channels_named(&self, _: Option<TeamId>, names: &[&str]) -> Result<Vec<Channel>, PortError> {
        let state = self.state.lock().unwrap();
        Ok(state.channels.values().filter(|channel| names.contains(&channel.name.as_str())).cloned().collect())
    }

    async fn team(&self, _: TeamId) -> Result<Option<Team>, PortError> {
        Ok(None)
    }

    async fn may(&self, _: UserId, asks: &[Ask]) -> Result<Vec<bool>, PortError> {
        Ok(vec![true; asks.len()])
    }

    async fn post(&self, id: PostId) -> Result<Option<Post>, PortError> {
        Ok(self.state.lock().unwrap().posts.get(&id).cloned())
    }

    async fn members_named(&self, _: ChannelId, _: &[&str]) -> Result<Vec<User>, PortError> {
        Ok(Vec::new())
    }
}
