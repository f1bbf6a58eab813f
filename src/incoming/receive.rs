//! What comes before a call is drafted (INC-30 to INC-52): where it goes, whom its texts name, what its owner must be
//! allowed. Between these steps the engine asks the host.

use super::error::ReceiveError;
use super::model::IncomingWebhook;
use super::payload::Payload;
use super::settings::IncomingSettings;
use crate::id::{PostId, UserId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Post, Scope, User};
use crate::post::sender::named_maker;
use crate::post::{self, Destination, LinkGrammar};

/// The first checks: the switch, then that there is anything to say (INC-30, INC-31).
pub(crate) fn admit(settings: &IncomingSettings, payload: &Payload) -> Result<(), ReceiveError> {
    if !settings.enabled {
        return Err(ReceiveError::Disabled);
    }
    if payload.text.is_empty() && payload.attachments.is_empty() {
        return Err(ReceiveError::NoText);
    }
    Ok(())
}

/// What `channel` asks for (INC-40).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Target<'a> {
    /// A channel by its name.
    Named(&'a str),
    /// The hook's own channel.
    Own,
    /// A user, in a direct channel; in lower case.
    User(String),
}

/// Reads `channel`.
pub(crate) fn target(channel: &str) -> Result<Target<'_>, ReceiveError> {
    let target = match channel.strip_prefix('@') {
        Some(user) => Target::User(user.to_lowercase()),
        None if channel.is_empty() => Target::Own,
        None => Target::Named(channel.strip_prefix('#').unwrap_or(channel)),
    };
    match &target {
        Target::User(user) if user.contains('\0') => Err(ReceiveError::UnknownUser),
        Target::Named(name) if name.contains('\0') => {
            Err(ReceiveError::Decode("`/channel`: expected a text without U+0000".to_owned()))
        }
        _ => Ok(target),
    }
}

/// Where a call posts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Place {
    /// A channel that is there.
    Channel(Channel),
    /// The direct channel of the owner and this user, which is not there yet.
    NewDirect(UserId),
}

impl Place {
    /// The hook's own channel.
    pub(crate) fn own(channel: Option<Channel>) -> Result<Self, ReceiveError> {
        match channel {
            None => Err(ReceiveError::ChannelGone),
            Some(channel) if channel.archived => Err(ReceiveError::ChannelArchived),
            Some(channel) => Ok(Self::Channel(channel)),
        }
    }

    /// A channel that was looked up by name. Of a team's channel and a direct one of the same name, the team's.
    pub(crate) fn named(found: Vec<Channel>) -> Result<Self, ReceiveError> {
        let mut live: Vec<_> = found.into_iter().filter(|channel| !channel.archived).collect();
        live.sort_by_key(|channel| channel.team_id.is_none());
        live.into_iter().next().map(Self::Channel).ok_or(ReceiveError::ChannelNotFound)
    }

    /// The direct channel with a user, if it is there already or else to be opened.
    pub(crate) fn direct(other: UserId, found: Vec<Channel>) -> Self {
        let direct = found.into_iter().find(|channel| channel.kind == ChannelKind::Direct);
        direct.map_or(Self::NewDirect(other), Self::Channel)
    }

    pub(super) fn destination(&self, owner: UserId) -> Destination {
        match self {
            Self::Channel(channel) => Destination::Channel(channel.id),
            Self::NewDirect(other) => Destination::Direct(owner, *other),
        }
    }

    /// The direct or group channel that is there.
    pub(crate) fn direct_or_group(&self) -> Option<&Channel> {
        match self {
            Self::Channel(channel) if matches!(channel.kind, ChannelKind::Direct | ChannelKind::Group) => Some(channel),
            _ => None,
        }
    }

    pub(crate) fn is_direct(&self) -> bool {
        match self {
            Self::Channel(channel) => channel.kind == ChannelKind::Direct,
            Self::NewDirect(_) => true,
        }
    }
}

