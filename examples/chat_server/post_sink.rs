//! `PostSink`: what Jackfield wants done. The second of the two traits that a host writes.

use async_trait::async_trait;
use jackfield::engine::Plan;
use jackfield::id::{ChannelId, PostId, UserId};
use jackfield::port::{Action, Applied, Effect, EffectKey, PostSink, Refused, RefusedKind};
use jackfield::post::{Destination, PostDraft, hashtags};
use rusqlite::Connection;
use serde_json::Map;

use crate::account_effects::{self, AccountEvent};
use crate::ambient::{now, post_id};
use crate::app::App;
use crate::direct;
use crate::errors::Failure;
use crate::live::events;
use crate::posting::restricted;
use crate::tables::posts::{self, Post};
use crate::tables::{accounts, channels, teams};

/// Applies all effects in one transaction; events go out after it.
#[async_trait]
impl PostSink for App {
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused> {
        // Who begins to listen while the transaction runs finds its posts in the channel's list.
        let heard = !self.hub.is_empty();
        self.refuse_notices(&effects).map_err(refuse)?;
        let mut prepared = Vec::new();
        for effect in effects {
            prepared.push(Prepared::new(effect).await.map_err(refuse)?);
        }
        let ends_sessions = self.settings.now().flag("ServiceSettings", "TerminateSessionsOnPasswordChange");
        let touches_posts_alone = prepared.iter().all(Prepared::touches_posts_alone);
        let app = self.clone();
        let job = move |connection: &Connection| {
            let (mut applied, mut happened) = (Vec::new(), Vec::new());
            for effect in prepared {
                applied.push(apply(&app, connection, effect, heard, ends_sessions, &mut happened)?);
            }
            Ok((applied, happened))
        };
        let done = if touches_posts_alone { self.store.write_posts(job).await } else { self.store.write(job).await };
        let (applied, happened) = done.map_err(refuse)?;
        for one in happened {
            self.tell(one);
        }
        Ok(applied)
    }
}

/// An effect with what takes time to make of it, so that the transaction, which all writers wait for, is short.
struct Prepared {
    effect: Effect,
    /// The hash of the password that a conversion brings.
    password: String,
    /// Of each new post its hashtags and its props as JSON.
    texts: Vec<(String, String)>,
}

impl Prepared {
    async fn new(effect: Effect) -> Result<Self, Failure> {
        let texts = match &effect.action {
            Action::CreatePosts(drafts) => {
                drafts.iter().map(|draft| (hashtags(&draft.message), draft.props.to_json())).collect()
            }
            _ => Vec::new(),
        };
        let password = match &effect.action {
            Action::BotToUser(change) => account_effects::hashed(change).await?,
            _ => String::new(),
        };
        Ok(Self { effect, password, texts })
    }

    /// Whether users, channels and roles stay as they are, but for direct channels that are opened.
    fn touches_posts_alone(&self) -> bool {
        use Action::{CreatePosts, DeletePost, EphemeralPost, UpdatePost};
        matches!(self.effect.action, CreatePosts(_) | DeletePost(_) | EphemeralPost { .. } | UpdatePost { .. })
    }
}

/// What listeners are to hear of once it is stored.
enum Happened {
    Account(AccountEvent),
    Called(Plan),
    Created { post: Post, set_online: bool },
    Deleted(Post),
    DirectOpened { by: UserId, channel: ChannelId, other: UserId },
    Edited(Post),
    Shown { post: Post, to: UserId },
}

/// Applies one effect within the transaction.
fn apply(
    app: &App,
    connection: &Connection,
    Prepared { effect, password, texts }: Prepared,
    heard: bool,
    ends_sessions: bool,
    happened: &mut Vec<Happened>,
) -> Result<Applied, Failure> {
    let mut told = Vec::new();
    let applied = match effect.action {
        Action::BotToUser(change) => {
            account_effects::bot_to_user(connection, &change, password, ends_sessions, &mut told)?;
            Ok(Applied::default())
        }
        Action::CreatePosts(drafts) => {
            let drafts = drafts.into_iter().zip(texts).collect();
            create(app, connection, drafts, effect.key, heard, happened)
        }
        Action::DeletePost(id) => {
            let post = live(connection, id)?;
            posts::delete(connection, &post, None, now())?;
            happened.push(Happened::Deleted(post));
            Ok(Applied::posts(vec![id]))
        }
        Action::EndSession(id) => {
            account_effects::end_session(connection, id, &mut told)?;
            Ok(Applied::default())
        }
        Action::EndSessions(user) => {
            account_effects::end_all(connection, user, &mut told)?;
            Ok(Applied::default())
        }
        Action::EphemeralPost { draft, to } => {
            let channel = destination(connection, draft.destination, happened)?;
            let mut post = Post { props: draft.props.to_map(), ..stored(draft, String::new(), channel, now())? };
            "system_ephemeral".clone_into(&mut post.post_type);
            let id = post.id;
            happened.push(Happened::Shown { post, to });
            Ok(Applied::posts(vec![id]))
        }
        Action::SaveBot(account) => {
            account_effects::save_bot(connection, account, &mut told)?;
            Ok(Applied::default())
        }
        Action::UpdatePost { draft, id } => {
            let mut post = live(connection, id)?;
            post.hashtags = hashtags(&draft.message);
            post.message = draft.message;
            post.post_type = draft.post_type;
            post.props = draft.props.to_map();
            post.update_at = now().max(post.update_at.saturating_add(1));
            post.edit_at = post.update_at;
            posts::update(connection, &post)?;
            happened.push(Happened::Edited(post));
            Ok(Applied::posts(vec![id]))
        }
        Action::UserToBot(user) => {
            account_effects::user_to_bot(connection, user, &mut told)?;
            Ok(Applied::default())
        }
        _ => Err(RefusedKind::Unsupported.into()),
    };
    happened.extend(told.into_iter().map(Happened::Account));
    applied
}

