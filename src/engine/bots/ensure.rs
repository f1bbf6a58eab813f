//! The bots of extensions, and of the system itself (BOT-9, BOT-63).

use sha2::{Digest, Sha256};

use super::super::error::{Failed, Fault};
use super::super::table::{self, Stored};
use super::super::{Engine, TRIES, random};
use super::{Done, refused};
use crate::bot::{BotError, BotRequest, Deed, Ensured, manage};
use crate::id::UserId;
use crate::port::Outcome;

/// The bot that an extension wants to have.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct WantedBot {
    /// What it is for, at most 1,024 characters.
    pub description: String,
    /// Its first name, at most 64 characters.
    pub display_name: String,
    /// Its name: 1 to 64 of `a-z`, `0-9`, `.`, `-` and `_`.
    pub username: String,
}

/// The bot that notices for administrators come from, by the name of its extension.
const SYSTEM: &str = "system-bot";

impl Engine {
    /// Makes sure that an extension has its bot, and returns which account that is (BOT-63): the bot that it had,
    /// disabled or not, with the names wanted now; else whoever has the username, bot or not; else a new one, which the
    /// extension owns. Not looked at is whether the API makes bots (BOT-67).
    ///
    /// A human who has the username is told to the observer. The extension is named by 1 to 190 characters.
    ///
    /// # Errors
    ///
    /// [`BotError`] says why not; or a fault, after which the same again does the rest.
    pub async fn ensure_bot(&self, extension: &str, wanted: WantedBot) -> Done<UserId> {
        self.ensure(extension, extension, wanted).await
    }

    /// The bot that notices come from; none if somebody else has its name or there is nobody to own it.
    pub(super) async fn system_bot(&self, administrators: &[UserId]) -> Done<Option<UserId>> {
        let owner = administrators.first().ok_or(Failed::Refused(BotError::NoAdministrator))?;
        let wanted =
            WantedBot { description: String::new(), display_name: "System".to_owned(), username: SYSTEM.to_owned() };
        let id = self.ensure(SYSTEM, owner.as_str(), wanted).await?;
        Ok(self.bot_of(id).await?.map(|bot| bot.user_id))
    }

    async fn ensure(&self, extension: &str, owner: &str, wanted: WantedBot) -> Done<UserId> {
        let WantedBot { description, display_name, username } = wanted;
        let request = BotRequest {
            description: Some(description),
            display_name: Some(display_name),
            username: Some(username.clone()),
        };
        let id = UserId::from_random(random(&self.shared.ports)?);
        let new = manage::create(request.clone(), id, owner, self.now()).map_err(Failed::Refused)?;
        for _ in 0..TRIES {
            let known = table::get::<Ensured>(&self.shared.ports.storage, &place(extension)).await?;
            if let Some(known) = &known {
                let again = |bot: &_, now| manage::patch(bot, request.clone(), now);
                match self.rewrite(known.kind.user_id, Deed::Update, None, again).await {
                    // It was deleted, or is a user by now.
                    Err(Failed::Refused(BotError::NotFound | BotError::UserNotFound)) => {}
                    done => return Ok(done?.user_id),
                }
            }
            let namesake = self.shared.ports.directory.user_named(&username).await.map_err(Failed::fault)?;
            let id = match namesake {
                Some(user) if self.bot_of(user.id).await?.is_some() => user.id,
                Some(user) => {
                    let taken = Outcome::Refused("app.user.save.username_exists.app_error");
                    self.tell_audit(Deed::Create, None, None, Some(user.id), taken);
                    return Ok(user.id);
                }
                None => match self.make(new.clone(), false, None).await {
                    Ok(bot) => bot.user_id,
                    // Somebody was faster: the next round finds them.
                    Err(Failed::Refused(BotError::Account(_))) => continue,
                    Err(failed) => return Err(failed),
                },
            };
            if self.remember(extension, known.as_ref(), id).await? {
                return Ok(id);
            }
        }
        // It was not a matter of time: the host has its own reasons against this account.
        refused(BotError::Account(crate::bot::UNNAMED.into()))
    }

    async fn remember(&self, extension: &str, known: Option<&Stored<Ensured>>, id: UserId) -> Result<bool, Fault> {
        let ensured = Ensured { user_id: id };
        let change = match known {
            Some(known) => known.replace(&ensured)?,
            None => table::insert(&place(extension), &ensured, &[])?,
        };
        self.commit(vec![change]).await
    }
}

/// Where it is remembered which bot an extension has.
fn place(extension: &str) -> Vec<u8> {
    Sha256::digest(extension).to_vec()
}