/// The lock, then the owner (INC-33 #5, #6). A locked hook never opens a direct channel.
pub(crate) fn enter<'a>(
    hook: &IncomingWebhook,
    place: &Place,
    owner: Option<&'a User>,
    settings: &IncomingSettings,
) -> Result<&'a User, ReceiveError> {
    let is_own = matches!(place, Place::Channel(channel) if channel.id == hook.channel_id);
    if hook.channel_locked && !is_own {
        return Err(ReceiveError::Locked);
    }
    present(owner, settings)
}

/// The owner must exist, and be active where the settings ask for it (INC-33 #6).
pub(crate) fn present<'a>(owner: Option<&'a User>, settings: &IncomingSettings) -> Result<&'a User, ReceiveError> {
    let owner = owner.ok_or(ReceiveError::OwnerMissing)?;
    if settings.refuse_inactive_owners && owner.deactivated {
        return Err(ReceiveError::OwnerInactive);
    }
    Ok(owner)
}

/// Whom the texts name by id, and who else must be known: the owner, and who `ai_generated_by` names.
pub(crate) fn people(payload: &Payload, owner: UserId) -> Vec<UserId> {
    let mut ids = vec![owner];
    post::all_mentioned_ids(&payload.text, &payload.attachments, &mut ids);
    ids.extend(named_maker(&payload.props));
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Turns Slack's markup into ours: announcements, user ids, links (INC-50, INC-51).
pub(crate) fn translate(payload: &mut Payload, people: &[User], settings: &IncomingSettings) {
    let name = |id: UserId| people.iter().find(|user| user.id == id).map(|user| user.username.as_str());
    let links = if settings.leniency.careful_attachment_links { LinkGrammar::Careful } else { LinkGrammar::Loose };
    post::translate(&mut payload.text, &mut payload.attachments, &name, links);
}

/// What the owner must be asked for before the call may post, and what the texts make necessary to know.
pub(crate) fn questions(
    hook: &IncomingWebhook,
    place: &Place,
    payload: &Payload,
    settings: &IncomingSettings,
) -> Vec<Ask> {
    let mut asks = Vec::new();
    match place {
        Place::Channel(channel) => {
            let scope = Scope::Channel(channel.id);
            if channel.kind != ChannelKind::Public {
                asks.push(Ask::new(Permission::READ_CHANNEL_CONTENT, scope));
            }
            let mut texts = post::mention_texts(&payload.text, &payload.attachments);
            if texts.any(post::mentions_channel) {
                asks.push(Ask::new(Permission::USE_CHANNEL_MENTIONS, scope));
            }
        }
        Place::NewDirect(other) => asks.push(Ask::new(Permission::CREATE_DIRECT_CHANNEL, Scope::User(*other))),
    }
    if settings.refuse_inactive_owners {
        asks.push(Ask::new(Permission::VIEW_TEAM, Scope::Team(hook.team_id)));
    }
    asks
}

/// What the owner may, as it was asked.
#[derive(Debug)]
pub(crate) struct Answers<'a> {
    pub(crate) asks: &'a [Ask],
    pub(crate) granted: &'a [bool],
}

impl Answers<'_> {
    /// Whether a permission was asked for and not granted.
    pub(super) fn refuse(&self, permission: &Permission) -> bool {
        let place = self.asks.iter().position(|ask| ask.permission == *permission);
        place.is_some_and(|place| !self.granted.get(place).copied().unwrap_or_default())
    }
}

/// Whether the owner may post there (INC-33 #7, INC-43).
pub(crate) fn access(answers: &Answers<'_>) -> Result<(), ReceiveError> {
    if answers.refuse(&Permission::READ_CHANNEL_CONTENT) {
        return Err(ReceiveError::NoAccess);
    }
    if answers.refuse(&Permission::CREATE_DIRECT_CHANNEL) {
        return Err(ReceiveError::DirectRestricted);
    }
    if answers.refuse(&Permission::VIEW_TEAM) {
        return Err(ReceiveError::OwnerInactive);
    }
    Ok(())
}

/// The post to answer, if it is a live root post of the place (section 17, item 25).
pub(crate) fn root(post: Option<Post>, place: &Place) -> Option<PostId> {
    let Place::Channel(channel) = place else { return None };
    let post = post.filter(|post| !post.deleted && post.root_id.is_none() && post.channel_id == channel.id);
    post.map(|post| post.id)
}
