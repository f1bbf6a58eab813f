//! `/remove`, `/kick`: somebody out of the channel.

use async_trait::async_trait;
use jackfield::command::arguments;
use jackfield::port::Scope;

use super::call::{Answer, Call, no, quiet};
use super::{BuiltIn, people};
use crate::errors::Failure;
use crate::membership;
use crate::tables::channels;

/// Takes somebody out of the channel.
#[derive(Debug)]
pub(super) struct Remove;

#[async_trait]
impl BuiltIn for Remove {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let channel = call.team_channel()?;
        if !call.may(membership::permission(channel.kind), Scope::Channel(channel.id)).await? {
            return Err(no("You may not decide who is in this channel."));
        }
        let Some(name) = arguments::user_to_remove(call.text()) else {
            return Err(no("Whom? For example: `/remove @alice`"));
        };
        if channels::is_default(&channel) {
            return Err(no("Everybody in the team is in this channel; nobody can be removed from it."));
        }
        let missing = || no(format!("{} is not in this channel.", people::list(std::slice::from_ref(&name))));
        let account = people::active(call, &name)?.ok_or_else(missing)?;
        if !membership::remove(call.app(), channel.id, account.id, call.user()).await? {
            return Err(missing());
        }
        Ok(Some(quiet()))
    }
}
