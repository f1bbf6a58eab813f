//! What a host tells of a post that it stores.

use super::{Channel, SessionKind, Team, User};
use crate::id::{Millis, PostId};

/// A post that a host stores, as [`Engine::posted`](crate::engine::Engine::posted) and
/// [`Engine::plan`](crate::engine::Engine::plan) are told of it.
///
/// Everything is borrowed: to tell of a post that triggers nothing costs no copy.
#[non_exhaustive]
#[derive(Clone, Copy, Debug)]
pub struct PostEvent<'a> {
    /// Who wrote it.
    pub author: &'a User,
    /// Where, as it is now.
    pub channel: &'a Channel,
    /// When it was made.
    pub create_at: Millis,
    /// The files that are really attached to it, in the order in which they are stored.
    pub file_ids: &'a [String],
    /// Which post.
    pub id: PostId,
    /// The text, as clients see it.
    pub message: &'a str,
    /// The `type`; empty for an ordinary post.
    pub post_type: &'a str,
    /// How the session came to be whose request made the post; none where no session did.
    pub session: Option<SessionKind>,
    /// The channel's team; none for direct and group channels.
    pub team: Option<&'a Team>,
    /// Whether the way in which the post was made triggers outgoing webhooks (OUT-43). Of a
    /// [`PostDraft`](crate::post::PostDraft) it is the draft's own `triggers`.
    pub triggers: bool,
}

impl<'a> PostEvent<'a> {
    /// An ordinary post without files, which triggers, in a channel of a team.
    #[must_use]
    pub fn new(id: PostId, create_at: Millis, message: &'a str, author: &'a User, channel: &'a Channel) -> Self {
        Self {
            author,
            channel,
            create_at,
            file_ids: &[],
            id,
            message,
            post_type: "",
            session: None,
            team: None,
            triggers: true,
        }
    }

    /// The same in a team.
    #[must_use]
    pub fn with_team(mut self, team: &'a Team) -> Self {
        self.team = Some(team);
        self
    }

    /// The same with files.
    #[must_use]
    pub fn with_files(mut self, file_ids: &'a [String]) -> Self {
        self.file_ids = file_ids;
        self
    }
}
