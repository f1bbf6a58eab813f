//! How a bot's record and its account change together, although they lie in two stores.
//!
//! A change is written into the record as pending, then done to the account by a step that may be repeated, then it
//! counts. A host that refuses has done nothing, so the record goes back to what it was. A crash, a lost connection or a
//! request that is dropped in between leaves the pending change, and whoever meets it finishes it: the next change or
//! look at the bot, the next list, or the start of an engine. Two who finish the same do no harm.

use super::super::authenticate::Caller;
use super::super::error::Fault;
use super::super::table::{self, Pages, Stored};
use super::super::{Engine, State, TRIES, random};
use crate::bot::{Bot, BotError, BotRecord, Deed, Pending, Step, notice};
use crate::id::{Millis, UserId};
use crate::port::{Action, BotToUser, Effect, EffectKey, Outcome, Refused, RefusedKind, UserPatch};
use crate::security::NONCE_BYTES;

/// A change that was decided on.
#[derive(Clone, Debug)]
pub(super) struct Change {
    becomes: Option<Bot>,
    deed: Deed,
    patch: Option<UserPatch>,
    step: Step,
}

impl Change {
    pub(super) fn new(deed: Deed, becomes: Option<Bot>, step: Step) -> Self {
        Self { becomes, deed, patch: None, step }
    }

    /// The same with what the account's new owner wrote.
    pub(super) fn with_patch(mut self, patch: UserPatch) -> Self {
        self.patch = Some(patch);
        self
    }
}

/// What became of a change.
#[derive(Debug)]
pub(super) enum Finished {
    /// It counts.
    Done,
    /// Somebody else changed the record meanwhile, perhaps by finishing the same change.
    Lost,
    /// The host refused; all is as it was.
    Refused(BotError),
}

impl Engine {
    /// Makes a change: writes it down, does it, and lets it count.
    pub(super) async fn carry_out(
        &self,
        id: UserId,
        old: Option<&Stored<BotRecord>>,
        change: Change,
        caller: Option<&Caller>,
    ) -> Result<Finished, Fault> {
        let ports = &self.shared.ports;
        let nonce = u64::from_be_bytes(random(ports)?);
        let sealed = match &change.patch {
            Some(patch) => self.state().seal_patch(random(ports)?, id, patch)?,
            None => Vec::new(),
        };
        let pending = Pending {
            actor: caller.map(Caller::user_id),
            becomes: change.becomes,
            began: self.now(),
            deed: change.deed,
            nonce,
            step: change.step,
        };
        let record = BotRecord { bot: old.and_then(|stored| stored.kind.bot.clone()), pending: Some(pending) };
        let begun = match old {
            Some(stored) => stored.replace_sealed(&record, &sealed)?,
            None => table::insert(&key(id), &record, &sealed)?,
        };
        if !self.commit(vec![begun]).await? {
            return Ok(Finished::Lost);
        }
        let stored = table::get::<BotRecord>(&ports.storage, &key(id)).await?;
        let is_ours = |pending: &Pending| pending.nonce == nonce;
        match stored.filter(|stored| stored.kind.pending.as_ref().is_some_and(is_ours)) {
            Some(stored) => self.finish(id, &stored, caller).await,
            None => Ok(Finished::Lost),
        }
    }

    /// Returns a bot's record with nothing pending.
    pub(super) async fn settled_bot(&self, id: UserId) -> Result<Option<Stored<BotRecord>>, Fault> {
        for _ in 0..TRIES {
            let stored = table::get::<BotRecord>(&self.shared.ports.storage, &key(id)).await?;
            match stored {
                Some(stored) if stored.kind.pending.is_some() => drop(self.resume(&stored).await?),
                settled => return Ok(settled),
            }
        }
        Err(Fault::busy())
    }

    /// Returns a bot as it is now. Where a change of it cannot be finished, that is the bot before the change.
    pub(super) async fn bot_of(&self, id: UserId) -> Result<Option<Bot>, Fault> {
        let stored = table::get::<BotRecord>(&self.shared.ports.storage, &key(id)).await?;
        let Some(stored) = stored else { return Ok(None) };
        if stored.kind.pending.is_none() {
            return Ok(stored.kind.bot);
        }
        match self.settled_bot(id).await {
            Ok(settled) => Ok(settled.and_then(|settled| settled.kind.bot)),
            Err(fault) => {
                self.observe_fault(&fault);
                Ok(stored.kind.bot)
            }
        }
    }

    /// Finishes the changes that nobody is at any more: at most so many, begun before `before`.
    pub(super) async fn finish_bots(&self, most: usize, before: Millis) -> Result<(), Fault> {
        let storage = &self.shared.ports.storage;
        for stored in table::first::<BotRecord>(storage, BotRecord::PENDING, most).await? {
            if stored.kind.pending.as_ref().is_some_and(|pending| pending.began < before)
                && let Err(fault) = self.resume(&stored).await
            {
                self.observe_fault(&fault);
            }
        }
        Ok(())
    }

    /// Finishes all changes that were begun, as far as that is possible.
    pub(in crate::engine) async fn finish_all_bots(&self) {
        let mut pages = Pages::new::<BotRecord>(BotRecord::PENDING, &[]);
        loop {
            match pages.next::<BotRecord>(&self.shared.ports.storage).await {
                Ok(page) if page.is_empty() => return,
                Ok(page) => {
                    for stored in page {
                        if let Err(fault) = self.resume(&stored).await {
                            self.observe_fault(&fault);
                        }
                    }
                }
                Err(fault) => return self.observe_fault(&fault),
            }
        }
    }

