//! What should happen in the chat server, as data.

use std::fmt;

use crate::id::{PostId, UserId};
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
    /// Delete this post.
    DeletePost(PostId),
    /// Show a post to one user, now, and store nothing.
    EphemeralPost {
        /// What they see.
        draft: PostDraft,
        /// Who sees it.
        to: UserId,
    },
    /// Replace the message, type and props of this post by those of the draft. All else stays as it is.
    UpdatePost {
        /// The new content; its destination, author, root and priority are not looked at.
        draft: PostDraft,
        /// Which post.
        id: PostId,
    },
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
