//! `POST /hooks/{id}`: loads the hook, asks the host, and hands on what the rules decide.

use std::net::IpAddr;

use thiserror::Error;

use super::authenticate::ask;
use super::error::{Failed, Fault};
use super::table::{self, Stored};
use super::{Engine, State, address_key, hook_start, random};
use crate::id::{ActionId, HookId, PostId, RequestId, TeamId, UserId};
use crate::incoming::receive::{self, Answers, Facts, Place, Target};
use crate::incoming::{IncomingWebhook, Payload, Rate, ReceiveError, named};
use crate::port::{Action, Ask, Channel, Effect, EffectKey, Observation, SessionKind, User};
use crate::post::PostDraft;
use crate::security::TooOften;

/// The circumstances of one call of an incoming webhook.
#[non_exhaustive]
#[derive(Clone, Debug)]
pub struct Call {
    /// Where it comes from, if that is known.
    pub address: Option<IpAddr>,
    /// Makes a repeated call do nothing, and answer as the first did.
    pub idempotency_key: Option<IdempotencyKey>,
    /// Under which name logs know the request.
    pub request_id: RequestId,
    /// How the session came to be that the request carried besides; calls need none.
    pub session: Option<SessionKind>,
}

impl Call {
    /// A call of which nothing is known but its name.
    #[must_use]
    pub fn new(request_id: RequestId) -> Self {
        Self { address: None, idempotency_key: None, request_id, session: None }
    }
}

/// The value of `Idempotency-Key`: 1 to 255 visible ASCII characters. It counts for one hook.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IdempotencyKey(String);

/// The value is not 1 to 255 visible ASCII characters.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("an idempotency key has 1 to 255 visible ASCII characters")]
pub struct InvalidIdempotencyKey;

impl IdempotencyKey {
    /// Takes a header's value.
    ///
    /// # Errors
    ///
    /// It is empty, too long, or has other characters.
    pub fn parse(value: &[u8]) -> Result<Self, InvalidIdempotencyKey> {
        let is_sound = (1..=255).contains(&value.len()) && value.iter().all(u8::is_ascii_graphic);
        let text = std::str::from_utf8(value).map_err(|_| InvalidIdempotencyKey)?;
        if is_sound { Ok(Self(text.to_owned())) } else { Err(InvalidIdempotencyKey) }
    }
}

/// What a call of an incoming webhook made.
#[non_exhaustive]
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Posted {
    /// The posts, in order; several when the text was split.
    pub posts: Vec<PostId>,
}

impl Engine {
    /// Receives one call of an incoming webhook: makes its posts, all or none.
    ///
    /// With an idempotency key that this hook has seen, nothing is made and the first call's posts are returned.
    ///
    /// # Errors
    ///
    /// [`ReceiveError`] says what the sender did wrong; a fault is a port's.
    pub async fn receive_incoming_webhook(
        &self,
        id: &HookId,
        mut payload: Payload,
        call: &Call,
    ) -> Result<Posted, Failed<ReceiveError>> {
        let state = self.state();
        let settings = &state.settings.incoming;
        receive::admit(settings, &payload).map_err(Failed::Refused)?;
        let stored = self.hook_to_call(&state, id, call).await?;
        let hook = &stored.kind;
        let directory = &self.shared.ports.directory;

        let place = self.place(hook, &payload.channel).await?;
        let people = directory.users(&receive::people(&payload, hook.user_id)).await.map_err(Failed::fault)?;
        let owner = people.iter().find(|user| user.id == hook.user_id);
        let owner = receive::enter(hook, &place, owner, settings).map_err(Failed::Refused)?;
        receive::translate(&mut payload, &people, settings);
        let asks = receive::questions(hook, &place, &payload, settings);
        let granted = ask(directory, owner.id, &asks).await?;

        let linked_team = named::linked_team(&payload, &place);
        let facts = Facts {
            answers: Answers { asks: &asks, granted: &granted },
            hook,
            overrides: state.settings.overrides,
            owner,
            people: &people,
            place: &place,
            session: call.session,
            settings,
        };
        let mut chance = Ok(());
        let mut mint = || {
            let bytes = random(&self.shared.ports).map_err(|fault| chance = Err(fault));
            ActionId::from_random(bytes.unwrap_or_default())
        };
        let mut drafts = receive::draft(payload, &facts, &mut mint).map_err(Failed::Refused)?;
        chance?;
        self.check_recipients(&drafts, &facts).await?;
        self.link_channels(&mut drafts, owner.id, linked_team).await?;

        let posted = self.post(&state, &stored, drafts, &facts, call).await?;
        self.observer().observe(&Observation::IncomingWebhookPosted {
            hook: &hook_start(&stored.key.id),
            posts: posted.posts.len(),
            request_id: call.request_id,
        });
        Ok(posted)
    }

    /// Finds the hook, and counts the call.
    async fn hook_to_call(
        &self,
        state: &State,
        id: &HookId,
        call: &Call,
    ) -> Result<Stored<IncomingWebhook>, Failed<ReceiveError>> {
        let settings = &state.settings.incoming;
        let now = self.now();
        let guesses = settings.limit_unknown_ids_per_address.zip(call.address.map(address_key));
        let limited = |TooOften(retry_after)| Failed::Refused(ReceiveError::RateLimited { retry_after });
        if let Some((Rate { burst, per_second }, address)) = guesses {
            self.limited(|limits| limits.check(address, burst, per_second, now.0)).map_err(limited)?;
        }
        let found = self.find_hook(state, id).await?.filter(|hook| hook.kind.is_live(now));
        let Some(hook) = found else {
            if let Some((Rate { burst, per_second }, address)) = guesses {
                self.limited(|limits| limits.take(address, burst, per_second, now.0)).map_err(limited)?;
            }
            return Err(Failed::Refused(ReceiveError::UnknownHook));
        };
        if let Some(Rate { burst, per_second }) = settings.limit_per_hook {
            self.limited(|limits| limits.take(hook.kind.origin.0, burst, per_second, now.0)).map_err(limited)?;
        }
        Ok(hook)
    }

