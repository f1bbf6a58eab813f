//! Lists of bots (BOT-30).

use std::collections::BTreeMap;

use time::Duration;

use super::super::Engine;
use super::super::authenticate::Caller;
use super::super::error::{Failed, Fault};
use super::super::table::{self, Pages, Stored};
use super::Done;
use crate::bot::rights::Listed;
use crate::bot::{Bot, BotRecord, manage};
use crate::id::UserId;
use crate::port::User;

/// Which bots of a list are wanted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct BotRange {
    /// Whether disabled ones are wanted too.
    pub include_deleted: bool,
    /// How many at most.
    pub limit: usize,
    /// Whether those alone are wanted whose owner is a user who was deactivated.
    pub only_orphaned: bool,
    /// How many to leave out at the start.
    pub skip: usize,
}

/// After how long nobody is at a change any more.
const ABANDONED: Duration = Duration::seconds(10);
/// How many of those a list finishes.
const FINISHED_BY_A_LIST: usize = 20;

impl Engine {
    /// Lists bots by when they were made, then by id: all, or the caller's own alone, as the caller may see them
    /// (BOT-30, BOT-31).
    ///
    /// # Errors
    ///
    /// [`BotError::Forbidden`](crate::bot::BotError::Forbidden); or a fault.
    pub async fn bots(&self, caller: &Caller, range: BotRange) -> Done<Vec<Bot>> {
        let listed = self.bot_rights(caller).await?.list().map_err(Failed::Refused)?;
        if range.limit == 0 {
            return Ok(Vec::new());
        }
        self.finish_bots(FINISHED_BY_A_LIST, self.now().minus(ABANDONED)).await?;
        let owner = match listed {
            Listed::All => None,
            Listed::Own => Some(caller.user_id()),
        };
        let index = match (owner, range.include_deleted) {
            (None, true) => BotRecord::BY_TIME,
            (None, false) => BotRecord::ENABLED_BY_TIME,
            (Some(_), true) => BotRecord::BY_OWNER,
            (Some(_), false) => BotRecord::ENABLED_BY_OWNER,
        };
        let prefix = owner.map(|owner| BotRecord::owner_prefix(owner.as_str()));
        let prefix = prefix.as_ref().map_or(&[][..], |prefix| &prefix[..]);
        let storage = &self.shared.ports.storage;
        if range.skip > 0 {
            // There may be pages of any number, and nobody is to walk to where there is nothing.
            let count = table::count::<BotRecord>(storage, index, prefix).await?;
            if usize::try_from(count).is_ok_and(|count| count <= range.skip) {
                return Ok(Vec::new());
            }
        }
        let end = range.skip.saturating_add(range.limit);
        let (mut bots, mut seen) = (Vec::new(), 0);
        let mut pages = Pages::new::<BotRecord>(index, prefix);
        while seen < end {
            let page = pages.next::<BotRecord>(storage).await?;
            if page.is_empty() {
                break;
            }
            for bot in self.wanted(page, owner, range.only_orphaned).await? {
                if (range.skip..end).contains(&seen) {
                    bots.push(bot);
                }
                seen += 1;
            }
        }
        Ok(self.with_names(bots).await?)
    }

    /// Leaves out what is of another owner, or not of one who is deactivated.
    async fn wanted(
        &self,
        page: Vec<Stored<BotRecord>>,
        owner: Option<UserId>,
        only_orphaned: bool,
    ) -> Result<Vec<Bot>, Fault> {
        let mut bots: Vec<Bot> = page.into_iter().filter_map(|stored| stored.kind.bot).collect();
        bots.retain(|bot| owner.is_none_or(|owner| bot.is_owned_by(owner)));
        if only_orphaned {
            let owners = self.accounts(bots.iter().filter_map(|bot| UserId::parse(&bot.owner_id).ok())).await?;
            let gone = |owner: &User| owner.deactivated;
            bots.retain(|bot| UserId::parse(&bot.owner_id).is_ok_and(|owner| owners.get(&owner).is_some_and(gone)));
        }
        Ok(bots)
    }

    /// Gives bots the names of their accounts, and leaves out those whose account is gone.
    async fn with_names(&self, bots: Vec<Bot>) -> Result<Vec<Bot>, Fault> {
        let accounts = self.accounts(bots.iter().map(|bot| bot.user_id)).await?;
        let named = |bot: &Bot| accounts.get(&bot.user_id).map(|account| manage::named(bot, account));
        Ok(bots.iter().filter_map(named).collect())
    }

    async fn accounts(&self, ids: impl Iterator<Item = UserId>) -> Result<BTreeMap<UserId, User>, Fault> {
        let mut ids: Vec<UserId> = ids.collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let users = self.shared.ports.directory.users(&ids).await?;
        Ok(users.into_iter().map(|user| (user.id, user)).collect())
    }
}
