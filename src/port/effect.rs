//! What should happen in the chat server, as data.

use std::fmt;

use serde_json::{Map, Value};

use crate::id::{PostId, SessionId, UserId};
use crate::post::PostDraft;

/// One thing that should happen.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// What.
    pub action: Action,
    /// Names the cause. An effect comes at least once; by its key a host tells the second time from the first. `None`
    /// where twice does no harm, or where the sender asked for no such thing.
    pub key: Option<EffectKey>,
}

impl Effect {
    /// An effect without a key.
    #[must_use]
    pub fn new(action: Action) -> Self {
        Self { action, key: None }
    }

    /// The same under a key.
    #[must_use]
    pub fn with_key(mut self, key: Option<EffectKey>) -> Self {
        self.key = key;
        self
    }
}

/// What a host can be asked to do.
#[non_exhaustive]
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Store these posts, in this order, with strictly rising `create_at`, and deliver them.
    CreatePosts(Vec<PostDraft>),
    /// Make a bot's account a user's who logs in with a password (BOT-46). Without effect on one that is a user's
    /// already and was made so by the same change.
    BotToUser(BotToUser),
    /// Delete this post.
    DeletePost(PostId),
    /// End this session and close the websockets that it opened. The session of a personal access token is the
    /// engine's: of that one there are websockets alone. Fine if there is none.
    EndSession(SessionId),
    /// End all sessions of this user and close all their websockets. Fine if there are none.
    EndSessions(UserId),
    /// Show a post to one user, now, and store nothing.
    EphemeralPost {
        /// What they see.
        draft: PostDraft,
        /// Who sees it.
        to: UserId,
    },
    /// Make the account of a bot be so: a new one if there is none with this id (BOT-11), else the one that is there.
    /// Doing it twice does no harm. What is taken or malformed is refused with its id ([`Refused::with_id`]).
    ///
    /// [`Refused::with_id`]: super::Refused::with_id
    SaveBot(BotAccount),
    /// Replace the message, type and props of this post by those of the draft. All else stays as it is.
    UpdatePost {
        /// The new content; its destination, author, root and priority are not looked at.
        draft: PostDraft,
        /// Which post.
        id: PostId,
    },
    /// Make a user's account a bot's: it can no longer log in, its link to an external log-in is cleared, all its
    /// sessions end (BOT-48). Fine if it is a bot's already.
    UserToBot(UserId),
}

/// The account of a bot as it should be (BOT-11).
///
/// A new one has the address `<username>@localhost`, the role `system_user`, no password, and is in no team. A new name
/// changes the address with it. Disabling ends the account's sessions, closes its websockets and makes it offline.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BotAccount {
    /// What the bot is for, to show beside the account (BOT-12).
    pub description: String,
    /// Whether the account is deactivated.
    pub disabled: bool,
    /// The first name.
    pub display_name: String,
    /// Which account.
    pub id: UserId,
    /// The name after the `@`, in lower case.
    pub username: String,
}

/// How a bot's account becomes a user's: all at once or not at all (BOT-46).
#[derive(Clone, Debug, PartialEq)]
pub struct BotToUser {
    /// Which account.
    pub id: UserId,
    /// What its owner gave, the password among it.
    pub patch: UserPatch,
    /// Whether it becomes a system administrator.
    pub system_admin: bool,
}

/// Members of a user that are to change, under the names of the wire. Shows no values.
#[derive(Clone, Eq, PartialEq)]
pub struct UserPatch(Map<String, Value>);

impl UserPatch {
    /// These members.
    #[must_use]
    pub fn new(members: Map<String, Value>) -> Self {
        Self(members)
    }

    /// Hands out the members, the password among them; each call site is a place to review.
    #[must_use]
    pub fn expose(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl fmt::Debug for UserPatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Names the cause of an effect: 16 bytes derived from a secret and the cause, so that two causes never share one.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct EffectKey(pub [u8; 16]);

impl fmt::Debug for EffectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EffectKey({:032x})", u128::from_be_bytes(self.0))
    }
}

/// What an effect did.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Applied {
    /// The posts that were created, in order, whether now or when the key was first seen; else the post concerned.
    pub posts: Vec<PostId>,
    /// Whether the key was seen before, so that nothing was done now.
    pub repeated: bool,
}

impl Applied {
    /// These posts are there now.
    #[must_use]
    pub fn posts(posts: Vec<PostId>) -> Self {
        Self { posts, repeated: false }
    }

    /// These posts were there already, made under the same key.
    #[must_use]
    pub fn repeated(posts: Vec<PostId>) -> Self {
        Self { posts, repeated: true }
    }
}
