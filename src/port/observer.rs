//! What a host's log, audit and metrics hear.

use std::fmt::{self, Debug};
use std::net::IpAddr;

use crate::id::{ChannelId, OutgoingHookId, PostId, RequestId, TeamId, TokenId, UserId};

/// Hears what happened. Called in the request's own task: hand on what takes time.
///
/// No observation holds a secret or the text of a message. Counting [`Observation::Refused`] by its `id` tells causes
/// apart that the wire does not (INC-92).
pub trait Observer: Debug + Send + Sync + 'static {
    /// Something happened.
    fn observe(&self, observation: &Observation<'_>);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoObserver;

impl Observer for NoObserver {
    fn observe(&self, _: &Observation<'_>) {}
}

/// A short name of a hook: tells hooks apart in a log, tells nothing of their ids, and stays when an id is replaced.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct HookName(pub(crate) [u8; 4]);

impl fmt::Display for HookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

/// One entry of an audit: who did what to which credential, from where, and what came of it.
#[non_exhaustive]
#[derive(Clone, Copy)]
pub struct Audit<'a> {
    /// What was done, as a word: `assign`, `convert`, `create`, `delete`, `disable`, `enable`, `revoke`, `rotate`, `update`,
    /// `use`.
    pub action: &'static str,
    /// Who did it; none when a [`Notice`](crate::engine::Notice) of the host was the cause, or nobody knows who it was.
    pub actor: Option<UserId>,
    /// From where, where the host tells.
    pub address: Option<IpAddr>,
    /// What came of it.
    pub outcome: Outcome<'a>,
    /// To what it was done.
    pub subject: Subject,
}

/// What came of something that is audited.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Outcome<'a> {
    /// It is done.
    Done,
    /// It was refused, for the reason that this id names.
    Refused(&'a str),
}

/// To what something was done that is audited.
#[non_exhaustive]
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Subject {
    /// A personal access token.
    AccessToken {
        /// Which; none where what was presented is no token that is known.
        id: Option<TokenId>,
        /// Whose it is, or was to be.
        user_id: Option<UserId>,
    },
    /// A bot; none while it has no id yet.
    Bot(Option<UserId>),
}

impl Debug for Audit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.subject {
            Subject::AccessToken { id, user_id } => {
                f.write_str("access token")?;
                id.map_or(Ok(()), |id| write!(f, " {id}"))?;
                user_id.map_or(Ok(()), |user| write!(f, " of {user}"))?;
            }
            Subject::Bot(id) => {
                f.write_str("bot")?;
                id.map_or(Ok(()), |id| write!(f, " {id}"))?;
            }
        }
        write!(f, ": {}", self.action)?;
        self.actor.map_or(Ok(()), |actor| write!(f, " by {actor}"))?;
        from(f, self.address)?;
        match self.outcome {
            Outcome::Done => f.write_str(": done"),
            Outcome::Refused(id) => write!(f, ": refused: {id}"),
        }
    }
}

/// What happened.
#[non_exhaustive]
#[derive(Clone, Copy)]
pub enum Observation<'a> {
    /// A credential, or an account that only credentials open, was made, changed, refused or used.
    Audit(Audit<'a>),
    /// A delivery was tried, or ended without a try.
    DeliveryTried {
        /// Which.
        delivery: &'a str,
        /// How long the try took, in milliseconds.
        duration: u64,
        /// What kind of failure it met, as a word.
        failure: Option<&'a str>,
        /// Why it stands where it stands; without path, query or credential of an address.
        reason: &'a str,
        /// Where it stands now, as a word: `dead`, `delivered`, `dropped`, `failed`, or `pending` if it is tried again.
        state: &'a str,
        /// The status of the answer.
        status: Option<u16>,
    },
    /// A setting that counts from now on is dangerous, or a mistake.
    DoubtfulSetting {
        /// Which, by its key in a configuration.
        setting: &'a str,
        /// What is doubtful about it.
        detail: &'a str,
    },
    /// A port failed; the caller got a 500.
    Fault {
        /// What failed, with its causes.
        error: &'a (dyn std::error::Error + 'a),
        /// In which request; none outside of one.
        request_id: Option<RequestId>,
    },
    /// An incoming webhook was created, changed, given a new id, or deleted.
    IncomingWebhookChanged {
        /// From where, where the host tells.
        address: Option<IpAddr>,
        /// By whom; none when a [`Notice`](crate::engine::Notice) of the host was the cause.
        by: Option<UserId>,
        /// Where it posts.
        channel_id: ChannelId,
        /// Which hook.
        hook: HookName,
        /// What became of it, as a word or two.
        change: &'a str,
        /// Its team.
        team_id: TeamId,
    },
    /// An incoming webhook edited or deleted a post of its own.
    IncomingWebhookEdited {
        /// From where, where the host tells.
        address: Option<IpAddr>,
        /// Which of the two.
        change: &'a str,
        /// Which hook.
        hook: HookName,
        /// Which post.
        post_id: PostId,
        /// In which request.
        request_id: RequestId,
    },
    /// A call of an incoming webhook made posts.
    IncomingWebhookPosted {
        /// From where, where the host tells.
        address: Option<IpAddr>,
        /// Which hook.
        hook: HookName,
        /// How many posts.
        posts: usize,
        /// In which request.
        request_id: RequestId,
    },
    /// A call named a post to answer that is no root post of the channel; its message went to the top level.
    IncomingWebhookThreadIgnored {
        /// Which hook.
        hook: HookName,
        /// In which request.
        request_id: RequestId,
    },
    /// An outgoing webhook was created, changed or deleted.
    OutgoingWebhookChanged {
        /// From where, where the host tells.
        address: Option<IpAddr>,
        /// By whom; none when a [`Notice`](crate::engine::Notice) of the host was the cause.
        by: Option<UserId>,
        /// What became of it, as a word or two.
        change: &'a str,
        /// Whose posts it hears; none for every public channel of the team.
        channel_id: Option<ChannelId>,
        /// Which hook.
        hook: OutgoingHookId,
        /// Its team.
        team_id: TeamId,
    },
    /// Too many posts of bots and access tokens set an outgoing webhook off in one channel: its delivery is recorded as
    /// dropped (OUT-115).
    OutgoingWebhookLimited {
        /// Where the post is.
        channel_id: ChannelId,
        /// Which hook.
        hook: OutgoingHookId,
        /// Which post.
        post_id: PostId,
    },
    /// A receiver's answer to an outgoing webhook made posts.
    OutgoingWebhookReplied {
        /// Which hook.
        hook: OutgoingHookId,
        /// Which post was answered.
        post_id: PostId,
        /// How many posts.
        posts: usize,
    },
    /// A request was refused because of what the caller sent or may not do.
    Refused {
        /// From where, where the host tells.
        address: Option<IpAddr>,
        /// The inner id of the error, which is often not the one on the wire.
        id: &'a str,
        /// In which request.
        request_id: RequestId,
        /// The status on the wire. A 500 here is still the caller's mistake.
        status: u16,
        /// Where and what was wrong, without what was sent.
        detail: &'a str,
    },
}

