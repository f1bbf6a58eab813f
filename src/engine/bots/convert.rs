//! Users who become bots, and bots who become users (BOT-45 to BOT-48).

use serde_json::{Map, Value};

use super::super::authenticate::Caller;
use super::super::error::{Failed, Fault};
use super::super::table::Stored;
use super::super::{Engine, TRIES};
use super::change::{Change, Finished};
use super::{Done, refused};
use crate::bot::{Bot, BotError, BotRecord, Deed, Step, manage};
use crate::id::UserId;
use crate::port::{Permission, User, UserPatch};

impl Engine {
    /// Makes a bot's account a user's, who logs in with the password of the patch; the account keeps its tokens, and
    /// all sessions that it had end (BOT-45 to BOT-47). All of it happens or nothing.
    ///
    /// Returns the user as the API shows them.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not, [`BotError::Account`] what the host has against the patch; or a fault, after which
    /// the change may still come to be.
    pub async fn convert_bot_to_user(
        &self,
        caller: &Caller,
        id: UserId,
        patch: UserPatch,
        system_admin: bool,
    ) -> Done<Map<String, Value>> {
        let done = self.try_convert_bot_to_user(caller, id, patch, system_admin).await;
        let () = self.audited_bot(Deed::Convert, caller, Some(id), done)?;
        Ok(self.shown_user(caller, id).await?)
    }

    async fn try_convert_bot_to_user(
        &self,
        caller: &Caller,
        id: UserId,
        patch: UserPatch,
        system_admin: bool,
    ) -> Done<()> {
        self.convertible_bot(caller, id).await?;
        self.need(caller, Permission::MANAGE_SYSTEM).await?;
        for round in 0..TRIES {
            let Some(stored) = self.settled_bot(id).await? else {
                // Somebody else finished what was begun here.
                return if round > 0 { Ok(()) } else { refused(BotError::NotFound) };
            };
            if stored.kind.bot.as_ref().is_none_or(Bot::is_disabled) {
                return refused(BotError::NotFound);
            }
            let step = Step::ToUser { system_admin };
            let change = Change::new(Deed::Convert, None, step).with_patch(patch.clone());
            match self.carry_out(id, Some(&stored), change, Some(caller)).await? {
                Finished::Done => return Ok(()),
                Finished::Refused(error) => return refused(error),
                Finished::Lost => {}
            }
        }
        Err(Fault::busy().into())
    }

    /// Lets through where there is a bot to convert; that there is none only administrators hear (BOT-45 #2, B11).
    pub(crate) async fn convertible_bot(&self, caller: &Caller, id: UserId) -> Done<()> {
        if self.bot_of(id).await?.is_some_and(|bot| !bot.is_disabled()) {
            return Ok(());
        }
        self.need(caller, Permission::MANAGE_SYSTEM).await?;
        refused(BotError::NotFound)
    }

    /// Makes a user's account a bot's, which owns itself: nobody logs in to it any more, and all its sessions end
    /// (BOT-48). The answer shows the username as display name; the bot has the first name of the account.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault, after which the change may still come to be.
    pub async fn convert_user_to_bot(&self, caller: &Caller, id: UserId) -> Done<Bot> {
        let done = self.try_convert_user_to_bot(caller, id).await;
        let bot = self.audited_bot(Deed::Convert, caller, Some(id), done)?;
        Ok(Bot { display_name: bot.username.clone(), ..bot })
    }

    async fn try_convert_user_to_bot(&self, caller: &Caller, id: UserId) -> Done<Bot> {
        let user = self.account(id).await?.ok_or(Failed::Refused(BotError::UserNotFound))?;
        self.need(caller, Permission::MANAGE_SYSTEM).await?;
        let bot = manage::converted(&user, self.now());
        for round in 0..TRIES {
            if let Some(known) = self.settled_bot(id).await?.and_then(|stored: Stored<BotRecord>| stored.kind.bot) {
                let is_ours = round > 0 && known == bot;
                return if is_ours { Ok(bot) } else { refused(BotError::AlreadyBot) };
            }
            let change = Change::new(Deed::Convert, Some(bot.clone()), Step::ToBot);
            match self.carry_out(id, None, change, Some(caller)).await? {
                Finished::Done => return Ok(bot),
                Finished::Refused(error) => return refused(error),
                Finished::Lost => {}
            }
        }
        Err(Fault::busy().into())
    }

    /// A user who was a bot, as the API shows them: no member says so any more (B12).
    async fn shown_user(&self, caller: &Caller, id: UserId) -> Result<Map<String, Value>, Fault> {
        let shown = self.shared.ports.directory.user_object(id, caller.user_id()).await?;
        let mut shown = match shown {
            Some(shown) => shown,
            None => self.account(id).await?.map(|user| plain(&user)).unwrap_or_default(),
        };
        shown.retain(|member, _| !matches!(member.as_str(), "is_bot" | "bot_description" | "bot_last_icon_update"));
        Ok(shown)
    }
}

/// What is known of a user without asking for more.
fn plain(user: &User) -> Map<String, Value> {
    let texts = [("id", user.id.as_str()), ("username", &user.username), ("first_name", &user.first_name)];
    texts.into_iter().map(|(member, text)| (member.to_owned(), text.into())).collect()
}
