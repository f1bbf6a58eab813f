//! `/join`, `/open`: into a channel of the team, by its name.

use async_trait::async_trait;
use jackfield::command::arguments;
use jackfield::port::{ChannelKind, Scope};

use super::BuiltIn;
use super::call::{Answer, Call, go_to, no};
use crate::errors::Failure;
use crate::membership;
use crate::tables::channels;

/// Lets who types it into a channel, and brings them there.
#[derive(Debug)]
pub(super) struct Join;

#[async_trait]
impl BuiltIn for Join {
    async fn run(&self, call: &Call<'_>) -> Result<Option<Answer>, Failure> {
        if call.text().is_empty() {
            return Err(no("Which channel? For example: `/join ~town-square`"));
        }
        let name = arguments::channel_to_join(call.text());
        // A channel that they may not join looks like one that is not there.
        let missing = || no(format!("There is no channel `{name}` that you can join."));
        let channel = call.named(&name)?.ok_or_else(missing)?;
        let user = call.user();
        let in_it =
            call.app().store.read(|connection| Ok(channels::roles_of(connection, channel.id, user)?))?.is_some();
        if !in_it {
            let may = match channel.kind {
                ChannelKind::Public => call.may("join_public_channels", Scope::Team(call.team())).await?,
                ChannelKind::Private => call.may("read_channel", Scope::Channel(channel.id)).await?,
                ChannelKind::Direct | ChannelKind::Group => false,
            };
            if !may {
                return Err(missing());
            }
            membership::add(call.app(), &channel, vec![user]).await?;
        }
        Ok(Some(go_to(call.location(&channel.name))))
    }
}