    /// Finds a hook by its id, whichever master key it was stored with.
    pub(super) async fn find_hook(&self, state: &State, id: &HookId) -> Result<Option<Stored<IncomingWebhook>>, Fault> {
        for keys in state.keyring.all() {
            let found = table::get(&self.shared.ports.storage, &keys.hook(id.expose())).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn place(&self, hook: &IncomingWebhook, channel: &str) -> Result<Place, Failed<ReceiveError>> {
        let directory = &self.shared.ports.directory;
        let place = match receive::target(channel).map_err(Failed::Refused)? {
            Target::Own => {
                let found = directory.channels(&[hook.channel_id]).await.map_err(Failed::fault)?;
                Place::own(found.into_iter().find(|channel| channel.id == hook.channel_id))
            }
            Target::Named(name) => {
                Place::named(directory.channels_named(Some(hook.team_id), &[name]).await.map_err(Failed::fault)?)
            }
            Target::User(name) => {
                let user = directory.user_named(&name.to_lowercase()).await.map_err(Failed::fault)?;
                let user = user.ok_or(Failed::Refused(ReceiveError::UnknownUser))?;
                let name = Channel::direct_name(hook.user_id, user.id);
                Ok(Place::direct(user.id, directory.channels_named(None, &[&name]).await.map_err(Failed::fault)?))
            }
        };
        place.map_err(Failed::Refused)
    }

    async fn check_recipients(&self, drafts: &[PostDraft], facts: &Facts<'_>) -> Result<(), Failed<ReceiveError>> {
        let names = named::recipients_to_check(drafts, facts.place, facts.settings);
        let members: Vec<User> = match facts.place {
            Place::Channel(channel) if !names.is_empty() => {
                let names: Vec<_> = names.iter().map(String::as_str).collect();
                self.shared.ports.directory.members_named(channel.id, &names).await.map_err(Failed::fault)?
            }
            _ => Vec::new(),
        };
        named::check_recipients(drafts, facts.place, &members, facts.settings).map_err(Failed::Refused)
    }

    async fn link_channels(&self, drafts: &mut [PostDraft], author: UserId, team: Option<TeamId>) -> Result<(), Fault> {
        let names = named::linked_names(drafts);
        let Some(team) = team.filter(|_| !names.is_empty()) else { return Ok(()) };
        let directory = &self.shared.ports.directory;
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let mut channels = directory.channels_named(Some(team), &names).await?;
        channels.retain(|channel| channel.team_id == Some(team) && !channel.archived);
        if channels.is_empty() {
            return Ok(());
        }
        let asks: Vec<Ask> = channels.iter().flat_map(|channel| named::link_asks(channel, team)).collect();
        let granted = ask(directory, author, &asks).await?;
        let mut granted = granted.chunks(2);
        channels.retain(|channel| granted.next().is_some_and(|granted| named::may_link(channel, granted)));
        if let Some(team) = directory.team(team).await? {
            named::link(drafts, &channels, &team);
        }
        Ok(())
    }

    async fn post(
        &self,
        state: &State,
        hook: &Stored<IncomingWebhook>,
        drafts: Vec<PostDraft>,
        facts: &Facts<'_>,
        call: &Call,
    ) -> Result<Posted, Fault> {
        let keys = state.keyring.first();
        let key = call
            .idempotency_key
            .as_ref()
            .map(|key| EffectKey(keys.effect(&[b"incoming webhook", &hook.kind.origin.0, key.0.as_bytes()])));
        let notice = receive::notice(&drafts, facts);
        let mut effects = vec![Effect::new(Action::CreatePosts(drafts)).with_key(key)];
        effects.extend(notice.map(|draft| Effect::new(Action::EphemeralPost { to: draft.user_id, draft })));
        let applied = self.shared.ports.sink.apply(effects).await?;
        Ok(Posted { posts: applied.into_iter().next().unwrap_or_default().posts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idempotency_key_is_visible_ascii_of_some_length() {
        for sound in ["a", "!", "~", "8e03978e-40d5-43e8-bc93-6894a57f9324", &"k".repeat(255)] {
            assert_eq!(IdempotencyKey::parse(sound.as_bytes()), Ok(IdempotencyKey(sound.to_owned())), "{sound:?}");
        }
        let long = "k".repeat(256);
        for wrong in ["", " ", "a b", "a\t", "a\0", "\u{7F}", "é", &long] {
            assert_eq!(IdempotencyKey::parse(wrong.as_bytes()), Err(InvalidIdempotencyKey), "{wrong:?}");
        }
        assert_eq!(IdempotencyKey::parse(b"a\xFF"), Err(InvalidIdempotencyKey));
    }

    #[test]
    fn a_new_call_has_only_its_name() {
        let call = Call::new(RequestId::from_random([1; 16]));
        assert_eq!(call.request_id, RequestId::from_random([1; 16]));
        assert!(call.address.is_none() && call.idempotency_key.is_none() && call.session.is_none());
    }
}
