//! Users.

use jackfield::id::UserId;
use jackfield::port::User;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::{Value, json};

use super::id;
use crate::ambient::{now, random};
use crate::errors::Failure;

/// An account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) create_at: i64,
    pub(crate) delete_at: i64,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) id: UserId,
    pub(crate) is_bot: bool,
    pub(crate) last_name: String,
    pub(crate) locale: String,
    pub(crate) nickname: String,
    /// The hash, never the password.
    pub(crate) password: String,
    pub(crate) password_at: i64,
    pub(crate) position: String,
    pub(crate) roles: String,
    pub(crate) update_at: i64,
    pub(crate) username: String,
}

/// Who looks at a user (API-35).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Viewer {
    /// An administrator.
    Administrator,
    /// Anybody else.
    Member,
    /// The user.
    Own,
}

impl Account {
    /// A new account, not stored yet.
    pub(crate) fn new(username: &str, email: &str, password: String, roles: &str) -> Result<Self, Failure> {
        let now = now();
        Ok(Self {
            create_at: now,
            delete_at: 0,
            email: email.to_lowercase(),
            first_name: String::new(),
            id: UserId::from_random(random()?),
            is_bot: false,
            last_name: String::new(),
            locale: "en".to_owned(),
            nickname: String::new(),
            password,
            password_at: now,
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

    /// What a client is told.
    pub(crate) fn view(&self, viewer: Viewer) -> Value {
        let mut view = json!({
            "id": self.id, "create_at": self.create_at, "update_at": self.update_at, "delete_at": self.delete_at,
            "username": self.username, "auth_service": "", "email": self.email, "nickname": self.nickname,
            "first_name": self.first_name, "last_name": self.last_name, "position": self.position,
            "roles": self.roles, "locale": self.locale, "disable_welcome_email": false,
            "timezone": {"automaticTimezone": "", "manualTimezone": "", "useAutomaticTimezone": "true"},
        });
        let Some(members) = view.as_object_mut() else { return view };
        if self.is_bot {
            members.insert("is_bot".to_owned(), json!(true));
        } else {
            members.insert("remote_id".to_owned(), json!(""));
        }
        if viewer == Viewer::Member {
            members.insert("auth_data".to_owned(), json!(""));
        } else {
            members.insert("notify_props".to_owned(), notify_props());
        }
        if viewer == Viewer::Own {
            members.insert("last_password_update".to_owned(), json!(self.password_at));
        }
        view
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            create_at: row.get("create_at")?,
            delete_at: row.get("delete_at")?,
            email: row.get("email")?,
            first_name: row.get("first_name")?,
            id: id(row, "id")?,
            is_bot: row.get("is_bot")?,
            last_name: row.get("last_name")?,
            locale: row.get("locale")?,
            nickname: row.get("nickname")?,
            password: row.get("password")?,
            password_at: row.get("password_at")?,
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

/// A page of all accounts by name, of one team's if one is given.
pub(crate) fn page(connection: &Connection, team: &str, limit: i64, offset: i64) -> rusqlite::Result<Vec<Account>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM users WHERE ?1 = '' OR id IN (SELECT user_id FROM team_members WHERE team_id = ?1)
         ORDER BY username LIMIT ?2 OFFSET ?3",
    )?;
    statement.query_map(params![team, limit, offset], Account::from_row)?.collect()
}

/// Whether there is any account yet.
pub(crate) fn any(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("SELECT EXISTS (SELECT 1 FROM users)", [], |row| row.get(0))
}

/// Stores a new account; fails if its name or its address is taken.
pub(crate) fn insert(connection: &Connection, account: &Account) -> Result<(), Failure> {
    if named(connection, &account.username)?.is_some() {
        return Err(Failure::body("username"));
    }
    if with_email(connection, &account.email)?.is_some() {
        return Err(Failure::body("email"));
    }
    save(connection, account)?;
    Ok(())
}

/// Stores an account as it is.
pub(crate) fn save(connection: &Connection, account: &Account) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO users (id, username, email, password, roles, nickname, first_name, last_name, position, locale,
         is_bot, create_at, update_at, delete_at, password_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (id) DO UPDATE SET username = excluded.username, email = excluded.email,
         password = excluded.password, roles = excluded.roles, nickname = excluded.nickname,
         first_name = excluded.first_name, last_name = excluded.last_name, position = excluded.position,
         locale = excluded.locale, update_at = excluded.update_at, delete_at = excluded.delete_at,
         password_at = excluded.password_at",
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
    ])?;
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

fn notify_props() -> Value {
    json!({
        "channel": "true", "comments": "never", "desktop": "mention", "desktop_sound": "true",
        "desktop_threads": "all", "email": "true", "email_threads": "all", "first_name": "false",
        "mention_keys": "", "push": "mention", "push_status": "online", "push_threads": "all",
    })
}