/// Stores new posts in order, each a millisecond after the one before at least. A key that was seen gives the posts of
/// the first time.
fn create(
    app: &App,
    connection: &Connection,
    drafts: Vec<(PostDraft, (String, String))>,
    key: Option<EffectKey>,
    heard: bool,
    happened: &mut Vec<Happened>,
) -> Result<Applied, Failure> {
    if let Some(EffectKey(key)) = key {
        let first = posts::of_key(connection, key)?;
        if !first.is_empty() {
            return Ok(Applied::repeated(first));
        }
    }
    let (mut ids, mut last) = (Vec::new(), 0);
    for (piece, (draft, (hashtags, props))) in (0_u32..).zip(drafts) {
        let channel = destination(connection, draft.destination, happened)?;
        let (set_online, triggers) = (draft.set_online, draft.triggers);
        last = now().max(last + 1);
        let map = if heard { draft.props.to_map() } else { Map::new() };
        let mut post = stored(draft, hashtags, channel, last)?;
        if accounts::roles_of(connection, post.user_id)?.is_none() {
            return Err(RefusedKind::NotFound.into());
        }
        posts::insert(connection, &post, &props, key.map(|EffectKey(key)| posts::piece_key(key, piece)))?;
        ids.push(post.id);
        let plan = if triggers { app.plan_calls(connection, &post, None)? } else { None };
        if heard {
            post.props = map;
            post.replies = posts::replies(connection, &post)?;
            happened.push(Happened::Created { post, set_online });
        }
        happened.extend(plan.map(Happened::Called));
    }
    Ok(Applied::posts(ids))
}

/// The channel of a draft; a direct channel is opened if it is not there. An archived one will do: whether it may be
/// written to was asked when the message was sent, and an answer to what was written before may come after (OUT-122).
fn destination(
    connection: &Connection,
    destination: Destination,
    happened: &mut Vec<Happened>,
) -> Result<ChannelId, Failure> {
    match destination {
        Destination::Channel(id) => match channels::told(connection, id)? {
            None => Err(RefusedKind::NotFound.into()),
            Some(_) => Ok(id),
        },
        Destination::Direct(by, other) => {
            for user in [by, other] {
                if accounts::roles_of(connection, user)?.is_none() {
                    return Err(RefusedKind::NotFound.into());
                }
            }
            let (channel, opened) = channels::open_direct(connection, by, other)?;
            if opened {
                happened.push(Happened::DirectOpened { by, channel: channel.id, other });
            }
            Ok(channel.id)
        }
    }
}

/// A new post of a draft, but for its props.
fn stored(draft: PostDraft, hashtags: String, channel_id: ChannelId, create_at: i64) -> Result<Post, Failure> {
    Ok(Post {
        channel_id,
        create_at,
        delete_at: 0,
        edit_at: 0,
        file_ids: Vec::new(),
        has_reactions: false,
        hashtags,
        id: post_id(create_at)?,
        is_pinned: false,
        origin: draft.origin,
        post_type: draft.post_type,
        priority: draft.priority,
        props: Map::new(),
        replies: 0,
        root_id: draft.root_id,
        update_at: create_at,
        user_id: draft.user_id,
        message: draft.message,
    })
}

fn live(connection: &Connection, id: PostId) -> Result<Post, Failure> {
    posts::find(connection, id)?.filter(|post| post.delete_at == 0).ok_or_else(|| RefusedKind::NotFound.into())
}

fn refuse(failure: Failure) -> Refused {
    match failure {
        Failure::Effect(kind) => Refused::new(kind, "the chat server refuses it"),
        Failure::Refused(refusal) => Refused::new(RefusedKind::Invalid, refusal.message).with_id(refusal.id),
        failure => Refused::new(RefusedKind::Failed, failure.to_string()),
    }
}

impl App {
    /// A new bot tells its owner that it is there, unless direct messages need a team and the owner is in none (BOT-23).
    fn refuse_notices(&self, effects: &[Effect]) -> Result<(), Failure> {
        if !direct::is_restricted(self) {
            return Ok(());
        }
        for effect in effects {
            let Action::CreatePosts(drafts) = &effect.action else { continue };
            for draft in drafts.iter().filter(|draft| draft.post_type == "add_bot_teams_channels") {
                let Destination::Direct(_, owner) = draft.destination else { continue };
                if !self.store.read(|connection| Ok(teams::have_common(connection, &[owner])?))? {
                    return Err(restricted());
                }
            }
        }
        Ok(())
    }

    fn tell(&self, happened: Happened) {
        match happened {
            Happened::Account(event) => event.tell(self),
            Happened::Called(plan) => self.begin_calls(Some(plan)),
            Happened::Created { post, set_online } => events::posted(self, &post, set_online),
            Happened::Deleted(post) => events::deleted(self, &post, None),
            Happened::DirectOpened { by, channel, other } => events::direct_opened(self, channel, by, other),
            Happened::Edited(post) => events::edited(self, &post),
            Happened::Shown { post, to } => {
                if let Err(failure) = events::ephemeral(self, to, &post) {
                    eprintln!("an event was lost: {failure}");
                }
            }
        }
    }
}
