//! `POST /api/v4/commands/execute`: who may run what where, before anything is run (CMD-20 to CMD-23).

use super::error::ExecuteError;
use crate::id::{ChannelId, PostId, TeamId};
use crate::json::{self, Mistake, Options, Reader};
use crate::port::{Ask, Channel, ChannelKind, Permission, Post, Scope};

/// A line to run, as a client writes it. What a client may not say is not here.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct ExecuteRequest {
    /// Where it was typed.
    pub channel_id: String,
    /// The line.
    pub command: String,
    /// The thread in which it was typed; empty outside of one.
    pub root_id: String,
    /// The team whose commands count in a direct or group channel. Not read elsewhere.
    pub team_id: String,
}

impl ExecuteRequest {
    /// A line typed in a channel.
    pub fn new(channel_id: ChannelId, command: impl Into<String>) -> Self {
        Self { channel_id: channel_id.into(), command: command.into(), ..Self::default() }
    }

    /// The same in a thread.
    #[must_use]
    pub fn in_thread(mut self, root_id: PostId) -> Self {
        self.root_id = root_id.into();
        self
    }

    /// The same with the commands of this team, in a direct or group channel.
    #[must_use]
    pub fn with_team(mut self, team_id: TeamId) -> Self {
        self.team_id = team_id.into();
        self
    }

    /// Reads the first JSON value; `null` is an empty object (API-11).
    ///
    /// # Errors
    ///
    /// Where the JSON is wrong, and what was expected there.
    pub fn from_json(bytes: &[u8]) -> Result<Self, Mistake> {
        json::read(bytes, Options::default(), |reader| {
            let mut it = Self::default();
            if reader.null()? {
                return Ok(it);
            }
            reader.object(|reader, name| match name {
                "channel_id" => reader.text(&mut it.channel_id),
                "command" => reader.text(&mut it.command),
                "root_id" => reader.text(&mut it.root_id),
                "team_id" => reader.text(&mut it.team_id),
                // Not used, but what has a wrong type refuses the body.
                "user_id" | "trigger_id" | "parent_id" => reader.optional(Reader::string).map(drop),
                _ => reader.skip(),
            })?;
            Ok(it)
        })
    }

    /// Returns where the line was typed, if it is a line at all (CMD-20 row 3).
    pub(crate) fn admit(&self) -> Result<ChannelId, ExecuteError> {
        if self.command.len() < 2 || !self.command.starts_with('/') {
            return Err(ExecuteError::Start);
        }
        ChannelId::parse(&self.channel_id).map_err(|_| ExecuteError::Start)
    }

    /// Returns the post to answer, of which it is not known yet whether it can be answered.
    pub(crate) fn root(&self) -> Result<Option<PostId>, ExecuteError> {
        if self.root_id.is_empty() {
            return Ok(None);
        }
        PostId::parse(&self.root_id).map(Some).map_err(|_| ExecuteError::Root)
    }
}

/// What is asked first (CMD-20 row 4).
pub(crate) fn channel_ask(channel: ChannelId) -> Ask {
    Ask::new(CREATE_POST, Scope::Channel(channel))
}

/// Whether the caller may write there, and it is not archived (CMD-20 rows 4 and 5). A channel that is not there is one
/// where nobody may.
pub(crate) fn enter(channel: Option<Channel>, may_write: bool) -> Result<Channel, ExecuteError> {
    let channel = channel.filter(|_| may_write).ok_or(ExecuteError::Forbidden(CREATE_POST))?;
    if channel.archived { Err(ExecuteError::ChannelArchived) } else { Ok(channel) }
}

/// Whose commands a line may call.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum TeamOf {
    /// The channel's: whatever the request names.
    Channel(TeamId),
    /// The one that the request names, if the caller may (CMD-20 rows 7 and 8): of the answers, one suffices. None if it
    /// named no team that could be.
    Request(Option<TeamId>, Vec<Ask>),
}

/// Says whose commands a line may call (CMD-20 row 6).
pub(crate) fn team(request: &ExecuteRequest, channel: &Channel) -> TeamOf {
    if let (ChannelKind::Private | ChannelKind::Public, Some(team)) = (channel.kind, channel.team_id) {
        return TeamOf::Channel(team);
    }
    let team = TeamId::parse(&request.team_id).ok();
    let everywhere = Ask::new(CREATE_POST, Scope::System);
    let asks = team.map(|team| Ask::new(Permission::VIEW_TEAM, Scope::Team(team))).into_iter().chain([everywhere]);
    TeamOf::Request(team, asks.collect())
}

/// Whether the team that a request names counts (CMD-20 rows 7 and 8, CMD-23). `restricted` says that direct messages are
/// for those who share a team, and that these do not.
pub(crate) fn named_team(team: Option<TeamId>, granted: &[bool], restricted: bool) -> Result<TeamId, ExecuteError> {
    if restricted {
        return Err(ExecuteError::RestrictedDirect);
    }
    if !granted.contains(&true) {
        return Err(ExecuteError::Forbidden(CREATE_POST));
    }
    team.ok_or(ExecuteError::TeamNotFound)
}

/// Whether the post to answer is a live root post of the channel (section 18 row 14).
pub(crate) fn answers(post: Option<Post>, channel: &Channel) -> Result<PostId, ExecuteError> {
    let post = post.filter(|post| !post.deleted && post.root_id.is_none() && post.channel_id == channel.id);
    post.map(|post| post.id).ok_or(ExecuteError::Root)
}

const CREATE_POST: Permission = Permission::CREATE_POST;
