//! `/leave`: out of the channel.

use async_trait::async_trait;
use jackfield::port::Scope;

use super::BuiltIn;
use super::call::{Answer, Call, go_to, no};
use crate::errors::Failure;
use crate::membership;
use crate::tables::{channels, teams};

/// Takes who types it out of the channel, and brings them to another one.
#[derive(Debug)]
pub(super) struct Leave;

#[async_trait]
impl BuiltIn for Leave {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let channel = call.team_channel()?;
        if channels::is_default(&channel) {
            return Err(no("Everybody in the team is in this channel; it cannot be left."));
        }
        // Whoever lends a token out for one thing does not lend their place in a channel.
        let permission = membership::permission(channel.kind);
        if call.is_restricted() && !call.may(permission, Scope::Channel(channel.id)).await? {
            return Err(no("You may not leave channels with this token."));
        }
        if !membership::remove(call.app(), channel.id, call.user(), call.user()).await? {
            return Err(no("You are not in this channel."));
        }
        Ok(Some(go_to(destination(call)?)))
    }
}

/// Where to go from there: guests see nothing but the channels they are in, and others the one that everybody is in.
fn destination(call: &Call<'_>) -> Result<String, Failure> {
    let (roles, own) = call.app().store.read(|connection| {
        let roles = teams::roles_of(connection, call.team(), call.user())?;
        Ok((roles, channels::of_user(connection, call.user(), Some(call.team()))?))
    })?;
    let Some(roles) = roles else { return Ok(format!("{}/", call.site_url())) };
    let first = own.iter().find(|channel| channel.team_id.is_some());
    Ok(match first.filter(|_| teams::has(&roles, "team_guest")) {
        Some(channel) => call.location(&channel.name),
        None => call.location(channels::FIRST),
    })
}
