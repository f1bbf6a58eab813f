//! Direct and group channels: how they are opened, the setting that limits them to people of a common team, and which
//! bots it leaves alone (BOT-56, BOT-104).

use std::collections::BTreeSet;

use jackfield::id::{ChannelId, UserId};
use rusqlite::Connection;

use crate::app::{App, Server};
use crate::errors::Failure;
use crate::live::events;
use crate::tables::accounts::{self, Account};
use crate::tables::channels::{self, Channel};
use crate::tables::teams;

/// Whether a user may do something in a channel as far as this setting goes.
///
/// In a direct or group channel, all active members but exempt bots must be in one team.
pub(crate) async fn allows(server: &Server, user: UserId, channel: &Channel) -> Result<bool, Failure> {
    if channel.team_id.is_some() || !is_restricted(&server.app) {
        return Ok(true);
    }
    let members = server.app.store.read(|connection| active_members(connection, channel.id))?;
    let mut counted = Vec::new();
    for member in members {
        if !is_exempt(server, user, &member).await? {
            counted.push(member.id);
        }
    }
    server.app.store.read(|connection| Ok(teams::have_common(connection, &counted)?))
}

/// Whether a user may open the direct channel of two, as far as this setting goes.
pub(crate) async fn allows_opening(server: &Server, user: UserId, two: &[Account; 2]) -> Result<bool, Failure> {
    let [one, other] = two;
    if one.id == other.id || !is_restricted(&server.app) {
        return Ok(true);
    }
    for account in two {
        if is_exempt(server, user, account).await? {
            return Ok(true);
        }
    }
    server.app.store.read(|connection| Ok(teams::shared(connection, one.id, other.id)?))
}

/// The direct channel of two, opened if it is not there.
pub(crate) async fn open(app: &App, by: UserId, other: UserId) -> Result<Channel, Failure> {
    let (channel, opened) = app.store.write(move |connection| channels::open_direct(connection, by, other)).await?;
    if opened {
        events::direct_opened(app, channel.id, by, other);
    }
    Ok(channel)
}

/// The group channel of these people, opened if it is not there.
pub(crate) async fn open_group(app: &App, by: UserId, people: BTreeSet<UserId>) -> Result<Channel, Failure> {
    let job = app.store.write(move |connection| {
        let mut accounts = Vec::new();
        for id in people {
            let account = accounts::find(connection, id)?;
            accounts.push(account.ok_or_else(|| Failure::missing("app.user.missing_account.const", "user"))?);
        }
        channels::open_group(connection, by, &accounts)
    });
    let (channel, opened) = job.await?;
    if opened {
        events::group_opened(app, channel.id);
    }
    Ok(channel)
}

/// A bot is exempt if it is the server's own, or if who acts owns it.
async fn is_exempt(server: &Server, user: UserId, account: &Account) -> Result<bool, Failure> {
    if !account.is_bot {
        return Ok(false);
    }
    Ok(account.username == SYSTEM_BOT || server.api.engine().is_owner_of_bot(user, account.id).await?)
}

/// The members of a channel whose accounts are not switched off.
pub(crate) fn active_members(connection: &Connection, channel: ChannelId) -> Result<Vec<Account>, Failure> {
    let mut found = Vec::new();
    for (id, _) in channels::members(connection, channel)? {
        found.extend(accounts::find(connection, id)?.filter(|account| account.delete_at == 0));
    }
    Ok(found)
}

/// Whether direct messages need a common team.
pub(crate) fn is_restricted(app: &App) -> bool {
    app.settings.now().text("TeamSettings", "RestrictDirectMessage") == "team"
}

const SYSTEM_BOT: &str = "system-bot";
