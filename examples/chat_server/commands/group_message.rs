//! `/groupmsg`: a message to several people.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jackfield::command::arguments;
use jackfield::port::Scope;

use super::call::{Answer, Call, go_to_quietly, no};
use super::message::{send, unknown};
use super::{BuiltIn, people};
use crate::direct;
use crate::errors::Failure;
use crate::tables::channels;

/// Opens the group channel of some people, says something there, and brings who types it there (CMD-132).
#[derive(Debug)]
pub(super) struct GroupMessage;

#[async_trait]
impl BuiltIn for GroupMessage {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        let asked = arguments::group_message(call.text());
        let own = people::own(call)?;
        let (mut members, mut strangers) = (BTreeMap::from([(own.id, own)]), Vec::new());
        for name in &asked.usernames {
            match people::visible(call, name).await? {
                Some(account) => drop(members.insert(account.id, account)),
                None => strangers.push(name.clone()),
            }
        }
        if !strangers.is_empty() {
            return Err(unknown(&strangers));
        }
        if members.len() == 2 {
            members.remove(&call.user());
            let (_, other) = members.pop_first().ok_or_else(|| no(WHOM))?;
            return send(call, other, &asked.message).await.map(Some);
        }
        if !(3..=8).contains(&members.len()) {
            return Err(no(WHOM));
        }
        let name = channels::group_name(members.keys());
        let known = call.app().store.read(|connection| Ok(channels::named(connection, None, &name)?))?;
        let channel = match known {
            Some(channel) => channel,
            None if call.may("create_group_channel", Scope::System).await? => {
                direct::open_group(call.app(), call.user(), members.into_keys().collect()).await?
            }
            None => return Err(no("You may not begin group messages.")),
        };
        if !asked.message.is_empty() {
            call.say(&channel, &asked.message).await?;
        }
        Ok(Some(go_to_quietly(call.location(&channel.name))))
    }
}

const WHOM: &str = "To whom? Name two to seven others: `/groupmsg @alice, @bob Lunch?`";
