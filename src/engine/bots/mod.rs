//! Bots: loads what the rules must know, and changes record and account together.
//!
//! The two lie in two stores. `change` has what makes them one.

mod change;
mod convert;
mod ensure;
mod list;
mod owner;
mod permit;

use super::authenticate::Caller;
use super::error::{Failed, Fault};
use super::table::Stored;
use super::{Engine, TRIES, random};
use crate::bot::{Bot, BotError, BotRecord, BotRequest, Deed, Step, manage, notice};
use crate::id::{Millis, UserId};
use crate::port::{Action, Audit, Effect, EffectKey, Observation, Outcome, Permission, Subject};
use crate::post::PostDraft;

use self::change::{Change, Finished};
pub use self::ensure::WantedBot;
pub use self::list::BotRange;

/// What a request that concerns bots comes to.
type Done<T> = Result<T, Failed<BotError>>;

impl Engine {
    /// Makes a bot of the caller's, with a new account (BOT-22), which then writes to the caller (BOT-23). Whether the
    /// message can be sent does not matter.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault, after which the bot may still come to be.
    pub async fn create_bot(&self, caller: &Caller, request: BotRequest) -> Done<Bot> {
        let done = self.try_create_bot(caller, request).await;
        self.audited_bot(Deed::Create, caller, None, done)
    }

    async fn try_create_bot(&self, caller: &Caller, request: BotRequest) -> Done<Bot> {
        self.need(caller, Permission::CREATE_BOT).await?;
        let is_bot = self.account(caller.user_id()).await?.is_some_and(|account| account.is_bot);
        if is_bot || self.bot_of(caller.user_id()).await?.is_some() {
            return refused(BotError::Forbidden(Permission::CREATE_BOT));
        }
        if !self.with_settings(|settings| settings.bots.creation_enabled) {
            return refused(BotError::CreationDisabled);
        }
        let id = UserId::from_random(random(&self.shared.ports)?);
        let bot = manage::create(request, id, caller.user_id().as_str(), self.now()).map_err(Failed::Refused)?;
        self.make(bot, true, Some(caller)).await
    }

    /// Makes a bot that was decided on.
    async fn make(&self, bot: Bot, greets: bool, caller: Option<&Caller>) -> Done<Bot> {
        for _ in 0..TRIES {
            let change = Change::new(Deed::Create, Some(bot.clone()), Step::Save { greets });
            match self.carry_out(bot.user_id, None, change, caller).await? {
                Finished::Done => return Ok(bot),
                Finished::Refused(error) => return refused(error),
                // Somebody else met it, and did it or took it back.
                Finished::Lost => {
                    if let Some(stored) = self.settled_bot(bot.user_id).await?.and_then(|stored| stored.kind.bot) {
                        return Ok(stored);
                    }
                }
            }
        }
        Err(Fault::busy().into())
    }

    /// Returns a bot that the caller may see; whoever may not hears that there is none (BOT-29).
    ///
    /// # Errors
    ///
    /// [`BotError::NotFound`]; or a fault.
    pub async fn bot(&self, caller: &Caller, id: UserId, include_deleted: bool) -> Done<Bot> {
        let bot = self.bot_of(id).await?.ok_or(Failed::Refused(BotError::NotFound))?;
        if bot.is_disabled() && !include_deleted {
            return refused(BotError::NotFound);
        }
        let rights = self.bot_rights(caller).await?;
        rights.see(bot.is_owned_by(caller.user_id())).map_err(Failed::Refused)?;
        let account = self.account(id).await?.ok_or(Failed::Refused(BotError::NotFound))?;
        Ok(manage::named(&bot, &account))
    }

    /// Says whether a user owns a bot; no if there is no such bot. It asks for no permission: it is for a host's own
    /// rules, such as which direct messages are restricted (BOT-56).
    ///
    /// # Errors
    ///
    /// The storage failed.
    pub async fn is_owner_of_bot(&self, user: UserId, bot: UserId) -> Result<bool, Fault> {
        Ok(self.bot_of(bot).await?.is_some_and(|bot| bot.is_owned_by(user)))
    }

    /// Changes the names and the description of a bot, disabled or not (BOT-25 to BOT-28): all of it or nothing.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault, after which the change may still come to be.
    pub async fn patch_bot(&self, caller: &Caller, id: UserId, request: BotRequest) -> Done<Bot> {
        let done = self.try_patch_bot(caller, id, request).await;
        self.audited_bot(Deed::Update, caller, Some(id), done)
    }

    async fn try_patch_bot(&self, caller: &Caller, id: UserId, request: BotRequest) -> Done<Bot> {
        let may = self.manageable(caller, id).await?;
        let patched = |bot: &Bot, now| may(bot).and_then(|()| manage::patch(bot, request.clone(), now));
        self.rewrite(id, Deed::Update, Some(caller), patched).await
    }

    /// Switches a bot on: its account may act again, its tokens work at once (BOT-34).
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault, after which the change may still come to be.
    pub async fn enable_bot(&self, caller: &Caller, id: UserId) -> Done<Bot> {
        let done = self.try_enable_bot(caller, id).await;
        self.audited_bot(Deed::Enable, caller, Some(id), done)
    }

    async fn try_enable_bot(&self, caller: &Caller, id: UserId) -> Done<Bot> {
        let may = self.manageable(caller, id).await?;
        // Also of one that is on: its account may not be.
        let enabled = |bot: &Bot, now| may(bot).map(|()| Some(manage::enabled(bot, now)));
        self.rewrite(id, Deed::Enable, Some(caller), enabled).await
    }

