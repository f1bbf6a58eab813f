//! Who may create, see, change and delete outgoing webhooks, and what becomes of what they wrote (OUT-7 to OUT-32).

use super::error::{During, ManageError, Member};
use super::model::OutgoingWebhook;
use super::wire::HookRequest;
use crate::id::{ChannelId, HookToken, Millis, OutgoingHookId, TeamId, UserId};
use crate::port::{Ask, Channel, ChannelKind, Permission, Scope};
use crate::security::callback_url::is_callback_url;

const OTHERS: Permission = Permission::MANAGE_OTHERS_OUTGOING_WEBHOOKS;
const OWN: Permission = Permission::MANAGE_OWN_OUTGOING_WEBHOOKS;

/// What a caller may do, as it was asked in one scope.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Rights {
    others: bool,
    own: bool,
}

impl Rights {
    /// The questions, in the order of [`new`](Self::new).
    pub(crate) fn asks(scope: Scope) -> [Ask; 2] {
        [Ask::new(OWN, scope), Ask::new(OTHERS, scope)]
    }

    /// The answers.
    pub(crate) fn new(granted: &[bool]) -> Self {
        match granted {
            [own, others] => Self { others: *others, own: *own },
            _ => Self::default(),
        }
    }

    /// Lets those through who manage hooks at all (OUT-15, OUT-34).
    pub(crate) fn manage(self) -> Result<(), ManageError> {
        need(self.own, OWN)
    }

    /// Whether hooks of others are the caller's to see.
    pub(crate) fn sees_others(self) -> bool {
        self.others
    }

    /// Lets those through who manage this hook. To have made it is not enough (OUT-11).
    pub(crate) fn manage_hook(self, hook: &OutgoingWebhook, caller: UserId) -> Result<(), ManageError> {
        self.manage()?;
        need(hook.creator_id == caller || self.others, OTHERS)
    }
}

fn need(granted: bool, permission: Permission) -> Result<(), ManageError> {
    if granted { Ok(()) } else { Err(ManageError::Forbidden(permission)) }
}

/// Where the rights on a team are asked for; nowhere on no team. A text that no team can have as its id is left to whoever
/// manages all teams, and refused later (OUT-8).
pub(crate) fn scope_of_team(team_id: &str) -> Option<Scope> {
    if team_id.is_empty() {
        return None;
    }
    Some(TeamId::parse(team_id).map_or(Scope::System, Scope::Team))
}

/// Says whose the new hook is to be: none for the caller. Whoever is named may only be so by those who manage the hooks of
/// others, even if they name themself (OUT-16).
pub(crate) fn creator(request: &HookRequest, rights: Rights) -> Result<Option<UserId>, ManageError> {
    if request.creator_id.is_empty() {
        return Ok(None);
    }
    need(rights.others, OTHERS)?;
    UserId::parse(&request.creator_id).map(Some).map_err(|_| ManageError::UserNotFound)
}

/// The feature switch.
pub(crate) fn enabled(enabled: bool) -> Result<(), ManageError> {
    if enabled { Ok(()) } else { Err(ManageError::Disabled) }
}

/// Which channel a hook is to hear; none for all.
pub(crate) fn channel_of(request: &HookRequest) -> Result<Option<ChannelId>, ManageError> {
    if request.channel_id.is_empty() {
        return Ok(None);
    }
    ChannelId::parse(&request.channel_id).map(Some).map_err(|_| ManageError::ChannelNotFound)
}

/// Whether a hook may hear this channel, and without one has a trigger word (OUT-18 to OUT-21, OUT-27 #9 and #10).
///
/// An archived channel is one too.
pub(crate) fn hears(
    request: &HookRequest,
    channel: Option<&Channel>,
    team_id: &str,
    during: During,
) -> Result<(), ManageError> {
    match channel {
        Some(channel) if channel.kind != ChannelKind::Public => Err(ManageError::ChannelNotPublic(during)),
        Some(channel) if channel.team_id.is_none_or(|team| team.as_str() != team_id) => {
            Err(ManageError::ChannelOfOtherTeam)
        }
        None if request.trigger_words.is_empty() => Err(ManageError::NoTrigger(during)),
        Some(_) | None => Ok(()),
    }
}

/// What a hook answers to, for the look at those that it would collide with.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Claim<'a> {
    pub(crate) callback_urls: &'a [String],
    pub(crate) channel_id: Option<ChannelId>,
    pub(crate) trigger_words: &'a [String],
}

impl<'a> Claim<'a> {
    /// What a request claims.
    pub(crate) fn new(request: &'a HookRequest, channel_id: Option<ChannelId>) -> Self {
        Self { callback_urls: &request.callback_urls, channel_id, trigger_words: &request.trigger_words }
    }

    /// Whether it can collide with anything: hooks without words never do.
    pub(crate) fn is_exclusive(&self) -> bool {
        !self.trigger_words.is_empty() && !self.callback_urls.is_empty()
    }

    /// Whether another hook of the team is in its way: same channel, an address and a word in common, byte for byte
    /// (OUT-29). What the index answers is held against this.
    #[cfg(test)]
    pub(crate) fn collides_with(&self, hook: &OutgoingWebhook) -> bool {
        let shared = |ours: &[String], theirs: &[String]| theirs.iter().any(|text| ours.contains(text));
        self.channel_id == hook.channel_id
            && shared(self.callback_urls, &hook.callback_urls)
            && shared(self.trigger_words, &hook.trigger_words)
    }
}

