//! The management of incoming webhooks: loads what the rules must know, and commits what they decide.

use super::authenticate::Caller;
use super::error::{Failed, Fault};
use super::table::{self, Pages, Stored};
use super::{Engine, State, TRIES, random};
use crate::id::{ChannelId, HookId, Millis, TeamId, UserId};
use crate::incoming::manage::{self, Rights, Rules};
use crate::incoming::{HookRequest, IncomingWebhook, ManageError};
use crate::port::{Ask, Change, Channel, Committed, Index, Observation, Permission, Scope};
use crate::post::Origin;
use crate::security::NONCE_BYTES;

/// A hook with its id, which is its secret.
#[derive(Clone, Debug)]
pub struct KnownHook {
    /// What is remembered about it.
    pub hook: IncomingWebhook,
    /// Its id.
    pub id: HookId,
}

/// Which hooks of a list are wanted (INC-114).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ListRange {
    /// Whether to count all.
    pub count: bool,
    /// How many at most.
    pub limit: usize,
    /// How many to leave out at the start.
    pub skip: usize,
    /// Of which team.
    pub team: ListedTeam,
}

/// Of which team the hooks of a list are.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ListedTeam {
    /// Of every team.
    All,
    /// Of a text that no team can have as its id: there are none, and whoever manages all teams may know (INC-115).
    Impossible,
    /// Of this one.
    One(TeamId),
}

/// A part of a list.
#[derive(Clone, Debug, Default)]
pub struct HookList {
    /// The hooks, oldest first.
    pub hooks: Vec<KnownHook>,
    /// How many there are in all, if that was asked.
    pub total: Option<u64>,
}

/// What a management call comes to.
type Managed<T> = Result<T, Failed<ManageError>>;

