//! `POST /hooks/{id}`: loads the hook, asks the host, and hands on what the rules decide.

use std::net::IpAddr;

use thiserror::Error;

use super::error::{Failed, Fault};
use super::table::{self, Pages, Stored};
use super::{Engine, State, address_key};
use crate::id::{ChannelId, HookId, PostId, RequestId};
use crate::incoming::receive;
use crate::incoming::{IncomingWebhook, Payload, Rate, ReceiveError, UpsertBy};
use crate::port::{Observation, SessionKind};
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
    /// Where else than in `upsert_key` the call may carry its key.
    pub upsert_by: Option<UpsertBy>,
    /// Whether [`Posted`] is to say where the posts are, which costs one question to the host.
    pub wait: bool,
}

impl Call {
    /// A call of which nothing is known but its name.
    #[must_use]
    pub fn new(request_id: RequestId) -> Self {
        Self { address: None, idempotency_key: None, request_id, session: None, upsert_by: None, wait: false }
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

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What a call of an incoming webhook made.
#[non_exhaustive]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Posted {
    /// Where they are, if the call wanted to know.
    pub channel_id: Option<ChannelId>,
    /// The posts, in order; several when the text was split.
    pub posts: Vec<PostId>,
    /// Which post they answer, if the call wanted to know.
    pub root_id: Option<PostId>,
}

impl Engine {
    /// Receives one call of an incoming webhook: makes its posts, all or none.
    ///
    /// With an idempotency key that this hook has seen, nothing is made and the first call's posts are returned. With an
    /// `upsert_key`, the post of an earlier call takes the new content, and an idempotency key is not needed.
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
        self.receive(id, &mut payload, call).await
    }

    /// The same, of a payload that stays where it is: its content goes into the posts.
    pub(crate) async fn receive(
        &self,
        id: &HookId,
        payload: &mut Payload,
        call: &Call,
    ) -> Result<Posted, Failed<ReceiveError>> {
        let state = self.state();
        receive::admit(&state.settings.incoming, payload).map_err(Failed::Refused)?;
        let stored = self.hook_to_call(&state, id, call).await?;
        let upsert_key = payload.take_upsert_key(call.upsert_by);
        let drafted = self.draft(&state, &stored.kind, payload, call).await?;
        if drafted.ignores_thread {
            let (hook, request_id) = (stored.kind.log_name(), call.request_id);
            self.observer().observe(&Observation::IncomingWebhookThreadIgnored { hook, request_id });
        }
        let posts = match upsert_key {
            // Boxed, so that a call without a key carries no room for it.
            Some(key) => Box::pin(self.upsert(&state, &stored.kind, &key, drafted, call)).await?,
            None => self.post(&state, &stored.kind, drafted, call).await?,
        };
        Ok(self.tell_where(posts, call).await)
    }

    /// Says where the posts are, if the call wants to know.
    ///
    /// They are made by now, so a directory that fails is told to the observer, and the sender hears less.
    pub(super) async fn tell_where(&self, posts: Vec<PostId>, call: &Call) -> Posted {
        let post = match posts.first().filter(|_| call.wait) {
            Some(first) => self.shared.ports.directory.post(*first).await.unwrap_or_else(|failed| {
                let (error, request_id) = (&Fault::from(failed), Some(call.request_id));
                self.observer().observe(&Observation::Fault { error, request_id });
                None
            }),
            None => None,
        };
        let (channel_id, root_id) = post.map(|post| (post.channel_id, post.root_id)).unzip();
        Posted { channel_id, posts, root_id: root_id.flatten() }
    }

    /// Finds the hook, and counts the call.
    pub(super) async fn hook_to_call(
        &self,
        state: &State,
        id: &HookId,
        call: &Call,
    ) -> Result<Box<Stored<IncomingWebhook>>, Failed<ReceiveError>> {
        let settings = &state.settings.incoming;
        let now = self.now();
        let guesses = settings.limit_unknown_ids_per_address.zip(call.address.map(address_key));
        let limited = |TooOften(retry_after)| Failed::Refused(ReceiveError::RateLimited { retry_after });
        if let Some((Rate { burst, per_second }, address)) = guesses {
            self.limited(|limits| limits.check(address, burst, per_second, now.0)).map_err(limited)?;
        }
        let mut found = self.find_hook(state, id).await?.filter(|hook| hook.kind.is_live(now));
        if let Some(replaced) = found.take_if(|hook| hook.kind.retires_at.is_some()) {
            let ids = Box::pin(self.ids_of(&replaced.kind)).await?;
            found = ids.into_iter().find(|hook| hook.kind.retires_at.is_none()).map(Box::new);
        }
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

    /// Finds a hook by its id, whichever master key it was stored with. Boxed: it passes through many hands.
    pub(super) async fn find_hook(
        &self,
        state: &State,
        id: &HookId,
    ) -> Result<Option<Box<Stored<IncomingWebhook>>>, Fault> {
        for keys in state.keyring.all() {
            if let Some(found) = table::get(&self.shared.ports.storage, &keys.hook(id.expose())).await? {
                return Ok(Some(Box::new(found)));
            }
        }
        Ok(None)
    }

    /// Returns a hook under each of its ids: the one that it has, and those that were replaced.
    pub(super) async fn ids_of(&self, hook: &IncomingWebhook) -> Result<Vec<Stored<IncomingWebhook>>, Fault> {
        let mut pages = Pages::new::<IncomingWebhook>(IncomingWebhook::BY_ORIGIN, &hook.origin.0);
        let mut ids = Vec::new();
        loop {
            let page = pages.next(&self.shared.ports.storage).await?;
            if page.is_empty() {
                return Ok(ids);
            }
            ids.extend(page);
        }
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
