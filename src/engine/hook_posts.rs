//! What a hook does with posts: makes them, and edits and deletes its own.

use super::authenticate::ask;
use super::draft::Drafted;
use super::error::{Failed, Fault};
use super::incoming::{Call, Posted};
use super::table::{self, Stored};
use super::{Engine, State, TRIES, random};
use crate::id::{HookId, Millis, PostId};
use crate::incoming::receive::{self, Answers, Place};
use crate::incoming::{IncomingWebhook, Payload, ReceiveError, UpsertKey, Upserted, edit, named};
use crate::port::{Action, Effect, EffectKey, Observation, Post, RefusedKind};
use crate::post::{PostDraft, sender};

/// How many keys that have ended are forgotten whenever a new one comes.
const SWEEP: usize = 8;

/// A post of a hook, where the hook may still post.
struct OwnPost {
    hook: IncomingWebhook,
    place: Place,
    post: Post,
}

impl Engine {
    /// Makes the posts of a call. With an idempotency key that was seen, returns the posts of the first time.
    pub(super) async fn post(
        &self,
        state: &State,
        hook: &IncomingWebhook,
        drafted: Drafted,
        call: &Call,
    ) -> Result<Vec<PostId>, Fault> {
        let cause = |key: &[u8]| state.keyring.oldest().effect(&[b"incoming webhook", &hook.origin.0, key]);
        let key = call.idempotency_key.as_ref().map(|key| EffectKey(cause(key.as_bytes())));
        let effect = Effect::new(Action::CreatePosts(drafted.drafts)).with_key(key);
        let applied = self.shared.ports.sink.apply(vec![effect]).await?.into_iter().next().unwrap_or_default();
        if !applied.repeated {
            self.made(hook, applied.posts.len(), drafted.notice, call).await;
        }
        Ok(applied.posts)
    }

    /// Tells the observer of new posts, and their author what only they are to know. A host that cannot do the latter
    /// has made the posts all the same.
    async fn made(&self, hook: &IncomingWebhook, posts: usize, notice: Option<PostDraft>, call: &Call) {
        let (address, hook, request_id) = (call.address, hook.log_name(), call.request_id);
        self.observer().observe(&Observation::IncomingWebhookPosted { address, hook, posts, request_id });
        if let Some(draft) = notice {
            let effect = Effect::new(Action::EphemeralPost { to: draft.user_id, draft });
            if let Err(refused) = self.shared.ports.sink.apply(vec![effect]).await {
                let (error, request_id) = (&Fault::from(refused), Some(request_id));
                self.observer().observe(&Observation::Fault { error, request_id });
            }
        }
    }