    /// Switches a bot off: its account may not act, and its sessions end (BOT-33). Bots that it owns go with it, as far
    /// as the settings say so; that one of them cannot be switched off is told to the observer alone.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault, after which the change may still come to be.
    pub async fn disable_bot(&self, caller: &Caller, id: UserId) -> Done<Bot> {
        let done = self.try_disable_bot(caller, id).await;
        self.audited_bot(Deed::Disable, caller, Some(id), done)
    }

    async fn try_disable_bot(&self, caller: &Caller, id: UserId) -> Done<Bot> {
        let may = self.manageable(caller, id).await?;
        // Also of one that is off: its account may not be.
        let disabled = |bot: &Bot, now| may(bot).map(|()| Some(manage::disabled(bot, now)));
        let bot = self.rewrite(id, Deed::Disable, Some(caller), disabled).await?;
        if let Err(fault) = self.disable_bots_of(id, Some(caller)).await {
            self.observe_fault(&fault);
        }
        Ok(bot)
    }

    /// Gives a bot to another owner, who is told (BOT-37, B24). A bot owns no bots.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault.
    pub async fn assign_bot(&self, caller: &Caller, id: UserId, owner: UserId) -> Done<Bot> {
        let done = self.try_assign_bot(caller, id, owner).await;
        let done = self.audited_bot(Deed::Assign, caller, Some(id), done);
        if done.is_ok() {
            self.tell_audit(Deed::Assign, Some(caller.user_id()), Some(caller), Some(id), Outcome::Done);
        }
        done
    }

    async fn try_assign_bot(&self, caller: &Caller, id: UserId, owner: UserId) -> Done<Bot> {
        let may = self.manageable(caller, id).await?;
        let target = self.account(owner).await?;
        if target.as_ref().is_some_and(|target| target.is_bot) || self.bot_of(owner).await?.is_some() {
            return refused(BotError::Forbidden(Permission::ASSIGN_BOT));
        }
        let target = target.ok_or(Failed::Refused(BotError::UserNotFound))?;
        if target.deactivated && self.with_settings(|settings| settings.bots.refuse_deactivated_owners) {
            return refused(BotError::UrlParameter("user_id"));
        }
        for _ in 0..TRIES {
            let (stored, bot) = self.current_bot(id).await?;
            may(&bot).map_err(Failed::Refused)?;
            let assigned = manage::assigned(&bot, owner, self.now());
            if self.commit(vec![stored.replace(&BotRecord::settled(assigned.clone()))?]).await? {
                if !bot.is_owned_by(owner) && owner != caller.user_id() {
                    self.send(notice::assigned(&assigned, owner), None).await;
                }
                return Ok(assigned);
            }
        }
        Err(Fault::busy().into())
    }

    /// Makes a bot and its account what `decide` says; nothing where it decides on nothing.
    async fn rewrite(
        &self,
        id: UserId,
        deed: Deed,
        caller: Option<&Caller>,
        decide: impl Fn(&Bot, Millis) -> Result<Option<Bot>, BotError>,
    ) -> Done<Bot> {
        for _ in 0..TRIES {
            let (stored, bot) = self.current_bot(id).await?;
            let Some(becomes) = decide(&bot, self.now()).map_err(Failed::Refused)? else { return Ok(bot) };
            let change = Change::new(deed, Some(becomes.clone()), Step::Save { greets: false });
            match self.carry_out(id, Some(&stored), change, caller).await? {
                Finished::Done => return Ok(becomes),
                Finished::Refused(error) => return refused(error),
                Finished::Lost => {}
            }
        }
        Err(Fault::busy().into())
    }

    /// A bot with the names of its account, and the record to change it by.
    async fn current_bot(&self, id: UserId) -> Done<(Stored<BotRecord>, Bot)> {
        let stored = self.settled_bot(id).await?;
        let Some((stored, bot)) = stored.and_then(|stored| stored.kind.bot.clone().map(|bot| (stored, bot))) else {
            return refused(BotError::NotFound);
        };
        let account = self.account(id).await?.ok_or(Failed::Refused(BotError::UserNotFound))?;
        Ok((stored, manage::named(&bot, &account)))
    }

    /// Sends a message that nothing depends on.
    async fn send(&self, draft: PostDraft, key: Option<EffectKey>) {
        let effect = Effect::new(Action::CreatePosts(vec![draft])).with_key(key);
        if let Err(refused) = self.shared.ports.sink.apply(vec![effect]).await {
            self.observe_fault(&refused.into());
        }
    }

    /// Tells the observer why something was refused. What is done is told where it is done.
    fn audited_bot<T>(&self, deed: Deed, caller: &Caller, id: Option<UserId>, done: Done<T>) -> Done<T> {
        if let Err(Failed::Refused(error)) = &done {
            let outcome = Outcome::Refused(error.cause_id());
            self.tell_audit(deed, Some(caller.user_id()), Some(caller), id, outcome);
        }
        done
    }

    fn tell_audit(
        &self,
        deed: Deed,
        actor: Option<UserId>,
        caller: Option<&Caller>,
        id: Option<UserId>,
        outcome: Outcome<'_>,
    ) {
        let address = caller.and_then(Caller::address);
        let audit = Audit { action: deed.word(), actor, address, outcome, subject: Subject::Bot(id) };
        self.observer().observe(&Observation::Audit(audit));
    }
}

fn refused<T>(error: BotError) -> Done<T> {
    Err(Failed::Refused(error))
}
