//! Lists of users: of a team, of a channel, by what they are called.

use rusqlite::{Connection, params};

use super::accounts::Account;

/// Which users; what is empty or false does not limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) active: bool,
    /// Whether the term may be the beginning of an address.
    pub(crate) by_email: bool,
    /// Whether the term may be the beginning of a first, last or full name.
    pub(crate) by_full_name: bool,
    pub(crate) in_channel: &'a str,
    pub(crate) in_team: &'a str,
    pub(crate) inactive: bool,
    pub(crate) not_in_channel: &'a str,
    pub(crate) not_in_team: &'a str,
    pub(crate) role: &'a str,
    /// The beginning of a user name or a nickname, in lower case.
    pub(crate) term: &'a str,
}

/// A page of the users that a filter lets through, by name.
pub(crate) fn page(
    connection: &Connection,
    filter: &Filter<'_>,
    limit: i64,
    offset: i64,
) -> rusqlite::Result<Vec<Account>> {
    let mut statement = connection.prepare_cached(
        "SELECT * FROM users
         WHERE (?1 = '' OR id IN (SELECT user_id FROM team_members WHERE team_id = ?1))
         AND (?2 = '' OR id NOT IN (SELECT user_id FROM team_members WHERE team_id = ?2))
         AND (?3 = '' OR id IN (SELECT user_id FROM channel_members WHERE channel_id = ?3))
         AND (?4 = '' OR id NOT IN (SELECT user_id FROM channel_members WHERE channel_id = ?4))
         AND (NOT ?5 OR delete_at = 0) AND (NOT ?6 OR delete_at <> 0)
         AND (?7 = '' OR instr(' ' || roles || ' ', ' ' || ?7 || ' ') > 0)
         AND (?8 = '' OR instr(username, ?8) = 1 OR instr(lower(nickname), ?8) = 1
              OR (?9 AND (instr(lower(last_name), ?8) = 1 OR instr(lower(first_name || ' ' || last_name), ?8) = 1))
              OR (?10 AND instr(email, ?8) = 1))
         ORDER BY username LIMIT ?11 OFFSET ?12",
    )?;
    let values = params![
        filter.in_team,
        filter.not_in_team,
        filter.in_channel,
        filter.not_in_channel,
        filter.active,
        filter.inactive,
        filter.role,
        filter.term,
        filter.by_full_name,
        filter.by_email,
        limit,
        offset,
    ];
    statement.query_map(values, Account::from_row)?.collect()
}

/// How many accounts there are; bots and deactivated ones count if asked for.
pub(crate) fn count(connection: &Connection, bots: bool, deactivated: bool) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM users WHERE (?1 OR is_bot = 0) AND (?2 OR delete_at = 0)";
    connection.query_row(sql, params![bots, deactivated], |row| row.get(0))
}
