//! What becomes of a hook's own post when the hook edits it.

use super::error::ReceiveError;
use super::model::IncomingWebhook;
use super::payload::Payload;
use crate::port::Post;
use crate::post::{self, Destination, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES, Overrides, PostDraft};

/// The props that say whose post it is. They stay as they are when a sender replaces the others.
const SIGNATURE: [&str; 9] = [
    "ai_generated_by",
    "ai_generated_by_username",
    "from_bot",
    "from_oauth_app",
    "from_webhook",
    "override_icon_emoji",
    "override_icon_url",
    "override_username",
    "webhook_display_name",
];

/// Whether a hook may edit or delete a post: it made it, and it is there.
pub(crate) fn own(post: Option<Post>, hook: &IncomingWebhook) -> Result<Post, ReceiveError> {
    post.filter(|post| post.origin == Some(hook.origin) && !post.deleted).ok_or(ReceiveError::UnknownPost)
}

/// The post as it will be: what the payload names takes the place of what was there.
pub(crate) fn patched(post: Post, patch: Payload, overrides: Overrides) -> Result<PostDraft, ReceiveError> {
    if !patch.named.any_content() {
        return Err(ReceiveError::NoText);
    }
    let destination = Destination::Channel(post.channel_id);
    let mut draft = PostDraft::new(destination, post.user_id, if patch.named.text { patch.text } else { post.message });
    let mut entries = post.props;
    if patch.named.props {
        let mut props = patch.props;
        post::strip_reserved(&mut props, overrides.icon);
        SIGNATURE.iter().for_each(|name| drop(props.remove(*name)));
        let stays = |name: &str| name == "attachments" || SIGNATURE.contains(&name);
        props.extend(entries.into_iter().filter(|(name, _)| stays(name)));
        entries = props;
    }
    entries.remove("channel_mentions");
    entries.remove("mentionHighlightDisabled");
    if patch.named.attachments {
        entries.remove("attachments");
        draft.props.attachments = patch.attachments;
    }
    let has_attachments = !draft.props.attachments.is_empty() || entries.contains_key("attachments");
    if draft.message.is_empty() && !has_attachments {
        return Err(ReceiveError::NoText);
    }
    draft.props.entries = entries;
    draft.post_type = match (has_attachments, post.post_type.as_str()) {
        (true, _) => "slack_attachment".to_owned(),
        (false, "slack_attachment") => String::new(),
        (false, _) => post.post_type,
    };
    one(post::split(draft, MAX_MESSAGE_RUNES, MAX_PROPS_RUNES).map_err(|_| ReceiveError::TooLarge)?)
}

/// A post that is edited stays one post.
pub(crate) fn one(drafts: Vec<PostDraft>) -> Result<PostDraft, ReceiveError> {
    let mut drafts = drafts.into_iter();
    match (drafts.next(), drafts.next()) {
        (Some(draft), None) => Ok(draft),
        _ => Err(ReceiveError::WouldSplit),
    }
}
