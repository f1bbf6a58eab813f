//! Users.

use jackfield::id::UserId;
use jackfield::port::User;
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Map, Value};

use super::id;
use crate::ambient::{now, random};
use crate::errors::Failure;

/// An account.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) create_at: i64,
    pub(crate) delete_at: i64,
    /// Of a bot: what it is for.
    pub(crate) description: String,
    pub(crate) email: String,
    /// `notify_props`, `props` and `timezone`, as far as they were set.
    pub(crate) extras: Map<String, Value>,
    /// Log-ins that failed since the last that did not.
    pub(crate) failed_logins: i64,
    pub(crate) first_name: String,
    pub(crate) id: UserId,
    pub(crate) is_bot: bool,
    pub(crate) last_name: String,
    pub(crate) locale: String,
    pub(crate) nickname: String,
    /// The hash, never the password.
    pub(crate) password: String,
    pub(crate) password_at: i64,
    /// When a picture was uploaded; 0 for the default one.
    pub(crate) picture_at: i64,
    pub(crate) position: String,
    pub(crate) roles: String,
    pub(crate) update_at: i64,
    pub(crate) username: String,
}

impl Account {
    /// A new account, not stored yet.
    pub(crate) fn new(username: &str, email: &str, password: String, roles: &str) -> Result<Self, Failure> {
        let now = now();
        Ok(Self {
            create_at: now,
            delete_at: 0,
            description: String::new(),
            email: email.to_lowercase(),
            extras: Map::new(),
            failed_logins: 0,
            first_name: String::new(),
            id: UserId::from_random(random()?),
            is_bot: false,
            last_name: String::new(),
            locale: "en".to_owned(),
            nickname: String::new(),
            password,
            password_at: now,
            picture_at: 0,
            position: String::new(),
            roles: roles.to_owned(),
            update_at: now,
            username: username.to_lowercase(),
        })
    }

    /// Whether the account may do everything.
    pub(crate) fn is_administrator(&self) -> bool {
        self.roles.split(' ').any(|role| role == "system_admin")
    }

    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            create_at: row.get("create_at")?,
            delete_at: row.get("delete_at")?,
            description: row.get("description")?,
            email: row.get("email")?,
            extras: extras(row)?,
            failed_logins: row.get("failed_logins")?,
            first_name: row.get("first_name")?,
            id: id(row, "id")?,
            is_bot: row.get("is_bot")?,
            last_name: row.get("last_name")?,
            locale: row.get("locale")?,
            nickname: row.get("nickname")?,
            password: row.get("password")?,
            password_at: row.get("password_at")?,
            picture_at: row.get("picture_at")?,
            position: row.get("position")?,
            roles: row.get("roles")?,
            update_at: row.get("update_at")?,
            username: row.get("username")?,
        })
    }
}

/// The account of this id.
pub(crate) fn find(connection: &Connection, id: UserId) -> rusqlite::Result<Option<Account>> {
    one(connection, "SELECT * FROM users WHERE id = ?", id.as_str())
}

/// The account of this name, in lower case.
pub(crate) fn named(connection: &Connection, username: &str) -> rusqlite::Result<Option<Account>> {
    one(connection, "SELECT * FROM users WHERE username = ?", username)
}

/// The account of this address, in lower case.
pub(crate) fn with_email(connection: &Connection, email: &str) -> rusqlite::Result<Option<Account>> {
    one(connection, "SELECT * FROM users WHERE email = ?", email)
}

/// What Jackfield is told of the user of this id.
pub(crate) fn told(connection: &Connection, id: UserId) -> rusqlite::Result<Option<User>> {
    let sql = "SELECT id, username, is_bot, delete_at, first_name FROM users WHERE id = ?";
    connection.prepare_cached(sql)?.query_row([id.as_str()], user).optional()
}

/// What Jackfield is told of the user of this name, in lower case.
pub(crate) fn told_named(connection: &Connection, username: &str) -> rusqlite::Result<Option<User>> {
    let sql = "SELECT id, username, is_bot, delete_at, first_name FROM users WHERE username = ?";
    connection.prepare_cached(sql)?.query_row([username], user).optional()
}

