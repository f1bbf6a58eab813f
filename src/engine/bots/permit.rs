//! Who may act on bots and users (BOT-16, BOT-17).

use super::super::Engine;
use super::super::authenticate::{Caller, ask};
use super::super::error::{Failed, Fault};
use super::{Done, refused};
use crate::bot::rights::{self, Rights};
use crate::bot::{Bot, BotError};
use crate::id::UserId;
use crate::port::{Ask, Permission, Scope};

impl Engine {
    /// Says whether the caller may act on a user as on themself: change who they are, or make tokens of theirs
    /// (BOT-17).
    ///
    /// A bot's own session may not, unless its roles let it manage bots: a token that leaked must make no more of them
    /// (BOT-18). Whoever may edit users may not therefore edit bots (BOT-20).
    ///
    /// # Errors
    ///
    /// A port failed.
    pub async fn may_edit_user(&self, caller: &Caller, user: UserId) -> Result<bool, Fault> {
        if let Some(bot) = self.bot_of(user).await? {
            return Ok(self.bot_rights(caller).await?.manage(bot.is_owned_by(caller.user_id())).is_ok());
        }
        let account = self.account(user).await?;
        if account.as_ref().is_some_and(|account| account.is_bot) {
            // One that the host made for itself, and that nobody owns.
            return Ok(self.bot_rights(caller).await?.manage(false).is_ok());
        }
        let asks = [Permission::MANAGE_SYSTEM, Permission::EDIT_OTHER_USERS];
        let granted = caller.may(&asks.map(|permission| Ask::new(permission, Scope::System))).await?;
        let [is_admin, edits_others] = granted.try_into().unwrap_or_default();
        let target_is_admin = match account {
            Some(_) if edits_others => Some(self.is_administrator(user).await?),
            _ => None,
        };
        Ok(rights::may_edit_human(user == caller.user_id(), is_admin, edits_others, target_is_admin))
    }

    /// Says whether the caller may change a user's picture: whoever may act on them, and a bot its own (B20).
    ///
    /// # Errors
    ///
    /// A port failed.
    pub async fn may_set_picture(&self, caller: &Caller, user: UserId) -> Result<bool, Fault> {
        Ok(user == caller.user_id() || self.may_edit_user(caller, user).await?)
    }

    /// Lets those through who may manage this bot (BOT-16). Returns the same question, to ask again of the bot as it is
    /// when it is changed: it may have another owner by then.
    pub(super) async fn manageable(
        &self,
        caller: &Caller,
        id: UserId,
    ) -> Done<impl Fn(&Bot) -> Result<(), BotError> + Send + Sync + use<>> {
        let bot = self.bot_of(id).await?.ok_or(Failed::Refused(BotError::NotFound))?;
        let (rights, user) = (self.bot_rights(caller).await?, caller.user_id());
        let may = move |bot: &Bot| rights.manage(bot.is_owned_by(user));
        may(&bot).map_err(Failed::Refused)?;
        Ok(may)
    }

    pub(super) async fn bot_rights(&self, caller: &Caller) -> Result<Rights, Fault> {
        Ok(Rights::new(&caller.may(&Rights::asks()).await?))
    }

    /// Lets those through who hold a permission everywhere.
    pub(super) async fn need(&self, caller: &Caller, permission: Permission) -> Done<()> {
        match caller.may(&[Ask::new(permission.clone(), Scope::System)]).await?.as_slice() {
            [true] => Ok(()),
            _ => refused(BotError::Forbidden(permission)),
        }
    }

    async fn is_administrator(&self, user: UserId) -> Result<bool, Fault> {
        let asked = [Ask::new(Permission::MANAGE_SYSTEM, Scope::System)];
        Ok(ask(&self.shared.ports.directory, user, &asked).await? == [true])
    }
}
