//! Where effects go.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::Debug;

use async_trait::async_trait;
use thiserror::Error;

use super::{Applied, Effect};

/// Makes effects happen in the chat server.
///
/// # Contract
///
/// - [`apply`](Self::apply) is atomic: every effect of the call happens, or none does; events go out after that.
/// - A [`CreatePosts`](super::Action::CreatePosts) whose key was applied before creates nothing and returns the posts of
///   the first time as [`Applied::repeated`], also when two calls with one key run at once. A unique, nullable column beside the post is enough.
/// - Without a key, each call is a new one.
/// - Posts of one effect get strictly rising `create_at`.
/// - [`Destination::Direct`](crate::post::Destination::Direct) opens the direct channel if it is not there, in the same
///   step.
/// - A draft's `origin` is stored and given back by [`Directory::post`](super::Directory::post).
/// - Updating or deleting a post that is gone is [`RefusedKind::NotFound`].
/// - What is done to accounts and sessions may come twice and then changes nothing more. A username that is taken is
///   [`RefusedKind::Invalid`] with the id that clients know, also when two ask for it at once. A host that has no bots
///   does none of it.
/// - An effect of a kind that the host does not know is [`RefusedKind::Unsupported`].
///
/// Run [`conformance`](crate::conformance) against your implementation; it checks each of these.
#[async_trait]
pub trait PostSink: Debug + Send + Sync + 'static {
    /// Applies all effects in order, or none of them. The answer has one entry for each effect.
    async fn apply(&self, effects: Vec<Effect>) -> Result<Vec<Applied>, Refused>;
}

/// Nothing was applied.
#[derive(Debug, Error)]
#[error("effects were not applied: {source}")]
pub struct Refused {
    id: Option<Cow<'static, str>>,
    kind: RefusedKind,
    source: Box<dyn StdError + Send + Sync>,
}

impl Refused {
    /// A refusal for a reason.
    pub fn new(kind: RefusedKind, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { id: None, kind, source: source.into() }
    }

    /// The same with the error's id that clients know, such as `app.user.save.username_exists.app_error`: it is shown,
    /// with 400, where the caller's own input was [`Invalid`](RefusedKind::Invalid).
    #[must_use]
    pub fn with_id(mut self, id: impl Into<Cow<'static, str>>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Returns the id that clients know, if there is one.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the reason.
    #[must_use]
    pub fn kind(&self) -> RefusedKind {
        self.kind
    }
}

/// Why nothing was applied.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RefusedKind {
    /// The host failed; the same call may succeed later.
    Failed,
    /// What a draft or an account asks for is not allowed by the host.
    Invalid,
    /// The channel, user or post is not there.
    NotFound,
    /// The host does not know this kind of effect.
    Unsupported,
}