    /// Puts the content into the post that the key stands for, or makes one.
    ///
    /// That a post is to be made is written down first, with what its effect key is derived from. So both sides of a race,
    /// and the next call after a crash, make the same post; who finds it already made edits it, and the last content is
    /// seen.
    pub(super) async fn upsert(
        &self,
        state: &State,
        hook: &IncomingWebhook,
        key: &UpsertKey,
        drafted: Drafted,
        call: &Call,
    ) -> Result<Vec<PostId>, Failed<ReceiveError>> {
        let draft = edit::one(drafted.drafts).map_err(Failed::Refused)?;
        let (ports, keys) = (&self.shared.ports, state.keyring.oldest());
        let id = keys.effect(&[b"upsert", &hook.origin.0, key.as_str().as_bytes()]);
        let oldest = self.now().minus(state.settings.incoming.upsert_lifetime);
        for _ in 0..TRIES {
            let known = table::get::<Upserted>(&ports.storage, &id).await?;
            let Some(known) = known.as_ref().filter(|known| known.kind.create_at >= oldest) else {
                self.begin_upsert(&id, known.as_ref(), oldest).await?;
                continue;
            };
            if let Some(post_id) = known.kind.post_id {
                if self.replace(hook, post_id, &draft, call).await? {
                    return Ok(vec![post_id]);
                }
                self.begin_upsert(&id, Some(known), oldest).await?;
                continue;
            }
            let cause = EffectKey(keys.effect(&[b"upserted", &id, &known.kind.nonce.to_be_bytes()]));
            let effect = Effect::new(Action::CreatePosts(vec![draft.clone()])).with_key(Some(cause));
            let applied = ports.sink.apply(vec![effect]).await.map_err(Failed::fault)?;
            let applied = applied.into_iter().next().unwrap_or_default();
            let made = Upserted { post_id: applied.posts.first().copied(), ..known.kind };
            // Losing this race is fine: whoever won it wrote the same.
            self.commit(vec![known.replace(&made)?]).await?;
            if !applied.repeated {
                self.made(hook, applied.posts.len(), drafted.notice, call).await;
                return Ok(applied.posts);
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Writes down that a key is to stand for a new post, unless somebody else just did, and forgets some keys that have
    /// ended.
    async fn begin_upsert(&self, id: &[u8], known: Option<&Stored<Upserted>>, oldest: Millis) -> Result<(), Fault> {
        let nonce = u64::from_be_bytes(random(&self.shared.ports)?);
        let begun = Upserted { create_at: self.now(), nonce, post_id: None };
        let mut changes = vec![match known {
            Some(known) => known.replace(&begun)?,
            None => table::insert(id, &begun, &[])?,
        }];
        let first = table::first::<Upserted>(&self.shared.ports.storage, Upserted::BY_TIME, SWEEP).await?;
        let ended = first.iter().filter(|other| other.kind.create_at < oldest && *other.key.id != *id);
        changes.extend(ended.map(Stored::remove));
        self.commit(changes).await.map(drop)
    }

    /// Edits a post if it is there and the hook's own, and says whether it was.
    async fn replace(&self, hook: &IncomingWebhook, id: PostId, draft: &PostDraft, call: &Call) -> Result<bool, Fault> {
        let post = self.shared.ports.directory.post(id).await?;
        if edit::own(post, hook).is_err() {
            return Ok(false);
        }
        let action = Action::UpdatePost { draft: draft.clone(), id };
        match self.shared.ports.sink.apply(vec![Effect::new(action)]).await {
            Ok(_) => {
                self.tell_edited("edited", hook, id, call);
                Ok(true)
            }
            Err(refused) if refused.kind() == RefusedKind::NotFound => Ok(false),
            Err(refused) => Err(refused.into()),
        }
    }

    /// Edits a post of a hook: what the patch names takes the place of what was there. Its priority stays.
    ///
    /// # Errors
    ///
    /// [`ReceiveError::UnknownPost`] where there is no such hook, or no such post of it;
    /// [`ReceiveError::WouldSplit`] where the text is too long for one post; what else a call of the hook is refused for.
    pub async fn edit_incoming_webhook_post(
        &self,
        id: &HookId,
        post_id: PostId,
        mut patch: Payload,
        call: &Call,
    ) -> Result<Posted, Failed<ReceiveError>> {
        let state = self.state();
        let OwnPost { hook, place, post } = self.own_post(&state, id, post_id, call).await?;
        let (directory, settings) = (&self.shared.ports.directory, &state.settings.incoming);
        let people = directory.users(&receive::people(&patch, hook.user_id)).await.map_err(Failed::fault)?;
        receive::translate(&mut patch, &people, settings);
        self.with_chance(|mint| sender::name_actions(&mut patch.attachments, mint))?;
        let linked_team = named::linked_team(&patch, &place);
        let draft = edit::patched(post, patch, state.settings.overrides).map_err(Failed::Refused)?;
        let mut drafts = [draft];
        self.link_channels(&mut drafts, hook.user_id, linked_team).await?;
        let [draft] = drafts;
        if !self.replace(&hook, post_id, &draft, call).await? {
            return Err(Failed::Refused(ReceiveError::UnknownPost));
        }
        Ok(self.tell_where(vec![post_id], call).await)
    }

    /// Deletes a post of a hook.
    ///
    /// # Errors
    ///
    /// As for [editing](Self::edit_incoming_webhook_post).
    pub async fn delete_incoming_webhook_post(
        &self,
        id: &HookId,
        post_id: PostId,
        call: &Call,
    ) -> Result<(), Failed<ReceiveError>> {
        let OwnPost { hook, .. } = self.own_post(&self.state(), id, post_id, call).await?;
        match self.shared.ports.sink.apply(vec![Effect::new(Action::DeletePost(post_id))]).await {
            Ok(_) => {
                self.tell_edited("deleted", &hook, post_id, call);
                Ok(())
            }
            Err(refused) if refused.kind() == RefusedKind::NotFound => Err(Failed::Refused(ReceiveError::UnknownPost)),
            Err(refused) => Err(Failed::fault(refused)),
        }
    }

    /// Finds a hook and a post of it, in a channel where the hook may still post.
    async fn own_post(
        &self,
        state: &State,
        id: &HookId,
        post_id: PostId,
        call: &Call,
    ) -> Result<OwnPost, Failed<ReceiveError>> {
        let settings = &state.settings.incoming;
        if !settings.enabled {
            return Err(Failed::Refused(ReceiveError::Disabled));
        }
        let hook = self.hook_to_call(state, id, call).await.map_err(|failed| match failed {
            Failed::Refused(ReceiveError::UnknownHook) => Failed::Refused(ReceiveError::UnknownPost),
            other => other,
        })?;
        let Stored { kind: hook, .. } = *hook;
        let directory = &self.shared.ports.directory;
        let post = edit::own(directory.post(post_id).await.map_err(Failed::fault)?, &hook).map_err(Failed::Refused)?;
        let channels = directory.channels(&[post.channel_id]).await.map_err(Failed::fault)?;
        let place = Place::own(channels.into_iter().next()).map_err(Failed::Refused)?;
        let owners = directory.users(&[hook.user_id]).await.map_err(Failed::fault)?;
        receive::present(owners.first(), settings).map_err(Failed::Refused)?;
        let asks = receive::questions(&hook, &place, &Payload::default(), settings);
        let granted = ask(directory, hook.user_id, &asks).await?;
        receive::access(&Answers { asks: &asks, granted: &granted }).map_err(Failed::Refused)?;
        Ok(OwnPost { hook, place, post })
    }

    fn tell_edited(&self, change: &str, hook: &IncomingWebhook, post_id: PostId, call: &Call) {
        let (address, hook, request_id) = (call.address, hook.log_name(), call.request_id);
        self.observer().observe(&Observation::IncomingWebhookEdited { address, change, hook, post_id, request_id });
    }
}
