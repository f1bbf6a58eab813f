//! The posts that a call becomes (INC-33 #7 to #12, INC-65 to INC-87).

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::error::ReceiveError;
use super::model::IncomingWebhook;
use super::payload::Payload;
use super::receive::{Answers, Place, access};
use super::settings::IncomingSettings;
use crate::id::{ActionId, PostId};
use crate::port::{Permission, SessionKind, User};
use crate::post::sender::{self, MAX_PRIORITY_CHARS, Sender, Unsound};
use crate::post::{self, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, Overrides, PostDraft};

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
    let priority = payload.priority.take().map(|asked| asked.level().ok_or(ReceiveError::NoPriority)).transpose()?;
    let post_type = post_type(payload)?;
    let names_channels = sender::names_channels(&payload.text, &payload.attachments);
    let mut base =
        PostDraft::new(facts.place.destination(facts.owner.id), facts.owner.id, std::mem::take(&mut payload.text));
    base.origin = Some(facts.hook.origin);
    base.root_id = facts.root_id;
    base.props.entries = props(payload, facts, names_channels)?;
    sender::name_actions(&mut payload.attachments, mint);
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
    }
    if !may_announce {
        sender::mute_announcements(&mut drafts);
    }
    Ok(drafts)
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
    /// INC-66.
    fn known(self) -> Result<Cow<'static, str>, ReceiveError> {
        if sender::is_known_type(&self.0) { Ok(self.0) } else { Err(ReceiveError::UnknownType) }
    }
}

/// INC-67 to INC-72.
fn props(payload: &mut Payload, facts: &Facts<'_>, names_channels: bool) -> Result<Map<String, Value>, ReceiveError> {
    let sender = Sender {
        display_name: &facts.hook.display_name,
        icon_urls: [&payload.icon_url, &facts.hook.icon_url],
        is_bot: facts.owner.is_bot,
        overrides: facts.overrides,
        usernames: [&payload.username, &facts.hook.username],
    };
    let unsound = |unsound: Unsound| ReceiveError::Decode(unsound.to_string());
    let mut props = sender.props(std::mem::take(&mut payload.props)).map_err(unsound)?;
    if names_channels {
        props.remove("current_team_id");
    }
    if facts.session == Some(SessionKind::OAuth) {
        props.insert("from_oauth_app".to_owned(), Value::String("true".to_owned()));
    }
    if facts.overrides.icon && !payload.icon_emoji.is_empty() && !props.contains_key("override_icon_emoji") {
        let emoji = sender::sound(&payload.icon_emoji, "/icon_emoji").map_err(unsound)?.to_owned();
        props.insert("override_icon_emoji".to_owned(), Value::String(emoji));
    }
    let user = |id| facts.people.iter().find(|user| user.id == id).map(|user| (user.username.as_str(), user.is_bot));
    sender::generated_by(&mut props, facts.owner.id, user).map_err(|_| ReceiveError::AiGeneratedBy)?;
    Ok(props)
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
