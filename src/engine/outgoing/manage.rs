//! The management of outgoing webhooks: loads what the rules must know, and commits what they decide.

use super::super::authenticate::{Caller, ask};
use super::super::error::{Failed, Fault};
use super::super::table::{Pages, Stored};
use super::super::{Engine, State, random};
use super::change::{Edit, Generations};
use super::{KnownOutgoingHook, ListedHooks, Managed, OutgoingRange, TRIES_IN_TEAM};
use crate::id::{ChannelId, HookToken, OutgoingHookId, TeamId, UserId};
use crate::outgoing::manage::{self, Claim, Fresh, Rights};
use crate::outgoing::secrets::HookSecrets;
use crate::outgoing::{During, HookRequest, ManageError, OutgoingWebhook};
use crate::port::{Ask, Channel, Index, Observation, Permission, Scope};

impl Engine {
    /// Creates an outgoing webhook (OUT-14 to OUT-26).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn create_outgoing_webhook(&self, caller: &Caller, request: HookRequest) -> Managed<KnownOutgoingHook> {
        let state = self.state();
        let rights = match manage::scope_of_team(&request.team_id) {
            Some(scope) => self.rights_on_hooks(caller, scope).await?,
            None => Rights::default(),
        };
        rights.manage()?;
        let creator_id = match manage::creator(&request, rights)? {
            Some(named) => {
                let account = self.account(named).await;
                let account = account.map_err(|fault| fault.named("app.user.get_by_username.app_error"))?;
                account.ok_or(ManageError::UserNotFound)?.id
            }
            None => caller.user_id(),
        };
        manage::enabled(state.settings.outgoing.enabled)?;
        let channel_id = self.heard(&state, &request, &request.team_id, creator_id, During::Create).await?;
        for _ in 0..TRIES_IN_TEAM {
            let met = match TeamId::parse(&request.team_id) {
                Ok(team) => {
                    let (met, collides) = self.look_for_collision(team, Claim::new(&request, channel_id), None).await?;
                    if collides {
                        return Err(ManageError::Collision(During::Create).into());
                    }
                    met
                }
                Err(_) => Generations::default(),
            };
            let (id, token) = (random(&self.shared.ports)?, random(&self.shared.ports)?);
            let (id, token) = (OutgoingHookId::from_random(id), HookToken::from_random(token));
            let fresh = Fresh { channel_id, creator_id, id, now: self.now(), token };
            let (hook, token) = manage::create(request.clone(), fresh)?;
            let sealed = self.seal_secrets(&state, id, &HookSecrets { signing: None, token: token.clone() })?;
            if self.commit_hooks(met, vec![Edit::insert(hook.clone(), &sealed)?]).await? {
                self.tell_of_hook(Some(caller), "created", &hook);
                return Ok(KnownOutgoingHook { hook, token });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Returns a hook that the caller may see (OUT-30).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn outgoing_webhook(&self, caller: &Caller, id: OutgoingHookId) -> Managed<KnownOutgoingHook> {
        let state = self.state();
        let stored = self.managed_hook(&state, caller, id).await?;
        Ok(self.known_hook(&state, stored)?)
    }

    /// Replaces a hook (OUT-27): what the request leaves out becomes empty, but for the token, which stays (OUT-106).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn update_outgoing_webhook(
        &self,
        caller: &Caller,
        id: OutgoingHookId,
        request: HookRequest,
    ) -> Managed<KnownOutgoingHook> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            manage::enabled(state.settings.outgoing.enabled)?;
            let stored = self.stored_outgoing_hook(id).await?.ok_or(ManageError::NotFound)?;
            let old = &stored.kind;
            manage::stays_in_team(&request, old)?;
            let rights = self.rights_on_hooks(caller, Scope::Team(old.team_id)).await?;
            rights.manage_hook(old, caller.user_id())?;
            let (team, creator) = (old.team_id.as_str(), old.creator_id);
            let channel_id = self.heard(&state, &request, team, creator, During::Update).await?;
            let claim = Claim::new(&request, channel_id);
            let (met, collides) = self.look_for_collision(old.team_id, claim, Some(id)).await?;
            if collides {
                return Err(ManageError::Collision(During::Update).into());
            }
            let secrets = self.open_secrets(&state, &stored)?;
            let fresh = HookToken::from_random(random(&self.shared.ports)?);
            let (hook, token) = manage::update(request.clone(), old, channel_id, (&secrets.token, fresh), self.now())?;
            let (edit, token) = match token {
                Some(token) => {
                    let secrets = HookSecrets { token: token.clone(), ..secrets };
                    (Edit::reseal(&stored, hook.clone(), &self.seal_secrets(&state, id, &secrets)?)?, token)
                }
                None => (Edit::replace(&stored, hook.clone())?, secrets.token),
            };
            if self.commit_hooks(met, vec![edit]).await? {
                self.tell_of_hook(Some(caller), "updated", &hook);
                return Ok(KnownOutgoingHook { hook, token });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Deletes a hook (OUT-31): nothing is remembered of it but its deliveries.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn delete_outgoing_webhook(&self, caller: &Caller, id: OutgoingHookId) -> Managed<()> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.managed_hook(&state, caller, id).await?;
            if self.commit_hooks(Generations::default(), vec![Edit::remove(&stored)]).await? {
                self.tell_of_hook(Some(caller), "deleted", &stored.kind);
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Gives a hook a new token; the old one counts no longer (OUT-31).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn regenerate_outgoing_token(&self, caller: &Caller, id: OutgoingHookId) -> Managed<KnownOutgoingHook> {
        let token = HookToken::from_random(random(&self.shared.ports)?);
        let change = |secrets: HookSecrets| HookSecrets { token: token.clone(), ..secrets };
        let (hook, _) = self.change_secrets(caller, id, "given a new token", change).await?;
        Ok(KnownOutgoingHook { hook, token })
    }

    /// Lists hooks, oldest first: of a channel, a team or all teams, those of others only with the right to manage them
    /// (OUT-33 to OUT-35, OUT-110).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn outgoing_webhooks(&self, caller: &Caller, range: &OutgoingRange) -> Managed<Vec<KnownOutgoingHook>> {
        let state = self.state();
        let (scope, index, whose) = match &range.hooks {
            ListedHooks::All => (Some(Scope::System), OutgoingWebhook::BY_TIME, String::new()),
            ListedHooks::Channel(channel) => {
                let scope = self.scope_of_channel(channel).await?;
                (scope, OutgoingWebhook::BY_CHANNEL, channel.clone())
            }
            ListedHooks::Impossible => (Some(Scope::System), OutgoingWebhook::BY_TEAM, NO_TEAM.to_owned()),
            ListedHooks::Team(team) => (Some(Scope::Team(*team)), OutgoingWebhook::BY_TEAM, String::from(*team)),
        };
        let rights = match scope {
            Some(scope) => self.rights_on_hooks(caller, scope).await?,
            None => Rights::default(),
        };
        rights.manage()?;
        manage::enabled(state.settings.outgoing.enabled)?;
        let (index, whose) =
            if rights.sees_others() { (index, whose) } else { of_creator(index, whose, caller.user_id()) };
        self.list_hooks(&state, (index, whose.as_bytes()), range).await
    }

    async fn list_hooks(
        &self,
        state: &State,
        (index, prefix): (Index, &[u8]),
        range: &OutgoingRange,
    ) -> Managed<Vec<KnownOutgoingHook>> {
        let mut pages = Pages::new::<OutgoingWebhook>(index, prefix);
        let (mut hooks, mut seen) = (Vec::new(), 0);
        let end = range.skip.saturating_add(range.limit);
        while seen < end && range.limit > 0 {
            let page = pages.next::<OutgoingWebhook>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                break;
            }
            for stored in page {
                if (range.skip..end).contains(&seen) {
                    hooks.push(self.known_hook(state, stored)?);
                }
                seen += 1;
            }
        }
        Ok(hooks)
    }

    /// Gives a hook that the caller manages other secrets.
    pub(super) async fn change_secrets(
        &self,
        caller: &Caller,
        id: OutgoingHookId,
        word: &str,
        change: impl Fn(HookSecrets) -> HookSecrets,
    ) -> Managed<(OutgoingWebhook, HookSecrets)> {
        let state = self.state();
        for _ in 0..TRIES_IN_TEAM {
            let stored = self.managed_hook(&state, caller, id).await?;
            let hook = manage::touched(&stored.kind, self.now());
            let secrets = change(self.open_secrets(&state, &stored)?);
            let edit = Edit::reseal(&stored, hook.clone(), &self.seal_secrets(&state, id, &secrets)?)?;
            if self.commit_hooks(Generations::default(), vec![edit]).await? {
                self.tell_of_hook(Some(caller), word, &hook);
                return Ok((hook, secrets));
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// A hook that the caller manages (OUT-30).
    pub(super) async fn managed_hook(
        &self,
        state: &State,
        caller: &Caller,
        id: OutgoingHookId,
    ) -> Managed<Stored<OutgoingWebhook>> {
        manage::enabled(state.settings.outgoing.enabled)?;
        let stored = self.stored_outgoing_hook(id).await?.ok_or(ManageError::NotFound)?;
        let rights = self.rights_on_hooks(caller, Scope::Team(stored.kind.team_id)).await?;
        rights.manage_hook(&stored.kind, caller.user_id())?;
        Ok(stored)
    }

    /// Reads how far the team has come, and then whether a hook of it other than `own` is in the way of a claim.
    async fn look_for_collision(
        &self,
        team: TeamId,
        claim: Claim<'_>,
        own: Option<OutgoingHookId>,
    ) -> Result<(Generations, bool), Fault> {
        let met = self.generation(team).await;
        let found = match met {
            Ok(met) => self.collides(team, met.number(team), &claim, own).await.map(|collides| (met, collides)),
            Err(fault) => Err(fault),
        };
        found.map_err(|fault| fault.named("app.webhooks.get_outgoing_by_team.app_error"))
    }

    /// Which channel a hook is to hear, if it may.
    async fn heard(
        &self,
        state: &State,
        request: &HookRequest,
        team_id: &str,
        creator: UserId,
        during: During,
    ) -> Managed<Option<ChannelId>> {
        let channel = match manage::channel_of(request)? {
            Some(id) => {
                let found = self.find_channel(id).await;
                let found = found.map_err(|fault| fault.named("app.channel.get.find.app_error"))?;
                Some(found.ok_or(ManageError::ChannelNotFound)?)
            }
            None => None,
        };
        manage::hears(request, channel.as_ref(), team_id, during)?;
        let Some(Channel { id, .. }) = channel else { return Ok(None) };
        if state.settings.outgoing.require_channel_access {
            let asked = [Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(id))];
            if ask(&self.shared.ports.directory, creator, &asked).await? != [true] {
                return Err(ManageError::Forbidden(Permission::READ_CHANNEL_CONTENT).into());
            }
        }
        Ok(Some(id))
    }

    async fn find_channel(&self, id: ChannelId) -> Result<Option<Channel>, Fault> {
        let found = self.shared.ports.directory.channels(&[id]).await?;
        Ok(found.into_iter().find(|channel| channel.id == id))
    }

    /// Where the rights on the hooks of a channel are asked for; nowhere on no channel (OUT-9).
    async fn scope_of_channel(&self, id: &str) -> Result<Option<Scope>, Fault> {
        let Ok(id) = ChannelId::parse(id) else { return Ok(None) };
        Ok(self.find_channel(id).await?.map(|channel| Scope::Channel(channel.id)))
    }

    async fn rights_on_hooks(&self, caller: &Caller, scope: Scope) -> Result<Rights, Fault> {
        Ok(Rights::new(&caller.may(&Rights::asks(scope)).await?))
    }

    fn known_hook(&self, state: &State, stored: Stored<OutgoingWebhook>) -> Result<KnownOutgoingHook, Fault> {
        let HookSecrets { token, .. } = self.open_secrets(state, &stored)?;
        Ok(KnownOutgoingHook { hook: stored.kind, token })
    }

    /// Tells the observer of a change: by a caller, or by the host.
    pub(super) fn tell_of_hook(&self, by: Option<&Caller>, change: &str, hook: &OutgoingWebhook) {
        self.observer().observe(&Observation::OutgoingWebhookChanged {
            address: by.and_then(Caller::address),
            by: by.map(Caller::user_id),
            change,
            channel_id: hook.channel_id,
            hook: hook.id,
            team_id: hook.team_id,
        });
    }
}

/// The part of a list that is a creator's own.
fn of_creator(index: Index, whose: String, creator: UserId) -> (Index, String) {
    let index = match index {
        OutgoingWebhook::BY_CHANNEL => OutgoingWebhook::BY_CHANNEL_AND_CREATOR,
        OutgoingWebhook::BY_TEAM => OutgoingWebhook::BY_TEAM_AND_CREATOR,
        _ => OutgoingWebhook::BY_CREATOR,
    };
    (index, whose + creator.as_str())
}

/// What no team has as its id.
const NO_TEAM: &str = "-";
