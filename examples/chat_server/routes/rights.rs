//! Who may change whose account (BOT-17).

use jackfield::api::Api;
use jackfield::id::UserId;
use jackfield::port::Scope;

use crate::app::App;
use crate::caller::Caller;
use crate::errors::Failure;
use crate::tables::accounts;

/// Refuses a caller who may not change this account.
pub(super) async fn require_edit(app: &App, api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    if may_edit(app, api, caller, user).await? { Ok(()) } else { Err(Failure::permission("edit_other_users")) }
}

/// Whether a caller may change this account.
async fn may_edit(app: &App, _: &Api, caller: &Caller, user: UserId) -> Result<bool, Failure> {
    let account = app.store.read(|connection| Ok(accounts::find(connection, user)?))?;
    if account.as_ref().is_some_and(|account| account.is_bot) {
        return caller.may("manage_others_bots", Scope::System).await;
    }
    if user == caller.account.id || caller.may("manage_system", Scope::System).await? {
        return Ok(true);
    }
    let plain = account.is_some_and(|account| !account.is_administrator());
    Ok(plain && caller.may("edit_other_users", Scope::System).await?)
}

/// Refuses a caller who may not set the picture of this account: whoever may change it, and a bot its own.
pub(super) async fn require_picture(app: &App, api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    let own_bot = caller.account.is_bot && user == caller.account.id;
    if own_bot { Ok(()) } else { require_edit(app, api, caller, user).await }
}

/// Refuses a caller who is not the user and may not change them either.
pub(super) async fn require_self_or_edit(app: &App, api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    if user == caller.account.id { Ok(()) } else { require_edit(app, api, caller, user).await }
}