impl Engine {
    /// Creates an incoming webhook (INC-111).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn create_incoming_webhook(&self, caller: &Caller, request: HookRequest) -> Managed<KnownHook> {
        let state = self.state();
        let channel = self.channel(&request.channel_id).await?;
        let rights = self.rights(caller, channel.team_id, channel.id).await?;
        let owner = match UserId::parse(&request.user_id) {
            Ok(other) if other != caller.user_id() && rights.may_manage_others() => {
                self.account(other).await?.map(|user| user.id)
            }
            _ => None,
        };
        let id = HookId::from_random(random(&self.shared.ports)?);
        let record = state.keyring.first().hook(id.expose());
        let rules = self.rules(&state, Origin(state.keyring.first().origin(&record)));
        let hook = manage::create(request, caller.user_id(), &channel, rights, owner, &rules);
        let hook = hook.map_err(Failed::Refused)?;
        if !self.insert(&state, &id, &hook, Vec::new()).await? {
            return Err(Failed::Fault(Fault::busy()));
        }
        self.tell(Some(caller), "created", &hook);
        Ok(KnownHook { hook, id })
    }

    /// Returns a hook that the caller may see (INC-117).
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn incoming_webhook(&self, caller: &Caller, id: HookId) -> Managed<KnownHook> {
        let stored = self.visible(&self.state(), caller, &id).await?;
        Ok(KnownHook { hook: stored.kind, id })
    }

    /// Replaces a hook (INC-118): what the request leaves out becomes empty.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn update_incoming_webhook(
        &self,
        caller: &Caller,
        id: HookId,
        request: HookRequest,
    ) -> Managed<KnownHook> {
        let state = self.state();
        for _ in 0..TRIES {
            let rules = self.rules(&state, Origin([0; 16]));
            rules.enabled().map_err(Failed::Refused)?;
            let stored = self.current(&state, &id).await?;
            manage::stays_in_team(&request, &stored.kind).map_err(Failed::Refused)?;
            let channel = self.channel(&request.channel_id).await?;
            let rights = self.rights(caller, Some(stored.kind.team_id), channel.id).await?;
            let hook = manage::update(request.clone(), &stored.kind, caller.user_id(), &channel, rights, &rules);
            let hook = hook.map_err(Failed::Refused)?;
            if self.commit(vec![stored.replace(&hook)?]).await? {
                self.tell(Some(caller), "updated", &hook);
                return Ok(KnownHook { hook, id });
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Deletes a hook (INC-119): its id and all it held are gone.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn delete_incoming_webhook(&self, caller: &Caller, id: HookId) -> Managed<()> {
        let state = self.state();
        for _ in 0..TRIES {
            let stored = self.visible(&state, caller, &id).await?;
            if self.commit(self.removal(&stored).await?).await? {
                self.tell(Some(caller), "deleted", &stored.kind);
                return Ok(());
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Lists hooks, oldest first: of a team or of all teams, those of others only with the right to manage them, and
    /// none in a channel that the caller may not read (INC-114 to INC-116).
    ///
    /// Hooks made in the same millisecond come in an order of their own that stays the same.
    ///
    /// # Errors
    ///
    /// [`ManageError`] says why not; or a fault.
    pub async fn incoming_webhooks(&self, caller: &Caller, range: ListRange) -> Managed<HookList> {
        let state = self.state();
        let scope = match range.team {
            ListedTeam::One(team) => Scope::Team(team),
            ListedTeam::All | ListedTeam::Impossible => Scope::System,
        };
        let own = Ask::new(Permission::MANAGE_OWN_INCOMING_WEBHOOKS, scope);
        let others = Ask::new(Permission::MANAGE_OTHERS_INCOMING_WEBHOOKS, scope);
        let system = Ask::new(Permission::MANAGE_SYSTEM, Scope::System);
        let granted = caller.may(&[own, others, system]).await?;
        let [own, others, system] = granted.try_into().unwrap_or_default();
        if !own {
            return Err(Failed::Refused(ManageError::Forbidden(Permission::MANAGE_OWN_INCOMING_WEBHOOKS)));
        }
        self.rules(&state, Origin([0; 16])).enabled().map_err(Failed::Refused)?;
        let owner = (!others).then_some(caller.user_id());
        let (index, prefix) = match range.team {
            ListedTeam::All => listed(None, owner),
            ListedTeam::Impossible => return Ok(HookList { hooks: Vec::new(), total: range.count.then_some(0) }),
            ListedTeam::One(team) => listed(Some(team), owner),
        };
        self.list(&state, (index, prefix.as_bytes()), range, if system { None } else { Some(caller) }).await
    }

    /// Makes a new id for a hook, which keeps everything else; the old id works until `retires_at`, as long as the hook
    /// is there, and is in no list.
    ///
    /// For hosts that let an operator replace a leaked address without a gap. Nothing on the wire offers it (INC-103).
    ///
    /// # Errors
    ///
    /// [`ManageError::NotFound`] when there is no such hook or its id was replaced already; or a fault.
    pub async fn rotate_incoming_webhook(
        &self,
        id: &HookId,
        retires_at: Millis,
    ) -> Result<HookId, Failed<ManageError>> {
        let state = self.state();
        for _ in 0..TRIES {
            let old = self.current(&state, id).await?;
            let new = HookId::from_random(random(&self.shared.ports)?);
            let retired = IncomingWebhook { retires_at: Some(retires_at), ..old.kind.clone() };
            if self.insert(&state, &new, &old.kind, vec![old.replace(&retired)?]).await? {
                self.tell(None, "given a new id", &old.kind);
                return Ok(new);
            }
        }
        Err(Failed::Fault(Fault::busy()))
    }

    /// Walks a list. A caller who is given is shown only what they may read.
    async fn list(
        &self,
        state: &State,
        (index, prefix): (Index, &[u8]),
        range: ListRange,
        reader: Option<&Caller>,
    ) -> Managed<HookList> {
        let storage = &self.shared.ports.storage;
        let (mut list, mut seen) = (HookList::default(), 0);
        let mut pages = Pages::new::<IncomingWebhook>(index, prefix);
        let end = range.skip.saturating_add(range.limit);
        let walks_all = range.count && reader.is_some();
        while seen < end || walks_all {
            let page = pages.next::<IncomingWebhook>(storage).await?;
            if page.is_empty() {
                break;
            }
            for stored in self.readable(page, reader).await? {
                if (range.skip..end).contains(&seen) {
                    list.hooks.push(self.known(state, stored)?);
                }
                seen += 1;
            }
        }
        if range.count {
            let all =
                if walks_all { None } else { Some(table::count::<IncomingWebhook>(storage, index, prefix).await?) };
            list.total = Some(all.unwrap_or(seen as u64));
        }
        Ok(list)
    }

    /// Leaves out the hooks whose channel is gone, or private and not the reader's to read.
    async fn readable(
        &self,
        page: Vec<Stored<IncomingWebhook>>,
        reader: Option<&Caller>,
    ) -> Result<Vec<Stored<IncomingWebhook>>, Fault> {
        let Some(reader) = reader else { return Ok(page) };
        let mut ids: Vec<_> = page.iter().map(|stored| stored.kind.channel_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let channels = self.shared.ports.directory.channels(&ids).await?;
        let asks: Vec<_> = channels
            .iter()
            .map(|channel| Ask::new(Permission::READ_CHANNEL_CONTENT, Scope::Channel(channel.id)))
            .collect();
        let granted = reader.may(&asks).await?;
        let may_read = |id: ChannelId| {
            let mut known = channels.iter().zip(&granted);
            known.any(|(channel, granted)| channel.id == id && manage::may_read(channel, *granted))
        };
        Ok(page.into_iter().filter(|stored| may_read(stored.kind.channel_id)).collect())
    }

    fn known(&self, state: &State, stored: Stored<IncomingWebhook>) -> Result<KnownHook, Fault> {
        let id = state.keyring.open(&stored.key.id, &stored.sealed)?;
        Ok(KnownHook { hook: stored.kind, id: HookId::new(&String::from_utf8_lossy(&id)) })
    }

    /// Writes a new hook, together with further changes.
    async fn insert(&self, state: &State, id: &HookId, hook: &IncomingWebhook, mut more: Vec<Change>) -> Managed<bool> {
        let keys = state.keyring.first();
        let record = keys.hook(id.expose());
        let sealed = keys.seal(random::<NONCE_BYTES>(&self.shared.ports)?, &record, id.expose().as_bytes());
        more.push(table::insert(&record, hook, &sealed)?);
        Ok(self.commit(more).await?)
    }

    /// What removes a hook under all its ids.
    pub(super) async fn removal(&self, stored: &Stored<IncomingWebhook>) -> Result<Vec<Change>, Fault> {
        let others = self.ids_of(&stored.kind).await?;
        let others = others.iter().filter(|other| other.key != stored.key).map(Stored::remove);
        Ok(std::iter::once(stored.remove()).chain(others).collect())
    }

    pub(super) async fn commit(&self, changes: Vec<Change>) -> Result<bool, Fault> {
        Ok(self.shared.ports.storage.commit(changes).await? == Committed::Applied)
    }

    /// A hook under its current id.
    async fn current(&self, state: &State, id: &HookId) -> Managed<Stored<IncomingWebhook>> {
        let found = self.find_hook(state, id).await?.filter(|stored| stored.kind.retires_at.is_none());
        found.map(|stored| *stored).ok_or(Failed::Refused(ManageError::NotFound))
    }

    async fn visible(&self, state: &State, caller: &Caller, id: &HookId) -> Managed<Stored<IncomingWebhook>> {
        self.rules(state, Origin([0; 16])).enabled().map_err(Failed::Refused)?;
        let stored = self.current(state, id).await?;
        let hook = &stored.kind;
        let channel = self.channel(hook.channel_id.as_str()).await?;
        let rights = self.rights(caller, Some(hook.team_id), channel.id).await?;
        manage::see(hook, caller.user_id(), &channel, rights).map_err(Failed::Refused)?;
        Ok(stored)
    }

    async fn channel(&self, id: &str) -> Managed<Channel> {
        let id = ChannelId::parse(id).map_err(|_| Failed::Refused(ManageError::ChannelNotFound))?;
        let found = self.shared.ports.directory.channels(&[id]).await.map_err(Failed::fault)?;
        let found = found.into_iter().find(|channel| channel.id == id);
        found.ok_or(Failed::Refused(ManageError::ChannelNotFound))
    }

    async fn rights(&self, caller: &Caller, team: Option<TeamId>, channel: ChannelId) -> Result<Rights, Fault> {
        match team {
            Some(team) => Ok(Rights::new(&caller.may(&Rights::asks(team, channel)).await?)),
            None => Ok(Rights::default()),
        }
    }

    fn rules(&self, state: &State, origin: Origin) -> Rules {
        let settings = &state.settings;
        Rules { enabled: settings.incoming.enabled, now: self.now(), origin, overrides: settings.overrides }
    }

    /// Tells the observer of a change: by a caller, or by the host.
    pub(super) fn tell(&self, by: Option<&Caller>, change: &str, hook: &IncomingWebhook) {
        self.observer().observe(&Observation::IncomingWebhookChanged {
            address: by.and_then(Caller::address),
            by: by.map(Caller::user_id),
            channel_id: hook.channel_id,
            hook: hook.log_name(),
            change,
            team_id: hook.team_id,
        });
    }
}

/// The index that holds a list, and where in it.
fn listed(team: Option<TeamId>, owner: Option<UserId>) -> (Index, String) {
    let (team, owner) = (team.map(String::from), owner.map(String::from));
    match (team, owner) {
        (None, None) => (IncomingWebhook::BY_TIME, String::new()),
        (None, Some(owner)) => (IncomingWebhook::BY_OWNER, owner),
        (Some(team), None) => (IncomingWebhook::BY_TEAM, team),
        (Some(team), Some(owner)) => (IncomingWebhook::BY_TEAM_AND_OWNER, team + &owner),
    }
}