/// What a new hook is given.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) channel_id: Option<ChannelId>,
    pub(crate) creator_id: UserId,
    pub(crate) id: OutgoingHookId,
    pub(crate) now: Millis,
    pub(crate) token: HookToken,
}

/// Decides on a new hook: the rules of the record, after all else was looked at (OUT-24, OUT-26). A `delete_at` that was
/// sent counts for nothing, and a token only if it could be one of ours (OUT-108).
pub(crate) fn create(request: HookRequest, fresh: Fresh) -> Result<(OutgoingWebhook, HookToken), ManageError> {
    if !request.id.is_empty() {
        return Err(ManageError::HasId);
    }
    let token = token(&request.token, fresh.token)?;
    let team_id = TeamId::parse(&request.team_id).map_err(|_| ManageError::Invalid(Member::TeamId))?;
    validate(&request)?;
    let hook = OutgoingWebhook {
        callback_urls: request.callback_urls,
        channel_id: fresh.channel_id,
        content_type: request.content_type,
        create_at: fresh.now,
        creator_id: fresh.creator_id,
        description: request.description,
        display_name: request.display_name,
        icon_url: request.icon_url,
        id: fresh.id,
        mode: None,
        team_id,
        trigger_when: request.trigger_when,
        trigger_words: request.trigger_words,
        update_at: fresh.now,
        username: request.username,
    };
    Ok((hook, token))
}

/// What an update says against the hook as it is, before rights are asked for (OUT-27 #6).
pub(crate) fn stays_in_team(request: &HookRequest, old: &OutgoingWebhook) -> Result<(), ManageError> {
    let stays = request.team_id.is_empty() || request.team_id == old.team_id.as_str();
    if stays { Ok(()) } else { Err(ManageError::TeamMismatch) }
}

/// Decides on a changed hook (OUT-27). What the request leaves out becomes empty, but for the token, which stays
/// (OUT-106); none comes back if it stays. The rules of the record count here too (OUT-105).
pub(crate) fn update(
    request: HookRequest,
    old: &OutgoingWebhook,
    channel_id: Option<ChannelId>,
    (had, fresh): (&HookToken, HookToken),
    now: Millis,
) -> Result<(OutgoingWebhook, Option<HookToken>), ManageError> {
    let token = match request.token.as_str() {
        "" => None,
        same if same == had.expose() => None,
        other => Some(token(other, fresh)?),
    };
    validate(&request)?;
    let hook = OutgoingWebhook {
        callback_urls: request.callback_urls,
        channel_id,
        content_type: request.content_type,
        description: request.description,
        display_name: request.display_name,
        icon_url: request.icon_url,
        trigger_when: request.trigger_when,
        trigger_words: request.trigger_words,
        username: request.username,
        ..touched(old, now)
    };
    Ok((hook, token))
}

/// The hook as it is, changed now.
pub(crate) fn touched(old: &OutgoingWebhook, now: Millis) -> OutgoingWebhook {
    OutgoingWebhook { update_at: now.max(old.update_at), ..old.clone() }
}

/// Takes the token that was sent, if it could be one of ours; else the fresh one.
fn token(sent: &str, fresh: HookToken) -> Result<HookToken, ManageError> {
    match sent.len() {
        0 => Ok(fresh),
        TOKEN_BYTES => Ok(HookToken::parse(sent).unwrap_or(fresh)),
        _ => Err(ManageError::Invalid(Member::Token)),
    }
}

/// OUT-24 #5 to #14, in this order. What is no text of PostgreSQL is refused where the reference server stores it.
fn validate(request: &HookRequest) -> Result<(), ManageError> {
    let HookRequest { callback_urls, trigger_words, .. } = request;
    let rule = |kept: bool, member: Member| if kept { Ok(()) } else { Err(ManageError::Invalid(member)) };
    let fits = |text: &str, limit: usize| text.len() <= limit && !text.contains('\0');
    rule(rendered_bytes(trigger_words) <= MAX_LIST_BYTES, Member::TriggerWords)?;
    rule(trigger_words.iter().all(|word| !word.is_empty() && !word.contains('\0')), Member::TriggerWord)?;
    rule(!callback_urls.is_empty() && rendered_bytes(callback_urls) <= MAX_LIST_BYTES, Member::CallbackUrls)?;
    rule(callback_urls.iter().all(|url| is_callback_url(url)), Member::CallbackUrl)?;
    rule(fits(&request.display_name, 64), Member::DisplayName)?;
    rule(fits(&request.description, 500), Member::Description)?;
    rule(fits(&request.content_type, 128), Member::ContentType)?;
    rule(request.trigger_when <= 1, Member::TriggerWhen)?;
    rule(fits(&request.username, 64), Member::Username)?;
    rule(fits(&request.icon_url, 1_024), Member::IconUrl)
}

/// How long a list is as `[a b c]` (OUT-22).
fn rendered_bytes(texts: &[String]) -> usize {
    texts.iter().map(String::len).sum::<usize>() + texts.len().saturating_sub(1) + 2
}

/// The longest list, in bytes as it is rendered.
const MAX_LIST_BYTES: usize = 1_024;

/// How long a token is.
const TOKEN_BYTES: usize = crate::id::ID_BYTES;
