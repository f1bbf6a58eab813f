//! What receivers answer, and the posts that are made of it (OUT-69 to OUT-90, OUT-118, OUT-122).

use super::super::authenticate::ask;
use super::super::deliveries::{Answer as Answered, Errand, Replied};
use super::super::error::Fault;
use super::super::{Engine, State};
use super::call::hook_of;
use crate::id::{PostId, UserId};
use crate::outgoing::payload::Payload;
use crate::outgoing::reply::{self, Facts, NotPosted, Triggering};
use crate::outgoing::{Answer, OutgoingWebhook};
use crate::port::{Action, Ask, Channel, Effect, EffectKey, Observation, Permission, RefusedKind, Scope};
use crate::post::PostDraft;

impl Engine {
    /// Posts what a receiver answered, if that is to be posted. A reply is posted once, however often this is asked.
    pub(in crate::engine) async fn take_outgoing_reply(
        &self,
        state: &State,
        errand: Errand<'_>,
        answered: Answered<'_>,
    ) -> Result<Replied, Fault> {
        let answer = match Answer::read(answered.body, answered.truncated) {
            Ok(Some(answer)) => answer,
            Ok(None) => return Ok(Replied::Nothing),
            Err(unusable) => return Ok(Replied::Unusable(unusable.to_string())),
        };
        if errand.is_late {
            return Ok(not_posted("the answer came too late to be posted"));
        }
        let hook = match hook_of(errand.source) {
            Some(id) => self.stored_outgoing_hook(id).await?,
            None => None,
        };
        let Some(hook) = hook.map(|stored| stored.kind) else { return Ok(not_posted("the hook is gone")) };
        let payload = Payload::from_bytes(errand.payload)?;
        let found = self.shared.ports.directory.channels(&[payload.channel_id]).await?;
        let Some(channel) = found.into_iter().find(|channel| channel.id == payload.channel_id) else {
            return Ok(not_posted("the channel is gone"));
        };
        match self.draft_reply(state, answer, &hook, &channel, payload.post_id).await? {
            Ok(drafts) => self.post_reply(state, errand, &hook, drafts).await,
            Err(refused) => Ok(not_posted(refused)),
        }
    }

    /// Drafts the posts of a reply; nothing has happened yet when it is refused.
    async fn draft_reply(
        &self,
        state: &State,
        answer: Answer,
        hook: &OutgoingWebhook,
        channel: &Channel,
        post_id: PostId,
    ) -> Result<Result<Vec<PostDraft>, NotPosted>, Fault> {
        let directory = &self.shared.ports.directory;
        let people = directory.users(&answer.people(hook.creator_id)).await?;
        let post = directory.post(post_id).await?;
        let post = Triggering {
            deleted: post.as_ref().is_none_or(|post| post.deleted),
            id: post_id,
            root_id: post.and_then(|post| post.root_id),
        };
        let facts = Facts {
            channel,
            creator: people.iter().find(|user| user.id == hook.creator_id),
            display_name: &hook.display_name,
            icon_url: &hook.icon_url,
            may_announce: self.may_announce(&answer, hook.creator_id, channel).await?,
            overrides: state.settings.overrides,
            people: &people,
            post,
            username: &hook.username,
        };
        let mut drafts = match self.with_chance(|mint| reply::draft(answer, &facts, mint))? {
            Ok(drafts) => drafts,
            Err(refused) => return Ok(Err(refused)),
        };
        let names = reply::recipients_to_check(&drafts, channel);
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let members = if names.is_empty() { Vec::new() } else { directory.members_named(channel.id, &names).await? };
        let most = state.settings.incoming.persistent_notification_max_recipients;
        if let Err(refused) = reply::check_recipients(&drafts, channel, &members, most) {
            return Ok(Err(refused));
        }
        self.link_channels(&mut drafts, hook.creator_id, channel.team_id).await?;
        Ok(Ok(drafts))
    }

    /// Whether the mentions of a whole channel in an answer notify anybody; asked only where there are some.
    async fn may_announce(&self, answer: &Answer, creator: UserId, channel: &Channel) -> Result<bool, Fault> {
        if !answer.announces() {
            return Ok(true);
        }
        let asks = [Ask::new(Permission::USE_CHANNEL_MENTIONS, Scope::Channel(channel.id))];
        Ok(ask(&self.shared.ports.directory, creator, &asks).await? == [true])
    }

    async fn post_reply(
        &self,
        state: &State,
        errand: Errand<'_>,
        hook: &OutgoingWebhook,
        drafts: Vec<PostDraft>,
    ) -> Result<Replied, Fault> {
        let key = EffectKey(state.keyring.oldest().effect(&[b"delivery", errand.id.as_str().as_bytes()]));
        let effect = Effect::new(Action::CreatePosts(drafts)).with_key(Some(key));
        let applied = match self.shared.ports.sink.apply(vec![effect]).await {
            Ok(applied) => applied.into_iter().next().unwrap_or_default(),
            Err(refused) if refused.kind() == RefusedKind::Failed => return Err(refused.into()),
            Err(refused) => return Ok(not_posted(refused)),
        };
        if !applied.repeated {
            let (hook, posts) = (hook.id, applied.posts.len());
            self.observer().observe(&Observation::OutgoingWebhookReplied { hook, post_id: errand.cause, posts });
        }
        Ok(Replied::Posted(applied.posts))
    }
}

fn not_posted(reason: impl ToString) -> Replied {
    Replied::NotPosted(reason.to_string())
}
