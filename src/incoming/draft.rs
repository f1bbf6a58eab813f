//! The posts that a call becomes (INC-33 #7 to #12, INC-65 to INC-87).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::ReceiveError;
use super::model::IncomingWebhook;
use super::payload::{Payload, PriorityAsked};
use super::receive::{Answers, Place, access};
use super::settings::IncomingSettings;
use crate::id::{ActionId, PostId, UserId};
use crate::port::{Permission, SessionKind, User};
use crate::post::{self, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, Overrides, PostDraft, Priority};

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
/// come from `mint`. What becomes part of the posts is taken out of the payload.
pub(crate) fn draft(
    payload: &mut Payload,
    facts: &Facts<'_>,
    mint: &mut dyn FnMut() -> ActionId,
) -> Result<Vec<PostDraft>, ReceiveError> {
    access(&facts.answers)?;
    let priority = payload.priority.take().map(level).transpose()?;
    let post_type = post_type(payload)?;
    let names_channels =
        post::mention_texts(&payload.text, &payload.attachments).any(|text| post::channel_names(text).next().is_some());
    let mut base =
        PostDraft::new(facts.place.destination(facts.owner.id), facts.owner.id, std::mem::take(&mut payload.text));
    base.origin = Some(facts.hook.origin);
    base.root_id = facts.root_id;
    base.props.entries = props(payload, facts, names_channels)?;
    name_actions(payload, mint);
    base.props.attachments = std::mem::take(&mut payload.attachments);
    let mut drafts = post::split(base, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES).map_err(|_| ReceiveError::TooLarge)?;
    // The reference server finds these two while it stores the posts, and so after the ones above.
    let post_type = post_type.known()?;
    if priority.as_ref().is_some_and(|priority| priority.priority.chars().count() > MAX_PRIORITY_CHARS) {
        return Err(ReceiveError::PriorityLength);
    }
    let may_announce = !facts.answers.refuse(&Permission::USE_CHANNEL_MENTIONS);
    for (place, draft) in drafts.iter_mut().enumerate() {
        draft.post_type = post_type.clone().into_owned();
        if place == 0 || !facts.settings.priority_on_first_post_only {
            draft.priority.clone_from(&priority);
        }
        if !may_announce && post::mention_texts(&draft.message, &draft.props.attachments).any(post::mentions_channel) {
            draft.props.entries.insert("mentionHighlightDisabled".to_owned(), Value::Bool(true));
        }
    }
    Ok(drafts)
}

/// Gives each action without an id one of its own (INC-56).
pub(crate) fn name_actions(payload: &mut Payload, mint: &mut dyn FnMut() -> ActionId) {
    for action in payload.attachments.iter_mut().flat_map(|attachment| &mut attachment.actions) {
        if action.id.is_empty() {
            action.id = mint().into();
        }
    }
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
struct PostType(Cow<'static, str>);

/// INC-33 #3, #10.
fn post_type(payload: &mut Payload) -> Result<PostType, ReceiveError> {
    if !payload.attachments.is_empty() {
        return Ok(PostType(Cow::Borrowed("slack_attachment")));
    }
    let post_type = std::mem::take(&mut payload.post_type);
    if post_type.starts_with("system_") { Err(ReceiveError::SystemType) } else { Ok(PostType(post_type.into())) }
}

impl PostType {
    /// INC-66. `burn_on_read` needs a licence that no host of ours has.
    fn known(self) -> Result<Cow<'static, str>, ReceiveError> {
        const KNOWN: [&str; 5] = ["", "me", "slack_attachment", "reminder", "add_bot_teams_channels"];
        let is_known = KNOWN.contains(&&*self.0) || self.0.starts_with("custom_");
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

/// The level of a priority has at most so many characters (INC-85).
const MAX_PRIORITY_CHARS: usize = 32;
