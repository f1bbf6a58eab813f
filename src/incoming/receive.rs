//! What a call becomes (INC-30 to INC-88): from a payload and what the host knows to drafts, in steps between which the
//! engine asks.

use serde_json::{Map, Value};

use super::error::ReceiveError;
use super::model::IncomingWebhook;
use super::payload::{Payload, PriorityAsked};
use super::settings::IncomingSettings;
use crate::id::{ActionId, PostId, UserId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Post, Scope, SessionKind, User};
use crate::post::{self, Destination, LinkGrammar, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, Overrides, PostDraft, Priority};

/// The level of a priority has at most so many characters (INC-85).
const MAX_PRIORITY_CHARS: usize = 32;

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
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Target<'a> {
    /// A channel by its name.
    Named(&'a str),
    /// The hook's own channel.
    Own,
    /// A user, in a direct channel.
    User(&'a str),
}

/// Reads `channel`.
pub(crate) fn target(channel: &str) -> Result<Target<'_>, ReceiveError> {
    let target = match channel.strip_prefix('@') {
        Some(user) => Target::User(user),
        None if channel.is_empty() => Target::Own,
        None => Target::Named(channel.strip_prefix('#').unwrap_or(channel)),
    };
    match target {
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

    fn destination(&self, owner: UserId) -> Destination {
        match self {
            Self::Channel(channel) => Destination::Channel(channel.id),
            Self::NewDirect(other) => Destination::Direct(owner, *other),
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
    let owner = owner.ok_or(ReceiveError::OwnerMissing)?;
    if settings.refuse_inactive_owners && owner.deactivated {
        return Err(ReceiveError::OwnerInactive);
    }
    Ok(owner)
}

/// Whom the texts name by id, and who else must be known: the owner, and who `ai_generated_by` names.
pub(crate) fn people(payload: &Payload, owner: UserId) -> Vec<UserId> {
    let mut ids = vec![owner];
    each_text(payload, &mut |text| post::mentioned_ids(text, &mut ids));
    if let Some(Ok(author)) = payload.props.get("ai_generated_by").and_then(Value::as_str).map(UserId::parse) {
        ids.push(author);
    }
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn each_text(payload: &Payload, see: &mut dyn FnMut(&str)) {
    see(&payload.text);
    for attachment in &payload.attachments {
        see(&attachment.pretext);
        see(&attachment.text);
        see(&attachment.title);
        attachment.fields.iter().filter_map(|field| field.value.as_deref()).for_each(&mut *see);
    }
}

/// Turns Slack's markup into ours: announcements, user ids, links (INC-50, INC-51).
pub(crate) fn translate(payload: &mut Payload, people: &[User], settings: &IncomingSettings) {
    let name = |id: UserId| people.iter().find(|user| user.id == id).map(|user| user.username.as_str());
    let loose = if settings.leniency.careful_attachment_links { LinkGrammar::Careful } else { LinkGrammar::Loose };
    let turn = |text: &mut String, links: Option<LinkGrammar>| {
        if memchr::memchr(b'<', text.as_bytes()).is_none() {
            return;
        }
        let mentions = post::translate_mentions(text, &name);
        let turned = match links {
            Some(grammar) => post::translate_links(&mentions, grammar).into_owned(),
            None => mentions.into_owned(),
        };
        *text = turned;
    };
    turn(&mut payload.text, Some(LinkGrammar::Strict));
    for attachment in &mut payload.attachments {
        turn(&mut attachment.pretext, Some(loose));
        turn(&mut attachment.text, Some(loose));
        turn(&mut attachment.title, None);
        for value in attachment.fields.iter_mut().filter_map(|field| field.value.as_mut()) {
            turn(value, Some(loose));
        }
    }
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
    fn refuse(&self, permission: &Permission) -> bool {
        let place = self.asks.iter().position(|ask| ask.permission == *permission);
        place.is_some_and(|place| !self.granted.get(place).copied().unwrap_or_default())
    }
}

/// All that is known when the posts are drafted.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) answers: Answers<'a>,
    pub(crate) hook: &'a IncomingWebhook,
    pub(crate) overrides: Overrides,
    pub(crate) owner: &'a User,
    pub(crate) people: &'a [User],
    pub(crate) place: &'a Place,
    pub(crate) root_id: Option<PostId>,
    /// How the session came to be that the request carried, if any.
    pub(crate) session: Option<SessionKind>,
    pub(crate) settings: &'a IncomingSettings,
}

/// Drafts the posts, in order: access, priority, type, props, splitting (INC-33 #7 to #12). Ids for actions without one
/// come from `mint`.
pub(crate) fn draft(
    mut payload: Payload,
    facts: &Facts<'_>,
    mint: &mut dyn FnMut() -> ActionId,
) -> Result<Vec<PostDraft>, ReceiveError> {
    access(&facts.answers)?;
    let priority = payload.priority.take().map(level).transpose()?;
    let post_type = post_type(&mut payload)?;
    let names_channels =
        post::mention_texts(&payload.text, &payload.attachments).any(|text| post::channel_names(text).next().is_some());
    let mut base = PostDraft::new(facts.place.destination(facts.owner.id), facts.owner.id, payload.text.as_str());
    base.origin = Some(facts.hook.origin);
    base.root_id = facts.root_id;
    base.props.entries = props(&mut payload, facts, names_channels)?;
    name_actions(&mut payload, mint);
    base.props.attachments = payload.attachments;
    let mut drafts = post::split(base, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES).map_err(|_| ReceiveError::TooLarge)?;
    // The reference server finds these two while it stores the posts, and so after the ones above.
    let post_type = post_type.known()?;
    if priority.as_ref().is_some_and(|priority| priority.priority.chars().count() > MAX_PRIORITY_CHARS) {
        return Err(ReceiveError::PriorityLength);
    }
    let may_announce = !facts.answers.refuse(&Permission::USE_CHANNEL_MENTIONS);
    for (place, draft) in drafts.iter_mut().enumerate() {
        post_type.clone_into(&mut draft.post_type);
        if place == 0 || !facts.settings.priority_on_first_post_only {
            draft.priority.clone_from(&priority);
        }
        if !may_announce && post::mention_texts(&draft.message, &draft.props.attachments).any(post::mentions_channel) {
            draft.props.entries.insert("mentionHighlightDisabled".to_owned(), Value::Bool(true));
        }
    }
    Ok(drafts)
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

/// Gives each action without an id one of its own (INC-56).
pub(crate) fn name_actions(payload: &mut Payload, mint: &mut dyn FnMut() -> ActionId) {
    for action in payload.attachments.iter_mut().flat_map(|attachment| &mut attachment.actions) {
        if action.id.is_empty() {
            action.id = mint().into();
        }
    }
}

/// The post to answer, if it is a live root post of the place (section 17, item 25).
pub(crate) fn root(post: Option<Post>, place: &Place) -> Option<PostId> {
    let Place::Channel(channel) = place else { return None };
    let post = post.filter(|post| !post.deleted && post.root_id.is_none() && post.channel_id == channel.id);
    post.map(|post| post.id)
}

/// INC-33 #9.
fn level(asked: PriorityAsked) -> Result<Priority, ReceiveError> {
    Ok(Priority {
        priority: asked.priority.ok_or(ReceiveError::NoPriority)?,
        requested_ack: asked.requested_ack,
        persistent_notifications: asked.persistent_notifications,
    })
}

/// The type of a post, of which it is not yet checked whether there is such a type.
struct PostType(String);

/// INC-33 #3, #10.
fn post_type(payload: &mut Payload) -> Result<PostType, ReceiveError> {
    if !payload.attachments.is_empty() {
        return Ok(PostType("slack_attachment".to_owned()));
    }
    let post_type = std::mem::take(&mut payload.post_type);
    if post_type.starts_with("system_") { Err(ReceiveError::SystemType) } else { Ok(PostType(post_type)) }
}

impl PostType {
    /// INC-66. `burn_on_read` needs a licence that no host of ours has.
    fn known(self) -> Result<String, ReceiveError> {
        const KNOWN: [&str; 5] = ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels"];
        let is_known = KNOWN.contains(&self.0.as_str()) || self.0.starts_with("custom_");
        if is_known { Ok(self.0) } else { Err(ReceiveError::UnknownType) }
    }
}

/// INC-67 to INC-72.
fn props(payload: &mut Payload, facts: &Facts<'_>, names_channels: bool) -> Result<Map<String, Value>, ReceiveError> {
    let mut props = std::mem::take(&mut payload.props);
    post::strip_reserved(&mut props, facts.overrides.icon);
    if names_channels {
        props.remove("current_team_id");
    }
    let mut set = |name: &str, value: &str| {
        props.insert(name.to_owned(), Value::String(value.to_owned()));
    };
    set("from_webhook", "true");
    set("webhook_display_name", &facts.hook.display_name);
    let first = |names: &[&str]| names.iter().find(|name| !name.is_empty()).map(|name| (*name).to_owned());
    if facts.overrides.username {
        let name = first(&[&payload.username, &facts.hook.username, "webhook"]).unwrap_or_default();
        set("override_username", sound(&name, "/username")?);
    }
    let icon = first(&[&payload.icon_url, &facts.hook.icon_url]).filter(|_| facts.overrides.icon);
    if let Some(icon) = icon {
        set("override_icon_url", sound(&icon, "/icon_url")?);
    }
    if facts.owner.is_bot {
        set("from_bot", "true");
    }
    if facts.session == Some(SessionKind::OAuth) {
        set("from_oauth_app", "true");
    }
    if facts.overrides.icon && !payload.icon_emoji.is_empty() && !props.contains_key("override_icon_emoji") {
        let emoji = sound(&payload.icon_emoji, "/icon_emoji")?.to_owned();
        props.insert("override_icon_emoji".to_owned(), Value::String(emoji));
    }
    generated_by(&mut props, facts)?;
    Ok(props)
}

/// A sender name or picture that is in use must be a text that a host can store (INC-95).
fn sound<'a>(text: &'a str, place: &str) -> Result<&'a str, ReceiveError> {
    if text.contains('\0') {
        return Err(ReceiveError::Decode(format!("`{place}`: expected a text without U+0000")));
    }
    Ok(text)
}

/// `ai_generated_by` must name the owner or a bot; an unknown user is left out (INC-70).
fn generated_by(props: &mut Map<String, Value>, facts: &Facts<'_>) -> Result<(), ReceiveError> {
    props.remove("ai_generated_by_username");
    let Some(named) = props.remove("ai_generated_by") else { return Ok(()) };
    let id = named.as_str().and_then(|id| UserId::parse(id).ok());
    let Some(author) = facts.people.iter().find(|user| Some(user.id) == id) else { return Ok(()) };
    if author.id != facts.owner.id && !author.is_bot {
        return Err(ReceiveError::AiGeneratedBy);
    }
    props.insert("ai_generated_by".to_owned(), named);
    props.insert("ai_generated_by_username".to_owned(), Value::String(author.username.clone()));
    Ok(())
}

/// What the owner is told, and nobody else, when their hook's `@channel` reaches nobody (INC-72).
pub(crate) fn notice(drafts: &[PostDraft], facts: &Facts<'_>) -> Option<PostDraft> {
    let draft = drafts.iter().find(|draft| draft.props.entries.contains_key("mentionHighlightDisabled"))?;
    let text = format!(
        "The message of your incoming webhook “{}” notified nobody: you may not use @channel, @all and @here there.",
        facts.hook.display_name
    );
    Some(PostDraft::new(draft.destination, facts.owner.id, text))
}
