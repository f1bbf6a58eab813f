//! What becomes of bots when users change, go, and come back (BOT-52, BOT-53).

use std::collections::BTreeSet;

use super::super::authenticate::Caller;
use super::super::error::{Failed, Fault};
use super::super::table::{self, Pages};
use super::super::{Engine, TRIES};
use super::change::key;
use crate::bot::notice::Orphans;
use crate::bot::{Bot, BotRecord, Deed, manage};
use crate::id::UserId;
use crate::port::{EffectKey, Outcome};

impl Engine {
    /// Lets a bot's record say what its account says: names, and whether it is switched off (B7, B16). Nothing of users
    /// who are no bots. Returns whether it is one.
    pub(in crate::engine) async fn follow_account(&self, user: UserId) -> Result<bool, Fault> {
        for _ in 0..TRIES {
            let Some(stored) = self.settled_bot(user).await? else { return Ok(false) };
            let (Some(bot), Some(account)) = (&stored.kind.bot, self.account(user).await?) else { return Ok(true) };
            let Some(followed) = manage::followed(bot, &account, self.now()) else { return Ok(true) };
            if self.commit(vec![stored.replace(&BotRecord::settled(followed.clone()))?]).await? {
                let deed = match (bot.is_disabled(), followed.is_disabled()) {
                    (false, true) => Deed::Disable,
                    (true, false) => Deed::Enable,
                    _ => Deed::Update,
                };
                self.tell_audit(deed, None, None, Some(user), Outcome::Done);
                return Ok(true);
            }
        }
        Err(Fault::busy())
    }

    /// Does what follows for bots from the deactivation of a user: administrators hear of their bots, unless it is a bot
    /// itself, and the bots go with them, as far as the settings say so (BOT-53).
    pub(in crate::engine) async fn owner_deactivated(&self, owner: UserId) -> Result<(), Fault> {
        if !self.follow_account(owner).await?
            && let Err(fault) = self.tell_administrators(owner).await
        {
            self.observe_fault(&fault);
        }
        self.disable_bots_of(owner, None).await
    }

    /// Does what follows for bots from the deletion of a user: what is remembered of it as a bot goes, and its bots are
    /// as those of one who was deactivated.
    pub(in crate::engine) async fn owner_deleted(&self, owner: UserId) -> Result<(), Fault> {
        let mut was_bot = false;
        for _ in 0..TRIES {
            let Some(stored) = table::get::<BotRecord>(&self.shared.ports.storage, &key(owner)).await? else { break };
            was_bot = true;
            if self.commit(vec![stored.remove()]).await? {
                self.tell_audit(Deed::Delete, None, None, Some(owner), Outcome::Done);
                break;
            }
        }
        if !was_bot && let Err(fault) = self.tell_administrators(owner).await {
            self.observe_fault(&fault);
        }
        self.disable_bots_of(owner, None).await
    }

    /// Disables the enabled bots of an owner, and those of these bots in turn, each once (B8). One that cannot be
    /// disabled holds up no other (B9).
    ///
    /// # Errors
    ///
    /// The last fault there was; the others are told to the observer.
    pub(super) async fn disable_bots_of(&self, owner: UserId, caller: Option<&Caller>) -> Result<(), Fault> {
        if !self.with_settings(|settings| settings.bots.disable_when_owner_is_deactivated) {
            return Ok(());
        }
        let mut failed = None;
        let (mut owners, mut seen) = (vec![owner], BTreeSet::from([owner]));
        while let Some(owner) = owners.pop() {
            let mut pages = enabled_bots(owner);
            loop {
                let page = pages.next::<BotRecord>(&self.shared.ports.storage).await?;
                if page.is_empty() {
                    break;
                }
                let bots = page.into_iter().filter_map(|stored| stored.kind.bot);
                for bot in bots.filter(|bot| bot.is_owned_by(owner)) {
                    if !seen.insert(bot.user_id) {
                        continue;
                    }
                    let disabled = |bot: &Bot, now| Ok(Some(manage::disabled(bot, now)));
                    match self.rewrite(bot.user_id, Deed::Disable, caller, disabled).await {
                        Ok(_) => owners.push(bot.user_id),
                        Err(Failed::Refused(error)) => {
                            let refused = Outcome::Refused(error.cause_id());
                            self.tell_audit(Deed::Disable, None, None, Some(bot.user_id), refused);
                        }
                        Err(Failed::Fault(fault)) => {
                            failed.replace(fault).iter().for_each(|fault| self.observe_fault(fault));
                        }
                    }
                }
            }
        }
        failed.map_or(Ok(()), Err)
    }

    /// Tells every administrator of the enabled bots of somebody who went, if there are any.
    async fn tell_administrators(&self, owner: UserId) -> Result<(), Fault> {
        let (mut orphans, mut newest) = (Orphans::default(), 0);
        let mut pages = enabled_bots(owner);
        loop {
            let page = pages.next::<BotRecord>(&self.shared.ports.storage).await?;
            if page.is_empty() {
                break;
            }
            let bots = page.into_iter().filter_map(|stored| stored.kind.bot);
            for bot in bots.filter(|bot| bot.is_owned_by(owner)) {
                orphans.push(&bot.username);
                newest = newest.max(bot.update_at.0);
            }
        }
        if orphans.count == 0 {
            return Ok(());
        }
        let administrators = self.shared.ports.directory.administrators().await?;
        if administrators.is_empty() {
            return Ok(());
        }
        let author = match self.system_bot(&administrators).await {
            Ok(author) => author,
            Err(failed) => {
                if let Failed::Fault(fault) = failed {
                    self.observe_fault(&fault);
                }
                None
            }
        };
        let name = self.account(owner).await?.map_or_else(|| owner.as_str().to_owned(), |user| user.username);
        let are_disabled = self.with_settings(|settings| settings.bots.disable_when_owner_is_deactivated);
        // Who hears of it again the same day has heard of it.
        let day = (self.now().0 / 86_400_000).to_be_bytes();
        for admin in administrators {
            let parts: [&[u8]; 5] =
                [b"bots of", owner.as_str().as_bytes(), admin.as_str().as_bytes(), &newest.to_be_bytes(), &day];
            let key = EffectKey(self.state().keyring.oldest().effect(&parts));
            self.send(orphans.tell(author.unwrap_or(admin), admin, &name, are_disabled), Some(key)).await;
        }
        Ok(())
    }
}

/// The enabled bots of an owner, and perhaps others.
fn enabled_bots(owner: UserId) -> Pages {
    Pages::new::<BotRecord>(BotRecord::ENABLED_BY_OWNER, &BotRecord::owner_prefix(owner.as_str()))
}
