//! Who may change whose account (BOT-17). A token that is limited to some permissions or channels is for these alone:
//! the account behind it is not to be changed with it.

use jackfield::api::Api;
use jackfield::id::UserId;

use crate::caller::Caller;
use crate::errors::Failure;

/// Refuses a caller who may not change this account.
pub(super) async fn require_edit(api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    let whole = !caller.engine.is_restricted();
    answer(whole && api.engine().may_edit_user(&caller.engine, user).await?)
}

/// Refuses a caller who may not set the picture of this account: whoever may change it, and a bot its own.
pub(super) async fn require_picture(api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    let whole = !caller.engine.is_restricted();
    answer(whole && api.engine().may_set_picture(&caller.engine, user).await?)
}

/// Refuses a caller who is not the user and may not change them either.
pub(super) async fn require_self_or_edit(api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    let own = user == caller.account.id && !caller.engine.is_restricted();
    if own { Ok(()) } else { require_edit(api, caller, user).await }
}

/// Refuses a caller who may not look at what is the user's own.
pub(super) async fn require_look(api: &Api, caller: &Caller, user: UserId) -> Result<(), Failure> {
    if user == caller.account.id { Ok(()) } else { require_edit(api, caller, user).await }
}

fn answer(may: bool) -> Result<(), Failure> {
    if may { Ok(()) } else { Err(Failure::permission("edit_other_users")) }
}
