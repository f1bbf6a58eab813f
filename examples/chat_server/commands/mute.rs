//! `/mute`: no news of a channel but what names one.

use async_trait::async_trait;
use jackfield::command::arguments;

use super::BuiltIn;
use super::call::{Answer, Call, no, tell};
use crate::errors::Failure;
use crate::live::account_events;
use crate::tables::channels::{self, Member};

/// Mutes a channel for who types it, or ends that.
#[derive(Debug)]
pub(super) struct Mute;

#[async_trait]
impl BuiltIn for Mute {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        call.require_whole()?;
        let missing = |name: &str| no(format!("You are in no channel `{name}`."));
        let channel = match arguments::channel_to_mute(call.text()) {
            Some(name) => call.named(name)?.ok_or_else(|| missing(name))?,
            None => call.channel()?,
        };
        let name = channel.name.clone();
        let (id, user) = (channel.id, call.user());
        let job = call.app().store.write(move |connection| {
            let Some(member) = channels::member(connection, id, user)? else { return Ok(None) };
            let member = Member { muted: !member.muted, ..member };
            channels::mute(connection, id, user, member.muted)?;
            Ok(Some(member))
        });
        let member = job.await?.ok_or_else(|| missing(&name))?;
        account_events::member(call.app(), &member);
        let name = if channel.display_name.is_empty() { "This conversation" } else { &channel.display_name };
        let now = if member.muted { "muted now: you hear only of what names you" } else { "not muted any more" };
        Ok(Some(tell(format!("{name} is {now}."))))
    }
}
