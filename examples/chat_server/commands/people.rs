//! Users by the names that people write.

use jackfield::id::UserId;
use jackfield::port::Scope;

use super::call::Call;
use crate::errors::Failure;
use crate::tables::accounts::{self, Account};
use crate::tables::teams;

/// An active account by its name; none if who types may not know of it.
pub(super) async fn visible(call: &Call<'_>, name: &str) -> Result<Option<Account>, Failure> {
    let Some(account) = active(call, name)? else { return Ok(None) };
    let own = call.user();
    let shares = call.app().store.read(|connection| Ok(teams::shared(connection, own, account.id)?))?;
    let visible = own == account.id || shares || call.may("view_members", Scope::System).await?;
    Ok(Some(account).filter(|_| visible))
}

/// An active account by its name.
pub(super) fn active(call: &Call<'_>, name: &str) -> Result<Option<Account>, Failure> {
    let found = call.app().store.read(|connection| Ok(accounts::named(connection, &name.to_lowercase())?))?;
    Ok(found.filter(|account| account.delete_at == 0))
}

/// The account of who types.
pub(super) fn own(call: &Call<'_>) -> Result<Account, Failure> {
    let user: UserId = call.user();
    call.app().store.read(|connection| accounts::find(connection, user)?.ok_or_else(Failure::session))
}

/// Names as a sentence has them; of a long list only the first ones, and how many more there are.
pub(super) fn list(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(MOST_NAMED).map(|name| format!("@{name}")).collect();
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many users an answer names.
const MOST_NAMED: usize = 10;