impl Debug for Observation<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Audit(audit) => audit.fmt(f),
            Self::DoubtfulSetting { setting, detail } => write!(f, "the setting `{setting}` is doubtful: {detail}"),
            Self::Fault { error, request_id } => {
                write!(f, "fault: {error}")?;
                let mut cause = error.source();
                while let Some(error) = cause {
                    write!(f, ": {error}")?;
                    cause = error.source();
                }
                request_id.map_or(Ok(()), |id| write!(f, " (request {id})"))
            }
            Self::DeliveryTried { delivery, duration, failure, reason, state, status } => {
                write!(f, "delivery {delivery} is {state} after {duration} ms")?;
                failure.map_or(Ok(()), |failure| write!(f, ", {failure}"))?;
                status.map_or(Ok(()), |status| write!(f, ", status {status}"))?;
                if reason.is_empty() { Ok(()) } else { write!(f, ": {reason}") }
            }
            Self::IncomingWebhookChanged { address, by, channel_id, hook, change, team_id } => {
                write!(f, "incoming webhook {hook} {change}: team {team_id}, channel {channel_id}")?;
                by.map_or(Ok(()), |by| write!(f, ", by {by}"))?;
                from(f, *address)
            }
            Self::IncomingWebhookEdited { address, change, hook, post_id, request_id } => {
                write!(f, "incoming webhook {hook} {change} post {post_id} (request {request_id})")?;
                from(f, *address)
            }
            Self::IncomingWebhookThreadIgnored { hook, request_id } => {
                write!(f, "incoming webhook {hook}: `root_id` names no root post of the channel (request {request_id})")
            }
            Self::IncomingWebhookPosted { address, hook, posts, request_id } => {
                write!(f, "incoming webhook {hook} made {posts} post(s) (request {request_id})")?;
                from(f, *address)
            }
            Self::OutgoingWebhookChanged { address, by, change, channel_id, hook, team_id } => {
                write!(f, "outgoing webhook {hook} {change}: team {team_id}")?;
                channel_id.map_or(Ok(()), |channel| write!(f, ", channel {channel}"))?;
                by.map_or(Ok(()), |by| write!(f, ", by {by}"))?;
                from(f, *address)
            }
            Self::OutgoingWebhookLimited { channel_id, hook, post_id } => {
                write!(f, "outgoing webhook {hook} dropped post {post_id}: too many of bots in channel {channel_id}")
            }
            Self::OutgoingWebhookReplied { hook, post_id, posts } => {
                write!(f, "outgoing webhook {hook}: the answer to post {post_id} made {posts} post(s)")
            }
            Self::Refused { address, id, request_id, status, detail } => {
                write!(f, "refused with {status}: {id} {detail} (request {request_id})")?;
                from(f, *address)
            }
        }
    }
}

fn from(f: &mut fmt::Formatter<'_>, address: Option<IpAddr>) -> fmt::Result {
    address.map_or(Ok(()), |address| write!(f, " from {address}"))
}
