//! What Jackfield wants done to accounts: bots made, changed and converted, sessions ended.

use jackfield::id::{SessionId, UserId};
use jackfield::port::{BotAccount, BotToUser, RefusedKind};
use rusqlite::Connection;
use serde_json::Value;

use crate::ambient::now;
use crate::app::App;
use crate::errors::Failure;
use crate::live::account_events;
use crate::passwords;
use crate::profile::{self, Changes};
use crate::tables::accounts::{self, Account};
use crate::tables::{sessions, statuses};

/// What listeners are to hear of once it is stored.
#[derive(Clone, Debug)]
pub(crate) enum AccountEvent {
    /// An account is other than it was.
    Changed(Box<Account>),
    /// A session is over.
    Ended(SessionId),
    /// All sessions of a user are over.
    EndedAll(UserId),
}

/// Hashes the password that a conversion brings, if the rules let it be one.
pub(crate) async fn hashed(change: &BotToUser) -> Result<String, Failure> {
    let password = change.patch.expose().get("password").and_then(Value::as_str).unwrap_or_default();
    profile::check_password(password)?;
    passwords::hash(password.to_owned()).await
}

/// Makes the account of a bot be so. What is so already is left alone.
pub(crate) fn save_bot(
    connection: &Connection,
    wanted: BotAccount,
    happened: &mut Vec<AccountEvent>,
) -> Result<(), Failure> {
    let BotAccount { description, disabled, display_name, id, username, .. } = wanted;
    let was = accounts::find(connection, id)?;
    let mut account = match &was {
        Some(account) => account.clone(),
        None => Account { id, ..Account::new(&username, &address(&username), String::new(), "system_user")? },
    };
    if account.username != username {
        account.email = address(&username);
    }
    (account.description, account.first_name, account.username) = (description, display_name, username);
    account.is_bot = true;
    if disabled != (account.delete_at != 0) {
        account.delete_at = if disabled { now() } else { 0 };
    }
    let is_new = was.is_none();
    if was.as_ref() != Some(&account) {
        profile::check(&account)?;
        store(connection, &mut account)?;
        // Nobody is told of a bot that was made: it is in no channel yet (BOT-23).
        if !is_new {
            happened.push(AccountEvent::Changed(Box::new(account)));
        }
    }
    if disabled {
        end_all(connection, id, happened)?;
    }
    Ok(())
}

/// Makes a user's account a bot's.
pub(crate) fn user_to_bot(
    connection: &Connection,
    id: UserId,
    happened: &mut Vec<AccountEvent>,
) -> Result<(), Failure> {
    let mut account = known(connection, id)?;
    if !account.is_bot {
        account.is_bot = true;
        store(connection, &mut account)?;
        happened.push(AccountEvent::Changed(Box::new(account)));
    }
    end_all(connection, id, happened)
}

/// Makes a bot's account a user's, under the password of this hash.
pub(crate) fn bot_to_user(
    connection: &Connection,
    change: &BotToUser,
    hash: String,
    ends_sessions: bool,
    happened: &mut Vec<AccountEvent>,
) -> Result<(), Failure> {
    let mut account = known(connection, change.id)?;
    if !account.is_bot {
        return Ok(());
    }
    account.is_bot = false;
    account.description.clear();
    (account.password, account.password_at) = (hash, now());
    if change.system_admin && !account.is_administrator() {
        account.roles.push_str(" system_admin");
    }
    let members = Value::Object(change.patch.expose().clone());
    let changes: Changes = serde_json::from_value(members).map_err(|_| Failure::body("userPatch"))?;
    changes.apply(&mut account)?;
    store(connection, &mut account)?;
    accounts::forgive_logins(connection, change.id)?;
    happened.push(AccountEvent::Changed(Box::new(account)));
    if ends_sessions { end_all(connection, change.id, happened) } else { Ok(()) }
}

/// Ends a session.
pub(crate) fn end_session(
    connection: &Connection,
    id: SessionId,
    happened: &mut Vec<AccountEvent>,
) -> Result<(), Failure> {
    sessions::close(connection, id)?;
    happened.push(AccountEvent::Ended(id));
    Ok(())
}

/// Ends all sessions of a user, who is not there any more.
pub(crate) fn end_all(connection: &Connection, id: UserId, happened: &mut Vec<AccountEvent>) -> Result<(), Failure> {
    sessions::close_all(connection, id, None)?;
    statuses::forget(connection, id)?;
    happened.push(AccountEvent::EndedAll(id));
    Ok(())
}

impl AccountEvent {
    /// Tells who listens, and closes what is over.
    pub(crate) fn tell(self, app: &App) {
        match self {
            Self::Changed(account) => account_events::changed(app, &account),
            Self::Ended(session) => app.hub.end(session),
            Self::EndedAll(user) => app.hub.end_user(user, None),
        }
    }
}

fn store(connection: &Connection, account: &mut Account) -> Result<(), Failure> {
    account.update_at = now().max(account.update_at.saturating_add(1));
    accounts::store(connection, account)
}

fn known(connection: &Connection, id: UserId) -> Result<Account, Failure> {
    accounts::find(connection, id)?.ok_or_else(|| RefusedKind::NotFound.into())
}

fn address(username: &str) -> String {
    format!("{username}@localhost")
}
