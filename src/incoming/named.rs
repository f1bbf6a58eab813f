//! What the texts of the drafts name: users that a persistent notification reaches, and channels to link (INC-76, INC-86).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::error::ReceiveError;
use super::payload::Payload;
use super::receive::Place;
use super::settings::IncomingSettings;
use crate::id::{TeamId, UserId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Scope, Team, User};
use crate::post::sender::{mentions_of, notifies};
use crate::post::{self, PostDraft};

/// So many different `~names` of one call are looked up; further ones are no links.
const MAX_LINKED_CHANNELS: usize = 1_000;

/// Which users' names the persistent notifications of these drafts must be compared with; none where nothing is to be
/// checked (INC-86).
pub(crate) fn recipients_to_check(
    drafts: &[PostDraft],
    place: &Place,
    settings: &IncomingSettings,
) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    if !place.is_direct() && drafts.iter().any(notifies) {
        for draft in drafts.iter().filter(|draft| settings.priority_on_first_post_only || notifies(draft)) {
            names.extend(mentions_of(draft).names().into_iter().map(str::to_owned));
        }
    }
    names
}

/// Whether each persistent notification mentions as many members as it may (INC-86). With the priority on the first post
/// alone, the mentions of all posts count together.
pub(crate) fn check_recipients(
    drafts: &[PostDraft],
    place: &Place,
    members: &[User],
    settings: &IncomingSettings,
) -> Result<(), ReceiveError> {
    if place.is_direct() || !drafts.iter().any(notifies) {
        return Ok(());
    }
    let mentioned = |draft: &PostDraft| -> BTreeSet<UserId> {
        let member = |name: &str| members.iter().find(|user| user.username == name && !user.is_bot).map(|user| user.id);
        mentions_of(draft).users(member)
    };
    let check = |count: usize| match count {
        0 => Err(ReceiveError::NoRecipients),
        many if many > settings.persistent_notification_max_recipients => Err(ReceiveError::ManyRecipients),
        _ => Ok(()),
    };
    if settings.priority_on_first_post_only {
        return check(drafts.iter().flat_map(mentioned).collect::<BTreeSet<_>>().len());
    }
    drafts.iter().filter(|draft| notifies(draft)).try_for_each(|draft| check(mentioned(draft).len()))
}

/// The team in which `~names` are looked up: the channel's, or in a direct message the one that `current_team_id` names.
pub(crate) fn linked_team(payload: &Payload, place: &Place) -> Option<TeamId> {
    if let Place::Channel(Channel { team_id: Some(team), .. }) = place {
        return Some(*team);
    }
    payload.props.get("current_team_id").and_then(Value::as_str).and_then(|id| TeamId::parse(id).ok())
}

/// The channels that the drafts name as `~name`.
pub(crate) fn linked_names(drafts: &[PostDraft]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for draft in drafts {
        for name in post::mention_texts(&draft.message, &draft.props.attachments).flat_map(post::channel_names) {
            if names.len() == MAX_LINKED_CHANNELS {
                return names;
            }
            if !names.contains(name) {
                names.insert(name.to_owned());
            }
        }
    }
    names
}

/// Whether a channel that was found by name is one that `~name` means: live, and of the team.
pub(crate) fn is_linkable(channel: &Channel, team: TeamId) -> bool {
    channel.team_id == Some(team) && !channel.archived
}

/// What the author must hold to link a channel: either of the two, the second only for public channels.
pub(crate) fn link_asks(channel: &Channel, team: TeamId) -> [Ask; 2] {
    [
        Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel.id)),
        Ask::new(Permission::READ_PUBLIC_CHANNEL, Scope::Team(team)),
    ]
}

/// Whether the answers to [`link_asks`] let the author link a channel.
pub(crate) fn may_link(channel: &Channel, granted: &[bool]) -> bool {
    match granted {
        [content, public] => *content || (*public && channel.kind == ChannelKind::Public),
        _ => false,
    }
}

/// Writes `channel_mentions` into each draft that names one of these channels, as it is stored: with the ids.
pub(crate) fn link(drafts: &mut [PostDraft], channels: &[Channel], team: &Team) {
    for draft in drafts {
        let mut links = Map::new();
        for name in post::mention_texts(&draft.message, &draft.props.attachments).flat_map(post::channel_names) {
            if let Some(channel) = channels.iter().find(|channel| channel.name == name) {
                let link = json!({ "display_name": channel.display_name, "id": channel.id, "team_name": team.name });
                links.insert(name.to_owned(), link);
            }
        }
        if !links.is_empty() {
            draft.props.entries.insert("channel_mentions".to_owned(), Value::Object(links));
        }
    }
}