    /// Does the rest of a change that somebody else began.
    async fn resume(&self, stored: &Stored<BotRecord>) -> Result<Finished, Fault> {
        let Some(id) = user_id(stored) else { return Ok(Finished::Lost) };
        let is_change = stored.kind.bot.is_some() && stored.kind.pending.as_ref().is_some_and(Pending::saves);
        if is_change && self.account(id).await?.is_none() {
            // To save it would make an account that was deleted meanwhile.
            return self.take_back(id, stored, BotError::UserNotFound, None).await;
        }
        self.finish(id, stored, None).await
    }

    /// Does to the account what is pending, and lets it count.
    async fn finish(&self, id: UserId, stored: &Stored<BotRecord>, caller: Option<&Caller>) -> Result<Finished, Fault> {
        let Some(pending) = &stored.kind.pending else { return Ok(Finished::Lost) };
        let Some(effects) = self.effects(id, stored, pending)? else { return Ok(Finished::Lost) };
        if let Err(refused) = self.shared.ports.sink.apply(effects).await {
            let error = refusal(refused)?;
            return self.take_back(id, stored, error, caller).await;
        }
        let settled = match &pending.becomes {
            Some(bot) => stored.replace_sealed(&BotRecord::settled(bot.clone()), &[])?,
            None => stored.remove(),
        };
        if !self.commit(vec![settled]).await? {
            return Ok(Finished::Lost);
        }
        self.tell_audit(pending.deed, pending.actor, caller, Some(id), Outcome::Done);
        if let (Step::Save { greets: true }, Some(bot)) = (pending.step, &pending.becomes) {
            self.welcome(bot).await;
        }
        Ok(Finished::Done)
    }

    /// Lets a change that the host refused not have been.
    async fn take_back(
        &self,
        id: UserId,
        stored: &Stored<BotRecord>,
        error: BotError,
        caller: Option<&Caller>,
    ) -> Result<Finished, Fault> {
        let before = match &stored.kind.bot {
            Some(bot) => stored.replace_sealed(&BotRecord::settled(bot.clone()), &[])?,
            None => stored.remove(),
        };
        if !self.commit(vec![before]).await? {
            return Ok(Finished::Lost);
        }
        if let (None, Some(pending)) = (caller, &stored.kind.pending) {
            self.tell_audit(pending.deed, pending.actor, None, Some(id), Outcome::Refused(error.cause_id()));
        }
        Ok(Finished::Refused(error))
    }

    /// What the host is to do for a change.
    fn effects(&self, id: UserId, stored: &Stored<BotRecord>, pending: &Pending) -> Result<Option<Vec<Effect>>, Fault> {
        // Whoever converts an account takes it out of all hands that had a session of it.
        let converting = |action| Some(vec![Effect::new(action), Effect::new(Action::EndSessions(id))]);
        Ok(match pending.step {
            Step::Save { .. } => pending.becomes.as_ref().map(|bot| vec![Effect::new(Action::SaveBot(bot.account()))]),
            Step::ToBot => converting(Action::UserToBot(id)),
            Step::ToUser { system_admin } => {
                let patch = self.state().open_patch(id, &stored.sealed)?;
                converting(Action::BotToUser(BotToUser { id, patch, system_admin }))
            }
        })
    }

    /// Lets a new bot write to its owner, if that is a user (BOT-23, BOT-24).
    async fn welcome(&self, bot: &Bot) {
        let Ok(owner) = UserId::parse(&bot.owner_id) else { return };
        match self.account(owner).await {
            Ok(Some(_)) => {
                let keys = self.state();
                let key = keys.keyring.oldest().effect(&[b"bot welcome", bot.user_id.as_str().as_bytes()]);
                self.send(notice::welcome(bot, owner), Some(EffectKey(key))).await;
            }
            Ok(None) => {}
            Err(fault) => self.observe_fault(&fault),
        }
    }
}

impl Pending {
    /// Whether it makes an account as it should be.
    fn saves(&self) -> bool {
        matches!(self.step, Step::Save { .. })
    }
}

impl State {
    fn seal_patch(&self, nonce: [u8; NONCE_BYTES], id: UserId, patch: &UserPatch) -> Result<Vec<u8>, Fault> {
        let json = serde_json::to_vec(patch.expose()).map_err(crate::record::Unreadable::from)?;
        Ok(self.keyring.first().seal(nonce, &place(id), &json))
    }

    fn open_patch(&self, id: UserId, sealed: &[u8]) -> Result<UserPatch, Fault> {
        let json = self.keyring.open(&place(id), sealed)?;
        Ok(UserPatch::new(serde_json::from_slice(&json).map_err(crate::record::Unreadable::from)?))
    }
}

/// Where a sealed patch is.
fn place(id: UserId) -> Vec<u8> {
    [b"bot ", id.as_str().as_bytes()].concat()
}

/// Where a bot's record is.
pub(super) fn key(id: UserId) -> Vec<u8> {
    id.as_str().as_bytes().to_vec()
}

/// Whose record it is.
pub(super) fn user_id(stored: &Stored<BotRecord>) -> Option<UserId> {
    UserId::parse(std::str::from_utf8(&stored.key.id).ok()?).ok()
}

/// Why the host refused; a failure that may have done something is none of these, and stays a fault.
fn refusal(refused: Refused) -> Result<BotError, Fault> {
    match refused.kind() {
        RefusedKind::Failed => Err(refused.into()),
        RefusedKind::Invalid => {
            let id = refused.id().map_or(crate::bot::UNNAMED.into(), |id| id.to_owned().into());
            Ok(BotError::Account(id))
        }
        RefusedKind::NotFound => Ok(BotError::UserNotFound),
        RefusedKind::Unsupported => Ok(BotError::Unsupported),
    }
}
