//! `/msg`: a direct message to somebody.

use async_trait::async_trait;
use jackfield::command::arguments;
use jackfield::port::{Channel as Told, Scope};

use super::call::{Answer, Call, go_to_quietly, no};
use super::{BuiltIn, people};
use crate::direct;
use crate::errors::Failure;
use crate::tables::accounts::Account;
use crate::tables::channels;

/// Opens the direct channel with somebody, says something there, and brings who types it there.
#[derive(Debug)]
pub(super) struct Message;

#[async_trait]
impl BuiltIn for Message {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let asked = arguments::direct_message(call.text());
        let Some(name) = asked.usernames.first() else {
            return Err(no("To whom? For example: `/msg @alice Are you there?`"));
        };
        let other = people::visible(call, name).await?.ok_or_else(|| unknown(&asked.usernames))?;
        if other.id == call.user() {
            return Err(no("That is you. Name somebody else."));
        }
        send(call, other, &asked.message).await.map(Some)
    }
}

/// Says something to another user, or only opens the channel if there is nothing to say.
pub(super) async fn send(call: &Call<'_>, other: Account, message: &str) -> Result<Answer, Failure> {
    let name = Told::direct_name(call.user(), other.id);
    let known = call.app().store.read(|connection| Ok(channels::named(connection, None, &name)?))?;
    let channel = match known {
        Some(channel) => channel,
        None => {
            let id = other.id;
            let two = [people::own(call)?, other];
            let may = call.may("create_direct_channel", Scope::System).await?;
            if !may || !direct::allows_opening(call.server, call.user(), &two).await? {
                return Err(no("You may not begin direct messages with this user."));
            }
            direct::open(call.app(), call.user(), id).await?
        }
    };
    if !message.is_empty() {
        call.say(&channel, message).await?;
    }
    Ok(go_to_quietly(call.location(&channel.name)))
}

/// The refusal of names that are nobody's.
pub(super) fn unknown(names: &[String]) -> Failure {
    no(format!("There is nobody of this name here: {}", people::list(names)))
}