/// The roles that a user has everywhere; none if there is no such user.
pub(crate) fn roles_of(connection: &Connection, id: UserId) -> rusqlite::Result<Option<String>> {
    let mut statement = connection.prepare_cached("SELECT roles FROM users WHERE id = ?")?;
    statement.query_row([id.as_str()], |row| row.get(0)).optional()
}

/// Whether there is any account yet.
pub(crate) fn any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))
}

/// Stores a new account, or one that was changed; fails if another has its name or its address.
pub(crate) fn store(connection: &Connection, account: &Account) -> Result<(), Failure> {
    let is_another = |found: Option<Account>| found.is_some_and(|found| found.id != account.id);
    if is_another(named(connection, &account.username)?) {
        return Err(Failure::invalid("app.user.save.username_exists.app_error", "The name is taken."));
    }
    if is_another(with_email(connection, &account.email)?) {
        return Err(Failure::invalid("app.user.save.email_exists.app_error", "The address is taken."));
    }
    let mut statement = connection.prepare_cached(
        "INSERT INTO users (id, username, email, password, roles, nickname, first_name, last_name, position, locale,
         is_bot, create_at, update_at, delete_at, password_at, description, extras, picture_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET username = excluded.username, email = excluded.email,
         password = excluded.password, roles = excluded.roles, nickname = excluded.nickname,
         first_name = excluded.first_name, last_name = excluded.last_name, position = excluded.position,
         locale = excluded.locale, is_bot = excluded.is_bot, update_at = excluded.update_at,
         delete_at = excluded.delete_at, password_at = excluded.password_at, description = excluded.description,
         extras = excluded.extras, picture_at = excluded.picture_at",
    )?;
    statement.execute(params![
        account.id.as_str(),
        account.username,
        account.email,
        account.password,
        account.roles,
        account.nickname,
        account.first_name,
        account.last_name,
        account.position,
        account.locale,
        account.is_bot,
        account.create_at,
        account.update_at,
        account.delete_at,
        account.password_at,
        account.description,
        serde_json::to_string(&account.extras)?,
        account.picture_at,
    ])?;
    Ok(())
}

/// Counts a log-in as failed until it is known to be right; false if too many failed before.
pub(crate) fn begin_login(connection: &Connection, id: UserId, most: i64) -> rusqlite::Result<bool> {
    let sql = "UPDATE users SET failed_logins = failed_logins + 1 WHERE id = ? AND failed_logins < ?";
    Ok(connection.execute(sql, params![id.as_str(), most])? == 1)
}

/// Forgets the log-ins that failed.
pub(crate) fn forgive_logins(connection: &Connection, id: UserId) -> rusqlite::Result<()> {
    connection.execute("UPDATE users SET failed_logins = 0 WHERE id = ?", [id.as_str()])?;
    Ok(())
}

/// The active people who may do everything, the eldest account first.
pub(crate) fn administrators(connection: &Connection) -> rusqlite::Result<Vec<UserId>> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM users WHERE delete_at = 0 AND is_bot = 0 AND ' ' || roles || ' ' LIKE '% system_admin %'
         ORDER BY create_at, id",
    )?;
    statement.query_map([], |row| id(row, "id"))?.collect()
}

/// Removes an account and all that is its alone; its posts stay without an author.
pub(crate) fn erase(connection: &Connection, id: UserId) -> rusqlite::Result<()> {
    for table in ["sessions", "statuses", "preferences", "pictures", "team_members", "channel_members"] {
        connection.execute(&format!("DELETE FROM {table} WHERE user_id = ?"), [id.as_str()])?;
    }
    connection.execute("DELETE FROM users WHERE id = ?", [id.as_str()])?;
    Ok(())
}

fn one(connection: &Connection, sql: &str, key: &str) -> rusqlite::Result<Option<Account>> {
    connection.prepare_cached(sql)?.query_row([key], Account::from_row).optional()
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    let mut user = User::new(id(row, "id")?, row.get::<_, String>(1)?);
    user.is_bot = row.get(2)?;
    user.deactivated = row.get::<_, i64>(3)? != 0;
    user.first_name = row.get(4)?;
    Ok(user)
}

fn extras(row: &Row<'_>) -> rusqlite::Result<Map<String, Value>> {
    serde_json::from_str(row.get_ref("extras")?.as_str()?)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error)))
}
